"""The employee routes: a list, a detail, and clock entries week by week."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import NamedTuple

from sonnys_data_client.sandbox.listing import detail_route, list_route, listed, something, whole_list
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import DAY_S, LIMIT, OFFSET, day, first_second, seconds, site_ids_seen, today
from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.replies import as_json, not_found
from sonnys_data_client.sandbox.route import Call, Param, Route
from sonnys_data_client.sandbox.shape import Field, Shape, closed, many
from sonnys_data_client.sandbox.spelling import DAY, FLAG, NUMBER, TEXT, WHOLE, Spelling
from sonnys_data_client.sandbox.world.histories import ClockEntry, Employee

__all__ = ["routes"]

_LONGEST_S = 14 * DAY_S
_FRIDAY = 4


def _employee_id(text: str) -> int:
    if text.isascii() and text.isdigit() and len(text) < 13:
        return int(text)
    raise ValueError("employee_id must be a whole number.")


EMPLOYEE_ID: Param[int] = Param(
    "employee_id", _employee_id, None, {"type": "string", "pattern": "^[0-9]{1,12}$"}, is_in_path=True
)


class Week(NamedTuple):
    """The clock entries of one week, which begins on a Friday."""

    first: date
    entries: Sequence[ClockEntry]

    @property
    def text(self) -> str:
        """The week as the API names it."""
        return f"{self.first} - {self.first + timedelta(days=6)}"


def routes(quirks: Quirks, spelling: Spelling) -> list[Route]:
    """Return the employee routes."""
    rows = Shape("EmployeeRow", _row_fields(spelling))
    details = Shape("Employee", _detail_fields(spelling))
    weeks = Shape("ClockWeek", _week_fields(spelling))
    start = _moment("startDate", quirks.clock_dates, lambda now: today(now) + DAY_S - _LONGEST_S, 0)
    end = _moment("endDate", quirks.clock_dates, lambda now: today(now) + DAY_S - 1, DAY_S - 1)

    def whole(call: Call, office: Office) -> bytes:
        return whole_list(office, "employees", _find(call, office), rows.write)

    def clock_entries(call: Call, office: Office) -> bytes:
        found = something(list(_weeks(call, office, call[start], call[end])), office)
        return as_json({"data": {"weeks": [weeks.write(week) for week in found]}})

    def check(call: Call, _office: Office) -> Iterator[str]:
        if call[start] > call[end]:
            yield "startDate must not be after endDate."
        elif call[end] - call[start] > _LONGEST_S:
            yield "The range from startDate to endDate must not be longer than 14 days."

    everybody = Route(("GET",), "/employee", whole, listed("employees", rows, spelling))
    if quirks.employee_pages == "pages":
        everybody = list_route("/employee", "employees", rows, _find, spelling, takes=(LIMIT, OFFSET))
    return [
        everybody,
        detail_route("/employee/{employee_id}", details, _employee, EMPLOYEE_ID),
        Route(
            ("GET",),
            "/employee/{employee_id}/clock-entries",
            clock_entries,
            closed({"weeks": many(weeks).schema}),
            (EMPLOYEE_ID, start, end),
            (check,),
        ),
    ]


def _moment(name: str, takes: str, default: Callable[[float], int], after_s: int) -> Param[int]:
    """Return the parameter that is epoch seconds or a day.

    A day means the time `after_s` seconds past its midnight.
    """
    as_day, as_seconds = day(name), seconds(name, default)

    def read_day(text: str) -> int:
        on = as_day.read(text)
        return 0 if on is None else first_second(on) + after_s

    def read_either(text: str) -> int:
        return as_seconds.read(text) if text.isdigit() else read_day(text)

    if takes == "epoch":
        return as_seconds
    if takes == "day":
        return Param(name, read_day, default, as_day.schema)
    return Param(name, read_either, default, {"anyOf": [as_seconds.schema, as_day.schema]})


def _find(call: Call, office: Office) -> Sequence[Employee]:
    seen = site_ids_seen(call, office)
    return [who for who in office.world.records.employees() if who.site_id in seen]


def _employee(call: Call, office: Office) -> Employee:
    for who in _find(call, office):
        if who.id == call[EMPLOYEE_ID]:
            return who
    raise not_found("employee with this id")


def _weeks(call: Call, office: Office, start: int, end: int) -> Iterator[Week]:
    records = office.world.records
    who = next((each for each in records.employees() if each.id == call[EMPLOYEE_ID]), None)
    if who is None:
        raise not_found("employee with this id")
    entries = records.clock_entries(who.id, start, office.stop(end), as_of=call.now)
    if office.config.quirks.clock_site == "honoured":
        codes = {site.code for site in office.world.sites if site.id in site_ids_seen(call, office)}
        entries = [entry for entry in entries if entry.site_code in codes]
    for first, of_week in groupby(entries, key=_week_of):
        yield Week(first, list(of_week))


def _week_of(entry: ClockEntry) -> date:
    on = datetime.fromtimestamp(entry.clock_in_ms // 1000, UTC).date()
    return on - timedelta(days=(on.weekday() - _FRIDAY) % 7)


def _row_fields(spelling: Spelling) -> list[Field[Employee]]:
    return [
        Field("firstName", TEXT, "first_name"),
        Field("lastName", TEXT, "last_name"),
        Field("employeeId", WHOLE, "id"),
        *spelling.unheard_of("badge", "A7"),
    ]


def _detail_fields(spelling: Spelling) -> list[Field[Employee]]:
    return [
        Field("employeeId", WHOLE, "id"),
        Field("firstName", TEXT, "first_name"),
        Field("lastName", TEXT, "last_name"),
        Field("active", FLAG, lambda _who: True),
        Field("startDate", DAY, "started"),
        Field("startDateChange", DAY, "start_changed", spelling.unset),
        Field("phone", TEXT, "phone", spelling.null),
        Field("email", TEXT, "email", spelling.null),
        *spelling.unheard_of("badge", "A7"),
    ]


def _hours(minutes: int) -> float:
    return round(minutes / 60, 2)


def _week_fields(spelling: Spelling) -> list[Field[Week]]:
    entries = Shape("ClockEntry", _entry_fields(spelling))
    return [
        Field("week", TEXT, "text"),
        Field("weekTotalRegularHours", NUMBER, lambda week: _hours(sum(each.minutes[0] for each in week.entries))),
        Field("weekTotalOverTimeHours", NUMBER, lambda week: _hours(sum(each.minutes[1] for each in week.entries))),
        Field("clockEntries", many(entries), "entries"),
    ]


def _entry_fields(spelling: Spelling) -> list[Field[ClockEntry]]:
    null = spelling.null
    return [
        Field("clockIn", spelling.moment, "clock_in_ms", null),
        Field("clockOut", spelling.moment, "clock_out_ms", null),
        Field("regularRate", NUMBER, lambda entry: entry.rate_cents / 100),
        Field("regularHours", NUMBER, lambda entry: _hours(entry.minutes[0])),
        Field("overtimeEligible", FLAG, lambda entry: entry.rate_cents > 0),
        Field("overtimeRate", NUMBER, lambda entry: entry.rate_cents * 3 / 200),
        Field("overtimeHours", NUMBER, lambda entry: _hours(entry.minutes[1])),
        Field("wasModified", FLAG, lambda entry: entry.modified_ms is not None),
        Field("modificationTimestamp", spelling.moment, "modified_ms", null),
        Field("wasCreatedInBackOffice", FLAG, "made_in_office"),
        Field("siteCode", TEXT, "site_code"),
        *spelling.unheard_of("breakMinutes", 30),
    ]
