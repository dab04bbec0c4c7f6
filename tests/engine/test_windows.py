"""The rule for dates: every way to name one, every edge, every error message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.engine import windows
from sonnys_data_client.engine.moments import DateLike
from sonnys_data_client.engine.windows import (
    DAY_S,
    Span,
    Window,
    first_whole_day,
    history_start,
    needs_zone,
    read_span,
    span_at,
)
from sonnys_data_client.errors import ValidationError
from tests.engine.flows import NOON

CHICAGO = ZoneInfo("America/Chicago")
HAVANA = ZoneInfo("America/Havana")
ALLOWED = "epoch seconds, an ISO 8601 text such as '2026-03-08' or '2026-03-08T14:30:00-05:00', a date or a datetime"


def second(text: str) -> int:
    """Epoch second of an ISO text."""
    return int(datetime.fromisoformat(text).timestamp())


def span(start: DateLike | None, end: DateLike | None, zone: tzinfo = UTC, wall: float = NOON) -> Span:
    return read_span(start, end, zone, wall)


def refusal(start: DateLike | None, end: DateLike | None, zone: tzinfo = UTC) -> str:
    with pytest.raises(ValidationError) as caught:
        span(start, end, zone)
    return str(caught.value)


INSTANT = second("2026-11-10T14:30:15Z")


@pytest.mark.parametrize(
    "value",
    [
        INSTANT,
        INSTANT + 0.75,
        "2026-11-10T14:30:15Z",
        "2026-11-10T14:30:15.750+00:00",
        " 2026-11-10 14:30:15 ",
        "20261110T143015",
        "2026-11-10T08:30:15-06:00",
        datetime(2026, 11, 10, 14, 30, 15, 750_000),  # noqa: DTZ001 - naive on purpose
        datetime(2026, 11, 10, 8, 30, 15, tzinfo=CHICAGO),
    ],
)
def test_an_instant_is_its_whole_second_at_both_ends(value: DateLike) -> None:
    assert span(value, value) == Span(INSTANT, INSTANT + 1, one_day=False)


@pytest.mark.parametrize("value", [date(2026, 11, 10), "2026-11-10", " 2026-11-10\n", "20261110", "2026-W46-2"])
def test_a_bare_date_is_its_whole_day_in_every_spelling(value: DateLike) -> None:
    start = second("2026-11-10T00:00:00Z")
    assert span(value, value) == Span(start, start + DAY_S, one_day=True)


def test_dates_and_naive_instants_are_read_in_the_zone() -> None:
    assert span("2026-11-10", "2026-11-10", CHICAGO).start == second("2026-11-10T06:00:00Z")
    assert span("2026-11-10T01:00", "2026-11-10", CHICAGO).start == second("2026-11-10T07:00:00Z")
    naive = datetime(2026, 11, 10, 1)  # noqa: DTZ001 - naive on purpose
    assert span(naive, "2026-11-10", CHICAGO).start == second("2026-11-10T07:00:00Z")
    assert span("2026-11-10T01:00Z", "2026-11-10", CHICAGO).start == second("2026-11-10T01:00:00Z")
    assert span(INSTANT, "2026-11-10", CHICAGO).start == INSTANT


@pytest.mark.parametrize(
    ("day", "zone", "hours"),
    [
        ("2026-11-01", CHICAGO, 25),
        ("2026-11-02", CHICAGO, 24),
        ("2026-11-01", HAVANA, 25),
        ("2026-10-25", ZoneInfo("Europe/London"), 25),
        ("2026-09-06", ZoneInfo("America/Santiago"), 23),
        ("2026-10-04", ZoneInfo("Australia/Lord_Howe"), 23.5),
    ],
)
def test_a_day_is_as_long_as_its_clocks_make_it(day: str, zone: tzinfo, hours: float) -> None:
    found = span(day, day, zone)
    assert (found.stop - found.start) / 3600 == hours
    found.check_job()
    assert [window.length_s for window in found.windows()] == [
        length for length in (min(int(hours * 3600), DAY_S), int(hours * 3600) - DAY_S) if length > 0
    ]


def test_a_23_hour_day_is_one_window() -> None:
    march = second("2026-03-20T12:00:00Z")
    found = span("2026-03-08", "2026-03-08", CHICAGO, wall=march)
    assert [window.length_s for window in found.windows("MAIN")] == [23 * 3600]


def test_missing_ends_mean_today_up_to_now() -> None:
    today = second("2026-11-23T06:00:00Z")
    assert span(None, None, CHICAGO) == Span(today, int(NOON) - 5, one_day=True)
    assert span("2026-11-22", None, CHICAGO).stop == int(NOON) - 5
    late = second("2026-11-23T05:00:00Z")  # 23:00 on the 22nd in Chicago
    assert span(None, None, CHICAGO, wall=late).start == second("2026-11-22T06:00:00Z")


def test_an_end_in_the_future_is_moved_to_now() -> None:
    assert span("2026-11-23", "2026-12-31").stop == int(NOON) - 5
    assert span(NOON - 60, NOON + 10**6).stop == int(NOON) - 5
    assert span(NOON - 60, date.max - timedelta(days=1)).stop == int(NOON) - 5


@pytest.mark.parametrize("start", [NOON - 5, NOON - 1, NOON + 5])
def test_a_range_that_has_only_just_begun_is_empty(start: float) -> None:
    found = span(start, NOON + 100)
    assert found.start == found.stop
    assert list(found.windows()) == []


MILLISECONDS = "Milliseconds must be divided by 1,000."
REFUSALS: list[tuple[DateLike | None, DateLike | None, str]] = [
    ("2026-11-10", "2026-11-09", "endDate='2026-11-09' is before the start, 2026-11-10. Swap the two."),
    (None, "2026-11-10", "endDate='2026-11-10' is before the start, today. Give both startDate and endDate."),
    (INSTANT, INSTANT - 1, f"endDate={INSTANT - 1} is before the start, {INSTANT}. Swap the two."),
    ("2026-11-24", None, "startDate='2026-11-24' is in the future, where nothing can be read yet."),
    (
        "2026-11-24",
        "2026-11-25",
        "startDate='2026-11-24' is in the future, where nothing can be read yet.",
    ),
    (
        "2026-05-21",
        "2026-05-22",
        (
            "startDate='2026-05-21' is more than six months ago, and the API keeps no older history; it must be "
            "2026-05-23 or later."
        ),
    ),
    ("yesterday", None, f"startDate='yesterday' must be {ALLOWED}."),
    ("2026-11-10", "", f"endDate='' must be {ALLOWED}."),
    ("2026-02-30", None, f"startDate='2026-02-30' must be {ALLOWED}."),
    (True, None, f"startDate=True must be {ALLOWED}."),
    (b"2026-11-10", None, f"startDate=b'2026-11-10' must be {ALLOWED}."),  # type: ignore[list-item]
    (
        1_795_435_200_000,
        None,
        f"startDate=1795435200000 must be {ALLOWED}. {MILLISECONDS}",
    ),
    (
        "2026-11-10",
        float("nan"),
        f"endDate=nan must be {ALLOWED}.",
    ),
    ("2026-11-10", date.max, "The end, 9999-12-31, is later than any date that can be read."),
]


@pytest.mark.parametrize(("start", "end", "sentence"), REFUSALS)
def test_a_range_that_makes_no_sense_gets_one_sentence(
    start: DateLike | None, end: DateLike | None, sentence: str
) -> None:
    assert refusal(start, end) == sentence


def test_six_months_of_history_with_a_day_of_grace() -> None:
    assert span("2026-05-23", "2026-05-23").start == second("2026-05-23T00:00:00Z")
    assert span(second("2026-05-22T12:00:00Z"), "2026-05-23").start == second("2026-05-22T12:00:00Z")
    assert "more than six months ago" in refusal(second("2026-05-22T11:59:59Z"), "2026-05-23")


@pytest.mark.parametrize(
    ("now", "oldest"),
    [
        ("2026-11-23T12:00:00Z", "2026-05-23T12:00:00Z"),
        ("2026-08-31T00:00:00Z", "2026-02-28T00:00:00Z"),
        ("2024-08-31T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("2026-03-15T01:02:03Z", "2025-09-15T01:02:03Z"),
        ("2026-06-30T00:00:00Z", "2025-12-30T00:00:00Z"),
    ],
)
def test_six_months_are_calendar_months(now: str, oldest: str) -> None:
    assert history_start(second(now)) == second(oldest)


def test_a_job_takes_a_day_and_a_second_or_one_calendar_day() -> None:
    Span(0, DAY_S + 1, one_day=False).check_job()
    Span(0, DAY_S + 3600, one_day=True).check_job()
    with pytest.raises(ValidationError) as caught:
        Span(0, DAY_S + 2, one_day=False).check_job()
    assert str(caught.value) == (
        "The range is 24.00 hours long, but one job covers at most 24 hours or one calendar day. Give a shorter range, "
        "or call load_job once for each day."
    )
    with pytest.raises(ValidationError, match=r"^The range is 3\.0 days long, "):
        Span(0, 3 * DAY_S, one_day=False).check_job()


def test_a_span_is_cut_into_parts_that_meet() -> None:
    parts = list(Span(100, 100 + 65 * DAY_S, one_day=False).parts(31 * DAY_S))
    assert [(part.start - 100, part.stop - 100) for part in parts] == [
        (0, 31 * DAY_S),
        (31 * DAY_S, 62 * DAY_S),
        (62 * DAY_S, 65 * DAY_S),
    ]
    back = list(Span(100, 100 + 65 * DAY_S, one_day=False).parts_back(31 * DAY_S))
    assert [(part.start - 100, part.stop - 100) for part in back] == [
        (34 * DAY_S, 65 * DAY_S),
        (3 * DAY_S, 34 * DAY_S),
        (0, 3 * DAY_S),
    ]
    empty = Span(100, 100, one_day=False)
    assert [*empty.parts(31 * DAY_S), *empty.parts_back(31 * DAY_S)] == []


@pytest.mark.parametrize(
    ("value", "zone", "day"),
    [
        ("2026-11-10", CHICAGO, "2026-11-10"),
        (date(2026, 11, 10), UTC, "2026-11-10"),
        (datetime(2026, 11, 10, 3, tzinfo=UTC), CHICAGO, "2026-11-09"),
        (datetime(2026, 11, 10, 23), CHICAGO, "2026-11-10"),  # noqa: DTZ001 - the zone's is meant
        (INSTANT, UTC, "2026-11-10"),
    ],
)
def test_a_date_that_goes_as_a_day(value: DateLike, zone: tzinfo, day: str) -> None:
    assert windows.read_day("startDate", value, zone, NOON).isoformat() == day


def test_a_day_that_has_begun_nowhere_is_refused() -> None:
    ahead = datetime.fromtimestamp(NOON, UTC).date() + timedelta(days=2)
    with pytest.raises(ValidationError) as caught:
        windows.read_day("endDate", ahead, UTC, NOON)
    assert str(caught.value) == f"endDate='{ahead}' is in the future; it must be a day up to today."


@given(start=st.integers(0, 10**9), length_s=st.integers(0, 200 * DAY_S), site=st.none() | st.text(min_size=1))
def test_windows_partition_a_span(start: int, length_s: int, site: str | None) -> None:
    cut = list(Span(start, start + length_s, one_day=False).windows(site))
    assert sum(window.length_s for window in cut) == length_s
    assert all(0 < window.length_s <= DAY_S and window.site == site for window in cut)
    assert all(earlier.stop == later.start for earlier, later in pairwise(cut))
    assert not cut or (cut[0].start, cut[-1].stop) == (start, start + length_s)


@given(
    first=st.dates(date(2026, 6, 1), date(2026, 10, 20)),
    days=st.integers(1, 30),
    zone=st.sampled_from([CHICAGO, HAVANA, UTC, timezone(timedelta(hours=5, minutes=45))]),
)
def test_day_after_day_is_the_range_without_gap_or_overlap(first: date, days: int, zone: tzinfo) -> None:
    dates = [first + timedelta(days=n) for n in range(days)]
    each = [span(day, day, zone) for day in dates]
    assert all(day.one_day for day in each)
    assert all(earlier.stop == later.start for earlier, later in pairwise(each))
    whole = span(first, dates[-1], zone)
    assert (whole.start, whole.stop) == (each[0].start, each[-1].stop)


@pytest.mark.parametrize(
    ("start", "end", "needs"),
    [
        (None, INSTANT, True),
        (INSTANT, None, False),  # up to now, in every zone
        ("2026-11-10", INSTANT, True),
        (INSTANT, date(2026, 11, 10), True),
        ("2026-11-10T10:00", INSTANT, True),
        ("2026-11-10T10:00Z", INSTANT, False),
        (1.5, datetime(2026, 11, 10, tzinfo=CHICAGO), False),
    ],
)
def test_which_ranges_need_a_zone(start: DateLike | None, end: DateLike | None, needs: bool) -> None:
    assert needs_zone(start, end) is needs


def test_needing_a_zone_names_the_value_it_cannot_read() -> None:
    with pytest.raises(ValidationError, match=r"^endDate='x' must be epoch seconds"):
        needs_zone("2026-11-10", "x")


def test_a_window_leaves_its_edge_second_to_the_next() -> None:
    window = Window(100, 200)
    assert [window.owns(at) for at in (99, 100, 199, 200, 201, None)] == [True, True, True, False, True, True]


@given(start=st.integers(0, 10**9), length_s=st.integers(2, DAY_S))
def test_halves_are_the_whole(start: int, length_s: int) -> None:
    window = Window(start, start + length_s, "MAIN")
    first, second_half = window.halves()
    assert (first.start, first.stop, second_half.stop) == (start, second_half.start, start + length_s)
    assert first.length_s > 0
    assert second_half.length_s > 0
    assert replace(first, stop=window.stop) == window


def test_a_window_reads_as_a_sentence_would() -> None:
    start = second("2026-11-10T06:00:00Z")
    assert str(Window(start, start + DAY_S)) == "2026-11-10 06:00:00Z to 2026-11-11 06:00:00Z"
    assert str(Window(start, start + 1, "MAIN")).endswith("to 2026-11-10 06:00:01Z at site MAIN")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ({"completeDate": "2026-11-10T14:30:15.750Z"}, INSTANT),
        ({"date": "2026-11-10 14:30:15"}, INSTANT),
        ({"completeDate": "2026-11-10T08:30:15-06:00", "date": "1999-01-01"}, INSTANT),
        ({"completeDate": "soon"}, None),
        ({"completeDate": None}, None),
        ({"completeDate": "0001-01-01T00:00:00"}, None),
        ({"completeDate": "0001-01-01T00:00:00+14:00"}, None),
        ({"completeDate": "9999-12-31T23:59:59-12:00"}, None),
        ({}, None),
    ],
)
def test_the_second_of_a_row(row: dict[str, object], expected: int | None) -> None:
    assert windows.row_second(row) == expected


@pytest.mark.parametrize(("id", "read"), [("5", "5"), (5, "5"), ("", None), (None, None), (True, None), ([5], None)])
def test_the_id_of_a_row(id: object, read: str | None) -> None:
    assert windows.row_id({"id": id}) == read


def test_what_is_no_row_has_no_id() -> None:
    assert windows.row_id([5]) is None


def test_the_second_of_a_row_by_fields_of_ones_own() -> None:
    assert windows.row_second({"clockIn": "2026-11-10 14:30:15", "date": "1999-01-01"}, "clockIn") == INSTANT
    assert windows.row_second({"date": "2026-11-10 14:30:15"}, "clockIn") is None


def test_what_is_kept_for_ever_may_be_asked_for_from_any_day() -> None:
    long_ago = read_span("2001-01-01", "2001-01-02", UTC, NOON, history=False)
    assert long_ago.stop - long_ago.start == 2 * DAY_S


@pytest.mark.parametrize("value", [0, 20261399, 20_000_100, "1999-12-30", "1772-03-08", date(1970, 1, 1), -1.5])
def test_a_start_before_the_year_2000_is_a_mistake(value: DateLike) -> None:
    for history in (True, False):
        with pytest.raises(ValidationError, match=r"^since=.* is before the year 2000, so it is not the date that was"):
            read_span(value, None, UTC, NOON, history=history, start_name="since")
    with pytest.raises(ValidationError, match=r" Write a day as text, such as '2026-03-08'\.$"):
        windows.read_day("startDate", value, CHICAGO, NOON)


def test_the_first_day_of_2000_is_good_in_every_zone() -> None:
    for zone in (windows.EARLIEST_ZONE, UTC, windows.LATEST_ZONE):
        assert read_span("2000-01-01", "2000-01-01", zone, NOON, history=False).one_day


def test_another_zone_s_range_is_empty_where_it_has_not_begun() -> None:
    assert read_span("2026-11-24", None, windows.EARLIEST_ZONE, NOON).start < NOON
    later = span_at("2026-11-24", None, windows.LATEST_ZONE, NOON)
    assert later.start == later.stop


@pytest.mark.parametrize(
    ("start", "end", "said"),
    [
        (date(2026, 11, 20), "2026-11-21", "The range has two days, 2026-11-20 and 2026-11-21, because a date"),
        ("2026-11-20", date(2026, 11, 22), "The range is 3.0 days long"),
        ("2026-11-20T00:00Z", "2026-11-21", "The range is 2.0 days long"),
    ],
)
def test_two_dates_in_a_row_are_two_days_and_the_message_shows_the_one_call(
    start: DateLike, end: DateLike, said: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        span(start, end).check_job(start, end)
    assert str(caught.value).startswith(said)
    one = "For 2026-11-20 alone give startDate='2026-11-20' and endDate='2026-11-20'"
    assert (one in str(caught.value)) == ("two days" in said)


def test_the_first_whole_day_that_is_left() -> None:
    assert first_whole_day(NOON, UTC) == date(2026, 5, 24)
    assert first_whole_day(NOON - 12 * 3600, UTC) == date(2026, 5, 23)
    assert first_whole_day(NOON, windows.EARLIEST_ZONE) == date(2026, 5, 25)
