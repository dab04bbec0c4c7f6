"""The life of a batch job."""

from __future__ import annotations

import math
from statistics import median, stdev

import pytest

from sonnys_data_client.sandbox import ApiAccount, Faults, Quirks
from tests.sandbox.rig import (
    FETCH,
    KEYS,
    NOW,
    SUBMIT,
    TODAY,
    YESTERDAY,
    SandboxRig,
    data,
    refusal,
    wash,
    world_of,
)


def state(rig: SandboxRig, hash: str) -> str:
    reply = rig.ask("GET", FETCH, hash=hash)
    return str(data(reply)["status"]) if reply.status == 200 else str(reply.status)


def test_a_job_works_then_passes_then_expires() -> None:
    rig = SandboxRig(job_s=30)
    hash = rig.submit()
    seen: list[str] = []
    for at in (0, 29.9, 30, 1199.9, 1200):
        rig.now = NOW + at
        seen.append(state(rig, hash))
    assert seen == ["working", "working", "pass", "pass", "404"]
    assert refusal(rig.ask("GET", FETCH, hash=hash))[1] == "EntityNotFoundError"


def test_a_working_job_has_no_rows_yet() -> None:
    rig = SandboxRig()
    hash = rig.submit()
    assert rig.fetch(hash) == {
        "hash": hash,
        "status": "working",
        "data": [],
        "offset": None,
        "limit": None,
        "total": None,
    }


def test_each_page_is_a_job_of_its_own() -> None:
    rig = SandboxRig()
    pages = [rig.page(offset=number) for number in (1, 2, 3)]
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
    rig = SandboxRig(world)
    first = rig.submit()
    rig.now = NOW + 1199
    assert rig.submit() == first
    assert [row["number"] for row in rig.fetch(first)["data"]] == [1]
    rig.now = NOW + 1200
    second = rig.submit()
    assert second != first
    rig.now += 10
    assert [row["number"] for row in rig.fetch(second)["data"]] == [1, 9999]


@pytest.mark.parametrize(
    "other",
    [{"site": "MAIN"}, {"limit": 99}, {"offset": 2}, {"startDate": YESTERDAY + 1}, {"endDate": TODAY - 2}],
)
def test_other_criteria_get_another_hash(other: dict[str, object]) -> None:
    rig = SandboxRig()
    assert rig.submit(**other) != rig.submit()  # type: ignore[arg-type]  # dates are given by their API names


def test_the_rows_are_those_known_when_the_job_starts_running() -> None:
    world = world_of([wash(n, YESTERDAY + n, visible_from=NOW + 10 * n) for n in range(10)])
    rig = SandboxRig(world, workers=1, job_s=35)
    first = rig.submit()
    second = rig.submit(offset=1, site="MAIN")
    rig.now = NOW + 100
    assert len(rig.fetch(first)["data"]) == 1
    assert len(rig.fetch(second)["data"]) == 4


def test_a_bounded_pool_works_first_come_first_served() -> None:
    rig = SandboxRig(workers=2, job_s=10)
    hashes = [rig.submit(offset=number) for number in range(1, 6)]
    for at, done in ((9.9, 0), (10, 2), (20, 4), (29.9, 4), (30, 5)):
        rig.now = NOW + at
        assert [state(rig, hash) for hash in hashes] == ["pass"] * done + ["working"] * (5 - done)


def test_an_idle_worker_takes_a_job_at_once() -> None:
    rig = SandboxRig(workers=1, job_s=10)
    rig.submit()
    rig.now = NOW + 1000
    hash = rig.submit(offset=2)
    rig.now += 10
    assert state(rig, hash) == "pass"


def test_without_a_bound_all_jobs_run_at_once() -> None:
    rig = SandboxRig(job_s=10)
    hashes = [rig.submit(offset=number) for number in range(1, 30)]
    rig.now += 10
    assert {state(rig, hash) for hash in hashes} == {"pass"}


def durations(rig: SandboxRig, pages: range) -> dict[str, float]:
    hashes = [rig.submit(offset=page) for page in pages]
    jobs = [rig.sandbox._office.jobs.find(KEYS["x-sonnys-api-id"], hash, rig.now) for hash in hashes]
    return {job.hash: job.ends - job.starts for job in jobs if job}


def test_durations_are_log_normal_and_belong_to_the_hash_not_to_the_order() -> None:
    forwards = durations(SandboxRig(job_s=8, jitter=0.5), range(1, 401))
    backwards = durations(SandboxRig(job_s=8, jitter=0.5), range(400, 0, -1))
    assert forwards == backwards
    logs = [math.log(duration) for duration in forwards.values()]
    assert abs(median(logs) - math.log(8)) < 0.08
    assert abs(stdev(logs) - 0.5) < 0.06
    assert durations(SandboxRig(job_s=8, jitter=0.5, seed=2), range(1, 401)) != forwards


@pytest.mark.parametrize(("sticky", "same"), [(False, False), (True, True)])
def test_a_failed_job_is_made_anew_unless_failures_stick(sticky: bool, same: bool) -> None:
    rig = SandboxRig(quirks=Quirks(sticky_failures=sticky), faults=Faults(job_fail=1))
    failed = rig.submit()
    assert state(rig, failed) == "working"
    assert rig.submit() == failed, "as long as it works, it is the same job"
    rig.now += 60
    assert state(rig, failed) == "fail"
    again = rig.submit()
    assert (again == failed) is same
    rig.now = NOW + 1200
    assert rig.submit() != failed


def test_a_job_that_failed_by_chance_may_pass_the_next_time() -> None:
    rig = SandboxRig(faults=Faults(job_fail=0.5))
    tries: list[int] = []
    for offset in range(1, 20):
        tries.append(1)
        rig.submit(offset=offset)
        rig.now += 60
        while state(rig, rig.submit(offset=offset)) != "pass":
            tries[-1] += 1
            rig.now += 60
    assert min(tries) == 1
    assert max(tries) > 1


def test_jobs_are_private_to_an_account() -> None:
    rig = SandboxRig(accounts=(ApiAccount("a", "1"), ApiAccount("b", "2")))
    a = {"x-sonnys-api-id": "a", "x-sonnys-api-key": "1"}
    b = {"x-sonnys-api-id": "b", "x-sonnys-api-key": "2"}
    query = {"startDate": YESTERDAY, "endDate": TODAY - 1}
    of_a = data(rig.ask("POST", SUBMIT, a, **query))["hash"]
    of_b = data(rig.ask("POST", SUBMIT, b, **query))["hash"]
    assert of_a != of_b
    assert rig.ask("GET", FETCH, b, hash=of_a).status == 404
    assert rig.ask("GET", FETCH, a, hash=of_a).status == 200


def test_an_unknown_hash_is_not_found() -> None:
    assert refusal(SandboxRig().ask("GET", FETCH, hash="0" * 32))[:2] == (404, "EntityNotFoundError")


def test_expired_jobs_are_forgotten() -> None:
    rig = SandboxRig(job_life_s=100.0)
    for number in range(1, 500):
        rig.submit(offset=number)
        rig.now += 1
    table = rig.sandbox._office.jobs
    assert len(table._by_hash) == len(table._newest) == len(table._by_age) <= 101


def test_defaults_are_today_so_a_job_without_dates_stays_the_same_job() -> None:
    rig = SandboxRig(world_of([wash(1, TODAY), wash(2, NOW - 1), wash(3, TODAY - 1)]))
    first = data(rig.ask("POST", SUBMIT))["hash"]
    rig.now += 60
    assert data(rig.ask("POST", SUBMIT))["hash"] == first
    assert [row["number"] for row in rig.fetch(first)["data"]] == [1, 2]
