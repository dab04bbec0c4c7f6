"""Random numbers that depend only on what they decide, not on the order of draws.

Every draw is a digest of the seed and of what it decides (a request's number, a job's hash). So two runs with the
same seed agree, in any process and in any order.
"""

from __future__ import annotations

from hashlib import blake2b
from statistics import NormalDist

__all__ = ["bell", "chance"]

_SPAN = 2.0**64
_NORMAL = NormalDist()


def chance(*about: object) -> float:
    """Return a number in (0, 1) that is fixed for `about`.

    Over different `about`s it is evenly spread.

    Args:
        about: Numbers and texts whose `repr` names what is decided.
    """
    digest = blake2b(repr(about).encode(), digest_size=8).digest()
    return (int.from_bytes(digest, "big") + 0.5) / _SPAN * (1 - 2**-53)


def bell(*about: object) -> float:
    """Return a draw from the standard normal distribution, fixed for each `about`."""
    return _NORMAL.inv_cdf(chance(*about))
