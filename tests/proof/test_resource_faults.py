"""Whatever breaks, each list is exact, or raises an error that says what stopped it and carries only true rows."""

from __future__ import annotations

import pytest

from sonnys_data_client.client.catalog import find
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.sandbox import Sandbox
from sonnys_data_client.testing.client import SimulatedClient
from tests.proof.records import TRUTHS, world
from tests.proof.test_faults import draw
from tests.proof.test_resources import judge
from tests.proof.truth import START, assert_throttled

SEEDS = 64
CHUNKS = 8
LISTS = [truth for truth in TRUTHS if truth.name not in {"list_v2", "list_by_type"}]  # both are read as `list` is


def read(seed: int) -> list[bool]:
    """Read all lists, and return for each whether it was exact."""
    config, network = draw(seed)
    box = Sandbox(config, world=world())
    client = SimulatedClient(box, start=START, network=network, seed=seed, timezone="UTC")
    exact: list[bool] = []
    for truth in LISTS:
        try:
            outcome = find(truth.resource, truth.name).call(client, **truth.values)
        except SonnysError as error:
            outcome = error
        judge(truth, outcome, config.quirks, may_fail=True)
        exact.append(not isinstance(outcome, SonnysError))
    # If the first request of a throttle period stalls until the client gives it up, the period begins with a later
    # reply than the client can know.
    assert_throttled(box, refusals=config.faults.rival > 0 or config.faults.stall > 0)
    return exact


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_seeded_faults(chunk: int) -> None:
    outcomes: list[bool] = []
    for seed in range(chunk, SEEDS, CHUNKS):
        try:
            outcomes += read(seed)
        except AssertionError as error:
            raise AssertionError(f"seed {seed}: {error}") from error
    # Most lists end well. Without this line, a client that gives up at the first trouble would pass.
    assert outcomes.count(True) > 0.8 * len(outcomes), outcomes.count(True) / len(outcomes)
