"""The base of all models, and the way from raw rows to records.

A record is frozen. Its attributes are the API's names in snake case, its raw form has the API's own spelling, and
`Named` gives the API's name where camel case alone does not lead to it. Nothing that the API sends is dropped: a
field that the model does not know is in `model_extra`, unchanged, and `to_api` writes it back.

`parse_rows` parses a page of rows, `parse_one` a single object. Both read the API's names only, so an unknown field
that happens to be called like one of our attributes stays an unknown field; the constructor takes our names too.

What cannot be parsed costs as little as possible:

```text
an optional field of a row, at any depth    it is None (or empty), and `unparsed` keeps what came
an element of a list that is no object      it is left out, and `unparsed` keeps it
a required field: an id, a time, a total    the row; the error that reports it carries the others
```

A row is parsed strictly first, in one step, because nearly every row passes. Only a row that does not is taken apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, TypeVar, get_args, get_origin

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError, to_json

from sonnys_data_client.errors import RowError, UnparsedRow
from sonnys_data_client.types.fields import UNPARSABLE, as_list, is_nothing, write_instant

__all__ = [
    "UNPARSED",
    "Named",
    "Record",
    "RespeltRecord",
    "SnakeRecord",
    "UnparsedRow",
    "api_name",
    "as_json",
    "parse_one",
    "parse_rows",
    "read_rows",
    "record_in",
    "row_error",
]

R = TypeVar("R", bound="Record")

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

UNPARSED = "(unparsed)"
"""Name under which `model_extra` keeps the values of `Record.unparsed`. The API has no name with brackets."""


def Named(api_name: str) -> Any:  # noqa: N802  (reads as the marker that it is)
    """Give the API's name of a field where it is not the field's own in camel case. Goes into `Annotated`."""
    return Field(validation_alias=api_name, serialization_alias=api_name)


class Record(BaseModel):
    """One object of the API: the base of all models.

    Instances are frozen, and equal when their fields and unknown fields are. An optional field is None when
    the API sent null, a blank or a value that cannot be parsed, or left the field out; `unparsed` and
    `model_fields_set` tell the last two cases from the others. Fields that the model does not know are in
    `model_extra` under the API's own names, exactly as decoded.

    `model_dump` and `model_dump_json` write our names, and the API's names with `by_alias=True`, as FastAPI does. JSON
    has amounts as text with all their digits, and instants in ISO 8601. Unknown fields follow under the API's names,
    and `unparsed` as `(unparsed)`.

    Class attributes:
        is_row: Whether it stands or falls with its required fields alone. If not, any value that cannot be parsed costs
            the whole object.
    """

    is_row: ClassVar[bool] = True

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=to_camel),
        hide_input_in_errors=True,  # pydantic would quote names and plates in what it raises
    )

    @property
    def unparsed(self) -> Mapping[str, Any]:
        """The values that could not be parsed, as they came: by path in the API's names, such as `items.0.quantity`.

        Nearly always empty. Only rows have it, not the records inside them. Elements of a list that are no objects are
        under the list's name. May hold personal data.
        """
        found: Mapping[str, Any] = (self.model_extra or {}).get(UNPARSED, {})
        return found

    @property
    def unparsed_fields(self) -> tuple[str, ...]:
        """The fields of `unparsed`, once for each value: paths without numbers, such as `items.quantity`."""
        return tuple(map(_field_of, self.unparsed)) if UNPARSED in (self.model_extra or {}) else ()

    @classmethod
    def spelt(cls, raw: dict[str, Any]) -> dict[str, Any]:
        """Return a raw row in the contract's spelling; it is not changed itself."""
        return raw

    def to_api(self) -> dict[str, Any]:
        """Write the record as the API would: its names, plain values, unknown fields in place.

        Two rows that mean the same come out the same: blanks as None, money and numbers that came as text as
        numbers, a field under the contract's name, instants as `2018-05-19T05:32:32.000Z`. A field that was not sent
        is left out; a list that came as null or a blank is written as an empty list. A value that could not be parsed
        is None, and is kept under `(unparsed)`. `parse_one` of the result gives an equal record.

        Returns:
            A new dict of str, bool, int, None, lists and dicts, with money as exact `Decimal`. As JSON text
            it is `json.dumps(row, default=str)`: an amount is then a string, and reads back as the same.
        """
        sent = self.model_fields_set
        row = {api: _plain(getattr(self, name)) for name, api in _api_names(type(self)) if name in sent}
        return row | (self.model_extra or {})


class SnakeRecord(Record):
    """An object whose fields the API itself spells in snake case."""

    model_config = ConfigDict(alias_generator=None)


class RespeltRecord(Record):
    """An object with fields that live replies spell otherwise than the contract.

    Class attributes:
        other_spellings: For each such field, the name that was seen live and the contract's name. Where a row has
            both, the one that is not empty is read; where both hold a value, the contract's is read and `model_extra`
            keeps the other.
    """

    other_spellings: ClassVar[dict[str, str]]

    @model_validator(mode="before")
    @classmethod
    def _spell_one_way(cls, raw: Any) -> Any:
        return cls.spelt(raw) if isinstance(raw, dict) else raw

    @classmethod
    def spelt(cls, raw: dict[str, Any]) -> dict[str, Any]:  # noqa: D102 - inherited
        for seen, contract in cls.other_spellings.items():
            if seen in raw and is_nothing(raw.get(contract)):
                raw = {name: value for name, value in raw.items() if name != contract}
                raw[contract] = raw.pop(seen)
        return raw


def as_json(row: Record, **more: str) -> bytes:
    """Write a record as JSON under our own names: money and instants as text, exactly; unknown fields are left out.

    For code that stores records by column. `Record.to_api` writes the API's own form.

    Args:
        row: The record.
        **more: Further members, under names that the record does not have.
    """
    fields = _own_fields(row)
    fields.update(more)
    return to_json(fields)


def _own_fields(row: Record) -> dict[str, Any]:
    """Return the fields of a record and of the records inside it.

    Pydantic's own dump would mix the unknown fields among them.
    """
    holders = _holders(type(row))
    if not holders:
        return dict(row.__dict__)
    fields = dict(row.__dict__)
    for name in holders:
        value = fields[name]
        if isinstance(value, Record):
            fields[name] = _own_fields(value)
        elif value is not None:
            fields[name] = [_own_fields(part) for part in value]
    return fields


@cache
def _holders(model: type[Record]) -> tuple[str, ...]:
    """Return the names of the fields that hold records, one or many."""
    return tuple(name for name, info in model.model_fields.items() if record_in(info.annotation) is not None)


def record_in(annotation: Any) -> type[Record] | None:
    """Return the model of a field that holds a record, or a tuple of records; None if it holds something else."""
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    return next(filter(None, map(record_in, get_args(annotation))), None)


def api_name(model: type[Record], field: str) -> str:
    """Return the API's name of a model's field."""
    return model.model_fields[field].serialization_alias or field


@cache
def _api_names(model: type[Record]) -> tuple[tuple[str, str], ...]:
    return tuple((name, api_name(model, name)) for name in model.model_fields)


def _plain(value: Any) -> Any:
    if isinstance(value, Record):
        return value.to_api()
    if isinstance(value, tuple):
        return [_plain(part) for part in value]
    if isinstance(value, datetime):
        return write_instant(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    return value


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
        row.model_extra[UNPARSED] = {**row.unparsed, **unparsed}
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
    given = {name: value for name, value in model.spelt(raw).items() if _is_name(name, path, value, unparsed)}
    try:
        return model.model_validate(given, by_alias=True, by_name=False)
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
    wrong = {detail["loc"][0] for detail in problems if detail["loc"]}
    for name, api in _api_names(model):
        if api not in wrong or api not in given or model.model_fields[name].is_required():
            continue
        value, inner = given[api], record_in(model.model_fields[name].annotation)
        given[api] = None
        if inner is None:
            unparsed[path + api] = value
        elif name in _many(model):
            given[api] = _read_list(inner, value, path + api, unparsed)
        elif isinstance(value, dict):
            given[api] = _read_parts(inner, value, f"{path}{api}.", unparsed)
        else:
            unparsed[path + api] = value
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


def _is_name(name: Any, path: str, value: Any, unparsed: dict[str, Any]) -> bool:
    """Tell whether a field's name is Unicode text; put a field with another name among the unparsed values."""
    if not isinstance(name, str) or name.isascii():
        return True  # a name that is no text cannot come from JSON, and pydantic refuses it
    writable = name.encode(errors="backslashreplace").decode()
    if writable != name:
        unparsed[path + writable] = value
    return writable == name


def _field_of(path: str) -> str:
    return ".".join(part for part in path.split(".") if not part.isdigit())


@cache
def _many(model: type[Record]) -> frozenset[str]:
    """Return the names of the fields that hold several records."""
    return frozenset(name for name in _holders(model) if get_origin(model.model_fields[name].annotation) is tuple)


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
