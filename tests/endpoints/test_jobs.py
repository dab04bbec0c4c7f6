"""Batch jobs as flows: which requests each call sends, and what it makes of the answers."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client import errors
from sonnys_data_client.endpoints import jobs
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.jobs import Handle, Page
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request
from tests.engine.flows import NOON, Play, play, refused, served

START, STOP = 1_795_305_600, 1_795_392_000
DATES = (("startDate", str(START)), ("endDate", str(STOP)))
JOB_ROW = {"id": "1:1", "total": 5, "completeDate": "2026-11-22T10:00:00.000Z"}


def day(**more: Any) -> Any:
    """The criteria of one day, with further ones."""
    return {"startDate": "2026-11-22", "endDate": "2026-11-22", **more}


def context(**options: Any) -> Context:
    options.setdefault("zone", UTC)
    return Context(CallPolicy(max_retries=0), **options)


def test_a_submission_is_one_request_for_one_page() -> None:
    flow = jobs.submit(context(), day(limit=50, offset=4))
    run = play(flow, [served({"hash": "h1"})])
    assert run.requests == [Request("POST", "/transaction/load-job", (*DATES, ("limit", "50"), ("offset", "4")))]
    assert run.got() == Handle("h1", Page(Window(START, STOP), 4, 50), NOON)


def test_a_25_hour_day_is_too_long_for_one_job() -> None:
    flow = jobs.submit(context(zone=ZoneInfo("America/Chicago")), {"startDate": "2026-11-01", "endDate": "2026-11-01"})
    run = play(flow, [])
    assert isinstance(run.error, errors.ValidationError)
    assert str(run.error).endswith("its last second included. End a second earlier, or use load_job without offset.")


def test_collecting_gives_the_handle_and_the_passed_answer() -> None:
    handle = Handle("h1", Page(Window(START, STOP)), NOON)
    flow = jobs.collect_job(context(), handle, poll_interval=1.0, timeout=60.0)
    run = play(flow, [served({"status": "working"}), served({"status": "pass", "data": [JOB_ROW]})])
    assert (run.got()[0], run.got()[1].rows) == (handle, [JOB_ROW])


def test_asking_about_a_hash() -> None:
    answer = {"hash": "h1", "status": "pass", "data": [JOB_ROW], "offset": 1, "limit": 100, "total": 1}
    run = play(jobs.job_data(context(), "h1"), [served(answer)])
    assert run.requests == [Request("GET", "/transaction/get-job-data", (("hash", "h1"),))]
    assert (run.got().status, run.got().rows) == ("pass", [JOB_ROW])
    gone = play(jobs.job_data(context(), "h2"), [refused(404, "EntityNotFoundError", "No.")])
    assert isinstance(gone.error, errors.JobExpiredError)


@pytest.mark.parametrize(
    ("rows", "read"), [({"1": JOB_ROW}, [JOB_ROW]), ({}, []), (None, []), ([], [])], ids=["php", "{}", "null", "[]"]
)
def test_rows_of_a_hash_in_each_spelling(rows: Any, read: list[Any]) -> None:
    run = play(jobs.job_data(context(), "h1"), [served({"status": "pass", "data": rows})])
    assert run.got().rows == read
    assert run.got().data == read


def test_a_page_of_a_window_that_the_server_does_not_find_has_no_rows() -> None:
    progress = Progress()
    missing, sites = refused(404, "EntityNotFoundError", "No results."), served({"sites": []})
    run = load([missing, refused(405, "", "No."), sites], progress, offset=1)
    assert (run.error, run.delivered, progress.windows_done, progress.requests) == (None, [], 1, 3)
    assert isinstance(load([missing] * 3, offset=1).error, errors.NotFoundError), "the address is wrong"
    assert load([missing, missing, refused(403, "NotAuthorizedError", "No.")], offset=1).error is None
    lost = load([refused(404, "", "Not Found"), refused(404, "", "Not Found")], offset=1)
    assert isinstance(lost.error, errors.NotFoundError)


def load(server: Any, progress: Progress | None = None, **criteria: Any) -> Play[Any]:
    counters = progress or Progress()
    flow: Flow[Any] = jobs.load(context(), day(**criteria), poll_interval=2.0, timeout=300.0, progress=counters)
    return play(flow, server)


def test_a_load_delivers_raw_rows_and_strikes_out_its_handles() -> None:
    def server(request: Request, now: float) -> Outcome:
        if request.path == "/transaction/load-job":
            return served({"hash": "h1"})
        if request.path == "/transaction":
            return served({"transactions": [], "total": 1})
        return served({"status": "pass" if now > 5 else "working", "data": [JOB_ROW], "total": 1})

    run = load(server)
    assert run.delivered == [JOB_ROW]
    assert run.kept == [("h1", True), ("h1", False)]
    assert run.error is None


def test_a_load_of_one_page_takes_a_submission_and_its_polls_and_counts_them() -> None:
    def server(request: Request, now: float) -> Outcome:
        if request.path == "/transaction/load-job":
            return served({"hash": "h1"})
        return served({"status": "pass" if now > 5 else "working", "data": [JOB_ROW], "total": 301})

    progress = Progress()
    run = load(server, progress, limit=50, offset=4)
    assert run.error is None
    assert run.delivered == [JOB_ROW]
    assert run.requests[0] == Request("POST", "/transaction/load-job", (*DATES, ("limit", "50"), ("offset", "4")))
    assert {request.path for request in run.requests[1:]} == {"/transaction/get-job-data"}
    assert (progress.requests, progress.rows, progress.pages_done) == (len(run.requests), 1, 1)


def test_what_breaks_under_a_load_of_one_page_reaches_it() -> None:
    flow: Flow[Any] = jobs.load(context(), day(offset=1), poll_interval=2.0, timeout=300.0, progress=Progress())
    next(flow)
    with pytest.raises(OSError, match="no space"):
        flow.throw(OSError("no space"))
    other: Flow[Any] = jobs.load(context(), day(offset=1), poll_interval=2.0, timeout=300.0, progress=Progress())
    next(other)
    other.close()


def test_a_load_that_is_denied_raises_the_denial() -> None:
    run = load(lambda request, now: refused(403, "NotAuthorizedError", "No licence."))
    assert isinstance(run.error, errors.AuthenticationError)
    assert len(run.sent) == 1


def test_a_load_whose_rows_keep_moving_names_what_it_could_not_prove() -> None:
    def server(request: Request, now: float) -> Outcome:
        if request.method == "POST":
            return served({"hash": "-".join(value for _, value in request.query)})
        if request.path == "/transaction":
            return served({"transactions": [], "total": 2})
        return served({"status": "pass", "data": [JOB_ROW], "total": 2})

    run = load(server)
    assert isinstance(run.error, errors.IncompleteError)
    assert run.delivered == [JOB_ROW]
    assert all("2026-11-22" in gap for gap in run.error.gaps)
    assert str(run.error).endswith("The rows that came are in error.rows.")


@pytest.mark.parametrize("read_before", [True, False])
def test_a_site_that_the_site_list_does_not_have_is_the_same_error_whether_or_not_it_was_read(
    read_before: bool,
) -> None:
    here, listed = context(), [{"code": "MAIN"}, {"code": "NORTH"}, {"code": ""}, "odd"]
    here.findings.sites, here.findings.sites_at = (listed, NOON) if read_before else (None, 0.0)
    run = play(jobs.submit(here, day(site="X", startDate=START, endDate=START)), [served({"sites": listed})])
    assert isinstance(run.error, errors.ValidationError)
    assert str(run.error) == (
        "site='X' is not a site of this account; it must be one of MAIN, NORTH. "
        "Pass one of the codes that client.sites.list() shows, or leave it out for all sites."
    )
    assert len(run.sent) == (not read_before)
    known = play(jobs.submit(here, day(site=" main")), [served({"hash": "h"})])
    assert known.got().page.window.site == "MAIN"


def test_where_the_site_list_is_refused_the_server_decides_about_the_site() -> None:
    here = context()
    answers = [refused(403, "NotAuthorizedError", "No."), served({"hash": "h"}), served({"hash": "h2"})]
    run = play(jobs.submit(here, day(site="X ")), answers[:2])
    assert run.got().page.window.site == "X"
    assert len(play(jobs.submit(here, day(site="X")), answers[2:]).sent) == 1, "it is not asked for again"


@pytest.mark.parametrize("wrong", [{"limit": 0}, {"offset": 0}, {"site": " "}, {"endDate": "2026-11-21"}])
def test_what_is_wrong_without_a_site_list_costs_no_request(wrong: dict[str, Any]) -> None:
    for flow in (
        jobs.submit(context(zone=None), day(**wrong)),
        jobs.load(context(zone=None), day(**wrong), poll_interval=2.0, timeout=300.0, progress=Progress()),
    ):
        run: Play[Any] = play(flow, [])
        assert isinstance(run.error, errors.ValidationError)
