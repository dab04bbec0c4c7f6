"""Reading a caller's range: in which time zone, for how many requests, and refused without one where possible."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.windows import Span
from sonnys_data_client.errors import ValidationError
from tests.engine.flows import NOON, Play, play, served

KIRITIMATI, BAKER = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")
SITES = served(
    {
        "sites": [
            {"code": "MAIN", "timezone": "America/Chicago"},
            {"code": "EAST", "timezone": "Pacific/Kiritimati"},
            {"code": "WEST", "timezone": "Etc/GMT+12"},
            {"code": "NONE", "timezone": None},
        ]
    }
)


def read(
    start: Any, end: Any, site: str | None = None, *, site_code: str | None = None, zone: tzinfo | None = None
) -> Play[Span]:
    context = Context(CallPolicy(), site_code=site_code, zone=zone)
    return play(context.span(start, end, site, Span.check_job), [SITES])


def midnight(zone: tzinfo, day: int = 22) -> int:
    return int(datetime(2026, 11, day, tzinfo=zone).timestamp())


@pytest.mark.parametrize(
    ("options", "zone", "requests"),
    [
        ({}, UTC, 0),
        ({"site": "MAIN"}, ZoneInfo("America/Chicago"), 1),
        ({"site_code": "EAST"}, KIRITIMATI, 1),
        ({"site": "WEST", "site_code": "EAST"}, BAKER, 1),
        ({"site": "NONE"}, UTC, 1),
        ({"site": "MAIN", "zone": KIRITIMATI}, KIRITIMATI, 0),
    ],
)
def test_a_bare_date_is_read_in_the_clients_zone_else_the_sites_else_utc(
    options: dict[str, Any], zone: tzinfo, requests: int
) -> None:
    run = read("2026-11-21", "2026-11-21", **options)
    assert run.got().start == midnight(zone, 21)
    assert len(run.sent) == requests


def test_instants_need_no_zone_and_no_request() -> None:
    run = read(NOON - 60, "2026-11-23T11:59:30Z", "MAIN")
    assert run.got() == Span(int(NOON) - 60, int(NOON) - 29, one_day=False)
    assert run.sent == []


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("soon", "2026-11-22"),
        ("2026-11-22", "soon"),
        ("2026-11-22", "2026-11-21"),
        ("2026-11-20", "2026-11-22"),
        ("2026-11-25", "2026-11-25"),
        ("2026-05-01", "2026-05-01"),
        (None, "2026-11-20"),
    ],
)
def test_what_no_zone_could_make_right_costs_no_request(start: Any, end: Any) -> None:
    run = read(start, end, "MAIN")
    assert isinstance(run.error, ValidationError)
    assert run.sent == []


@pytest.mark.parametrize(("site", "fits"), [("EAST", True), ("MAIN", False), ("WEST", False)])
def test_what_only_the_sites_zone_can_tell_is_asked_for(site: str, fits: bool) -> None:
    """At noon UTC on the 23rd, the 24th has begun only on Kiritimati (UTC+14)."""
    run = read("2026-11-24", "2026-11-24", site)
    assert len(run.sent) == 1
    assert (run.error is None) is fits
    assert run.error is None or "is in the future" in str(run.error)


@pytest.mark.parametrize(("site", "fits"), [("EAST", False), ("WEST", True)])
def test_the_edge_of_history_depends_on_the_zone_too(site: str, fits: bool) -> None:
    run = read("2026-05-22", "2026-05-22", site)
    assert len(run.sent) == 1
    assert (run.error is None) is fits


def test_any_length_is_good_unless_a_check_is_given() -> None:
    context = Context(CallPolicy())
    run = play(context.span("2026-06-01", "2026-11-01", None), [])
    assert run.got().stop - run.got().start == 154 * 86_400
