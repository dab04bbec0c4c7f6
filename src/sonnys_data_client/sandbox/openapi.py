"""The API's OpenAPI 3.1 document, made from routes, parameters and shapes.

Only what the routes do not know is written here by hand: the headers of every request, and the API's errors. What a
route takes and returns is read off the objects that serve it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from sonnys_data_client.sandbox.route import Param, Route
from sonnys_data_client.sandbox.shape import Shape, closed

__all__ = ["describe"]

_HEADERS = (
    ("X-Sonnys-API-ID", True, "The account's API ID. The throttle counts by it."),
    ("X-Sonnys-API-Key", True, "The account's key."),
    ("X-Sonnys-Site-Code", False, "A site's code. Restricts the request to this site."),
)
_REFUSALS: dict[int, tuple[str, ...]] = {
    403: (
        "MissingClientCredentialsError",
        "BadClientCredentialsError",
        "MismatchCredentialsError",
        "NotAuthorizedError",
        "BadSiteCredentialsError",
        "NotAuthorizedSiteCredentialsError",
        "NotAuthorizedSiteArgsError",
    ),
    404: ("EntityNotFoundError",),
    405: ("UnexpectedFailure",),
    422: ("PayloadValidationError",),
    429: ("RequestRateExceedError",),
    500: ("ServerUnexpectedFailure",),
}


def describe(routes: Iterable[Route], *, base_path: str = "/v1") -> dict[str, Any]:
    """Return the OpenAPI document of some routes.

    Args:
        routes: The routes, made for one set of quirks. The document describes a sandbox with these quirks.
        base_path: The path below which they are served.
    """
    parts: dict[str, Any] = {}
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        for method in route.methods:
            paths.setdefault(route.path, {})[method.lower()] = _operation(method, route, parts)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "A local stand-in for Sonny's BackOffice Data API",
            "version": "1",
            "description": "This document is made from the routes that the sandbox serves. All data is made up.",
        },
        "servers": [{"url": base_path}],
        "paths": paths,
        "components": {"schemas": {**dict(sorted(parts.items())), **_refusal_schemas()}},
    }


def _operation(method: str, route: Route, parts: dict[str, Any]) -> dict[str, Any]:
    body = closed({"data": _resolved(route.gives, parts)})
    return {
        "operationId": _name(method, route.path),
        "parameters": [*map(_parameter, route.takes), *(_header(*header) for header in _HEADERS)],
        "responses": {
            "200": {"description": "OK", "content": {"application/json": {"schema": body}}},
            **{str(status): _refusal(status) for status in _REFUSALS},
        },
    }


def _name(method: str, path: str) -> str:
    words = re.findall(r"\w+", path)
    return method.lower() + "".join(word.title().replace("_", "") for word in words)


def _parameter(param: Param[Any]) -> dict[str, Any]:
    return {
        "name": param.name,
        "in": "path" if param.is_in_path else "query",
        "required": param.default is None,
        "schema": param.schema,
    }


def _header(name: str, required: bool, description: str) -> dict[str, Any]:  # noqa: FBT001 - a row of the table
    schema = {"type": "string"}
    return {"name": name, "in": "header", "required": required, "schema": schema, "description": description}


def _resolved(schema: Any, parts: dict[str, Any]) -> Any:
    """Replace each shape in a schema by a reference, and add it to `parts`."""
    if isinstance(schema, Mapping):
        if "$shape" in schema:
            return _reference(schema["$shape"], parts)
        return {key: _resolved(value, parts) for key, value in schema.items()}
    if isinstance(schema, list):
        return [_resolved(each, parts) for each in schema]
    return schema


def _reference(shape: Shape[Any], parts: dict[str, Any]) -> dict[str, str]:
    described = _resolved(shape.schema, parts)
    if parts.setdefault(shape.name, described) != described:
        raise ValueError(f"Two different shapes are called {shape.name}: give each a name of its own.")
    return {"$ref": f"#/components/schemas/{shape.name}"}


def _refusal(status: int) -> dict[str, Any]:
    reference = {"$ref": f"#/components/schemas/Refusal{status}"}
    return {"description": HTTPStatus(status).phrase, "content": {"application/json": {"schema": reference}}}


def _refusal_schemas() -> dict[str, Any]:
    said = {"message": {"type": "string"}}
    listed = {"messages": {"type": "array", "items": {"type": "string"}, "minItems": 1}}
    schemas: dict[str, Any] = {}
    for status, types in _REFUSALS.items():
        says = listed if status == 422 else said
        more = {"code": {"type": "string"}} if status == 500 else {}
        schemas[f"Refusal{status}"] = closed({"type": {"type": "string", "enum": list(types)}, **says, **more})
    return schemas
