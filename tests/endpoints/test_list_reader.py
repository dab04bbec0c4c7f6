"""Reading a list: page by page, part by part, site by site where it must be; nothing that came is lost."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client import errors
from sonnys_data_client.endpoints.giftcards import GIFTCARDS
from sonnys_data_client.endpoints.list_reader import ListReader
from sonnys_data_client.endpoints.recurring import ALL_RECURRING, MODIFIED, RECURRING, RECURRING_DETAILS
from sonnys_data_client.endpoints.transactions import TRANSACTIONS
from sonnys_data_client.engine.wire import Outcome, Request
from tests.endpoints.readings import context, pages, read
from tests.engine.flows import HTML, play, refused, served


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
    assert run.error.gaps == ("2 rows of GET /recurring/account/details/list",) * 2
    assert len(run.error.rows) == 2


def test_trouble_on_the_way_leaves_the_pages_before_it() -> None:
    server = Server(*(account(number) for number in range(5)))
    run = read(
        RECURRING,
        {"limit": 2},
        lambda request, now: HTML if dict(request.query)["offset"] == "3" else server(request, now),
    )
    assert isinstance(run.error, errors.ServerError)
    assert len(run.error.rows) == 4


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


def test_not_found_is_no_rows_where_nothing_was_named() -> None:
    assert read(RECURRING, {"recurringAccountStatus": 7}, [GONE]).got() == []
    assert read(TRANSACTIONS, DAY, [GONE]).got() == []
    assert [(page.rows, page.total) for page in pages(TRANSACTIONS, DAY, [GONE]).got()] == [([], None)]


@pytest.mark.parametrize(
    ("operation", "values"),
    [
        (RECURRING, {"customerId": "1:2"}),
        (GIFTCARDS, {**DAY, "site": "MAIN"}),
        (GIFTCARDS, {**DAY, "prepaidNumber": "1"}),
    ],
)
def test_not_found_is_raised_where_something_was_named_that_may_not_exist(operation: Any, values: Any) -> None:
    here = context()
    here.findings.sites_denied = True
    assert isinstance(read(operation, values, [GONE], here).error, errors.NotFoundError)
