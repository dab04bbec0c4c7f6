"""Counts by the transaction list: which requests are sent, and what the answers mean."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.windows import DAY_S, Span
from sonnys_data_client.engine.wire import Outcome, Request
from sonnys_data_client.errors import AuthenticationError, PayloadValidationError, UnexpectedResponseError
from sonnys_data_client.sync.counting import (
    count_fewer_days,
    count_spans,
    count_transactions,
    days_a_count,
    requests_a_count,
)
from tests.endpoints.readings import context
from tests.engine.flows import Play, play, refused, served
from tests.sync.busy_rig import DAYS, busy_rig

SPANS = [Span(0, DAY_S, one_day=False), Span(DAY_S, 3 * DAY_S, one_day=False)]
SITES = {"sites": [{"code": "MAIN"}, {"code": "WEST"}]}


def total(count: Any) -> Outcome:
    return served({"transactions": [], "offset": 1, "limit": 100, "total": count})


def count(server: Any, here: Context | None = None) -> Play[list[int | None]]:
    return play(count_transactions(here or context(), SPANS), server)


def test_one_request_a_span_and_its_total_is_the_count() -> None:
    run = count([total(7), total(0)])
    assert run.got() == [7, 0]
    assert [dict(request.query) for request in run.requests] == [
        {"startDate": "0", "endDate": str(DAY_S), "limit": "100", "offset": "1"},
        {"startDate": str(DAY_S), "endDate": str(3 * DAY_S), "limit": "100", "offset": "1"},
    ]
    assert {(request.method, request.path) for request in run.requests} == {("GET", "/transaction")}


@pytest.mark.parametrize("answer", [total(None), total("7"), refused(404, "EntityNotFoundError", "No results.")])
def test_where_the_server_does_not_say_nobody_knows(answer: Outcome) -> None:
    assert count([total(7), answer]).got() == [7, None]


class BySite:
    """A server that wants a site. Each day it counts 10 rows at MAIN and 1 at any other site."""

    def __init__(self, *, shop: bool = False) -> None:
        self.shop = shop

    def __call__(self, request: Request, _now: float) -> Outcome:
        query = dict(request.query)
        if request.path == "/site/list":
            return served({"sites": [*SITES["sites"], *([{"code": ""}] if self.shop else [])]})
        if not query.get("site"):
            return refused(422, "PayloadValidationError", "site is required.")
        days = (int(query["endDate"]) - int(query["startDate"])) // DAY_S
        return total(days * (10 if query["site"] == "MAIN" else 1))


def test_a_server_that_wants_a_site_is_asked_site_by_site_and_that_is_remembered() -> None:
    here = context()
    assert count(BySite(), here).got() == [11, 22]
    assert here.findings.site_required
    run = count(BySite(), here)
    assert run.got() == [11, 22]
    assert len(run.requests) == 4
    assert (requests_a_count(context()), requests_a_count(here)) == (1, 2)


def test_a_shop_that_cannot_be_asked_about_leaves_the_sum_unknown() -> None:
    assert count(BySite(shop=True)).got() == [None, None]


def test_a_client_of_one_site_asks_for_no_other() -> None:
    run = count([total(7), total(8)], context(site_code="MAIN"))
    assert run.got() == [7, 8]
    assert not any("site" in dict(request.query) for request in run.requests)


def test_a_refusal_is_raised() -> None:
    with pytest.raises(AuthenticationError):
        count([total(7), refused(403, "NotAuthorizedError", "Not for you.")]).got()
    with pytest.raises(UnexpectedResponseError):
        count([total(7), served({"items": [1]})]).got()


def test_a_range_that_the_server_finds_too_long_is_counted_by_fewer_days() -> None:
    here = context()
    long, other = (
        PayloadValidationError("No.", method="GET", path="/transaction", status=422, messages=[words])
        for words in ("The range is too long.", "startDate is too old.")
    )
    lengths = [days_a_count(here)]
    assert not count_fewer_days(here, other)
    while count_fewer_days(here, long):
        lengths.append(days_a_count(here))
    assert lengths == [31, 15, 7, 3, 1]


def test_a_client_counts_by_one_request_a_span() -> None:
    stand = busy_rig()
    spans = [Span(window.start, window.stop, one_day=False) for window in DAYS]
    assert count_spans(stand.client(), spans) == [250, 250, 251], "with the sale in the second after the last span"
    assert len(stand.sandbox.log) == 3
