"""When a day is closed, and what coverage says about it."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sonnys_data_client.archive.dispute import Dispute
from sonnys_data_client.archive.evidence import (
    BUSY_ROWS,
    Coverage,
    Evidence,
    Rule,
    closed,
    day_end,
    day_of,
    day_start,
    judge,
    oddly_empty,
    proofs,
)
from sonnys_data_client.engine.windows import DAY_S

DAY = date(2026, 3, 9)
END = day_end(DAY)
HOUR = 3600.0
RULE = Rule(settle_days=3, proofs_apart_s=6 * HOUR)


def evidence(first: float | None, last: float | None, *, through: float = END, gaps: tuple[str, ...] = ()) -> Evidence:
    return Evidence(300, 0, 300, END + HOUR, through, first, last, gaps)


def judged(found: Evidence | None, *, now: float = END + 10 * DAY_S, oldest: float = END - 100 * DAY_S) -> Coverage:
    return judge("main", DAY, found, rule=RULE, now=now, oldest=oldest)


def test_days_are_utc() -> None:
    assert day_of(day_start(DAY)) == day_of(END - 1) == DAY
    assert day_of(END) == date(2026, 3, 10)


@pytest.mark.parametrize(
    ("found", "is_closed"),
    [
        (evidence(END + 3 * DAY_S, END + 3 * DAY_S), True),
        (evidence(END + 3 * DAY_S - 1, END + 3 * DAY_S - 1), False),
        (evidence(END + HOUR, END + 7 * HOUR), True),
        (evidence(END + HOUR, END + 7 * HOUR - 1), False),
        # A proof taken before the day was over says nothing about the rest of the day.
        (evidence(END - HOUR, END + 7 * HOUR), False),
        (evidence(END + HOUR, END + 7 * HOUR, through=END - 1), False),
        (evidence(END + HOUR, END + 7 * HOUR, gaps=("its job failed",)), False),
        (evidence(None, None), False),
    ],
)
def test_a_day_is_closed_by_one_late_proof_or_by_two_that_lie_apart(found: Evidence, is_closed: bool) -> None:
    assert closed(found, DAY, RULE, END + 90 * DAY_S) is is_closed


def test_a_day_that_was_never_read_is_missing_until_the_server_forgets_it() -> None:
    assert judged(None).state == "missing"
    assert judged(None, oldest=END - DAY_S).state == "missing"
    assert judged(None, oldest=END - DAY_S + 1).state == "aged out"


@pytest.mark.parametrize(
    ("found", "state", "why"),
    [
        (evidence(END + 5 * DAY_S, END + 5 * DAY_S), "complete", "the server also counts 300, 5 days after the day's"),
        (evidence(END + HOUR, END + 11 * HOUR), "complete", "in two counts 10.0 h apart"),
        (evidence(END + HOUR, END + HOUR), "partial", "a second count is due"),
        (evidence(END - 6 * HOUR, END - 6 * HOUR, through=END - 6 * HOUR), "partial", "read up to 18:00 UTC"),
        (evidence(None, None, gaps=("a", "b", "c")), "partial", "not all of it could be read: a and 2 more"),
        (evidence(None, None), "partial", "not proved complete"),
    ],
)
def test_coverage_says_how_we_know(found: Evidence, state: str, why: str) -> None:
    coverage = judged(found)
    assert coverage.state == state
    assert why in coverage.why
    assert (coverage.rows, coverage.total) == (300, 300)


def test_rows_of_the_next_days_first_second_are_told_apart() -> None:
    found = replace(evidence(END + 5 * DAY_S, END + 5 * DAY_S), total=303)
    assert "the server also counts 300 and 3 in the first second of the next day" in judged(found).why


def test_a_server_without_counts_is_not_said_to_count() -> None:
    found = replace(evidence(END + 5 * DAY_S, END + 5 * DAY_S), total=None)
    assert "no count" in judged(found).why


def test_what_the_server_has_forgotten_stays_as_it_is() -> None:
    forgotten = END + DAY_S
    assert judged(evidence(None, None, gaps=("a",)), oldest=forgotten).state == "aged out"
    assert judged(evidence(END + HOUR, END + HOUR, through=END - 1), oldest=forgotten).state == "aged out"
    assert judged(evidence(END + HOUR, END + HOUR), oldest=forgotten).state == "complete"


def test_the_days_until_a_day_ages_out_are_whole_days() -> None:
    start = day_start(DAY)
    assert judged(None, oldest=start - 5 * DAY_S).ages_out_in == 5
    assert judged(None, oldest=start - 5 * DAY_S + 1).ages_out_in == 4
    assert judged(None, oldest=start + 1).ages_out_in == -1


def test_proofs_of_the_same_ids_add_up_and_others_begin_anew() -> None:
    before = evidence(100.0, 200.0)
    assert proofs(before, 300.0, END, same_ids=True) == (100.0, 300.0)
    assert proofs(before, 300.0, END, same_ids=False) == (300.0, 300.0)
    assert proofs(None, 300.0, END, same_ids=False) == (300.0, 300.0)
    assert proofs(before, None, END, same_ids=True) == (None, None)
    half = replace(before, through=END - 1.0)
    assert proofs(half, 300.0, END, same_ids=True) == (300.0, 300.0), "half a day was proved, and no more"


def test_a_proof_of_the_future_proves_nothing() -> None:
    found = evidence(END + HOUR, END + 90 * DAY_S)
    assert closed(found, DAY, RULE, END + 90 * DAY_S)
    assert not closed(found, DAY, RULE, END + 80 * DAY_S)


def test_evidence_of_a_later_version_is_read_as_far_as_it_is_known() -> None:
    found = evidence(1.5, 2.5)
    assert Evidence.from_json(json.dumps({**json.loads(found.to_json()), "weather": "rain"})) == found


def test_evidence_comes_back_from_its_text() -> None:
    found = evidence(1.5, 2.5, gaps=("a", "b"))
    assert Evidence.from_json(found.to_json()) == found
    for text in ("{}", "[]", "nothing", '{"gaps": [], "other": 1}'):
        with pytest.raises(ValueError, match=r"evidence|Expecting"):
            Evidence.from_json(text)


def test_evidence_counts_values_that_could_not_be_parsed_and_older_evidence_none() -> None:
    found = Evidence(1, 0, 1, 100.0, 200.0, unparsed_values={"items.quantity": 2})
    assert Evidence.from_json(found.to_json()) == found
    assert len({found, replace(found, rows=2)}) == 2
    older = json.loads(found.to_json())
    del older["unparsed_values"]
    assert Evidence.from_json(json.dumps(older)).unparsed_values == {}


LATE = END + 4 * DAY_S
WHY = Dispute("no row came", 300, 0, LATE, ("a", "b"))


def test_a_disputed_day_is_not_closed_and_says_why_however_old_it_is() -> None:
    found = replace(evidence(LATE, LATE), dispute=WHY)
    assert not closed(found, DAY, RULE, END + 90 * DAY_S)
    for now in (END + 10 * DAY_S, END + 400 * DAY_S):
        day = judged(found, now=now, oldest=now - 180 * DAY_S)
        assert (day.state, day.why, day.dispute) == ("disputed", str(WHY), WHY)


def test_a_dispute_is_written_with_the_evidence_and_evidence_of_before_has_none() -> None:
    found = replace(evidence(LATE, LATE), dispute=WHY, kept=("c",), withheld=3, accepted_loss=2, empty_accepted=True)
    assert Evidence.from_json(found.to_json()) == found
    said = json.loads(found.to_json())
    for name in ("dispute", "kept", "withheld", "accepted_loss", "empty_accepted"):
        del said[name]
    assert Evidence.from_json(json.dumps(said)) == evidence(LATE, LATE)


def around(rows: int, *days: int) -> dict[date, Evidence]:
    """What is known of days by their distance from `DAY`: all of them have so many rows."""
    dates = [DAY + timedelta(days=number) for number in days]
    return {day: replace(evidence(LATE, LATE, through=day_end(day)), rows=rows) for day in dates}


EMPTY = replace(evidence(LATE, LATE), rows=0, total=0)


@pytest.mark.parametrize(
    ("known", "odd"),
    [
        (around(BUSY_ROWS, -1, 1), True),
        (around(BUSY_ROWS - 1, -1, 1), False),
        (around(BUSY_ROWS, 7), True),
        ({}, False),
        (around(BUSY_ROWS, -2, 2), False),
        # The car wash is closed on this weekday, as two proofs of the week before show.
        ({**around(BUSY_ROWS, -1, 1), DAY - timedelta(days=7): replace(EMPTY, proved_first=LATE - 6 * HOUR)}, False),
        # One proof of an empty day shows nothing, and a day that was read up to noon has few rows for another reason.
        ({**around(BUSY_ROWS, -1, 1), DAY - timedelta(days=7): EMPTY}, True),
        ({**around(BUSY_ROWS, -1), DAY + timedelta(days=1): evidence(None, None, through=END + HOUR)}, True),
    ],
)
def test_an_empty_day_between_busy_days_is_odd(known: dict[date, Evidence], odd: bool) -> None:
    assert (DAY in oddly_empty({**known, DAY: EMPTY}, RULE)) is odd


@pytest.mark.parametrize(
    "settled",
    [
        replace(EMPTY, proved_first=LATE - 6 * HOUR),
        replace(EMPTY, empty_accepted=True),
        replace(EMPTY, quarantined=1),
        replace(EMPTY, rows=1),
        replace(EMPTY, proved_first=None, proved_last=None),
        replace(EMPTY, through=END - 1),
        replace(EMPTY, dispute=WHY),
        # A recent day needs two proofs anyway.
        replace(EMPTY, proved_first=END + 2 * DAY_S, proved_last=END + 2 * DAY_S),
    ],
)
def test_a_second_proof_or_a_person_settles_it(settled: Evidence) -> None:
    assert oddly_empty({**around(200, -1, 1), DAY: settled}, RULE) == {}


def test_an_oddly_empty_day_is_closed_by_its_second_proof_alone() -> None:
    odd = oddly_empty({**around(200, -1, 1), DAY: EMPTY}, RULE)[DAY]
    assert not closed(EMPTY, DAY, RULE, LATE, odd=True)
    assert closed(replace(EMPTY, proved_first=LATE - 6 * HOUR), DAY, RULE, LATE, odd=True)
    day = judge("main", DAY, EMPTY, rule=RULE, now=LATE, oldest=END - 100 * DAY_S, odd=odd)
    assert (day.state, day.why) == (
        "disputed",
        "the days around it have 200 rows or more: 0 rows came, and the archive has 0",
    )
