"""What the tests of fleets share: a server of many accounts on this machine, their profiles, and the truth."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_end, day_start
from sonnys_data_client.sandbox import ApiAccount, SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from sonnys_data_client.sync import SyncSettings
from tests.days import today

KEY = "key-of-all-of-them"
FIRST = today() - timedelta(days=2)
ONE_DAY = SyncSettings(start=FIRST, end=FIRST, tables=(), statuses=False, audit="off", recount=False)
"""One day of transactions, so that a fleet costs seconds."""


@dataclass(frozen=True)
class Operators:
    """A server, and the profiles of its accounts.

    Attributes:
        server: The server.
        names: The profiles.
        archive: The one archive of all.
    """

    server: RunningSandbox
    names: Sequence[str]
    archive: Archive

    def truth(self) -> list[str]:
        """Return the ids of the rows of the settings' days, in order: every account has the same."""
        start, stop = day_start(FIRST), day_end(FIRST)
        rows = self.server.sandbox.truth(start - 86_400, stop + 2 * 86_400, as_of=stop + 86_400)
        return sorted(row.id for row in rows if start - 43_200 <= row.completed_ms / 1000 < stop + 86_400)

    def rows(self) -> dict[str, list[str]]:
        """Return the ids that the archive has, by account, with every double."""
        with self.archive.sql("SELECT account, id FROM transactions ORDER BY ALL") as answer:
            found: dict[str, list[str]] = {name: [] for name in self.names}
            for account, id_ in answer.fetchall():
                found[account].append(id_)
            return found

    def check(self) -> None:
        """Check that nothing is missing, extra or doubled: all accounts have the same rows, each of them true."""
        rows = self.rows()
        first = rows[self.names[0]]
        assert first
        assert len(set(first)) == len(first)
        assert set(first) <= set(self.truth())
        missing = [id_ for id_ in self.within() if id_ not in set(first)]
        assert not missing
        assert all(of == first for of in rows.values())
        assert self.archive.check() == []

    def within(self) -> list[str]:
        """Return the ids of the rows of the day itself, which is UTC's: no account may lack one."""
        rows = self.server.sandbox.truth(day_start(FIRST), day_end(FIRST), as_of=day_end(FIRST) + 86_400)
        return [row.id for row in rows]


@contextmanager
def operators(folder: Path, names: Sequence[str], *, lines: str = "", **config: Any) -> Generator[Operators]:
    """Serve accounts that are called what their profiles are, as fast as this machine can.

    Args:
        folder: For the profiles and the archive. `SONNYS_CONFIG` names the file until the block ends.
        names: The profiles.
        lines: More lines for each profile.
        **config: Settings of the sandbox.
    """
    settings: dict[str, Any] = {
        "sites": 1,
        "cars_per_day": 30,
        "job_s": 0.05,
        "limit": 100_000,
        "period_s": 1.0,
        **config,
    }
    accounts = tuple(ApiAccount(name, KEY) for name in names)
    file = folder / "config.toml"
    before = {name: os.environ.get(name) for name in ("SONNYS_CONFIG", "SONNYS_ARCHIVE")}
    with running_sandbox(SandboxConfig(accounts=accounts, **settings)) as server:
        text = [
            f"[profiles.{name}]\napi_id = '{name}'\napi_key = '{KEY}'\nbase_url = '{server.base_url}'\n"
            f"archive = '{folder / 'archive'}'\nthrottle = '1000/1'\ntimezone = 'UTC'\n{lines}\n"
            for name in names
        ]
        file.write_text("".join(text))
        file.chmod(0o600)
        os.environ["SONNYS_CONFIG"] = str(file)
        try:
            yield Operators(server, names, Archive(folder / "archive"))
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
