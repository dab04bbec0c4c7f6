"""A single job: submitted by the method that works, polled, and every way it can end."""

from __future__ import annotations

from typing import Any
from unittest.mock import patch

import pytest

from sonnys_data_client import errors
from sonnys_data_client.engine import jobs, single
from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.jobs import Handle, JobAnswer, Page
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request, Response
from tests.engine.flows import BROKEN, NOON, Play, play, refused, served, too_many

PAGE = Page(Window(1_794_268_800, 1_794_355_200, "MAIN"))
HANDLE = Handle("h1", PAGE, NOON, "ours")
POLICY = CallPolicy()
GONE = refused(404, "EntityNotFoundError", "No job with this hash.")
WRONG_METHOD = refused(405, "", "Not this way.")
PASSED = served({"status": "pass", "data": [{"id": "1:1"}], "total": 1})
WORKING = served({"status": "working", "data": []})


def hash_(name: str) -> Response:
    return served({"hash": name})


def submit(findings: Findings, *answers: Outcome) -> Play[Handle]:
    return play(single.submit_page(PAGE, POLICY, findings, "ours"), answers)


def methods(run: Play[Any]) -> list[str]:
    return [request.method for request in run.requests]


def test_a_submission_is_one_post_and_is_stamped_when_it_began() -> None:
    findings = Findings()
    run = submit(findings, hash_("h1"))
    assert run.got() == HANDLE
    assert run.requests == [PAGE.submission("POST")]
    assert (findings.submit_method, findings.submit_proved) == ("POST", True)


@pytest.mark.parametrize("wrong", [WRONG_METHOD, GONE])
def test_where_post_is_not_known_get_is_tried_once_and_remembered(wrong: Response) -> None:
    findings = Findings()
    assert methods(submit(findings, wrong, hash_("h1"))) == ["POST", "GET"]
    assert methods(submit(findings, hash_("h2"))) == ["GET"]


def test_a_server_that_knows_neither_way_says_so_about_the_first() -> None:
    findings = Findings()
    run = submit(findings, WRONG_METHOD, GONE)
    assert isinstance(run.error, errors.APIStatusError)
    assert (run.error.method, run.error.status) == ("POST", 405)
    assert (findings.submit_method, findings.submit_proved) == ("POST", False)


def test_what_the_other_way_is_denied_for_is_the_error() -> None:
    run = submit(Findings(), WRONG_METHOD, refused(422, "PayloadValidationError", "site is required."))
    assert isinstance(run.error, errors.PayloadValidationError)
    assert run.error.__cause__ is None


def test_once_proved_a_method_is_not_doubted() -> None:
    run = submit(Findings(submit_proved=True), GONE)
    assert isinstance(run.error, errors.NotFoundError)
    assert methods(run) == ["POST"]


def test_a_lost_reply_to_a_submission_is_asked_for_again() -> None:
    run = submit(Findings(), BROKEN, hash_("h1"))
    assert run.got().hash == "h1"
    assert methods(run) == ["POST", "POST"]


def test_asking_once() -> None:
    run = play(single.ask(HANDLE, POLICY), [PASSED])
    assert (run.got().status, run.got().rows) == ("pass", [{"id": "1:1"}])
    assert run.requests == [HANDLE.poll()]


def test_asking_about_an_expired_hash() -> None:
    run = play(single.ask(HANDLE, POLICY), [GONE])
    assert isinstance(run.error, errors.JobExpiredError)
    assert str(run.error) == (
        "The server does not have this job, or no longer: results are kept for 20 minutes. Submit it again."
    )


OTHER_HASH = served({"hash": "h2", "status": "pass", "data": [], "total": 0})
OTHER_PAGE = served({"hash": "h1", "status": "pass", "data": [], "offset": 2, "total": 0})
OTHER_WEEK = served({"status": "pass", "data": [{"id": "1:1", "completeDate": "2026-11-01T00:00:00Z"}], "total": 1})


@pytest.mark.parametrize("wrong", [OTHER_HASH, OTHER_PAGE])
@pytest.mark.parametrize("times", [1, 2])
def test_a_reply_about_another_job_or_page_is_asked_for_again(wrong: Response, times: int) -> None:
    run = play(single.ask(HANDLE, POLICY), [*[wrong] * times, PASSED])
    assert run.got().rows == [{"id": "1:1"}]
    assert run.requests == [HANDLE.poll()] * (times + 1)


@pytest.mark.parametrize(
    ("wrong", "asked", "answered"), [(OTHER_HASH, "hash h1", "hash h2"), (OTHER_PAGE, "offset 1", "offset 2")]
)
def test_a_reply_that_stays_another_jobs_is_an_error_that_names_both(
    wrong: Response, asked: str, answered: str
) -> None:
    run = play(single.ask(HANDLE, POLICY), [wrong] * 3)
    assert isinstance(run.error, errors.MismatchError)
    assert (run.error.asked, run.error.answered) == (asked, answered)
    assert str(run.error) == (
        "GET /transaction/get-job-data: the reply is not what the API promises: "
        f"asked for {asked}, it answers for {answered}. Tried 3 times."
    )


def test_without_a_handle_only_the_hash_can_be_held_against_a_reply() -> None:
    assert play(single.poll_once("h1", POLICY), [OTHER_PAGE]).error is None
    assert isinstance(play(single.poll_once("h1", POLICY), [OTHER_HASH] * 3).error, errors.MismatchError)


def test_rows_of_another_week_are_asked_for_again_with_a_new_submission() -> None:
    run = collect([OTHER_WEEK, hash_("h2"), served({"status": "pass", "data": [{"id": "1:1"}], "total": 1})])
    handle, answer = run.got()
    assert (handle.hash, handle.owner, answer.rows) == ("h2", "ours", [{"id": "1:1"}])


def test_rows_that_stay_those_of_another_week_are_an_error_that_names_both() -> None:
    run = collect([OTHER_WEEK, hash_("h1"), OTHER_WEEK])
    assert isinstance(run.error, errors.MismatchError)
    assert run.error.asked == f"rows from {PAGE.window}"
    assert run.error.answered == "a row of 2026-11-01"


@pytest.mark.parametrize(
    ("check", "wrong"), [("check_hash", OTHER_HASH), ("check_page", OTHER_PAGE), ("check_times", OTHER_WEEK)]
)
def test_each_check_is_what_notices(check: str, wrong: Response) -> None:
    with patch.object(jobs, check, lambda *_: None):
        assert collect([wrong]).error is None


def collect(
    server: Any, *, poll_interval_s: float = 2.0, timeout_s: float = 300.0, handle: Handle = HANDLE
) -> Play[tuple[Handle, JobAnswer]]:
    flow: Flow[tuple[Handle, JobAnswer]] = single.collect(
        handle, POLICY, Findings(), poll_interval_s=poll_interval_s, timeout_s=timeout_s
    )
    return play(flow, server)


def after(passes_at: float) -> Any:
    """A server whose job passes at this virtual second."""
    return lambda request, now: PASSED if now >= passes_at else WORKING


@pytest.mark.parametrize("passes_at", [0.0, 1.0, 20.0, 120.0, 290.0])
def test_it_polls_until_the_job_has_passed_and_not_much_longer(passes_at: float) -> None:
    run = collect(after(passes_at))
    handle, answer = run.got()
    assert (handle, answer.rows) == (HANDLE, [{"id": "1:1"}])
    assert run.now <= passes_at * 1.5 + 2.5
    assert len(run.sent) <= 40


def test_polls_are_never_closer_than_the_interval() -> None:
    run = collect(after(60.0), poll_interval_s=7.0)
    assert min(run.gaps_s()) >= 7.0 - 0.1 - 1e-6


def test_a_failed_job_is_their_verdict() -> None:
    run = collect([WORKING, served({"status": "fail", "message": "Broken."})])
    assert isinstance(run.error, errors.JobFailedError)
    assert "failed the job for page 1 of 2026-11-10 00:00:00Z to" in str(run.error)
    assert '"Broken"' in str(run.error)


@pytest.mark.parametrize("timeout_s", [0.5, 30.0, 300.0])
def test_our_deadline_leaves_a_handle(timeout_s: float) -> None:
    run = collect(after(1e9), timeout_s=timeout_s)
    assert isinstance(run.error, errors.JobTimeoutError)
    assert Handle.from_dict(run.error.handle) == HANDLE
    assert f"was still working after {timeout_s:g} s, its timeout" in str(run.error)
    last_poll = run.sent[-1][0]
    assert timeout_s <= last_poll <= timeout_s + 2.2


def test_an_expired_job_is_submitted_again_with_a_new_handle() -> None:
    run = collect([GONE, hash_("h2"), WORKING, PASSED])
    handle, answer = run.got()
    assert (handle.hash, handle.page, answer.status) == ("h2", PAGE, "pass")
    assert [request.path for request in run.requests] == [
        "/transaction/get-job-data",
        "/transaction/load-job",
        "/transaction/get-job-data",
        "/transaction/get-job-data",
    ]
    assert run.requests[-1] == handle.poll()


def test_a_job_that_expires_again_and_again_is_given_up() -> None:
    def forgetful(request: Request, now: float) -> Outcome:
        return hash_("h") if request.method == "POST" else GONE

    run = collect(forgetful)
    assert isinstance(run.error, errors.JobExpiredError)
    assert methods(run) == [*["GET", "POST"] * 3, "GET"]


def test_refusals_while_polling_are_waited_out() -> None:
    run = collect([too_many(), WORKING, too_many(), PASSED])
    assert run.got()[1].status == "pass"
