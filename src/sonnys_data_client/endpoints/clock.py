"""Clock entries of any number of employees and weeks.

The API gives one employee and two weeks a request.

A call is cut into *tasks* of one employee and one range each. They are sent in waves of as many requests as the
throttle admits at once. The first wave is one request, which learns whether the server wants epoch seconds (spec) or
days (seen live).

A request that fails, or whose range the server finds too long, is sent again as two of half the range. What cannot be
had is a gap, and costs no other employee.

The time zone of a day is unknown. So all days are asked for that the range touches in any time zone, and the rows are
filtered here: entries whose `clockIn` is in the range, each once.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import quote

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.dates import SERVER_CHOOSES, Moments
from sonnys_data_client.endpoints.employees import EMPLOYEES
from sonnys_data_client.endpoints.operation import Asked, Listed
from sonnys_data_client.endpoints.params import DateParams, numbered, site_code
from sonnys_data_client.endpoints.parts import joined
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.gather import gather
from sonnys_data_client.engine.isolation import PAGE_ERRORS, Effort
from sonnys_data_client.engine.listing import Criteria, PageSource, RawPage, row_key, rows_of
from sonnys_data_client.engine.paging import read_all, reason_of
from sonnys_data_client.engine.rows import as_list
from sonnys_data_client.engine.sites import fold
from sonnys_data_client.engine.verdicts import is_no_results, may_be_too_long, unexpected
from sonnys_data_client.engine.windows import DAY_S, EARLIEST_ZONE, LATEST_ZONE, SKEW_S, Span, Window, row_second
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError, IncompleteError, PayloadValidationError, Remedy
from sonnys_data_client.types import ClockEntry
from sonnys_data_client.words import counted

EMPLOYEE_CLOCK = "/employee/{employee_id}/clock-entries"
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


def open_clock(operation: Listed[Any], context: Context, asked: Asked, effort: Effort) -> Flow[Sequence[PageSource]]:
    """Read the range, and find the employees whose entries are wanted.

    Raises:
        ValidationError: The range makes no sense.
        APIError: The employee list cannot be read.
    """
    span = yield from _DATES.span(context, asked.values)
    asked = yield from operation.with_listed_sites(asked, context)
    one = asked.values.get("employee_id")
    if one is not None:
        return [_Entries(context, asked, [str(one)], span, effort=effort)]
    gaps: list[IncompleteError] = []
    try:
        rows = yield from read_all(EMPLOYEES.listing(EMPLOYEES.path), (), context.policy)
    except IncompleteError as error:  # the entries of the employees that came can be had all the same
        rows = error.rows
        gaps.append(error)
    ids = [str(row["employeeId"]) for row in rows if isinstance(row, dict) and row.get("employeeId") is not None]
    return [_Entries(context, asked, ids, span, effort=effort, gaps=gaps)]


@dataclass(frozen=True, slots=True)
class _Task:
    employee: str
    part: Span | None
    criteria: Criteria

    @property
    def request(self) -> Request:
        return Request("GET", f"/employee/{quote(self.employee, safe='')}/clock-entries", self.criteria)

    def __str__(self) -> str:
        where = "" if self.part is None else f", {Window(self.part.start, self.part.stop)}"
        return f"GET {self.request.path}{where}"


class _Entries:
    """The entries of some employees in a range."""

    def __init__(
        self,
        context: Context,
        asked: Asked,
        employees: Sequence[str],
        span: Span | None,
        *,
        effort: Effort,
        gaps: Sequence[IncompleteError] = (),
    ) -> None:
        self._context = context
        self._findings = context.findings
        site: str | None = asked.values.get("site", context.site_code)
        self._site = None if site is None else fold(site)
        self._effort = effort
        self._gaps = [*gaps]
        self._employees = employees
        self._span = span
        self._tasks: deque[_Task] = deque()
        self._planned = False
        self._in_days = bool(self._findings.clock_in_days)
        self._denied: PayloadValidationError | None = None
        self._trouble: APIError | None = None
        self._given: set[Any] = set()
        self._waves = 0
        self._wall = 0.0
        self._longest_s = self._findings.longest_range_s.get(EMPLOYEE_CLOCK, SECONDS_DAYS_MAX * DAY_S)

    def next_page(self) -> Flow[RawPage | None]:
        """Read the entries of the next wave; None after the last.

        Raises:
            APIError: A request of the last wave was denied. The entries from its other requests were returned before.
            IncompleteError: After the last wave: some entries could not be had.
        """
        if self._trouble is not None:
            raise self._trouble
        if not self._planned:
            self._planned = True
            self._wall = (yield from look()).wall
            self._tasks = self._plan()
        while self._tasks:
            learning = self._span is not None and self._findings.clock_in_days is None
            count = 1 if learning or not self._effort.served else min(self._context.slots, len(self._tasks))
            wave = [self._tasks.popleft() for _ in range(count)]
            replies = yield from gather([task.request for task in wave], self._effort.policy(self._context.policy))
            if learning and isinstance(replies[0], PayloadValidationError):
                self._tasks = self._other_way(replies[0])
                continue
            if learning and isinstance(replies[0], dict):
                self._findings.clock_in_days = self._in_days
            self._waves += 1
            rows = [row for task, reply in zip(wave, replies, strict=True) for row in self._rows(task, reply)]
            if self._effort.spent:
                self._give_up()
            unfinished = self._span is None or self._span.stop >= int(self._wall) - SKEW_S
            return RawPage(rows, self._waves, None, None, unfinished=unfinished)
        if self._gaps:
            raise joined(self._gaps)
        return None

    def _other_way(self, denied: PayloadValidationError) -> deque[_Task]:
        """Plan again with the other format of dates, after the server has refused one; or with shorter ranges."""
        self._denied = self._denied or denied
        if self._in_days and (not may_be_too_long(self._denied) or self._longest_s <= DAY_S):
            raise self._denied
        if self._in_days:
            self._longest_s = max(DAY_S, self._longest_s // 2)
        self._in_days = not self._in_days
        return self._plan()

    def _plan(self) -> deque[_Task]:
        return deque(self._task(employee, part) for employee in self._employees for part in self._parts(self._span))

    def _parts(self, span: Span | None) -> Iterable[Span | None]:
        days_max = DAYS_DAYS_MAX if self._in_days else SECONDS_DAYS_MAX
        return [None] if span is None else span.parts(min(self._longest_s, days_max * DAY_S))

    def _task(self, employee: str, part: Span | None) -> _Task:
        criteria: Criteria = ()
        if part is not None and self._in_days:
            latest = datetime.fromtimestamp(self._wall, self._context.zone or UTC).date().isoformat()
            criteria = _days(part, latest)
        elif part is not None:
            criteria = (("startDate", str(part.start)), ("endDate", str(part.stop)))
        return _Task(employee, part, criteria)

    def _rows(self, task: _Task, reply: dict[str, Any] | APIError) -> list[Any]:
        """Return the new entries of a reply, each with its employee and week."""
        if isinstance(reply, APIError) and is_no_results(reply):
            return []
        try:
            if isinstance(reply, APIError):
                raise reply
            entries = _entries(task, reply)
        except APIError as error:
            self._note_failed(task, error)
            return []
        self._effort.note_served(rows=bool(entries))
        if self._longest_s < SECONDS_DAYS_MAX * DAY_S:
            self._findings.longest_range_s[EMPLOYEE_CLOCK] = self._longest_s
        alike: Counter[bytes] = Counter()
        rows: list[Any] = []
        for week, entry in entries:
            key = task.employee, row_key(entry, None, alike)
            if key in self._given or not self._wanted(entry):
                continue
            self._given.add(key)
            number = int(task.employee) if task.employee.isascii() and task.employee.isdigit() else task.employee
            rows.append({"employeeId": number, **entry, **week} if isinstance(entry, dict) else entry)
        return rows

    def _note_failed(self, task: _Task, error: APIError) -> None:
        """Have a request that failed sent again as two of half its range, or note what it costs."""
        tasks, part = self._tasks, task.part
        length_s = 0 if part is None else part.stop - part.start
        half_s = max(DAY_S, -(-length_s // 2))
        if may_be_too_long(error) and length_s > DAY_S:
            self._longest_s = min(self._longest_s, half_s)
            again = [task, *tasks]
            tasks.clear()
            tasks.extend(self._task(each.employee, short) for each in again for short in self._parts(each.part))
        elif not isinstance(error, PAGE_ERRORS):
            self._trouble = self._trouble or error
        else:
            self._effort.note_failed(error)
            if part is None or length_s <= DAY_S or self._effort.spent:
                self._note_gap(str(task), reason_of(error), task.part, error)
            else:
                tasks.extend(self._task(task.employee, half) for half in part.parts(half_s))

    def _give_up(self) -> None:
        """Ask for nothing more, because the server has failed too many requests in a row."""
        if self._tasks:
            what = f"{counted(len(self._tasks), 'more request')} of GET {EMPLOYEE_CLOCK}"
            self._note_gap(what, "not sent, because the server failed those before", self._span, None)
            self._tasks.clear()

    def _note_gap(self, what: str, reason: str, part: Span | None, error: APIError | None) -> None:
        gap = f"{what}: {reason}"
        span = None if part is None else (part.start, part.stop)
        made = IncompleteError(f"{gap}.", gaps=[gap], spans=[span], remedy=Remedy.LATER)
        made.__cause__ = error
        self._gaps.append(made)

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
    weeks = rows_of(body, "weeks")
    found: list[tuple[dict[str, Any], Any]] = []
    for week in [None] if weeks is None else weeks:
        entries = as_list(week.get("clockEntries")) if isinstance(week, dict) else None
        if not isinstance(week, dict) or entries is None:
            raise unexpected(task.request, "a list `weeks` of lists `clockEntries` was due", body)
        about = {name: value for name, value in week.items() if name != "clockEntries"}
        found += [(about, entry) for entry in entries]
    return found


CLOCK_ENTRIES = Listed(
    path=EMPLOYEE_CLOCK,
    key="weeks",
    model=ClockEntry,
    arguments={"employee_id": numbered("Employee id; all employees if left out.", "employee")},
    optional=frozenset({"employee_id"}),
    params=ClockParams,
    dates=_DATES,
    sources=open_clock,
)
