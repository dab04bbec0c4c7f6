"""What the rest of the sandbox may ask of a world.

`BelievableWorld` answers from a seed; a test may answer from a list of five rows. Both promise the same: a
row belongs to `[start, stop)` by its completion, rows come in the order `(completed_ms, id)`, and `as_of`
decides which rows and which versions of them the server has heard of. The answer to one question never
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from .facts import Site, Transaction


class World(Protocol):
    """The ground truth that the sandbox's API renders."""

    @property
    def sites(self) -> tuple[Site, ...]:
        """Every site, the web shop (if any) last."""
        ...

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        """Rows completed in a range of time, as the server knew them at a moment.

        Args:
            start: First instant, epoch seconds.
            stop: End of the range, epoch seconds, itself excluded.
            site: Code of one site (`""` is the web shop), or None for all. An unknown code has no rows.
            as_of: The moment, epoch seconds, at which the server is asked.

        Returns:
            The rows, sorted by `(completed_ms, id)`.
        """
        ...

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """One row by its id, as the server knew it at `as_of` (epoch seconds); None when it knew of none."""
        ...
