"""Shapes: how facts become JSON objects, together with the schema of these objects.

A `Shape` is a list of fields. A field has a key, a format, and the attribute or function that gives its value. The
same list writes replies and makes their JSON schema, so the two always agree.

A field whose value may be None says how None is written (`NoneAs`). Like formats, that may depend on quirks; see
`spelling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

__all__ = ["OMITTED", "Field", "Format", "NoneAs", "Schema", "Shape", "closed", "many", "one"]

T = TypeVar("T")

Schema = Mapping[str, Any]
"""A JSON schema, in which `{"$shape": shape}` stands for the schema of a `Shape`."""

OMITTED = object()
"""The value of a field that is left out."""


@dataclass(frozen=True, slots=True)
class Format:
    """How one value is written.

    Attributes:
        schema: JSON schema of what is written.
        write: Turns the fact's value into JSON; None leaves it as it is.
    """

    schema: Schema
    write: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class NoneAs:
    """How None is written: as null, as `""`, or `OMITTED`."""

    value: Any


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One field of a JSON object.

    Attributes:
        key: Its key.
        way: How its value is written.
        get: The fact's attribute that holds the value, or a function that makes it.
        gap: What is written for None; None: there always is a value.
    """

    key: str
    format: Format
    get: str | Callable[[T], Any]
    none_as: NoneAs | None = None

    @property
    def schema(self) -> Schema:
        """JSON schema of the field."""
        if self.none_as is None or self.none_as.value is OMITTED:
            return self.format.schema
        if self.none_as.value is None:
            return {"anyOf": [self.format.schema, {"type": "null"}]}
        return {"anyOf": [self.format.schema, {"const": self.none_as.value}]}


class Shape(Generic[T]):
    """A JSON object made from a fact.

    Args:
        name: Its name in the API's description.
        fields: Its fields, in order. At least two of them read an attribute.
    """

    def __init__(self, name: str, fields: Iterable[Field[T]]) -> None:
        self.name = name
        self.fields = tuple(fields)
        # Most values are attributes, which are fetched all at once because that is faster.
        read = [field for field in self.fields if isinstance(field.get, str)]
        self._blank = dict.fromkeys(field.key for field in self.fields)
        self._read_keys = [field.key for field in read]
        self._read = attrgetter(*(field.get for field in read if isinstance(field.get, str)))
        self._made = [(field.key, field.get) for field in self.fields if not isinstance(field.get, str)]
        self._written = [(field.key, field.format.write) for field in self.fields if field.format.write is not None]
        self._nones = [(field.key, field.none_as.value) for field in self.fields if field.none_as is not None]

    def write(self, fact: T) -> dict[str, Any]:
        """Return the object for a fact."""
        shown: dict[str, Any] = self._blank.copy()
        shown.update(zip(self._read_keys, self._read(fact), strict=True))
        for key, make in self._made:
            shown[key] = make(fact)
        for key, write in self._written:
            if (value := shown[key]) is not None:
                shown[key] = write(value)
        for key, nothing in self._nones:
            if shown[key] is None:
                if nothing is OMITTED:
                    del shown[key]
                else:
                    shown[key] = nothing
        return shown

    @property
    def schema(self) -> Schema:
        """The object's JSON schema.

        It allows no other fields, and requires all that are never left out.
        """
        left_out = [field.key for field in self.fields if field.none_as is not None and field.none_as.value is OMITTED]
        return closed({field.key: field.schema for field in self.fields}, optional_keys=left_out)


def closed(properties: Mapping[str, Schema], optional_keys: Sequence[str] = ()) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [key for key in properties if key not in optional_keys],
        "additionalProperties": False,
    }


def one(shape: Shape[Any]) -> Format:
    """Return the format of an object inside an object."""
    return Format({"$shape": shape}, shape.write)


def many(shape: Shape[Any]) -> Format:
    """Return the format of a list of objects."""
    return Format({"type": "array", "items": {"$shape": shape}}, lambda facts: [shape.write(fact) for fact in facts])
