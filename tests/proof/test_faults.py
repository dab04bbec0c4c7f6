"""Whatever breaks, `load_job` returns exactly the true rows, or raises an error that says what stopped it.

Every seed draws rates for all faults, a few quirks, job durations, a latency and perhaps a rival: another client that
uses up the throttle. Time is virtual.
"""

from __future__ import annotations

import random
from typing import Any

import pytest

from sonnys_data_client.errors import SonnysError
from sonnys_data_client.sandbox import Faults, JobQuirks, Quirks, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.faults import RATES
from sonnys_data_client.testing.client import SimulatedClient
from sonnys_data_client.testing.simulation import Network
from tests.proof.truth import DAY, START, assert_exact, assert_throttled, day, world

SEEDS = 504
CHUNKS = 12
VIRTUAL_S_MAX = 2 * 3600


def draw(seed: int) -> tuple[SandboxConfig, Network]:
    dice = random.Random(seed)
    share = dice.choice((0.01, 0.03, 0.08))
    rates: dict[str, Any] = {name: dice.choice((0.0, 0.0, share, share / 4)) for name in RATES if name != "bad_row"}
    rates["job_fail"] = dice.choice((0.0, 0.0, 0.05, 0.2))
    variants = [v for v in JobQuirks.variants() if v[0] not in {"site_required", "empty_site"}]
    quirks = Quirks(**dict(dice.sample(variants, dice.randint(0, 3))))
    faults = Faults(**rates, stall_s=dice.choice((3.0, 40.0)), rival=dice.choice((0.0, 0.0, 3.0, 10.0)))
    config = SandboxConfig(
        seed=seed,
        job_s=dice.choice((0.0, 2.0, 10.0, 40.0)),
        jitter=dice.choice((0.0, 0.5)),
        workers=dice.choice((None, None, 2)),
        quirks=quirks,
        faults=faults,
    )
    return config, Network(latency_s=dice.choice((0.05, 0.15, 1.0)))


def load(seed: int) -> str:
    config, network = draw(seed)
    sandbox = Sandbox(config, world=world())
    client = SimulatedClient(sandbox, start=START, network=network, seed=seed, timezone="UTC")
    stopped: SonnysError | None = None
    try:
        rows = client.transactions.load_job(startDate=DAY, endDate=DAY)
    except SonnysError as error:
        stopped, rows = error, getattr(error, "rows", [])
    if stopped is None:
        assert_exact(rows)
    assert stopped is None or str(stopped), "an error must say what stopped it"
    assert {row.id for row in rows} <= day().keys(), "an error brought rows that are not the day's"
    assert_throttled(sandbox, refusals=config.faults.rival > 0)
    assert client.simulation.now < VIRTUAL_S_MAX, "it took too long"
    return "exact" if stopped is None else type(stopped).__name__


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_seeded_faults(chunk: int) -> None:
    outcomes = []
    for seed in range(chunk, SEEDS, CHUNKS):
        try:
            outcomes.append(load(seed))
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    # Most seeds end well. Without this line, a client that gives up at the first trouble would pass.
    assert outcomes.count("exact") > 0.7 * len(outcomes), outcomes


def test_the_same_seed_gives_the_same_trace_twice() -> None:
    def trace(seed: int) -> list[object]:
        config, network = draw(seed)
        sandbox = Sandbox(config, world=world())
        client = SimulatedClient(sandbox, start=START, network=network, seed=seed, timezone="UTC")
        try:
            rows: list[object] = list(client.transactions.load_job(startDate=DAY, endDate=DAY))
        except SonnysError as error:
            rows = [str(error)]
        return [*sandbox.log, *rows, client.simulation.now]

    for seed in range(5):
        assert trace(seed) == trace(seed)
