"""Lists: every page, with a guard against false ends and pages that repeat.

`offset` is a page number from 1. A list has ended when a page is empty, when as many different rows came as `total`
says, or when a page is not full. "Full" is judged by the page size that the server names in its reply. It may grant
less than was asked for, and a page that looks short would then cut the list off silently. Where the server names no
size, the next page is asked for to be sure. When it grants less, the next pages are asked for in that size. When it
grants less only from a later page on, page numbers mean other rows, and the walk through the pages starts over.

A server that ignores `offset` would give the same page for ever, so a page with nothing new ends the list, too. If that
page is full, and no `total` says that it is all, there may be more that cannot be read, and `IncompleteError` says so.

Rows move between pages while a list grows. So the different rows are counted against `total` at the end, and the list
is read again, up to twice, when some are missing; rows that came before are kept. If some are still missing,
`IncompleteError` says so.

Some lists have no field that tells rows apart. There the whole row does. A row that comes again on a later page may
have moved, or may be another that looks the same. So the list is read once more: if every row comes the same, nothing
moves, and the rows that look the same are several.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from hashlib import blake2b
from typing import Any, Protocol

from sonnys_data_client.engine.call import CallPolicy, call
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.rows import id_of
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError, IncompleteError, NotFoundError, Remedy

_WALKS_MAX = 3

Criteria = tuple[tuple[str, str], ...]
"""Query parameters other than `limit` and `offset`, in order."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What it takes to know of a list endpoint to read all of it.

    Attributes:
        path: Path below the base URL.
        key: Name of the list in the reply's `data`.
        id_field: Field that tells rows apart; None if only the whole row does.
        limit: Rows a page to ask for: the largest that the endpoint allows.
        paged: Whether it promises pages. An endpoint that does not may give all rows, whatever page is asked for.
    """

    path: str
    key: str
    id_field: str | None
    limit: int
    paged: bool = True

    def request(self, criteria: Criteria, number: int, limit: int) -> Request:
        """The request for one page."""
        return Request("GET", self.path, (*criteria, ("limit", str(limit)), ("offset", str(number))))

    def read(self, request: Request, body: dict[str, Any], number: int, limit: int) -> RawPage:
        """Read the reply to such a request.

        Raises:
            UnexpectedResponseError: It is not a page of this list.
        """
        data = body.get("data")
        rows = data.get(self.key) if isinstance(data, dict) else None
        if not isinstance(data, dict) or not isinstance(rows, list):
            raise unexpected(request, f"a list `{self.key}` was due", body)
        total, granted = data.get("total"), data.get("limit")
        return RawPage(
            rows,
            number,
            total if isinstance(total, int) and not isinstance(total, bool) else None,
            min(limit, granted) if isinstance(granted, int) and not isinstance(granted, bool) and granted > 0 else None,
        )


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page of a list.

    Attributes:
        rows: Raw rows, each an `engine.rows.Row` unless its reply was unusual.
        number: Its page number, from 1.
        total: Rows of the whole list by the server's count; None when it does not say.
        limit: The page size that the server says it applied, never above what was asked for; None when it does
            not say.
    """

    rows: list[Any]
    number: int
    total: int | None
    limit: int | None


class PageSource(Protocol):
    """A list that is read page by page; nothing is on the wire between two pages."""

    def next_page(self) -> Flow[RawPage | None]:
        """Read the next page that has rows to give; None after the last."""
        ...


def read_page(listing: Listing, criteria: Criteria, number: int, limit: int, policy: CallPolicy) -> Flow[RawPage]:
    """Read one page: one request.

    Raises:
        APIError: It cannot be read.
    """
    request = listing.request(criteria, number, limit)
    return listing.read(request, (yield from call(request, policy)), number, limit)


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
        IncompleteError: The server counts more rows than came, in three walks; the rows that came are in its `rows`.
    """
    pager = Pager(listing, criteria, policy, keep=keep, limit=limit)
    rows: list[Any] = []
    try:
        while (page := (yield from pager.next_page())) is not None:
            rows += page.rows
    except (APIError, IncompleteError) as error:
        error.rows = rows
        raise
    return rows


@dataclass(slots=True)
class _Walk:
    """One walk through the pages, from the first.

    Attributes:
        number: The page that was read last.
        seen: Keys of the rows so far.
        again: Rows whose key had come on an earlier page.
        before: The rows of the page before.
        digest: Digest of all rows so far: two walks with the same digest read a list that did not change.
    """

    number: int = 0
    seen: set[Any] = field(default_factory=set)
    again: list[Any] = field(default_factory=list)
    before: list[Any] = field(default_factory=list)
    digest: Any = field(default_factory=blake2b)


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
        may_be_404: Whether "not found" can only mean that there are no rows: the criteria name nothing that may not
            exist.
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
        may_be_404: bool = False,
    ) -> None:
        self._listing = listing
        self._criteria = criteria
        self._policy = policy
        self._keep = keep
        self._size = limit or listing.limit
        self._given: set[Any] = set() if given is None else given
        self._may_be_404 = may_be_404
        self._counted: set[Any] = set()
        self._walk = _Walk()
        self._walks = 1
        self._last_digest = b""
        self._missing = 0
        self._stuck = False
        self._ended = False

    def next_page(self) -> Flow[RawPage | None]:
        """Read on until there are rows to give; give the first page in any case, for its total.

        Returns:
            The page, with the rows that were not given before; None after the last.

        Raises:
            APIError: A page cannot be read.
            IncompleteError: The server counts more rows than came, in three walks, or gives page 1 again for page 2.
        """
        while not self._ended:
            walk = self._walk
            walk.number += 1
            page = yield from self._read(walk.number)
            rows, ended = self._take_in(page)
            if ended:
                rows += self._end_walk(page.total)
            if rows or (walk.number == 1 and self._walks == 1):
                return replace(page, rows=rows)
        if self._stuck:
            raise IncompleteError(
                f"GET {self._listing.path}: the server gives page 1 again for page 2, so further rows cannot be had, "
                "if there are any.",
                remedy=Remedy.LESS,
                gaps=[f"rows of GET {self._listing.path} after the first {self._size}"],
            )
        if self._missing > 0:
            raise IncompleteError(
                f"GET {self._listing.path}: the server counts {self._missing} more rows than its pages hold; rows may "
                "be moving from page to page.",
                remedy=Remedy.LATER,
                gaps=[f"{self._missing} rows of GET {self._listing.path}"],
            )
        return None

    def _read(self, number: int) -> Flow[RawPage]:
        try:
            return (yield from read_page(self._listing, self._criteria, number, self._size, self._policy))
        except NotFoundError:
            if number == 1 and not self._may_be_404:
                raise
            return RawPage([], number, None, None)  # "an inquiry returns no results" is a 404, by the spec

    def _take_in(self, page: RawPage) -> tuple[list[Any], bool]:
        """Note a page; returns the rows to give, and whether the walk has ended."""
        walk = self._walk
        if not page.rows:
            return [], True
        if page.rows == walk.before:
            full = len(page.rows) == self._size and page.total is None
            self._stuck = full and walk.number == 2 and self._listing.paged
            return [], True
        known = len(walk.seen)
        rows = self._note(page.rows)
        if page.total is not None and len(walk.seen) >= page.total:
            return rows, True
        if page.limit is not None and page.limit < self._size:
            self._size = page.limit
            if walk.number > 1:
                self._walk = _Walk()
                return rows, False
        walk.before = page.rows
        nothing_new = len(walk.seen) == known
        return rows, nothing_new or (page.limit is not None and len(page.rows) < page.limit)

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

    def _end_walk(self, total: int | None) -> list[Any]:
        """Decide whether to walk again; returns rows that, as it turns out, should have been given before."""
        walk = self._walk
        digest = walk.digest.digest()
        at_rest = digest == self._last_digest
        self._missing = 0 if total is None else total - len(self._counted)
        doubtful = self._missing > 0 or (total is None and walk.again)
        if at_rest and walk.again and doubtful:
            self._missing -= len(walk.again)
            self._ended = True
            return [row for row in walk.again if self._wanted(row)]
        if not doubtful or self._walks == _WALKS_MAX:
            self._ended = True
            return []
        self._walks += 1
        self._last_digest = digest
        self._walk = _Walk()
        return []


def row_key(row: Any, id_field: str | None, alike: Counter[bytes]) -> str | tuple[bytes, int]:
    """What tells a row apart: its id, or else a digest of all of it and its number among equal rows on its page."""
    found = id_of(row, id_field)
    if found is not None:
        return found
    digest = blake2b(json.dumps(row, sort_keys=True, default=str).encode(), digest_size=16).digest()
    alike[digest] += 1
    return digest, alike[digest]
