"""The route of the sales outcomes: a list of sales talks and their results."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sonnys_data_client.sandbox.listing import list_route
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import (
    DAY_S,
    FIRST_DAY,
    LAST_DAY,
    OFFSET,
    first_second,
    limit_of,
    oldest_start,
    site_ids_seen,
)
from sonnys_data_client.sandbox.params import today as start_of_today
from sonnys_data_client.sandbox.route import Call, Param, Route
from sonnys_data_client.sandbox.shape import Field, Shape
from sonnys_data_client.sandbox.spelling import TEXT, WHOLE_AS_TEXT, Spelling
from sonnys_data_client.sandbox.world.histories import Outcome

__all__ = ["routes"]

_LONGEST_DAYS = 31
_LIMIT: Param[int] = limit_of(500, 500)


def routes(spelling: Spelling) -> list[Route]:
    """Return the route of the sales outcomes. Every value in its rows is text (S)."""
    rows = Shape("SalesOutcome", _fields(spelling))
    takes = (_LIMIT, OFFSET, FIRST_DAY, LAST_DAY)
    return [list_route("/sales-outcome/list", "sales", rows, _find, spelling, takes=takes, checks=(_check,))]


def _check(call: Call, office: Office) -> Iterator[str]:
    start, stop = _range(call)
    if start < oldest_start(call.now):
        yield "startDate must not be older than 6 months."
    if stop > start_of_today(call.now) + DAY_S:
        yield "endDate must not be in the future."
    if start >= stop:
        yield "startDate must not be after endDate."
    elif office.config.quirks.outcome_range == "month" and stop - start > _LONGEST_DAYS * DAY_S:
        yield f"The range from startDate to endDate must not be longer than {_LONGEST_DAYS} days."


def _range(call: Call) -> tuple[int, int]:
    """Return the range in epoch seconds.

    Both days are UTC and inclusive; the default is the 31 days up to today.
    """
    first, last = call[FIRST_DAY], call[LAST_DAY]
    stop = DAY_S + (start_of_today(call.now) if last is None else first_second(last))
    start = stop - _LONGEST_DAYS * DAY_S if first is None else first_second(first)
    return start, stop


def _find(call: Call, office: Office) -> Sequence[Outcome]:
    seen = site_ids_seen(call, office)
    rows = office.world.records.outcomes(*_range(call), as_of=call.now)
    found = [row for row in rows if row.site_id in seen]
    return office.in_order(found)


def _fields(spelling: Spelling) -> list[Field[Outcome]]:
    return [
        Field("timestamp", WHOLE_AS_TEXT, lambda row: row.at_ms // 1000),
        Field("employeeId", WHOLE_AS_TEXT, "employee.id"),
        Field("adpId", TEXT, "employee.adp_id"),
        Field("employeeName", TEXT, "employee.name"),
        Field("siteId", WHOLE_AS_TEXT, "site_id"),
        Field("site", TEXT, lambda row: f"{row.site_id} - {row.site_name}"),
        Field("isConverted", TEXT, lambda row: "yes" if row.is_converted else "no"),
        Field("itemId", TEXT, "item_id"),
        Field("itemName", TEXT, "item_name"),
        Field("itemPrice", spelling.price, "price_cents"),
        Field("terminalName", TEXT, "device"),
        *spelling.unheard_of("script", "B"),
    ]
