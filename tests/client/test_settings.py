"""A client's arguments, and the parts made from them."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client import AsyncSonnysClient, SonnysClient, ThrottleLimits, ValidationError
from sonnys_data_client.client.settings import (
    DEFAULT_CALL_TIMEOUT_S,
    DEFAULT_MAX_RETRIES,
    DEFAULT_TIMEOUT_S,
    ClientBase,
    Settings,
    read_settings,
)
from sonnys_data_client.config import PRODUCTION_URL, Account
from sonnys_data_client.engine.throttle import ALONE, Grant
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.throttles.process import ProcessThrottle
from sonnys_data_client.transport import DEFAULT_MAX_BODY_BYTES

ACCOUNT = Account("id", "key", "MAIN")
GOOD: dict[str, Any] = {
    "timeout": DEFAULT_TIMEOUT_S,
    "call_timeout": DEFAULT_CALL_TIMEOUT_S,
    "max_retries": DEFAULT_MAX_RETRIES,
    "throttle": None,
    "throttle_keeper": "process",
    "timezone": None,
    "max_body_bytes": DEFAULT_MAX_BODY_BYTES,
}


def settings_of(account: Account = ACCOUNT, **changed: Any) -> Settings:
    return read_settings(account, **{**GOOD, **changed})


@pytest.mark.parametrize(
    ("argument", "value", "sentence"),
    [
        ("timeout", 0, "timeout=0 must be a number of seconds above 0."),
        ("timeout", "30", "timeout='30' must be a number of seconds above 0."),
        ("timeout", True, "timeout=True must be a number of seconds above 0."),
        ("timeout", float("nan"), "timeout=nan must be a number of seconds above 0."),
        ("call_timeout", float("inf"), "call_timeout=inf must be a number of seconds above 0."),
        ("call_timeout", -1, "call_timeout=-1 must be a number of seconds above 0."),
        ("call_timeout", None, "call_timeout=None must be a number of seconds above 0."),
        ("max_retries", -1, "max_retries=-1 must be a whole number from 0 up."),
        ("max_retries", 1.0, "max_retries=1.0 must be a whole number from 0 up."),
        ("max_retries", False, "max_retries=False must be a whole number from 0 up."),
        ("max_body_bytes", 0, "max_body_bytes=0 must be a whole number from 1 up."),
        ("max_body_bytes", 1e6, "max_body_bytes=1000000.0 must be a whole number from 1 up."),
        ("max_body_bytes", True, "max_body_bytes=True must be a whole number from 1 up."),
        (
            "timezone",
            "Mars/Olympus",
            "timezone='Mars/Olympus' must be the IANA name of a time zone, such as 'America/Chicago'.",
        ),
    ],
)
def test_a_bad_argument_is_one_sentence(argument: str, value: Any, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        settings_of(**{argument: value})
    assert str(caught.value) == sentence


def test_arguments_become_policy_and_context() -> None:
    settings = settings_of(timeout=5, call_timeout=60, max_retries=0, timezone="America/Chicago", max_body_bytes=7)
    assert (settings.timeout_s, settings.max_body_bytes) == (5, 7)
    context = settings.context
    assert (context.policy.max_retries, context.policy.call_timeout_s) == (0, 60)
    assert (context.slots, context.period_s, context.site_code) == (20, 15.0, "MAIN")
    assert context.zone == ZoneInfo("America/Chicago")


def test_one_account_has_one_throttle_and_others_have_their_own() -> None:
    throttle = settings_of().seams.throttle
    assert settings_of(Account("id", "another key")).seams.throttle is throttle
    assert settings_of(throttle=ThrottleLimits()).seams.throttle is throttle
    assert settings_of(Account("other", "key")).seams.throttle is not throttle
    assert settings_of(Account("id", "key", base_url="http://localhost/v1")).seams.throttle is not throttle


@pytest.mark.parametrize("throttle", [ThrottleLimits(5, 3.0), ProcessThrottle(ThrottleLimits(5, 3.0))])
def test_plans_reckon_with_the_limits_of_the_throttle(throttle: Any) -> None:
    context = settings_of(Account("of-plans", "key"), throttle=throttle).context
    assert (context.slots, context.period_s) == (5, 3.0)


def test_a_throttle_of_somebody_elses_making_is_used_as_it_is() -> None:
    class Polite:
        def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
            return Grant(None, now + 1)

        def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
            raise AssertionError("nothing was granted")

    throttle = Polite()
    settings = settings_of(throttle=throttle)
    assert settings.seams.throttle is throttle
    assert (settings.context.slots, settings.context.period_s) == (20, 15.0)


@pytest.mark.parametrize("kind", [SonnysClient, AsyncSonnysClient])
def test_both_clients_take_the_same_arguments_and_show_no_key(kind: type[ClientBase]) -> None:
    client = kind("of-both", "secret", "MAIN", timeout=5, timezone="America/Chicago", throttle=ThrottleLimits(5))
    assert repr(client) == (
        f"{kind.__name__}(Account(api_id='of-both', site_code='MAIN', base_url='{PRODUCTION_URL}'))"
    )


@pytest.mark.parametrize("kind", [SonnysClient, AsyncSonnysClient])
def test_clients_can_be_made_from_the_environment(kind: type[ClientBase], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SONNYS_API_ID", "SONNYS_API_KEY", "SONNYS_SITE_CODE", "SONNYS_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ConfigurationError, match="SONNYS_API_ID and SONNYS_API_KEY must be set"):
        kind.from_env()
    monkeypatch.setenv("SONNYS_API_ID", "id")
    monkeypatch.setenv("SONNYS_API_KEY", "secret")
    monkeypatch.setenv("SONNYS_BASE_URL", "http://127.0.0.1:8000/v1")
    assert "base_url='http://127.0.0.1:8000/v1'" in repr(kind.from_env(timeout=5))
    with pytest.raises(ValidationError, match="timeout=0"):
        kind.from_env(timeout=0)


PROFILES = """
default = "north"

[profiles.north]
api_id = "north-id"
api_key = "secret"
site_code = "MAIN"
base_url = "http://127.0.0.1:8000/v1"
timezone = "America/Chicago"
throttle = "5/3"

[profiles.south]
api_id = "south-id"
api_key = "secret"
"""


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SONNYS_PROFILE", "SONNYS_API_ID", "SONNYS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    path = tmp_path / "config.toml"
    path.write_text(PROFILES)
    path.chmod(0o600)
    monkeypatch.setenv("SONNYS_CONFIG", str(path))


class Opened(ClientBase):
    """A client that only keeps its settings."""

    settings: Settings

    def _open(self, settings: Settings) -> None:
        self.settings = settings


@pytest.mark.parametrize("kind", [SonnysClient, AsyncSonnysClient])
@pytest.mark.parametrize("name", ["north", None])
@pytest.mark.usefixtures("profiles")
def test_clients_can_be_made_from_a_profile(kind: type[ClientBase], name: str | None) -> None:
    account = "Account(api_id='north-id', site_code='MAIN', base_url='http://127.0.0.1:8000/v1')"
    assert repr(kind.from_profile(name)) == f"{kind.__name__}({account})"


@pytest.mark.usefixtures("profiles")
def test_a_profile_says_throttle_and_zone_unless_an_argument_does() -> None:
    context = Opened.from_profile("north").settings.context
    assert (context.slots, context.period_s, context.zone) == (5, 3.0, ZoneInfo("America/Chicago"))
    context = Opened.from_profile("south").settings.context
    assert (context.slots, context.period_s, context.zone) == (20, 15.0, None)
    own = ProcessThrottle(ThrottleLimits(7, 2.0))
    context = Opened.from_profile("north", timezone="UTC", throttle=own).settings.context
    assert (context.slots, context.period_s, context.zone) == (7, 2.0, ZoneInfo("UTC"))
    with pytest.raises(ValidationError, match="timeout=0"):
        Opened.from_profile("north", timeout=0)


@pytest.mark.parametrize("name", ["west", ""])
@pytest.mark.usefixtures("profiles")
def test_a_profile_that_is_not_there_is_refused_and_no_other_is_taken(name: str) -> None:
    with pytest.raises(ConfigurationError, match=f"has no profile '{name}'; it has north, south"):
        SonnysClient.from_profile(name)
