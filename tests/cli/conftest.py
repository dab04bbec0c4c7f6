"""Fixtures of the command line's tests: an empty environment, and an account whose API is a sandbox."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import ThrottleLimits
from sonnys_data_client.cli import main
from sonnys_data_client.cli.session import Session
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world import BelievableWorld
from sonnys_data_client.testing import SimulatedClient
from sonnys_data_client.throttles.process import ProcessThrottle
from tests.client.rig import client_rig
from tests.sandbox.rig import NOW

_VARIABLES = (*("API_ID", "API_KEY", "SITE_CODE", "BASE_URL", "PROFILE", "ARCHIVE", "TIMEZONE", "THROTTLE", "REDACT"),)


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the account and files of whoever runs the tests; 80 columns, no colour."""
    for name in _VARIABLES:
        monkeypatch.delenv(f"SONNYS_{name}", raising=False)
    monkeypatch.setenv("SONNYS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("NO_COLOR", "1")


@dataclass
class Counter:
    """An account before a sandbox in virtual time.

    Attributes:
        sandbox: The API.
        clients: Every client that a command made, with what it asked for.
        pause_s: Seconds between two commands.
    """

    sandbox: Sandbox
    clients: list[SimulatedClient] = field(default_factory=list)
    pause_s: float = 0.0

    @property
    def wall(self) -> float:
        """Epoch seconds now: each client goes on where the one before stopped."""
        return self.clients[-1].simulation.wall + self.pause_s if self.clients else NOW

    @property
    def paths(self) -> list[str]:
        """The path of each request that the sandbox saw."""
        return [entry.path for entry in self.sandbox.log]


@dataclass(frozen=True)
class Archived:
    """An archive that was filled.

    Attributes:
        place: Where it is.
        counter: The account that it was filled from.
    """

    place: Path
    counter: Counter


@pytest.fixture
def counter(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Counter]:
    """Make an account before a sandbox: with a small world, or a believable one if `cars_per_day` is given."""
    monkeypatch.setenv("SONNYS_API_ID", "sandbox-id")
    monkeypatch.setenv("SONNYS_API_KEY", "sandbox-key")

    # Each client has virtual seconds of its own, so they must not share a throttle.
    def throttle_of_its_own(_keeper: str, _url: str, _id: str, limits: ThrottleLimits | None = None) -> ProcessThrottle:
        return ProcessThrottle(limits or ThrottleLimits())

    monkeypatch.setattr("sonnys_data_client.client.settings.throttle_at", throttle_of_its_own)
    monkeypatch.setattr("sonnys_data_client.cli.commands.doctor.run.throttle_at", throttle_of_its_own)

    def open_counter(**settings: Any) -> Counter:
        sandbox = Sandbox(SandboxConfig(**settings)) if "cars_per_day" in settings else client_rig(**settings).sandbox
        opened = Counter(sandbox)

        def client(account: Session, **options: Any) -> SimulatedClient:
            given = account.profile.account
            options.setdefault("throttle", account.limits)
            made = SimulatedClient(
                sandbox,
                start=opened.wall,
                api_id=given.api_id,
                api_key=given.api_key.reveal(),
                site_code=given.site_code,
                **options,
            )
            opened.clients.append(made)
            return made

        monkeypatch.setattr(Session, "client", client)
        monkeypatch.setattr(Session, "now", lambda _, zone: datetime.fromtimestamp(opened.wall, zone))
        return opened

    return open_counter


@pytest.fixture
def archived(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    counter: Callable[..., Counter],
    capsys: pytest.CaptureFixture[str],
) -> Archived:
    """Sync two days and today so far of a small car wash into the environment's archive."""
    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "archive"))
    opened = counter(cars_per_day=40, sites=1)
    assert main(["sync", "--since", "last-2-days", "--only-transactions"]) == 0
    capsys.readouterr()
    return Archived(tmp_path / "archive", opened)


@pytest.fixture
def disputed(archived: Archived, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    """Sync again an hour later, while the server says that it has no transaction. Returns what the sync said."""
    archived.counter.pause_s = 3600.0
    monkeypatch.setattr(BelievableWorld, "transactions", lambda *_, **__: [])
    assert main(["sync", "--since", "last-2-days", "--only-transactions"]) == 3
    return capsys.readouterr().err
