"""Thousands of exports with faults, rivals, late rows and crashes, in virtual time: the oracle judges each.

`make simulate N=20000` plays more of them.
"""

from __future__ import annotations

import pytest

from bench.sim.oracle import trial
from bench.sim.scenario import draw
from bench.sim.simulate import Run, play

SEEDS = 2_000
CHUNKS = 20


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_promise_is_kept(chunk: int) -> None:
    found = [complaint for seed in range(chunk, SEEDS, CHUNKS) for complaint in trial(seed)]
    seeds = sorted({complaint.split(":")[0].split()[1] for complaint in found}, key=int)
    again = [f"again: python -m bench.simulate --seed {seed} --trace" for seed in seeds]
    assert not found, "\n".join(["", *found, *again])


def test_the_scenarios_are_as_wild_as_they_claim() -> None:
    """Each kind of trouble is drawn often enough to matter, and calm ones often enough for the strict promises."""
    scenarios = [draw(seed) for seed in range(500)]
    for kind in ("calm", "breaks", "jobs_break", "rival", "moves", "kills", "slow"):
        share = sum(bool(getattr(scenario, kind)) for scenario in scenarios) / len(scenarios)
        assert 0.05 < share < 0.6, f"{kind}: {share:.0%}"
    assert any(len(scenario.exports) == 3 for scenario in scenarios)
    assert any(scenario.config.quirks.site_required for scenario in scenarios)


def test_the_same_seed_gives_the_same_trace_twice() -> None:
    def record(run: Run) -> list[object]:
        lives = [life for history in run.histories for life in history.lives]
        return [run.sandbox.log, *(step for life in lives for step in life.trace)]

    for seed in range(12):
        assert record(play(draw(seed))) == record(play(draw(seed)))
