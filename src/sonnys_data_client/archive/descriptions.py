"""What every view and column holds, in words: for `sonnys sql --describe`, `archive.duckdb` and `docs/fields.md`.

A field's words are its docstring in `types`, a table's are in `tables`, and those of our own columns in `columns`. So
there is one text for each, and every place shows that one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from sonnys_data_client.archive.columns import OWN, SIDE, columns_in, columns_within
from sonnys_data_client.archive.tables import CHANGES, HISTORY, QUARANTINE, TABLES, WEB_SHOP, Table
from sonnys_data_client.archive.view_queries import FOLDER_COLUMNS, PARENT_COLUMNS, VIEWS
from sonnys_data_client.types.docstrings import about_field, about_model, meaning
from sonnys_data_client.types.record import record_in

_SIDE_ABOUT = {
    CHANGES: "What differs from one reading to the next: one row for each field, and for each row that came late or "
    "left.",
    QUARANTINE: "Rows that could not be parsed, because their id, time or total could not. They are in no other view.",
}
_OF_A_MODEL = re.compile(r"`([A-Z]\w+)\.(\w+)`")
_MODELS = {"Customer": "customers", "Employee": "employees", **{table.model: name for name, table in TABLES.items()}}


@dataclass(frozen=True, slots=True)
class ColumnDescription:
    """What a column holds.

    Attributes:
        name: Its name.
        kind: DuckDB's type.
        about: What it holds.
    """

    name: str
    kind: str
    about: str


@dataclass(frozen=True, slots=True)
class ViewDescription:
    """What a view shows.

    Attributes:
        name: Its name.
        about: What its rows are.
        columns: Its columns, in their order.
    """

    name: str
    about: str
    columns: tuple[ColumnDescription, ...]


@cache
def descriptions() -> Mapping[str, ViewDescription]:
    """Describe every view, by its name. Reads the source of the models, and nothing of an archive."""
    found = {one.name: one for table in TABLES.values() for one in _of_table(table)}
    for side, columns in SIDE.items():
        own = [ColumnDescription(name, column.kind, column.about) for name, column in columns.items()]
        found[side] = ViewDescription(side, _SIDE_ABOUT[side], (*_own(*FOLDER_COLUMNS), *own))
    return {view: found[view] for view in VIEWS}


def _of_table(table: Table) -> Iterator[ViewDescription]:
    columns = tuple(
        _own(name)[0] if name in OWN else ColumnDescription(name, kind, about_column(table, name))
        for name, kind in columns_in(table).items()
    )
    for view in table.views:
        yield ViewDescription(view, _about_view(table, view), (*_own(*FOLDER_COLUMNS), *columns))
    of_parent = {column.name: column for column in columns}
    for view, field in table.parts.items():
        model = record_in(table.record.model_fields[field].annotation)
        parent = [
            _own(own)[0] if own in OWN else ColumnDescription(own, of_parent[name].kind, of_parent[name].about)
            for name, own in PARENT_COLUMNS.items()
        ]
        fields = [
            ColumnDescription(name, kind, in_sql(about_field(model, name)) if model else "")
            for name, kind in columns_within(table.record, field).items()
        ]
        about = (
            f"{about_model(model)} One row for each: join {table.name} on account and trans_id = id." if model else ""
        )
        yield ViewDescription(view, about, (*_own(*FOLDER_COLUMNS), *parent, *_own("position"), *fields))


def _about_view(table: Table, view: str) -> str:
    if table.kind != "snapshots":
        return table.about
    if view == table.name:
        return f"{table.about} The newest snapshot of each account; {view}{HISTORY} has all."
    return f"{table.about} All snapshots: name one by its date, or every row comes once for each."


def about_column(table: Table, name: str) -> str:
    """Say what a column holds that comes from a field of the API."""
    text = in_sql(about_field(table.record, name))
    if name in table.codes:
        text = text.replace("NULL", "none")
        text += (
            f" Here, a site without a code is called {WEB_SHOP}, or as the archive's owner chose; `raw` has what came."
        )
    return text


def in_sql(text: str) -> str:
    """Write a docstring in the words of SQL: NULL for None, tables for models."""
    return _OF_A_MODEL.sub(_in_table, re.sub(r"\bNone\b", "NULL", meaning(text)))


def _in_table(found: re.Match[str]) -> str:
    model, field = found.groups()
    return f"`{_MODELS[model]}.{field}`" if model in _MODELS else f"`{field}`"


def _own(*names: str) -> tuple[ColumnDescription, ...]:
    return tuple(ColumnDescription(name, OWN[name].kind, OWN[name].about) for name in names)
