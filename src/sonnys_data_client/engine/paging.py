"""Lists: every page, with a guard against false ends and pages that repeat.

`offset` is a page number from 1. A list has ended when a page is empty, when as many different rows came as `total`
says, or when a page is not full. "Full" is judged by the page size that the server names in its reply. It may grant
less than was asked for, and a page that looks short would then cut the list off silently. Where the server names no
size, the next page is asked for to be sure. So it is where no page has had more rows than the one that looks short,
because the server may name what was asked for and grant less; and where a first page is full and has as many rows as
`total` says, because some servers count each page by itself.

When a server grants less, the next pages are asked for in that size, or in the smallest that the endpoint allows. When
it grants less only from a later page on, page numbers mean other rows, and the walk through the pages starts over.

A `total` is believed as far as pages bear it out. One below the rows that have come is a contradiction, and no end.
One above them never makes more requests: pages are asked for one by one, while they bring rows.

A server that ignores `offset` would give the same page for ever. So a page whose rows all came before ends the list,
and `IncompleteError` says so, unless `total` says that it is all, or the page shows itself to be the last.

Rows move between pages while a list grows. So the different rows are counted against `total` at the end, and the list
is read again, up to twice, when some are missing; rows that came before are kept. If two readings bring the same rows,
a third would, too. If some are still missing, `IncompleteError` says so.

Some lists have no field that tells rows apart. There the whole row does. A row that comes again on a later page may
have moved, or may be another that looks the same. So the list is read once more: if every row comes the same, nothing
moves, and the rows that look the same are several.

A page that the server cannot give is read by smaller pages (`isolation`). What cannot be had is named as a gap, and the
list goes on behind it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Literal

from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.isolation import PAGE_ERRORS, Effort, Isolation, merged, smaller
from sonnys_data_client.engine.listing import Criteria, Listing, Lost, RawPage, row_key
from sonnys_data_client.errors import APIConnectionError, APIError, IncompleteError, MismatchError, Remedy, SonnysError
from sonnys_data_client.words import counted

FirstPage = Literal["isolate", "probe", "raise"]
"""What to do if the first page fails: read it by smaller pages; do that unless two of them fail, too; or raise."""

_WALKS_MAX = 3
_COUNT_SHOWN_MAX = 10**9
"""A greater total is a mistake of the server's, and is not written out."""


def read_all(
    listing: Listing,
    criteria: Criteria,
    policy: CallPolicy,
    keep: Callable[[dict[str, Any]], bool] = lambda _: True,
    limit: int | None = None,
) -> Flow[list[Any]]:
    """Read all pages of a list at once: the raw rows of a `Pager`, in the order in which they first came.

    Raises:
        APIError: A page cannot be read; the raw rows of the pages before are in its `rows`.
        IncompleteError: Some rows are missing; the rows that came are in its `rows`.
    """
    effort = Effort()
    pager = Pager(listing, criteria, policy, keep=keep, limit=limit, effort=effort)
    rows: list[Any] = []
    try:
        while (page := (yield from pager.next_page())) is not None:
            rows += page.rows
    except (APIError, IncompleteError) as error:
        if not effort.served and effort.first_error is not None:
            raise effort.first_error from None
        error.rows = rows
        raise
    return rows


@dataclass(slots=True)
class _Walk:
    """One walk through the pages, from the first.

    Attributes:
        number: The page that was read last.
        total: The last count by the server that the pages did not contradict; None if there was none.
        seen: Keys of the rows so far.
        again: Rows whose key had come on an earlier page.
        pages: Digests of the pages so far.
        largest: Rows of the largest page so far.
        stale: Pages in a row that brought nothing new.
        lost: Rows that could not be read.
        digest: Digest of all rows so far: two walks with the same digest read a list that did not change.
    """

    number: int = 0
    total: int | None = None
    seen: set[Any] = field(default_factory=set)
    again: list[Any] = field(default_factory=list)
    pages: set[bytes] = field(default_factory=set)
    largest: int = 0
    stale: int = 0
    lost: list[Lost] = field(default_factory=list)
    digest: Any = field(default_factory=blake2b)

    @property
    def end_lost(self) -> bool:
        """Whether the end of the list could not be read."""
        return any(lost.last is None for lost in self.lost)

    @property
    def rows_lost(self) -> int:
        """How many rows could not be read."""
        return sum(lost.count for lost in self.lost)


class Pager:
    """Reads all pages of a list, one request a page, and gives each row once.

    It remembers the key of every row, and no row.

    Args:
        listing: Which list.
        criteria: Query parameters other than `limit` and `offset`.
        policy: How hard each request tries.
        keep: Which rows belong to what the caller asked for.
        limit: Rows a page, if not the largest.
        given: Keys of rows not to give, because a neighbouring range has given them. Grows.
        effort: What may be spent on pages that fail; shared with the other ranges of the call.
        first_page: What to do if the first page fails; a caller that can read the range by halves has a better way.
        about: What is read, for messages.
        span: The first second of the range and the one after its last, if it is known.
        rows_on_a_page: What `Findings` has under that name; learns more.
    """

    def __init__(
        self,
        listing: Listing,
        criteria: Criteria,
        policy: CallPolicy,
        *,
        keep: Callable[[dict[str, Any]], bool] = lambda _: True,
        limit: int | None = None,
        given: set[Any] | None = None,
        effort: Effort | None = None,
        first_page: FirstPage = "isolate",
        about: str = "",
        span: tuple[int, int] | None = None,
        rows_on_a_page: dict[str, int] | None = None,
    ) -> None:
        self._listing = listing
        self._rows_on_a_page = {} if rows_on_a_page is None else rows_on_a_page
        self._criteria = criteria
        self._policy = policy
        self._keep = keep
        self._size = limit or listing.limit
        self._applied = self._size
        self._named = False
        self._first = 1
        self._given: set[Any] = set() if given is None else given
        self._effort = effort or Effort()
        self._first_page = first_page
        self._about = about or f"GET {listing.path}"
        self._span = span
        self._counted: set[Any] = set()
        self._walk = _Walk()
        self._walks = 1
        self._last_digest = b""
        self._missing = 0
        self._stuck = False
        self._hopeless = False
        self._ended = False

    def next_page(self) -> Flow[RawPage | None]:
        """Read on until there are rows to give; give the first page in any case, for its total.

        Returns:
            The page, with the rows that were not given before; None after the last.

        Raises:
            APIError: The call is denied, the server cannot be reached, or the caller is to read the range by halves.
            IncompleteError: After the last page: rows are missing, or may be.
        """
        while not self._ended:
            walk = self._walk
            walk.number += 1
            page = yield from self._read(walk.number)
            rows, ended = self._take_in(page)
            if ended:
                rows += self._end_walk()
            if rows or (walk.number == 1 and self._walks == 1 and not page.lost):
                return replace(page, rows=rows)
        self._complain()
        return None

    def _read(self, number: int) -> Flow[RawPage]:
        effort, size = self._effort, self._size
        self._hopeless = effort.spent
        policy = effort.policy(self._policy)
        try:
            page = yield from effort.read(self._listing, self._criteria, number, size, policy=policy, first=self._first)
        except PAGE_ERRORS as error:
            otherwise = self._first_page if number == 1 and self._walks == 1 else "isolate"
            whole = self._hopeless or smaller(self._listing, self._applied) is None
            if otherwise == "raise" or (whole and (otherwise == "probe" or isinstance(error, APIConnectionError))):
                raise
            # A server that names no page size may apply a smaller one: that of its pages so far.
            applied = self._applied if self._named else self._walk.largest or self._applied
            failed = Lost((number - 1) * applied + 1, number * applied, error)
            isolation = Isolation(self._listing, self._criteria, effort, self._policy, self._first, self._is_known)
            page = yield from isolation.read(failed, splits=otherwise == "probe")
        if number == 1 and page.offset == 0:
            self._first = 0
        self._named = self._named or page.limit is not None
        return page

    def _is_known(self, row: Any) -> bool:
        return row_key(row, self._listing.id_field, Counter()) in self._walk.seen

    def _take_in(self, page: RawPage) -> tuple[list[Any], bool]:
        """Note a page; returns the rows to give, and whether the walk has ended."""
        walk = self._walk
        walk.lost += page.lost
        if page.lost and not page.rows:
            return [], self._ends_behind(page)
        known = len(walk.seen)
        repeated = self._repeats(page)
        rows = [] if repeated else self._note(page.rows)
        held = len(walk.seen) + walk.rows_lost
        if page.total is not None and page.total >= max(len(page.rows), len(walk.seen)):
            walk.total = page.total
        if not page.rows:
            return [], True
        size = len(page.rows) + sum(lost.count for lost in page.lost)
        looks_short = page.limit is not None and size < page.limit
        is_largest = size >= self._largest_page(size)
        short = looks_short and not (is_largest and self._listing.paged)
        # A first page that is full and counts just its own rows may be all, or its total is that of each page.
        doubtful = walk.number == 1 and self._listing.paged and not looks_short and size <= self._size
        if walk.total == held and not doubtful:
            return rows, True
        if page.limit is not None and page.limit < self._applied:
            self._applied = page.limit
            self._size = max(page.limit, self._listing.limit_min)
            if walk.number > 1:
                self._walk = _Walk()
                return rows, False
        walk.stale = walk.stale + 1 if len(walk.seen) == known else 0
        if walk.stale and not short and (repeated or self._listing.id_field is not None or walk.stale > 1):
            # A page larger than was asked for is the whole list, and one smaller than another before it is the last.
            last = looks_short or walk.largest > self._size or len(page.rows) < walk.largest
            self._stuck = self._listing.paged and not last
            return rows, True
        walk.largest = max(walk.largest, size)
        return rows, short

    def _largest_page(self, size: int) -> int:
        """Note a page's number of rows; returns the most that a page of this list has had."""
        largest = max(size, self._rows_on_a_page.get(self._listing.path, 0))
        self._rows_on_a_page[self._listing.path] = largest
        return largest

    def _ends_behind(self, page: RawPage) -> bool:
        """Whether to ask for no page behind one of which nothing could be read."""
        walk = self._walk
        (lost,) = page.lost
        if self._hopeless or isinstance(lost.error, MismatchError):
            walk.lost[-1] = replace(lost, last=None)
            return True
        return walk.total is not None and lost.first + lost.count > walk.total

    def _repeats(self, page: RawPage) -> bool:
        """Whether an earlier page of the walk had the very same rows."""
        digest = blake2b(repr(page.rows).encode(errors="backslashreplace"), digest_size=16).digest()
        known = digest in self._walk.pages
        self._walk.pages.add(digest)
        return known

    def _note(self, page: list[Any]) -> list[Any]:
        walk, rows = self._walk, []
        alike: Counter[bytes] = Counter()
        for row in page:
            key = row_key(row, self._listing.id_field, alike)
            if key in walk.seen and isinstance(key, tuple):
                walk.again.append(row)
            walk.seen.add(key)
            self._counted.add(key)
            if key not in self._given and self._wanted(row):
                self._given.add(key)
                rows.append(row)
        walk.digest.update(repr(page).encode(errors="backslashreplace"))
        return rows

    def _wanted(self, row: Any) -> bool:
        return not isinstance(row, dict) or self._keep(row)

    def _end_walk(self) -> list[Any]:
        """Decide whether to walk again; returns rows that, as it turns out, should have been given before."""
        walk = self._walk
        digest = walk.digest.digest()
        at_rest = digest == self._last_digest
        counts = walk.total is not None and not walk.end_lost
        self._missing = (walk.total or 0) - len(self._counted) - walk.rows_lost if counts else 0
        doubtful = self._missing > 0 or (walk.total is None and walk.again)
        if at_rest and walk.again and doubtful:
            self._missing -= len(walk.again)
            self._ended = True
            return [row for row in walk.again if self._wanted(row)]
        if not doubtful or at_rest or walk.lost or self._walks == _WALKS_MAX:
            self._ended = True
            return []
        self._walks += 1
        self._last_digest = digest
        self._walk = _Walk()
        self._stuck = False
        return []

    def _complain(self) -> None:
        """Raise an error if rows are missing, or may be."""
        about, lost = self._about, list(merged(self._walk.lost))
        gaps = [f"{about if rows.is_all else f'{rows} of {about}'}: {reason_of(rows.error)}" for rows in lost]
        problem, remedy, cause = "", Remedy.LATER, None
        if lost:
            rows = "its rows" if lost[0].is_all else str(lost[0])
            problem = f"{about}: {rows} could not be read: {reason_of(lost[0].error)}."
            cause = lost[0].error
        if self._stuck:
            gaps.append(f"rows of {about} after the first {len(self._walk.seen)}")
            problem = problem or (
                f"{about}: all rows of page {self._walk.number} had come on pages before it, so further rows cannot be "
                "had, if there are any."
            )
            remedy = remedy if cause else Remedy.LESS
        elif self._missing > 0:
            count = counted(self._missing, "row") if self._missing <= _COUNT_SHOWN_MAX else "over a billion rows"
            gaps.append(f"{count} of {about}")
            problem = problem or (
                f"{about}: the server counts {count} more than its pages hold; rows may be moving from page to page."
            )
        if gaps:
            raise IncompleteError(problem, gaps=gaps, remedy=remedy, spans=[self._span] * len(gaps)) from cause


def reason_of(error: Exception) -> str:
    """An error as the reason of a gap: a clause."""
    problem = error.problem if isinstance(error, SonnysError) else str(error)
    return problem.rstrip(".")
