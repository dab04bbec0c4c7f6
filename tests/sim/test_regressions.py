"""What the simulation found in the product: the mistake, a seed that shows it, and that it is gone.

Each case plays its seed twice: with the product as it is, where nothing may be wrong, and with the old mistake put
back (`mutations.ONCE`), which must be noticed. So no case can go stale when the way scenarios are drawn changes.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from sonnys_data_client.testing.oracle import trial
from sonnys_data_client.testing.scenario import draw
from sonnys_data_client.testing.simulate import play
from tests.sim.mutations import ONCE

BUSY = "every window with a late job is read by halves, though the server is only busy"
CASES = {
    "pages are dropped once one is in, whether or not the last is known": 815,
    "pages that contradict one another are waited for, though some were dropped": 1556,
    "a restart forgets that jobs must name their site, and strikes out those that do": 50,
    "a refusal that comes after trouble is taken for more trouble": 70,
    "a job asked for by the wrong method before the right one was known is refused for good": 70,
    "jobs beyond the caller's limit are submitted when a slot is free": 3,
    "a server that refuses the web shop's empty code stops a restart whose other jobs are all kept": 837,
}


@pytest.mark.parametrize("wrong", CASES)
def test_it_is_gone_and_would_be_noticed(wrong: str) -> None:
    assert not trial(CASES[wrong])
    with ONCE[wrong]():
        assert trial(CASES[wrong])


def test_every_old_mistake_has_its_case() -> None:
    assert {*CASES, BUSY} == ONCE.keys()


def test_a_busy_server_is_not_flooded() -> None:
    """Three workers, jobs of a minute, two exports of 24 pages: late jobs once made the client submit thousands."""
    calm = draw(247)
    busy = replace(calm, config=replace(calm.config, job_s=60.0, workers=3, jitter=0.0))
    run = play(busy)
    assert all(account.last.process.result is not None for account in run.accounts)
    assert len(run.sandbox.log) < 6 * sum(busy.pages(export) for export in busy.exports)
    with ONCE[BUSY]():
        assert len(play(busy).sandbox.log) > 1_000
