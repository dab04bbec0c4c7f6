"""Any request: for operations of the API that no resource has, checked before a request is spent."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import unquote

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.call import call
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import NOT_GIVEN, ValidationError
from sonnys_data_client.secret import Secret

Method = Literal["GET", "POST"]
QueryParams = Mapping[str, str | int | float | None]
"""Query parameters by the API's names. One that is None is left out."""

_METHODS = ("GET", "POST")
_PATH = re.compile(r"(?:/[^/\s?#\\]+)+")
_KEY_NAMES = frozenset({"apikey", "xsonnysapikey"})
_NAMES = "Use the API's names, such as startDate."
_VALUES = "Write it as the API wants it, such as epoch seconds for a date."


def any_request(method: str, path: str, params: QueryParams | None, secret: Secret) -> Request:
    """Check a caller's request.

    Args:
        method: `"GET"` or `"POST"`.
        path: Path below the base URL.
        params: Query parameters.
        secret: The API key, which must be in none of them: URLs and errors are logged.

    Raises:
        ValidationError: An argument is not allowed. The message never holds the key.
    """
    if method not in _METHODS:
        shown = NOT_GIVEN if secret.is_in(str(method)) else method
        raise ValidationError(parameter="method", value=shown, allowed=_METHODS)
    _check_path(path, secret)
    query: list[tuple[str, str]] = []
    for name, value in (params or {}).items():
        if not isinstance(name, str) or not name.strip():
            raise ValidationError("holds a name that is not text", parameter="params", remedy=_NAMES)
        if _letters(name) in _KEY_NAMES or secret.is_in(name):
            raise _holds_key("params")
        if value is not None:
            query.append((name, _written(name, value, secret)))
    return Request(method, path, tuple(query))


def send_any(context: Context, request: Request) -> Flow[dict[str, Any]]:
    """Send a request as every other is sent, and return the decoded reply.

    Raises:
        APIError: The API refused or could not be reached.
    """
    return call(request, context.policy)


def _check_path(path: str, secret: Secret) -> None:
    if not isinstance(path, str):
        raise ValidationError(parameter="path", value=path, allowed="text, such as '/site/list'")
    if secret.is_in(path):
        raise _holds_key("path")
    if not _PATH.fullmatch(path):
        raise ValidationError(
            parameter="path",
            value=path,
            allowed="a path that begins with one slash, such as '/site/list'",
            remedy="It goes to the client's own server; put what follows a question mark into params.",
        )
    if {".", ".."} & {unquote(part) for part in path.split("/")}:
        raise ValidationError("leaves base_url", parameter="path", value=path, remedy="Leave '.' and '..' out.")


def _written(name: str, value: object, secret: Secret) -> str:
    """Write a parameter's value as text."""
    parameter = f"params[{name!r}]"
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        kind = type(value).__name__
        raise ValidationError(f"is a {kind}", parameter=parameter, allowed="text or a number", remedy=_VALUES)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValidationError(parameter=parameter, value=value, allowed="a finite number")
    text = str(value)
    if secret.is_in(text):
        raise _holds_key("params")
    return text


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _holds_key(parameter: str) -> ValidationError:
    return ValidationError(
        "holds an API key, and URLs are logged",
        parameter=parameter,
        remedy="Leave it out: the client sends its key in a header.",
    )
