"""From raw rows to records.

`parse_rows` parses a page of rows, `parse_one` a single object. Both read the API's names only, so an unknown field
that happens to be called like one of our attributes stays an unknown field; the constructor takes our names too.

What cannot be parsed costs as little as possible:

```text
an optional field of a row, at any depth    it is None (or empty), and `unparsed` keeps what came
an unknown field with text not Unicode      it is left out, and `unparsed` keeps it
an element of a list that is no object      it is left out, and `unparsed` keeps it
a required field: an id, a time, a total    the row; the error that reports it carries the others
```

A row is parsed strictly first, in one step, because nearly every row passes. Only a row that does not is taken apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar, get_origin

from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from sonnys_data_client.errors import RowError, UnparsedRow
from sonnys_data_client.types.record import UNPARSED, Record, api_names, record_in
from sonnys_data_client.types.values import UNPARSABLE, as_list, escaped

__all__ = ["UnparsedRow", "parse_one", "parse_rows", "read_rows", "row_error"]

R = TypeVar("R", bound=Record)

_NOT_AN_OBJECT = "not an object"
_WORDS = {
    "missing": "missing",
    "model_type": _NOT_AN_OBJECT,
    "model_attributes_type": _NOT_AN_OBJECT,
    "invalid_key": "a name that is not text",
    "string_unicode": "a name that is not Unicode text",
}
"""Our words for pydantic's own errors. Its texts may quote the value, so they are not used."""
_PROBLEMS_MAX = 5


def read_rows(model: type[R], raw_rows: Iterable[Any]) -> Iterator[R | UnparsedRow]:
    """Parse raw rows, in order: a record for each, or an `UnparsedRow`.

    Args:
        model: The rows' model.
        raw_rows: The rows as decoded JSON. Decode with `parse_float=Decimal` to keep every digit of money.
    """
    read = model.model_validate
    for raw in raw_rows:
        if not isinstance(raw, dict):
            yield UnparsedRow(raw, _NOT_AN_OBJECT)
            continue
        try:
            yield read(raw, by_alias=True, by_name=False)
        except ValidationError as error:
            yield _read_in_parts(model, raw) if model.is_row else UnparsedRow(raw, _reason(error))


def _read_in_parts(model: type[R], raw: dict[str, Any]) -> R | UnparsedRow:
    """Parse a row that cannot be parsed as a whole: without the optional values that are the reason."""
    unparsed: dict[str, Any] = {}
    try:
        row = _read_parts(model, raw, "", unparsed)
    except ValidationError as error:
        return UnparsedRow(raw, _reason(error))
    if row.model_extra is not None and unparsed:
        row.model_extra[UNPARSED] = escaped({**row.unparsed, **unparsed})
    return row


def _read_parts(model: type[R], raw: dict[str, Any], path: str, unparsed: dict[str, Any]) -> R:
    """Parse an object without the optional values that cannot be parsed.

    Args:
        model: The object's model.
        raw: The object.
        path: Path of the object in its row, with a point at its end; empty for the row itself.
        unparsed: Takes the values that cannot be parsed, by path.

    Raises:
        ValidationError: A required value cannot be parsed either.
    """
    given: dict[str, Any] = {}
    for name, value in model.spelt(raw).items():
        if isinstance(name, str) and name != escaped(name):
            unparsed[path + escaped(name)] = value
        else:
            given[name] = value
    try:
        return model.model_validate(given, by_alias=True, by_name=False)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
    wrong = {detail["loc"][0] for detail in problems if detail["loc"]}
    known = {api for _, api in api_names(model)}
    for name, api in api_names(model):
        if api not in wrong or api not in given or model.model_fields[name].is_required():
            continue
        value, inner = given[api], record_in(model.model_fields[name].annotation)
        given[api] = None
        if inner is None:
            unparsed[path + api] = value
        elif get_origin(model.model_fields[name].annotation) is tuple:
            given[api] = _read_list(inner, value, path + api, unparsed)
        elif isinstance(value, dict):
            given[api] = _read_parts(inner, value, f"{path}{api}.", unparsed)
        else:
            unparsed[path + api] = value
    for name in [name for name in given if isinstance(name, str) and name in wrong - known]:
        unparsed[path + name] = given.pop(name)
    return model.model_validate(given, by_alias=True, by_name=False)


def _read_list(model: type[Record], raw: Any, path: str, unparsed: dict[str, Any]) -> list[Record]:
    """Parse a list of objects as far as it is one: see `_read_parts`."""
    try:
        parts = as_list(raw)
    except PydanticCustomError:
        unparsed[path] = raw
        return []
    others = [part for part in parts if not isinstance(part, dict)]
    if others:
        unparsed[path] = others
    objects = (part for part in parts if isinstance(part, dict))
    return [_read_parts(model, part, f"{path}.{number}.", unparsed) for number, part in enumerate(objects)]


def row_error(
    model: type[Record], rows: Sequence[Any], unparsed: Sequence[UnparsedRow], count: int, *, method: str, path: str
) -> RowError:
    """Make the error for rows that could not be parsed.

    Args:
        model: The rows' model.
        rows: The parsed rows.
        unparsed: The rows that could not be parsed.
        count: Number of rows, parsed or not.
        method: HTTP method of the request that brought them.
        path: Path of that request.
    """
    reasons = Counter(row.reason for row in unparsed).most_common(_PROBLEMS_MAX)
    problems = " | ".join(f"{reason} ({times}×)" if times > 1 else reason for reason, times in reasons)
    amount = "1 row" if count == 1 else f"{len(unparsed)} of {count} rows"
    message = f"{amount} of {path} could not be parsed as {model.__name__}: {problems}"
    return RowError(message, rows=rows, unparsed=unparsed, method=method, path=path)


def parse_rows(model: type[R], raw_rows: Iterable[Any], *, method: str, path: str) -> list[R]:
    """Parse raw rows, in order.

    Args:
        model: The rows' model.
        raw_rows: The rows as decoded JSON, as for `read_rows`.
        method: HTTP method of the request that brought them, for the error.
        path: Path of that request, for the error.

    Returns:
        One record for each row.

    Raises:
        RowError: Some rows could not be parsed. Its `rows` are the others, in order; `unparsed` holds each of these
            as it came, with the reason. Reasons and message name fields and problems, never a value.
    """
    rows: list[R] = []
    unparsed: list[UnparsedRow] = []
    for row in read_rows(model, raw_rows):
        if isinstance(row, UnparsedRow):
            unparsed.append(row)
        else:
            rows.append(row)
    if unparsed:
        raise row_error(model, rows, unparsed, len(rows) + len(unparsed), method=method, path=path)
    return rows


def parse_one(model: type[R], raw: Any, *, method: str, path: str) -> R:
    """Parse one raw object.

    Args:
        model: The object's model.
        raw: The object as decoded JSON.
        method: HTTP method of the request that brought it, for the error.
        path: Path of that request, for the error.

    Returns:
        The record.

    Raises:
        RowError: The object could not be parsed; see `parse_rows`.
    """
    return parse_rows(model, (raw,), method=method, path=path)[0]


def _reason(error: ValidationError) -> str:
    """Say which fields of a row could not be parsed, by the API's names, and why."""
    problems = [
        ": ".join(
            part
            for part in (
                ".".join(map(str, detail["loc"])),
                detail["msg"] if detail["type"] == UNPARSABLE else _WORDS.get(detail["type"], detail["type"]),
            )
            if part
        )
        for detail in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    more = len(problems) - _PROBLEMS_MAX
    return "; ".join(problems[:_PROBLEMS_MAX]) + (f"; and {more} more" if more > 0 else "")
