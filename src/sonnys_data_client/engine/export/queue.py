"""The queue of pages that wait to be submitted.

First pages go first, because each reveals how many others its window has. But only so many windows are begun ahead of
the oldest open one: every open window holds its ids in memory, and is lost work if the run stops. Pages that have to be
asked for again go before all others.
"""

from __future__ import annotations

import heapq
from itertools import count

from sonnys_data_client.engine.export.pages import LOOKAHEAD_WINDOWS, Work


class PageQueue:
    """Pages that wait to be submitted, in the order that serves the whole export best.

    Args:
        lookahead: How many windows may be begun ahead of the oldest one that is open.
    """

    def __init__(self, lookahead: int = LOOKAHEAD_WINDOWS) -> None:
        self._lookahead = lookahead
        self._first: list[tuple[int, int, Work]] = []
        self._later: list[tuple[int, int, int, Work]] = []
        self._again: list[Work] = []
        self._order = count()

    def add(self, work: Work) -> None:
        """Queue a page that was never asked for."""
        index = work.read.scope.index
        if work.number == 1:
            heapq.heappush(self._first, (index, next(self._order), work))
        else:
            heapq.heappush(self._later, (index, work.number, next(self._order), work))

    def add_again(self, work: Work) -> None:
        """Queue a page whose submission, or job, came to nothing; it waits until its `due_at`."""
        self._again.append(work)

    def again(self, now: float) -> Work | None:
        """The next page to ask for again, if one is due."""
        return next((work for work in self._again if work.due_at <= now and work.wanted), None)

    def again_at(self) -> float | None:
        """When the next page to ask for again is due; None if there is none."""
        return min((work.due_at for work in self._again if work.wanted), default=None)

    def fresh(self, oldest_open: int) -> Work | None:
        """The next page that was never asked for; `oldest_open` is the index of the oldest unsettled scope."""
        while self._first and not self._first[0][-1].wanted:
            heapq.heappop(self._first)
        while self._later and not self._later[0][-1].wanted:
            heapq.heappop(self._later)
        last = oldest_open + self._lookahead
        if self._first and self._first[0][0] <= last:
            return self._first[0][-1]
        return self._later[0][-1] if self._later and self._later[0][0] <= last else None

    def take(self, work: Work) -> None:
        """Take out the page that `again` or `fresh` named."""
        if work in self._again:
            self._again.remove(work)
        elif work.number == 1:
            heapq.heappop(self._first)
        else:
            heapq.heappop(self._later)

    def drop_submitted(self) -> None:
        """Drop first pages that turned out to have a job already."""
        self._first = [entry for entry in self._first if entry[-1].handle is None]
        heapq.heapify(self._first)

    def first_pages(self) -> list[Work]:
        """All first pages in the queue."""
        return [work for _, _, work in self._first]

    def __len__(self) -> int:
        """Pages in the queue, perhaps with a few that turned out not to exist."""
        return len(self._again) + len(self._first) + len(self._later)
