"""Operations: a call is checked first, then read page by page; nothing that came is lost."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client import errors
from sonnys_data_client.endpoints.customers import CUSTOMER, CUSTOMERS
from sonnys_data_client.endpoints.recurring import (
    ALL_RECURRING,
    MODIFIED,
    RECURRING,
    RECURRING_DETAILS,
    STATUS_CHANGES,
)
from sonnys_data_client.endpoints.sales_outcomes import SALES_OUTCOMES
from sonnys_data_client.engine.wire import Outcome, Request
from tests.endpoints.readings import context, pages, read
from tests.engine.flows import HTML, play, refused, served


def account(number: int, day: str = "2026-11-10") -> dict[str, Any]:
    return {"id": f"{number}:1", "signUpDate": f"{day} 08:00:00", "statusName": "Active"}


class Server:
    """Serves lists of accounts by when they began, both ends of the range included."""

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


def test_a_calls_parameters_go_over_the_wire_in_order_behind_the_dates() -> None:
    server = Server()
    values = {
        "recurringAccountStatus": "Cancelled",
        "customerId": "1:2",
        "startDate": 1_795_305_600,
        "endDate": 1_795_391_999,
        "itemId": None,
    }
    assert read(RECURRING, values, server).got() == []
    assert list(server.asked[0].items()) == [
        ("startDate", "1795305600"),
        ("endDate", "1795392000"),
        ("recurringAccountStatus", "7"),
        ("customerId", "1:2"),
        ("limit", "100"),
        ("offset", "1"),
    ]


def test_pages_are_as_large_as_the_endpoint_allows() -> None:
    for operation, size, key in ((STATUS_CHANGES, "1000", "accounts"), (SALES_OUTCOMES, "500", "sales")):
        run = read(operation, {}, [served({key: [], "total": 0})])
        assert dict(run.requests[0].query)["limit"] == size
    with pytest.raises(errors.ValidationError, match=r"^limit=50 must be a whole number from 100 to 1000\.$"):
        STATUS_CHANGES.ask({"limit": 50}, context())


def test_bad_parameters_are_refused_without_a_request() -> None:
    for values, sentence in (
        ({"status": "gone"}, "status='gone' is no customer status: use one of active, inactive."),
        ({"name": "Jane"}, "name is no parameter of this call: it takes endDate, "),
    ):
        with pytest.raises(errors.ValidationError) as caught:
            CUSTOMERS.reading(context(), values)
        assert str(caught.value).startswith(sentence)


def test_a_path_is_filled_in_with_what_was_checked() -> None:
    assert CUSTOMER.ask({"customer_id": "45678:1001"}, context()).path == "/customer/45678:1001"


@pytest.mark.parametrize("data", [None, [], "text"])
def test_a_detail_of_another_shape_is_loud(data: Any) -> None:
    run = play(CUSTOMER.read(context(), {"customer_id": "1:1"}), [served(data)])
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert str(run.error) == ("GET /customer/1:1: the reply is not what the API promises: an object `data` was due.")


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
    assert len(server.asked) == 3


def test_misfits_of_all_pages_are_told_after_the_last() -> None:
    rows = [{**account(number), "status": "odd" if number % 2 else 1} for number in range(5)]
    run = read(RECURRING, {"limit": 2}, Server(*rows))
    assert isinstance(run.error, errors.RowError)
    assert [row.id for row in run.error.rows] == ["0:1", "2:1", "4:1"]
    assert [raw["id"] for raw, _ in run.error.bad] == ["1:1", "3:1"]
    assert str(run.error) == (
        "2 of 5 rows of /recurring/account/list do not fit RecurringListItem: status: not a whole number (2×)"
    )


def test_rows_that_stay_missing_are_told_after_the_last_part_and_misfits_with_them() -> None:
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
