"""A world that costs next to nothing: one site, with as many rows a day as a bench needs, made when they are read.

Rows of a day are spread evenly between opening and closing time, so no row is in a second that two windows share. A
range of time is a sequence that knows its length and builds only the rows of the page that is read, so a million rows
take no memory.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import overload

from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox.world import ListedRecords, Records
from sonnys_data_client.sandbox.world.facts import Site, Transaction
from sonnys_data_client.sandbox.world.listed import make_row

OPENS_MS = 7 * 3_600_000
OPEN_MS = 13 * 3_600_000
SITE = Site(id=1, code="MAIN", name="Main Street", timezone="UTC", region="CENTRAL", is_virtual=False)


class SalesWorld:
    """The rows behind a bench's sandbox. None changes, so `as_of` makes no difference.

    Args:
        rows: How many rows a day has, by its number counted from the epoch.
    """

    def __init__(self, rows: Callable[[int], int]) -> None:
        self.rows = rows

    @property
    def sites(self) -> tuple[Site, ...]:
        """The one site."""
        return (SITE,)

    @property
    def records(self) -> Records:
        """No records besides sales."""
        return ListedRecords()

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        """The rows from epoch second `start` up to but without `stop`, oldest first."""
        del as_of
        if site not in (None, SITE.code):
            return ()
        return _Sales([_Day(day, self.rows(day), start, stop) for day in range(start // DAY_S, -(-stop // DAY_S))])

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        """The row with this id, or None."""
        del as_of
        day, index = divmod(int(id.partition(":")[0]), 1_000_000)
        return _row(day, index, self.rows(day)) if index < self.rows(day) else None


class _Day:
    """The rows of a day that are in a range, by their numbers."""

    def __init__(self, day: int, rows: int, start: int, stop: int) -> None:
        self.day = day
        self.rows = rows
        self.first = self._before(start)
        self.count = max(0, self._before(stop) - self.first)

    def _before(self, second: int) -> int:
        into_ms = (second - self.day * DAY_S) * 1000 - OPENS_MS
        return min(self.rows, max(0, -(-into_ms * self.rows // OPEN_MS)))


class _Sales(Sequence[Transaction]):
    def __init__(self, days: list[_Day]) -> None:
        self._days = [day for day in days if day.count]
        self._ends = list(accumulate(day.count for day in self._days))

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, index: int) -> Transaction: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Transaction]: ...

    def __getitem__(self, index: int | slice) -> Transaction | Sequence[Transaction]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        place = range(len(self))[index]
        day = self._days[bisect_right(self._ends, place)]
        before = self._ends[bisect_right(self._ends, place)] - day.count
        return _row(day.day, day.first + place - before, day.rows)


def _row(day: int, index: int, rows: int) -> Transaction:
    completed_ms = day * DAY_S * 1000 + OPENS_MS + index * OPEN_MS // rows
    return make_row(day * 1_000_000 + index, SITE, completed_ms, 1200)
