"""The log of requests, for tests and for curious users. It holds no keys."""

from __future__ import annotations

from typing import NamedTuple

from sonnys_data_client.sandbox.jobs import Status

__all__ = ["LogEntry"]


class LogEntry(NamedTuple):
    """One request and what happened to it.

    Attributes:
        at: Arrival, epoch seconds.
        api_id: The account's API ID; None if the request was not authenticated or never seen.
        method: HTTP method.
        path: Path below the base URL.
        query: Query parameters as they came.
        status: HTTP status of the reply, even if the reply was then lost; None if the server never saw the request.
        type: The API's error type, or None.
        fault: Name of the request's fault, or None.
        period: Number of the throttle period that counted it, or None.
        period_count: That period's count, this request included, or None.
        hash: The job that it submitted or asked about, or None.
        page: That job's page number, or None.
        job_status: The job's status in the reply, or None.
    """

    at: float
    api_id: str | None
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int | None
    type: str | None
    fault: str | None
    period: int | None
    period_count: int | None
    hash: str | None
    page: int | None
    job_status: Status | None
