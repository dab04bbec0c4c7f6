"""Random numbers that can be repeated.

Every draw starts from a *key*: the seed and the names of what is decided, such as `(1, "day", 2, 739943)`. The key is
hashed with BLAKE2b, never with `hash()`, which differs between processes. So the draws for one thing never depend on
whether another was asked for first.

Two rules keep worlds equal on every machine and every Python. Draw only with `Random.random()`: the standard library
promises to keep its sequence, but not those of `choice`, `gauss` and the like. Compute only with `+ - * /`: IEEE 754
fixes these to the last bit, but not `log` and `exp`.
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
    """Return `size` bytes as a number that depends on the whole key and on nothing else."""
    text = "/".join(map(str, key))
    return int.from_bytes(blake2b(text.encode(), digest_size=size).digest(), "big")


def dice(*key: int | str) -> Random:
    """Return a generator of draws for what `key` names."""
    return Random(key_bits(*key))


def fraction(bits: int) -> float:
    """Return a number in [0, 1) from the low 32 of `bits`."""
    return (bits & 0xFFFFFFFF) / 0x1_0000_0000


def draws(count: int, *key: int | str) -> list[float]:
    """Return up to 16 draws for what `key` names.

    Cheaper than `dice` if a few are enough.
    """
    bits = key_bits(*key, size=4 * count)
    return [fraction(bits >> 32 * n) for n in range(count)]


def whole(mean: float, draw: float) -> int:
    """Return a whole number whose average over many draws is `mean`."""
    return int(mean + draw)


def between(low: float, high: float, draw: float) -> float:
    """Return the point `draw` of the way from `low` to `high`."""
    return low + (high - low) * draw


def pick(options: Sequence[T], draw: float) -> T:
    """Return one of `options`, all equally likely."""
    return options[int(draw * len(options))]


def quantile(curve: Sequence[tuple[float, float]], draw: float) -> float:
    """Return a value from a distribution.

    It is given as `(share below, value)` points with straight lines between.
    """
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
        # The last edge is dropped, so that no rounding error can put a draw beyond the last option.
        self._edges = [edge / total for edge in accumulate(weight for _, weight in weights)][:-1]

    def spin(self, draw: float) -> T:
        """Return the option that `draw` falls on."""
        return self._options[bisect_right(self._edges, draw)]
