"""Which days are due, in which order, and what a plan says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from sonnys_data_client.archive.dispute import Dispute, LossLimits
from sonnys_data_client.archive.evidence import Coverage, Evidence, State, day_end, day_start
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.sync.planning import (
    SyncPlan,
    SyncSettings,
    due_days,
    expiry_warnings,
    rows_a_day,
)

NOW = datetime(2026, 4, 1, 12, 7, 30, tzinfo=UTC).timestamp()
TODAY = date(2026, 4, 1)
OLDEST = date(2025, 10, 2)
"""The first whole day of the six months before `NOW`."""
SETTINGS = SyncSettings()


def read(day: date, *, at: float | None = None, gaps: tuple[str, ...] = (), rows: int = 100) -> Evidence:
    """Return a day that was read whole: at `at`, else ten days after its end, but at least two hours ago."""
    end = day_end(day)
    when = min(end + 10 * DAY_S, NOW - 7200) if at is None else at
    return Evidence(rows, 0, rows, when, end, None if gaps else when, None if gaps else when, gaps)


def all_read(but: Iterable[date] = (), last: date = TODAY) -> dict[date, Evidence]:
    """Return evidence that each day up to `last` was read long ago, except the days in `but`."""
    count = (last - OLDEST).days + 1
    days = (OLDEST + timedelta(days=number) for number in range(count))
    return {day: read(day) for day in days if day not in set(but)}


def due(known: dict[date, Evidence], settings: SyncSettings = SETTINGS, now: float = NOW) -> list[tuple[date, str]]:
    return [(day.day, day.reason) for day in due_days(known, settings, now)]


def test_at_first_everything_is_due_and_what_the_server_forgets_next_comes_first() -> None:
    days = due({})
    assert len(days) == (TODAY - OLDEST).days + 1
    assert days[:14] == [(OLDEST + timedelta(days=n), "expiring") for n in range(14)]
    assert [day for day, reason in days if reason == "recent"] == [date(2026, 3, 29 + n) for n in range(3)] + [TODAY]
    assert days[14][1] == "recent"
    assert days[18:] == [(OLDEST + timedelta(days=n), "gap") for n in range(14, len(days) - 4)]


def test_later_only_the_last_days_are_due_though_they_were_read() -> None:
    assert due(all_read()) == [(date(2026, 3, 29 + n), "recent") for n in range(3)] + [(TODAY, "recent")]


def test_today_is_read_up_to_the_last_ten_minutes() -> None:
    window = due_days(all_read(), SETTINGS, NOW)[-1].window
    assert (window.start, window.stop) == (day_start(TODAY), int(NOW) - 7 * 60 - 30)
    midnight = float(day_start(TODAY))
    assert max(day.day for day in due_days({}, SETTINGS, midnight + 5)) == TODAY - timedelta(days=1)


def test_every_other_day_is_asked_for_whole() -> None:
    windows = [day.window for day in due_days({}, SETTINGS, NOW) if day.day != TODAY]
    assert all(window.length_s == DAY_S and window.start % DAY_S == 0 and window.site is None for window in windows)


def test_a_gap_is_filled_first_when_the_server_is_about_to_forget_it() -> None:
    near, far = OLDEST + timedelta(days=3), OLDEST + timedelta(days=90)
    known = all_read(but=[near, far])
    assert due(known)[0] == (near, "expiring")
    assert due(known)[-1] == (far, "gap")
    assert due(known, SyncSettings(warn_days=3))[-2:] == [(near, "gap"), (far, "gap")]


def test_a_day_with_a_gap_or_without_its_second_proof_is_due_again() -> None:
    broken, early = date(2026, 1, 5), date(2026, 1, 6)
    known = all_read()
    known[broken] = read(broken, gaps=("its job failed",))
    known[early] = read(early, at=day_end(early) + 3600.0)
    assert due(known)[-2:] == [(broken, "gap"), (early, "gap")]


def test_what_was_read_a_moment_ago_is_not_asked_for_again() -> None:
    yesterday = TODAY - timedelta(days=1)
    known = all_read()
    known[yesterday] = read(yesterday, at=NOW - 1199)
    assert (yesterday, "recent") not in due(known)
    known[yesterday] = read(yesterday, at=NOW - 1200)
    assert (yesterday, "recent") in due(known)
    known[yesterday] = read(yesterday, at=NOW - 60, gaps=("its job failed",))
    assert (yesterday, "recent") in due(known)


def test_a_start_leaves_older_days_out() -> None:
    assert due({}, SyncSettings(start=date(2026, 3, 31))) == [(date(2026, 3, 31), "recent"), (TODAY, "recent")]
    assert due({}, SyncSettings(start=date(2020, 1, 1)))[0] == (OLDEST, "expiring")
    assert due({}, SyncSettings(start=date(2030, 1, 1))) == []


def test_a_day_that_is_half_forgotten_is_not_asked_for() -> None:
    midnight = float(day_start(TODAY))
    assert due({}, now=midnight)[0][0] == date(2025, 10, 1)
    assert due({}, now=midnight + 600)[0][0] == date(2025, 10, 2)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"account": ""}, "account=''"),
        ({"account": "../up"}, "account="),
        ({"account": "a b"}, "account="),
        ({"proof_hours": 0.33}, "20 minutes"),
        ({"reread_days": -1}, "reread_days=-1"),
        ({"warn_days": 181}, "warn_days=181"),
    ],
)
def test_settings_that_make_no_sense_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        SyncSettings(**wrong)


def test_days_that_were_read_whole_say_how_many_rows_a_day_has() -> None:
    known = {TODAY: Evidence(5, 0, 5, NOW, NOW), date(2026, 3, 1): read(date(2026, 3, 1), rows=300)}
    assert rows_a_day(known) == 300
    assert rows_a_day({}) is None


def covered(day: int, state: State, left: int, account: str = "main") -> Coverage:
    return Coverage(account, date(2026, 3, day), state, 0, None, 0, "", left)


def test_days_about_to_be_forgotten_are_warned_of_once_for_each_account() -> None:
    days = [
        covered(1, "aged out", -1),
        covered(2, "complete", 0),
        covered(3, "missing", 1),
        covered(4, "partial", 2),
        covered(5, "missing", 14),
        covered(3, "missing", 0, "other"),
    ]
    assert expiry_warnings(days) == [
        "main: the server forgets 2026-03-03 in 1 day, and it and 1 later day are not complete",
        "other: the server forgets 2026-03-03 today, and it is not complete",
    ]
    assert expiry_warnings(days, warn_days=0) == []


def test_a_day_that_a_wrong_clock_has_closed_is_due() -> None:
    known = all_read(last=TODAY + timedelta(days=2))
    ahead = NOW + 5 * DAY_S
    for back in range(-2, 8):
        day = TODAY - timedelta(days=back)
        known[day] = replace(read(day, at=ahead), through=day_end(day))
    assert [day for day, _ in due(known)] == [TODAY - timedelta(days=back) for back in (3, 2, 1, 0, 7, 6, 5, 4)]


def test_a_plan_says_what_it_costs_and_warns() -> None:
    days = due_days({}, SETTINGS, NOW)[:1]
    plan = SyncPlan(days, 0, {"sites": None, "items": None}, 5, 10, 0.25, learnt=False, warnings=["a warning"])
    assert str(plan).splitlines() == [
        "1 day to read: about 5 pages, 10 requests, 0.2 min (assuming a typical site)",
        "other tables, cost not known yet: sites, items",
        "a warning",
    ]
    assert str(SyncPlan([], 31, {}, 0, 1, 0.0, learnt=True, warnings=[])) == (
        "No day to read, 31 closed days to count again: about 1 request"
    )
    assert str(SyncPlan([], 0, {}, 0, 0, 0.0, learnt=False, warnings=["a warning"])) == ("No day to read\na warning")
    plan = SyncPlan(days, 170, {}, 5, 16, 0.25, learnt=True, warnings=[])
    assert str(plan) == (
        "1 day to read and 170 closed days to count again: about 5 pages, 16 requests, 0.2 min (as seen before)"
    )
    plan = SyncPlan([], 0, {"sites": 1, "customers": None, "items": 4}, 0, 5, 0.0, learnt=True, warnings=[])
    assert str(plan).splitlines() == [
        "No day to read: about 5 requests",
        "other tables: sites, items: 5 requests, as last time",
        "other tables, cost not known yet: customers",
    ]


def test_a_plan_shows_its_figures_in_one_line() -> None:
    plan = SyncPlan([], 31, {"sites": None}, 0, 1200, 0.0, learnt=True, warnings=["<history> closes"])
    assert repr(plan) == (
        "SyncPlan(No day to read, 31 closed days to count again: about 1,200 requests; "
        "other tables, cost not known yet: sites; <history> closes)"
    )
    html = plan._repr_html_()
    assert "<th>requests, about</th><td>1,200</td>" in html
    assert "&lt;history&gt; closes" in html


def test_a_disputed_day_is_due_once_more_unless_the_server_would_only_repeat_its_answer() -> None:
    day, dispute = date(2026, 2, 1), Dispute("no row came", 100, 0, NOW)
    known = all_read() | {day: replace(read(day), dispute=dispute)}
    assert (day, "gap") in due(known)
    known[day] = replace(read(day, at=NOW - 60), dispute=dispute)
    assert (day, "gap") not in due(known)


def test_an_empty_day_between_busy_days_is_due_until_its_second_proof() -> None:
    day = date(2026, 2, 1)
    known = all_read() | {day: read(day, rows=0)}
    assert (day, "gap") in due(known)
    known[day] = replace(known[day], proved_last=(known[day].proved_last or 0) + 6 * 3600)
    assert (day, "gap") not in due(known)


def test_what_a_person_accepted_raises_the_limit() -> None:
    settings = SyncSettings(loss_rows=5, loss_share=0.5, snapshot_loss_share=0.7)
    assert settings.limits([]) == LossLimits(5, 0.5, 0.7)
    assert settings.limits([replace(read(TODAY), accepted_loss=9), read(TODAY)]).rows == 9
    assert SETTINGS.limits([]) == LossLimits()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"loss_rows": -1}, "loss_rows '-1' must be a number of rows, 0 or more"),
        ({"loss_share": 1.5}, "loss_share '1.5' must be a share from 0 to 1"),
        ({"snapshot_loss_share": -0.1}, "snapshot_loss_share '-0.1' must be a share from 0 to 1"),
    ],
)
def test_limits_that_make_no_sense_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match="must be a") as refused:
        SyncSettings(**wrong)
    assert said.split(maxsplit=1)[0] == refused.value.parameter
    assert refused.value.problem in said
