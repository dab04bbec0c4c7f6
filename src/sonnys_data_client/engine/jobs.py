"""How a job lives: one page of one window, from its submission to its rows.

```text
state       event                                            next
----------  -----------------------------------------------  ----------
-           submitted, the server gave a hash                 working
working     polled: "working"                                 working
working     polled: "pass"                                    passed    (rows)
working     polled: "fail"                                    failed    (their verdict)
working     polled: 404, its 20 minutes are over              expired   (submit again)
working     our job timeout is over                           overdue   (the handle still works)
```

Paging happens at submission (seen live): `offset` is a page *number* from 1, `limit` is the page's size, and every page
is a job with its own hash. The server caches by criteria for 20 minutes: the same page of the same window submitted
again within that time is the same job with the same rows. So a submission whose reply was lost is safe to repeat, and
to read a window anew takes other criteria.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine.json_limits import DIGITS_MAX
from sonnys_data_client.engine.mismatch import check_hash, check_page, check_times
from sonnys_data_client.engine.rows import as_list, decode_rows, text_of_all
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Request

SUBMIT_PATH = "/transaction/load-job"
POLL_PATH = "/transaction/get-job-data"
PAGE_ROWS_MAX = 100

WORKING, PASSED, FAILED = "working", "pass", "fail"


@dataclass(frozen=True, slots=True)
class Page:
    """What one job asks for.

    Attributes:
        window: The time range and site.
        number: Page number from 1 (`offset` on the wire).
        limit: Rows a page (the API's largest: 100).
    """

    window: Window
    number: int = 1
    limit: int = PAGE_ROWS_MAX

    def submission(self, method: str) -> Request:
        """The request that submits it, by `"POST"` or `"GET"`."""
        site = (("site", self.window.site),) if self.window.site is not None else ()
        dates = (("startDate", str(self.window.start)), ("endDate", str(self.window.stop)))
        paging = (("limit", str(self.limit)), ("offset", str(self.number)))
        return Request(method, SUBMIT_PATH, (*dates, *site, *paging))

    def __str__(self) -> str:
        return f"page {self.number} of {self.window}"


@dataclass(frozen=True, slots=True)
class Handle:
    """A submitted job: all that another process needs to go on with it.

    Attributes:
        hash: The server's name for it.
        page: What was asked for.
        submitted_at: Epoch seconds at which the server took it.
        owner: Digest of the account that submitted it (`Account.owner`). Nobody else may poll it.
        answer: What it brought, if a shelf kept that; no part of `to_dict`.
    """

    hash: str
    page: Page
    submitted_at: float
    owner: str = ""
    answer: JobAnswer | None = None

    def poll(self) -> Request:
        """The request that asks how it is."""
        return poll_request(self.hash)

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON-ready data; holds no secret."""
        window = self.page.window
        return {
            "hash": self.hash,
            "start": window.start,
            "stop": window.stop,
            "site": window.site,
            "page": self.page.number,
            "limit": self.page.limit,
            "submitted_at": self.submitted_at,
            "owner": self.owner,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Handle:
        """Read what `to_dict` wrote.

        A shelf that keeps answers adds `answer`, as `JobAnswer.to_dict` gave it.

        Raises:
            ValidationError: It is something else.
        """
        if not isinstance(data, Mapping):
            raise errors.ValidationError("This is not a job's handle.", remedy=errors.Remedy.HANDLE)
        try:
            window = Window(_whole(data["start"]), _whole(data["stop"]), data["site"])
            page = Page(window, _whole(data["page"]), _whole(data["limit"]))
            answer = data.get("answer")
            handle = cls(
                data["hash"],
                page,
                float(data["submitted_at"]),
                data["owner"],
                None if answer is None else JobAnswer.from_dict(answer),
            )
        except (KeyError, TypeError, ValueError) as problem:
            raise errors.ValidationError(
                f"This is not a job's handle ({problem}).", remedy=errors.Remedy.HANDLE
            ) from None
        texts = isinstance(handle.hash, str) and isinstance(handle.owner, str) and isinstance(window.site, str | None)
        if not texts:
            raise errors.ValidationError(
                "This is not a job's handle: hash, site and owner must be text.", remedy=errors.Remedy.HANDLE
            )
        return handle


@dataclass(frozen=True, slots=True)
class JobAnswer:
    """What `get-job-data` said.

    Attributes:
        status: `"working"`, `"pass"` or `"fail"`.
        rows: The page's raw rows, each an `engine.rows.Row` unless its reply was unusual; empty unless passed.
        total: Rows of the whole window, by the server's count; None when it does not say (as for empty jobs).
        body: The answer's `data` object, whole.
        size: Rows a page that the server says it applied; None when it does not say.
    """

    status: str
    rows: list[Any]
    total: int | None
    body: dict[str, Any]
    size: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """What a passed job brought, as plain JSON-ready data for `Handle.from_dict`.

        `rows` is the JSON text of the rows as they came. It holds personal data.
        """
        return {"rows": text_of_all(self.rows), "total": self.total, "size": self.size}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> JobAnswer:
        """Read what `to_dict` wrote.

        Raises:
            KeyError, TypeError, ValueError: It is something else.
        """
        return cls(PASSED, _kept_rows(data["rows"]), data["total"], {}, data.get("size"))


def poll_request(hash_: str) -> Request:
    """The request that asks how the job with this hash is."""
    return Request("GET", POLL_PATH, (("hash", hash_),))


def read_hash(request: Request, body: dict[str, Any]) -> str:
    """Read the hash out of a submission's reply.

    Raises:
        UnexpectedResponseError: There is none.
    """
    data = body.get("data")
    found = data.get("hash") if isinstance(data, dict) else None
    if not isinstance(found, str) or not found:
        raise unexpected(request, "a hash was due", body)
    return found


def check_answer(request: Request, hash_: str, number: int | None, body: dict[str, Any]) -> None:
    """Check that a poll's reply is about the job that was asked for.

    Args:
        request: The poll.
        hash_: The job's hash.
        number: The page that the job is for; None if it is not known.
        body: The reply.

    Raises:
        MismatchError: It is about another job or page.
        UnexpectedResponseError: It is not about a job at all, or a passed job's rows are no list.
    """
    data = _data(request, body)
    check_hash(request, hash_, data)
    if data.get("status") == PASSED:
        if number is not None:
            check_page(request, number, data)
        _rows(request, data, body)


def read_answer(request: Request, body: dict[str, Any]) -> JobAnswer:
    """Read a poll's reply.

    Raises:
        UnexpectedResponseError: It has no status, an unknown one, or passed without a list of rows.
    """
    data = _data(request, body)
    status = data.get("status")
    if status not in (WORKING, PASSED, FAILED):
        raise unexpected(
            request, f"the job's status is {str(status)[:40]!r}, which is none of working, pass, fail", body
        )
    rows = _rows(request, data, body) if status == PASSED else []
    size = _count(data.get("limit"))
    return JobAnswer(status, rows, _count(data.get("total")), data, size or None)


def check_rows(handle: Handle, answer: JobAnswer) -> None:
    """Check that a passed job's rows can be of its window.

    Raises:
        MismatchError: A row lies days outside.
    """
    check_times(handle.poll(), handle.page.window, answer.rows)


def job_failed(handle: Handle, answer: JobAnswer) -> errors.JobFailedError:
    """The error for a job that ended in `fail`, with whatever the server said about it."""
    detail = next((str(answer.body[key]) for key in ("message", "error", "reason") if answer.body.get(key)), "")
    said = f': "{" ".join(detail.split())[:200].rstrip(".")}"' if detail else " and gave no reason"
    return errors.JobFailedError(
        f"The server failed the job for {handle.page}{said}.",
        method="GET",
        path=POLL_PATH,
        status=200,
        body=answer.body,
        remedy="Try again in 20 minutes, or ask for a shorter range.",
    )


def job_overdue(handle: Handle, timeout_s: float) -> errors.JobTimeoutError:
    """The error for a job that did not end within `timeout_s`."""
    return errors.JobTimeoutError(
        f"The job for {handle.page} was still working after {timeout_s:g} s, its timeout.",
        handle=handle.to_dict(),
        method="GET",
        path=POLL_PATH,
        remedy=errors.Remedy.RESULT_LATER,
    )


def job_expired(handle: Handle | None, cause: errors.NotFoundError) -> errors.JobExpiredError:
    """The error for a hash that the server does not know, or no longer."""
    what = "this job" if handle is None else f"the job for {handle.page}"
    return errors.JobExpiredError(
        f"The server does not have {what}, or no longer: results are kept for 20 minutes.",
        method="GET",
        path=POLL_PATH,
        status=cause.status,
        type=cause.type,
        messages=cause.messages,
        body=cause.body,
        remedy="Submit it again.",
    )


def _data(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    data = body.get("data")
    if not isinstance(data, dict):
        raise unexpected(request, "an object `data` was due", body)
    return data


def _rows(request: Request, data: dict[str, Any], body: dict[str, Any]) -> list[Any]:
    rows = as_list(data.get("data"))
    if rows is None:
        raise unexpected(request, "a passed job's rows were due as a list", body)
    return rows


def _count(value: Any) -> int | None:
    """A count by the server; None if it names none, or one that no count can be."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= DIGITS_MAX:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _kept_rows(rows: Any) -> list[Any]:
    """The rows of a kept answer: text, or a list where an earlier version of this package kept it."""
    if isinstance(rows, list):
        return rows
    if not isinstance(rows, str):
        raise TypeError("rows are due as text")
    return decode_rows(rows)


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{value!r} is not a whole number")
    return value
