"""Kinds of field: each has a reader, a type for JSON, and needs a value or does not."""

from __future__ import annotations

from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from sonnys_data_client.types import fields

KINDS: dict[str, Any] = {
    name: getattr(fields, name)
    for name in fields.__all__
    if any(isinstance(mark, fields.Reads) for mark in getattr(getattr(fields, name), "__metadata__", ()))
}


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_a_kind_takes_nothing_if_its_type_says_so(kind: Any) -> None:
    adapter = TypeAdapter(kind)
    if kind is fields.Unknown:
        assert adapter.validate_python(" ") == " "
    elif type(None) in get_args(get_args(kind)[0]):
        assert adapter.validate_python(" ") is None
    else:
        with pytest.raises(ValidationError, match="empty"):
            adapter.validate_python(" ")


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_a_kind_has_the_schema_of_its_type(kind: Any, mode: Any) -> None:
    assert TypeAdapter(kind).json_schema(mode=mode) == TypeAdapter(get_args(kind)[0]).json_schema(mode=mode)


def test_each_kind_is_there() -> None:
    assert len(KINDS) == 23
