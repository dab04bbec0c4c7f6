"""The simulation notices a broken product: it does so for every mutation."""

from __future__ import annotations

import pytest

from bench.sim.oracle import trial
from tests.sim.mutations import MUTATIONS

SEEDS_MAX = 400
"""Each mutation is caught within so many seeds; most within ten."""


@pytest.mark.parametrize("wrong", MUTATIONS)
def test_a_broken_product_is_caught(wrong: str) -> None:
    with MUTATIONS[wrong]():
        assert any(trial(seed) for seed in range(SEEDS_MAX)), f"nobody noticed in {SEEDS_MAX} seeds that {wrong}"
    assert not trial(0), "the mutation outlived its test"


def test_there_are_enough_of_them() -> None:
    assert len(MUTATIONS) >= 25
