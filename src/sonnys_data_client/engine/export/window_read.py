"""How a window is read whole, and how we know.

A *scope* is one window of the caller's plan. A *read* is one attempt to read a window page by page; a scope starts with
one read of its whole window. A read whose pages do not prove it whole, or one of whose jobs keeps failing, is given up
and replaced by two reads of its halves. Halves are other criteria, so neither the server's 20-minute cache nor a
failure that sticks to the criteria stands in the way.

```text
proved      every page agrees about `total`, and as many different ids came as `total` says
by pages    `total` is null throughout: the last page was not full, and no id came twice
torn        anything else: rows moved between pages while they were read
```

How many rows fill a page is the server's to say, in its reply (`limit`), or by what it does: it may grant fewer than
were asked for. A first page that is not the last by the `total` is full, so its rows are the page size. Where nothing
tells the size, only an empty page is the end. A size that is named beside no total is believed as far as the server has
given larger pages: it may repeat what was asked for.

A `total` is believed as far as pages bear it out. So pages are asked for in bursts, each a few times as large as what
came: a total of 10^12 costs one burst. A page that is not full is the last, though the total says more. Then the total
proves nothing.

Rows are delivered as soon as their page is in. Each id is delivered once for a scope, however often it is read.
`Window.owns` leaves out the edge second, which the next window delivers. So neither an edge nor a second read doubles
a row.

A read that is given up has delivered rows already. If one of them was withdrawn at the server since, it is in none of
the reads that prove the scope instead. Once all are closed, the report names it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

from sonnys_data_client.engine.jobs import Page
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.throttle import SLOTS
from sonnys_data_client.engine.windows import Window, row_id, row_second

SPLIT_S_MIN = 120
_BURST_FACTOR = 4
"""How many times as many pages as have come may be asked for."""
_TOLD_MAX = 10**15


@dataclass(slots=True, eq=False)
class Scope:
    """One window of the plan, until all its reads are closed.

    Attributes:
        report: What became of it.
        index: Its place in the plan.
        failures_left: How many more of its reads may fail before the rest of it is given up.
        waiting: Parts of it that are to be read and have not been begun.
        live: Its reads that are not closed yet.
        came: Whether a part of it has come: a page, or a read that was proved. Then not everything fails alike.
        fruitless: Jobs of it that came to nothing.
        delivered: Ids that were delivered.
        proved: Ids in the reads that have proved their part of it; empty while there is only one read.
    """

    report: WindowReport
    index: int
    failures_left: int
    waiting: list[Window] = field(default_factory=list)
    live: list[WindowRead] = field(default_factory=list)
    came: bool = False
    fruitless: int = 0
    delivered: set[Any] = field(default_factory=set)
    proved: set[Any] = field(default_factory=set)

    def hopeless(self, failures_max: int) -> bool:
        """Whether everything of it fails alike: nothing has come, and so many jobs have come to nothing."""
        return not self.came and self.fruitless >= failures_max

    @property
    def closed(self) -> bool:
        """Whether nothing of it is left to read."""
        return not self.live and not self.waiting

    def withdrawn(self, strays: set[Any]) -> frozenset[str]:
        """The ids that were delivered, and that the server withdrew before the scope was proved.

        A row in doubt counts as still there. A scope with a gap names none. A row without an id cannot be named. A
        stray was perhaps left out elsewhere because it was delivered here.

        Args:
            strays: Ids delivered, in the whole export, of rows that carry no time inside their window.
        """
        if self.report.gaps or not self.report.rereads:
            return frozenset()
        lost = self.delivered - self.proved - strays
        return frozenset(key for key in lost if isinstance(key, str))


@dataclass(slots=True, eq=False)
class WindowRead:
    """One attempt to read a window page by page.

    Attributes:
        scope: The scope it works for.
        window: What it reads: the scope's window or a part of it.
        limit: Rows a page, as asked for.
        burst: How many pages may be asked for on the server's word alone.
        pages_known: Pages that are known to exist, or said to by `total`: 1 before the first has passed.
        end_known: Whether these are all.
        pages_guessed: Pages to expect, by a count of the plain list or by kept jobs. Never lowered: a page that is
            queued or in flight is of use until the end is known.
        totals: Every `total` a page has named, None included.
        sizes: The page size that each page with rows has named; those that named none are left out.
        largest: Rows of the largest page that the server has given to any job.
        passed: Rows of each page that passed, counted.
        overcounted: Whether a page was not full, though by the total it is not the last. It is taken for the last.
        repeated: A page whose rows had all come before; 0 while there is none.
        ids: Different ids seen, edge second included.
        edge: The ids among them of rows in the edge second.
        queued: Numbers of the pages that were queued.
        pages_counted: How many of its pages `Progress.pages_known` includes.
        sized: Whether `ExportState.sized_pages` includes it.
        failed: Whether one of its jobs has failed.
        live: False once closed: late replies to its jobs are ignored.
    """

    scope: Scope
    window: Window
    limit: int
    burst: int = SLOTS
    pages_known: int = 1
    end_known: bool = False
    pages_guessed: int = 1
    totals: set[int | None] = field(default_factory=set)
    sizes: dict[int, int] = field(default_factory=dict)
    largest: int = 0
    passed: dict[int, int] = field(default_factory=dict)
    overcounted: bool = False
    repeated: int = 0
    ids: set[Any] = field(default_factory=set)
    edge: set[Any] = field(default_factory=set)
    queued: set[int] = field(default_factory=set)
    pages_counted: int = 0
    sized: bool = False
    failed: bool = False
    live: bool = True

    def page(self, number: int) -> Page:
        """The page with this number."""
        return Page(self.window, number, self.limit)

    def expect(self, pages: int) -> None:
        """Expect so many pages, because an earlier run had jobs of them."""
        self.pages_guessed, self.burst = max(self.pages_guessed, pages), max(self.burst, pages)

    def accept(
        self, number: int, rows: list[Any], total: int | None, strays: set[Any], size: int | None = None
    ) -> list[Any]:
        """Take a passed page in.

        Args:
            number: The page's number.
            rows: Its raw rows.
            total: The total it names.
            strays: Ids delivered, in the whole export, of rows that carry no time inside their window.
            size: The page size it names.

        Returns:
            The rows to deliver now: those that belong to this window and were not delivered before.
        """
        # A page past the end names no total (seen live: empty jobs pass with nulls): it contradicts nothing.
        if rows or total is not None or number == 1:
            self.totals.add(total)
        self.passed[number] = len(rows)
        if size is not None and rows:
            self.sizes[number] = min(size, self.limit)
        known = len(self.ids)
        report = self.scope.report
        fresh: list[Any] = []
        for row in rows:
            named = row_id(row)
            key = object() if named is None else named
            self.ids.add(key)
            second = row_second(row) if isinstance(row, dict) else None
            owned = self.window.owns(second)
            if not owned:
                self.edge.add(key)
            inside = self.window.covers(second)
            if not owned or key in self.scope.delivered or (not inside and key in strays):
                report.doubles += 1
                continue
            if not inside:
                strays.add(key)
            self.scope.delivered.add(key)
            fresh.append(row)
        report.rows += len(fresh)
        if rows and len(self.ids) == known:
            if total is None and len(rows) < self.sizes.get(number, 0):
                self.passed[number] = 0  # it says itself that it is the last: there is nothing behind it
            else:
                self.repeated = number
        self.largest = max(self.largest, len(rows))
        self._learn_pages(total)
        return fresh

    def _learn_pages(self, total: int | None) -> None:
        """Find the last page: `total` names it, else it is the first that is not full. Pages come in any order."""
        if total is not None or self.total is not None:
            counted = total if total is not None else self.total or 0
            self.pages_known, self.end_known = max(1, -(-counted // self._size(counted))), True
            if len(self.ids) >= counted > 0:  # a server that grants more rows than were asked for
                self.pages_known = min(self.pages_known, max(n for n, rows in self.passed.items() if rows))
            short = min((n for n, rows in self.passed.items() if rows < self._size(counted)), default=self.pages_known)
            self.overcounted = short < self.pages_known
            self.pages_known = min(self.pages_known, short)
        elif not self.end_known:
            first_other = next(n for n in count(1) if n not in self.passed or self._is_last(n))
            self.end_known = first_other in self.passed
            beyond = max((n + (not self._is_last(n)) for n, rows in self.passed.items() if rows), default=1)
            self.pages_known = first_other if self.end_known else beyond

    def _is_last(self, number: int) -> bool:
        """Whether a page that passed is the last, without a total.

        It is if it is empty, or not full by the size that it names. The size may be just what was asked for, while the
        server grants less. So it is believed of a page with fewer rows than another has had.
        """
        rows = self.passed[number]
        return rows == 0 or rows < min(self.sizes.get(number, 0), self.largest)

    def _size(self, total: int) -> int:
        """Rows a page, as the server applies it."""
        first = self.passed.get(1, 0)
        if 0 < first < total:
            return first  # page 1 is not the last, so it is full
        return min(self.sizes.values(), default=self.limit)

    @property
    def pages_wanted(self) -> int:
        """Pages worth submitting and polling now."""
        wanted = self.pages_known if self.end_known else max(self.pages_known, self.pages_guessed)
        total = self.total
        granted_fewer = total is not None and self._size(total) < min(self.sizes.values(), default=self.limit)
        if granted_fewer and self.pages_guessed < 2:
            # Page 1 says so by its rows alone: page 2 has to bear it out.
            return min(wanted, max(2, _BURST_FACTOR * (len(self.passed) - 1)))
        return min(wanted, max(self.burst, _BURST_FACTOR * len(self.passed)))

    @property
    def contradicted(self) -> bool:
        """Whether no further page can prove the window whole.

        Two pages name different totals, or all rows of a page had come before.
        """
        return len(self.totals) > 1 or self.repeated > 0

    @property
    def all_in(self) -> bool:
        """Whether every page that exists has passed."""
        return self.end_known and all(number in self.passed for number in range(1, self.pages_known + 1))

    @property
    def total(self) -> int | None:
        """The server's total where the pages agree on one, else None. An empty window's null means 0."""
        if len(self.totals) != 1:
            return None
        total = next(iter(self.totals))
        return 0 if total is None and not self.ids else total

    @property
    def total_share(self) -> int | None:
        """Rows it adds to its scope's total. The edge second of a part is left out, as the next part counts it, too."""
        if self.total is None or self.window.stop == self.scope.report.window.stop:
            return self.total
        return self.total - len(self.edge)

    def conclude(self) -> None:
        """Add what it has proved to its scope."""
        scope, share = self.scope, self.total_share
        scope.came = True
        scope.report.total = None if scope.report.total is None or share is None else scope.report.total + share
        if scope.report.rereads:
            scope.proved |= self.ids - self.edge

    def torn(self) -> str | None:
        """Why the pages, all in or contradicting one another, do not prove the window whole; None if they do."""
        if len(self.totals) > 1:
            named = ", ".join(_told(total) for total in sorted(self.totals, key=lambda t: (t is None, t)))
            return f"its pages disagree about the total ({named})"
        total = self.total
        if total is not None and total != len(self.ids):
            return f"the server counts {_told(total)} rows and {len(self.ids)} different ones came"
        if self.repeated:
            return f"the rows of page {self.repeated} had all come before"
        rows = sum(self.passed.values())
        if rows != len(self.ids):
            return f"{rows} rows came and only {len(self.ids)} of them differ"
        return None


def _told(total: int | None) -> str:
    """A total as a reason shows it: an absurd one by its length."""
    return str(total) if total is None or total < _TOLD_MAX else f"about 10^{len(str(total)) - 1}"
