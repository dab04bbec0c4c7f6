"""Lists in pages, and the routes of lists and single objects.

```text
{"data": {"<key>": [...], "offset": 1, "limit": 100, "total": 237}}
```

`offset` is the number of the page. A page beyond the last is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from sonnys_data_client.sandbox.dice import chance
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import LIMIT, OFFSET
from sonnys_data_client.sandbox.replies import as_json, not_found
from sonnys_data_client.sandbox.route import Call, Check, Param, Route
from sonnys_data_client.sandbox.shape import Schema, Shape, closed, many, one
from sonnys_data_client.sandbox.spelling import COUNT, Spelling

__all__ = ["detail_route", "list_page", "list_route", "listed", "page_of", "something", "spoil", "whole_list"]

T = TypeVar("T")

_FEWER = 25
"""The largest page under the quirk `granted_limit=fewer`: the server gives fewer rows than were asked for."""


def list_page(
    call: Call, office: Office, key: str, rows: Sequence[T], write: Callable[[T], dict[str, Any]], *, least: int = 1
) -> bytes:
    """Return the page of a list that a call asks for.

    Args:
        call: A call with `limit` and `offset`.
        office: The office.
        key: The list's key in the reply.
        rows: All rows of the list.
        write: Makes a row of the reply.
        least: The smallest `limit` that a call may have. Pages are never cut below it.
    """
    quirks = office.config.quirks
    something(rows, office)
    limit, page = call[LIMIT], call[OFFSET]
    if quirks.granted_limit == "fewer":
        limit = min(limit, max(_FEWER, least))
    shown = [write(row) for row in page_of(rows, 1 if quirks.offset == "ignored" else page, limit)]
    if office.dice.spoils_list(call.number, call.now):
        spoil(shown, office.config.seed, call.number)
    return as_json({"data": {key: shown, "offset": page, "limit": limit, "total": _total(rows, office)}})


def whole_list(office: Office, key: str, rows: Sequence[T], write: Callable[[T], dict[str, Any]]) -> bytes:
    """Return a whole list, for a route without pages."""
    shown = [write(row) for row in something(rows, office)]
    return as_json({"data": {key: shown, "offset": 1, "limit": len(shown), "total": _total(rows, office)}})


def list_route(
    path: str,
    key: str,
    shape: Shape[T],
    find: Callable[[Call, Office], Sequence[T]],
    spelling: Spelling,
    *,
    takes: tuple[Param[Any], ...],
    checks: tuple[Check, ...] = (),
) -> Route:
    """Return the route of a list: it answers with a page of the rows that `find` returns."""

    def answer(call: Call, office: Office) -> bytes:
        return list_page(call, office, key, find(call, office), shape.write)

    return Route(("GET",), path, answer, listed(key, shape, spelling), takes, checks)


def detail_route(path: str, shape: Shape[T], find: Callable[[Call, Office], T], id: Param[Any]) -> Route:
    """Return the route of one object: it answers with the object that `find` returns."""

    def answer(call: Call, office: Office) -> bytes:
        return as_json({"data": shape.write(find(call, office))})

    return Route(("GET",), path, answer, one(shape).schema, (id,))


def listed(key: str, shape: Shape[Any], spelling: Spelling) -> Schema:
    """Return the schema of a list's `data`."""
    return closed({key: many(shape).schema, "offset": COUNT, "limit": COUNT, "total": spelling.total})


def something(rows: Sequence[T], office: Office) -> Sequence[T]:
    """Return the rows of a list, or refuse an empty list if the quirks say so.

    Raises:
        Refusal: 404.
    """
    if not rows and office.config.quirks.empty_list == "404":
        raise not_found("row")
    return rows


def page_of(rows: Sequence[T], page: int, limit: int) -> Sequence[T]:
    """Return the rows of one page."""
    return rows[(page - 1) * limit : page * limit]


def spoil(shown: list[dict[str, Any]], *about: object) -> None:
    """Make one row impossible to parse.

    Its `total` becomes a word. In a row without `total`, the first field becomes an object.
    """
    if shown:
        row = shown[int(chance("spoilt", *about) * len(shown))]
        if "total" in row:
            row["total"] = "abc"
        else:
            row[next(iter(row))] = {"abc": 1}


def _total(rows: Sequence[Any], office: Office) -> int | None:
    return len(rows) if office.config.quirks.totals == "number" else None
