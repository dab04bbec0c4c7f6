"""What a sync asks of an account: its clock, throttle, costs and calendars."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import Span
from sonnys_data_client.sync.account import (
    estimate_cost,
    requests_a_minute,
    site_calendars,
    wait_out_throttle_period,
    wall_time,
)
from sonnys_data_client.types import Site
from tests.sandbox.rig import NOW, YESTERDAY
from tests.sync.busy_rig import DAYS, busy_rig


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


def test_a_site_with_an_unknown_time_zone_gets_the_default_and_a_warning() -> None:
    chicago = ZoneInfo("America/Chicago")
    zones = {"MAIN": "America/Denver", "WEST": "Mars/Olympus", "EAST": None}
    sites = [Site(site_id=number, code=code, timezone=zone) for number, (code, zone) in enumerate(zones.items())]
    calendars, warnings = site_calendars(sites, chicago)
    midnight = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
    assert [calendars.date(code, midnight) for code in zones] == ["2026-03-01", "2026-03-02", "2026-03-02"]
    assert warnings == [
        "site WEST has an unknown time zone, 'Mars/Olympus': its business dates are those of America/Chicago"
    ]
