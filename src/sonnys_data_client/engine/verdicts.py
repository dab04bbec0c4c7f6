"""What an outcome means: the one place that reads status codes, error bodies and headers.

```text
outcome                                    verdict
2xx with a JSON object                     Served: the decoded body
429                                        Refused: wait for the next period, it is nobody's failure
5xx, 408, HTML or broken JSON with 2xx,    Troubled: worth another try
  or no reply at all
any other status, or a reply that is too   Denied: asking again would not help
  large or too costly to decode
```
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine.json_limits import JsonLimitError
from sonnys_data_client.engine.rows import decode
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response

_SHOWN_CHARS_MAX = 300
_ERRNO = re.compile(r"\[Errno -?\d+\] ")
"""What Python puts before the system's own words."""
_RETRY_AFTER_S_MAX = 60.0
"""No `Retry-After` is waited out for longer: the API's own period is 15 s."""
_REFUSED = 429
_WRONG_METHOD = frozenset({404, 405})
_SITE_TYPES = frozenset({"BadSiteCredentialsError", "NotAuthorizedSiteCredentialsError", "NotAuthorizedSiteArgsError"})
_ERROR_CLASSES: Mapping[int, type[errors.APIStatusError]] = {
    400: errors.BadRequestError,
    403: errors.AuthenticationError,
    404: errors.NotFoundError,
    422: errors.PayloadValidationError,
    _REFUSED: errors.RateLimitError,
}
_LENGTHS = re.compile(r"\b(dates?|startdate|enddate|range|days?|months?|hours?|period|span|interval)\b")
_AGES = re.compile(r"\b(old|older|oldest|earlier|earliest|ago|history|past|future|before|after)\b")
_TRY_LATER = "Try again later."
_CHECK_THE_WAY = "Check the connection, the proxy, the firewall and the address."
_REMEDIES: Mapping[str, errors.Remedy | str] = {
    "MissingClientCredentialsError": errors.Remedy.CREDENTIALS,
    "BadClientCredentialsError": "Check the API ID and key with your BackOffice administrator.",
    "MismatchCredentialsError": errors.Remedy.ENVIRONMENT,
    "NotAuthorizedError": "The account has no licence for this; the vendor's help desk can add it.",
    "BadSiteCredentialsError": errors.Remedy.SITE_OF_CLIENT,
    "NotAuthorizedSiteCredentialsError": "Ask your BackOffice administrator to let this API ID read the site.",
    "NotAuthorizedSiteArgsError": errors.Remedy.SITE_OF_CALL,
}


@dataclass(frozen=True, slots=True)
class Served:
    """The server did what was asked.

    Attributes:
        body: The decoded JSON object; numbers with a point are exact `Decimal`s, and the rows of its list are `Row`s.
    """

    body: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Refused:
    """429: the period's slots are spent.

    Attributes:
        retry_after_s: Seconds from the reply's arrival, a minute at most, if the server named them.
        error: What to raise when waiting has gone on for too long.
    """

    retry_after_s: float | None
    error: errors.RateLimitError


@dataclass(frozen=True, slots=True)
class Troubled:
    """A failure that another try may cure.

    Attributes:
        error: What to raise when the tries are used up.
        retry_after_s: Seconds from the reply's arrival, a minute at most, if the server named them.
    """

    error: errors.APIError
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Denied:
    """A refusal that stands.

    Attributes:
        error: What to raise.
    """

    error: errors.APIStatusError | errors.UnexpectedResponseError


Verdict = Served | Refused | Troubled | Denied


def judge(request: Request, outcome: Outcome, wall: float) -> Verdict:
    """Say what `outcome` means for `request`.

    Args:
        request: What was sent.
        outcome: What came of it.
        wall: Epoch seconds now, to read a `Retry-After` that is a date.
    """
    if isinstance(outcome, Fault):
        if outcome.kind is FaultKind.OVERSIZED:
            return Denied(unexpected(request, _clip(outcome.detail), None, status=None))
        return Troubled(_fault_error(request, outcome))
    if 200 <= outcome.status < 300:
        return _read_success(request, outcome)
    retry_after_s = read_retry_after(outcome.headers, wall)
    error = status_error(request, outcome)
    if isinstance(error, errors.RateLimitError):
        return Refused(retry_after_s, error)
    if outcome.status >= 500 or outcome.status == 408:
        return Troubled(error, retry_after_s)
    return Denied(error)


def was_refused(outcome: Outcome) -> bool:
    """Whether the server's throttle refused the request: a 429."""
    return isinstance(outcome, Response) and outcome.status == _REFUSED


def is_about_method(error: errors.APIError) -> bool:
    """Whether the server may have refused a request for its HTTP method: a 404 or 405."""
    return isinstance(error, errors.APIStatusError) and error.status in _WRONG_METHOD


def _read_success(request: Request, response: Response) -> Verdict:
    try:
        body = decode(response.body)
    except JsonLimitError as problem:
        return Denied(unexpected(request, str(problem), None, status=response.status))
    except (ValueError, RecursionError):
        what = "a web page" if response.body.lstrip()[:1] == b"<" else "something that is not whole JSON"
        return Troubled(
            errors.ServerError(
                f"{_name(request)}: the reply ({response.status}) was {what}.",
                method=request.method,
                path=request.path,
                status=response.status,
                body=_text(response),
                remedy=_TRY_LATER,
            )
        )
    if not isinstance(body, dict):
        return Troubled(unexpected(request, "a JSON object was due", body, status=response.status))
    return Served(body)


def unexpected(
    request: Request, problem: str, body: Any, *, status: int | None = 200
) -> errors.UnexpectedResponseError:
    """The error for a reply in a shape that the API does not promise; `problem` must hold no personal data."""
    return errors.UnexpectedResponseError(
        unexpected_words(request, problem),
        method=request.method,
        path=request.path,
        status=status,
        body=body,
    )


def unexpected_words(request: Request, problem: str) -> str:
    """The message of such an error."""
    return f"{_name(request)}: the reply is not what the API promises: {problem}."


def is_about_site(error: errors.APIError) -> bool:
    """Whether the server refused a request for the site that it names, or does not name."""
    return isinstance(error, errors.PayloadValidationError) and "site" in " ".join(error.messages).lower()


def may_be_too_long(error: errors.APIError) -> bool:
    """Whether a refusal can be about the length of a range. No such message is known, so the words decide."""
    words = " ".join(error.messages).lower()
    refused = isinstance(error, errors.PayloadValidationError | errors.BadRequestError)
    return refused and not is_about_site(error) and _LENGTHS.search(words) is not None and _AGES.search(words) is None


def is_no_results(error: errors.APIError) -> bool:
    """Whether a refusal is the contract's answer to an inquiry without results: a 404 in the API's own words.

    A web page, or a gateway's JSON, does not name a type, or names an address as the type (RFC 9457). It says that the
    address is wrong.
    """
    return isinstance(error, errors.NotFoundError) and error.type is not None and error.type.isalnum()


def status_error(request: Request, response: Response) -> errors.APIStatusError:
    """Make the error for a reply that is not a success."""
    body = _body(response)
    kind, messages = _read_error_body(body)
    status = response.status
    if status == 403 and kind in _SITE_TYPES:
        cls: type[errors.APIStatusError] = errors.SiteAuthorizationError
    elif status >= 500:
        cls = errors.ServerError
    else:
        cls = _ERROR_CLASSES.get(status, errors.APIStatusError)
    words = [f"{_name(request)} answered {status}" + (f" {kind}" if kind else "")]
    if messages:
        words.append(": " + _clip("; ".join(messages)))
    elif not isinstance(body, dict) and response.body:
        words.append(" with a web page or text instead of JSON")
    sentence = "".join(words).rstrip(". ") + "."
    return cls(
        sentence,
        method=request.method,
        path=request.path,
        status=status,
        type=kind,
        messages=messages,
        body=body,
        remedy=_REMEDIES.get(kind or "", _TRY_LATER if cls is errors.ServerError else ""),
    )


def read_retry_after(headers: Mapping[str, str], wall: float) -> float | None:
    """Read `Retry-After`, given in seconds or as an HTTP date.

    Returns:
        Seconds from now, a minute at most; None if the header is absent or unreadable.
    """
    text = headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), _RETRY_AFTER_S_MAX)
    try:
        date = parsedate_to_datetime(text)
        # A date without an offset is UTC like every HTTP date, not this machine's local time.
        wait_s = (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - wall
    except (ValueError, OverflowError):
        return None
    return min(max(0.0, wait_s), _RETRY_AFTER_S_MAX)


def _fault_error(request: Request, fault: Fault) -> errors.APIConnectionError:
    cls = errors.APITimeoutError if fault.kind is FaultKind.TIMED_OUT else errors.APIConnectionError
    words, remedy = {
        FaultKind.UNREACHABLE: ("the server could not be reached", _CHECK_THE_WAY),
        FaultKind.BROKEN: ("the connection broke before the whole reply had come", _TRY_LATER),
        FaultKind.TIMED_OUT: ("no whole reply came within the request timeout", _TRY_LATER),
    }[fault.kind]
    detail = _ERRNO.sub("", _clip(fault.detail))
    detail = f" ({detail})" if detail else ""
    return cls(f"{_name(request)}: {words}{detail}.", method=request.method, path=request.path, remedy=remedy)


def _name(request: Request) -> str:
    return f"{request.method} {request.path}"


def _text(response: Response) -> str:
    return response.body.decode("utf-8", "replace")


def _body(response: Response) -> Any:
    try:
        return decode(response.body)
    except (ValueError, RecursionError):
        return _text(response) or None


def _read_error_body(body: Any) -> tuple[str | None, tuple[str, ...]]:
    if not isinstance(body, dict):
        return None, ()
    kind = body.get("type")
    found = body.get("messages", body.get("message"))
    items = found if isinstance(found, list) else [found]
    messages = [item for item in items if isinstance(item, str) and item]
    code = body.get("code")
    if isinstance(code, str) and code:
        messages.append(f"reference code {code}")
    return (kind if isinstance(kind, str) else None), tuple(messages)


def _clip(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= _SHOWN_CHARS_MAX else one_line[:_SHOWN_CHARS_MAX] + "…"
