"""Dates as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.cli.dates import When, read_when
from sonnys_data_client.errors import ValidationError

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 11, 15, 30, 5, 123, CHICAGO)  # a Wednesday; the clocks went forward on Sunday the 8th
EVENING = datetime(2026, 3, 11, 22, 30, tzinfo=CHICAGO)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("today", "2026-03-11"),
        ("yesterday", "2026-03-10"),
        ("Yesterday ", "2026-03-10"),
        ("3-days-ago", "2026-03-08"),
        ("3 days ago", "2026-03-08"),
        ("1-day-ago", "2026-03-10"),
        ("tuesday", "2026-03-10"),
        ("wednesday", "2026-03-04"),
        ("thursday", "2026-03-05"),
        ("2026-03-08", "2026-03-08"),
        ("20260308", "2026-03-08"),
        ("2026-w10-7", "2026-03-08"),
        ("2026-W10", "2026-03-02 to 2026-03-08"),
        ("2026w10", "2026-03-02 to 2026-03-08"),
        ("2026-W09..2026-W10", "2026-02-23 to 2026-03-08"),
        ("..2026-03-08", "2000-01-01 to 2026-03-08"),
        ("2026-03-11..", "2026-03-11 to 2026-03-11 15:30:05"),
        ("..", "2000-01-01 to 2026-03-11 15:30:05"),
        ("2026-02", "2026-02-01 to 2026-02-28"),
        ("2024-02", "2024-02-01 to 2024-02-29"),
        ("2025-12", "2025-12-01 to 2025-12-31"),
        ("2025", "2025-01-01 to 2025-12-31"),
        ("this-week", "2026-03-09 to 2026-03-11"),
        ("last-week", "2026-03-02 to 2026-03-08"),
        ("this-month", "2026-03-01 to 2026-03-11"),
        ("last month", "2026-02-01 to 2026-02-28"),
        ("this-year", "2026-01-01 to 2026-03-11"),
        ("last-30-days", "2026-02-09 to 2026-03-10"),
        ("last-1-day", "2026-03-10"),
        ("last-2-weeks", "2026-02-23 to 2026-03-08"),
        ("last-3-months", "2025-12-01 to 2026-02-28"),
        ("2026-03-08..2026-03-14", "2026-03-08 to 2026-03-14"),
        ("2026-02 .. yesterday", "2026-02-01 to 2026-03-10"),
        ("2026-02..2026-03-01", "2026-02-01 to 2026-03-01"),
    ],
)
def test_days(text: str, days: str) -> None:
    assert str(read_when(text, NOW)) == days


def test_days_are_those_of_the_zone_and_bounded_by_its_midnights() -> None:
    short = read_when("2026-03-08", NOW)
    day = date(2026, 3, 8)
    assert short == When(
        datetime(2026, 3, 8, tzinfo=CHICAGO), datetime(2026, 3, 8, 23, 59, 59, tzinfo=CHICAGO), day, day
    )
    assert short.end.timestamp() - short.start.timestamp() == 23 * 3600 - 1
    assert str(read_when("today", EVENING.astimezone(UTC))) == "2026-03-12", "in London it is tomorrow already"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2026-03-08T14:30", "2026-03-08T14:30:00-05:00", "2026-03-08T14:30:00-05:00"),
        ("2026-03-08 14:30:10.7", "2026-03-08T14:30:10-05:00", "2026-03-08T14:30:10-05:00"),
        ("1772998200", "2026-03-08T14:30:00-05:00", "2026-03-08T14:30:00-05:00"),
        ("2026-03-08T14:30Z..2026-03-08T15:00+00:00", "2026-03-08T14:30:00+00:00", "2026-03-08T15:00:00+00:00"),
        ("2026-03-11..", "2026-03-11T00:00:00-05:00", "2026-03-11T15:30:05-05:00"),
        ("2026-03-08T22:00..2026-03-09", "2026-03-08T22:00:00-05:00", "2026-03-09T23:59:59-05:00"),
    ],
)
def test_moments(text: str, start: str, end: str) -> None:
    when = read_when(text, NOW)
    assert (when.start.isoformat(), when.end.isoformat()) == (start, end)
    assert " to " in str(when) or when.start == when.end


@pytest.mark.parametrize(
    "text",
    [
        *("", "soon", "febuary", "2026-13", "2026-02-30", "last-0-days"),
        *("2026-03-08T25:00", "٣-days-ago", "0000", "2026-03-08...2026-03-09", "9999-12-31", "-1"),
    ],
)
def test_what_is_no_date_is_said_with_examples(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        read_when(text, NOW)
    assert str(caught.value) == (
        f"startDate={text!r} must be a date or range such as yesterday, 2026-03-08, 2026-03, last-30-days, "
        "last-month, 2026-03-08..2026-03-14."
    )


def test_a_date_for_people_gets_a_hint() -> None:
    for text in ("3/8/2026", "3/8/2026..2026-03-09", "2026-03-01..03/08/2026"):
        with pytest.raises(ValidationError) as caught:
            read_when(text, NOW)
        assert caught.value.remedy == "Write the year first: 2026-03-08."


def test_midnight_in_another_zone_is_a_moment_and_not_a_day() -> None:
    when = read_when("2026-03-08T00:00Z..2026-03-08T23:59:59Z", NOW)
    assert (when.first, when.last) == (when.start, when.end)
    assert (read_when("2026-03-08..", NOW).first, read_when("2026-03-08..", NOW).last) == (
        date(2026, 3, 8),
        NOW.replace(microsecond=0),
    )


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("last-6-months", "2025-09-15 to 2026-02-28"),
        ("2025", "2025-09-15 to 2025-12-31"),
        ("..2025-12-31", "2025-09-15 to 2025-12-31"),
        ("2025-09..2025-12-31", "2025-09-15 to 2025-12-31"),
        ("2025-08", "2025-08-01 to 2025-08-31"),  # all of it is gone, and the client says so
        ("2025-09-01..2025-12-31", "2025-09-01 to 2025-12-31"),  # whoever types a day means it
        ("last-2-weeks", "2026-02-23 to 2026-03-08"),
    ],
)
def test_a_range_whose_first_day_nobody_typed_begins_with_the_oldest(text: str, days: str) -> None:
    assert str(read_when(text, NOW).from_oldest(date(2025, 9, 15))) == days


def test_a_range_that_ends_before_it_starts() -> None:
    with pytest.raises(ValidationError, match=r"'yesterday\.\.2026-03-01' ends before it starts\. Swap its ends\."):
        read_when("yesterday..2026-03-01", NOW)


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60), st.sampled_from(["day", "week", "month"]))
def test_the_last_so_many_are_whole_and_end_before_today(today: date, count: int, unit: str) -> None:
    when = read_when(f"last-{count}-{unit}s", datetime(today.year, today.month, today.day, 12, tzinfo=UTC))
    first, after = when.start.date(), (when.end + timedelta(seconds=1)).date()
    assert after <= today
    if unit == "day":
        assert (after, (after - first).days) == (today, count)
    elif unit == "week":
        assert (first.weekday(), (after - first).days, (today - after).days < 7) == (0, 7 * count, True)
    else:
        months = (after.year - first.year) * 12 + after.month - first.month
        assert (first.day, after.day, months, after.month) == (1, 1, count, today.month)


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        when = read_when(text, NOW)
    except ValidationError:
        return
    assert when.start <= when.end
