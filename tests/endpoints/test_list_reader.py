"""Reading a list: page by page, part by part, site by site where it must be; nothing that came is lost."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from sonnys_data_client import errors
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.customers import CUSTOMERS
from sonnys_data_client.endpoints.giftcards import GIFTCARDS
from sonnys_data_client.endpoints.items import ITEMS
from sonnys_data_client.endpoints.list_reader import ListReader
from sonnys_data_client.endpoints.recurring import (
    ALL_RECURRING,
    ALL_RECURRING_DETAILS,
    MODIFIED,
    RECURRING,
    RECURRING_DETAILS,
    STATUS_CHANGES,
)
from sonnys_data_client.endpoints.sales_outcomes import SALES_OUTCOMES
from sonnys_data_client.endpoints.transactions import TRANSACTIONS
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.wire import Outcome, Request, Response
from tests.endpoints.readings import context, pages, read
from tests.engine.flows import HTML, UNREACHABLE, play, refused, served


def account(number: int, day: str = "2026-11-10") -> dict[str, Any]:
    return {"id": f"{number}:1", "signUpDate": f"{day} 08:00:00", "statusName": "Active"}


class Server:
    """Serves lists of the accounts that began in a range, both ends included."""

    def __init__(self, *rows: dict[str, Any], refuses_before: int = 0) -> None:
        self.rows = rows
        self.refuses_before = refuses_before
        self.asked: list[dict[str, str]] = []

    def __call__(self, request: Request, _now: float) -> Outcome:
        query = dict(request.query)
        self.asked.append(query)
        if "startDate" in query and int(query["startDate"]) < self.refuses_before:
            return refused(422, "PayloadValidationError", "startDate is too old.")
        found = [row for row in self.rows if self._fits(row, query)]
        size, number = int(query["limit"]), int(query["offset"])
        page = found[(number - 1) * size : number * size]
        return served({"accounts": page, "offset": number, "limit": size, "total": len(found)})

    def _fits(self, row: dict[str, Any], query: dict[str, str]) -> bool:
        if "startDate" not in query:
            return True
        at: int = row["at"]
        return int(query["startDate"]) <= at <= int(query["endDate"])


def test_pages_have_their_number_and_the_servers_total() -> None:
    server = Server(*(account(number) for number in range(5)))
    found = pages(RECURRING, {"limit": 2}, server).got()
    assert [(len(page.rows), page.number, page.total) for page in found] == [(2, 1, 5), (2, 2, 5), (1, 3, 5)]


def test_one_page_by_hand_is_one_request_and_comes_as_the_server_cut_it() -> None:
    server = Server(*({**account(number), "at": 100} for number in range(5)))
    run = read(RECURRING, {"limit": 2, "offset": 2}, server)
    assert [row.id for row in run.got()] == ["2:1", "3:1"]
    assert len(server.asked) == 1


def test_an_empty_list_has_one_page_that_says_so() -> None:
    found = pages(RECURRING, {}, Server()).got()
    assert [(page.rows, page.total) for page in found] == [([], 0)]


EDGE = 1_795_305_600
"""2026-11-22 00:00 UTC."""


@pytest.mark.parametrize("operation", [RECURRING, RECURRING_DETAILS, MODIFIED])
def test_a_row_on_the_edge_of_two_parts_comes_once(operation: Any) -> None:
    days = operation.dates.days_max
    start = EDGE - days * 86_400
    rows = [
        {"id": "1:1", "at": start, "signUpDate": "2026-05-25 00:00:00"},
        {"id": "2:1", "at": EDGE, "signUpDate": "2026-11-22 00:00:00"},
        {"id": "3:1", "at": EDGE + 60, "signUpDate": "2026-11-22 00:01:00"},
    ]
    server = Server(*rows)
    run = read(operation, {"startDate": start, "endDate": EDGE + 3600}, server)
    assert [row.id for row in run.got()] == ["1:1", "2:1", "3:1"]
    assert len(server.asked) == 2


def test_everything_is_read_whatever_lies_between() -> None:
    def began(year: int) -> int:
        return EDGE - (2026 - year) * 365 * 86_400

    server = Server(*({**account(year), "at": began(year)} for year in (2026, 2019, 2004)))
    assert [row.id for row in read(ALL_RECURRING, {}, server).got()] == ["2026:1", "2019:1", "2004:1"]
    assert len(server.asked) == 55


def test_a_server_that_refuses_old_dates_has_given_the_rest() -> None:
    server = Server({**account(1), "at": EDGE}, refuses_before=EDGE - 300 * 86_400)
    run = read(ALL_RECURRING, {}, server)
    assert isinstance(run.error, errors.PayloadValidationError)
    assert [row.id for row in run.error.rows] == ["1:1"]
    assert len(server.asked) == 2


def test_a_page_has_its_rows_as_they_came_without_those_that_do_not_fit() -> None:
    rows = [{**account(1), "new": None}, {**account(2), "status": "odd"}, {**account(3), "new": ""}]
    page = play(ListReader(RECURRING, context(), {}).next_page(), Server(*rows)).got()
    assert page is not None
    assert [row.id for row in page.rows] == [raw["id"] for raw in page.raw] == ["1:1", "3:1"]
    assert [raw["new"] for raw in page.raw] == [None, ""]


def test_unparsed_rows_of_all_pages_are_reported_after_the_last() -> None:
    rows = [{**account(number), "status": "odd" if number % 2 else 1} for number in range(5)]
    run = read(RECURRING, {"limit": 2}, Server(*rows))
    assert isinstance(run.error, errors.RowError)
    assert [row.id for row in run.error.rows] == ["0:1", "2:1", "4:1"]
    assert [row.raw["id"] for row in run.error.unparsed] == ["1:1", "3:1"]
    assert str(run.error) == (
        "2 of 5 rows of /recurring/account/list could not be parsed as RecurringListItem: "
        "status: not a whole number (2×)"
    )


def test_rows_that_stay_missing_are_told_after_the_last_part_and_unparsed_rows_with_them() -> None:
    def server(request: Request, _now: float) -> Outcome:
        query = dict(request.query)
        total = 1 if int(query["startDate"]) > EDGE else 3
        row = {"id": query["startDate"] + ":1", "status": "odd" if total == 1 else 1}
        return served({"accounts": [row], "limit": 100, "total": total})

    run = read(RECURRING_DETAILS, {"startDate": EDGE - 40 * 86_400, "endDate": EDGE}, server)
    assert isinstance(run.error, errors.IncompleteError)
    assert [gap.partition(",")[0] for gap in run.error.gaps] == ["2 rows of GET /recurring/account/details/list"] * 2
    assert run.error.gaps[0] == (
        "2 rows of GET /recurring/account/details/list, 2026-10-13 00:00:00Z to 2026-11-10 00:00:00Z"
    )
    assert run.error.spans[0] == (EDGE - 40 * 86_400, EDGE - 12 * 86_400)
    assert len(run.error.rows) == 2


# -- parts of a range that the server does not give -----------------------------------------------------------------


def accounts(count: int, days: int = 30) -> list[dict[str, Any]]:
    """Accounts that began within so many days before `EDGE`, evenly."""
    step = days * 86_400 // count
    return [{**account(number), "at": EDGE - days * 86_400 + number * step} for number in range(count)]


LAST_MONTH = {"startDate": EDGE - 30 * 86_400, "endDate": EDGE - 1}


def ids(rows: list[Any]) -> list[int]:
    return sorted(int(row.id.partition(":")[0]) for row in rows)


def test_one_bad_row_costs_itself_and_is_named() -> None:
    found = accounts(350)
    server = Server(*found)

    def breaks(request: Request, now: float) -> Outcome:
        reply = server(request, now)
        return HTML if b'"137:1"' in reply.body else reply  # type: ignore[union-attr]

    run = read(RECURRING, LAST_MONTH, breaks)
    assert isinstance(run.error, errors.IncompleteError)
    assert ids(run.error.rows) == [n for n in range(350) if n != 137]
    (gap,) = run.error.gaps
    assert gap == (
        "row 138 of GET /recurring/account/list, 2026-10-23 00:00:00Z to 2026-11-22 00:00:00Z: GET "
        "/recurring/account/list answered 502 with a web page or text instead of JSON"
    )
    assert run.error.spans == ((LAST_MONTH["startDate"], EDGE),)
    assert len(server.asked) <= 20


@pytest.mark.parametrize("at", [0, 1, 15, 29])
def test_a_second_on_which_the_server_fails_whatever_page_is_asked_for_costs_two_minutes(at: int) -> None:
    found = accounts(60)
    server, poison = Server(*found), found[2 * at]["at"] + 7

    def breaks(request: Request, now: float) -> Outcome:
        reply = server(request, now)
        query = dict(request.query)
        return HTML if int(query["startDate"]) <= poison <= int(query["endDate"]) else reply

    run = read(RECURRING, LAST_MONTH, breaks)
    assert isinstance(run.error, errors.IncompleteError)
    (gap,) = run.error.gaps
    assert gap.startswith("GET /recurring/account/list, 2026-1")
    assert run.error.spans[0] is not None
    start, stop = run.error.spans[0]
    assert start <= poison < stop
    assert stop - start <= 240
    lost = {row["id"] for row in found if start <= row["at"] < stop}
    assert {row.id for row in run.error.rows} >= {row["id"] for row in found} - lost
    assert len(run.error.rows) == len(set(ids(run.error.rows)))
    assert len(server.asked) < 50


@pytest.mark.parametrize(
    ("operation", "values"),
    [(RECURRING, LAST_MONTH), (ALL_RECURRING, {}), (ALL_RECURRING_DETAILS, {}), (CUSTOMERS, {}), (GIFTCARDS, {})],
)
def test_a_server_that_fails_everything_is_asked_about_a_dozen_times(operation: Any, values: Any) -> None:
    run = read(operation, values, lambda _request, _now: HTML, Context(CallPolicy()))
    assert isinstance(run.error, errors.ServerError)
    assert len(run.sent) <= 16


def test_a_server_that_fails_from_some_part_on_is_not_asked_for_all_others() -> None:
    asked: list[int] = []

    def server(request: Request, _now: float) -> Outcome:
        asked.append(int(dict(request.query)["startDate"]))
        return served({"accounts": [{**account(len(asked))}], "limit": 100, "total": 1}) if len(asked) < 5 else HTML

    run = read(ALL_RECURRING, {}, server)
    assert isinstance(run.error, errors.IncompleteError)
    assert ids(run.error.rows) == [1, 2, 3, 4]
    assert "more parts of GET /recurring/account/list: not asked for" in run.error.gaps[-1]
    assert len(asked) < 25


def test_no_network_is_an_error_of_the_call() -> None:
    server = Server(*accounts(5))
    first = iter([True])
    run = read(ALL_RECURRING, {}, lambda request, now: server(request, now) if next(first, False) else UNREACHABLE)
    assert isinstance(run.error, errors.APIConnectionError)
    assert len(run.sent) < 8


class Impatient(Server):
    """Finds a range too long."""

    longest_s = 20 * 86_400
    says = "The range from startDate to endDate must not be longer than one month."

    def __call__(self, request: Request, now: float) -> Outcome:
        query = dict(request.query)
        if int(query["endDate"]) - int(query["startDate"]) > self.longest_s:
            self.asked.append(query)
            return refused(422, "PayloadValidationError", self.says)
        return super().__call__(request, now)


def test_a_range_that_the_server_finds_too_long_is_halved_and_that_is_remembered() -> None:
    here, server = context(), Impatient(*accounts(50, 150))
    values = {"startDate": EDGE - 150 * 86_400, "endDate": EDGE - 1}
    assert ids(read(RECURRING, values, server, here).got()) == list(range(50))
    refused_ones = [q for q in server.asked if int(q["endDate"]) - int(q["startDate"]) > server.longest_s]
    assert len(refused_ones) == 3
    server.asked.clear()
    assert ids(read(RECURRING, values, server, here).got()) == list(range(50))
    assert not [q for q in server.asked if int(q["endDate"]) - int(q["startDate"]) > server.longest_s]
    assert here.findings.longest_range_s == {"/recurring/account/list": 150 * 86_400 // 8}


def test_a_status_list_of_any_length_is_halved_too() -> None:
    rows = [
        {"account_id": n, "status_date": "2026-11-01 00:00:00", "at": row["at"]} for n, row in enumerate(accounts(9))
    ]
    server = Impatient(*rows)
    run = read(STATUS_CHANGES, LAST_MONTH, server)
    assert len(server.asked) == 3
    assert run.error is None or isinstance(run.error, errors.RowError)


def test_days_are_halved_by_days() -> None:
    asked: list[tuple[str, str]] = []

    def server(request: Request, _now: float) -> Outcome:
        query = dict(request.query)
        first, last = (date.fromisoformat(query[name]) for name in ("startDate", "endDate"))
        asked.append((query["startDate"], query["endDate"]))
        if (last - first).days > 10:
            return refused(422, "PayloadValidationError", "endDate must be within 10 days of startDate.")
        return served({"sales": [], "limit": 500, "total": 0})

    assert read(SALES_OUTCOMES, {"startDate": "2026-10-01", "endDate": "2026-10-31"}, server).got() == []
    days = {day for first, last in asked[1:] for day in range(int(first[-2:]), int(last[-2:]) + 1)}
    assert days == set(range(1, 32))
    assert len(asked) <= 8


@pytest.mark.parametrize(
    ("says", "requests"),
    [("startDate is too old.", 1), ("site is required.", 1), ("startDate must be blue.", 5), ("itemId is unknown.", 1)],
)
def test_a_refusal_that_shorter_ranges_do_not_cure_is_raised_as_it_was(says: str, requests: int) -> None:
    run = read(RECURRING, LAST_MONTH, lambda _request, _now: refused(422, "PayloadValidationError", says))
    assert isinstance(run.error, errors.PayloadValidationError)
    assert run.error.messages == (says,)
    assert len(run.sent) == requests


# -- today -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("operation", "values", "unfinished"),
    [
        (TRANSACTIONS, {"startDate": "2026-11-22", "endDate": "2026-11-23"}, [True]),
        (TRANSACTIONS, {"startDate": "2026-11-22", "endDate": "2026-11-22"}, [False]),
        (TRANSACTIONS, {"startDate": "2026-11-22", "endDate": "2026-11-22", "offset": 1}, [False]),
        (TRANSACTIONS, {"offset": 1}, [True]),
        (TRANSACTIONS, {}, [True]),
        (TRANSACTIONS, {"startDate": "2026-10-01"}, [False, True]),
        (RECURRING, {}, [True]),
        (SALES_OUTCOMES, {"startDate": "2026-11-20", "endDate": "2026-11-21"}, [False]),
        (SALES_OUTCOMES, {"startDate": "2026-11-20", "endDate": "2026-11-23"}, [True]),
        (SALES_OUTCOMES, {}, [True]),
        (CUSTOMERS, {}, [False]),
        (ITEMS, {}, [False]),
    ],
)
def test_pages_say_whether_their_range_has_ended(operation: Any, values: Any, unfinished: list[bool]) -> None:
    """It is noon of 2026-11-23."""
    server = lambda _request, _now: served({operation.key: [], "limit": 100, "total": 0})  # noqa: E731
    assert [page.unfinished for page in pages(operation, values, server).got()] == unfinished


def test_pages_have_the_rows_that_could_not_be_parsed() -> None:
    found = pages(RECURRING, {"limit": 1}, Server(account(1), {**account(2), "status": "odd"}))
    assert isinstance(found.error, errors.RowError)
    reader = ListReader(RECURRING, context(), {})
    page = play(reader.next_page(), Server(account(1), {**account(2), "status": "odd"})).got()
    assert page is not None
    assert [row.raw["id"] for row in page.unparsed] == ["2:1"]


# -- site by site -------------------------------------------------------------------------------------------------

DAY = {"startDate": EDGE - 86_400, "endDate": EDGE - 1}


class Shops:
    """A server of transactions that wants to be asked for one site.

    Attributes:
        refuses_shop: Whether it refuses the site without a code.
    """

    def __init__(self, *, refuses_shop: bool = False) -> None:
        self.refuses_shop = refuses_shop
        self.asked: list[str | None] = []

    def __call__(self, request: Request, _now: float) -> Outcome:
        if request.path == "/site/list":
            return served({"sites": [{"code": ""}, {"code": "MAIN"}, {"code": "NORTH"}]})
        site = dict(request.query).get("site")
        self.asked.append(site)
        if site is None or (site == "" and self.refuses_shop):
            return refused(422, "PayloadValidationError", "site is required.")
        row = {"transId": f"{len(site)}:1", "total": 1, "date": "2026-11-21T10:00:00.000Z"}
        return served({"transactions": [row], "limit": 100, "total": 1})


def test_a_server_that_wants_a_site_is_asked_site_by_site_and_that_is_remembered() -> None:
    here, server = context(), Shops()
    assert {row.trans_id for row in read(TRANSACTIONS, DAY, server, here).got()} == {"0:1", "4:1", "5:1"}
    assert server.asked == [None, "MAIN", "NORTH", ""]
    assert here.findings.site_required
    server.asked.clear()
    assert len(read(TRANSACTIONS, DAY, server, here).got()) == 3
    assert None not in server.asked


def test_a_site_without_a_code_that_cannot_be_asked_for_is_a_gap() -> None:
    run = read(TRANSACTIONS, DAY, Shops(refuses_shop=True))
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.gaps == ("GET /transaction at the site without a code",)
    assert {row.trans_id for row in run.error.rows} == {"4:1", "5:1"}


@pytest.mark.parametrize("values", [{"region": "WEST"}, {"offset": 1}])
def test_where_sites_cannot_stand_in_the_refusal_is_raised(values: dict[str, Any]) -> None:
    run = read(TRANSACTIONS, {**DAY, **values}, Shops())
    assert isinstance(run.error, errors.PayloadValidationError)


# -- nothing there ------------------------------------------------------------------------------------------------

GONE = refused(404, "EntityNotFoundError", "No results.")


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        (RECURRING, {"recurringAccountStatus": 7}),
        (RECURRING, {"customerId": "1:2"}),
        (ALL_RECURRING, {"customerId": "1:2", "since": "2024-11-22"}),
        (TRANSACTIONS, DAY),
        (TRANSACTIONS, {"site": "NEW", "startDate": "2026-09-01", "endDate": "2026-11-19"}),
        (CUSTOMERS, {"lastName": "Nobody"}),
        (GIFTCARDS, {**DAY, "prepaidNumber": "1"}),
        (MODIFIED, {"sites": ["NEW"]}),
        (TRANSACTIONS, {**DAY, "offset": 3}),
    ],
)
def test_not_found_is_no_rows_whatever_was_asked_for(operation: Any, values: Any) -> None:
    def server(request: Request, _now: float) -> Outcome:
        return served({"sites": [{"code": "NEW"}]}) if request.path == "/site/list" else GONE

    assert read(operation, values, server).got() == []
    assert {page.total for page in pages(operation, values, server).got()} == {None}


def test_parts_that_have_rows_are_kept_where_others_have_none() -> None:
    server = Server(*accounts(5, 700))

    def sparse(request: Request, now: float) -> Outcome:
        reply = server(request, now)
        return GONE if b'"total": 0' in reply.body else reply  # type: ignore[union-attr]

    assert ids(read(ALL_RECURRING, {"customerId": "1:2", "since": "2024-11-22"}, sparse).got()) == list(range(5))


def test_a_404_of_a_gateway_is_an_error() -> None:
    page = Response(404, b"<html>Not Found</html>")
    assert isinstance(read(TRANSACTIONS, DAY, [page]).error, errors.NotFoundError)
