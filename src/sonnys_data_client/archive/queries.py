"""Query the archive while a sync may be replacing its files.

DuckDB opens a Parquet file more than once for one query, and fails if another file has taken its name in between. So a
query reads a *snapshot*: hard links to the files as they are now. They are made in the archive's work folder within
milliseconds, and removed afterwards. Nobody replaces the file behind a link. On a file system without hard links the
files are copied; at a remote address they are fetched.

A view shows more than its files hold:

```text
sites, items, ...    the newest snapshot of each account; `sites_history` and the like show all of them
location_code, ...   a site without a code, such as the web shop, has one here, so that a join keeps it
```
"""

from __future__ import annotations

import re
import shutil
import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sonnys_data_client.archive.columns import OWN, SIDE_COLUMNS, columns_in, quoted
from sonnys_data_client.archive.database import INSTALL, answered, connect, exactly, literal
from sonnys_data_client.archive.files import Files
from sonnys_data_client.archive.layouts import select
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.store import Partition, partition_of
from sonnys_data_client.archive.tables import CHANGES, HISTORY, LOCAL_TIME, QUARANTINE, TABLES, Table
from sonnys_data_client.errors import ArchiveError, ValidationError
from sonnys_data_client.notebook import facts, grid
from sonnys_data_client.words import counted

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

_ROWS_AT_A_TIME = 10_000
_SHOWN_ROWS_MAX = 10
_SHOWN_COLUMNS_MAX = 8
FOLDER_COLUMNS = ("account", "date")
"""Columns that come from the names of folders. They stand before all others."""
PARENT_COLUMNS = {
    "id": "trans_id",
    "business_date": "business_date",
    LOCAL_TIME: LOCAL_TIME,
    "hour": "hour",
    "complete_date": "complete_date",
    "location_code": "location_code",
    "type": "type",
    "transaction_status": "transaction_status",
}
"""Columns of a transaction that the views of its items, tenders and discounts have too, and their names there.

Most queries over these views need them.
"""

VIEWS: Mapping[str, str] = {
    **{view: of for table in TABLES.values() for view, of in table.files_of_views.items()},
    CHANGES: CHANGES,
    QUARANTINE: QUARANTINE,
}
"""Every view, and the set of files that it reads.

A set of files is called as the view that shows its rows whole: `sites` is the newest snapshots, `sites_history` all.
"""


class Answer:
    """The answer to a query: its rows, as tuples, a DuckDB relation, or an Arrow or Polars frame.

    It reads nothing before you ask for rows. Use it in a `with` block or close it; otherwise the garbage collector
    closes it. A notebook shows its first rows.

    Args:
        database: The database that answers.
        snapshot: The files that it reads.
        text: The query.
        values: Values for its parameters.

    Attributes:
        columns: The names of its columns.
        types: The DuckDB types of its columns.

    Raises:
        ValidationError: DuckDB cannot answer the query, or it is not one `SELECT`.
    """

    def __init__(
        self,
        database: DuckDBPyConnection,
        snapshot: _Snapshot,
        text: str,
        values: Sequence[Any] | Mapping[str, Any] | None,
    ) -> None:
        self._relation = answered(lambda: _relation(database, text, values))
        self.columns: list[str] = list(self._relation.columns)
        self.types: list[str] = [str(kind) for kind in self._relation.types]
        self._database = database
        self._snapshot = snapshot
        self._query = text, values
        self._count: int | None = None
        self._running: DuckDBPyConnection | None = None
        self._when_collected = weakref.finalize(self, _close_all, [database, snapshot])
        self._outlived = False

    @property
    def relation(self) -> DuckDBPyRelation:
        """The DuckDB relation, for further queries. It and what is made from it may outlive this object.

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
        """Return all rows as tuples; instants are aware, in UTC; money is `Decimal`.

        Raises:
            ValidationError: DuckDB cannot answer the query; the message has DuckDB's own words.
            ArchiveError: A file cannot be read.
        """
        rows = answered(self._relation.fetchall)
        self._count = len(rows)
        return rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        # A relation keeps no result between two calls, so the query is asked again, of the same files.
        self._running = running = self._database.cursor()
        count = 0
        with answered(lambda: running.execute(*self._query)) as cursor:
            while rows := answered(lambda: cursor.fetchmany(_ROWS_AT_A_TIME)):
                yield from rows
                count += len(rows)
        self._count = count

    def interrupt(self) -> None:
        """Stop an iteration that another thread is waiting for: there, it raises an error."""
        if self._running is not None:
            self._running.interrupt()

    def to_arrow(self) -> Any:
        """Return all rows as a `pyarrow.Table`. Needs the extra `arrow`."""
        relation: Any = self._relation
        return answered(relation.to_arrow_table)

    def to_polars(self) -> pl.DataFrame:
        """Return all rows as a Polars frame. Needs the extra `polars`."""
        frame: pl.DataFrame = answered(self._relation.pl)
        return frame

    def close(self) -> None:
        """Close the database and remove the links to the files. Relations of this answer cannot be read afterwards."""
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
            rows = answered(lambda: self._relation.limit(_SHOWN_ROWS_MAX + 1).fetchall())
        except (ArchiveError, ValidationError) as problem:
            return facts("Answer", {"columns": ", ".join(self.columns), "rows": problem})
        more = len(rows) > _SHOWN_ROWS_MAX
        title = f"First {_SHOWN_ROWS_MAX} rows" if more else counted(len(rows), "row")
        return grid(title, self.columns, rows[:_SHOWN_ROWS_MAX])


def ask(files: Files, text: str, values: Sequence[Any] | Mapping[str, Any] | None = None, *, mark: Mark) -> Answer:
    """Ask a query of an archive as it is now.

    Args:
        files: The archive's files.
        text: A `SELECT` over the views.
        values: Values for its parameters.
        mark: What `archive.json` says.

    Raises:
        ValidationError: DuckDB does not understand it, or it is not one `SELECT`.
        ArchiveError: The archive cannot be read.
    """
    views = [view for view in VIEWS if re.search(rf"\b{view}\b", text, re.IGNORECASE)]
    snapshot = _Snapshot(files, {VIEWS[view] for view in views})
    database = connect()
    try:
        queries = view_queries(snapshot.paths, mark)
        for view in views:
            answered(partial(database.execute, f"CREATE VIEW {view} AS {queries[view]}"))
        return Answer(database, snapshot, text, values)
    except BaseException:
        _close_all([database, snapshot])
        raise


def _relation(
    database: DuckDBPyConnection, text: str, values: Sequence[Any] | Mapping[str, Any] | None
) -> DuckDBPyRelation:
    import duckdb

    kinds = [statement.type for statement in database.extract_statements(text)]
    if kinds != [duckdb.StatementType.SELECT]:
        raise ValidationError("This is not one query.", remedy="Give one SELECT over the archive's views.")
    return database.sql(text, params=values)


def view_queries(paths: Mapping[str, Sequence[str]], mark: Mark) -> dict[str, str]:
    """Write the query of each of the archive's views, by the view's name.

    Args:
        paths: The paths of each set of files, or patterns for them; a set without any has an empty view.
        mark: What `archive.json` says.
    """
    views: dict[str, str] = {}
    for table in TABLES.values():
        for view in table.views:
            views[view] = _named_sites(
                table, _table_query(table.name, columns_in(table), paths.get(view, ()), mark.oldest_layout), mark
            )
        for view, field in table.parts.items():
            parent = ", ".join([*FOLDER_COLUMNS, *(f"{quoted(name)} AS {own}" for name, own in PARENT_COLUMNS.items())])
            views[view] = (
                f"SELECT * EXCLUDE (part), part.* FROM (SELECT {parent}, unnest({quoted(field)}) AS part, "
                f"generate_subscripts({quoted(field)}, 1) AS position FROM ({views[table.name]}))"
            )
    for name, columns in SIDE_COLUMNS.items():
        views[name] = _table_query(name, columns, paths.get(name, ()), mark.oldest_layout)
    return views


def files_of(files: Files, files_set: str) -> list[Partition]:
    """List the partitions that a set of files has now: see `VIEWS`."""
    table = TABLES.get(files_set)
    found = [part for part in map(partition_of, files.names(files_set.removesuffix(HISTORY))) if part is not None]
    if table is None or table.kind != "snapshots":
        return found
    newest: dict[str, Partition] = {}
    for part in sorted(found):
        newest[part.account] = part
    return list(newest.values())


def _named_sites(table: Table, query: str, mark: Mark) -> str:
    """Give sites without a code the name that the archive has for them."""
    if not table.codes:
        return query
    named = ", ".join(f"ifnull({quoted(code)}, {literal(mark.web_shop)}) AS {quoted(code)}" for code in table.codes)
    return f"SELECT * REPLACE ({named}) FROM ({query})"


def _table_query(table: str, columns: Mapping[str, str], paths: Sequence[str], oldest: int) -> str:
    everything = {**{name: OWN[name].kind for name in FOLDER_COLUMNS}, **columns}
    if not paths:
        empty = ", ".join(f"NULL::{kind} AS {quoted(name)}" for name, kind in everything.items())
        return f"SELECT {empty} WHERE false"
    source = (
        f"read_parquet([{', '.join(map(literal, paths))}], hive_partitioning = true, "
        "hive_types = {account: VARCHAR, date: DATE}, union_by_name = true)"
    )
    return select(table, everything, source, oldest=oldest)


class _Snapshot:
    """Links to some sets of files as they are at one moment.

    Attributes:
        paths: The links, by set of files, as DuckDB reads them.
    """

    def __init__(self, files: Files, sets: Iterable[str]) -> None:
        self._files = files  # a remote archive's work folder is removed when nobody refers to its files any more
        self._folder = files.link_path()
        self.paths: dict[str, list[str]] = {}
        try:
            for name in sorted(sets):
                self.paths[name] = list(self._links(name))
        except BaseException:
            self.close()
            raise

    def _links(self, name: str) -> Iterator[str]:
        for part in files_of(self._files, name):
            link = self._folder / name / part.name.removesuffix(".parquet")
            if self._files.fetch(part.name, link):
                yield exactly(link)

    def close(self) -> None:
        """Remove the links."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _close_all(things: Iterable[Any]) -> None:
    for thing in things:
        thing.close()


def _close_with(database: DuckDBPyConnection, snapshot: _Snapshot) -> None:
    """Remove a snapshot's links when the last connection or relation of its database is collected.

    A relation takes no attributes, and relations that are made from it are new objects. But each keeps the database
    alive, and a database keeps every file system that is registered with it. So this registers one that serves no file:
    it is collected with the database, and then the links are removed.

    Raises:
        ArchiveError: fsspec is not installed.
    """
    try:
        fsspec: Any = import_module("fsspec")
    except ModuleNotFoundError as missing:
        raise ArchiveError("Relations need fsspec.", remedy=INSTALL) from missing
    witness = fsspec.AbstractFileSystem(skip_instance_cache=True)
    witness.protocol = "sonnys-archive"  # DuckDB requires one; no file has such an address
    database.register_filesystem(witness)
    weakref.finalize(witness, snapshot.close)
