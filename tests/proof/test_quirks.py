"""`load_job` returns the true rows, however the live service answers an open question, or any two of them."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import pytest

from sonnys_data_client.errors import IncompleteError
from sonnys_data_client.sandbox import JobQuirks, Quirks, Sandbox, SandboxConfig
from sonnys_data_client.testing.client import SimulatedClient
from tests.proof.truth import DAY, START, assert_exact, assert_throttled, world

Variant = tuple[str, Any]

CHUNKS = 8
VARIANTS = JobQuirks.variants()
PAIRS = [(one, other) for one, other in combinations(VARIANTS, 2) if one[0] != other[0]]
UNREADABLE = {("site_required", True), ("empty_site", "ignored")}
"""A job must name its site, but the web shop's code is empty and cannot be named. So no job can return its rows."""


def load(*variants: Variant) -> None:
    sandbox = Sandbox(SandboxConfig(quirks=Quirks(**dict(variants)), job_s=3, jitter=0.3), world=world())
    client = SimulatedClient(sandbox, start=START, timezone="UTC")
    if set(variants) >= UNREADABLE:
        with pytest.raises(IncompleteError, match="site"):
            client.transactions.load_job(startDate=DAY, endDate=DAY)
        return
    assert_exact(client.transactions.load_job(startDate=DAY, endDate=DAY))
    assert_throttled(sandbox)


def test_as_things_most_likely_are() -> None:
    load()


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: f"{variant[0]}={variant[1]}")
def test_one_quirk(variant: Variant) -> None:
    load(variant)


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_two_quirks(chunk: int) -> None:
    failures = []
    for pair in PAIRS[chunk::CHUNKS]:
        try:
            load(*pair)
        except Exception as error:  # noqa: BLE001 - the report names every pair that fails
            failures.append(f"{pair}: {error!r}")
    assert not failures, "\n".join(failures)
