"""Lists: every page, with a guard against ends that are none and pages that repeat.

`offset` is a page number from 1. A list has ended when a page is empty or not full, or when as many different rows
came as `total` says. "Full" is judged by the page size that the server names in its reply, where it does: it may
grant less than was asked for, and a page that looks short would then cut the list off quietly.

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
from sonnys_data_client.errors import IncompleteError

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
        limit: The page size that the server applied, as far as is known.
    """

    rows: list[Any]
    total: int | None
    limit: int


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
        min(limit, granted) if isinstance(granted, int) and granted > 0 else limit,
    )


def read_all(
    listing: Listing,
    criteria: tuple[tuple[str, str], ...],
    policy: CallPolicy,
    keep: Callable[[dict[str, Any]], bool] = lambda row: True,
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
        APIError: A page cannot be read.
        IncompleteError: The server counts more rows than came, three times over.
    """
    size = limit or listing.limit
    rows: dict[Any, Any] = {}
    missing = 0
    for _ in range(_READINGS_MAX):
        total = yield from _read_once(listing, criteria, policy, size, rows)
        missing = 0 if total is None else total - len(rows)
        if missing <= 0:
            return _kept(rows, keep)
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
    while True:
        number += 1
        page = yield from read_page(listing, listing.request(criteria, number, size), size, policy)
        before = len(seen)
        for position, row in enumerate(page.rows):
            key = _key(row, listing.id_field, number, position)
            seen.add(key)
            rows.setdefault(key, row)
        ended = len(page.rows) < page.limit or (page.total is not None and len(seen) >= page.total)
        if ended or len(seen) == before:
            return page.total


def _key(row: Any, id_field: str, number: int, position: int) -> Any:
    found = row.get(id_field) if isinstance(row, dict) else None
    return found if isinstance(found, str | int) and found != "" else ("no id", number, position)
