"""Every error that this package raises on purpose, in one tree.

```text
SonnysError                            the root: catch this to catch everything below
├── ValidationError (ValueError)       bad input, refused before or by the server
│   └── PayloadValidationError         422, also an APIStatusError
├── ConfigurationError                 credentials or settings are missing or make no sense
├── APIError                           something went wrong with one request
│   ├── APIConnectionError             no reply: unreachable, reset, broken off
│   │   └── APITimeoutError (TimeoutError)    no reply, or no end, in time
│   │       └── JobTimeoutError        a job is still working; carries its handle
│   ├── APIStatusError                 the server refused: see `status`, `type`, `messages`
│   │   ├── BadRequestError            400
│   │   ├── AuthenticationError        403, about the API ID and key
│   │   │   └── SiteAuthorizationError 403, about the site code
│   │   ├── NotFoundError              404
│   │   │   └── JobExpiredError        404 for a job's hash: its 20 minutes are over
│   │   ├── PayloadValidationError     422, also a ValidationError
│   │   ├── RateLimitError             429, for longer than we were allowed to wait
│   │   └── ServerError                5xx
│   │       └── JobFailedError         a job ended in `fail`
│   └── UnexpectedResponseError        the reply is not what the API promises
│       └── RowError                   rows could not be parsed; carries them, and the others
├── ArchiveError                       an archive cannot be used as it is: damaged, full, read-only, not one
│   ├── ArchiveDamagedError            a file of it is not what was written
│   └── ArchiveHeldError               another run is working on it; says who
├── BudgetSpentError                   the requests or minutes that a run was given are spent; nothing is lost
└── IncompleteError                    rows are known to be missing, and which
    └── IncompleteExportError          an export delivered everything it could, and that is not all
```

Every `APIError` knows its method, path and status, the API's own error `type` and message(s), and the `body`.
`str()` of an error holds no credentials, no customer names and no plates; `body` may, so do not log it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


class SonnysError(Exception):
    """The root of all errors of this package. Each can be pickled, with all that it holds."""

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call the class with `args` alone, and most of these have required keywords.
        return _revive, (type(self), self.args, self.__dict__)


def _revive(kind: type[SonnysError], args: tuple[Any, ...], attributes: dict[str, Any]) -> SonnysError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(attributes)
    return error


class ValidationError(SonnysError, ValueError):
    """An argument is not allowed. The message names it, says what is allowed and what to do."""


class ConfigurationError(SonnysError):
    """Credentials or settings are missing or contradict one another. No request was made."""


class ArchiveError(SonnysError):
    """An archive cannot be used as it is. What was good in it is unharmed; the message says what to do."""


class ArchiveDamagedError(ArchiveError):
    """A file of an archive is not what was written. That it could not be read for another reason is none of this."""


class ArchiveHeldError(ArchiveError):
    """Another run is working on this archive."""


class BudgetSpentError(SonnysError):
    """The requests or minutes that a run was given are spent. What came is safe; go on with another run."""


class APIError(SonnysError):
    """Something went wrong with one request.

    Attributes:
        method: HTTP method of the request.
        path: Path below the base URL, without the query.
        status: HTTP status, or None when there was no reply.
        type: The API's own name for the error, such as `"BadClientCredentialsError"`, or None.
        messages: The API's messages; empty when it sent none.
        body: The reply's body, decoded if it was JSON, else as text; None when there was none. It may hold
            personal data and is never part of `str()`.
        rows: Rows that had been read when it struck, where the call would have returned them: nothing that was
            fetched is lost. Empty otherwise.
    """

    def __init__(
        self,
        message: str,
        *,
        method: str,
        path: str,
        status: int | None = None,
        type: str | None = None,
        messages: Sequence[str] = (),
        body: Any = None,
    ) -> None:
        super().__init__(message)
        self.method = method
        self.path = path
        self.status = status
        self.type = type
        self.messages = tuple(messages)
        self.body = body
        self.rows: list[Any] = []


class APIConnectionError(APIError):
    """No reply came: the server was unreachable, or the connection broke, and retries did not help."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """No reply, or no end of the work, came in time."""


class JobTimeoutError(APITimeoutError):
    """A job was still working when its time was up. Nothing is lost: go on with `handle`.

    Attributes:
        handle: The job as plain JSON-ready data, for `client.transactions.job(handle)`.
    """

    def __init__(self, message: str, *, handle: Mapping[str, Any], method: str, path: str) -> None:
        super().__init__(message, method=method, path=path)
        self.handle = dict(handle)


class APIStatusError(APIError):
    """The server answered, and refused."""


class BadRequestError(APIStatusError):
    """400: the server calls the request malformed or its timestamp too old."""


class AuthenticationError(APIStatusError):
    """403: the API ID or key is missing, wrong, for the other environment, or not licensed."""


class SiteAuthorizationError(AuthenticationError):
    """403: the credentials are good, but not for this site code."""


class NotFoundError(APIStatusError):
    """404: there is no such thing."""


class JobExpiredError(NotFoundError):
    """404 for a job's hash: the server keeps results for 20 minutes only. Submit the job again."""


class PayloadValidationError(APIStatusError, ValidationError):
    """422: the server refused the value of a parameter; `messages` says which and why."""


class RateLimitError(APIStatusError):
    """429, again and again: something else is spending this API ID's requests."""


class ServerError(APIStatusError):
    """5xx, or a web page where JSON was due, and retries did not help."""


class JobFailedError(ServerError):
    """The server ended a job with `fail`. `body` holds whatever it said about it."""


class UnexpectedResponseError(APIError):
    """The reply is not what the API promises: another shape, an unknown job status, or far too large to be one."""


@dataclass(frozen=True, slots=True)
class UnparsedRow:
    """A raw row that could not be parsed.

    Attributes:
        raw: The row as it came: decoded JSON, or its text where an archive keeps it. It may hold personal data, so
            `repr()` leaves it out.
        reason: Which fields could not be read, and why; never a value.
    """

    raw: Any = field(repr=False)
    reason: str


class RowError(UnexpectedResponseError):
    """Some rows could not be parsed. The error carries them, and the parsed ones.

    Attributes:
        rows: The parsed rows, those of earlier pages included.
        unparsed: The rows that could not be parsed, each raw and with the reason.
    """

    def __init__(
        self,
        message: str,
        *,
        rows: Sequence[Any],
        unparsed: Sequence[UnparsedRow],
        method: str,
        path: str,
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.rows = list(rows)
        self.unparsed = list(unparsed)


class IncompleteError(SonnysError):
    """Rows are known to be missing. Everything that could be had was delivered first.

    Attributes:
        gaps: One line for each part that is missing: which site and time range, which page, and why.
        rows: The rows that were read, when they were not delivered in another way.
    """

    def __init__(self, message: str, *, gaps: Sequence[str], rows: Sequence[Any] = ()) -> None:
        super().__init__(message)
        self.gaps = tuple(gaps)
        self.rows = list(rows)


class IncompleteExportError(IncompleteError):
    """An export delivered everything it could get, and some windows were not shown to be complete.

    Attributes:
        report: The export's report, window by window.
    """

    def __init__(self, message: str, *, gaps: Sequence[str], report: Any) -> None:
        super().__init__(message, gaps=gaps)
        self.report = report
