"""Clock entries of any number of employees and weeks.

The API gives one employee and two weeks a request.

A call is cut into *tasks* of one employee and one range each. They are sent in waves of as many requests as the
throttle admits at once. The first wave is one request, which learns whether the server wants epoch seconds (spec) or
days (seen live).

The time zone of a day is unknown. So all days are asked for that the range touches in any time zone, and the rows are
filtered here: entries whose `clockIn` is in the range, each once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.dates import SERVER_CHOOSES, Moments
from sonnys_data_client.endpoints.employees import EMPLOYEES
from sonnys_data_client.endpoints.operation import Asked, Listed
from sonnys_data_client.endpoints.params import DateParams, numbered, site_code
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.gather import gather
from sonnys_data_client.engine.paging import Criteria, PageSource, RawPage, read_all, row_key
from sonnys_data_client.engine.sites import fold
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.windows import EARLIEST_ZONE, LATEST_ZONE, Span, row_second
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError, NotFoundError, PayloadValidationError
from sonnys_data_client.types import ClockEntry

SECONDS_DAYS_MAX = 14
"""Longest range of one request (spec)."""
DAYS_DAYS_MAX = 12
"""Longest range where days are sent: with one more day at each end it is 14."""


class ClockParams(DateParams, total=False):
    """Criteria of clock entries.

    The names are the API's, except for `site`, which the API does not know.
    """

    site: Annotated[str, site_code()]


_DATES = Moments(days_max=SECONDS_DAYS_MAX, unasked=SERVER_CHOOSES)


def open_clock(operation: Listed[Any], context: Context, asked: Asked) -> Flow[Sequence[PageSource]]:
    """Read the range, and find the employees whose entries are wanted.

    Raises:
        ValidationError: The range makes no sense.
        APIError: The employee list cannot be read.
    """
    span = yield from _DATES.span(context, asked.values)
    asked = yield from operation.with_listed_sites(asked, context)
    one = asked.values.get("employee_id")
    if one is not None:
        return [_Entries(context, asked, [str(one)], span)]
    rows = yield from read_all(EMPLOYEES.listing(EMPLOYEES.path), (), context.policy)
    ids = [str(row["employeeId"]) for row in rows if isinstance(row, dict) and row.get("employeeId") is not None]
    return [_Entries(context, asked, ids, span)]


@dataclass(frozen=True, slots=True)
class _Task:
    employee: str
    criteria: Criteria

    @property
    def request(self) -> Request:
        return Request("GET", f"/employee/{self.employee}/clock-entries", self.criteria)


class _Entries:
    """The entries of some employees in a range."""

    def __init__(self, context: Context, asked: Asked, employees: Sequence[str], span: Span | None) -> None:
        self._context = context
        self._findings = context.findings
        site: str | None = asked.values.get("site", context.site_code)
        self._site = None if site is None else fold(site)
        self._alone = "employee_id" in asked.values
        self._employees = employees
        self._span = span
        self._tasks: deque[_Task] | None = None
        self._in_days = bool(self._findings.clock_in_days)
        self._denied: PayloadValidationError | None = None
        self._trouble: APIError | None = None
        self._given: set[Any] = set()
        self._waves = 0

    def next_page(self) -> Flow[RawPage | None]:
        """Read the entries of the next wave; None after the last.

        Raises:
            APIError: A request of the last wave failed. The entries from its other requests were returned before.
        """
        if self._trouble is not None:
            raise self._trouble
        if self._tasks is None:
            self._tasks = yield from self._plan()
        while self._tasks:
            learning = self._span is not None and self._findings.clock_in_days is None
            count = 1 if learning else min(self._context.slots, len(self._tasks))
            wave = [self._tasks.popleft() for _ in range(count)]
            replies = yield from gather([task.request for task in wave], self._context.policy)
            if learning and isinstance(replies[0], PayloadValidationError):
                self._tasks = yield from self._other_way(replies[0])
                continue
            if learning and isinstance(replies[0], dict):
                self._findings.clock_in_days = self._in_days
            self._waves += 1
            rows = [row for task, reply in zip(wave, replies, strict=True) for row in self._rows(task, reply)]
            return RawPage(rows, self._waves, None, None)
        return None

    def _other_way(self, denied: PayloadValidationError) -> Flow[deque[_Task]]:
        """Plan again with the other format of dates, after the server has refused the first."""
        if self._denied is not None:
            raise self._denied
        self._denied, self._in_days = denied, True
        return (yield from self._plan())

    def _plan(self) -> Flow[deque[_Task]]:
        wall = (yield from look()).wall
        ranges: Sequence[Criteria] = [()]
        if self._span is not None and self._in_days:
            latest = datetime.fromtimestamp(wall, self._context.zone or UTC).date().isoformat()
            ranges = [_days(part, latest) for part in self._span.parts(DAYS_DAYS_MAX)]
        elif self._span is not None:
            ranges = [
                (("startDate", str(part.start)), ("endDate", str(part.stop)))
                for part in self._span.parts(SECONDS_DAYS_MAX)
            ]
        return deque(_Task(employee, criteria) for employee in self._employees for criteria in ranges)

    def _rows(self, task: _Task, reply: dict[str, Any] | APIError) -> list[Any]:
        """Return the new entries of a reply, each with its employee and week."""
        if isinstance(reply, NotFoundError) and not self._alone:
            return []  # the employee is on the list and so exists: the 404 says that there are no entries (spec)
        try:
            if isinstance(reply, APIError):
                raise reply
            entries = _entries(task, reply)
        except APIError as error:
            self._trouble = self._trouble or error
            return []
        alike: Counter[bytes] = Counter()
        rows: list[Any] = []
        for week, entry in entries:
            key = task.employee, row_key(entry, None, alike)
            if key in self._given or not self._wanted(entry):
                continue
            self._given.add(key)
            rows.append({"employeeId": int(task.employee), **entry, **week} if isinstance(entry, dict) else entry)
        return rows

    def _wanted(self, entry: Any) -> bool:
        if not isinstance(entry, dict):
            return True
        second = row_second(entry, "clockIn")
        if self._span is not None and second is not None and not self._span.start <= second < self._span.stop:
            return False
        return self._site is None or fold(entry.get("siteCode")) in (self._site, "")


def _days(part: Span, latest: str) -> Criteria:
    """Return the days that a range touches in any time zone, but none after `latest`."""
    first = datetime.fromtimestamp(part.start, LATEST_ZONE).date().isoformat()
    last = datetime.fromtimestamp(part.stop - 1, EARLIEST_ZONE).date().isoformat()
    return (("startDate", first), ("endDate", max(first, min(last, latest))))


def _entries(task: _Task, body: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    """Return the entries of a reply, each with the fields of its week."""
    data = body.get("data")
    weeks = data.get("weeks", ...) if isinstance(data, dict) else ...
    found: list[tuple[dict[str, Any], Any]] = []
    for week in [] if weeks is None else weeks if isinstance(weeks, list) else [None]:
        entries = (week.get("clockEntries") or []) if isinstance(week, dict) else None
        if not isinstance(week, dict) or not isinstance(entries, list):
            raise unexpected(task.request, "a list `weeks` of lists `clockEntries` was due", body)
        about = {name: value for name, value in week.items() if name != "clockEntries"}
        found += [(about, entry) for entry in entries]
    return found


CLOCK_ENTRIES = Listed(
    path="/employee/{employee_id}/clock-entries",
    key="weeks",
    model=ClockEntry,
    arguments={"employee_id": numbered("Employee id; all employees if left out.", "employee")},
    params=ClockParams,
    dates=_DATES,
    sources=open_clock,
)
