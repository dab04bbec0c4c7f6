"""Shapes write facts and describe what they write."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

from sonnys_data_client.sandbox.shape import OMITTED, Field, Format, NoneAs, Shape, many, one

TEXT = Format({"type": "string"})
CENTS = Format({"type": "number"}, lambda cents: cents / 100)


class Dog(NamedTuple):
    name: str
    cents: int | None
    owner: str | None = None
    pups: tuple[Dog, ...] = ()


def shape(none_as: NoneAs) -> Shape[Dog]:
    return Shape(
        "Dog",
        [
            Field("name", TEXT, "name"),
            Field("loud", TEXT, lambda dog: dog.name.upper()),
            Field("price", CENTS, "cents", none_as),
            Field("owner", TEXT, lambda dog: dog.owner, NoneAs(None)),
        ],
    )


def test_attributes_functions_and_formats() -> None:
    written = shape(NoneAs(None)).write(Dog("rex", 1250, "ann"))
    assert written == {"name": "rex", "loud": "REX", "price": 12.5, "owner": "ann"}
    assert list(written) == ["name", "loud", "price", "owner"]


@pytest.mark.parametrize(("none_as", "left"), [(None, {"price": None}), ("", {"price": ""}), (OMITTED, {})])
def test_nothing_is_null_or_empty_or_left_out(none_as: Any, left: dict[str, Any]) -> None:
    made = shape(NoneAs(none_as))
    assert made.write(Dog("rex", None)) == {"name": "rex", "loud": "REX", **left, "owner": None}
    assert made.write(Dog("rex", 0))["price"] == 0.0
    required = made.schema["required"]
    assert ("price" in required) == (none_as is not OMITTED)
    assert {"name", "loud", "owner"} <= set(required)


def test_the_schema_is_of_the_same_fields() -> None:
    schema = shape(NoneAs("")).schema
    assert schema["properties"] == {
        "name": {"type": "string"},
        "loud": {"type": "string"},
        "price": {"anyOf": [{"type": "number"}, {"const": ""}]},
        "owner": {"anyOf": [{"type": "string"}, {"type": "null"}]},
    }
    assert schema["additionalProperties"] is False


def test_shapes_lie_in_shapes() -> None:
    pup = shape(NoneAs(None))
    parent: Shape[Dog] = Shape(
        "Parent",
        [Field("name", TEXT, "name"), Field("pups", many(pup), "pups"), Field("self", one(pup), lambda dog: dog)],
    )
    rex = Dog("rex", 1, None, (Dog("tim", 2),))
    assert parent.write(rex)["pups"] == [pup.write(Dog("tim", 2))]
    assert parent.write(rex)["self"] == pup.write(rex)
    assert parent.schema["properties"]["pups"] == {"type": "array", "items": {"$shape": pup}}
    assert parent.schema["properties"]["self"] == {"$shape": pup}
