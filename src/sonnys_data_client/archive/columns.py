"""Derive the columns of Parquet files from the annotations of a model, so that each field is described once.

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

The archive and the files of the command line share this table. They differ in names only: the archive's columns are
called as the fields of the models, and those of a file as the fields of the API.

Money has four digits after the point, two more than a cent. Further digits, which only a fault in the server's
arithmetic makes, are rounded here. The archive keeps them in the row's `raw`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, NamedTuple, Union, get_args, get_origin

from sonnys_data_client.archive.tables import CHANGES, LOCAL_TIME, QUARANTINE, Table
from sonnys_data_client.types import Record, api_name
from sonnys_data_client.types.record import record_in

MONEY = "DECIMAL(18, 4)"


class Column(NamedTuple):
    """A column that the API does not have.

    Attributes:
        kind: DuckDB's type.
        about: What it holds.
    """

    kind: str
    about: str


OWN: Mapping[str, Column] = {
    "account": Column("VARCHAR", "Name of the account that the row belongs to."),
    "date": Column("DATE", "UTC day of the row's file; of a snapshot, the day on which it was taken."),
    "business_date": Column("DATE", "Day on the site's own calendar. It begins at midnight by the clock of the site."),
    LOCAL_TIME: Column(
        "TIMESTAMP",
        "`complete_date` by the clock of the site: a time without a zone. NULL in files that an earlier version wrote.",
    ),
    "hour": Column("BIGINT", f"Hour of `{LOCAL_TIME}`, from 0 to 23. In autumn, one hour of a night comes twice."),
    "raw": Column("VARCHAR", "The row as it came, as JSON text. May hold personal data."),
    "trans_id": Column("VARCHAR", "`transactions.id` of the transaction that it belongs to."),
    "position": Column("BIGINT", "Place in the transaction, from 1."),
}
"""Columns of rows of the API that have names of our own."""

SIDE: Mapping[str, Mapping[str, Column]] = {
    QUARANTINE: {
        "table": Column("VARCHAR", "The table that the row was meant for."),
        "raw": Column("VARCHAR", "The row as it came, as JSON text. May hold personal data."),
        "reason": Column("VARCHAR", "What could not be parsed, and why."),
    },
    CHANGES: {
        "table": Column("VARCHAR", "The table of the row that changed."),
        "id": Column("VARCHAR", "Key of the row."),
        "field": Column("VARCHAR", "The field that differs; `(row)` if the whole row came late or left."),
        "before": Column("VARCHAR", "Value before, as JSON text; NULL for none. May hold personal data."),
        "after": Column("VARCHAR", "Value after, as JSON text; NULL for none. May hold personal data."),
        "seen_at": Column("TIMESTAMP WITH TIME ZONE", "When the sync read it, UTC."),
        "version": Column("BIGINT", "How many times the file of the day had been written by then."),
    },
}
"""Columns of the two tables that hold no rows of the API."""

SIDE_COLUMNS: Mapping[str, Mapping[str, str]] = {
    table: {name: column.kind for name, column in columns.items()} for table, columns in SIDE.items()
}
"""The same with their types alone, as the views show them."""

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
def columns_of(model: type[Record], *, api_names: bool = False) -> Mapping[str, str]:
    """List the columns of a model, in its order: each name, and DuckDB's type.

    Args:
        model: The model.
        api_names: Call the columns as the API calls the fields, and not as the model does.
    """
    return {
        (api_name(model, name) if api_names else name): _type(info.annotation, api_names=api_names)
        for name, info in model.model_fields.items()
    }


def columns_in(table: Table) -> Mapping[str, str]:
    """List the columns of a table's files, in their order."""
    dated = ["business_date"] if table.dated else []
    timed = [LOCAL_TIME, "hour"] if table.kind == "days" else []
    return {**columns_of(table.record), **{name: OWN[name].kind for name in (*dated, *timed, "raw")}}


def columns_within(model: type[Record], field: str) -> Mapping[str, str]:
    """List the columns of the records that a field of a model holds; empty if it holds none."""
    found = record_in(model.model_fields[field].annotation)
    return {} if found is None else columns_of(found)


def quoted(name: str) -> str:
    """Write a name as an SQL identifier."""
    escaped = name.replace('"', '""')
    return f'"{escaped}"'


def _type(annotation: Any, *, api_names: bool) -> str:
    if get_origin(annotation) in (Union, UnionType):
        kinds = {_type(part, api_names=api_names) for part in get_args(annotation) if part is not NoneType}
        return kinds.pop() if len(kinds) == 1 else _TEXT
    if get_origin(annotation) is tuple:
        return f"{_type(get_args(annotation)[0], api_names=api_names)}[]"
    if not isinstance(annotation, type):
        return _TEXT
    if issubclass(annotation, Record):
        columns = columns_of(annotation, api_names=api_names)
        return f"STRUCT({', '.join(f'{quoted(name)} {kind}' for name, kind in columns.items())})"
    return next((column for kind, column in _SCALARS.items() if issubclass(annotation, kind)), _TEXT)
