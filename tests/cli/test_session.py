"""Sessions: the zone of the days, and the account of a client."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sonnys_data_client import ThrottleLimits
from sonnys_data_client.cli.session import Session
from sonnys_data_client.errors import ConfigurationError, ValidationError
from sonnys_data_client.sandbox import Faults
from sonnys_data_client.sandbox.faults import Scripted
from tests.client.rig import client_rig

CHICAGO, DENVER = "America/Chicago", "America/Denver"
SITES: list[dict[str, str | None]] = [
    {"code": "MAIN", "timezone": CHICAGO},
    {"code": "SOUTH", "timezone": DENVER},
    {"code": "EAST", "timezone": CHICAGO},
    {"code": "", "timezone": None},
]


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_API_ID", "session-id")
    monkeypatch.setenv("SONNYS_API_KEY", "session-key")
    monkeypatch.setattr(Session, "now", lambda _, zone: datetime(2026, 3, 11, 3, tzinfo=UTC).astimezone(zone))


def client_of(session: Session, timezone: str | None = None, sites: list[dict[str, str | None]] | None = None) -> Any:
    """A client that knows the sites; one that does not must not ask for them."""
    rig = client_rig(faults=Faults(script=(Scripted("error_500", times=10**6),)))
    client = rig.client(timezone=session.named_zone(timezone), max_retries=0)
    client.workings.settings.context.findings.sites = sites
    return client


def test_a_zone_that_was_named_is_the_one() -> None:
    session = Session()
    when = session.when("yesterday", client_of(session, DENVER))
    assert (str(when), str(when.start.tzinfo)) == ("2026-03-09", DENVER)


def test_else_it_is_the_profile_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_TIMEZONE", CHICAGO)
    session = Session()
    assert str(session.when("yesterday", client_of(session)).start.tzinfo) == CHICAGO
    assert str(session.when("yesterday", client_of(session, "UTC"))) == "2026-03-10"


def test_else_that_of_the_one_site_else_that_of_most_sites() -> None:
    session = Session()
    assert str(session.when("yesterday", client_of(session, sites=SITES)).start.tzinfo) == CHICAGO
    assert str(session.when("yesterday", client_of(session, sites=SITES), "south ").start.tzinfo) == DENVER


@pytest.mark.parametrize(("text", "zone"), [("febuary", None), ("yesterday", "Chicago")])
def test_what_cannot_be_read_costs_no_request(text: str, zone: str | None) -> None:
    session = Session()
    with pytest.raises(ValidationError):
        session.when(text, client_of(session, zone))


def test_of_what_the_server_keeps_for_six_months_a_range_is_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    session = Session()
    client = client_of(session, CHICAGO)
    assert str(session.when("last-6-months", client)) == "2025-09-01 to 2026-02-28"
    assert capsys.readouterr().err == ""
    assert str(session.when("last-6-months", client, history=True)) == "2025-09-11 to 2026-02-28"
    assert capsys.readouterr().err == "The server keeps six months, so last-6-months begins on 2025-09-11.\n"


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
