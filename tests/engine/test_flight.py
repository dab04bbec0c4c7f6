"""How many jobs may be in flight: growth, queues and harm."""

from __future__ import annotations

from sonnys_data_client.engine.flight import InFlightLimit


def flown(passes: int) -> InFlightLimit:
    """A limit after so many passes, the first of which saw 120 jobs in flight, while others waited."""
    limit = InFlightLimit()
    for _ in range(passes):
        limit.passed(120, binding=True)
    return limit


def test_before_anything_passed_nearly_two_minutes_of_submissions_are_in_flight() -> None:
    assert InFlightLimit().jobs == 20 / 15 * 112.5


def test_the_first_pass_stops_the_flood_but_starves_nobody() -> None:
    for seen, jobs in ((20, 120.0), (130, 130.0), (400, 150.0)):
        limit = InFlightLimit()
        limit.passed(seen, binding=False)
        assert limit.jobs == jobs


def test_the_limit_grows_while_it_binds_quickly_at_first_and_up_to_its_ceiling() -> None:
    assert flown(2).jobs == 123.0
    assert flown(21).jobs == 180.0
    assert flown(22).jobs == 181.0
    assert flown(1000).jobs == InFlightLimit().ceiling == 600.0


def test_it_does_not_grow_where_nothing_waits_for_it() -> None:
    limit = flown(2)
    limit.passed(5, binding=False)
    assert limit.jobs == 123.0


def test_the_limit_halves_once_for_a_cause_however_often_it_is_felt() -> None:
    limit = InFlightLimit()
    for now in (0.0, 0.1, 5.0, 14.9):
        limit.hurt(now)
    assert limit.jobs == 75.0
    limit.hurt(15.0)
    assert limit.jobs == 37.5


def test_after_harm_or_a_queue_it_grows_one_by_one() -> None:
    hurt, queued = flown(1), flown(1)
    hurt.hurt(0.0)
    hurt.passed(10, binding=True)
    assert hurt.jobs == 61.0
    queued.saw_queue(100, 240.0, 5.0)
    queued.passed(10, binding=True)
    assert queued.jobs == 51.0


def test_a_queue_is_kept_to_what_it_finishes_in_time() -> None:
    limit = InFlightLimit()
    limit.saw_queue(60, 240.0, 5.0)
    assert limit.jobs == 30.0
    limit.saw_queue(90, 240.0, 5.0)
    assert limit.jobs == 30.0, "a larger crowd does not make it faster"
    limit.saw_queue(0, 900.0, 5.0)
    assert limit.jobs == 30.0, "a job that another process submitted tells nothing"
    limit.saw_queue(1, 900.0, 5.0)
    assert limit.jobs == 4.0


def test_slow_jobs_are_no_queue_where_all_are_slow() -> None:
    limit = InFlightLimit()
    limit.saw_queue(60, 290.0, 100.0)
    assert limit.jobs == 150.0
    limit.saw_queue(60, 600.0, 100.0)
    assert limit.jobs == 30.0


def test_some_jobs_may_always_fly() -> None:
    limit = InFlightLimit()
    for step in range(20):
        limit.hurt(step * 20.0)
    assert limit.jobs == 4.0
