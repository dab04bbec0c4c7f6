"""Sessions: the zone of the days, and the account of a client."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client import ThrottleLimits
from sonnys_data_client.cli.session import Session, common_zone, zones_of
from sonnys_data_client.errors import ConfigurationError, ValidationError
from sonnys_data_client.types import Site

CHICAGO, DENVER = "America/Chicago", "America/Denver"
SITES = [
    Site(site_id=1, code="MAIN", timezone=CHICAGO),
    Site(site_id=2, code="SOUTH", timezone=DENVER),
    Site(site_id=3, code="EAST", timezone=CHICAGO),
    Site(site_id=4, code="ODD", timezone="Mars/Olympus"),
    Site(site_id=5, code=None, timezone=None),
]


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_API_ID", "session-id")
    monkeypatch.setenv("SONNYS_API_KEY", "session-key")
    monkeypatch.setattr(Session, "now", lambda _, zone: datetime(2026, 3, 11, 3, tzinfo=UTC).astimezone(zone))


def never() -> list[Site]:
    raise AssertionError("this costs a request")


def test_a_zone_that_was_named_is_the_one() -> None:
    when = Session().when("yesterday", DENVER, never)
    assert (str(when), str(when.start.tzinfo)) == ("2026-03-09", DENVER)


def test_else_it_is_the_profile_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_TIMEZONE", CHICAGO)
    assert str(Session().when("yesterday", None, never).start.tzinfo) == CHICAGO
    assert str(Session().when("yesterday", "UTC", never)) == "2026-03-10"


def test_else_that_of_most_sites() -> None:
    assert str(Session().when("yesterday", None, lambda: SITES).start.tzinfo) == CHICAGO
    assert common_zone([]) is UTC
    assert zones_of(SITES) == {"MAIN": ZoneInfo(CHICAGO), "SOUTH": ZoneInfo(DENVER), "EAST": ZoneInfo(CHICAGO)}


@pytest.mark.parametrize(("text", "zone"), [("febuary", None), ("yesterday", "Chicago")])
def test_what_cannot_be_read_costs_no_request(text: str, zone: str | None) -> None:
    with pytest.raises(ValidationError):
        Session().when(text, zone, never)


def test_a_client_is_the_account_s_with_its_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_BASE_URL", "http://127.0.0.1:1/v1")
    assert Session().limits is None
    monkeypatch.setenv("SONNYS_THROTTLE", "7/2.5")
    session = Session()
    assert session.limits == ThrottleLimits(limit=7, period_s=2.5)
    with session.client(max_retries=0) as client:
        assert "session-id" in repr(client)
        assert "session-key" not in repr(client)
        assert client.transactions.export(1_770_000_000, 1_770_000_001).progress.requests == 0


def test_a_profile_that_is_not_there_is_said_when_it_is_needed() -> None:
    session = Session("nowhere")
    with pytest.raises(ConfigurationError, match="has no profile 'nowhere'"):
        session.client()
