"""Columns of Parquet from the annotations of a model, so that a field is described once.

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

Money has four digits behind the point, two more than a cent: further ones, which only a fault of arithmetic at the
server's makes, are rounded here and kept in the row's `raw`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

from sonnys_data_client.types import Record

MONEY = "DECIMAL(18, 4)"

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
    """The columns of a model, by name, in its order."""
    return {name: _type(info.annotation) for name, info in model.model_fields.items()}


def quoted(name: str) -> str:
    """A name as an SQL identifier."""
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
