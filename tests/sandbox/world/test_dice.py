"""Random numbers that can be repeated: keys, weights and distributions."""

from __future__ import annotations

from collections import Counter

import pytest

from sonnys_data_client.sandbox.world.dice import (
    Wheel,
    between,
    dice,
    draws,
    fraction,
    key_bits,
    pick,
    quantile,
    whole,
)


def test_a_key_gives_the_same_draws_for_ever() -> None:
    # Written down once: were these to change, every stored world would change with them.
    assert key_bits(1, "day", 2) == 9104884648028398375
    assert dice(1, "day", 2).random() == 0.28599969669880043


def test_every_part_of_a_key_counts() -> None:
    keys: list[tuple[int | str, ...]] = [(1, "a", 2), (2, "a", 2), (1, "b", 2), (1, "a", 3), (1, "a")]
    assert len({key_bits(*key) for key in keys}) == len(keys)


def test_size_sets_how_many_bits_a_key_gives() -> None:
    assert max(key_bits(n, size=2) for n in range(200)) < 2**16
    assert max(key_bits(n, size=24) for n in range(200)) > 2**184


def test_fraction_reads_the_low_32_bits() -> None:
    assert fraction(0) == 0
    assert fraction(0xFFFFFFFF) < 1
    assert fraction(0x1_8000_0000) == 0.5


def test_a_few_draws_lie_below_one_and_differ() -> None:
    found = draws(16, 1, "few")
    assert all(0 <= draw < 1 for draw in found)
    assert len(set(found)) == 16
    assert 0.45 < sum(draws(1, n)[0] for n in range(1000)) / 1000 < 0.55


def test_whole_averages_to_its_mean() -> None:
    draws = [n / 1000 for n in range(1000)]
    assert sum(whole(2.3, draw) for draw in draws) / 1000 == pytest.approx(2.3, abs=0.002)
    assert {whole(2.3, draw) for draw in draws} == {2, 3}


def test_between_and_pick_cover_their_range() -> None:
    assert between(10, 20, 0.25) == 12.5
    assert [pick("abc", draw) for draw in (0, 0.34, 0.999)] == ["a", "b", "c"]


def test_quantile_draws_straight_lines_between_its_points() -> None:
    curve = ((0.0, 10.0), (0.5, 20.0), (1.0, 100.0))
    assert [quantile(curve, draw) for draw in (0, 0.25, 0.5, 0.75)] == [10, 15, 20, 60]


def test_a_wheel_lands_by_weight() -> None:
    wheel = Wheel([("rare", 1), ("never", 0), ("common", 3)])
    counts = Counter(wheel.spin(n / 1000) for n in range(1000))
    assert counts == {"rare": 250, "common": 750}


def test_a_wheel_lands_somewhere_for_the_largest_draw() -> None:
    assert Wheel([("a", 0.1), ("b", 0.2), ("c", 0.7)]).spin(1 - 2**-53) == "c"
