"""Questions to the archive, while a sync may be replacing its files.

DuckDB opens a Parquet file more than once for one query, and fails if another has taken its name meanwhile. So a
question is asked of a *snapshot*: hard links to the files as they are now, made in no time in the workshop and
removed afterwards. Nobody replaces what is behind a link. Where there are no hard links, the files are copied; at a
remote address, fetched.
"""

from __future__ import annotations

import re
import shutil
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from sonnys_data_client.archive.columns import SIDE_COLUMNS, columns_in, quoted
from sonnys_data_client.archive.files import Files
from sonnys_data_client.archive.layouts import select
from sonnys_data_client.archive.store import connect, partition_of
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES
from sonnys_data_client.errors import ArchiveError, ValidationError
from sonnys_data_client.notebook import facts, grid
from sonnys_data_client.words import counted

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

T = TypeVar("T")

_BATCH = 10_000
_SHOWN_ROWS_MAX = 10
_SHOWN_COLUMNS_MAX = 8
_PLACE = {"account": "VARCHAR", "date": "DATE"}
"""Columns that stand in the folders' names, before all others."""
_OF_THE_ROW = {
    "id": "trans_id",
    "business_date": "business_date",
    "complete_date": "complete_date",
    "location_code": "location_code",
    "type": "type",
    "transaction_status": "transaction_status",
}
"""Columns of a transaction that its parts carry, too, and what they are called there: most questions need them."""


class Answer:
    """The answer to a question: a DuckDB relation, and the files that it reads.

    Nothing is read before it is asked for. Use it in a `with` block or close it; the collector does so otherwise. A
    notebook shows its first rows.

    Attributes:
        columns: The names of its columns.
        types: The DuckDB types of its columns.
    """

    def __init__(
        self,
        database: DuckDBPyConnection,
        snapshot: _Snapshot,
        relation: DuckDBPyRelation,
        text: str,
        values: Sequence[Any] | Mapping[str, Any] | None,
    ) -> None:
        self.columns: list[str] = list(relation.columns)
        self.types: list[str] = [str(kind) for kind in relation.types]
        self._database = database
        self._snapshot = snapshot
        self._relation = relation
        self._question = text, values
        self._count: int | None = None
        self._running: DuckDBPyConnection | None = None
        self._when_collected = weakref.finalize(self, _close_all, [database, snapshot])
        self._outlived = False

    @property
    def relation(self) -> DuckDBPyRelation:
        """The DuckDB relation, for more questions. It and what is made from it may outlive this object.

        The files stay for as long as a relation needs them, or until `close`.

        Raises:
            ArchiveError: fsspec is not installed.
        """
        if not self._outlived:
            _close_with(self._database, self._snapshot)
            self._when_collected.detach()
            self._outlived = True
        return self._relation

    def fetchall(self) -> list[tuple[Any, ...]]:
        """All rows as tuples; instants are aware, in UTC; money is `Decimal`.

        Raises:
            ValidationError: The question cannot be answered, by DuckDB's own words.
        """
        rows = asked(self._relation.fetchall)
        self._count = len(rows)
        return rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        self._running = running = self._database.cursor()
        count = 0
        with asked(lambda: running.execute(*self._question)) as cursor:  # a relation keeps no result between two calls
            while rows := asked(lambda: cursor.fetchmany(_BATCH)):
                yield from rows
                count += len(rows)
        self._count = count

    def interrupt(self) -> None:
        """Break off the reading of rows for which another thread is waiting: it ends in an error there."""
        if self._running is not None:
            self._running.interrupt()

    def to_arrow(self) -> Any:
        """All rows as a `pyarrow.Table`. Needs the extra `arrow`."""
        relation: Any = self._relation
        return asked(relation.to_arrow_table)

    def to_polars(self) -> pl.DataFrame:
        """All rows as a Polars frame. Needs the extra `polars`."""
        frame: pl.DataFrame = asked(self._relation.pl)
        return frame

    def close(self) -> None:
        """Let go of the files. Relations of this answer can read nothing any more."""
        self._when_collected.detach()
        _close_all([self._database, self._snapshot])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        names = self.columns[:_SHOWN_COLUMNS_MAX]
        more = len(self.columns) - len(names)
        rows = "" if self._count is None else f", {counted(self._count, 'row')}"
        return f"Answer({', '.join(names)}{f' and {more} more' if more else ''}{rows})"

    def _repr_html_(self) -> str:
        try:
            rows = asked(lambda: self._relation.limit(_SHOWN_ROWS_MAX + 1).fetchall())
        except (ArchiveError, ValidationError) as problem:
            return facts("Answer", {"columns": ", ".join(self.columns), "rows": problem})
        more = len(rows) > _SHOWN_ROWS_MAX
        title = f"First {_SHOWN_ROWS_MAX} rows" if more else counted(len(rows), "row")
        return grid(title, self.columns, rows[:_SHOWN_ROWS_MAX])


def ask(files: Files, text: str, values: Sequence[Any] | Mapping[str, Any] | None = None, *, oldest: int) -> Answer:
    """Ask a question in SQL of an archive as it is now.

    Args:
        files: The archive's files.
        text: A `SELECT` over the views.
        values: Values for its parameters.
        oldest: The oldest layout that a file may have, by the archive's mark.

    Raises:
        ValidationError: DuckDB does not understand it.
        ArchiveError: The archive cannot be read.
    """
    views = [view for view in VIEWS if re.search(rf"\b{view}\b", text, re.IGNORECASE)]
    snapshot = _Snapshot(files, {VIEWS[view] for view in views})
    database = connect()
    try:
        for view, query in view_queries(snapshot.paths, oldest=oldest).items():
            if view in views:
                asked(partial(database.execute, f"CREATE VIEW {view} AS {query}"))
        relation = asked(lambda: _question(database, text, values))
    except BaseException:
        _close_all([database, snapshot])
        raise
    return Answer(database, snapshot, relation, text, values)


def _question(
    database: DuckDBPyConnection, text: str, values: Sequence[Any] | Mapping[str, Any] | None
) -> DuckDBPyRelation:
    import duckdb

    kinds = [statement.type for statement in database.extract_statements(text)]
    if kinds != [duckdb.StatementType.SELECT]:
        raise ValidationError("This is not one query.", remedy="Give one SELECT over the archive's views.")
    return database.sql(text, params=values)


def view_queries(paths: Mapping[str, Sequence[str]], *, oldest: int) -> dict[str, str]:
    """Write the query of each of the archive's views, by the view's name.

    Args:
        paths: The files of each table, or patterns for them; a table without any has an empty view.
        oldest: The oldest layout that a file may have.
    """
    views: dict[str, str] = {}
    for table in TABLES.values():
        views[table.name] = _whole(table.name, columns_in(table), paths.get(table.name, ()), oldest)
        for view, field in table.parts.items():
            own = ", ".join([*_PLACE, *(f"{quoted(name)} AS {alias}" for name, alias in _OF_THE_ROW.items())])
            views[view] = (
                f"SELECT * EXCLUDE (part), part.* FROM (SELECT {own}, unnest({quoted(field)}) AS part, "
                f"generate_subscripts({quoted(field)}, 1) AS position FROM ({views[table.name]}))"
            )
    for name, columns in SIDE_COLUMNS.items():
        views[name] = _whole(name, columns, paths.get(name, ()), oldest)
    return views


VIEWS: Mapping[str, str] = {
    **{view: table.name for table in TABLES.values() for view in (table.name, *table.parts)},
    CHANGES: CHANGES,
    QUARANTINE: QUARANTINE,
}
"""Every view, and the table whose files it reads."""


def _whole(table: str, columns: Mapping[str, str], paths: Sequence[str], oldest: int) -> str:
    everything = _PLACE | dict(columns)
    if not paths:
        empty = ", ".join(f"NULL::{kind} AS {quoted(name)}" for name, kind in everything.items())
        return f"SELECT {empty} WHERE false"
    listed = ", ".join(f"'{path.replace(chr(39), chr(39) * 2)}'" for path in paths)
    source = (
        f"read_parquet([{listed}], hive_partitioning = true, hive_types = {{account: VARCHAR, date: DATE}}, "
        "union_by_name = true)"
    )
    return select(table, everything, source, oldest=oldest)


class _Snapshot:
    """Links to the files of some tables as they are at one moment."""

    def __init__(self, files: Files, tables: Iterable[str]) -> None:
        self._files = files  # whose workshop, where the links may lie, goes when nobody holds them any more
        self._folder = files.nook()
        self.paths: dict[str, list[str]] = {}
        try:
            for table in sorted(tables):
                self.paths[table] = list(self._links(table))
        except BaseException:
            self.close()
            raise

    def _links(self, table: str) -> Iterator[str]:
        for name in self._files.names(table):
            if partition_of(name) is not None:
                link = self._folder / name.removesuffix(".parquet")
                if self._files.borrow(name, link):
                    yield str(link)

    def close(self) -> None:
        """Remove the links."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _close_all(things: Iterable[Any]) -> None:
    for thing in things:
        thing.close()


def _close_with(database: DuckDBPyConnection, snapshot: _Snapshot) -> None:
    """Remove a snapshot's links when the last connection or relation of its database goes.

    A relation takes no attributes, and those that are made from it are new objects. But each keeps the database alive,
    and a database keeps every file system that is registered with it. So one that serves no file is registered: it is
    collected with the database, and the links go with it.

    Raises:
        ArchiveError: fsspec is not installed.
    """
    try:
        fsspec: Any = import_module("fsspec")
    except ModuleNotFoundError as missing:
        raise ArchiveError(
            "Relations need fsspec.", remedy="Run `pip install 'sonnys-data-client[archive]'`."
        ) from missing
    witness = fsspec.AbstractFileSystem(skip_instance_cache=True)
    witness.protocol = "sonnys-archive"  # DuckDB wants one; no file has such an address
    database.register_filesystem(witness)
    weakref.finalize(witness, snapshot.close)


def asked(ask: Callable[[], T]) -> T:
    """Ask DuckDB, and tell a question that it does not understand from files that it cannot read."""
    import duckdb

    try:
        return ask()
    except (duckdb.IOException, duckdb.InvalidInputException) as problem:
        reason = str(problem).splitlines()[0]
        raise ArchiveError(f"The archive cannot be read ({reason}).", remedy="Run sonnys archive check.") from problem
    except duckdb.CatalogException as problem:  # what DuckDB thinks was meant may be a table of its own
        reason = str(problem).splitlines()[0]
        raise ValidationError(
            f"The query cannot be answered: {reason}", remedy="sonnys sql alone lists the views and their columns."
        ) from problem
    except duckdb.Error as problem:
        raise ValidationError(f"The query cannot be answered: {_said(problem)}") from problem
    except ModuleNotFoundError as missing:
        raise ArchiveError(
            f"This needs {missing.name}, which is not installed.", remedy="Install the extra `arrow` or `polars`."
        ) from missing


def _said(problem: Exception) -> str:
    return " ".join(str(problem).split())[:400]
