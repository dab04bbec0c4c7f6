"""A single job, for callers who submit now and collect later, perhaps in another process."""

from __future__ import annotations

from functools import partial
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.call import CallPolicy, call
from sonnys_data_client.engine.effects import Flow, look, pause
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.jobs import Handle, JobAnswer, Page
from sonnys_data_client.engine.pace import scout_gap_s
from sonnys_data_client.engine.verdicts import is_about_method
from sonnys_data_client.engine.wire import Request

_SUBMISSIONS_MAX = 4
_SUBMISSIONS_OF_MISMATCH_MAX = 2
"""The hash itself may be another job's: the reply to a submission can be mixed up like any other."""


def submit_page(page: Page, policy: CallPolicy, findings: Findings, owner: str) -> Flow[Handle]:
    """Submit one page: one request, or two the first time if the server wants GET.

    Args:
        page: What to ask for.
        policy: How hard to try.
        findings: What is known of the server; learns more.
        owner: Digest of the account that submits it.

    Raises:
        NotFoundError: The window has no rows, by the contract's word.
        APIError: The server refused, or gave no hash.
    """
    try:
        return (yield from _submit_by(findings.submit_method, page, policy, findings, owner))
    except errors.APIStatusError as denied:
        if findings.submit_proved or not is_about_method(denied):
            raise
        other = findings.other_method()
        try:
            return (yield from _submit_by(other, page, policy, findings, owner))
        except errors.APIStatusError as again:
            raise denied if is_about_method(again) else again from None


def _submit_by(method: str, page: Page, policy: CallPolicy, findings: Findings, owner: str) -> Flow[Handle]:
    request = page.submission(method)
    before = yield from look()
    body = yield from call(request, policy, partial(jobs.read_hash, request))
    findings.submit_method, findings.submit_proved = method, True
    return Handle(jobs.read_hash(request, body), page, before.wall, owner)


def poll_once(hash_: str, policy: CallPolicy, number: int | None = None) -> Flow[tuple[Request, dict[str, Any]]]:
    """Ask once how a job is: one request.

    Args:
        hash_: The job's hash.
        policy: How hard to try.
        number: The page that it is for; None if that is not known.

    Raises:
        JobExpiredError: The server does not know the hash, or no longer.
        MismatchError: The replies are about another job or page.
        APIError: The server gave no answer.
    """
    request = jobs.poll_request(hash_)
    try:
        return request, (yield from call(request, policy, partial(jobs.check_answer, request, hash_, number)))
    except errors.NotFoundError as gone:
        raise jobs.job_expired(None, gone) from gone


def ask(handle: Handle, policy: CallPolicy) -> Flow[JobAnswer]:
    """Ask once how the job behind a handle is: one request."""
    request, body = yield from poll_once(handle.hash, policy, handle.page.number)
    return jobs.read_answer(request, body)


def collect(
    handle: Handle, policy: CallPolicy, findings: Findings, *, poll_interval_s: float, timeout_s: float
) -> Flow[tuple[Handle, JobAnswer]]:
    """Poll until a job has passed. A job whose result expired, or is of days outside its window, is submitted again.

    Returns:
        The handle, a new one if it was submitted again, and the passed job's answer.

    Raises:
        JobFailedError: The server failed it.
        MismatchError: The replies are about another job or page, or its rows are of another window.
        JobTimeoutError: It was still working after `timeout_s`.
        JobExpiredError: Its result expired four times.
        APIError: The server gave no answer.
    """
    moment = yield from look()
    deadline = moment.now + timeout_s
    born_at = moment.now - max(0.0, moment.wall - handle.submitted_at)
    submissions = 1
    while True:
        asked = yield from look()
        try:
            answer = yield from ask(handle, policy)
            if answer.status == jobs.PASSED:
                jobs.check_rows(handle, answer)
        except (errors.JobExpiredError, errors.MismatchError) as problem:
            most = _SUBMISSIONS_MAX if isinstance(problem, errors.JobExpiredError) else _SUBMISSIONS_OF_MISMATCH_MAX
            if submissions >= most:
                raise
            answer = None
        if answer is None:
            submissions += 1
            handle = yield from submit_page(handle.page, policy, findings, handle.owner)
            born_at = (yield from look()).now
            continue
        if answer.status == jobs.PASSED:
            return handle, answer
        if answer.status == jobs.FAILED:
            raise jobs.job_failed(handle, answer)
        if asked.now >= deadline:
            raise jobs.job_overdue(handle, timeout_s)
        gap_s = scout_gap_s(asked.now - born_at, poll_interval_s, 1)
        yield from pause(min(asked.now + gap_s, max(deadline, asked.now + poll_interval_s)))
