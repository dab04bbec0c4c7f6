"""One page of a list: what an empty page may look like, and which page a reply holds."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client import errors
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.listing import Listing, RawPage, answers_page, read_page, rows_of
from sonnys_data_client.engine.wire import Request, Response
from tests.engine.flows import Play, play, refused, served
from tests.engine.listers import CRITERIA, LISTING, POLICY, Lister, read, rows


def page_of(
    *replies: Response, number: int = 1, listing: Listing = LISTING, policy: CallPolicy = POLICY
) -> Play[RawPage]:
    return play(read_page(listing, CRITERIA, number, 100, policy), [*replies])


def test_a_page_is_asked_for_by_number_behind_the_criteria() -> None:
    assert LISTING.request(CRITERIA, 3, 50) == Request(
        "GET", "/transaction", (("startDate", "1"), ("endDate", "2"), ("limit", "50"), ("offset", "3"))
    )


@pytest.mark.parametrize(
    "data",
    [None, [], {}, {"transactions": None}, {"transactions": []}, {"transactions": {}}, {"offset": 1, "total": 0}],
)
def test_nothing_where_a_page_is_due_is_no_rows(data: Any) -> None:
    assert page_of(served(data)).got().rows == []
    assert read(lambda _request, _now: served(data)).got() == []


def test_an_empty_reply_is_no_rows() -> None:
    assert page_of(Response(200, b"{}")).got().rows == []


def test_a_list_that_lost_its_name_is_held_against_the_total() -> None:
    run = read(lambda _request, _now: served({"offset": 1, "limit": 100, "total": 5}))
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.gaps == ("5 rows of GET /transaction",)


def test_phps_array_is_the_list_in_its_order() -> None:
    found = rows(3)
    assert page_of(served({"transactions": {"1": found[2], "3": found[0], "2": found[1]}})).got().rows == [
        found[2],
        found[0],
        found[1],
    ]


@pytest.mark.parametrize(
    "body",
    [
        b'{"data": {"transactions": {"a": 1}}}',
        b'{"data": {"transactions": "none"}}',
        b'{"data": {"transactions": 0}}',
        b'{"data": {"transaction": [{"transId": "1:1"}]}}',
        b'{"data": {"1": {"transId": "1:1"}}}',
        b'{"data": [{"transId": "1:1"}]}',
        b'{"data": "none"}',
        b'{"type": "ServerUnexpectedFailure", "message": "with a 200"}',
        b'{"transactions": []}',
    ],
)
def test_another_shape_is_loud(body: bytes) -> None:
    run = page_of(Response(200, body))
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert str(run.error) == (
        "GET /transaction: the reply is not what the API promises: a list `transactions` was due."
    )


def test_a_value_under_the_name_alone_is_read() -> None:
    assert rows_of({"data": {"a": [1], "b": None}}, "a") == [1]
    assert rows_of({"data": {"a": [1], "b": None}}, "b") == []
    assert rows_of({"data": {"a": [1], "b": None}}, "c") is None


@pytest.mark.parametrize("odd", [0, 2**63, True, False, "", "pass", [1]])
def test_what_is_no_object_where_one_is_due_is_not_nothing(odd: Any) -> None:
    assert rows_of({"data": odd}, "a") is None
    assert rows_of({"data": []}, "a") == rows_of({"data": None}, "a") == []


@pytest.mark.parametrize("odd", ["230", True, 2.5, None])
def test_a_total_limit_or_offset_that_is_no_whole_number_is_as_good_as_none(odd: Any) -> None:
    page = page_of(served({"transactions": [], "total": odd, "limit": odd, "offset": odd})).got()
    assert (page.total, page.limit, page.offset) == (None, None, None)


@pytest.mark.parametrize("number", [1, 2])
def test_a_404_of_the_contract_is_a_page_without_rows(number: int) -> None:
    gone = refused(404, "EntityNotFoundError", "No results.")
    assert page_of(gone, number=number).got() == RawPage([], number, None, None)
    assert read(lambda _request, _now: gone).got() == []


@pytest.mark.parametrize(
    "reply",
    [
        Response(404, b"<html>404 Not Found</html>", {"content-type": "text/html"}),
        Response(404, b""),
        Response(404, b'{"message": "no Route matched with those values"}'),
        Response(404, b'{"type": "about:blank", "title": "Not Found"}'),
    ],
)
def test_a_404_of_a_gateway_is_about_the_address_and_an_error_on_every_page(reply: Response) -> None:
    assert isinstance(page_of(reply).error, errors.NotFoundError)
    first = Lister(rows(250))
    run = read(lambda request, now: first(request, now) if not first.asked else reply)
    assert isinstance(run.error, errors.NotFoundError)
    assert run.error.rows == rows(100)


@pytest.mark.parametrize(
    ("said", "number", "limit", "first", "answers"),
    [
        (None, 3, 100, 1, True),
        (3, 3, 100, 1, True),
        (2, 3, 100, 1, False),
        (2, 3, 100, 0, True),
        (3, 3, 100, 0, False),
        (0, 1, 100, 1, True),
        (200, 3, 100, 1, True),
        (100, 3, 100, 1, False),
        (1, 2, 1, 1, False),
        (-3, 3, 100, 1, False),
    ],
)
def test_which_numbers_answer_the_question(said: Any, number: int, limit: int, first: int, answers: bool) -> None:
    assert answers_page(said, number, limit, first) is answers


def test_another_page_is_asked_for_again_and_then_an_error_that_names_both() -> None:
    wrong, right = served({"transactions": rows(1), "offset": 7}), served({"transactions": rows(2), "offset": 2})
    run = page_of(wrong, wrong, right, number=2, policy=CallPolicy())
    assert run.got().rows == rows(2)
    assert len(run.sent) == 3
    run = page_of(wrong, wrong, wrong, number=2, policy=CallPolicy())
    assert isinstance(run.error, errors.MismatchError)
    assert "asked for offset 2, it answers for offset 7" in str(run.error)
    assert (run.error.asked, run.error.answered) == ("offset 2", "offset 7")


def test_a_reply_of_another_shape_is_asked_for_again() -> None:
    run = page_of(Response(200, b'{"data": "x"}'), served({"transactions": rows(2)}), policy=CallPolicy())
    assert run.got().rows == rows(2)


def test_an_endpoint_without_pages_may_name_any() -> None:
    listing = Listing("/employee", "transactions", "employeeId", 100, paged=False)
    assert page_of(served({"transactions": rows(1), "offset": 1}), number=2, listing=listing).got().rows == rows(1)
