"""Transactions: lists, details and batch jobs, as flows.

Each function checks its parameters, builds the ask and picks the flow that carries it out. The docstrings that
users read are the facades' (`client`).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypedDict, TypeVar

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.call import call
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.export import Report, export
from sonnys_data_client.engine.jobs import Handle, Page
from sonnys_data_client.engine.paging import Listing, read_all, read_page
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.single import collect, poll_once, submit_page
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.windows import DateLike, Span, row_second
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.engine.work import SchedulePolicy
from sonnys_data_client.errors import APIError, IncompleteError, JobFailedError, RowError, SonnysError, ValidationError
from sonnys_data_client.models import (
    JobData,
    Transaction,
    TransactionListItem,
    TransactionListItemV2,
    parse_one,
    parse_rows,
)

L = TypeVar("L", bound=TransactionListItem)

ITEM_TYPES = ("wash", "prepaid-wash", "recurring", "washbook", "giftcard", "merchandise", "house-account")
"""What `list_by_type` can ask for (spec)."""

_ID = re.compile(r"\d+:\d+", re.ASCII)
_LIST_ROWS_MAX = 100


class ListParams(TypedDict, total=False):
    """Criteria of the transaction lists; the names are the API's.

    Attributes:
        startDate: First day or instant; today if left out.
        endDate: Last day or instant; today if left out.
        site: Site code; all sites if left out.
        region: Region code; ignored by the API when `site` is given.
        limit: Rows a page, 1 to 100; 100 if left out.
        offset: Page number from 1. If given, that page alone is read; all pages if left out.
    """

    startDate: DateLike
    endDate: DateLike
    site: str
    region: str
    limit: int
    offset: int


class JobParams(TypedDict, total=False):
    """Criteria of `load_job`; the names are the API's.

    Attributes:
        startDate: First day or instant; today if left out.
        endDate: Last day or instant; today if left out.
        site: Site code; all sites if left out.
    """

    startDate: DateLike
    endDate: DateLike
    site: str


class PageParams(JobParams, total=False):
    """Criteria of `submit_job`, which asks for one page.

    Attributes:
        limit: Rows a page, 1 to 100; 100 if left out.
        offset: Page number from 1; 1 if left out.
    """

    limit: int
    offset: int


def list_transactions(context: Context, params: ListParams) -> Flow[list[TransactionListItem]]:
    """`GET /transaction`."""
    return _list(
        context, Listing("/transaction", "transactions", "transId", _LIST_ROWS_MAX), TransactionListItem, params
    )


def list_by_type(context: Context, item_type: str, params: ListParams) -> Flow[list[TransactionListItem]]:
    """`GET /transaction/type/{item_type}`."""
    if item_type not in ITEM_TYPES:
        raise ValidationError(f"item_type={item_type!r} is no item type: use one of {', '.join(ITEM_TYPES)}.")
    listing = Listing(f"/transaction/type/{item_type}", "transactions", "transId", _LIST_ROWS_MAX)
    return _list(context, listing, TransactionListItem, params)


def list_v2(context: Context, params: ListParams) -> Flow[list[TransactionListItemV2]]:
    """`GET /transaction/version-2`."""
    listing = Listing("/transaction/version-2", "transactions", "transId", _LIST_ROWS_MAX)
    return _list(context, listing, TransactionListItemV2, params)


def get_transaction(context: Context, transaction_id: str) -> Flow[Transaction]:
    """`GET /transaction/{trans_id}`."""
    if not isinstance(transaction_id, str) or not _ID.fullmatch(transaction_id):
        raise ValidationError(
            f"transaction_id={transaction_id!r} is no transaction id: they look like '45678:1001', two numbers and a "
            "colon."
        )
    request = Request("GET", f"/transaction/{transaction_id}")
    body = yield from call(request, context.policy)
    return parse_one(Transaction, _data(request, body), method=request.method, path=request.path)


def load(
    context: Context, params: JobParams, *, poll_interval: float, timeout: float, progress: Progress
) -> Flow[Report]:
    """Read a day by batch jobs: emits the raw rows.

    Raises:
        APIError: As `engine.export`, and the error of the first gap if there is one.
        IncompleteError: Rows moved for as long as they were read.
    """
    _check(params, JobParams)
    _check_positive(poll_interval=poll_interval, timeout=timeout)
    site = _site(params)
    span = yield from context.span(params.get("startDate"), params.get("endDate"), site, Span.check_job)
    policy = SchedulePolicy(
        call=context.policy,
        job_timeout_s=timeout,
        poll_interval_s=poll_interval,
        split_overdue=False,
        slots=context.slots,
        window_s=context.window_s,
    )
    report = yield from export(list(span.windows(site)), policy, context.findings, progress)
    if report.gaps:
        raise _gap_error(report)
    return report


def submit(context: Context, params: PageParams) -> Flow[Handle]:
    """Submit one page's job."""
    _check(params, PageParams)
    site = _site(params)
    number, limit = _whole("offset", params.get("offset", 1), 1, None), _limit(params.get("limit"))
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
    """Poll until a submitted job has passed; returns its handle, a new one if it had to be submitted again."""
    _check_positive(poll_interval=poll_interval, timeout=timeout)
    policy, findings = context.policy, context.findings
    return (yield from collect(handle, policy, findings, poll_interval_s=poll_interval, timeout_s=timeout))


def job_data(context: Context, hash_: str) -> Flow[JobData]:
    """`GET /transaction/get-job-data`: ask once how a job is."""
    if not isinstance(hash_, str) or not hash_.strip():
        raise ValidationError("hash is empty: pass the text that submit_job's job.hash holds.")
    request, body = yield from poll_once(hash_, context.policy)
    return parse_one(JobData, _data(request, body), method=request.method, path=request.path)


def _list(context: Context, listing: Listing, model: type[L], params: ListParams) -> Flow[list[L]]:
    _check(params, ListParams)
    site = _site(params)
    limit = _limit(params.get("limit"))
    page = _whole("offset", params["offset"], 1, None) if "offset" in params else None
    region = params.get("region")
    if region is not None and (not isinstance(region, str) or not region.strip()):
        raise ValidationError(f"region={region!r} is no region code: give text, or leave it out for all.")
    span = yield from context.span(params.get("startDate"), params.get("endDate"), site, Span.check_list)
    if span.start == span.stop:
        return []
    criteria = _criteria(span, site, region)

    def inside(row: dict[str, Any]) -> bool:
        return row_second(row) != span.stop

    if page is not None:
        request = listing.request(criteria, page, limit)
        rows: Sequence[Any] = (yield from read_page(listing, request, limit, context.policy)).rows
    else:
        try:
            rows = yield from read_all(listing, criteria, context.policy, inside, limit)
        except (APIError, IncompleteError) as error:
            error.rows = _fitting(model, error.rows, listing.path)
            raise
    return parse_rows(model, rows, method="GET", path=listing.path)


def _fitting(model: type[L], rows: Sequence[Any], path: str) -> list[L]:
    """The rows that fit, as models: an error is on its way, and must not be lost to a second one."""
    try:
        return parse_rows(model, rows, method="GET", path=path)
    except RowError as misfits:
        return misfits.rows


def _criteria(span: Span, site: str | None, region: str | None) -> tuple[tuple[str, str], ...]:
    named = (("startDate", str(span.start)), ("endDate", str(span.stop)), ("site", site), ("region", region))
    return tuple((name, value) for name, value in named if value is not None)


def _gap_error(report: Report) -> SonnysError:
    """The error for a load with gaps: the job's own where that says it all, else one that names what is missing."""
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


def _data(request: Request, body: dict[str, Any]) -> Any:
    if not isinstance(body.get("data"), dict):
        raise unexpected(request, "an object `data` was due", body)
    return body["data"]


def _check(params: Any, known: type) -> None:
    """Refuse parameters that the endpoint does not have: the API would ignore them in silence."""
    allowed = list(known.__annotations__)
    for base in getattr(known, "__orig_bases__", ()):
        allowed += [name for name in getattr(base, "__annotations__", ()) if name not in allowed]
    for name in params:
        if name not in allowed:
            raise ValidationError(f"{name} is no parameter of this call: it takes {', '.join(sorted(allowed))}.")


def _check_positive(**values: float) -> None:
    for name, value in values.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < float("inf"):
            raise ValidationError(f"{name}={value!r} must be a number of seconds above 0.")


def _site(params: JobParams | ListParams) -> str | None:
    site = params.get("site")
    if site is not None and (not isinstance(site, str) or not site.strip()):
        raise ValidationError(
            f"site={site!r} is no site code: pass one of client.sites.list(), or leave it out for all."
        )
    return site


def _limit(limit: int | None) -> int:
    return jobs.PAGE_ROWS_MAX if limit is None else _whole("limit", limit, 1, jobs.PAGE_ROWS_MAX)


def _whole(name: str, value: Any, least: int, most: int | None) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least or (most is not None and value > most):
        what = f"from {least} to {most}" if most is not None else f"from {least} up"
        note = " (offset is a page number)" if name == "offset" else ""
        raise ValidationError(f"{name}={value!r} must be a whole number {what}{note}.")
    return value
