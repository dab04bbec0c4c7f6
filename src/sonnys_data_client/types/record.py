"""The base of all models.

A record is frozen. Its attributes are the API's names in snake case, its raw form has the API's own spelling, and
`Named` gives the API's name where camel case alone does not lead to it. Nothing that the API sends is dropped: a
field that the model does not know is in `model_extra`, unchanged, and `to_api` writes it back.

`parsing` makes records of raw rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, get_args

from pydantic import AliasGenerator, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel
from pydantic_core import to_json

from sonnys_data_client.types.fields import Unknown
from sonnys_data_client.types.values import is_nothing, write_instant

__all__ = [
    "UNPARSED",
    "Named",
    "Record",
    "RespeltRecord",
    "SnakeRecord",
    "api_name",
    "api_names",
    "as_json",
    "record_in",
]

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

    if not TYPE_CHECKING:  # type checkers take it for an argument of the constructor
        __pydantic_extra__: dict[str, Unknown]

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
        under the list's name. Half of a surrogate pair, which no file can hold, is its escape sequence. May hold
        personal data.
        """
        found = (self.model_extra or {}).get(UNPARSED)
        return found if isinstance(found, dict) else {}

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
        row = {api: _plain(getattr(self, name)) for name, api in api_names(type(self)) if name in sent}
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


def as_json(row: Record, **more: str | int | None) -> bytes:
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
def api_names(model: type[Record]) -> tuple[tuple[str, str], ...]:
    """Return the fields of a model, each with the API's name."""
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


def _field_of(path: str) -> str:
    return ".".join(part for part in path.split(".") if not part.isdigit())
