"""What became of each window of an export: plain values, made by the engine and read by everybody."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from sonnys_data_client.engine.windows import Window, row_id


@dataclass(slots=True)
class Gap:
    """A part of the range that could not be read whole.

    Attributes:
        window: Where rows are or may be missing.
        reason: Why, in one clause.
        error: The error behind it, if there was one.
    """

    window: Window
    reason: str
    error: Exception | None = None

    def __str__(self) -> str:
        return f"{self.window}: {self.reason}"


@dataclass(slots=True)
class WindowReport:
    """What became of one window of the plan.

    Attributes:
        window: The window.
        total: Rows that the server counts in it, its edge second included; None if it did not say for each part.
        rows: Different rows delivered, the `withdrawn` ones included.
        doubles: Rows left out because their id had been delivered, or belongs to the next window.
        rereads: Reads of halves, beyond the first read of the whole window.
        quarantined: Delivered rows that could not be parsed; they are kept raw, beside the others.
        other_days: Delivered rows that were left out: they belong to another day of their own site. `rows` is without
            them, and `total` includes them.
        gaps: What is missing; empty when the window was shown to be complete.
        withdrawn: Ids of rows that were delivered, and that the server withdrew before the window was shown to be
            complete: it is whole without them. Almost always empty, for a row has to go while its window is read.
    """

    window: Window
    total: int | None = 0
    rows: int = 0
    doubles: int = 0
    rereads: int = 0
    quarantined: int = 0
    other_days: int = 0
    gaps: list[Gap] = field(default_factory=list)
    withdrawn: frozenset[str] = frozenset()

    @property
    def complete(self) -> bool:
        """Whether every row was shown to have been delivered."""
        return not self.gaps

    def holds(self, row: Any) -> bool:
        """Whether a raw row that was delivered for this window is still in it: it was not withdrawn since."""
        return row_id(row) not in self.withdrawn
