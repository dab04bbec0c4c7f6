"""Lists: every row once, whatever the server does with page sizes, totals and page numbers."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sonnys_data_client import errors
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.listing import Listing
from sonnys_data_client.engine.paging import Pager, read_all
from sonnys_data_client.engine.wire import Outcome, Request, Response
from tests.engine.flows import BROKEN, HTML, UNREACHABLE, Play, play, refused
from tests.engine.listers import CRITERIA, FAILURE, LISTING, POLICY, Lister, Row, read, rows


@pytest.mark.parametrize(
    ("count", "total", "pages"),
    [(0, 0, 1), (0, None, 1), (1, 1, 1), (99, None, 2), (100, 100, 2), (100, None, 2), (230, 230, 3), (230, None, 3)],
)
def test_every_row_comes_once_and_no_page_is_asked_for_in_vain(count: int, total: int | None, pages: int) -> None:
    server = Lister(rows(count), total=total)
    assert read(server).got() == rows(count)
    assert server.asked == [(number, 100) for number in range(1, pages + 1)]


def test_a_page_that_is_not_full_is_the_last_where_a_page_has_had_more_rows() -> None:
    known: dict[str, int] = {}
    for count, pages in ((40, 2), (39, 1), (40, 2), (100, 2), (99, 1), (3, 1)):
        server = Lister(rows(count))
        play(_all(Pager(LISTING, CRITERIA, POLICY, rows_on_a_page=known)), server)
        assert len(server.asked) == pages, count


def _all(pager: Pager) -> Flow[None]:
    while (yield from pager.next_page()) is not None:
        pass


def test_a_server_that_repeats_its_last_page_for_ever_is_believed_if_the_page_says_that_it_is_not_full() -> None:
    server = Lister(rows(7), ignores_offset=True)
    assert read(server).got() == rows(7)
    assert len(server.asked) == 2


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
@pytest.mark.parametrize("says_limit", [False, "asked"])
def test_a_server_that_grants_less_without_saying_so_is_asked_until_a_page_is_empty(
    total: int | None, says_limit: Any
) -> None:
    server = Lister(rows(230), most=50, total=total, says_limit=says_limit)
    assert read(server).got() == rows(230)
    assert [number for number, _ in server.asked] == list(range(1, 6 if total or says_limit else 7))


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


class Clamping(Lister):
    """Gives its last page again for every page behind it."""

    def __call__(self, request: Request, now: float) -> Outcome:
        query = dict(request.query)
        number, last = int(query["offset"]), -(-len(self.found) // int(query["limit"]))
        self.says = lambda _number, _limit: number
        return super().__call__(LISTING.request(CRITERIA, min(number, last), int(query["limit"])), now)


def test_a_server_that_repeats_a_last_page_that_is_not_full_ends() -> None:
    server = Clamping(rows(230), says_limit=False)
    assert read(server).got() == rows(230)
    assert len(server.asked) == 4


@pytest.mark.parametrize("count", [100, 200, 500])
def test_a_full_page_that_comes_again_may_be_the_last_or_not_and_that_is_said(count: int) -> None:
    run = read(Clamping(rows(count)))
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows == rows(count)
    assert run.error.gaps == (f"rows of GET /transaction after the first {count}",)


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
        "GET /transaction: the server counts 2 rows more than its pages hold; rows may be moving from page to page. "
        "Try again later, or for a range that has ended. The rows that came are in error.rows."
    )
    assert len(server.asked) == 4, "two readings that bring the same rows are enough"


def test_a_denial_is_raised() -> None:
    run = play(read_all(LISTING, CRITERIA, POLICY), [refused(422, "PayloadValidationError", "limit is big.")])
    assert isinstance(run.error, errors.PayloadValidationError)
    assert run.error.rows == []


@pytest.mark.parametrize("says_limit", [True, False])
@pytest.mark.parametrize("total", [None, 10**12])
def test_the_same_page_for_every_number_ends_with_an_error_that_says_so(says_limit: bool, total: int | None) -> None:
    class Stuck(Lister):
        def __call__(self, request: Request, now: float) -> Outcome:
            query = dict(request.query)
            self.says = lambda _number, _limit: int(query["offset"])
            return super().__call__(LISTING.request(CRITERIA, 1, int(query["limit"])), now)

    server = Stuck(rows(230), says_limit=says_limit, total=total)
    run = read(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows == rows(100)
    assert run.error.gaps == ("rows of GET /transaction after the first 100",)
    assert str(run.error) == (
        "GET /transaction: all rows of page 2 had come on pages before it, so further rows cannot be had, if there are "
        "any. Ask for less, such as a shorter range. The rows that came are in error.rows."
    )
    assert len(server.asked) == (2 if total is None else 4)
    unpaged = Listing("/employee", "transactions", "transId", 100, paged=False)
    assert read(Stuck(rows(100), says_limit=says_limit), unpaged).got() == rows(100)


@pytest.mark.parametrize("named", [True, False])
def test_pages_that_take_turns_end_too(named: bool) -> None:
    class InTurn(Lister):
        def __call__(self, request: Request, now: float) -> Outcome:
            number = int(dict(request.query)["offset"])
            self.says = lambda _number, _limit: number
            return super().__call__(LISTING.request(CRITERIA, 1 + (number - 1) % 2, 100), now)

    found = rows(200) if named else [{"n": n} for n in range(200)]
    run = read(InTurn(found))
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows == found


NO_ID = Listing("/item", "transactions", None, 100)


def read_without_ids(server: Callable[[Request, float], Outcome]) -> Play[list[Any]]:
    return read(server, NO_ID)


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
    assert run.error.gaps == ("1 row of GET /item",)
    assert len(run.error.rows) == 205


def test_a_404_behind_the_first_page_is_the_end() -> None:
    pages = Lister(rows(200))

    def server(request: Request, now: float) -> Outcome:
        if dict(request.query)["offset"] == "3":
            return refused(404, "EntityNotFoundError", "No results.")
        return pages(request, now)

    assert read(server).got() == rows(200)


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


# -- totals are believed as far as pages bear them out --------------------------------------------------------------


@pytest.mark.parametrize("says_limit", [True, False])
@pytest.mark.parametrize(
    "total", [1, 0, -5, 99, 100, 150, lambda asked: 7 * asked, lambda asked: (-1) ** asked * 10**asked]
)
def test_a_total_below_the_rows_that_came_is_a_contradiction_and_no_end(total: Any, says_limit: bool) -> None:
    server = Lister(rows(250), total=total, says_limit=says_limit)
    run = read(server)
    came = run.error.rows if isinstance(run.error, errors.IncompleteError) else run.got()
    assert came == rows(250)
    assert run.error is None or not isinstance(total, int)
    assert len(server.asked) <= 12


@pytest.mark.parametrize("total", [10**6, 10**12, 10**99], ids=["1e6", "1e12", "1e99"])
@pytest.mark.parametrize("count", [3, 250])
@pytest.mark.parametrize("says_limit", [True, False])
def test_an_absurd_total_costs_two_readings_and_is_said(total: int, count: int, says_limit: bool) -> None:
    server = Lister(rows(count), total=total, says_limit=says_limit)
    run = read(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows == rows(count)
    assert len(server.asked) <= 8
    assert len(str(run.error)) < 300


def test_a_number_of_more_digits_than_a_reply_may_hold_is_an_error() -> None:
    server = Lister(rows(3), total=10**400)
    assert isinstance(read(server).error, errors.UnexpectedResponseError)
    assert len(server.asked) < 12


def test_a_total_that_only_earlier_pages_name_is_held_against_the_end() -> None:
    """An empty page and a 404 name no total, so the one before them counts."""
    server = Lister(rows(200), total=lambda asked: 250 if asked % 3 else None)
    run = read(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.gaps == ("50 rows of GET /transaction",)


@pytest.mark.parametrize("most", [50, 99])
@pytest.mark.parametrize("total", [250, None])
def test_a_page_smaller_than_the_endpoint_allows_is_not_asked_for(most: int, total: int | None) -> None:
    server = Lister(rows(250), most=most, total=total)
    assert read(server, Listing("/transaction", "transactions", "transId", 1000, limit_min=100)).got() == rows(250)
    assert {limit for _, limit in server.asked} == {1000, 100}


@pytest.mark.parametrize("named", [1, 0, -1, 99])
@pytest.mark.parametrize("total", [250, None])
def test_a_page_size_below_the_rows_of_its_own_page_is_a_contradiction_too(named: int, total: int | None) -> None:
    server = Lister(rows(250), total=total)

    def odd(request: Request, now: float) -> Outcome:
        reply = server(request, now)
        assert isinstance(reply, Response)
        return replace(reply, body=reply.body.replace(b'"limit": 100', b'"limit": %d' % named))

    assert read(odd).got() == rows(250)
    assert len(server.asked) <= 6


# -- pages that answer another question ----------------------------------------------------------------------------


def test_a_page_with_another_number_is_asked_for_again() -> None:
    swapped = iter([1, 1])
    server = Lister(rows(230), total=230, says=lambda number, _: next(swapped, number) if number == 2 else number)
    assert read(server, policy=CallPolicy()).got() == rows(230)
    assert [number for number, _ in server.asked] == [1, 2, 2, 2, 3]


def test_a_page_that_keeps_another_number_is_a_gap_that_names_both() -> None:
    server = Lister(rows(230), total=230, says=lambda number, _: min(number, 2))
    run = read(server, policy=CallPolicy())
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows == rows(200)
    assert "asked for offset 3, it answers for offset 2" in str(run.error)
    assert run.error.gaps[0].startswith("rows from 201 on of GET /transaction: ")
    assert isinstance(run.error.__cause__, errors.MismatchError)
    assert [number for number, _ in server.asked] == [1, 2, 3, 3, 3]


@pytest.mark.parametrize(
    "says", [lambda number, _: number - 1, lambda number, limit: (number - 1) * limit], ids=["pages", "rows"]
)
def test_a_server_that_counts_from_0_answers_the_question(says: Any) -> None:
    server = Lister(rows(230), total=230, says=says)
    assert read(server).got() == rows(230)
    assert len(server.asked) == 3


# -- one bad page costs that page ----------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [350, None])
@pytest.mark.parametrize("bad", [{0}, {99}, {137}, {349}, {120, 170}, {5, 105, 205, 305}])
def test_bad_rows_cost_themselves(bad: set[int], total: int | None) -> None:
    server = Lister(rows(350), total=total, bad=bad)
    run = read(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert [row["n"] for row in run.error.rows] == [n for n in range(350) if n not in bad]
    assert run.error.gaps == tuple(
        f"row {n + 1} of GET /transaction: GET /transaction answered 500 ServerUnexpectedFailure: Oh no"
        for n in sorted(bad)
    )
    assert isinstance(run.error.__cause__, errors.ServerError)
    assert len(server.asked) <= 5 + 16 * len(bad)


@pytest.mark.parametrize("most", [50, 40, 99])
@pytest.mark.parametrize("says_limit", [True, False])
@pytest.mark.parametrize("total", [350, None])
def test_bad_rows_are_found_on_pages_of_the_servers_own_size(most: int, says_limit: bool, total: int | None) -> None:
    server = Lister(rows(350), total=total, most=most, says_limit=says_limit, bad={137})
    run = read(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert [row["n"] for row in run.error.rows] == [n for n in range(350) if n != 137]
    assert run.error.gaps[0].startswith("row 138 of ")
    assert len(server.asked) <= 28


def test_the_message_names_the_first_gap() -> None:
    assert str(read(Lister(rows(350), bad={137})).error) == (
        "GET /transaction: row 138 could not be read: GET /transaction answered 500 ServerUnexpectedFailure: Oh no. "
        "Try again later, or for a range that has ended. The rows that came are in error.rows."
    )


def test_a_page_of_which_nothing_comes_costs_that_page() -> None:
    server = Lister(rows(350), total=350, bad=set(range(100, 200)))
    run = read(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert [row["n"] for row in run.error.rows] == [*range(100), *range(200, 350)]
    (gap,) = run.error.gaps
    assert gap.startswith("rows 101 to 200 of GET /transaction: ")


@pytest.mark.parametrize("count", [350, 99])
def test_a_server_that_fails_everything_is_asked_about_a_dozen_times_and_its_error_is_raised(count: int) -> None:
    server = Lister(rows(count), bad=set(range(count)))
    run = read(server, policy=CallPolicy())
    assert isinstance(run.error, errors.ServerError)
    assert len(server.asked) <= 13


def test_a_server_that_fails_from_some_page_on_gives_the_pages_before() -> None:
    server = Lister(rows(2000), bad=set(range(200, 2000)))
    run = read(server, policy=CallPolicy())
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows == rows(200)
    (gap,) = run.error.gaps
    assert gap.startswith("rows from 201 on of GET /transaction: ")
    assert len(server.asked) <= 15


def test_half_of_all_rows_bad_is_no_reason_to_ask_for_ever() -> None:
    server = Lister(rows(1000), bad={n for n in range(200, 1000) if n % 2})
    run = read(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert run.error.rows[:200] == rows(200)
    assert len(server.asked) < 150


def test_a_network_that_is_down_is_no_bad_page() -> None:
    server = Lister(rows(350), total=350, bad=set(range(100, 350)), breaks=UNREACHABLE)
    run = read(server)
    assert isinstance(run.error, errors.APIConnectionError)
    assert run.error.rows == rows(100)
    assert len(server.asked) == 4


def test_a_page_on_which_the_connection_breaks_is_isolated() -> None:
    run = read(Lister(rows(350), total=350, bad={137}, breaks=BROKEN))
    assert isinstance(run.error, errors.IncompleteError)
    assert len(run.error.rows) == 349


def test_a_denial_in_the_middle_is_raised_with_the_rows_before_it() -> None:
    run = read(Lister(rows(350), bad={137}, breaks=refused(403, "NotAuthorizedError", "No.")))
    assert isinstance(run.error, errors.AuthenticationError)
    assert run.error.rows == rows(100)


BREAKS: list[Outcome] = [FAILURE, BROKEN, HTML]


class Moody(Lister):
    """An odd server: page sizes and totals of its own, faults that pass, and pages that answer another question."""

    def __init__(self, count: int, moods: random.Random) -> None:
        super().__init__(
            rows(count) if moods.random() < 0.7 else [{"n": n, "x": n // 2} for n in range(count)],
            most=moods.choice([1000, 100, 99, 60, 50, 7]),
            total=moods.choice([None, count, count, count + 3, -1, 7, 10**12, lambda asked: asked * 7 + 1]),
            says_limit=moods.random() < 0.6,
            says=moods.choice([lambda number, _: number, lambda number, _: None, lambda number, _: number - 1]),
            bad={n for n in range(count) if moods.random() < moods.choice([0, 0, 0.002, 0.01, 0.3])},
            breaks=BREAKS[moods.randrange(3)],
        )
        self._moods = moods
        self._passing = moods.choice([0, 0, 0.1])

    def __call__(self, request: Request, now: float) -> Outcome:
        reply = super().__call__(request, now)
        return HTML if self._moods.random() < self._passing else reply


@given(count=st.integers(0, 400), seed=st.integers(0, 10**9))
@settings(max_examples=50)
def test_an_odd_server_gives_all_rows_or_an_error_and_no_row_twice(count: int, seed: int) -> None:
    server = Moody(count, random.Random(seed))
    run = read(server, LISTING if "transId" in (server.found or [{}])[0] else NO_ID)
    error = run.error
    assert error is None or isinstance(error, errors.APIError | errors.IncompleteError), error
    came = [row["n"] for row in (run.got() if error is None else error.rows)]
    assert len(set(came)) == len(came)
    assert set(came) <= set(range(count)) - (server.bad if not server.ignores_offset else set())
    if error is None:
        assert len(came) == count
    assert len(server.asked) <= 3 * (count // min(server.most, 100) + 2) + 15 * (len(server.bad) + 2) + 60
