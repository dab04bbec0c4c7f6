"""Reading a caller's range: in which time zone, for how many requests, and refused without one where possible."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.windows import Span
from sonnys_data_client.errors import AuthenticationError, ValidationError
from tests.engine.flows import NOON, Play, play, refused, served

KIRITIMATI, BAKER = ZoneInfo("Pacific/Kiritimati"), ZoneInfo("Etc/GMT+12")
SITES = served(
    {
        "sites": [
            {"code": "MAIN", "timezone": "America/Chicago"},
            {"code": "SOUTH", "timezone": "CST"},
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
        ({}, ZoneInfo("America/Chicago"), 1),
        ({"site": "MAIN"}, ZoneInfo("America/Chicago"), 1),
        ({"site_code": "EAST"}, KIRITIMATI, 1),
        ({"site": "WEST", "site_code": "EAST"}, BAKER, 1),
        ({"site": "NONE"}, ZoneInfo("America/Chicago"), 1),
        ({"site": " east"}, KIRITIMATI, 1),
        ({"site": "MAIN", "zone": KIRITIMATI}, KIRITIMATI, 0),
    ],
)
def test_a_bare_date_is_read_in_the_clients_zone_else_the_sites_else_that_of_most(
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
    context = Context(CallPolicy(), zone=UTC)
    run = play(context.span("2026-06-01", "2026-11-01", None), [])
    assert run.got().stop - run.got().start == 154 * 86_400


def test_an_unknown_site_is_an_error_and_never_the_day_of_another_zone() -> None:
    run = read("2026-11-21", "2026-11-21", "NOPE")
    assert str(run.error).startswith("site='NOPE' is not a site of this account; it must be one of MAIN, SOUTH, ")


def test_a_site_list_that_cannot_be_read_is_no_reason_for_utc() -> None:
    context = Context(CallPolicy())
    run = play(context.span("2026-11-21", "2026-11-21", None), [refused(403, "NotAuthorizedError", "No licence.")])
    assert isinstance(run.error, AuthenticationError)
    assert str(run.error).endswith("give the client a timezone to do without.")


def zoned(*zones: str | None) -> Any:
    return served({"sites": [{"code": f"S{number}", "timezone": zone} for number, zone in enumerate(zones)]})


@pytest.mark.parametrize(
    ("zones", "site", "warning"),
    [
        (
            ("America/Chicago", "Mars/Olympus"),
            "s1",
            "site 'S1' has an unknown time zone, 'Mars/Olympus', so its days are those of America/Chicago",
        ),
        (
            ("America/Chicago", "Ma\u3164rs\x1b[2J"),
            "s1",
            r"site 'S1' has an unknown time zone, 'Ma\\u3164rs\\x1b\[2J', so its days are those of America/Chicago",
        ),
        ((None, ""), None, "no site names its time zone, so days are those of UTC"),
    ],
)
def test_a_zone_that_is_not_understood_is_named_in_a_warning(
    zones: tuple[str | None, ...], site: str | None, warning: str
) -> None:
    flow = Context(CallPolicy()).span("2026-11-21", "2026-11-21", site)
    with pytest.warns(UserWarning, match=f"^{warning}. Give the client a timezone to choose another.$"):
        play(flow, [zoned(*zones)]).got()


def test_the_zone_of_a_site_that_was_not_asked_for_is_not_warned_of() -> None:
    flow = Context(CallPolicy()).span("2026-11-21", "2026-11-21", "S0")
    assert play(flow, [zoned("America/Denver", "Mars/Olympus")]).got().start == midnight(ZoneInfo("America/Denver"), 21)


def test_the_days_of_all_sites_are_those_of_each() -> None:
    run = play(Context(CallPolicy()).days("2026-11-20", "2026-11-21", None), [SITES])
    days = run.got()
    assert len(run.sent) == 1
    assert (days.span.start, days.span.stop) == (midnight(KIRITIMATI, 20), midnight(BAKER, 22))
    assert days.of("east ").start == midnight(KIRITIMATI, 20)
    assert days.of("NONE").start == days.of("not listed").start == midnight(ZoneInfo("America/Chicago"), 20)


def test_the_days_of_a_named_zone_are_those_of_every_site() -> None:
    run = play(Context(CallPolicy(), zone=BAKER).days("2026-11-20", "2026-11-21", None), [])
    assert run.got().of("EAST") == run.got().span == Span(midnight(BAKER, 20), midnight(BAKER, 22), one_day=False)


def test_only_sites_that_are_asked_for_matter() -> None:
    days = play(Context(CallPolicy()).days("2026-11-20", "2026-11-20", ["MAIN", "West"]), [SITES]).got()
    assert [(window.start, window.site) for window in days.windows(["MAIN", "WEST"])] == [
        (midnight(ZoneInfo("America/Chicago"), 20), "MAIN"),
        (midnight(BAKER, 20), "WEST"),
    ]


def test_a_code_that_an_old_list_lacks_may_be_a_new_site() -> None:
    context = Context(CallPolicy())
    context.findings.sites, context.findings.sites_at = [{"code": "MAIN"}], NOON - 3600
    run = play(context.listed_sites("site", ["new ", "main"]), [served({"sites": [{"code": "MAIN"}, {"code": "NEW"}]})])
    assert run.got() == ["NEW", "MAIN"]
    assert len(run.sent) == 1
    assert "'newer' is not a site" in str(play(context.listed_sites("site", ["newer"]), []).error)


def test_a_list_without_codes_refuses_none() -> None:
    for rows in ([], [{"code": None}, {"code": ""}]):
        context = Context(CallPolicy())
        assert play(context.listed_sites("site", [" X "]), [served({"sites": rows})]).got() == ["X"]
