"""How many jobs may fly: growth, queues and harm."""

from __future__ import annotations

from sonnys_data_client.engine.flight import InFlight


def flown(passes: int) -> InFlight:
    """A limit after so many passes, the first of which saw 120 jobs in flight, while others waited."""
    in_flight = InFlight()
    for _ in range(passes):
        in_flight.passed(120, binding=True)
    return in_flight


def test_before_anything_passed_nearly_two_minutes_of_submissions_may_fly() -> None:
    assert InFlight().limit == 20 / 15 * 112.5


def test_the_first_pass_stops_the_flood_but_starves_nobody() -> None:
    for seen, limit in ((20, 120.0), (130, 130.0), (400, 150.0)):
        in_flight = InFlight()
        in_flight.passed(seen, binding=False)
        assert in_flight.limit == limit


def test_the_limit_grows_while_it_binds_quickly_at_first_and_up_to_its_ceiling() -> None:
    assert flown(2).limit == 123.0
    assert flown(21).limit == 180.0
    assert flown(22).limit == 181.0
    assert flown(1000).limit == InFlight().ceiling == 600.0


def test_it_does_not_grow_where_nothing_waits_for_it() -> None:
    in_flight = flown(2)
    in_flight.passed(5, binding=False)
    assert in_flight.limit == 123.0


def test_the_limit_halves_once_for_a_cause_however_often_it_is_felt() -> None:
    in_flight = InFlight()
    for now in (0.0, 0.1, 5.0, 14.9):
        in_flight.hurt(now)
    assert in_flight.limit == 75.0
    in_flight.hurt(15.0)
    assert in_flight.limit == 37.5


def test_after_harm_or_a_queue_it_grows_one_by_one() -> None:
    hurt, queued = flown(1), flown(1)
    hurt.hurt(0.0)
    hurt.passed(10, binding=True)
    assert hurt.limit == 61.0
    queued.queued(100, 240.0, 5.0)
    queued.passed(10, binding=True)
    assert queued.limit == 51.0


def test_a_queue_is_kept_to_what_it_finishes_in_time() -> None:
    in_flight = InFlight()
    in_flight.queued(60, 240.0, 5.0)
    assert in_flight.limit == 30.0
    in_flight.queued(90, 240.0, 5.0)
    assert in_flight.limit == 30.0, "a larger crowd does not make it faster"
    in_flight.queued(0, 900.0, 5.0)
    assert in_flight.limit == 30.0, "a job that another process submitted tells nothing"
    in_flight.queued(1, 900.0, 5.0)
    assert in_flight.limit == 4.0


def test_slow_jobs_are_no_queue_where_all_are_slow() -> None:
    in_flight = InFlight()
    in_flight.queued(60, 290.0, 100.0)
    assert in_flight.limit == 150.0
    in_flight.queued(60, 600.0, 100.0)
    assert in_flight.limit == 30.0


def test_some_jobs_may_always_fly() -> None:
    in_flight = InFlight()
    for step in range(20):
        in_flight.hurt(step * 20.0)
    assert in_flight.limit == 4.0
