"""What goes over the wire and what comes back, as plain values.

Nothing here does I/O. The engine builds a `Request`. A transport turns it into an `Outcome`: the server's `Response`,
or a `Fault` that says how the connection failed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


@dataclass(frozen=True, slots=True)
class Request:
    """One request to the API.

    Attributes:
        method: `"GET"` or `"POST"`.
        path: Path below the base URL, with a leading slash, such as `"/transaction/load-job"`.
        query: Query parameters in order, as text, not yet percent-encoded.
        headers: Headers with lower-case names. The engine sends at most the site's; the transport adds the
            credentials, so a `Request` that an error carries never holds a secret.
    """

    method: str
    path: str
    query: tuple[tuple[str, str], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Response:
    """One reply of the API.

    Attributes:
        status: HTTP status code.
        body: The body's bytes, whole.
        headers: Headers with lower-case names.
    """

    status: int
    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


class FaultKind(Enum):
    """How a request can end without a reply."""

    UNREACHABLE = "unreachable"
    """No connection was made: the server has not seen the request."""
    BROKEN = "broken"
    """The connection broke after the request went out: the server may have seen and served it."""
    TIMED_OUT = "timed out"
    """No whole reply came within the request timeout: the server may have seen and served it."""
    OVERSIZED = "oversized"
    """The reply is larger than this client is willing to read: another try would bring the same."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A request that got no reply.

    Attributes:
        kind: What is known of how it ended.
        detail: The transport's own words, free of credentials.
    """

    kind: FaultKind
    detail: str = ""


Outcome = Response | Fault
