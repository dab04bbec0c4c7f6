"""Read every table but transactions: snapshots and events.

A snapshot has all rows of a list as they are now, under today's date. It is taken again once the last one is
`Source.interval_days` old. Events are read for all days that are due at once, in calls of at most four weeks, and
stored by the UTC day on which they happened. `rereading` has the rule for days that are read again. Lists have no jobs.
Their proof is the server's own count, which the paging compares with the rows that came.

What the server does not give of a list is a gap of the days that it may lie in. The other rows are stored, and these
days are due again.

`SOURCES` has one line for each table; no table has code of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Literal

from sonnys_data_client.archive.evidence import Evidence, day_end, day_of, day_start
from sonnys_data_client.archive.filling import Calendars, PartitionRead, encode_rows
from sonnys_data_client.archive.tables import TABLES, Table
from sonnys_data_client.client.catalog import find
from sonnys_data_client.engine.windows import DAY_S, SKEW_S, history_start, row_second
from sonnys_data_client.errors import IncompleteError, RowError
from sonnys_data_client.sync.rereading import Rereading
from sonnys_data_client.types import api_name

if TYPE_CHECKING:
    from sonnys_data_client.client.sync import SonnysClient  # it imports the HTTP library, and plans need none

CALL_DAYS_MAX = 28
"""Most days of events that one call reads."""


_NEVER = Rereading()


@dataclass(frozen=True, slots=True)
class Source:
    """Which call of the client brings a table's rows.

    Attributes:
        resource: The client's resource.
        method: The list method of that resource.
        interval_days: For snapshots: days from one to the next.
        dates: Which dates the call takes: `none`, the first day of sign-ups (`since`), or a `range` of days. A
            snapshot over a range covers the six months that the server keeps.
        rereading: For events: when a day is read again.
        counted_by: For events: how the range of a count is said, in `days` or as `instants`; None if the reply has no
            total, so that the server cannot be asked for a count.
    """

    resource: str
    method: str
    interval_days: int = 1
    dates: Literal["none", "since", "range"] = "none"
    rereading: Rereading = _NEVER
    counted_by: Literal["days", "instants"] | None = None


SOURCES: Mapping[str, Source] = {
    "sites": Source("sites", "list"),
    "items": Source("items", "list"),
    "employees": Source("employees", "list"),
    "status_changes": Source(
        "recurring",
        "list_status_changes",
        dates="range",
        rereading=Rereading("a terminal that was offline brings its changes late, and none changes afterwards", days=7),
        counted_by="instants",
    ),
    "sales_outcomes": Source(
        "sales_outcomes",
        "list",
        dates="range",
        rereading=Rereading(
            "an offer may be taken days later, which changes its row and no count", days=14, unsettled_days=42
        ),
        counted_by="days",
    ),
    # One request brings an employee's shifts of 14 days, today among them: to read fewer days would cost as much.
    "clock_entries": Source(
        "employees",
        "clock_entries",
        dates="range",
        rereading=Rereading(
            "shifts are corrected, ended and added by hand until payroll closes, and the API has no count of them",
            days=13,
            unsettled_days=42,
            unfinished="clock_out",
        ),
    ),
    "customers": Source("customers", "list", interval_days=7),
    "giftcards": Source("giftcards", "list", interval_days=7, dates="range"),
    "washbooks": Source("washbooks", "list_all", interval_days=7, dates="since"),
    "recurring_accounts": Source("recurring", "list_all_details", interval_days=7, dates="since"),
    "recurring_modifications": Source("recurring", "list_modifications", interval_days=7, dates="range"),
}
"""Every table but transactions, in the order in which a sync reads them: cheap ones first."""


@dataclass(frozen=True, slots=True)
class TableCall:
    """One call of a list, and the days whose rows it brings.

    Attributes:
        table: The table.
        first: First UTC day; of a snapshot, its date.
        last: Last UTC day; of a snapshot, its date.
        params: Parameters of the call.
    """

    table: Table
    first: date
    last: date
    params: Mapping[str, Any]


def calls_due(
    name: str,
    known: Mapping[date, Evidence],
    *,
    start: date | None,
    members_since: date,
    reread_days: float,
    now: float,
) -> list[TableCall]:
    """Return the calls that bring a table up to date; none if it is.

    Args:
        name: The table.
        known: What the archive has of the table, by UTC day.
        start: First day of events; None for six months ago.
        members_since: First day of sign-ups that a snapshot reaches back to.
        reread_days: A day of events is read again at least until so many days after its end: see `Source.rereading`.
        now: Epoch seconds.
    """
    table, today = TABLES[name], day_of(now)
    oldest = day_of(history_start(now) + DAY_S - 1)
    if table.kind == "snapshots":
        return _snapshot_due(table, known, today, oldest, members_since)
    first = oldest if start is None else max(start, oldest)
    rule = SOURCES[name].rereading
    due = [day for day in _days(first, today) if rule.is_due(known.get(day), day, now, days_min=reread_days)]
    return calls_for(name, due, now)


def calls_for(name: str, days: Sequence[date], now: float) -> list[TableCall]:
    """Return the calls that bring days of an event table: see `calls_due`.

    Args:
        name: The table.
        days: UTC days, oldest first.
        now: Epoch seconds.
    """
    return list(_event_calls(TABLES[name], [*days], now))


def _snapshot_due(
    table: Table, known: Mapping[date, Evidence], today: date, oldest: date, members_since: date
) -> list[TableCall]:
    source = SOURCES[table.name]
    taken = max((day for day in known if day <= today), default=None)  # a later date comes from a wrong clock
    if taken is not None and (today - taken).days < source.interval_days:
        evidence = known[taken]
        if not evidence.gaps and evidence.dispute is None:
            return []
    params: Mapping[str, Mapping[str, Any]] = {
        "none": {},
        "since": {"since": members_since},
        "range": {"startDate": oldest, "endDate": today},
    }
    return [TableCall(table, today, today, params[source.dates])]


def _event_calls(table: Table, due: list[date], now: float) -> Iterator[TableCall]:
    """Cover the days that are due, oldest first, by calls of at most `CALL_DAYS_MAX` days."""
    while due:
        last = min(due[-1], due[0] + timedelta(days=CALL_DAYS_MAX - 1))
        # Instants, not bare dates: the client would read a bare date in a time zone, and these are UTC days.
        span = {"startDate": day_start(due[0]), "endDate": min(day_end(last) - 1, int(now) - SKEW_S)}
        yield TableCall(table, due[0], last, span)
        due = [day for day in due if day > last]


def expected_requests(calls: int, known: Mapping[date, Evidence]) -> int | None:
    """Estimate the requests that a table takes: for each call, as many as the last one; None if none was counted.

    Args:
        calls: How many calls are due.
        known: What the archive has of the table, by UTC day.
    """
    last = known[max(known)].requests if known else 0
    return calls * last if last else None


def read_list(
    client: SonnysClient, call: TableCall, calendars: Calendars, now: float, on_rows: Callable[[int], None]
) -> dict[date, PartitionRead]:
    """Make a call, and sort its rows by day. Rows that could not be parsed are kept raw, for quarantine.

    What the server did not give is named in `gaps` of the days that it may belong to.

    Args:
        client: Whose rows.
        call: The call.
        calendars: The sites' calendars.
        now: Epoch seconds.
        on_rows: Called with the number of further rows each time some have come.

    Raises:
        APIError: The API refused the call or could not be reached, or gave nothing.
    """
    raws: dict[date, list[Any]] = {day: [] for day in _days(call.first, call.last)}
    gaps: dict[date, list[str]] = {day: [] for day in raws}
    source, unfinished = SOURCES[call.table.name], set[date]()
    try:
        for page in find(source.resource, source.method).pages(client, **call.params):
            for row, raw in zip(page.rows, page.raw, strict=True):
                moment = None if call.table.kind == "snapshots" else getattr(row, call.table.moment or "", None)
                day = call.first if moment is None else day_of(moment.timestamp())
                if day in raws:  # the answer may include the second after the range
                    raws[day].append(raw)
                    on_rows(1)
                    if source.rereading.unfinished and getattr(row, source.rereading.unfinished) is None:
                        unfinished.add(day)
            for unparsed in page.unparsed:
                said = _day_of_unparsed(call.table, unparsed.raw)
                raws[call.first if said is None or said not in raws else said].append(unparsed.raw)
                on_rows(1)
    except RowError:
        pass  # all its rows came with their pages
    except IncompleteError as error:
        for gap, span in zip(error.gaps, error.spans, strict=True):
            for day in _days_of_gap(call, span):
                gaps[day].append(gap)
    return {
        day: PartitionRead(
            encode_rows(call.table, rows, calendars),
            None,
            min(day_end(day), int(now)),
            proved_as_of=None if gaps[day] else now,
            read_at=now,
            gaps=gaps[day],
            unfinished=day in unfinished,
        )
        for day, rows in raws.items()
    }


def _days_of_gap(call: TableCall, span: tuple[int, int] | None) -> list[date]:
    """Return the days of a call that a gap may belong to: all of them if nobody knows."""
    days = [*_days(call.first, call.last)]
    if span is None or call.table.kind == "snapshots":
        return days
    start, stop = span
    return [day for day in days if day_start(day) < stop and start < day_end(day)]


def _day_of_unparsed(table: Table, raw: Any) -> date | None:
    """Return the UTC day of a row that could not be parsed, if its moment can be read all the same."""
    if table.moment is None or not isinstance(raw, dict):
        return None
    second = row_second(raw, api_name(table.record, table.moment))
    return None if second is None else day_of(second)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
