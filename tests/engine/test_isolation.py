"""How a page that fails is cut, and what that may cost; `test_paging` has whole lists with bad rows."""

from __future__ import annotations

import pytest

from sonnys_data_client import errors
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.isolation import FAILURES_MAX, Effort, Isolation, merged, smaller
from sonnys_data_client.engine.listing import Listing, Lost, RawPage
from sonnys_data_client.engine.wire import Outcome, Request
from tests.engine.flows import Play, play
from tests.engine.listers import CRITERIA, LISTING, POLICY, Lister, read, rows

ERROR = errors.ServerError("GET /transaction answered 500.", method="GET", path="/transaction", status=500)


def isolated(
    server: Lister, number: int, size: int = 100, *, splits: bool = False, listing: Listing = LISTING
) -> Play[RawPage]:
    failed = Lost((number - 1) * size + 1, number * size, ERROR)
    return play(Isolation(listing, CRITERIA, Effort(), POLICY).read(failed, splits=splits), server)


@pytest.mark.parametrize(
    ("size", "least", "part"),
    [(100, 1, 50), (25, 1, 5), (5, 1, 1), (1, 1, None), (1000, 100, 500), (125, 100, None), (97, 1, None)],
)
def test_a_page_is_cut_into_equal_parts_that_may_be_asked_for(size: int, least: int, part: int | None) -> None:
    assert smaller(Listing("/", "rows", None, 1000, limit_min=least), size) == part


@pytest.mark.parametrize("bad", range(200, 300, 7))
@pytest.mark.parametrize("size", [100, 99, 60])
def test_one_bad_row_is_found_alone_in_about_fifteen_requests(bad: int, size: int) -> None:
    number = bad // size + 1
    server = Lister(rows(1000), total=1000, bad={bad})
    page = isolated(server, number, size).got()
    assert [row["n"] for row in page.rows] == [n for n in range((number - 1) * size, number * size) if n != bad]
    assert [(lost.first, lost.last) for lost in page.lost] == [(bad + 1, bad + 1)]
    assert (page.number, page.total, page.limit) == (number, 1000, size)
    assert len(server.asked) <= 18


def test_a_row_that_cannot_be_alone_is_lost_with_its_neighbours() -> None:
    page = isolated(
        Lister(rows(3000), bad={1042}), 2, 1000, listing=Listing("/", "transactions", "transId", 1000, limit_min=100)
    ).got()
    assert [str(lost) for lost in page.lost] == ["rows 1001 to 1125"]
    assert len(page.rows) == 875


@pytest.mark.parametrize("says_limit", [True, False])
@pytest.mark.parametrize("sizes", [(100, 100), (10, 10)], ids=["larger", "smaller"])
def test_a_server_with_a_page_size_of_its_own_loses_the_page_and_no_row_beside_it(
    sizes: tuple[int, int], says_limit: bool
) -> None:
    """Its smaller pages have other numbers, so they are no parts of the page."""

    class Stubborn(Lister):
        def __call__(self, request: Request, now: float) -> Outcome:
            query = dict(request.query)
            asked = LISTING.request(CRITERIA, int(query["offset"]), 100 if query["limit"] == "100" else sizes[0])
            return super().__call__(asked, now)

    server = Stubborn(rows(350), bad={137}, says_limit=says_limit)
    run = read(server)
    assert isinstance(run.error, errors.IncompleteError)
    lost = set(range(350)) - {row["n"] for row in run.error.rows}
    assert 137 in lost
    assert lost <= set(range(100, 200))
    if sizes[0] == 100 or says_limit:
        assert run.error.gaps[0].startswith("rows 101 to 200 of GET /transaction: ")


def test_behind_the_last_row_nothing_more_is_asked_for() -> None:
    server = Lister(rows(203), bad={201})
    page = isolated(server, 3).got()
    assert [row["n"] for row in page.rows] == [200, 202]
    assert len(server.asked) <= 14


def test_a_caller_with_a_better_way_gets_the_error_once_two_parts_have_failed() -> None:
    server = Lister(rows(100), bad={10, 60})
    assert isolated(server, 1, splits=True).error is ERROR
    assert len(server.asked) == 2
    assert isolated(Lister(rows(100), bad={10}), 1, splits=True).got().rows


def test_a_request_that_follows_a_failure_is_not_sent_again_by_itself() -> None:
    effort, usual = Effort(), CallPolicy()
    assert effort.policy(usual) == usual
    effort.note_failed(ERROR)
    assert effort.policy(usual).max_retries == 0
    effort.note_served(rows=True)
    assert effort.policy(usual) == usual


def test_effort_is_spent_by_failures_and_given_back_by_pages() -> None:
    effort = Effort()
    for _ in range(FAILURES_MAX):
        assert not effort.spent
        effort.note_failed(ERROR)
    assert effort.spent
    effort.note_served(rows=False)
    assert (effort.spent, effort.served, effort.first_error) == (False, 0, ERROR)
    effort.note_served(rows=True)
    assert effort.served == 1


def test_neighbours_are_one_gap() -> None:
    lost = [Lost(1, 5, ERROR), Lost(6, 6, ERROR), Lost(8, 10, ERROR), Lost(11, None, ERROR)]
    assert [str(each) for each in merged(lost)] == ["rows 1 to 6", "rows from 8 on"]
    assert list(merged([])) == []
