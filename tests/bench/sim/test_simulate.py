"""A run: processes follow one another, are killed where they should be, and all that happens is recorded."""

from __future__ import annotations

from dataclasses import replace

from bench.sim.scenario import Kill, Scenario, draw
from bench.sim.simulate import play
from sonnys_data_client.engine.effects import Send, Store
from sonnys_data_client.sandbox import Faults


def calm(rows: int = 30) -> Scenario:
    found = (s for s in map(draw, range(200)) if s.calm and not s.slow and len(s.world.rows) >= rows)
    scenario = next(found)
    return replace(scenario, exports=scenario.exports[:1], config=replace(scenario.config, job_s=20.0, jitter=0.0))


def test_a_calm_export_has_one_life() -> None:
    run = play(calm())
    (history,) = run.histories
    (life,) = history.lives
    assert life.process.result is not None
    assert life.process.result.complete
    assert len(life.rows) == life.process.result.rows
    assert sum(isinstance(ask, Send) for ask, _ in life.trace) == len(run.sandbox.log)
    assert life.left == []


def test_a_killed_process_is_followed_by_one_that_has_its_handles() -> None:
    run = play(replace(calm(), kills=(Kill(12, 5.0), Kill(1, 60.0))))
    first, second, third = run.histories[0].lives
    assert [first.killed, second.killed, third.killed] == [True, True, False]
    assert first.process.steps == 12
    assert second.began_at == first.process.ended_at + 5.0
    kept = {ask.handle["hash"] for ask, _ in first.trace if isinstance(ask, Store)}
    assert {handle.hash for handle in third.kept} == kept
    assert third.process.result is not None


def test_a_ledger_survives_or_dies_with_its_process() -> None:
    scenario = replace(calm(), kills=(Kill(12, 0.1),))
    for survives in (True, False):
        first, second = play(replace(scenario, ledger_survives=survives)).histories[0].lives
        assert (first.process.throttle is second.process.throttle) == survives


def test_a_process_that_gives_up_is_started_again() -> None:
    scenario = calm()
    broken = Faults(unreachable=1.0, until=float(Faults().until))
    run = play(replace(scenario, config=replace(scenario.config, faults=broken)))
    lives = run.histories[0].lives
    assert len(lives) == 9
    assert all(life.process.error is not None for life in lives)
    assert run.sandbox.periods() == []
