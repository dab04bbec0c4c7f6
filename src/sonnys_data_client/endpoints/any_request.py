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
from sonnys_data_client.errors import ValidationError

Method = Literal["GET", "POST"]
QueryParams = Mapping[str, str | int | float | None]
"""Query parameters by the API's names. One that is None is left out."""

_METHODS = ("GET", "POST")
_PATH = re.compile(r"(?:/[^/\s?#\\]+)+")
_KEY_NAMES = frozenset({"apikey", "xsonnysapikey"})
_SHORT = 8
"""Keys shorter than this are found as whole words only: a made-up key such as `1` is part of many texts."""


def any_request(method: Method, path: str, params: QueryParams | None, secret: str) -> Request:
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
        raise ValidationError(f"method={_shown(method, secret)} must be 'GET' or 'POST'.")
    _check_path(path, secret)
    query: list[tuple[str, str]] = []
    for name, value in (params or {}).items():
        if not isinstance(name, str) or not name.strip():
            raise ValidationError("A name in params is empty or no text: use the API's names, such as startDate.")
        if _letters(name) in _KEY_NAMES or _holds(name, secret):
            raise ValidationError(_refusal("params"))
        if value is not None:
            query.append((name, _written(name, value, secret)))
    return Request(method, path, tuple(query))


def send_any(context: Context, request: Request) -> Flow[dict[str, Any]]:
    """Send a request as every other is sent, and return the decoded reply.

    Raises:
        APIError: The API refused or could not be reached.
    """
    return call(request, context.policy)


def _check_path(path: str, secret: str) -> None:
    if not isinstance(path, str):
        raise ValidationError("path must be text, such as '/site/list'.")
    if _holds(path, secret):
        raise ValidationError(_refusal("path"))
    if not _PATH.fullmatch(path):
        raise ValidationError(
            f"path={path!r} must begin with one slash and be a path alone, such as '/site/list': it is added to the "
            "client's base_url, and what follows a question mark belongs into params."
        )
    if {".", ".."} & {unquote(part) for part in path.split("/")}:
        raise ValidationError(f"path={path!r} must stay below the client's base_url: leave '.' and '..' out.")


def _written(name: str, value: object, secret: str) -> str:
    """Write a parameter's value as text."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise ValidationError(
            f"params[{name!r}] is a {type(value).__name__}: write it as the API wants it, as text or a number, such as "
            "epoch seconds for a date."
        )
    if isinstance(value, float) and not math.isfinite(value):
        raise ValidationError(f"params[{name!r}] is {value}: give a finite number.")
    text = str(value)
    if _holds(text, secret):
        raise ValidationError(_refusal("params"))
    return text


def _holds(text: str, secret: str) -> bool:
    """Return whether a text holds the API key, percent-encoded or not."""
    if len(secret) < _SHORT:
        return secret in re.split(r"[^\w-]+", unquote(text))
    return secret in text or secret in unquote(text)


def _shown(value: object, secret: str) -> str:
    return "(a text with the API key)" if _holds(str(value), secret) else repr(value)


def _letters(name: str) -> str:
    return re.sub(r"[^a-z]", "", name.lower())


def _refusal(argument: str) -> str:
    return f"{argument} holds an API key, and URLs are logged: leave it out. The client sends its key in a header."
