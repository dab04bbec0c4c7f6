"""What the sandbox saw, for judges and for the curious. It holds no keys."""

from __future__ import annotations

from typing import NamedTuple

from sonnys_data_client.sandbox.jobs import Status

__all__ = ["Entry"]


class Entry(NamedTuple):
    """One request and what became of it.

    Attributes:
        at: Arrival, epoch seconds.
        api_id: The account, or None when it was not authenticated (or not looked at).
        method: HTTP method.
        path: Path below the base URL.
        query: Query parameters as they came.
        status: HTTP status the server decided on, even if the reply was then lost; None: not seen by it.
        type: The API's error type, or None.
        fault: Name of the fault that struck the request, or None.
        window: Number of the throttle window it counted in, or None.
        window_count: That window's count, this request included, or None.
        hash: The job it made, met again or asked about, or None.
        page: That job's page number, or None.
        job_status: What the server said about the job it was asked about, or None.
    """

    at: float
    api_id: str | None
    method: str
    path: str
    query: tuple[tuple[str, str], ...]
    status: int | None
    type: str | None
    fault: str | None
    window: int | None
    window_count: int | None
    hash: str | None
    page: int | None
    job_status: Status | None
