"""Which days are compared with the server's short list, and what differs."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from sonnys_data_client.archive.evidence import Evidence, day_end, day_start
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.sync.audit import EVERY_DAYS, ListedDay, ShortRow, compare, due_lists, pages_of
from sonnys_data_client.sync.planning import SyncSettings

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=number) for number in range(60)]
NOW = day_start(FIRST) + 60.0 * DAY_S + 3600
SETTINGS = SyncSettings()


def read(day: date, *, joined: bool = True, rows: int = 250) -> Evidence:
    """Return a day that was closed, and perhaps given its statuses, four days after its end."""
    at = day_end(day) + 4.0 * DAY_S
    return Evidence(rows, 0, rows, at, day_end(day), at, at, joined_at=at if joined else None)


def known(**more: Any) -> dict[date, Evidence]:
    return {day: read(day, **more) for day in DAYS if day_end(day) + 4 * DAY_S < NOW}


def test_each_night_has_a_seventh_of_the_days_and_each_day_has_its_turn_every_week() -> None:
    archive, seen = known(), Counter[date]()
    for night in range(2 * EVERY_DAYS):
        now = NOW + night * DAY_S
        due = due_lists(archive, replace(SETTINGS, reread_days=3), now)
        assert {each.reason for each in due} == {"audit"}
        for each in due:
            seen[each.day] += night >= EVERY_DAYS
            archive[each.day] = replace(archive[each.day], joined_at=now)
        assert due_lists(archive, SETTINGS, now + 3600) == [], "not twice a night"
        if night >= EVERY_DAYS:
            assert len(due) <= 5, "not so in the first week, which makes up for turns that were missed"
    window = {day for day in archive if NOW + 13 * DAY_S - day_end(day) < 35 * DAY_S}
    assert {seen[day] for day in window} == {1}


def test_a_night_that_was_missed_is_made_up_for() -> None:
    due = due_lists(known(), SETTINGS, NOW)
    missed = {day for day in known() if 35 * DAY_S > NOW - day_end(day) >= 11 * DAY_S}
    tonight = {day for day in known() if (day - FIRST).days % EVERY_DAYS == 60 % EVERY_DAYS}
    young = {day for day in known() if NOW - day_end(day) < 11 * DAY_S}
    assert {each.day for each in due} == missed | (tonight & young)


def test_all_days_now_or_none_ever() -> None:
    joined_tonight = {day: replace(found, joined_at=NOW - 60) for day, found in known().items()}
    forced = [each.day for each in due_lists(joined_tonight, replace(SETTINGS, audit="now", audit_days=10), NOW)]
    assert forced == sorted(day for day in known() if NOW - day_end(day) < 10 * DAY_S)
    assert due_lists(joined_tonight, SETTINGS, NOW) == []
    assert due_lists(known(), replace(SETTINGS, audit="off"), NOW) == []


def test_days_without_statuses_come_first_however_old_and_are_compared_too() -> None:
    archive = known()
    archive[DAYS[1]] = read(DAYS[1], joined=False)
    archive[DAYS[2]] = read(DAYS[2], joined=False, rows=0)
    archive[DAYS[59]] = replace(read(DAYS[59], joined=False), read_at=NOW - 60)
    first, second, *rest = due_lists(archive, SETTINGS, NOW)
    assert [(each.day, each.compared, each.requests) for each in (first, second)] == [
        (DAYS[1], True, 3),
        (DAYS[59], False, 3),
    ]
    assert {each.reason for each in rest} == {"audit"}
    without = due_lists(archive, replace(SETTINGS, statuses=False), NOW)
    assert {each.reason for each in without} == {"audit"}


def test_what_the_server_forgets_was_not_chosen_or_is_not_closed_is_left() -> None:
    archive = known(joined=False)
    chosen = replace(SETTINGS, start=DAYS[3], end=DAYS[4])
    assert [each.day for each in due_lists(archive, chosen, NOW)] == [DAYS[3], DAYS[4]]
    assert due_lists(archive, SETTINGS, NOW + 200 * DAY_S) == []
    doubted = {DAYS[50]: replace(read(DAYS[50]), doubt="why")}
    assert due_lists(doubted, replace(SETTINGS, audit="now"), NOW) == []


HELD = {"a": (Decimal(1), "Completed"), "b": (Decimal("2.5000"), None)}
SAME = {"a": ShortRow(Decimal("1.00"), "Completed"), "b": ShortRow(Decimal("2.50"), "Voided")}


@pytest.mark.parametrize(
    ("listed", "more", "rows"),
    [
        (SAME, {}, 0),
        ({**SAME, "a": ShortRow(Decimal(1), "Voided")}, {}, 1),
        ({**SAME, "a": ShortRow(Decimal(1), None)}, {}, 0),
        ({**SAME, "b": ShortRow(Decimal("2.51"), None)}, {}, 1),
        ({"a": SAME["a"]}, {}, 1),
        ({"a": SAME["a"]}, {"surplus": -1}, 0),
        ({**SAME, "c": ShortRow(Decimal(1), None)}, {}, 1),
        ({**SAME, "c": ShortRow(Decimal(1), None)}, {"surplus": 1}, 0),
        ({**SAME, "c": ShortRow(Decimal(1), None)}, {"quarantined": 1}, 0),
        ({"c": SAME["a"], "b": SAME["b"]}, {}, 2),
    ],
)
def test_what_differs(listed: dict[str, ShortRow], more: dict[str, Any], rows: int) -> None:
    found = compare(HELD, ListedDay(listed, NOW), replace(read(FIRST), **more))
    if not rows:
        assert found is None
        return
    assert found is not None
    assert found.why == f"the server's list differs in {rows} row{'' if rows == 1 else 's'}"
    again = compare(HELD, ListedDay(listed, NOW + 1), read(FIRST))
    assert again is not None
    assert again.digest == found.digest


def test_another_difference_has_another_digest() -> None:
    digests = set[str]()
    for total in (3, 4):
        found = compare(HELD, ListedDay({**SAME, "a": ShortRow(Decimal(total), None)}, NOW), read(FIRST))
        assert found is not None
        digests.add(found.digest)
    assert len(digests) == 2


def test_pages_are_of_a_hundred_rows() -> None:
    assert [pages_of(rows) for rows in (0, 1, 100, 101, 250)] == [1, 1, 1, 2, 3]


def test_an_unknown_word_for_the_audit_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"audit='daily'.*weekly, now, off"):
        SyncSettings(audit="daily")  # type: ignore[arg-type]
