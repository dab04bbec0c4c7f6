"""Everything but transactions: snapshots of what there is, and events day by day. One line a table, no code a table.

A snapshot is all rows of a list as they are now, under today's date; it is taken again when the last one is so many
days old. Events are read for all days that are due at once, cut into parts of four weeks, and put away by the UTC day
of their moment. Lists have no jobs: the server's own count, which the paging compares, is their proof.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sonnys_data_client.archive.evidence import Evidence, day_of, day_start
from sonnys_data_client.archive.filling import PartitionRead, raw_text
from sonnys_data_client.archive.tables import TABLES, Table
from sonnys_data_client.client.catalog import find
from sonnys_data_client.engine.windows import DAY_S, SKEW_S, history_start, row_second
from sonnys_data_client.errors import RowError
from sonnys_data_client.types import api_name

if TYPE_CHECKING:
    from sonnys_data_client.client.sync import SonnysClient  # which brings the whole of HTTP, and plans need none

PART_DAYS = 28


@dataclass(frozen=True, slots=True)
class Source:
    """Where a table's rows come from.

    Attributes:
        resource: The client's resource.
        method: Its list.
        every_days: For snapshots: days until the next.
        dates: What the call takes: `no` dates, all `since` a day, or a range of `days`. A snapshot over a range has
            the six months that the server keeps.
    """

    resource: str
    method: str
    every_days: int = 1
    dates: Literal["no", "since", "days"] = "no"


SOURCES: Mapping[str, Source] = {
    "sites": Source("sites", "list"),
    "items": Source("items", "list"),
    "employees": Source("employees", "list"),
    "status_changes": Source("recurring", "list_status_changes", dates="days"),
    "sales_outcomes": Source("sales_outcomes", "list", dates="days"),
    "clock_entries": Source("employees", "clock_entries", dates="days"),
    "customers": Source("customers", "list", every_days=7),
    "giftcards": Source("giftcards", "list", every_days=7, dates="days"),
    "washbooks": Source("washbooks", "list_all", every_days=7, dates="since"),
    "recurring_accounts": Source("recurring", "list_all_details", every_days=7, dates="since"),
    "recurring_modifications": Source("recurring", "list_modifications", every_days=7, dates="days"),
}
"""Every table but transactions, in the order in which a sync reads them: the cheap ones first."""


@dataclass(frozen=True, slots=True)
class Part:
    """One call, and the days that it fills.

    Attributes:
        table: The table.
        first: First UTC day; of a snapshot, its date.
        last: Last UTC day.
        params: What the call takes.
    """

    table: Table
    first: date
    last: date
    params: Mapping[str, Any]


def parts_due(
    name: str, known: Mapping[date, Evidence], *, start: date | None, since: date, reread_days: float, now: float
) -> Iterator[Part]:
    """The calls that bring a table up to date; none if it is.

    Args:
        name: The table.
        known: What the archive has of it, by UTC day.
        start: First day of events; None for six months ago.
        since: First day of sign-ups that snapshots reach back to.
        reread_days: Days after its end in which a day of events is read again.
        now: Epoch seconds.
    """
    table, source = TABLES[name], SOURCES[name]
    today = day_of(now)
    oldest = day_of(history_start(now) + DAY_S - 1)
    if table.kind == "snapshots":
        taken = max((day for day in known if day <= today), default=None)  # a later one is a wrong clock's
        if taken is None or (today - taken).days >= source.every_days:
            spans: Mapping[str, Mapping[str, Any]] = {
                "no": {},
                "since": {"since": since},
                "days": {"startDate": oldest, "endDate": today},
            }
            yield Part(table, today, today, spans[source.dates])
        return
    first = oldest if start is None else max(start, oldest)
    due = [day for day in _days(first, today) if _is_due(known.get(day), day, reread_days, now)]
    while due:
        last = min(due[-1], due[0] + timedelta(days=PART_DAYS - 1))
        # Midnight of a UTC day as an instant, and the last second before another: a bare date is the client's to read.
        span = {"startDate": day_start(due[0]), "endDate": min(day_start(last) + DAY_S - 1, int(now) - SKEW_S)}
        yield Part(table, due[0], last, span)
        due = [day for day in due if day > last]


def requests_expected(parts: int, known: Mapping[date, Evidence]) -> int | None:
    """About how many requests a table takes: for each call, what the last one took; None if none was counted.

    Args:
        parts: How many calls are due.
        known: What the archive has of the table, by UTC day.
    """
    last = known[max(known)].requests if known else 0
    return parts * last if last else None


def _is_due(found: Evidence | None, day: date, reread_days: float, now: float) -> bool:
    end = day_start(day) + DAY_S
    return found is None or found.through < end or end > now - reread_days * DAY_S


def read_part(client: SonnysClient, part: Part, now: float, seen: Callable[[int], None]) -> dict[date, PartitionRead]:
    """Make a call, and sort its rows into days. Rows that fit no model come along raw, for quarantine.

    Args:
        client: Whose rows.
        part: The call.
        now: Epoch seconds.
        seen: Told how many more rows have come.

    Raises:
        APIError: The API refused or could not be reached.
        IncompleteError: The server counts more rows than came.
    """
    texts: dict[date, list[str]] = {day: [] for day in _days(part.first, part.last)}
    source = SOURCES[part.table.name]
    try:
        for page in find(source.resource, source.method).pages(client, **part.params):
            for row, raw in zip(page.rows, page.raw, strict=True):
                moment = None if part.table.kind == "snapshots" else getattr(row, part.table.moment or "", None)
                day = part.first if moment is None else day_of(moment.timestamp())
                if day in texts:  # an answer may hold the second after the range
                    texts[day].append(raw_text(raw))
                    seen(1)
    except RowError as error:
        for unparsed in error.unparsed:
            said = _day_said(part.table, unparsed.raw)
            texts[part.first if said is None or said not in texts else said].append(raw_text(unparsed.raw))
        seen(len(error.unparsed))
    return {
        day: PartitionRead(rows, None, min(day_start(day) + DAY_S, int(now)), now, now) for day, rows in texts.items()
    }


def _day_said(table: Table, raw: Any) -> date | None:
    """The UTC day of a raw row that fits no record, if it says one all the same."""
    if table.moment is None or not isinstance(raw, dict):
        return None
    second = row_second(raw, api_name(table.record, table.moment))
    return None if second is None else day_of(second)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
