"""The API's replies: JSON with status 200, and errors.

A route's function returns the body of a 200. Every other reply is a `Refusal`, raised wherever its cause is found.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from sonnys_data_client.engine.wire import Response

__all__ = ["Refusal", "as_json", "invalid", "not_found", "ok"]

_JSON: Mapping[str, str] = MappingProxyType({"content-type": "application/json"})
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


def as_json(value: Any) -> bytes:
    """Return `value` as compact JSON."""
    return _encode(value).encode()


def ok(body: bytes) -> Response:
    """Return a 200 with a JSON body."""
    return Response(200, body, _JSON)


class Refusal(Exception):  # noqa: N818 - a refusal is a reply, not a failure of the sandbox
    """A reply other than 200.

    Args:
        status: HTTP status.
        type: The API's name for the error.
        messages: One message, or for PayloadValidationError one for each problem.
        headers: Headers besides the content type, with lower-case names.
        more: Further fields of the body.
    """

    def __init__(
        self,
        status: int,
        type: str,
        *messages: str,
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(status, type, *messages)
        self.status = status
        self.type = type
        self.messages = messages
        self.headers = headers or {}
        self.more = more or {}

    def response(self) -> Response:
        """Return the reply in the API's form (S: a type, and a message or messages)."""
        said: dict[str, Any] = {"type": self.type}
        if self.status == 422:
            said["messages"] = list(self.messages)
        else:
            said["message"] = " ".join(self.messages)
        return Response(self.status, as_json({**said, **self.more}), {**_JSON, **self.headers})


def invalid(*messages: str) -> Refusal:
    """Return a 422 for parameters that are not allowed."""
    return Refusal(422, "PayloadValidationError", *messages)


def not_found(what: str) -> Refusal:
    """Return a 404 for a thing that does not exist."""
    return Refusal(404, "EntityNotFoundError", f"No {what} was found.")
