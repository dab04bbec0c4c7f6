"""Batch jobs as flows: the load of a day, and the job of a single page.

The docstrings for users are in `resources`.
"""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.operation import data_of
from sonnys_data_client.endpoints.params import (
    DateParams,
    check_known,
    check_site,
    parameters,
    site_code,
    whole,
    whole_number,
)
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.export.flow import Report, export
from sonnys_data_client.engine.export.pages import SchedulePolicy
from sonnys_data_client.engine.jobs import Handle, Page
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.single import collect, poll_once, submit_page
from sonnys_data_client.engine.windows import Span
from sonnys_data_client.errors import APIError, IncompleteError, JobFailedError, SonnysError, ValidationError
from sonnys_data_client.types import JobData, parse_one


class JobParams(DateParams, total=False):
    """Criteria of `load_job`; the names are the API's."""

    site: Annotated[str, site_code()]


class JobPageParams(JobParams, total=False):
    """Criteria of `submit_job`, which asks for one page."""

    limit: Annotated[int, whole("Rows a page, 1 to 100; 100 if left out.")]
    offset: Annotated[int, whole("Page number from 1; 1 if left out.")]


def load(
    context: Context, params: JobParams, *, poll_interval: float, timeout: float, progress: Progress
) -> Flow[Report]:
    """Read a day by batch jobs: delivers the raw rows.

    Raises:
        APIError: As `engine.export.flow`; also the error of the first gap, if there is one.
        IncompleteError: Rows kept moving while they were read.
    """
    _check_positive(poll_interval=poll_interval, timeout=timeout)
    site = _site(params, JobParams, context)
    span = yield from context.span(params.get("startDate"), params.get("endDate"), site, Span.check_job)
    policy = SchedulePolicy(
        call=context.policy,
        job_timeout_s=timeout,
        poll_interval_s=poll_interval,
        split_overdue=False,
        slots=context.slots,
        period_s=context.period_s,
    )
    report = yield from export(list(span.windows(site)), policy, context.findings, progress)
    if report.gaps:
        raise _gap_error(report)
    return report


def submit(context: Context, params: JobPageParams) -> Flow[Handle]:
    """Submit the job of one page: one request."""
    site = _site(params, JobPageParams, context)
    number = whole_number("offset", params.get("offset", 1), 1, None)
    limit = whole_number("limit", params.get("limit", jobs.PAGE_ROWS_MAX), 1, jobs.PAGE_ROWS_MAX)
    span = yield from context.span(params.get("startDate"), params.get("endDate"), site, Span.check_job)
    windows = list(span.windows(site))
    if len(windows) != 1:
        raise ValidationError(
            "submit_job covers one window of at most 24 hours, and this range "
            + ("has not begun" if not windows else "is longer (its last second included): end a second earlier")
            + ", or use load_job."
        )
    return (yield from submit_page(Page(windows[0], number, limit), context.policy, context.findings))


def collect_job(
    context: Context, handle: Handle, *, poll_interval: float, timeout: float
) -> Flow[tuple[Handle, jobs.JobAnswer]]:
    """Poll until a submitted job has passed.

    Returns:
        Its handle, which is a new one if the job had to be submitted again, and its answer.
    """
    _check_positive(poll_interval=poll_interval, timeout=timeout)
    policy, findings = context.policy, context.findings
    return (yield from collect(handle, policy, findings, poll_interval_s=poll_interval, timeout_s=timeout))


def job_data(context: Context, hash_: str) -> Flow[JobData]:
    """Ask once for a job's status, by `GET /transaction/get-job-data`."""
    if not isinstance(hash_, str) or not hash_.strip():
        raise ValidationError("hash is empty: pass the text that submit_job's job.hash holds.")
    request, body = yield from poll_once(hash_, context.policy)
    return parse_one(JobData, data_of(request, body), method=request.method, path=request.path)


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
        "written to: try again later. The rows that came are in error.rows.",
        gaps=gaps,
    )
    error.__cause__ = causes[0]
    return error


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise ValidationError(f"{name}={value!r} must be a number of seconds above 0.")


def _site(params: JobParams, kind: type, context: Context) -> str | None:
    """Check the names of a job's parameters, and its site."""
    known = parameters(kind)
    check_known(params, known)
    code = params.get("site")
    if code is not None:
        known["site"].read("site", code)
        check_site("site", code, context.findings.sites)
    return code
