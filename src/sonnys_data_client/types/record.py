"""What every row has in common, and how raw rows become records.

A record is frozen. Its attributes have Python names, its raw form has the API's, and `Named` says where the
one does not follow from the other by camel case alone. Nothing that the API sends is dropped: a field that
the model does not know is in `model_extra`, untouched, and `to_api` puts it back.

Rows are read with `parse_rows`, one with `parse_one`. They know the API's names only, so that an unknown
field which happens to be called like one of our attributes stays an unknown field; the constructor takes our
names. A row that does not fit costs nobody else: the rest is in the error that reports it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any, ClassVar, TypeVar, get_args

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from sonnys_data_client.errors import RowError
from sonnys_data_client.types.fields import UNFIT, is_nothing, write_instant

__all__ = [
    "Named",
    "Record",
    "RespeltRecord",
    "SnakeRecord",
    "Unfit",
    "as_json",
    "misfits",
    "parse_one",
    "parse_rows",
    "read_rows",
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
"""Our words for pydantic's own errors. Its texts are not used: they may quote what they are about."""
_PROBLEMS_MAX = 5


def Named(api_name: str) -> Any:  # noqa: N802  (reads as the marker that it is)
    """Say what the API calls a field whose own name is not the camel-cased one. Goes into `Annotated`."""
    return Field(validation_alias=api_name, serialization_alias=api_name)


class Record(BaseModel):
    """One object of the API: the base of all models.

    Instances are frozen, and equal when their fields and unknown fields are. An optional field is None when
    the API sent null or a blank, or did not send it; `model_fields_set` tells these apart. What the models do
    not know is in `model_extra` under the API's own names, exactly as it was decoded.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        validate_by_name=True,
        validate_by_alias=True,
        alias_generator=AliasGenerator(validation_alias=to_camel, serialization_alias=to_camel),
        hide_input_in_errors=True,  # pydantic would quote names and plates in what it raises
    )

    def to_api(self) -> dict[str, Any]:
        """Write the record as the API would: its names, plain values, unknown fields in place.

        Two rows that mean the same come out the same: blanks as None, money and numbers that came as text as
        numbers, a field under its usual spelling, moments as `2018-05-19T05:32:32.000Z`. What was not sent is
        left out, except that a list which came as nothing is an empty list. `parse_one` of the result is an
        equal record.

        Returns:
            A new dict of str, bool, int, None, lists and dicts, with money as exact `Decimal`. As JSON text
            it is `json.dumps(row, default=str)`: an amount is then a string, and reads back as the same.
        """
        sent = self.model_fields_set
        row = {api: _plain(getattr(self, name)) for name, api in _api_names(type(self)) if name in sent}
        return row | (self.model_extra or {})


class SnakeRecord(Record):
    """An object whose fields the API spells in snake case, as Python does."""

    model_config = ConfigDict(alias_generator=None)


class RespeltRecord(Record):
    """An object some of whose fields the API sends under one of two names.

    Class attributes:
        other_spellings: The name a field sometimes has, and the one it usually has. Where both came, the one
            with something in it is read; where both have, the usual one, and `model_extra` keeps the other.
    """

    other_spellings: ClassVar[dict[str, str]]

    @model_validator(mode="before")
    @classmethod
    def _spell_one_way(cls, raw: Any) -> Any:
        if isinstance(raw, dict):
            for other, usual in cls.other_spellings.items():
                if other in raw and is_nothing(raw.get(usual)):
                    raw = {name: value for name, value in raw.items() if name != usual}
                    raw[usual] = raw.pop(other)
        return raw


def as_json(row: Record, **more: str) -> bytes:
    """Write a record as JSON under our own names: money and moments as text, exactly; unknown fields are left out.

    For whoever stores records by column. `Record.to_api` is the way back to the API's own form.

    Args:
        row: The record.
        **more: Further members, under names that the record does not have.

    Raises:
        ValueError: Text in it is no Unicode (half of a surrogate pair), which no file may hold.
    """
    fields = _own_fields(row)
    fields.update(more)
    return to_json(fields)


def _own_fields(row: Record) -> dict[str, Any]:
    """The fields of a record and of those inside it; pydantic's own dump would mix the unknown ones with them."""
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
    """Which fields of a model hold records, one or many."""
    return tuple(name for name, info in model.model_fields.items() if _holds_records(info.annotation))


def _holds_records(annotation: Any) -> bool:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return True
    return any(_holds_records(part) for part in get_args(annotation))


@cache
def _api_names(model: type[Record]) -> tuple[tuple[str, str], ...]:
    return tuple((name, field.serialization_alias or name) for name, field in model.model_fields.items())


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


@dataclass(frozen=True, slots=True)
class Unfit:
    """A raw row that does not fit its model.

    Attributes:
        reason: Which fields, and what is the matter with them; never a value.
    """

    reason: str


def read_rows(model: type[R], raw_rows: Iterable[Any]) -> Iterator[R | Unfit]:
    """Read raw rows: one record a row, in order, and an `Unfit` in the place of one that does not fit.

    Args:
        model: What the rows are.
        raw_rows: The rows as decoded JSON. Decode with `parse_float=Decimal` to keep every digit of money.
    """
    read = model.model_validate
    for raw in raw_rows:
        if not isinstance(raw, dict):
            yield Unfit(_NOT_AN_OBJECT)
            continue
        try:
            yield read(raw, by_alias=True, by_name=False)
        except ValidationError as error:
            yield Unfit(_reason(error))


def misfits(
    model: type[Record], rows: Sequence[Any], bad: Sequence[tuple[Any, str]], count: int, *, method: str, path: str
) -> RowError:
    """The error for rows that do not fit.

    Args:
        model: What the rows were to be.
        rows: The rows that do fit.
        bad: Those that do not, with the reasons.
        count: How many there were of both.
        method: HTTP method of the request that brought them.
        path: Path of that request.
    """
    told = Counter(reason for _, reason in bad).most_common(_PROBLEMS_MAX)
    problems = " | ".join(f"{reason} ({times}×)" if times > 1 else reason for reason, times in told)
    message = f"{len(bad)} of {count} rows of {path} do not fit {model.__name__}: {problems}"
    return RowError(message, rows=rows, bad=bad, method=method, path=path)


def parse_rows(model: type[R], raw_rows: Iterable[Any], *, method: str, path: str) -> list[R]:
    """Read raw rows, in their order.

    Args:
        model: What the rows are.
        raw_rows: The rows as decoded JSON, as for `read_rows`.
        method: HTTP method of the request that brought them, for the error.
        path: Path of that request, for the error.

    Returns:
        One record a row.

    Raises:
        RowError: Some rows do not fit. Its `rows` are the others, in order, and `bad` has each misfit as it
            came and the reason. Reasons and message name fields and problems, never a value.
    """
    raws = list(raw_rows)
    rows: list[R] = []
    bad: list[tuple[Any, str]] = []
    for raw, row in zip(raws, read_rows(model, raws), strict=True):
        if isinstance(row, Unfit):
            bad.append((raw, row.reason))
        else:
            rows.append(row)
    if bad:
        raise misfits(model, rows, bad, len(raws), method=method, path=path)
    return rows


def parse_one(model: type[R], raw: Any, *, method: str, path: str) -> R:
    """Read one raw object.

    Args:
        model: What the object is.
        raw: The object as decoded JSON.
        method: HTTP method of the request that brought it, for the error.
        path: Path of that request, for the error.

    Returns:
        The record.

    Raises:
        RowError: The object does not fit: as for `parse_rows`.
    """
    return parse_rows(model, (raw,), method=method, path=path)[0]


def _reason(error: ValidationError) -> str:
    """Say what is wrong with a row: field and problem, each as the API names it."""
    problems = [
        ": ".join(
            part
            for part in (
                ".".join(map(str, detail["loc"])),
                detail["msg"] if detail["type"] == UNFIT else _WORDS.get(detail["type"], detail["type"]),
            )
            if part
        )
        for detail in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    more = len(problems) - _PROBLEMS_MAX
    return "; ".join(problems[:_PROBLEMS_MAX]) + (f"; and {more} more" if more > 0 else "")
