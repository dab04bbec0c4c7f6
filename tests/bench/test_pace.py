"""The targets of `bench.pace`, checked with cells of its table that take seconds; `make bench` runs all."""

from __future__ import annotations

import pytest

from bench import pace
from bench.pace import FAR_S, NEAR_S, SEEDS, SEEDS_OF_SMALL, SIGMA, Cell, Target, measure, target
from bench.rig.virtual_export import (
    BUSY_DAY,
    MONTH,
    QUIET_DAY,
    TODAY,
    TWO_MONTHS,
    Load,
    Run,
    Setting,
    bound_s,
    duration_s,
    run,
)
from bench.rig.world import SalesWorld
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox import SandboxConfig
from tests.sandbox.rig import SandboxRig


def misses(setting: Setting, seeds: int) -> list[str]:
    """Name the targets that the export misses, without running the plain loop."""
    return Cell(setting, [run(setting, seed) for seed in range(seeds)], 0.0).misses()


@pytest.mark.parametrize("latency_s", [NEAR_S, FAR_S])
@pytest.mark.parametrize("sigma", [0.0, SIGMA])
@pytest.mark.parametrize("job_s", [5.0, 20.0, 60.0])
@pytest.mark.parametrize("load", [QUIET_DAY, BUSY_DAY], ids=["1", "13"])
def test_one_day_is_exported_within_its_target(load: Load, job_s: float, sigma: float, latency_s: float) -> None:
    assert misses(Setting(load, job_s, sigma, latency_s), seeds=SEEDS if sigma else 3) == []


@pytest.mark.parametrize("load", [QUIET_DAY, BUSY_DAY], ids=["1", "13"])
def test_jobs_that_take_no_time_are_not_waited_for(load: Load) -> None:
    assert misses(Setting(load, 0.0), seeds=3) == []


@pytest.mark.parametrize("job_s", [0.0, 5.0, 20.0, 60.0])
def test_sixty_days_of_a_small_site_are_exported_within_their_target(job_s: float) -> None:
    assert misses(Setting(TWO_MONTHS, job_s), seeds=1) == []


@pytest.mark.parametrize("job_s", [5.0, 20.0, 60.0])
def test_sixty_days_are_exported_within_their_target_where_durations_vary(job_s: float) -> None:
    assert misses(Setting(TWO_MONTHS, job_s, SIGMA), seeds=SEEDS_OF_SMALL // 2) == []


@pytest.mark.parametrize(
    ("job_s", "sigma", "latency_s"),
    [(20.0, 0.0, NEAR_S), (20.0, 0.0, FAR_S), (60.0, 0.0, NEAR_S), (5.0, SIGMA, NEAR_S), (20.0, SIGMA, FAR_S)],
)
def test_a_month_of_many_sites_is_exported_within_its_target(job_s: float, sigma: float, latency_s: float) -> None:
    assert misses(Setting(MONTH, job_s, sigma, latency_s), seeds=1) == []


@pytest.mark.parametrize("sigma", [0.0, SIGMA])
def test_a_server_that_queues_is_neither_starved_nor_flooded(sigma: float) -> None:
    setting = Setting(MONTH, 20.0, sigma, workers=4)
    found = run(setting, 0)
    assert found.of_bound <= 1.05
    assert found.requests_a_page <= 5.0
    assert found.in_flight_max <= 210  # of which the server's results live long enough to be collected
    assert found.lost <= 0.02 * found.pages


def test_beside_a_rival_that_takes_half_the_other_half_is_used() -> None:
    assert misses(Setting(TWO_MONTHS, 5.0, rival=10.0), seeds=3) == []


def test_the_plain_loop_is_far_behind() -> None:
    found = measure(Setting(BUSY_DAY, 5.0), seeds=1)
    assert found.plain_s > 5 * found.runs[0].time_s


def test_the_same_seed_gives_the_same_run() -> None:
    setting = Setting(BUSY_DAY, 20.0, SIGMA)
    assert run(setting, 7) == run(setting, 7)
    assert run(setting, 7).time_s != run(setting, 8).time_s


# -- the bench itself ---------------------------------------------------------------------------------------------


def cell(requests: int, time_s: float, refusals: int = 0, load: Load = BUSY_DAY) -> Cell:
    return Cell(Setting(load, 20.0), [Run(13, requests, time_s, 20.0, refusals, 20.0, 13, 0)], 300.0)


def test_a_miss_is_told_with_both_numbers() -> None:
    assert target(Setting(BUSY_DAY, 20.0)) == Target(2.8, 1.17)
    assert cell(26, 22.0).misses() == []
    assert cell(39, 22.0).misses() == ["3.000 requests a page, not 2.8"]
    assert cell(26, 30.0).misses() == ["1.500 of the bound, not 1.17"]
    assert cell(26, 22.0, refusals=2).misses() == ["2 × 429"]
    assert cell(2, 24.0, load=QUIET_DAY).misses() == ["1.270 of the lateness allowed, not 1"]
    assert "✗" in pace.line(cell(39, 22.0))
    assert "✗" not in pace.line(cell(26, 22.0))


def test_the_bound_is_the_largest_of_four() -> None:
    near = Setting(MONTH, 5.0, latency_s=0.5)
    assert bound_s(100, [5.0] * 100, near) == 15 * 9 + 1
    assert bound_s(100, [5.0] * 99 + [500.0], near) == 500 + 1
    assert bound_s(100, [90.0] * 100, near) == 15 * 4 + 90 + 1
    assert bound_s(100, [20.0] * 100, Setting(MONTH, 20.0, latency_s=0.5, workers=4)) == 500 + 1
    assert bound_s(100, [5.0] * 100, Setting(MONTH, 5.0, latency_s=0.5, rival=10.0)) == 15 * 19 + 1


def test_durations_are_the_sandboxs_own() -> None:
    rig = SandboxRig(job_s=20.0, jitter=0.5)
    hash = rig.submit()
    begun, lasts_s = rig.now, duration_s(rig.sandbox.config, hash)
    rig.now = begun + lasts_s - 0.01
    assert rig.fetch(hash)["status"] == "working"
    rig.now = begun + lasts_s + 0.01
    assert rig.fetch(hash)["status"] == "pass"
    assert duration_s(SandboxConfig(job_s=3.0), hash) == 3.0


def test_a_load_has_the_pages_that_it_says() -> None:
    assert [load.pages() for load in (MONTH, TWO_MONTHS, BUSY_DAY, QUIET_DAY)] == [597, 60, 13, 1]
    monday = TODAY - 3  # 29 December 2025
    assert [MONTH.rows(monday + day) for day in range(7)] == list(MONTH.week)


def test_the_cheap_world_has_each_row_once_and_in_order() -> None:
    world = SalesWorld(BUSY_DAY.rows)
    start = TODAY * DAY_S
    rows = world.transactions(start, start + 2 * DAY_S, as_of=0.0)
    assert len(rows) == len({row.id for row in rows}) == 2 * 1243
    assert [row.completed_ms for row in rows] == sorted(row.completed_ms for row in rows)
    cuts = [start + 30_000, start + 41_111, start + 90_000, start + 2 * DAY_S]
    parts = [world.transactions(a, b, as_of=0.0) for a, b in zip([start, *cuts], cuts, strict=False)]
    assert [row.id for part in parts for row in part] == [row.id for row in rows]
    assert all(
        a * 1000 <= row.completed_ms < b * 1000
        for a, b, part in zip([start, *cuts], cuts, parts, strict=False)
        for row in part
    )
    assert world.transaction(rows[77].id, as_of=0.0) == rows[77]
    assert world.transaction("999999:1", as_of=0.0) is None
    assert world.transactions(start, start + DAY_S, site="NOWHERE", as_of=0.0) == ()
