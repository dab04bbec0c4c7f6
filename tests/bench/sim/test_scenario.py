"""Scenarios: the seed decides all, the true rows are what it says, and no export exceeds the bounds."""

from __future__ import annotations

from dataclasses import replace

from bench.sim.scenario import START, Scenario, draw
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.sandbox import Faults, Quirks
from sonnys_data_client.sandbox.world.listed import ListWorld, make_row, make_site


def calm() -> Scenario:
    return next(scenario for scenario in map(draw, range(50)) if scenario.calm and not scenario.slow)


def test_a_seed_draws_the_same_scenario_twice() -> None:
    one, other = draw(5), draw(5)
    assert replace(one, world=other.world) == other
    assert one.world.rows == other.world.rows
    assert draw(6).world.rows != one.world.rows


def test_nothing_has_happened_in_the_future() -> None:
    for seed in range(100):
        scenario = draw(seed)
        assert all(row.completed_ms < START * 1000 for row in scenario.world.rows)
        assert all(export.span.stop <= START for export in scenario.exports)


def test_whatever_goes_wrong_is_not_calm() -> None:
    scenario = calm()
    config = scenario.config
    assert not replace(scenario, config=replace(config, faults=Faults(rival=1.0))).calm
    assert not replace(scenario, config=replace(config, faults=Faults(reset_after=0.1))).calm
    assert not replace(scenario, config=replace(config, faults=Faults(job_fail=0.1))).calm
    late = [make_row(1, make_site(1, "MAIN"), 1_000, 1, START + 5.0)]
    assert not replace(scenario, world=ListWorld(scenario.world.sites, late)).calm


def test_rows_and_pages_are_counted_as_the_server_does() -> None:
    scenario = calm()
    site = make_site(1, "MAIN")
    export = replace(scenario.exports[0], sites=("MAIN",))
    export = replace(export, account=replace(export.account, sites=None))
    start, stop = export.span.start, export.span.stop
    rows = [make_row(n, site, second * 1000 + 999, 1) for n, second in enumerate((start - 1, start, stop - 1, stop))]
    for end, counted in (("inclusive", 3), ("exclusive", 2)):
        config = replace(scenario.config, quirks=Quirks.from_text([f"end={end}"]))
        small = replace(scenario, world=ListWorld([site], rows), config=config)
        assert small.count(export, Window(start, stop, "MAIN")) == counted
        assert [row.number for row in small.rows_of(export)] == [1, 2]
    assert small.pages(export) == len(export.windows())


def test_a_slow_server_is_told_from_a_fast_one() -> None:
    scenario = calm()
    assert not scenario.slow
    assert replace(scenario, config=replace(scenario.config, job_s=290.0, jitter=0.5)).slow
    assert replace(scenario, config=replace(scenario.config, job_s=101.0, workers=1)).slow


def test_bounds_leave_room_for_trouble() -> None:
    scenario = calm()
    export = scenario.exports[0]
    wild = replace(scenario, config=replace(scenario.config, faults=Faults(rival=1.0)))
    assert 2 * scenario.pages(export) < scenario.requests_max(export) < wild.requests_max(export)
    assert 0 < scenario.time_s_max(export) < wild.time_s_max(export)
