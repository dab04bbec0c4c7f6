"""Mistakes that the simulation found in the product: a seed that shows each, and that it is gone.

Each case is played twice: with the product as it is, where nothing may be wrong, and with the old mistake put back
(`mutations.ONCE`), which must be noticed. So no case can go stale when the way scenarios are drawn changes. Where the
seed that found a mistake needed a rare coincidence, the case sets it up around a drawn scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.sim.oracle import judge
from bench.sim.scenario import Kill, Scenario, draw
from bench.sim.simulate import play
from sonnys_data_client.sandbox import Quirks
from tests.sim.mutations import ONCE

Case = Callable[[], Scenario]


def drawn(seed: int) -> Case:
    return lambda: draw(seed)


def shop_out_of_reach() -> Scenario:
    """Jobs of a minute that must name their site, a web shop without a code, and a kill once all jobs are kept."""
    calm = draw(10)
    quirks = Quirks(site_required=True, empty_site="ignored")
    config = replace(calm.config, quirks=quirks, job_s=60.0, jitter=0.0, workers=None)
    return replace(calm, config=config, kills=(Kill(40, 5.0),), policy=replace(calm.policy, max_in_flight=None))


def busy_server() -> Scenario:
    """Return a server with three workers and jobs of a minute, and two exports of 24 pages."""
    calm = draw(247)
    return replace(calm, config=replace(calm.config, job_s=60.0, jitter=0.0, workers=3))


BUSY = "every window with a late job is read by halves, though the server is only busy"
CASES: dict[str, Case] = {
    "pages are dropped once one is in, whether or not the last is known": drawn(819),
    "pages that contradict one another are waited for, though some were dropped": drawn(3338),
    "a restart forgets that jobs must name their site, and strikes out those that do": drawn(50),
    "a refusal that comes after trouble is taken for more trouble": drawn(70),
    "a job asked for by the wrong method before the right one was known is refused for good": drawn(70),
    "jobs beyond the caller's limit are submitted when a slot is free": drawn(3),
    "a server that refuses the web shop's empty code stops a restart whose other jobs are all kept": shop_out_of_reach,
    "the halves of a window are read once more when another of its requests fails late": drawn(11_054),
}


@pytest.mark.parametrize("wrong", CASES)
def test_it_is_gone_and_would_be_noticed(wrong: str) -> None:
    assert not judge(play(CASES[wrong]()))
    with ONCE[wrong]():
        assert judge(play(CASES[wrong]()))


def test_every_old_mistake_has_its_case() -> None:
    assert {*CASES, BUSY} == ONCE.keys()


def test_a_busy_server_is_not_flooded() -> None:
    """Once a late job made the client read its window by halves, and so it submitted thousands of jobs."""
    scenario = busy_server()
    run = play(scenario)
    assert not judge(run)
    assert all(history.last.process.result is not None for history in run.histories)
    most = 6 * sum(scenario.pages(export) for export in scenario.exports)
    assert len(run.sandbox.log) < most
    with ONCE[BUSY]():
        assert len(play(scenario).sandbox.log) > 2 * most
