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
│       ├── MismatchError              the reply answers another question than the one that was asked
│       └── RowError                   rows could not be parsed; carries them, and the others
├── ArchiveError                       an archive cannot be used as it is: damaged, full, read-only, not one
│   ├── ArchiveDamagedError            a file of it is not what was written
│   └── ArchiveHeldError               another run is working on it; says who
├── BudgetSpentError                   the requests or minutes that a run was given are spent; nothing is lost
└── IncompleteError                    rows are known to be missing, and which
    └── IncompleteExportError          an export delivered everything it could, and that is not all
```

An error carries what went wrong as data: the parameter, its value, what is allowed, and a `Remedy`. `str()` words
these for Python. The command line words the same data for itself: `--adopt`, where Python says `adopt=True`.

Every `APIError` knows its method, path and status, the API's own error `type` and message(s), and the `body`.
`str()` of an error holds no customer names and no plates; `body` may, so do not log it. An error holds no key, even if
the server repeated it, and its sentences hold nothing that a terminal would obey.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

from sonnys_data_client.secret import redacted
from sonnys_data_client.text import harmless


class Remedy(Enum):
    """What to do about an error, if Python and the command line say it in different words.

    The value is Python's wording. Names in braces are filled in from the error's `details`.
    """

    ADOPT_SOURCE = "Give this one another name (account=...), or say that they are the same (adopt=True)."
    BOTH_ENDS = "Give both startDate and endDate."
    CREDENTIALS = "Give api_id and api_key, or set SONNYS_API_ID and SONNYS_API_KEY."
    CREDENTIALS_TEXT = (
        "Pass the text that the BackOffice shows, or set SONNYS_API_ID and SONNYS_API_KEY and use from_env()."
    )
    ENVIRONMENT = "Check base_url."
    HANDLE = "Pass the dict that job.to_dict() returned."
    HASH = "Pass the text that submit_job's job.hash holds."
    KEYRING = "Without keyring=True the key goes into the file."
    LATER = "Try again later, or for a range that has ended. The rows that came are in error.rows."
    LESS = "Ask for less, such as a shorter range. The rows that came are in error.rows."
    NO_BOUND = "None means no bound."
    ONE_DAY = "For {day} alone give startDate={day!r} and endDate={day!r}, or call load_job once for each day."
    ONE_JOB = "Give a shorter range, or call load_job once for each day."
    ONE_LIST = "Give a shorter range, or leave offset out."
    ONE_WINDOW = "End a second earlier, or use load_job without offset."
    OTHER_NAME = "Give it another name (account=...)."
    OTHER_SITES = "The rows of the other sites are in error.rows."
    OUTSIDE = "Pass allow_outside=True if the query is your own."
    OWNER = "Pass it to a client of the account that submitted it."
    PROFILE = "Name one: from_profile(...), or SONNYS_PROFILE."
    RESULT_LATER = "Go on with client.transactions.job(error.handle).result(), or give a larger timeout."
    RIVAL = "Stop it, or give a larger call_timeout."
    SAME_NAME = "Call it that (account={account!r}), or say that you want both (adopt=True)."
    SITE_OF_CLIENT = "client.sites.list() of a client without site_code shows the codes."
    SITE_OF_CALL = "Pass the client's own site_code as site, or leave it out."
    SITES = "Pass one of the codes that client.sites.list() shows, or leave it out for all sites."
    SITES_ALL = "Pass None for all sites."
    START_TOO = "Give startDate too."
    TIMEZONE = "The site list was read for the time zones of its sites: give the client a timezone to do without."


class NotGiven(Enum):
    """The value of an error that is not about a value, or about one that must not be shown, such as a key."""

    NOT_GIVEN = "not given"


NOT_GIVEN = NotGiven.NOT_GIVEN


class SonnysError(Exception):
    """The root of all errors of this package. Each can be pickled, with all that it holds.

    `str()` says what happened, what is allowed and what to do.

    Args:
        problem: What happened: a sentence, or what is wrong with `parameter`, such as "is in the future".
        parameter: The argument or setting that it is about, by its name in Python or in a file; perhaps none.
        value: The value of the parameter. Leave it out if it is a secret.
        allowed: What is allowed: words that go on from "must be", or all the values that are allowed.
        source: Where the parameter stands, if it is not an argument: a file, and which part of it.
        remedy: What to do: a key, or a sentence that is good in Python and at the command line; perhaps nothing.
        details: Names and values that the words of a `Remedy` need.

    The arguments are attributes, too, without the secrets in use. A value not made of plain values is its `repr()`.
    """

    def __init__(
        self,
        problem: str = "",
        *,
        parameter: str = "",
        value: Any = NOT_GIVEN,
        allowed: str | Sequence[str] = "",
        source: str = "",
        remedy: Remedy | str = "",
        details: Mapping[str, str] | None = None,
    ) -> None:
        choices = allowed if isinstance(allowed, str) else f"one of {', '.join(allowed)}"
        must = f"must be {choices}" if choices else ""
        super().__init__(harmless(f"{problem}; it {must}" if problem and must else problem or must))
        self.parameter = harmless(parameter)
        self.value = redacted(value) if value is NOT_GIVEN or _is_plain(value) else _Repr(harmless(repr(value)))
        self.allowed = allowed
        self.source = harmless(source)
        self.remedy = remedy if isinstance(remedy, Remedy) else harmless(remedy)
        self.details = {name: harmless(detail) for name, detail in (details or {}).items()}

    @property
    def problem(self) -> str:
        """What happened and what is allowed, without what to do; where there is a parameter, what is wrong with it."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        subject = self.parameter if self.value is NOT_GIVEN else f"{self.parameter}={self.value!r}"
        sentence = f"{subject} {self.problem}." if self.parameter else self.problem
        remedy = self.remedy.value.format_map(self.details) if isinstance(self.remedy, Remedy) else self.remedy
        return " ".join(filter(None, [f"{self.source}:" if self.source else "", sentence, remedy]))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        # Python would call the class with `args` alone, and most of these have required keywords.
        return _revive, (type(self), self.args, self.__dict__)


def _revive(kind: type[SonnysError], args: tuple[Any, ...], attributes: dict[str, Any]) -> SonnysError:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(attributes)
    return error


class _Repr(str):
    """The `repr()` of a value that is not plain. Unlike such a value, it can always be pickled."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple | set | frozenset):
        return all(_is_plain(part) for part in value)
    return value is None or isinstance(value, str | int | float | Decimal | date)


class ValidationError(SonnysError, ValueError):
    """An argument is not allowed. See `parameter`, `value`, `allowed` and `remedy`; the message says them."""


class ConfigurationError(SonnysError):
    """Credentials or settings are missing or contradict one another. No request was made."""


class ArchiveError(SonnysError):
    """An archive cannot be used as it is. Its good files are unharmed, and the message says what to do."""


class ArchiveDamagedError(ArchiveError):
    """A file of an archive is damaged: its bytes are not those that were written."""


class ArchiveHeldError(ArchiveError):
    """Another run is working on this archive."""


class BudgetSpentError(SonnysError):
    """A run has spent its requests or minutes. What came is safe, and another run goes on from there."""


class APIError(SonnysError):
    """Something went wrong with one request.

    Attributes:
        method: HTTP method of the request.
        path: Path below the base URL, without the query.
        status: HTTP status, or None when there was no reply.
        type: The API's own name for the error, such as `"BadClientCredentialsError"`, or None.
        messages: The API's messages; empty when it sent none.
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
        remedy: Remedy | str = "",
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.method, self.path, self.status = method, path, status
        self.type = redacted(type)
        self.messages = tuple(redacted(messages))
        self.body = body
        self.rows: list[Any] = []

    @property
    def body(self) -> Any:
        """The reply's body, decoded if it was JSON, else as text; None when there was none. Never part of `str()`."""
        return self._body

    @body.setter
    def body(self, body: Any) -> None:
        self._body = redacted(body)


class APIConnectionError(APIError):
    """No reply came: the server was unreachable, or the connection broke, and retries did not help."""


class APITimeoutError(APIConnectionError, TimeoutError):
    """No reply came in time, or the work did not end in time."""


class JobTimeoutError(APITimeoutError):
    """A job was still working at its timeout. Nothing is lost: go on with `handle`.

    Attributes:
        handle: The job as plain JSON-ready data, for `client.transactions.job(handle)`.
    """

    def __init__(
        self, message: str, *, handle: Mapping[str, Any], method: str, path: str, remedy: Remedy | str = ""
    ) -> None:
        super().__init__(message, method=method, path=path, remedy=remedy)
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
    """The server ended a job with `fail`. `body` holds what it said about the job."""


class UnexpectedResponseError(APIError):
    """The reply is not what the API promises: another shape, an unknown job status, or far too large to be one."""


class MismatchError(UnexpectedResponseError):
    """The reply answers another question: another job, page, object or time. It was asked for again, in vain.

    Attributes:
        asked: What was asked for, in words, such as `"offset 2"`.
        answered: What the reply belongs to, such as `"offset 1"`.
    """

    def __init__(
        self, message: str, *, asked: str, answered: str, method: str, path: str, status: int | None, body: Any = None
    ) -> None:
        super().__init__(message, method=method, path=path, status=status, body=body)
        self.asked, self.answered = asked, answered


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
        self, message: str, *, rows: Sequence[Any], unparsed: Sequence[UnparsedRow], method: str, path: str
    ) -> None:
        super().__init__(message, method=method, path=path)
        self.rows, self.unparsed = list(rows), list(unparsed)


class IncompleteError(SonnysError):
    """Rows are known to be missing. All others were delivered first.

    Attributes:
        gaps: One line for each part that is missing: which site and time range, which page, and why.
        rows: The rows that were read, when they were not delivered in another way.
        spans: For each gap of a list, the first second of the range that it lies in and the second after its last
            (epoch seconds), or None if that is not known. Empty for other gaps.
    """

    def __init__(
        self,
        message: str,
        *,
        gaps: Sequence[str],
        rows: Sequence[Any] = (),
        remedy: Remedy | str = "",
        spans: Sequence[tuple[int, int] | None] = (),
    ) -> None:
        super().__init__(message, remedy=remedy)
        self.gaps = tuple(map(harmless, gaps))
        self.rows, self.spans = list(rows), tuple(spans)


class IncompleteExportError(IncompleteError):
    """An export delivered everything it could get, and some windows were not shown to be complete.

    Attributes:
        report: The export's report, window by window.
    """

    def __init__(self, message: str, *, gaps: Sequence[str], report: Any, remedy: Remedy | str = "") -> None:
        super().__init__(message, gaps=gaps, remedy=remedy)
        self.report = report
