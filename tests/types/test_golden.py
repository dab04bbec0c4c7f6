"""All models: a row of the spec loses nothing, and any other row is parsed or refused."""

from __future__ import annotations

import inspect
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client import types
from sonnys_data_client.errors import RowError
from sonnys_data_client.types import Record, SalesOutcome, api_name, parse_one
from sonnys_data_client.types.record import UNPARSED
from tests.types.golden import golden
from tests.types.rows import WHERE, change, changed, paths_in
from tests.types.test_parsing import JSON, JSON_KEYS, JSON_SCALARS, read_or_refuse

GOLDEN = golden()
each_model = pytest.mark.parametrize(("model", "raw"), GOLDEN, ids=lambda case: getattr(case, "__name__", ""))


@each_model
def test_a_row_of_the_spec_is_written_back_unchanged(model: type[Record], raw: dict[str, Any]) -> None:
    record = parse_one(model, raw, **WHERE)
    assert record.model_extra == {}
    unset = set(model.model_fields) - record.model_fields_set
    assert unset == set(), "the golden row has every field"
    if model is not SalesOutcome:  # which sends numbers, flags and instants as text
        assert record.to_api() == raw
    assert parse_one(model, json.loads(json.dumps(record.to_api(), default=str)), **WHERE) == record


def test_every_model_of_a_row_has_a_golden_one() -> None:
    rows = {
        found
        for found in vars(types).values()
        if inspect.isclass(found) and issubclass(found, Record) and found is not Record
    }
    parts = {field for model, _ in GOLDEN for field in _parts(model)}
    assert rows == {model for model, _ in GOLDEN} | parts


def _parts(model: type[Record]) -> set[type[Record]]:
    """Return the records inside a record, by its annotations."""
    found: set[type[Record]] = set()
    pending: list[Any] = [field.annotation for field in model.model_fields.values()]
    for hint in pending:
        if inspect.isclass(hint) and issubclass(hint, Record):
            found |= {hint, *_parts(hint)}
        pending += getattr(hint, "__args__", ())
    return found


ODD = [True]
"""A value that no kind of field can read, but for `LooseText`."""


@each_model
def test_a_row_stands_or_falls_with_its_required_fields(model: type[Record], raw: dict[str, Any]) -> None:
    required = {api_name(model, name) for name, info in model.model_fields.items() if info.is_required()}
    for path in paths_in(raw):
        row = changed(raw, path, ODD)
        where, result = ".".join(map(str, path)), read_or_refuse(model, row)
        if where in required or not model.is_row:
            assert isinstance(result, RowError) or path[0] == "data", where
            continue
        assert isinstance(result, model), where
        if path[-1] == "creditCardExpirationDate":  # any text
            assert result.unparsed == {}
            continue
        is_element = isinstance(path[-1], int)
        assert result.unparsed == {where.rpartition(".")[0]: [ODD]} if is_element else {where: ODD}
        assert result.unparsed_fields == (".".join(part for part in path if isinstance(part, str)),)
        assert row == changed(raw, path, ODD), "the raw row is as it was"
        assert parse_one(model, json.loads(json.dumps(result.to_api(), default=str)), **WHERE) == result
        without = parse_one(model, changed(raw, path, ...), **WHERE)
        assert _without_unparsed(result) == _without_unparsed(without), "the other fields are read"


def _without_unparsed(record: Record) -> dict[str, Any]:
    found = record.model_dump()
    found.pop(UNPARSED, None)
    return found


@given(data=st.data(), number=st.integers(0, len(GOLDEN) - 1))
def test_a_row_with_any_odd_value_is_parsed_or_refused(data: st.DataObject, number: int) -> None:
    model, raw = golden()[number]
    for path in data.draw(st.lists(st.sampled_from(paths_in(raw)), max_size=3, unique=True)):
        try:
            change(raw, path, data.draw(st.just(...) | JSON_SCALARS | JSON, label=str(path)))
        except (KeyError, IndexError, TypeError):  # an earlier change removed what it was in
            continue
    raw |= data.draw(st.dictionaries(JSON_KEYS, JSON, max_size=2))
    result = read_or_refuse(model, raw)
    if isinstance(result, RowError):
        assert (result.unparsed[0].raw, result.rows) == (raw, [])
    else:
        assert parse_one(model, result.to_api(), **WHERE) == result
        assert json.dumps(result.to_api(), default=str)
