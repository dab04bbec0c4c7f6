"""Transactions as flows: what each call asks of the server, and what it makes of the answer.

What users see of this, errors and all, is in `tests/client`; here are the requests.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client import errors
from sonnys_data_client.endpoints import transactions
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.jobs import Handle, Page
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request
from sonnys_data_client.models import TransactionListItem, TransactionListItemV2
from tests.engine.flows import HTML, NOON, Play, play, refused, served

START, STOP = 1_795_305_600, 1_795_392_000
DATES = (("startDate", str(START)), ("endDate", str(STOP)))
PAGING = (("limit", "100"), ("offset", "1"))
WASH = {"transId": "1:1", "total": 5, "date": "2026-11-22T10:00:00.000Z"}
JOB_ROW = {"id": "1:1", "total": 5, "completeDate": "2026-11-22T10:00:00.000Z"}


def day(**more: Any) -> Any:
    """The criteria of one day, and more."""
    return {"startDate": "2026-11-22", "endDate": "2026-11-22", **more}


def context(**options: Any) -> Context:
    return Context(CallPolicy(max_retries=0), **options)


def page_of(*rows: Any, total: int | None = None) -> Outcome:
    return served({"transactions": list(rows), "offset": 1, "limit": 100, "total": total})


LISTS: list[tuple[Any, str, type]] = [
    (transactions.list_transactions, "/transaction", TransactionListItem),
    (transactions.list_v2, "/transaction/version-2", TransactionListItemV2),
    *(
        (
            lambda context, params, kind=kind: transactions.list_by_type(context, kind, params),
            f"/transaction/type/{kind}",
            TransactionListItem,
        )
        for kind in transactions.ITEM_TYPES
    ),
]


@pytest.mark.parametrize(("flow", "path", "model"), LISTS, ids=[path for _, path, _ in LISTS])
def test_a_list_asks_for_its_range_and_gives_models(flow: Any, path: str, model: type) -> None:
    run: Play[list[Any]] = play(flow(context(), day(site="MAIN", region="R")), _sites_then(page_of(WASH)))
    assert run.requests[-1].path == path
    assert run.requests[-1].query == (*DATES, ("site", "MAIN"), ("region", "R"), *PAGING)
    assert [(type(row), row.id) for row in run.got()] == [(model, "1:1")]


def _sites_then(outcome: Outcome) -> Any:
    return lambda request, _now: served({"sites": []}) if request.path == "/site/list" else outcome


def test_a_list_leaves_out_the_second_after_its_range() -> None:
    edge = {**WASH, "transId": "2:1", "date": "2026-11-23 00:00:00"}
    run = play(transactions.list_transactions(context(), day()), [page_of(WASH, edge, total=2)])
    assert [row.id for row in run.got()] == ["1:1"]


def test_one_page_is_one_request_and_comes_as_it_is() -> None:
    flow = transactions.list_transactions(context(), day(offset=7, limit=20))
    run = play(flow, [page_of(WASH, total=500)])
    assert run.requests[0].query == (*DATES, ("limit", "20"), ("offset", "7"))
    assert len(run.got()) == 1


def test_a_list_that_breaks_off_carries_models_and_no_misfits() -> None:
    rows = [{**WASH, "transId": f"{n}:1"} for n in range(99)]
    run = play(transactions.list_transactions(context(), day()), [page_of(*rows, {"transId": "x:1"}), HTML])
    assert isinstance(run.error, errors.ServerError)
    assert [row.id for row in run.error.rows] == [row["transId"] for row in rows]


def test_a_detail_is_one_request() -> None:
    run = play(transactions.get_transaction(context(), "45678:1001"), [served(JOB_ROW)])
    assert run.requests == [Request("GET", "/transaction/45678:1001")]
    assert run.got().id == "1:1"


@pytest.mark.parametrize("data", [None, [], "text"])
def test_a_detail_of_another_shape_is_loud(data: Any) -> None:
    run = play(transactions.get_transaction(context(), "1:1"), [served(data)])
    assert isinstance(run.error, errors.UnexpectedResponseError)
    assert str(run.error) == ("GET /transaction/1:1: the reply is not what the API promises: an object `data` was due.")


def test_a_submission_is_one_request_for_one_page() -> None:
    flow = transactions.submit(context(), day(limit=50, offset=4))
    run = play(flow, [served({"hash": "h1"})])
    assert run.requests == [Request("POST", "/transaction/load-job", (*DATES, ("limit", "50"), ("offset", "4")))]
    assert run.got() == Handle("h1", Page(Window(START, STOP), 4, 50), NOON)


def test_a_25_hour_day_is_too_long_for_one_job() -> None:
    flow = transactions.submit(
        context(zone=ZoneInfo("America/Chicago")), {"startDate": "2026-11-01", "endDate": "2026-11-01"}
    )
    run = play(flow, [])
    assert isinstance(run.error, errors.ValidationError)
    assert "is longer (its last second included): end a second earlier, or use load_job" in str(run.error)


def test_collecting_gives_the_handle_and_the_passed_answer() -> None:
    handle = Handle("h1", Page(Window(START, STOP)), NOON)
    flow = transactions.collect_job(context(), handle, poll_interval=1.0, timeout=60.0)
    run = play(flow, [served({"status": "working"}), served({"status": "pass", "data": [JOB_ROW]})])
    assert (run.got()[0], run.got()[1].rows) == (handle, [JOB_ROW])


def test_asking_about_a_hash() -> None:
    answer = {"hash": "h1", "status": "pass", "data": [JOB_ROW], "offset": 1, "limit": 100, "total": 1}
    run = play(transactions.job_data(context(), "h1"), [served(answer)])
    assert run.requests == [Request("GET", "/transaction/get-job-data", (("hash", "h1"),))]
    assert (run.got().status, run.got().rows) == ("pass", [JOB_ROW])
    gone = play(transactions.job_data(context(), "h2"), [refused(404, "EntityNotFoundError", "No.")])
    assert isinstance(gone.error, errors.JobExpiredError)


def load(server: Any) -> Play[Any]:
    flow: Flow[Any] = transactions.load(context(), day(), poll_interval=2.0, timeout=300.0, progress=Progress())
    return play(flow, server)


def test_a_load_emits_raw_rows_and_strikes_out_its_handles() -> None:
    def server(request: Request, now: float) -> Outcome:
        if request.path == "/transaction/load-job":
            return served({"hash": "h1"})
        if request.path == "/transaction":
            return page_of(total=1)
        return served({"status": "pass" if now > 5 else "working", "data": [JOB_ROW], "total": 1})

    run = load(server)
    assert run.emitted == [JOB_ROW]
    assert run.kept == [("h1", True), ("h1", False)]
    assert run.got().complete


def test_a_load_that_is_denied_raises_the_denial() -> None:
    run = load(lambda request, now: refused(403, "NotAuthorizedError", "No licence."))
    assert isinstance(run.error, errors.AuthenticationError)
    assert len(run.sent) == 1


def test_a_load_whose_rows_keep_moving_names_what_it_could_not_prove() -> None:
    def server(request: Request, now: float) -> Outcome:
        if request.method == "POST":
            return served({"hash": "-".join(value for _, value in request.query)})
        if request.path == "/transaction":
            return page_of(total=2)
        return served({"status": "pass", "data": [JOB_ROW], "total": 2})

    run = load(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert run.emitted == [JOB_ROW]
    assert all("2026-11-22" in gap for gap in run.error.gaps)
    assert str(run.error).endswith("The rows that came are in error.rows.")
