"""Batch jobs as flows: the load of a day, and the job of a single page.

The docstrings for users are in `resources`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.operation import data_of
from sonnys_data_client.endpoints.params import (
    DateParams,
    check_known,
    check_seconds,
    parameters,
    site_code,
    whole,
    whole_number,
)
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.effects import Ask, Flow, Send, altered, deliver
from sonnys_data_client.engine.export.flow import Report, export
from sonnys_data_client.engine.export.pages import FAILURES_MAX, SchedulePolicy
from sonnys_data_client.engine.jobs import Handle, Page
from sonnys_data_client.engine.local_days import only_own
from sonnys_data_client.engine.moments import DateLike
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.rows import as_list
from sonnys_data_client.engine.single import collect, poll_once, submit_page
from sonnys_data_client.engine.sites import check_address
from sonnys_data_client.engine.verdicts import is_no_results
from sonnys_data_client.engine.windows import Span
from sonnys_data_client.errors import (
    APIError,
    IncompleteError,
    JobFailedError,
    NotFoundError,
    Remedy,
    SonnysError,
    ValidationError,
)
from sonnys_data_client.types import JobData, parse_one


class JobParams(DateParams, total=False):
    """Criteria of a job; the names are the API's."""

    site: Annotated[str, site_code()]
    limit: Annotated[int, whole("Rows a page, 1 to 100; 100 if left out.")]
    offset: Annotated[
        int, whole("Page number from 1. If left out, load_job reads all pages, and submit_job the first.")
    ]


def load(
    context: Context,
    params: JobParams,
    *,
    poll_interval: float,
    timeout: float,
    progress: Progress,
    max_failures: int = FAILURES_MAX,
) -> Flow[None]:
    """Read a day by batch jobs, or one page of it: delivers the raw rows.

    Raises:
        APIError: As `engine.export.flow`; also the error of the first gap, if there is one.
        IncompleteError: Rows kept moving while they were read.
    """
    check_seconds(poll_interval=poll_interval, timeout=timeout)
    whole_number("max_failures", max_failures, 1, None)
    if params.get("offset") is not None:
        yield from _counted(_load_page(context, params, poll_interval, timeout, progress), progress)
        return
    site, limit, _ = check_job(params)
    start, end = params.get("startDate"), params.get("endDate")
    days = yield from context.days(start, end, None if site is None else [site], partial(_check_length, start, end))
    if site is not None:
        site = yield from context.listed_site("site", site)
    policy = SchedulePolicy(
        call=context.policy,
        job_timeout_s=timeout,
        poll_interval_s=poll_interval,
        rows_a_page=limit,
        split_overdue=False,
        slots=context.slots,
        period_s=context.period_s,
        failures_max=max_failures,
        owner=context.owner,
    )
    windows = days.windows(None if site is None else [site])
    progress.days = str(days)
    yield from context.settle_site_header()
    report = yield from only_own(export(windows, policy, context.findings, progress), days, progress)
    if report.gaps:
        raise _gap_error(report)


def _load_page(
    context: Context, params: JobParams, poll_interval: float, timeout: float, progress: Progress
) -> Flow[None]:
    """Read one page as the server cut it: delivers its raw rows."""
    try:
        handle = yield from submit(context, params)
    except NotFoundError as error:
        if not is_no_results(error):
            raise
        if not context.findings.submit_proved:
            yield from check_address(error, context.policy, context.findings)
        progress.windows, progress.windows_done = 1, 1
        return
    progress.windows, progress.pages_known, progress.in_flight = 1, 1, 1
    _, answer = yield from collect_job(context, handle, poll_interval=poll_interval, timeout=timeout)
    progress.in_flight, progress.pages_done, progress.windows_done = 0, 1, 1
    progress.rows = len(answer.rows)
    yield from deliver(answer.rows, handle.page.window)


def _counted(flow: Flow[None], progress: Progress) -> Flow[None]:
    """Run a flow, and count the requests that it sends."""

    def count(ask: Ask) -> Ask:
        progress.requests += isinstance(ask, Send)
        return ask

    return altered(flow, count)


def submit(context: Context, params: JobParams) -> Flow[Handle]:
    """Submit one page's job."""
    site, limit, number = check_job(params)
    start, end = params.get("startDate"), params.get("endDate")
    span = yield from context.span(start, end, site, partial(_check_length, start, end))
    if site is not None:
        site = yield from context.listed_site("site", site)
    windows = list(span.windows(site))
    if len(windows) != 1:
        found = "has not begun" if not windows else "is longer, its last second included"
        raise ValidationError(
            f"One page belongs to one window of at most 24 hours, and this range {found}.",
            remedy=Remedy.ONE_WINDOW if windows else "Ask for the page once the range has begun.",
        )
    return (yield from submit_page(Page(windows[0], number, limit), context.policy, context.findings, context.owner))


def own_handle(context: Context, kept: Mapping[str, Any]) -> Handle:
    """Read a job's handle that was kept, if it is this account's.

    Raises:
        ValidationError: It is not a handle, or another account's job.
    """
    handle = Handle.from_dict(kept)
    if handle.owner != context.owner:
        raise ValidationError("This is the job of another account, site code or server.", remedy=Remedy.OWNER)
    return handle


def collect_job(
    context: Context, handle: Handle, *, poll_interval: float, timeout: float
) -> Flow[tuple[Handle, jobs.JobAnswer]]:
    """Poll until a submitted job has passed.

    Returns:
        Its handle, which is a new one if the job had to be submitted again, and its answer.
    """
    check_seconds(poll_interval=poll_interval, timeout=timeout)
    policy, findings = context.policy, context.findings
    return (yield from collect(handle, policy, findings, poll_interval_s=poll_interval, timeout_s=timeout))


def job_data(context: Context, hash_: str) -> Flow[JobData]:
    """Ask once for a job's status, by `GET /transaction/get-job-data`."""
    if not isinstance(hash_, str) or not hash_.strip():
        raise ValidationError(parameter="hash", value=hash_, allowed="the hash of a job", remedy=Remedy.HASH)
    request, body = yield from poll_once(hash_, context.policy)
    data = data_of(request, body)
    if data.get("status") == jobs.PASSED:
        data = {**data, "data": as_list(data.get("data"))}  # in whatever spelling the rows came
    return parse_one(JobData, data, method=request.method, path=request.path)


def _gap_error(report: Report) -> SonnysError:
    """Return the error of a load with gaps.

    It is a job's own error if that says all, else one that names the gaps.
    """
    causes = [gap.error for gap in report.gaps]
    for cause in causes:
        alone = not any(window.complete for window in report.windows)
        if isinstance(cause, JobFailedError) or (alone and isinstance(cause, APIError)):
            return cause
    gaps = [str(gap) for gap in report.gaps]
    error = IncompleteError(
        f"Not every row could be read: {'; '.join(gaps[:3])}{' …' if len(gaps) > 3 else ''}. The range may still be "
        "written to.",
        gaps=gaps,
        remedy=Remedy.LATER,
    )
    error.__cause__ = causes[0]
    return error


def check_job(params: JobParams) -> tuple[str | None, int, int]:
    """Check a job's parameters, but for its range, which depends on the time.

    Returns:
        Site code as it was given, rows a page, and page number.

    Raises:
        ValidationError: A parameter is unknown or not allowed.
    """
    known = parameters(JobParams)
    check_known(params, known)
    site, limit, offset = params.get("site"), params.get("limit"), params.get("offset")
    if site is not None:
        known["site"].read("site", site)
    number = 1 if offset is None else whole_number("offset", offset, 1, None)
    rows = jobs.PAGE_ROWS_MAX if limit is None else whole_number("limit", limit, 1, jobs.PAGE_ROWS_MAX)
    return site, rows, number


def _check_length(start: DateLike | None, end: DateLike | None, span: Span) -> None:
    span.check_job(start, end)
