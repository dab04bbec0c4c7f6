"""Clock entries: of which employees, in which range, with which date format, and each once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

import pytest

from sonnys_data_client import errors
from sonnys_data_client.endpoints.clock import CLOCK_ENTRIES
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.wire import Outcome, Request, Response
from tests.endpoints.readings import context, pages, read
from tests.engine.flows import HTML, NOON, refused, served

FIRST = int(datetime(2026, 10, 1, tzinfo=UTC).timestamp())
HOUR_S, DAY_S = 3600, 86_400


class Clock:
    """A server of clock entries.

    Attributes:
        shifts: For each employee, when their shifts begin, in epoch seconds; each lasts five hours.
        wants: How dates are to be written.
    """

    def __init__(self, shifts: dict[int, list[int]], *, wants: Literal["epoch", "days", "any"] = "epoch") -> None:
        self.shifts = shifts
        self.wants = wants
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: Request, _now: float) -> Outcome:
        if request.path == "/employee":
            rows = [{"employeeId": number} for number in self.shifts]
            return served({"employees": rows, "total": len(rows)})
        query = dict(request.query)
        self.asked.append(query)
        if query:
            kind = "days" if "-" in query["startDate"] else "epoch"
            if self.wants not in (kind, "any"):
                return refused(422, "PayloadValidationError", f"startDate must be {self.wants}.")
            start, stop = (_second(query[name], kind) for name in ("startDate", "endDate"))
            stop += DAY_S - 1 if kind == "days" else 0
            if stop - start > 14 * DAY_S:
                return refused(422, "PayloadValidationError", "The range is longer than 14 days.")
        else:
            start, stop = 0, 2**40
        return self.answer(int(request.path.split("/")[2]), start, stop)

    def answer(self, employee: int, start: int, stop: int) -> Outcome:
        """Return the shifts that touch the range, both ends included."""
        found = [at for at in self.shifts[employee] if at <= stop and at + 5 * HOUR_S >= start]
        entries = [_entry(at) for at in found]
        return served({"weeks": [{"week": "w", "weekTotalRegularHours": 5 * len(entries), "clockEntries": entries}]})


def _second(text: str, kind: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) if kind == "days" else int(text)


def _entry(at: int) -> dict[str, Any]:
    moment = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"clockIn": moment, "regularHours": 5, "siteCode": "MAIN" if at % 2 == 0 else "NORTH"}


def begun(rows: list[Any]) -> list[tuple[int, int]]:
    return sorted((row.employee_id, int(row.clock_in.timestamp())) for row in rows)


def truth(shifts: dict[int, list[int]], start: int, stop: int) -> list[tuple[int, int]]:
    return sorted((number, at) for number, found in shifts.items() for at in found if start <= at < stop)


RANGE = {"startDate": "2026-10-01", "endDate": "2026-11-10"}
STOP = FIRST + 41 * DAY_S
SHIFTS = {
    12: [FIRST - 1, FIRST, FIRST + 14 * DAY_S - 1, FIRST + 14 * DAY_S, STOP - 1, STOP],
    13: [FIRST + number * DAY_S + number * HOUR_S for number in range(-2, 44)],
    14: [],
}


@pytest.mark.parametrize("wants", ["epoch", "days", "any"])
@pytest.mark.parametrize("everybody", [True, False])
def test_entries_that_begin_in_the_range_come_once_whatever_the_dates_look_like(wants: Any, everybody: bool) -> None:
    shifts = SHIFTS if everybody else {13: SHIFTS[13]}
    server = Clock(SHIFTS, wants=wants)
    values: dict[str, Any] = RANGE if everybody else {**RANGE, "employee_id": 13}
    run = read(CLOCK_ENTRIES, values, server, context(zone=UTC))
    assert begun(run.got()) == truth(shifts, FIRST, STOP)
    parts = 4 if wants == "days" else 3
    assert len(server.asked) == parts * len(shifts) + (wants == "days")


def test_what_dates_look_like_is_learnt_once_and_by_one_request() -> None:
    here = context(zone=UTC)
    server = Clock(SHIFTS, wants="days")
    read(CLOCK_ENTRIES, RANGE, server, here)
    assert [query["startDate"] for query in server.asked[:2]] == [str(FIRST), "2026-09-30"]
    assert here.findings.clock_in_days is True
    server.asked.clear()
    read(CLOCK_ENTRIES, RANGE, server, here)
    assert all("-" in query["startDate"] for query in server.asked)


def test_a_server_that_refuses_both_is_quoted_about_the_first() -> None:
    run = read(CLOCK_ENTRIES, RANGE, Clock(SHIFTS, wants="neither"), context(zone=UTC))  # type: ignore[arg-type]
    assert isinstance(run.error, errors.PayloadValidationError)
    assert run.error.messages == ("startDate must be neither.",)


def test_days_reach_no_further_than_today() -> None:
    server = Clock({12: []}, wants="days")
    read(CLOCK_ENTRIES, {"startDate": NOON - DAY_S, "endDate": NOON, "employee_id": 12}, server)
    assert server.asked[-1] == {"startDate": "2026-11-22", "endDate": "2026-11-23"}


def test_without_dates_the_server_chooses_and_none_are_sent() -> None:
    server = Clock({12: [FIRST]})
    run = read(CLOCK_ENTRIES, {"employee_id": "12"}, server)
    assert begun(run.got()) == [(12, FIRST)]
    assert server.asked == [{}]


def test_each_entry_has_its_employee_and_its_week() -> None:
    (row,) = read(CLOCK_ENTRIES, {"employee_id": 12}, Clock({12: [FIRST]})).got()
    assert (row.employee_id, row.week, row.week_total_regular_hours, row.site_code) == (12, "w", 5, "MAIN")


@pytest.mark.parametrize(
    ("here", "values"),
    [(context(site_code="north", zone=UTC), {}), (context(zone=UTC), {"site": " North "})],
    ids=["the client's", "the call's"],
)
def test_a_site_is_applied_here_because_the_server_does_not(here: Context, values: dict[str, Any]) -> None:
    here.findings.sites = [{"code": "MAIN"}, {"code": "NORTH"}]
    server = Clock({12: [FIRST, FIRST + 1, FIRST + 2]})
    run = read(CLOCK_ENTRIES, {**RANGE, **values}, server, here)
    assert begun(run.got()) == [(12, FIRST + 1)]
    assert all("site" not in query for query in server.asked)


def test_many_employees_are_asked_about_at_once_as_many_as_the_throttle_admits() -> None:
    server = Clock({number: [FIRST + number] for number in range(50)})
    run = pages(CLOCK_ENTRIES, {"startDate": "2026-10-01", "endDate": "2026-10-02"}, server, context(zone=UTC))
    waves = [len(page.rows) for page in run.got()]
    assert waves == [1, 20, 20, 9]
    assert len({at for at, _ in run.sent}) == 5  # the list, and one moment for each wave


def test_an_employee_without_entries_may_be_a_404() -> None:
    class Sparse(Clock):
        def answer(self, employee: int, start: int, stop: int) -> Outcome:
            if employee == 14:
                return refused(404, "EntityNotFoundError", "No results.")
            return super().answer(employee, start, stop)

    assert begun(read(CLOCK_ENTRIES, RANGE, Sparse(SHIFTS), context(zone=UTC)).got()) == truth(SHIFTS, FIRST, STOP)
    assert read(CLOCK_ENTRIES, {**RANGE, "employee_id": 14}, Sparse(SHIFTS), context(zone=UTC)).got() == []


def test_a_404_of_a_gateway_is_raised() -> None:
    run = read(CLOCK_ENTRIES, {"employee_id": 14}, [Response(404, b"<html>Not Found</html>")])
    assert isinstance(run.error, errors.NotFoundError)


def test_trouble_with_one_employee_is_a_gap_and_costs_no_other() -> None:
    class Broken(Clock):
        def answer(self, employee: int, start: int, stop: int) -> Outcome:
            return HTML if employee == 13 else super().answer(employee, start, stop)

    shifts = {12: [FIRST], 13: [FIRST], 14: [FIRST]}
    run = read(CLOCK_ENTRIES, {"startDate": "2026-10-01", "endDate": "2026-10-02"}, Broken(shifts), context(zone=UTC))
    assert isinstance(run.error, errors.IncompleteError)
    assert [row.employee_id for row in run.error.rows] == [12, 14]
    assert run.error.gaps == tuple(
        f"GET /employee/13/clock-entries, 2026-10-0{day} 00:00:00Z to 2026-10-0{day + 1} 00:00:00Z: GET "
        "/employee/13/clock-entries answered 502 with a web page or text instead of JSON"
        for day in (1, 2)
    )
    assert run.error.spans == ((FIRST, FIRST + DAY_S), (FIRST + DAY_S, FIRST + 2 * DAY_S))


def test_a_day_on_which_the_server_fails_costs_that_day() -> None:
    class Poisoned(Clock):
        def answer(self, employee: int, start: int, stop: int) -> Outcome:
            poison = FIRST + 20 * DAY_S + 60
            return HTML if employee == 13 and start <= poison < stop else super().answer(employee, start, stop)

    run = read(CLOCK_ENTRIES, RANGE, Poisoned(SHIFTS), context(zone=UTC))
    assert isinstance(run.error, errors.IncompleteError)
    (span,) = run.error.spans
    assert span is not None
    assert span[0] <= FIRST + 20 * DAY_S + 60 < span[1]
    assert span[1] - span[0] <= 2 * DAY_S
    lost = set(truth(SHIFTS, FIRST, STOP)) - set(begun(run.error.rows))
    assert {number for number, _ in lost} == {13}
    assert all(span[0] <= at < span[1] for _, at in lost)


@pytest.mark.parametrize("known", [True, False])
def test_a_server_that_fails_everything_is_asked_about_a_dozen_times(known: bool) -> None:
    here = Context(CallPolicy(), zone=UTC)
    here.findings.clock_in_days = False if known else None
    server = Clock({number: [FIRST] for number in range(100)})

    def failing(request: Request, now: float) -> Outcome:
        return server(request, now) if request.path == "/employee" else HTML

    run = read(CLOCK_ENTRIES, RANGE, failing, here)
    assert isinstance(run.error, errors.ServerError)
    assert len(run.sent) <= 13


@pytest.mark.parametrize("longest_days", [13, 6, 3])
@pytest.mark.parametrize("wants", ["epoch", "days"])
@pytest.mark.parametrize("known", [True, False])
def test_a_range_that_the_server_finds_too_long_is_cut_and_that_is_remembered(
    longest_days: int, wants: Any, known: bool
) -> None:
    class Impatient(Clock):
        def answer(self, employee: int, start: int, stop: int) -> Outcome:
            if stop - start > longest_days * DAY_S:
                return refused(422, "PayloadValidationError", "The range must not be longer than that.")
            return super().answer(employee, start, stop)

    here = context(zone=UTC)
    here.findings.clock_in_days = (wants == "days") if known else None
    server = Impatient(SHIFTS, wants=wants)
    assert begun(read(CLOCK_ENTRIES, RANGE, server, here).got()) == truth(SHIFTS, FIRST, STOP)
    server.asked.clear()
    first = len(server.asked)
    assert begun(read(CLOCK_ENTRIES, RANGE, server, here).got()) == truth(SHIFTS, FIRST, STOP)
    assert first == 0
    assert all(_length(query) <= longest_days for query in server.asked)


def _length(query: dict[str, str]) -> float:
    kind = "days" if "-" in query["startDate"] else "epoch"
    start, stop = (_second(query[name], kind) for name in ("startDate", "endDate"))
    return (stop - start + (DAY_S - 1 if kind == "days" else 0)) / DAY_S


@pytest.mark.parametrize(
    "data", [{"weeks": "x"}, {"weeks": [7]}, {"weeks": [{"clockEntries": "x"}]}, {"entries": [{"clockIn": "x"}]}]
)
def test_a_reply_of_another_shape_is_loud(data: Any) -> None:
    run = read(CLOCK_ENTRIES, {"employee_id": 12}, [served(data)])
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert "a list `weeks` of lists `clockEntries` was due" in str(run.error)


def test_phps_arrays_are_lists() -> None:
    data = {"weeks": {"1": {"week": "w", "clockEntries": {"0": _entry(FIRST), "2": _entry(FIRST + 60)}}}}
    assert len(read(CLOCK_ENTRIES, {"employee_id": 12}, [served(data)]).got()) == 2


def test_an_employee_list_with_a_gap_costs_no_other_employee() -> None:
    server = Clock({number: [FIRST] for number in range(150)})

    def failing(request: Request, now: float) -> Outcome:
        query = dict(request.query)
        if request.path != "/employee":
            return server(request, now)
        size, number = int(query["limit"]), int(query["offset"])
        found = [{"employeeId": n} for n in range(150)][(number - 1) * size : number * size]
        return HTML if {"employeeId": 7} in found else served({"employees": found, "limit": size, "total": 150})

    run = read(CLOCK_ENTRIES, {"startDate": "2026-10-01", "endDate": "2026-10-02"}, failing, context(zone=UTC))
    assert isinstance(run.error, errors.IncompleteError)
    assert sorted(row.employee_id for row in run.error.rows) == [n for n in range(150) if n != 7]
    assert run.error.gaps[0].startswith("row 8 of GET /employee: ")


def test_an_employee_whose_number_is_no_number_is_told_raw() -> None:
    server = Clock({12: [FIRST]})

    def odd(request: Request, now: float) -> Outcome:
        if request.path == "/employee":
            return served({"employees": [{"employeeId": "a/b"}], "total": 1})
        assert request.path == "/employee/a%2Fb/clock-entries"
        return server.answer(12, 0, 2**40)

    run = read(CLOCK_ENTRIES, {}, odd)
    assert isinstance(run.error, errors.RowError)
    assert [row.raw["employeeId"] for row in run.error.unparsed] == ["a/b"]


@pytest.mark.parametrize(
    "data",
    [None, {}, [], {"weeks": None}, {"weeks": []}, {"weeks": {}}, {"weeks": [{"clockEntries": None}]}, {"weeks": [{}]}],
)
def test_no_weeks_and_no_entries_are_none(data: Any) -> None:
    assert read(CLOCK_ENTRIES, {"employee_id": 12}, [served(data)]).got() == []


def test_entries_that_do_not_fit_are_told_raw() -> None:
    body = {"weeks": [{"clockEntries": ["odd", {"clockIn": "yesterday"}, {"clockIn": None}]}]}
    run = read(CLOCK_ENTRIES, {"employee_id": 12}, [served(body)])
    assert isinstance(run.error, errors.RowError)
    assert [row.raw for row in run.error.unparsed] == ["odd"]
    assert [row.unparsed for row in run.error.rows] == [{"clockIn": "yesterday"}, {}]


def test_a_range_that_makes_no_sense_costs_no_request() -> None:
    for values in ({"endDate": "2026-11-01"}, {"startDate": "2026-11-02", "endDate": "2026-11-01"}):
        run = read(CLOCK_ENTRIES, values, [], context(zone=UTC))
        assert isinstance(run.error, errors.ValidationError)
        assert run.sent == []
