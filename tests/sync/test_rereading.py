"""When a day of events is read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest

from sonnys_data_client.archive.evidence import Evidence, day_end, day_of
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sync.rereading import Rereading

DAY = date(2026, 3, 9)
END = day_end(DAY)
RULE = Rereading("a reason", days=13, unsettled_days=42, unfinished="clock_out")


def read(at: float, **known: object) -> Evidence:
    return replace(Evidence(5, 0, None, at, END, at, at), **known)  # type: ignore[arg-type]


def test_a_day_is_due_while_it_is_young_or_not_whole() -> None:
    whole = read(END + 60.0)
    assert RULE.is_due(None, DAY, END + 99 * DAY_S)
    assert RULE.is_due(whole, DAY, END + 13 * DAY_S - 1)
    assert not RULE.is_due(whole, DAY, END + 13 * DAY_S)
    assert RULE.is_due(whole, DAY, END + 13 * DAY_S, days_min=20)
    for lacking in ({"gaps": ("one",)}, {"doubt": "why"}, {"through": END - 1}):
        assert RULE.is_due(read(END + 60.0, **lacking), DAY, END + 99 * DAY_S)


@pytest.mark.parametrize("rule", [RULE, Rereading("no further", days=13)])
def test_an_unsettled_day_is_read_once_a_week_and_no_longer_than_the_rule_says(rule: Rereading) -> None:
    evidence = read(END + 12 * DAY_S + 60.0, unsettled=True)
    nights: list[float] = []
    for night in range(13, 60):
        now = END + night * DAY_S + 60.0
        if rule.is_due(evidence, DAY, now):
            nights.append(night)
            evidence = replace(evidence, read_at=now)
    gaps = {later - earlier for earlier, later in pairwise(nights)}
    assert (len(nights), gaps) == ((4, {7}) if rule is RULE else (0, set()))


def test_unsettled_days_are_due_on_the_same_night() -> None:
    """One call brings them all."""
    old = [DAY + timedelta(days=number) for number in range(10)]
    now = day_end(old[-1]) + 20.0 * DAY_S
    known = {day: replace(read(now - DAY_S), through=float(day_end(day)), unsettled=True) for day in old}
    due = {night: [RULE.is_due(known[day], day, now + night * DAY_S) for day in old] for night in range(7)}
    assert {tuple(set(found)) for found in due.values()} <= {(True,), (False,)}
    assert any(found[0] for found in due.values())


def test_days_at_rest_are_those_that_nothing_reads_and_the_server_does_not_repeat() -> None:
    now = END + 30.0 * DAY_S
    known = {
        DAY: read(END + 60.0),
        day_of(END): replace(read(now - 60), through=float(END + DAY_S)),
        day_of(now): read(now),
    }
    assert list(RULE.at_rest(known, now, days_min=3, cached_s=3600)) == [DAY]
