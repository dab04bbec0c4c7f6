"""Lists: every page, with a guard against ends that are none and pages that repeat.

`offset` is a page number from 1. A list has ended when a page is empty, when as many different rows came as `total`
says, or when a page is not full. "Full" is judged by the page size that the server names in its reply: it may grant
less than was asked for, and a page that looks short would then cut the list off quietly. Where it names none, the
next page is asked for to be sure. When it grants less, the next pages are asked for in that size; when it begins to
only midway, page numbers mean other rows, and the reading starts over.

A server that ignores `offset` would give the same page for ever: a page with nothing new ends the list too.

Rows move between pages while a list grows. So the different rows are counted against `total` at the end, and the
list is read again, up to twice, when some are missing; what was seen before is kept. If they are still missing,
`IncompleteError` says so and carries the rows that came.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sonnys_data_client.engine.call import CallPolicy, call
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError, IncompleteError

_READINGS_MAX = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """What there is to know of one list endpoint to read all of it.

    Attributes:
        path: Path below the base URL.
        key: Name of the list in the reply's `data`.
        id_field: Field that tells rows apart.
        limit: Rows a page to ask for: the largest that the endpoint allows.
    """

    path: str
    key: str
    id_field: str
    limit: int

    def request(self, criteria: tuple[tuple[str, str], ...], number: int, limit: int) -> Request:
        """The request for one page."""
        return Request("GET", self.path, (*criteria, ("limit", str(limit)), ("offset", str(number))))


@dataclass(frozen=True, slots=True)
class ListPage:
    """One page of a list.

    Attributes:
        rows: Raw rows.
        total: Rows of the whole list by the server's count; None when it does not say.
        limit: The page size that the server says it applied, never above what was asked for; None when it does
            not say.
    """

    rows: list[Any]
    total: int | None
    limit: int | None


def read_page(listing: Listing, request: Request, limit: int, policy: CallPolicy) -> Flow[ListPage]:
    """Read one page: one request.

    Raises:
        APIError: It cannot be read.
    """
    body = yield from call(request, policy)
    data = body.get("data")
    rows = data.get(listing.key) if isinstance(data, dict) else None
    if not isinstance(data, dict) or not isinstance(rows, list):
        raise unexpected(request, f"a list `{listing.key}` was due", body)
    total, granted = data.get("total"), data.get("limit")
    return ListPage(
        rows,
        total if isinstance(total, int) and not isinstance(total, bool) else None,
        min(limit, granted) if isinstance(granted, int) and not isinstance(granted, bool) and granted > 0 else None,
    )


def read_all(
    listing: Listing,
    criteria: tuple[tuple[str, str], ...],
    policy: CallPolicy,
    keep: Callable[[dict[str, Any]], bool] = lambda _: True,
    limit: int | None = None,
) -> Flow[list[Any]]:
    """Read all pages of a list: one request a page.

    Args:
        listing: Which list.
        criteria: Query parameters other than `limit` and `offset`.
        policy: How hard each request tries.
        keep: Which rows belong to what the caller asked for.
        limit: Rows a page, if not the largest.

    Returns:
        The raw rows that `keep` keeps, each once, in the order in which they first came.

    Raises:
        APIError: A page cannot be read; the raw rows of those before are in its `rows`.
        IncompleteError: The server counts more rows than came, three times over; those that came are in its `rows`.
    """
    size = limit or listing.limit
    rows: dict[Any, Any] = {}
    missing = 0
    try:
        for _ in range(_READINGS_MAX):
            total = yield from _read_once(listing, criteria, policy, size, rows)
            missing = 0 if total is None else total - len(rows)
            if missing <= 0:
                return _kept(rows, keep)
    except APIError as error:
        error.rows = _kept(rows, keep)
        raise
    raise IncompleteError(
        f"GET {listing.path}: the server counts {missing} more rows than its pages hold; they may be in motion: "
        "try again later, or for a range that has ended. The rows that came are in error.rows.",
        gaps=[f"{missing} rows of GET {listing.path}"],
        rows=_kept(rows, keep),
    )


def _kept(rows: dict[Any, Any], keep: Callable[[dict[str, Any]], bool]) -> list[Any]:
    return [row for row in rows.values() if not isinstance(row, dict) or keep(row)]


def _read_once(
    listing: Listing, criteria: tuple[tuple[str, str], ...], policy: CallPolicy, size: int, rows: dict[Any, Any]
) -> Flow[int | None]:
    """Walk through all pages once, adding new rows to `rows`; return the last total."""
    number = 0
    seen: set[Any] = set()
    before: list[Any] = []
    while True:
        number += 1
        page = yield from read_page(listing, listing.request(criteria, number, size), size, policy)
        if not page.rows or page.rows == before:
            return page.total
        known = len(seen)
        for position, row in enumerate(page.rows, (number - 1) * size):
            key = _key(row, listing.id_field, position)
            seen.add(key)
            rows.setdefault(key, row)
        if page.total is not None and len(seen) >= page.total:
            return page.total
        if page.limit is not None and page.limit < size:
            size = page.limit
            if number > 1:
                number, seen, before = 0, set(), []
                continue
        if len(seen) == known or (page.limit is not None and len(page.rows) < page.limit):
            return page.total
        before = page.rows


def _key(row: Any, id_field: str, position: int) -> Any:
    found = row.get(id_field) if isinstance(row, dict) else None
    return found if isinstance(found, str | int) and found != "" else ("no id", position)
