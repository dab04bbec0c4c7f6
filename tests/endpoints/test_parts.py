"""When a part of a range is read by halves; `test_list_reader` has whole calls."""

from __future__ import annotations

from typing import Any

from sonnys_data_client.endpoints.dates import Range
from sonnys_data_client.endpoints.parts import SPLIT_S_MIN, Part, joined
from sonnys_data_client.endpoints.recurring import RECURRING
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.isolation import Effort
from sonnys_data_client.engine.listing import Listing
from sonnys_data_client.engine.paging import FirstPage, Pager
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.engine.wire import Outcome, Request
from sonnys_data_client.errors import (
    IncompleteError,
    Remedy,
)
from tests.endpoints.readings import context
from tests.engine.flows import HTML, Play, play, served
from tests.engine.listers import POLICY


def test_the_error_of_several_gaps_says_the_first_and_how_many_more() -> None:
    cause = ValueError("why")
    first = IncompleteError("One.", gaps=["a", "b"], spans=[(1, 2), None], remedy=Remedy.LESS)
    first.__cause__ = cause
    both = joined([first, IncompleteError("Two.", gaps=["c"], spans=[None])])
    assert both.problem == "One. Besides, 2 more parts are missing."
    assert (both.gaps, both.spans, both.remedy) == (("a", "b", "c"), ((1, 2), None, None), Remedy.LESS)
    assert both.__cause__ is cause
    assert joined([IncompleteError("One.", gaps=["a"])]).problem == "One."


LISTING = Listing("/list", "rows", "id", 100)


def ranges(length_s: int) -> Range:
    """The range of so many seconds before noon."""

    def flow() -> Flow[Any]:
        return (yield from RECURRING.dates.ranges(context(), {"startDate": STOP - length_s, "endDate": STOP - 1}))

    (found,) = play(flow(), []).got()
    made: Range = found
    return made


STOP = 1_795_305_600


def read_part(whole: Range, server: Any, findings: Findings | None = None) -> Play[list[Any]]:
    effort = Effort()

    def open_range(part: Range, first_page: FirstPage) -> Pager:
        return Pager(LISTING, part.criteria, POLICY, effort=effort, first_page=first_page, span=part.span)

    part = Part(whole, open_range, lambda part: part.name, findings=findings or Findings(), effort=effort, path="/list")

    def flow() -> Flow[list[Any]]:
        found: list[Any] = []
        while (page := (yield from part.next_page())) is not None:
            found += page.rows
        return found

    return play(flow(), server)


def asked_s(run: Play[Any]) -> list[int]:
    queries = [dict(request.query) for request in run.requests]
    return [int(query["endDate"]) - int(query["startDate"]) for query in queries]


def test_a_length_that_is_known_is_not_tried_again() -> None:
    findings = Findings(longest_range_s={"/list": 10 * DAY_S, "/other": 1})
    run = read_part(ranges(25 * DAY_S), lambda _request, _now: served({"rows": [], "total": 0}), findings)
    assert (run.got(), asked_s(run)) == ([], [10 * DAY_S, 10 * DAY_S, 5 * DAY_S])


def test_the_good_half_is_read_before_the_bad_one_is_cut_further() -> None:
    def server(request: Request, _now: float) -> Outcome:
        query = dict(request.query)
        bad = int(query["startDate"]) == STOP - 16 * DAY_S
        return HTML if bad else served({"rows": [{"id": query["startDate"]}], "limit": 100, "total": 1})

    run = read_part(ranges(16 * DAY_S), server)
    assert isinstance(run.error, IncompleteError)
    # Two smaller pages first; then bad half, good half, bad quarter, good quarter ...
    assert asked_s(run)[:7] == [16 * DAY_S] * 3 + [8 * DAY_S, 8 * DAY_S, 4 * DAY_S, 4 * DAY_S]
    ((start, stop),) = [span for span in run.error.spans if span is not None]
    assert (start, stop - start < 2 * SPLIT_S_MIN) == (STOP - 16 * DAY_S, True)
    assert len(run.sent) < 45
