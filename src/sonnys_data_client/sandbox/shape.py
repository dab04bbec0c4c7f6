"""Shapes: how a fact becomes a JSON object, and how that object is described, in one statement.

A `Shape` is a list of fields; a field has a key, a way of writing, and a way to get its value from the fact. The same
list writes replies and makes the JSON schema of the description, so the two cannot come apart.

A field whose value may be None has a `Gap`: how it is written that there is nothing, which depends on the quirks as
much as the ways of writing do; see `spelling`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

__all__ = ["OMITTED", "Field", "Gap", "Schema", "Shape", "Way", "closed", "many", "one"]

T = TypeVar("T")

Schema = Mapping[str, Any]
"""A JSON schema; where a schema is expected inside it, a `Shape` may stand."""

OMITTED = object()
"""What a field writes that is left out."""


@dataclass(frozen=True, slots=True)
class Way:
    """A way of writing one value.

    Attributes:
        schema: What comes out.
        write: From the fact's value to JSON; None: as it is.
    """

    schema: Schema
    write: Callable[[Any], Any] | None = None


@dataclass(frozen=True, slots=True)
class Gap:
    """How it is written that there is nothing: null, `""`, or `OMITTED`."""

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
    way: Way
    get: str | Callable[[T], Any]
    gap: Gap | None = None

    @property
    def schema(self) -> Schema:
        """What the field holds."""
        if self.gap is None or self.gap.value is OMITTED:
            return self.way.schema
        if self.gap.value is None:
            return {"anyOf": [self.way.schema, {"type": "null"}]}
        return {"anyOf": [self.way.schema, {"const": self.gap.value}]}


class Shape(Generic[T]):
    """A JSON object made from a fact.

    Args:
        name: Its name in the description.
        fields: Its fields, in order; two of them at the least read an attribute.
    """

    def __init__(self, name: str, fields: Iterable[Field[T]]) -> None:
        self.name = name
        self.fields = tuple(fields)
        # Most values are attributes written as they are: those are fetched all at once.
        read = [field for field in self.fields if isinstance(field.get, str)]
        self._blank = dict.fromkeys(field.key for field in self.fields)
        self._read_keys = [field.key for field in read]
        self._read = attrgetter(*(field.get for field in read if isinstance(field.get, str)))
        self._made = [(field.key, field.get) for field in self.fields if not isinstance(field.get, str)]
        self._written = [(field.key, field.way.write) for field in self.fields if field.way.write is not None]
        self._gaps = [(field.key, field.gap.value) for field in self.fields if field.gap is not None]

    def write(self, fact: T) -> dict[str, Any]:
        """Return the object for a fact."""
        shown: dict[str, Any] = self._blank.copy()
        shown.update(zip(self._read_keys, self._read(fact), strict=True))
        for key, make in self._made:
            shown[key] = make(fact)
        for key, write in self._written:
            if (value := shown[key]) is not None:
                shown[key] = write(value)
        for key, nothing in self._gaps:
            if shown[key] is None:
                if nothing is OMITTED:
                    del shown[key]
                else:
                    shown[key] = nothing
        return shown

    @property
    def schema(self) -> Schema:
        """The object's JSON schema: nothing but these fields, and all of them that are not left out at times."""
        left_out = [field.key for field in self.fields if field.gap is not None and field.gap.value is OMITTED]
        return closed({field.key: field.schema for field in self.fields}, left_out_at_times=left_out)


def closed(properties: Mapping[str, Schema], left_out_at_times: Sequence[str] = ()) -> Schema:
    """Return the schema of an object that has these properties and no others."""
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [key for key in properties if key not in left_out_at_times],
        "additionalProperties": False,
    }


def one(shape: Shape[Any]) -> Way:
    """An object inside an object."""
    return Way({"$shape": shape}, shape.write)


def many(shape: Shape[Any]) -> Way:
    """A list of objects."""
    return Way({"type": "array", "items": {"$shape": shape}}, lambda facts: [shape.write(fact) for fact in facts])
