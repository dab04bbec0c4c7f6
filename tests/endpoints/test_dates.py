"""The date range of lists: what is asked for, in which parts, and which part an edge belongs to."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.endpoints.accounts import FIRST_SIGN_UPS, SIGN_UP_DAYS_MAX
from sonnys_data_client.endpoints.dates import SERVER_CHOOSES, Dates, Days, Moments, Range
from sonnys_data_client.errors import ValidationError
from tests.endpoints.readings import context
from tests.engine.flows import NOON, play

DAY_S = 86_400


def ranges(dates: Dates, **values: Any) -> list[Range]:
    run = play(dates.ranges(context(zone=UTC), values), [])
    assert run.sent == []
    return [*run.got()]


def asked(dates: Dates, **values: Any) -> list[tuple[int, int]]:
    """The starts and ends in days from the first start."""
    pairs = [
        (int(dict(each.criteria)["startDate"]), int(dict(each.criteria)["endDate"])) for each in ranges(dates, **values)
    ]
    first = min(start for start, _ in pairs)
    return [((start - first) // DAY_S, (end - first) // DAY_S) for start, end in pairs]


def test_a_list_without_dates_is_asked_for_once_without_any() -> None:
    assert [each.criteria for each in ranges(Dates())] == [()]


def test_a_long_range_is_cut_into_parts_that_share_their_edge() -> None:
    assert asked(Moments(days_max=31), startDate="2026-08-01", endDate="2026-10-10") == [(0, 31), (31, 62), (62, 71)]
    assert asked(Moments(), startDate="2026-08-01", endDate="2026-10-10") == [(0, 71)]


def test_a_range_can_be_cut_again_in_the_order_in_which_it_is_read() -> None:
    (whole,) = ranges(Moments(days_max=31), startDate="2026-10-01", endDate="2026-10-30")
    assert whole.span is not None
    assert (whole.length_s, whole.span[1] - whole.span[0]) == (30 * DAY_S, 30 * DAY_S)
    first, second = whole.halves(DAY_S)
    assert first.span is not None
    assert second.span == (whole.span[0] + 15 * DAY_S, whole.span[1])
    assert first.span == (whole.span[0], whole.span[0] + 15 * DAY_S)
    newest, *_ = ranges(Moments(days_max=31, since=date(2026, 1, 1)))
    later, earlier = newest.halves(DAY_S)
    assert later.span is not None
    assert earlier.span is not None
    assert later.span[0] == earlier.span[1]
    assert first.halves(8 * DAY_S) == ()
    assert Range().halves(1) == ()


@pytest.mark.parametrize("days", [1, 2, 3, 30])
def test_days_are_cut_into_parts_of_two_days_or_more_that_share_one(days: int) -> None:
    first = date(2026, 10, 1)
    (whole,) = ranges(Days(days_max=31), startDate=first, endDate=first + timedelta(days=days))
    parts, left = [whole], [whole]
    while left:
        parts = [half for part in left for half in part.halves(DAY_S) or [part]]
        left = parts if len(parts) > len(left) else []
    pairs = [tuple(date.fromisoformat(day) for _, day in part.criteria) for part in parts]
    assert [(last - start).days for start, last in pairs] == [1] * days
    assert (pairs[0][0], pairs[-1][1]) == (first, first + timedelta(days=days))
    assert all(earlier[1] == later[0] for earlier, later in pairwise(pairs))


def test_the_two_dates_of_customers_are_no_range_and_cannot_be_cut() -> None:
    (whole,) = ranges(Days(ordered=False), startDate="2026-10-01", endDate="2026-10-30")
    assert (whole.halves(1), whole.unfinished) == ((), False)


def test_what_is_left_out_is_today_or_the_servers_own_choice() -> None:
    today = int(datetime.fromtimestamp(NOON, UTC).replace(hour=0).timestamp())
    (only,) = ranges(Moments())
    assert only.criteria == (("startDate", str(today)), ("endDate", str(int(NOON) - 5)))
    assert [each.criteria for each in ranges(Moments(unasked=SERVER_CHOOSES))] == [()]
    with pytest.raises(ValidationError, match=r"^endDate alone names no range\. Give startDate too\.$"):
        ranges(Moments(unasked=SERVER_CHOOSES), endDate="2026-11-01")


def test_a_range_that_has_not_begun_needs_no_request() -> None:
    assert ranges(Moments(), startDate=NOON, endDate=NOON) == []


def test_everything_is_read_from_the_newest_part_back_to_the_first_day() -> None:
    parts = [
        (int(dict(each.criteria)["startDate"]), int(dict(each.criteria)["endDate"]))
        for each in ranges(Moments(days_max=SIGN_UP_DAYS_MAX, since=FIRST_SIGN_UPS))
    ]
    assert parts[0][1] == int(NOON) - 5
    assert all(newer[0] == older[1] for newer, older in pairwise(parts))
    assert {newer[1] - newer[0] for newer in parts[:-1]} == {SIGN_UP_DAYS_MAX * DAY_S}
    assert datetime.fromtimestamp(parts[-1][0], UTC).date() == date(2000, 1, 1)
    assert len(parts) == 55
    later = ranges(Moments(days_max=SIGN_UP_DAYS_MAX, since=FIRST_SIGN_UPS), since="2026-06-01")
    assert len(later) == 1


def test_six_months_are_never_shorter_than_the_longest_part() -> None:
    """From each day of four years, six calendar months are at least as long as the longest part."""
    for number in range(4 * 366):
        day = date(2023, 1, 1) + timedelta(days=number)
        year, month = divmod(day.year * 12 + day.month - 1 + 6, 12)
        clamped = min(day.day, (date(year + month // 11, (month + 1) % 12 + 1, 1) - timedelta(days=1)).day)
        assert (date(year, month + 1, clamped) - day).days >= SIGN_UP_DAYS_MAX


def test_the_edge_second_belongs_to_the_later_part() -> None:
    (only,) = ranges(Moments(stamps=("signUpDate",)), startDate="2026-11-01", endDate="2026-11-01")
    assert only.keep({"signUpDate": "2026-11-01 23:59:59"})
    assert not only.keep({"signUpDate": "2026-11-02 00:00:00"})
    assert only.keep({"signUpDate": None})
    (unstamped,) = ranges(Moments(), startDate="2026-11-01", endDate="2026-11-01")
    assert unstamped.keep({"date": "2026-11-02 00:00:00"})


def test_only_what_is_kept_for_six_months_is_bounded_by_them() -> None:
    assert asked(Moments(), startDate="2020-01-01", endDate="2020-01-02") == [(0, 2)]
    with pytest.raises(ValidationError, match="more than six months ago"):
        ranges(Moments(history=True), startDate="2020-01-01", endDate="2020-01-02")


def test_days_go_as_days() -> None:
    chicago = datetime(2026, 11, 10, 3, tzinfo=UTC).astimezone(ZoneInfo("America/Chicago"))
    (both,) = ranges(Days(), startDate=date(2026, 11, 1), endDate=chicago)
    assert both.criteria == (("startDate", "2026-11-01"), ("endDate", "2026-11-10"))
    (one,) = ranges(Days(), endDate="2026-11-01")
    assert one.criteria == (("endDate", "2026-11-01"),)
    assert [each.criteria for each in ranges(Days())] == [()]


def test_days_in_the_wrong_order_are_refused_where_they_are_about_one_thing() -> None:
    values = {"startDate": "2026-11-02", "endDate": "2026-11-01"}
    with pytest.raises(ValidationError) as caught:
        ranges(Days(), **values)
    assert str(caught.value) == "endDate='2026-11-01' is before the start, 2026-11-02. Swap the two."
    assert len(ranges(Days(ordered=False), **values)) == 1


def test_a_long_range_of_days_is_cut_into_parts_that_share_a_day() -> None:
    parts = [
        (dict(each.criteria)["startDate"], dict(each.criteria)["endDate"])
        for each in ranges(Days(days_max=31), startDate="2026-08-01", endDate="2026-10-10")
    ]
    assert parts == [("2026-08-01", "2026-08-31"), ("2026-08-31", "2026-09-30"), ("2026-09-30", "2026-10-10")]


@pytest.mark.parametrize("end", ["2026-08-01", "2026-08-02", "2026-08-31"])
def test_a_range_of_days_that_fits_is_not_cut(end: str) -> None:
    (only,) = ranges(Days(days_max=31), startDate="2026-08-01", endDate=end)
    assert only.criteria == (("startDate", "2026-08-01"), ("endDate", end))


def test_what_is_wrong_with_a_first_day_is_told_by_its_name() -> None:
    everything = Moments(days_max=SIGN_UP_DAYS_MAX, since=FIRST_SIGN_UPS)
    with pytest.raises(ValidationError, match=r"^since='soon' must be epoch seconds, "):
        ranges(everything, since="soon")
    with pytest.raises(ValidationError, match=r"^since='2027-01-01' is in the future"):
        ranges(everything, since="2027-01-01")
