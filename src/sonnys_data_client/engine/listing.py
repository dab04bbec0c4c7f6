"""One page of a list: how it is asked for, how a reply is read, and whether the reply answers the question.

An inquiry without results is a 404 by the spec (`EntityNotFoundError`), and so are null, `{}` and `[]` where a page is
due: all of these are a page without rows. A 404 in any other form is about the address, and stays an error.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Protocol

from sonnys_data_client.engine.call import CallPolicy, call
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.mismatch import mismatch_error
from sonnys_data_client.engine.rows import as_list
from sonnys_data_client.engine.verdicts import is_no_results, unexpected
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError, NotFoundError

Criteria = tuple[tuple[str, str], ...]
"""Query parameters other than `limit` and `offset`, in order."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Rows of a list that could not be read.

    Attributes:
        first: Number of the first of them in the list, from 1.
        last: Number of the last of them; None if all rows from the first on are lost.
        error: Why.
    """

    first: int
    last: int | None
    error: APIError

    @property
    def count(self) -> int:
        """How many rows at most; 0 if nobody knows."""
        return 0 if self.last is None else self.last - self.first + 1

    @property
    def is_all(self) -> bool:
        """Whether these are all rows of the list."""
        return self.first == 1 and self.last is None

    def __str__(self) -> str:
        if self.last is None:
            return f"rows from {self.first} on"
        return f"row {self.first}" if self.first == self.last else f"rows {self.first} to {self.last}"


@dataclass(frozen=True, slots=True)
class RawPage:
    """One page of a list.

    Attributes:
        rows: Raw rows, each an `engine.rows.Row` unless its reply was unusual.
        number: Its page number, from 1.
        total: Rows of the whole list by the server's count; None when it does not say.
        limit: The page size that the server says it applied, never above what was asked for; None when it does
            not say, or has more rows than that.
        offset: The page number that the server says; None when it does not say.
        lost: Rows of the page that could not be read.
        unfinished: Whether the range had not ended when the page was read.
    """

    rows: list[Any]
    number: int
    total: int | None
    limit: int | None
    offset: int | None = None
    lost: tuple[Lost, ...] = ()
    unfinished: bool = False


class PageSource(Protocol):
    """A list that is read page by page; nothing is on the wire between two pages."""

    def next_page(self) -> Flow[RawPage | None]:
        """Read the next page that has rows to give; None after the last."""
        ...


@dataclass(frozen=True, slots=True)
class Listing:
    """What it takes to know of a list endpoint to read all of it.

    Attributes:
        path: Path below the base URL.
        key: Name of the list in the reply's `data`.
        id_field: Field that tells rows apart; None if only the whole row does.
        limit: Rows a page to ask for: the largest that the endpoint allows.
        paged: Whether it promises pages. An endpoint that does not may give all rows, whatever page is asked for.
        limit_min: The fewest rows a page that may be asked for.
    """

    path: str
    key: str
    id_field: str | None
    limit: int
    paged: bool = True
    limit_min: int = 1

    def request(self, criteria: Criteria, number: int, limit: int) -> Request:
        """The request for one page."""
        return Request("GET", self.path, (*criteria, ("limit", str(limit)), ("offset", str(number))))

    def read(self, request: Request, body: dict[str, Any], number: int, limit: int) -> RawPage:
        """Read the reply to such a request.

        Raises:
            UnexpectedResponseError: It is not a page of this list.
        """
        rows = rows_of(body, self.key)
        if rows is None:
            raise unexpected(request, f"a list `{self.key}` was due", body)
        data = body.get("data")
        said = data if isinstance(data, dict) else {}
        granted = _whole(said.get("limit"))
        return RawPage(
            rows,
            number,
            _whole(said.get("total")),
            min(limit, granted) if granted is not None and granted >= max(1, len(rows)) else None,
            _whole(said.get("offset")),
        )


def read_page(
    listing: Listing, criteria: Criteria, number: int, limit: int, policy: CallPolicy, *, first: int = 1
) -> Flow[RawPage]:
    """Read one page: one request, and two more at most while the reply is no page of this list, or another page.

    Args:
        listing: Which list.
        criteria: Query parameters other than `limit` and `offset`.
        number: The page's number, from 1.
        limit: Rows a page.
        policy: How hard each request tries.
        first: The number that this server gives to the first page in its replies. The spec's samples have 0.

    Raises:
        MismatchError: The server gives another page than the one that was asked for, again and again.
        APIError: It cannot be read.
    """
    request = listing.request(criteria, number, limit)

    def check(body: dict[str, Any]) -> None:
        page = listing.read(request, body, number, limit)
        if listing.paged and not answers_page(page.offset, number, limit, first):
            raise mismatch_error(request, f"offset {number}", f"offset {page.offset}")

    try:
        body = yield from call(request, policy, check)
    except NotFoundError as error:
        if not is_no_results(error):
            raise
        return RawPage([], number, None, None)
    return listing.read(request, body, number, limit)


def rows_of(body: dict[str, Any], key: str) -> list[Any] | None:
    """The rows of a reply that is to hold a list under a name; None if it is something else.

    Nothing under the name, and nothing at all, are no rows.
    """
    data = body.get("data")
    if isinstance(data, dict) and key in data:
        return as_list(data[key])
    if body and "data" not in body:
        return None
    if not isinstance(data, dict):
        return [] if as_list(data) == [] else None
    # A list under another name is another list, and not an empty one of this.
    return None if any(isinstance(other, list | dict | str) and other for other in data.values()) else []


def answers_page(said: int | None, number: int, limit: int, first: int = 1) -> bool:
    """Whether a reply that names its page can be the one that was asked for.

    Args:
        said: The `offset` in the reply; None if it has none.
        number: The page that was asked for, from 1.
        limit: Rows a page that were asked for.
        first: The number that the server gives to the first page in its replies.
    """
    by_rows = (number - 1) * limit  # as the name says: where the page's rows begin in the list
    return said is None or said == number - 1 + first or (said == by_rows and (number == 1 or by_rows > number))


def row_key(row: Any, id_field: str | None, alike: Counter[bytes]) -> str | int | tuple[bytes, int]:
    """What tells a row apart: its id, or else a digest of all of it and its number among equal rows on its page."""
    found = row.get(id_field) if isinstance(row, dict) and id_field is not None else None
    if isinstance(found, str | int) and not isinstance(found, bool) and found != "":
        return found
    digest = blake2b(json.dumps(row, sort_keys=True, default=str).encode(), digest_size=16).digest()
    alike[digest] += 1
    return digest, alike[digest]


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
