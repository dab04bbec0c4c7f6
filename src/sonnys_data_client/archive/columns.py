"""Derive the columns of Parquet files from the annotations of a model, so that a field is described once.

```text
in the model                  in Parquet
str, open words, ids          VARCHAR
Decimal                       DECIMAL(18, 4)
int                           BIGINT
bool                          BOOLEAN
datetime                      TIMESTAMP WITH TIME ZONE (an instant, in UTC)
date                          DATE
tuple of records              a list of STRUCTs
a record                      a STRUCT
anything else                 VARCHAR, as JSON
```

Money has four decimals, two more than cents have. More decimals come from rounding errors of the server. They are
rounded here and kept in the row's `raw`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, Table
from sonnys_data_client.types import Record

MONEY = "DECIMAL(18, 4)"

SIDE_COLUMNS: Mapping[str, Mapping[str, str]] = {
    QUARANTINE: {"table": "VARCHAR", "raw": "VARCHAR", "reason": "VARCHAR"},
    CHANGES: {
        "table": "VARCHAR",
        "id": "VARCHAR",
        "field": "VARCHAR",
        "before": "VARCHAR",
        "after": "VARCHAR",
        "seen_at": "TIMESTAMP WITH TIME ZONE",
        "version": "BIGINT",
    },
}
"""Columns of the two tables that hold no rows of the API, as the views show them."""

_SCALARS: Mapping[type, str] = {
    bool: "BOOLEAN",
    int: "BIGINT",
    Decimal: MONEY,
    datetime: "TIMESTAMP WITH TIME ZONE",
    date: "DATE",
    str: "VARCHAR",
}
_TEXT = "VARCHAR"


@cache
def columns_of(model: type[Record]) -> Mapping[str, str]:
    """List the columns of a model by name, in the model's order."""
    return {name: _type(info.annotation) for name, info in model.model_fields.items()}


def columns_in(table: Table) -> Mapping[str, str]:
    """List the columns of a table's files, in their order."""
    dated = {"business_date": "DATE"} if table.dated else {}
    return {**columns_of(table.record), **dated, "raw": "VARCHAR"}


def columns_within(model: type[Record], field: str) -> Mapping[str, str]:
    """List the columns of the records that a field of a model holds; empty if it holds none."""
    found = _record_in(model.model_fields[field].annotation)
    return {} if found is None else columns_of(found)


def quoted(name: str) -> str:
    """Write a name as an SQL identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _type(annotation: Any) -> str:
    if get_origin(annotation) in (Union, UnionType):
        kinds = {_type(part) for part in get_args(annotation) if part is not NoneType}
        return kinds.pop() if len(kinds) == 1 else _TEXT
    if get_origin(annotation) is tuple:
        return f"{_type(get_args(annotation)[0])}[]"
    if not isinstance(annotation, type):
        return _TEXT
    if issubclass(annotation, Record):
        fields = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns_of(annotation).items())
        return f"STRUCT({fields})"
    return next((column for kind, column in _SCALARS.items() if issubclass(annotation, kind)), _TEXT)


def _record_in(annotation: Any) -> type[Record] | None:
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return annotation
    return next(filter(None, map(_record_in, get_args(annotation))), None)
