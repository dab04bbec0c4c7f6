"""Local days in UTC, clock changes included."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.sandbox.world.days import LocalDay, dates_touched, month_after, month_length

CHICAGO = ZoneInfo("America/Chicago")
HOUR_MS = 3_600_000


def utc(year: int, month: int, day: int, hour: int = 0) -> int:
    return int(datetime(year, month, day, hour, tzinfo=UTC).timestamp())


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25), (date(2026, 7, 4), 24)])
def test_a_day_lasts_as_long_as_its_clocks_say(day: date, hours: int) -> None:
    local = LocalDay.of(day, CHICAGO)
    assert local.end_ms - local.start_ms == hours * HOUR_MS


def test_wall_clock_hours_survive_a_clock_change() -> None:
    spring, summer = LocalDay.of(date(2026, 3, 8), CHICAGO), LocalDay.of(date(2026, 7, 4), CHICAGO)
    assert spring.at_ms(7) - spring.start_ms == 6 * HOUR_MS
    assert summer.at_ms(7, 30) - summer.start_ms == 7.5 * HOUR_MS


def test_one_utc_day_begins_in_each_american_day() -> None:
    for day in (date(2026, 3, 8), date(2026, 11, 1), date(2026, 7, 4)):
        local = LocalDay.of(day, CHICAGO)
        assert [ms // 1000 for ms in local.utc_midnights_ms()] == [utc(2026, day.month, day.day + 1)]


def test_a_utc_day_begins_with_its_local_day_where_both_are_one() -> None:
    local = LocalDay.of(date(2026, 7, 4), ZoneInfo("UTC"))
    assert list(local.utc_midnights_ms()) == [local.start_ms]


def test_a_utc_day_touches_two_american_days() -> None:
    touched = list(dates_touched(utc(2026, 7, 4), utc(2026, 7, 5), CHICAGO))
    assert touched == [date(2026, 7, 3), date(2026, 7, 4)]


def test_the_end_of_a_range_touches_nothing() -> None:
    # 05:00 UTC is midnight in Chicago in summer.
    assert list(dates_touched(utc(2026, 7, 4, 5), utc(2026, 7, 5, 5), CHICAGO)) == [date(2026, 7, 4)]
    assert list(dates_touched(utc(2026, 7, 4), utc(2026, 7, 4), CHICAGO)) == []


def test_month_after_is_clamped_to_the_month_and_not_further() -> None:
    assert month_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert month_after(date(2026, 1, 31), 2) == date(2026, 3, 31)
    assert month_after(date(2026, 11, 30), 3) == date(2027, 2, 28)
    assert month_after(date(2026, 3, 31), -13) == date(2025, 2, 28)


def test_month_lengths_know_leap_years() -> None:
    assert [month_length(year, 2) for year in (2024, 2025, 2000, 2100)] == [29, 28, 29, 28]
    assert sum(month_length(2026, month) for month in range(1, 13)) == 365
