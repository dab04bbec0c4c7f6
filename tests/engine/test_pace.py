"""What polls teach: belief, trust, scouts, and the limit on jobs in flight."""

from __future__ import annotations

import math
from random import Random

import pytest

from sonnys_data_client.engine.pace import Pace, poll_odds, repoll_share_max, scout_gap_s


def taught(durations: list[float], odds: float = 0.66) -> Pace:
    """A pace that has polled jobs of these durations one after the other, each until it was done."""
    pace = Pace()
    for duration in durations:
        working_age_s, age_s = 0.0, pace.age_s(odds)
        while age_s < duration:
            pace.working(age_s, working_age_s)
            working_age_s, age_s = age_s, max(age_s + 0.5, pace.age_s(odds, age_s))
        pace.passed(age_s, working_age_s)
    return pace


def test_nothing_is_known_at_first() -> None:
    pace = Pace()
    assert pace.scouting
    assert pace.age_s(0.9) / pace.age_s(0.1) > 100


def test_the_first_pass_ends_scouting_and_a_working_does_not() -> None:
    pace = Pace()
    pace.working(1.0, 0.0)
    assert pace.scouting
    pace.passed(2.0, 1.0)
    assert not pace.scouting


def test_trust_doubles_with_a_pass_and_halves_with_a_working() -> None:
    pace = Pace()
    seen: list[float] = []
    for done in (True, True, True, False, False, False, False):
        if done:
            pace.passed(5.0, 0.0)
        else:
            pace.working(5.0, 0.0)
        seen.append(pace.trust)
    assert seen == [2, 4, 8, 4, 2, 1, 1]


def test_trust_has_a_ceiling() -> None:
    pace = Pace()
    for _ in range(20):
        pace.passed(5.0, 0.0)
    assert pace.trust == 64


@pytest.mark.parametrize("duration", [0.5, 5.0, 20.0, 60.0, 110.0])
def test_durations_that_are_all_alike_are_learnt_to_a_few_percent(duration: float) -> None:
    pace = taught([duration] * 40)
    assert duration <= pace.age_s(0.88) <= 1.25 * duration
    assert 0.8 * duration <= pace.age_s(0.5)


def test_durations_that_vary_are_learnt_with_their_spread() -> None:
    dice = Random(7)
    durations = [20 * math.exp(dice.gauss(0, 0.5)) for _ in range(300)]
    pace = taught(durations)
    assert 16 <= pace.age_s(0.5) <= 25
    done = sum(duration <= pace.age_s(0.88) for duration in durations) / len(durations)
    assert 0.8 <= done <= 0.95


def test_a_server_that_slows_down_is_noticed() -> None:
    before = taught([5.0] * 200)
    assert before.age_s(0.5) < 7
    after = taught([5.0] * 200 + [20.0] * 40)
    assert 16 <= after.age_s(0.5) <= 25


def test_a_job_found_working_is_expected_later() -> None:
    pace = taught([20.0] * 10)
    ages = [pace.age_s(0.66, working) for working in (0.0, 10.0, 21.0, 30.0, 60.0, 300.0)]
    assert ages == sorted(ages)
    assert all(age > working for age, working in zip(ages[1:], (10.0, 21.0, 30.0, 60.0, 300.0), strict=True))


def test_surer_is_later() -> None:
    pace = taught([3.0, 5.0, 8.0, 4.0])
    ages = [pace.age_s(odds) for odds in (0.2, 0.45, 0.66, 0.75, 0.88, 0.99)]
    assert ages == sorted(ages)
    assert len(set(ages)) == len(ages)


def test_what_was_worked_out_is_forgotten_when_more_is_learnt() -> None:
    pace = taught([5.0] * 5)
    first = pace.age_s(0.66)
    assert pace.age_s(0.66) == first
    pace.working(12.0, 5.0)
    assert pace.age_s(0.66) != first


def test_evidence_against_all_belief_breaks_nothing() -> None:
    pace = taught([1.0] * 400)
    for age in (100.0, 200.0, 400.0, 1100.0):
        pace.working(age, age / 2)
    assert 1.0 < pace.age_s(0.66, 1100.0) <= 1200.0
    pace.passed(1e-9, 0.0)  # as if it had been done before it began
    assert math.isfinite(pace.age_s(0.66))


def test_the_more_is_left_to_do_the_surer_a_poll_has_to_be() -> None:
    odds = [poll_odds(left) for left in range(200)]
    assert odds == sorted(odds)
    assert 0 < odds[0] < odds[-1] < 1
    shares = [repoll_share_max(left) for left in range(200)]
    assert shares == sorted(shares)
    assert 0 < shares[0] < shares[-1] < 1


def test_scouts_go_out_at_growing_gaps_and_never_too_often() -> None:
    gaps = [scout_gap_s(age, 2.0, 13) for age in (0.0, 5.0, 20.0, 60.0, 120.0)]
    assert gaps[:2] == [2.0, 2.0]
    assert gaps == sorted(gaps)
    assert gaps[-1] <= 0.25 * 120
