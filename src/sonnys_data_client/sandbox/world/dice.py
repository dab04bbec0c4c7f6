"""Chance that repeats itself.

Every draw starts from a *key*: the seed and the names of the thing decided, such as `(1, "day", 2,
739943)`. The key is hashed with BLAKE2b, never with `hash()`, which differs between processes. So one
thing's draws never depend on whether another was asked for first.

Two rules keep worlds equal on every machine and every Python: draw with `Random.random()` only, whose
sequence the standard library promises to keep (`choice`, `gauss` and the like it does not), and compute
with `+ - * /` only, which IEEE 754 fixes to the last bit (`log` and `exp` it does not).
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from hashlib import blake2b
from itertools import accumulate
from random import Random
from typing import Generic, TypeVar

T = TypeVar("T")


def key_bits(*key: int | str, size: int = 8) -> int:
    """`size` bytes of bits that depend on the whole key and nothing else."""
    text = "/".join(map(str, key))
    return int.from_bytes(blake2b(text.encode(), digest_size=size).digest(), "big")


def dice(*key: int | str) -> Random:
    """A generator of draws for the thing that `key` names."""
    return Random(key_bits(*key))


def fraction(bits: int) -> float:
    """A number in [0, 1) from the low 32 of `bits`."""
    return (bits & 0xFFFFFFFF) / 0x1_0000_0000


def draws(count: int, *key: int | str) -> list[float]:
    """Up to 16 draws for the thing that `key` names: cheaper than `dice` where a few will do."""
    bits = key_bits(*key, size=4 * count)
    return [fraction(bits >> 32 * n) for n in range(count)]


def whole(mean: float, draw: float) -> int:
    """A whole number of things whose average over many draws is `mean`."""
    return int(mean + draw)


def between(low: float, high: float, draw: float) -> float:
    """The point `draw` of the way from `low` to `high`."""
    return low + (high - low) * draw


def pick(options: Sequence[T], draw: float) -> T:
    """One of `options`, all equally likely."""
    return options[int(draw * len(options))]


def quantile(curve: Sequence[tuple[float, float]], draw: float) -> float:
    """Read a distribution given as `(share below, value)` points, straight lines in between."""
    (low_share, low), *rest = curve
    for share, value in rest:
        if draw < share:
            return between(low, value, (draw - low_share) / (share - low_share))
        low_share, low = share, value
    return low


class Wheel(Generic[T]):
    """A weighted choice: `spin(draw)` for a draw in [0, 1)."""

    __slots__ = ("_edges", "_options")

    def __init__(self, weights: Sequence[tuple[T, float]]) -> None:
        total = sum(weight for _, weight in weights)
        self._options = tuple(option for option, _ in weights)
        # The last edge is dropped: whatever lies above all others is the last option, rounding or not.
        self._edges = [edge / total for edge in accumulate(weight for _, weight in weights)][:-1]

    def spin(self, draw: float) -> T:
        """The option that `draw` falls on."""
        return self._options[bisect_right(self._edges, draw)]
