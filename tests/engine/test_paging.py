"""Lists: every row once, whatever the server does with page sizes, totals and page numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client import errors
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.paging import Listing, Pager, read_all, read_page
from sonnys_data_client.engine.wire import Outcome, Request
from tests.engine.flows import HTML, Play, play, refused, served

LISTING = Listing("/transaction", "transactions", "transId", 100)
CRITERIA = (("startDate", "1"), ("endDate", "2"))
POLICY = CallPolicy(max_retries=0)

Row = dict[str, Any]


def rows(count: int, first: int = 0) -> list[Row]:
    return [{"transId": f"{number}:1", "n": number} for number in range(first, first + count)]


class Lister:
    """A server of one list, that may behave in the ways that servers do.

    Attributes:
        most: The most rows that it gives on a page.
        total: What it says about the total: a number, or a function of the request's number, or None.
        says_limit: Whether it names the page size that it applied.
        ignores_offset: Whether every page is the first.
    """

    def __init__(
        self,
        found: list[Row],
        *,
        most: int = 1000,
        total: int | Callable[[int], int | None] | None = None,
        says_limit: bool = True,
        ignores_offset: bool = False,
    ) -> None:
        self.found = found
        self.most = most
        self.total = total
        self.says_limit = says_limit
        self.ignores_offset = ignores_offset
        self.asked: list[tuple[int, int]] = []

    def __call__(self, request: Request, now: float) -> Outcome:
        query = dict(request.query)
        limit, number = int(query["limit"]), int(query["offset"])
        self.asked.append((number, limit))
        size = min(limit, self.most)
        page = self.found if self.ignores_offset else self.found[(number - 1) * size : number * size]
        total = self.total(len(self.asked)) if callable(self.total) else self.total
        named = size if self.says_limit else None
        return served({"transactions": page, "offset": number, "limit": named, "total": total})


def read(server: Lister, **options: Any) -> Play[list[Any]]:
    return play(read_all(LISTING, CRITERIA, POLICY, **options), server)


def test_a_page_is_asked_for_by_number_behind_the_criteria() -> None:
    assert LISTING.request(CRITERIA, 3, 50) == Request(
        "GET", "/transaction", (("startDate", "1"), ("endDate", "2"), ("limit", "50"), ("offset", "3"))
    )


@pytest.mark.parametrize(
    ("count", "total", "pages"),
    [(0, 0, 1), (0, None, 1), (1, 1, 1), (99, None, 1), (100, 100, 1), (100, None, 2), (230, 230, 3), (230, None, 3)],
)
def test_every_row_comes_once_and_no_page_is_asked_for_in_vain(count: int, total: int | None, pages: int) -> None:
    server = Lister(rows(count), total=total)
    assert read(server).got() == rows(count)
    assert server.asked == [(number, 100) for number in range(1, pages + 1)]


def test_a_smaller_page_can_be_asked_for() -> None:
    server = Lister(rows(5), total=5)
    assert read(server, limit=2).got() == rows(5)
    assert server.asked == [(1, 2), (2, 2), (3, 2)]


def test_rows_that_do_not_belong_are_left_out_of_the_result_and_not_of_the_count() -> None:
    server = Lister(rows(230), total=230)
    assert read(server, keep=lambda row: row["n"] < 3).got() == rows(3)
    assert len(server.asked) == 3


@pytest.mark.parametrize("total", [230, None])
def test_a_server_that_grants_less_is_asked_for_what_it_grants(total: int | None) -> None:
    server = Lister(rows(230), most=50, total=total)
    assert read(server).got() == rows(230)
    assert server.asked == [(1, 100), *((number, 50) for number in range(2, 6))]


@pytest.mark.parametrize("total", [230, None])
def test_a_server_that_grants_less_without_saying_so_is_asked_until_a_page_is_empty(total: int | None) -> None:
    server = Lister(rows(230), most=50, total=total, says_limit=False)
    assert read(server).got() == rows(230)
    assert [number for number, _ in server.asked] == list(range(1, 6 if total else 7))


@pytest.mark.parametrize("total", [230, None])
@pytest.mark.parametrize("says_limit", [True, False])
def test_a_page_size_that_shrinks_midway_starts_the_reading_over(total: int | None, says_limit: bool) -> None:
    class Shrinking(Lister):
        def __call__(self, request: Request, now: float) -> Outcome:
            self.most = 1000 if not self.asked else 40
            return super().__call__(request, now)

    server = Shrinking(rows(230), total=total, says_limit=True)
    assert read(server).got() == rows(230)
    assert server.asked == [(1, 100), (2, 100), *((number, 40) for number in range(1, 7))]


@pytest.mark.parametrize("total", [230, None])
@pytest.mark.parametrize("named", [{"transId": "1:1"}, {}], ids=["with ids", "without ids"])
def test_a_server_that_ignores_page_numbers_does_not_go_round_in_circles(total: int | None, named: Row) -> None:
    found = rows(230) if named else [{"n": n} for n in range(230)]
    server = Lister(found, total=total, ignores_offset=True)
    assert read(server).got() == found
    assert len(server.asked) == (1 if total else 2)


def test_a_server_that_repeats_its_last_page_ends() -> None:
    class Clamping(Lister):
        def __call__(self, request: Request, now: float) -> Outcome:
            number = int(dict(request.query)["offset"])
            return super().__call__(LISTING.request(CRITERIA, min(number, 2), 100), now)

    server = Clamping(rows(200))
    assert read(server).got() == rows(200)
    assert len(server.asked) == 3


def test_an_id_is_the_same_as_a_number_and_as_text() -> None:
    found: list[Row] = [{"transId": 1}, {"transId": 2}, {"transId": "2"}, {"transId": 3}]
    assert [row["transId"] for row in read(Lister(found), limit=2).got()] == [1, 2, 3]


def test_rows_without_ids_are_all_kept() -> None:
    twins: list[Row] = [{"n": 1}, {"n": 1}, {"transId": "", "n": 1}, {"transId": None}]
    assert read(Lister(twins, total=4)).got() == twins


def test_rows_that_are_no_objects_are_handed_on_for_the_model_to_refuse() -> None:
    odd: list[Any] = [{"transId": "1:1"}, "text", None, 7]
    assert read(Lister(odd, total=4), keep=lambda row: False).got() == ["text", None, 7]


def test_a_row_that_moved_is_caught_by_a_second_reading() -> None:
    """A sale that is entered late moves every row down: row 99 comes twice, and the new row does not come."""

    class Growing(Lister):
        def __call__(self, request: Request, now: float) -> Outcome:
            if len(self.asked) == 1:
                self.found = [{"transId": "new:1"}, *self.found]
                self.total = len(self.found)
            return super().__call__(request, now)

    server = Growing(rows(150), total=150)
    run = read(server)
    assert sorted(row["transId"] for row in run.got()) == sorted(["new:1", *(row["transId"] for row in rows(150))])
    assert [number for number, _ in server.asked] == [1, 2, 1, 2]


def test_a_total_that_shrinks_is_no_gap() -> None:
    server = Lister(rows(150), total=lambda asked: 151 if asked == 1 else 150)
    assert read(server).got() == rows(150)
    assert len(server.asked) == 2


def test_rows_that_stay_missing_are_reported_with_those_that_came() -> None:
    server = Lister(rows(150), total=152)
    run = read(server, keep=lambda row: row["n"] > 0)
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows == rows(150)[1:]
    assert run.error.gaps == ("2 rows of GET /transaction",)
    assert str(run.error) == (
        "GET /transaction: the server counts 2 more rows than its pages hold; rows may be moving from page to page. "
        "Try again later, or for a range that has ended. The rows that came are in error.rows."
    )
    assert len(server.asked) == 6


def test_an_error_on_the_way_carries_the_rows_before_it() -> None:
    pages = Lister(rows(230), total=230)

    def breaking(request: Request, now: float) -> Outcome:
        return HTML if dict(request.query)["offset"] == "3" else pages(request, now)

    run = play(read_all(LISTING, CRITERIA, POLICY, keep=lambda row: row["n"] != 7), breaking)
    assert isinstance(run.error, errors.ServerError)
    assert run.error.rows == [row for row in rows(200) if row["n"] != 7]


@pytest.mark.parametrize("data", [None, [], {}, {"transactions": None}, {"transactions": {}}])
def test_a_reply_without_the_list_is_loud(data: Any) -> None:
    run = play(read_page(LISTING, CRITERIA, 1, 100, POLICY), [served(data)])
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert str(run.error) == (
        "GET /transaction: the reply is not what the API promises: a list `transactions` was due."
    )


@pytest.mark.parametrize("odd", ["230", True, 2.5, None])
def test_a_total_or_limit_that_is_no_whole_number_is_as_good_as_none(odd: Any) -> None:
    reply = served({"transactions": [], "total": odd, "limit": odd})
    page = play(read_page(LISTING, CRITERIA, 1, 100, POLICY), [reply]).got()
    assert (page.total, page.limit) == (None, None)


def test_a_denial_is_raised() -> None:
    run = play(read_all(LISTING, CRITERIA, POLICY), [refused(422, "PayloadValidationError", "limit is big.")])
    assert isinstance(run.error, errors.PayloadValidationError)
    assert run.error.rows == []


@pytest.mark.parametrize("says_limit", [True, False])
def test_a_server_that_gives_a_full_page_again_and_no_total_may_have_more(says_limit: bool) -> None:
    class Stuck(Lister):
        def __call__(self, request: Request, now: float) -> Outcome:
            return super().__call__(LISTING.request(CRITERIA, 1, int(dict(request.query)["limit"])), now)

    run = read(Stuck(rows(230), says_limit=says_limit))
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows == rows(100)
    assert run.error.gaps == ("rows of GET /transaction after the first 100",)
    assert "gives page 1 again for page 2" in str(run.error)
    unpaged = Listing("/employee", "transactions", "transId", 100, paged=False)
    assert play(read_all(unpaged, CRITERIA, POLICY), Stuck(rows(100), says_limit=says_limit)).got() == rows(100)


NO_ID = Listing("/item", "transactions", None, 100)


def read_without_ids(server: Callable[[Request, float], Outcome]) -> Play[list[Any]]:
    return play(read_all(NO_ID, CRITERIA, POLICY), server)


@pytest.mark.parametrize("total", [205, None])
def test_rows_that_look_the_same_are_several_if_the_list_is_at_rest(total: int | None) -> None:
    found = [{"n": n % 103} for n in range(205)]
    server = Lister(found, total=total)
    run = read_without_ids(server)
    assert sorted(row["n"] for row in run.got()) == sorted(row["n"] for row in found)
    assert len(server.asked) == 6


def test_a_row_without_id_that_moved_is_not_given_twice() -> None:
    class Growing(Lister):
        def __call__(self, request: Request, now: float) -> Outcome:
            if len(self.asked) == 1:
                self.found = [{"n": -1}, *self.found]
                self.total = len(self.found)
            return super().__call__(request, now)

    server = Growing([{"n": n} for n in range(150)], total=150)
    run = read_without_ids(server)
    assert sorted(row["n"] for row in run.got()) == list(range(-1, 150))
    assert [number for number, _ in server.asked] == [1, 2, 1, 2]


def test_twins_on_one_page_need_no_second_reading() -> None:
    server = Lister([{"n": 1}, {"n": 1}], total=2)
    assert read_without_ids(server).got() == [{"n": 1}, {"n": 1}]
    assert len(server.asked) == 1


def test_rows_without_ids_that_stay_missing_are_reported() -> None:
    server = Lister([{"n": n % 103} for n in range(205)], total=206)
    run = read_without_ids(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.gaps == ("1 rows of GET /item",)
    assert len(run.error.rows) == 205


def test_a_404_behind_the_first_page_is_the_end() -> None:
    pages = Lister(rows(200))

    def server(request: Request, now: float) -> Outcome:
        if dict(request.query)["offset"] == "3":
            return refused(404, "EntityNotFoundError", "No results.")
        return pages(request, now)

    assert read(Lister(rows(0))).got() == []
    assert play(read_all(LISTING, CRITERIA, POLICY), server).got() == rows(200)


def test_a_404_for_the_first_page_is_raised() -> None:
    run = play(read_all(LISTING, CRITERIA, POLICY), [refused(404, "EntityNotFoundError", "No such site.")])
    assert isinstance(run.error, errors.NotFoundError)


def test_pagers_of_neighbouring_ranges_give_a_row_once_and_its_owner_gives_it() -> None:
    given_before: set[Any] = set()

    def walk(server: Lister, keep: Callable[[Row], bool]) -> list[Any]:
        pager = Pager(LISTING, CRITERIA, POLICY, keep=keep, given=given_before)
        return [row for page in iter(lambda: play(pager.next_page(), server).result, None) for row in page.rows]

    assert walk(Lister(rows(3), total=3), lambda row: row["n"] != 2) == rows(2)
    assert walk(Lister(rows(3, 1), total=3), lambda row: True) == rows(2, 2)


@given(
    count=st.integers(0, 400),
    most=st.sampled_from([1, 7, 50, 100, 1000]),
    says_total=st.booleans(),
    says_limit=st.booleans(),
)
def test_any_honest_server_is_read_whole(count: int, most: int, says_total: bool, says_limit: bool) -> None:
    server = Lister(rows(count), most=most, total=count if says_total else None, says_limit=says_limit)
    assert read(server).got() == rows(count)
    assert len(server.asked) <= count // min(most, 100) + 2
