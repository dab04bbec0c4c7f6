"""Whether a reply answers the question that was asked, whatever mixed it up: a cache, a gateway, a shared connection.

A reply often repeats a part of the question: a job's hash, a page's number, an object's id. If it repeats another, it
is the answer to another question, and its rows may be somebody else's. A reply that leaves the part out says nothing.

Rows say as much as a whole: rows of a window whose times lie days outside it belong to another window. Rows a little
outside are the server's to decide: it may read a time in another zone, or know that a row has moved to another day.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from sonnys_data_client.engine.verdicts import unexpected_words
from sonnys_data_client.engine.windows import DAY_S, Window, row_second
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import MismatchError

_BELIEVABLE = range(946_684_800, 4_102_444_800)
"""The years 2000 to 2099, in epoch seconds. A time outside is no time: `0001-01-01` is how .NET writes none."""
_SHOWN = re.compile(r"(?=.*[0-9])[0-9A-Za-z:._-]{1,40}")
"""Ids and hashes. What looks otherwise may be a name, and is not shown."""


def check_hash(request: Request, asked: str, data: dict[str, Any]) -> None:
    """Check the `hash` that a job's reply repeats.

    Raises:
        MismatchError: It is another job's.
    """
    _check(request, "hash", asked, data.get("hash"))


def check_page(request: Request, asked: int, data: dict[str, Any]) -> None:
    """Check the `offset` that a page of a list, or a job, repeats: the number of the page.

    Raises:
        MismatchError: It is another page's.
    """
    _check(request, "offset", asked, data.get("offset"))


def check_id(request: Request, field: str, asked: str | int, data: dict[str, Any]) -> None:
    """Check the id of an object that was asked for by it. Ids are compared as text.

    Args:
        request: What was sent.
        field: The field of the object that holds its id.
        asked: The id that was asked for.
        data: The object.

    Raises:
        MismatchError: It is another object.
    """
    _check(request, field, asked, data.get(field))


def check_times(request: Request, window: Window, rows: Iterable[Any]) -> None:
    """Check that no row of a window happened more than a day before or after it.

    Raises:
        MismatchError: A row did.
    """
    for row in rows:
        second = row_second(row) if isinstance(row, dict) else None
        if (
            second is not None
            and second in _BELIEVABLE
            and not -DAY_S <= second - window.start <= window.length_s + DAY_S
        ):
            day = datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d")
            raise mismatch_error(request, f"rows from {window}", f"a row of {day}")


def mismatch_error(request: Request, asked: str, answered: str) -> MismatchError:
    """The error for a reply that belongs to another question; neither text may hold personal data."""
    return MismatchError(
        unexpected_words(request, f"asked for {asked}, it answers for {answered}"),
        asked=asked,
        answered=answered,
        method=request.method,
        path=request.path,
        status=200,
    )


def _check(request: Request, field: str, asked: str | int, answered: Any) -> None:
    said, due = _text(answered), str(asked).strip()
    if said and _plain(said) != _plain(due):
        shown = said if _SHOWN.fullmatch(said) else "something else"
        raise mismatch_error(request, f"{field} {asked}", f"{field} {shown}")


def _plain(text: str) -> str:
    """An id as it is compared: a number without zeros in front."""
    return text.lstrip("0") or "0" if text.isascii() and text.isdigit() else text


def _text(value: Any) -> str:
    """What an id, hash or number says, as text; empty if it says nothing."""
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal):
        return ""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    return str(value).strip()
