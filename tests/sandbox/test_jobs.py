"""The life of a batch job."""

from __future__ import annotations

import math
from statistics import median, stdev

import pytest

from sonnys_data_client.sandbox import Account, Faults, Quirks
from tests.sandbox.desk import (
    FETCH,
    KEYS,
    NOW,
    SUBMIT,
    TODAY,
    YESTERDAY,
    Desk,
    data,
    refusal,
    wash,
    world_of,
)


def state(desk: Desk, hash: str) -> str:
    reply = desk.ask("GET", FETCH, hash=hash)
    return str(data(reply)["status"]) if reply.status == 200 else str(reply.status)


def test_a_job_works_then_passes_then_expires() -> None:
    desk = Desk(job_s=30)
    hash = desk.submit()
    seen: list[str] = []
    for at in (0, 29.9, 30, 1199.9, 1200):
        desk.now = NOW + at
        seen.append(state(desk, hash))
    assert seen == ["working", "working", "pass", "pass", "404"]
    assert refusal(desk.ask("GET", FETCH, hash=hash))[1] == "EntityNotFoundError"


def test_a_working_job_has_no_rows_yet() -> None:
    desk = Desk()
    hash = desk.submit()
    assert desk.fetch(hash) == {
        "hash": hash,
        "status": "working",
        "data": [],
        "offset": None,
        "limit": None,
        "total": None,
    }


def test_each_page_is_a_job_of_its_own() -> None:
    desk = Desk()
    pages = [desk.page(offset=number) for number in (1, 2, 3)]
    assert [len(page["data"]) for page in pages] == [100, 100, 37]
    assert [(page["offset"], page["limit"], page["total"]) for page in pages] == [
        (1, 100, 237),
        (2, 100, 237),
        (3, 100, 237),
    ]
    assert len({row["id"] for page in pages for row in page["data"]}) == 237
    assert len({page["hash"] for page in pages}) == 3


def test_the_same_criteria_get_the_same_hash_and_old_data_for_twenty_minutes() -> None:
    late = wash(9999, YESTERDAY + 5, visible_from=NOW + 100)
    world = world_of([wash(1, YESTERDAY), late])
    desk = Desk(world)
    first = desk.submit()
    desk.now = NOW + 1199
    assert desk.submit() == first
    assert [row["number"] for row in desk.fetch(first)["data"]] == [1]
    desk.now = NOW + 1200
    second = desk.submit()
    assert second != first
    desk.now += 10
    assert [row["number"] for row in desk.fetch(second)["data"]] == [1, 9999]


@pytest.mark.parametrize(
    "other",
    [{"site": "MAIN"}, {"limit": 99}, {"offset": 2}, {"startDate": YESTERDAY + 1}, {"endDate": TODAY - 2}],
)
def test_other_criteria_get_another_hash(other: dict[str, object]) -> None:
    desk = Desk()
    assert desk.submit(**other) != desk.submit()  # type: ignore[arg-type]  # dates are given by their API names


def test_the_rows_are_those_known_when_the_job_starts_running() -> None:
    world = world_of([wash(n, YESTERDAY + n, visible_from=NOW + 10 * n) for n in range(10)])
    desk = Desk(world, workers=1, job_s=35)
    first = desk.submit()
    second = desk.submit(offset=1, site="MAIN")
    desk.now = NOW + 100
    assert len(desk.fetch(first)["data"]) == 1
    assert len(desk.fetch(second)["data"]) == 4


def test_a_bounded_pool_works_first_come_first_served() -> None:
    desk = Desk(workers=2, job_s=10)
    hashes = [desk.submit(offset=number) for number in range(1, 6)]
    for at, done in ((9.9, 0), (10, 2), (20, 4), (29.9, 4), (30, 5)):
        desk.now = NOW + at
        assert [state(desk, hash) for hash in hashes] == ["pass"] * done + ["working"] * (5 - done)


def test_an_idle_worker_takes_a_job_at_once() -> None:
    desk = Desk(workers=1, job_s=10)
    desk.submit()
    desk.now = NOW + 1000
    hash = desk.submit(offset=2)
    desk.now += 10
    assert state(desk, hash) == "pass"


def test_without_a_bound_all_jobs_run_at_once() -> None:
    desk = Desk(job_s=10)
    hashes = [desk.submit(offset=number) for number in range(1, 30)]
    desk.now += 10
    assert {state(desk, hash) for hash in hashes} == {"pass"}


def durations(desk: Desk, pages: range) -> dict[str, float]:
    hashes = [desk.submit(offset=page) for page in pages]
    jobs = [desk.sandbox._office.jobs.find(KEYS["x-sonnys-api-id"], hash, desk.now) for hash in hashes]
    return {job.hash: job.ends - job.starts for job in jobs if job}


def test_durations_are_log_normal_and_belong_to_the_hash_not_to_the_order() -> None:
    forwards = durations(Desk(job_s=8, jitter=0.5), range(1, 401))
    backwards = durations(Desk(job_s=8, jitter=0.5), range(400, 0, -1))
    assert forwards == backwards
    logs = [math.log(duration) for duration in forwards.values()]
    assert abs(median(logs) - math.log(8)) < 0.08
    assert abs(stdev(logs) - 0.5) < 0.06
    assert durations(Desk(job_s=8, jitter=0.5, seed=2), range(1, 401)) != forwards


@pytest.mark.parametrize(("sticky", "same"), [(False, False), (True, True)])
def test_a_failed_job_is_made_anew_unless_failures_stick(sticky: bool, same: bool) -> None:
    desk = Desk(quirks=Quirks(sticky_failures=sticky), faults=Faults(job_fail=1))
    failed = desk.submit()
    assert state(desk, failed) == "working"
    assert desk.submit() == failed, "as long as it works, it is the same job"
    desk.now += 60
    assert state(desk, failed) == "fail"
    again = desk.submit()
    assert (again == failed) is same
    desk.now = NOW + 1200
    assert desk.submit() != failed


def test_a_job_that_failed_by_chance_may_pass_the_next_time() -> None:
    desk = Desk(faults=Faults(job_fail=0.5))
    tries: list[int] = []
    for offset in range(1, 20):
        tries.append(1)
        desk.submit(offset=offset)
        desk.now += 60
        while state(desk, desk.submit(offset=offset)) != "pass":
            tries[-1] += 1
            desk.now += 60
    assert min(tries) == 1
    assert max(tries) > 1


def test_jobs_are_private_to_an_account() -> None:
    desk = Desk(accounts=(Account("a", "1"), Account("b", "2")))
    a = {"x-sonnys-api-id": "a", "x-sonnys-api-key": "1"}
    b = {"x-sonnys-api-id": "b", "x-sonnys-api-key": "2"}
    query = {"startDate": YESTERDAY, "endDate": TODAY - 1}
    of_a = data(desk.ask("POST", SUBMIT, a, **query))["hash"]
    of_b = data(desk.ask("POST", SUBMIT, b, **query))["hash"]
    assert of_a != of_b
    assert desk.ask("GET", FETCH, b, hash=of_a).status == 404
    assert desk.ask("GET", FETCH, a, hash=of_a).status == 200


def test_an_unknown_hash_is_not_found() -> None:
    assert refusal(Desk().ask("GET", FETCH, hash="0" * 32))[:2] == (404, "EntityNotFoundError")


def test_expired_jobs_are_forgotten() -> None:
    desk = Desk(job_life_s=100.0)
    for number in range(1, 500):
        desk.submit(offset=number)
        desk.now += 1
    table = desk.sandbox._office.jobs
    assert len(table._by_hash) == len(table._newest) == len(table._by_age) <= 101


def test_defaults_are_today_so_a_job_without_dates_stays_the_same_job() -> None:
    desk = Desk(world_of([wash(1, TODAY), wash(2, NOW - 1), wash(3, TODAY - 1)]))
    first = data(desk.ask("POST", SUBMIT))["hash"]
    desk.now += 60
    assert data(desk.ask("POST", SUBMIT))["hash"] == first
    assert [row["number"] for row in desk.fetch(first)["data"]] == [1, 2]
