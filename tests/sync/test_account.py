"""What a sync asks of an account: its clock, throttle, costs and calendars."""

from __future__ import annotations

from datetime import UTC, date
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import Span
from sonnys_data_client.sync.account import (
    estimate_cost,
    in_utc_days,
    requests_a_minute,
    sites_zones,
    wait_out_throttle_period,
    wall_time,
)
from sonnys_data_client.sync.planning import SyncSettings
from sonnys_data_client.testing.client import SimulatedClient
from tests.sandbox.rig import NOW, YESTERDAY
from tests.sync.busy_rig import DAYS, busy_rig

CHICAGO = ZoneInfo("America/Chicago")


def test_the_time_is_read_from_the_client_s_clock() -> None:
    stand = busy_rig()
    assert wall_time(stand.client()) == NOW
    assert len(stand.sandbox.log) == 0


def test_costs_are_estimated_from_the_rows_seen_before() -> None:
    client = busy_rig().client()
    assert not estimate_cost(client, DAYS, None).learnt
    plan = estimate_cost(client, DAYS, 250.0)
    assert (plan.pages, plan.requests, plan.learnt) == (9, 18, True)
    dearer = estimate_cost(
        client, DAYS, 250.0, counted_spans=[Span(DAYS[0].start, DAYS[0].stop, one_day=False)], other_requests=4
    )
    assert dearer.requests == 23
    assert DAYS[0].start == YESTERDAY


@pytest.mark.parametrize(("ago", "waits"), [(None, 0), (0, 15), (4, 11), (15, 0), (-5, 0)])
def test_the_throttle_period_of_a_crashed_run_is_waited_out(ago: float | None, waits: float) -> None:
    client = busy_rig().client()
    wait_out_throttle_period(client, None if ago is None else NOW - ago)
    assert client.simulation.now == waits


def test_the_pace_is_the_throttle_s() -> None:
    assert requests_a_minute(busy_rig().client()) == 80
    assert requests_a_minute(busy_rig().client(throttle=ThrottleLimits(10, 5.0))) == 120


ZONES: list[dict[str, str | None]] = [
    {"code": "MAIN", "timezone": "America/Denver"},
    {"code": "WEST", "timezone": "Mars/Olympus"},
    {"code": "EAST", "timezone": None},
    {"code": "FAR", "timezone": "Pacific/Kiritimati"},
    {"code": "SOUTH", "timezone": "America/Denver"},
]


def client_with(sites: list[dict[str, str | None]], **options: Any) -> SimulatedClient:
    options.setdefault("timezone", None)
    client = busy_rig().client(**options)
    client.workings.settings.context.findings.sites = sites
    return client


def test_a_site_without_a_zone_has_that_of_most_sites_unless_another_is_named() -> None:
    zones = sites_zones(client_with(ZONES), SyncSettings())
    assert [str(zones.zone(code)) for code in ("main", "EAST", "FAR")] == [
        *("America/Denver", "America/Denver", "Pacific/Kiritimati")
    ]
    assert zones.warnings() == [
        "site 'WEST' has an unknown time zone, 'Mars/Olympus', so its days are those of America/Denver"
    ]
    for named in (
        sites_zones(client_with(ZONES), SyncSettings(timezone=CHICAGO)),
        sites_zones(client_with(ZONES, timezone=CHICAGO), SyncSettings()),
    ):
        assert [named.zone(code) for code in ("MAIN", "EAST")] == [ZoneInfo("America/Denver"), CHICAGO]
    assert sites_zones(client_with([]), SyncSettings()).zone("MAIN") is UTC


@pytest.mark.parametrize(
    ("options", "days"),
    [
        ({}, (date(2026, 11, 19), date(2026, 11, 22))),  # from midnight on Kiritimati to midnight in Denver
        ({"timezone": "America/Denver"}, (date(2026, 11, 20), date(2026, 11, 22))),
        ({"timezone": "Pacific/Kiritimati"}, (date(2026, 11, 19), date(2026, 11, 21))),
        ({"timezone": "UTC"}, (date(2026, 11, 20), date(2026, 11, 21))),
    ],
)
def test_local_days_lie_in_the_utc_days_that_hold_all_of_them(options: dict[str, Any], days: tuple[date, date]) -> None:
    settings = SyncSettings(start=date(2026, 11, 20), end=date(2026, 11, 21))
    found = in_utc_days(client_with(ZONES, **options), settings)
    assert (found.start, found.end) == days
    assert in_utc_days(client_with(ZONES), SyncSettings()) == SyncSettings()
