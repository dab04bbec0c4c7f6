"""The transaction routes: three lists, a detail, and two for batch jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sonnys_data_client.sandbox.jobs import Criteria, Job
from sonnys_data_client.sandbox.listing import list_page, listed, page_of, spoil
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import (
    DAY_S,
    END,
    LIMIT,
    OFFSET,
    REGION,
    SITE,
    START,
    choice,
    identifier,
    in_range,
    known_places,
    may_see,
    sites_asked,
)
from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.render import Renderer
from sonnys_data_client.sandbox.replies import as_json, not_found
from sonnys_data_client.sandbox.route import Call, Param, Route
from sonnys_data_client.sandbox.samples import NOT_THERE, sample
from sonnys_data_client.sandbox.shape import Schema, closed, many, one
from sonnys_data_client.sandbox.spelling import COUNT, TEXT
from sonnys_data_client.sandbox.world.facts import Transaction

__all__ = ["ITEM_TYPES", "routes"]

ITEM_TYPES: dict[str, Callable[[Transaction], bool]] = {
    "wash": lambda row: _sells(row, "Wash"),
    "prepaid-wash": lambda row: _sells(row, "Prepaid Wash"),
    "recurring": lambda row: _sells(row, "Recurring Plan"),
    "washbook": lambda row: _sells(row, "WashBook"),
    "giftcard": lambda row: _sells(row, "GiftCard"),
    "merchandise": lambda row: _sells(row, "Merchandise"),
    "house-account": lambda row: any("House Account" in (tender.sub_type or "") for tender in row.tenders),
}
"""Which transactions each `item_type` of the path selects: by an item's department, or by a tender."""


TRANS_ID: Param[str | None] = identifier("trans_id", "a transaction", is_in_path=True)
ITEM_TYPE: Param[str | None] = choice("item_type", *ITEM_TYPES, is_in_path=True)


def routes(quirks: Quirks, render: Renderer) -> list[Route]:
    """Return the transaction routes under these quirks."""
    summaries = listed("transactions", render.summaries, render.spelling)
    list_takes = (START, END, SITE, REGION, LIMIT, OFFSET)
    list_checks = (in_range(31 * DAY_S, "31 days"), known_places)
    submit_methods = {"post": ("POST",), "get": ("GET",), "both": ("POST", "GET")}[quirks.submit_method]
    return [
        Route(("GET",), "/transaction", _list, summaries, list_takes, list_checks),
        Route(
            ("GET",),
            "/transaction/type/{item_type}",
            _list_of_type,
            summaries,
            (ITEM_TYPE, *list_takes),
            list_checks,
        ),
        Route(
            ("GET",),
            "/transaction/version-2",
            _list_v2,
            listed("transactions", render.summaries_v2, render.spelling),
            list_takes,
            list_checks,
        ),
        Route(
            submit_methods,
            "/transaction/load-job",
            _submit,
            closed({"hash": TEXT.schema}),
            (START, END, SITE, LIMIT, OFFSET),
            (in_range(DAY_S, "24 hours"), known_places, _page_size),
            wrong_method=int(quirks.wrong_submit),
        ),
        Route(("GET",), "/transaction/get-job-data", _job_data, _job_schema(quirks, render), (HASH,)),
        Route(("GET",), "/transaction/{trans_id}", _detail, one(render.details).schema, (TRANS_ID,)),
    ]


def _job_schema(quirks: Quirks, render: Renderer) -> Schema:
    count = {"anyOf": [COUNT, {"type": "null"}]}
    rows = many(render.job_rows).schema
    may_be_null = "null" in {quirks.working_data, quirks.fail_data}
    properties = {
        **({"hash": TEXT.schema} if quirks.hash_in_body else {}),
        "status": {"type": "string", "enum": ["working", "pass", "fail"]},
        "data": {"anyOf": [rows, {"type": "null"}]} if may_be_null else rows,
        "offset": count,
        "limit": count,
        "total": count,
        **({"message": TEXT.schema} if quirks.fail_data == "message" else {}),
    }
    return closed(properties, optional_keys=["data", "message"])


def _hash(text: str) -> str:
    if not text:
        raise ValueError("hash is required.")
    return text


HASH: Param[str] = Param("hash", _hash, None)


def _page_size(call: Call, office: Office) -> Iterator[str]:
    if office.config.quirks.job_limit == "hundred" and call[LIMIT] != 100:
        yield "limit must be 100."


def _sells(row: Transaction, department: str) -> bool:
    return any(item.department == department for item in row.items)


# ---------------------------------------------------------------------------------------------------- lists


def _list(call: Call, office: Office) -> bytes:
    return list_page(call, office, "transactions", _found(call, office), office.render.summary)


def _list_of_type(call: Call, office: Office) -> bytes:
    fits = ITEM_TYPES[call[ITEM_TYPE] or ""]
    rows = [row for row in _found(call, office) if fits(row)]
    return list_page(call, office, "transactions", rows, office.render.summary)


def _list_v2(call: Call, office: Office) -> bytes:
    body = office.cached(call.criteria(), call.now)
    if body is None:
        body = list_page(call, office, "transactions", _found(call, office), office.render.summary_v2)
        office.cache(call.criteria(), body, call.now + office.config.list_cache_s)
    return body


def _found(call: Call, office: Office) -> Sequence[Transaction]:
    return office.rows(sites_asked(call, office), call[START], call[END], as_of=call.now)


# --------------------------------------------------------------------------------------------------- detail


def _detail(call: Call, office: Office) -> bytes:
    id = call[TRANS_ID] or ""
    row = None if id == NOT_THERE else office.world.transaction(id, as_of=call.now)
    if row is not None and not (may_see(call, row.site_code) and call.site in (None, row.site_code)):
        row = None
    if row is None:
        row = sample(id, call.now, office.world.sites[0].code)
    if row is None:
        raise not_found("transaction with this id")
    return as_json({"data": office.render.detail(row)})


# ----------------------------------------------------------------------------------------------------- jobs


def _submit(call: Call, office: Office) -> bytes:
    sites = sites_asked(call, office)
    criteria = Criteria(
        call.account.api_id,
        call[START],
        call[END],
        None if sites is None else tuple(sites),
        call[LIMIT],
        call[OFFSET],
    )
    call.job = office.jobs.submit(criteria, call.request, call.now)
    return as_json({"data": {"hash": call.job.hash}})


def _job_data(call: Call, office: Office) -> bytes:
    job = office.jobs.find(call.account.api_id, call[HASH], call.now)
    if job is None or (call.site is not None and job.criteria.sites != (call.site,)):
        raise not_found("job with this hash")
    call.job = job
    call.job_status = job.status(call.now)
    if call.job_status == "working":
        return _rowless(job, "working", office.config.quirks.working_data, office)
    if call.job_status == "fail":
        return _rowless(job, "fail", office.config.quirks.fail_data, office)
    body = office.body_of(job.hash)
    if body is None:
        body = _passed(job, office)
        office.keep_body(job.hash, body)
    return body


def _rowless(job: Job, status: str, data: str, office: Office) -> bytes:
    shown: dict[str, Any] = {"hash": job.hash} if office.config.quirks.hash_in_body else {}
    shown["status"] = status
    if data != "absent":
        shown["data"] = None if data == "null" else []
    if data == "message":
        shown["message"] = "The report could not be built."
    return as_json({"data": {**shown, "offset": None, "limit": None, "total": None}})


def _passed(job: Job, office: Office) -> bytes:
    quirks, wanted = office.config.quirks, job.criteria
    rows = office.rows(wanted.sites, wanted.start, wanted.end, as_of=job.starts)
    page = [office.render.job_row(row) for row in page_of(rows, wanted.page, wanted.limit)]
    if job.fate.bad_row:
        spoil(page, office.config.seed, job.hash)
    shown: dict[str, Any] = {"hash": job.hash} if quirks.hash_in_body else {}
    shown.update(status="pass", data=page)
    if page or not quirks.empty_job_nulls:
        total = len(rows) if quirks.totals == "number" else None
        shown.update(offset=wanted.page, limit=wanted.limit, total=total)
    else:
        shown.update(offset=None, limit=None, total=None)
    return as_json({"data": shown})
