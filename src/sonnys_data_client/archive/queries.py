"""Query the archive while a sync may be replacing its files.

DuckDB opens a Parquet file more than once for one query, and fails if another file has taken its name in between. So a
query reads a *snapshot*: hard links to the files as they are now. They are made in the archive's work folder within
milliseconds, and removed afterwards. Nobody replaces the file behind a link. On a file system without hard links the
files are copied; at a remote address they are fetched.

Who may only read the archive links from a temporary folder. Where the system refuses that, DuckDB reads the files
themselves. Then the answer is taken whole, and the query is asked again if a file was replaced meanwhile.

A query reads its snapshot and nothing else: DuckDB would read any file of the machine that the user may read, and any
address. `allow_outside` lifts that.
"""

from __future__ import annotations

import re
import shutil
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from sonnys_data_client.archive.database import INSTALL, answered, connect, exactly, shut_in
from sonnys_data_client.archive.files import Files
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.view_queries import VIEWS, files_of, view_queries
from sonnys_data_client.errors import ArchiveError, ValidationError
from sonnys_data_client.modes import make_folder
from sonnys_data_client.notebook import facts, grid
from sonnys_data_client.words import counted

if TYPE_CHECKING:
    import polars as pl
    from duckdb import DuckDBPyConnection, DuckDBPyRelation

T = TypeVar("T")

_ROWS_AT_A_TIME = 10_000
_SWAPS_MAX = 20
"""How often a query is asked while a sync replaces the files that it reads. A sync replaces one in seconds."""
_SHOWN_ROWS_MAX = 10
_SHOWN_COLUMNS_MAX = 8


class Answer:
    """The answer to a query: its rows, as tuples, a DuckDB relation, or an Arrow or Polars frame.

    It reads nothing before you ask for rows. Use it in a `with` block or close it; otherwise the garbage collector
    closes it. A notebook shows its first rows.

    Args:
        ask_again: Asks the query of the archive as it is then.

    Attributes:
        columns: The names of its columns.
        types: The DuckDB types of its columns.

    Raises:
        ValidationError: DuckDB cannot answer the query, or it is not one `SELECT`.
        ArchiveError: The archive cannot be read.
    """

    def __init__(self, ask_again: Callable[[], _Asked]) -> None:
        self._ask_again = ask_again
        self._asked = ask_again()
        self._when_collected = weakref.finalize(self, _close_all, self._asked[:2])
        self._outlived = False
        self._count: int | None = None
        self._running: DuckDBPyConnection | None = None
        self.columns, kinds = self._taken(lambda asked: (list(asked.relation.columns), asked.relation.types))
        self.types: list[str] = [str(kind) for kind in kinds]

    def _taken(self, take: Callable[[_Asked], T]) -> T:
        """Take something of the answer; ask again if a file was replaced meanwhile that is read itself."""
        for _ in range(_SWAPS_MAX):
            try:
                taken = answered(partial(take, self._asked))
            except (ArchiveError, ValidationError):
                if self._outlived or not self._asked.snapshot.is_stale():
                    raise
            else:
                if self._outlived or not self._asked.snapshot.is_stale():
                    return taken
            self._when_collected()  # closes both
            self._asked = self._ask_again()
            self._when_collected = weakref.finalize(self, _close_all, self._asked[:2])
        raise ArchiveError(
            "Files of the archive were replaced each time that they were read.",
            remedy="Run it again when no sync runs.",
        )

    @property
    def relation(self) -> DuckDBPyRelation:
        """The DuckDB relation, for further queries. It and what is made from it may outlive this object.

        The files stay for as long as a relation needs them, or until `close`.

        Raises:
            ArchiveError: fsspec is not installed.
        """
        if not self._outlived:
            _close_with(self._asked.database, self._asked.snapshot)
            self._when_collected.detach()
            self._outlived = True
        return self._asked.relation

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Return all rows as tuples; instants are aware, in UTC; money is `Decimal`.

        Raises:
            ValidationError: DuckDB cannot answer the query; the message has DuckDB's own words.
            ArchiveError: A file cannot be read.
        """
        rows = self._taken(lambda asked: asked.relation.fetchall())
        self._count = len(rows)
        return rows

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        # A relation keeps no result between two calls, so the query is asked again, of the same files.
        if self._asked.snapshot.may_be_replaced:  # what was given to the caller cannot be taken back
            rows = self._taken(lambda asked: self._run(asked).fetchall())
            yield from rows
            self._count = len(rows)
            return
        count = 0
        with answered(lambda: self._run(self._asked)) as cursor:
            while rows := answered(lambda: cursor.fetchmany(_ROWS_AT_A_TIME)):
                yield from rows
                count += len(rows)
        self._count = count

    def _run(self, asked: _Asked) -> DuckDBPyConnection:
        self._running = running = asked.database.cursor()
        return running.execute(asked.text, asked.values)

    def interrupt(self) -> None:
        """Stop an iteration that another thread is waiting for: there, it raises an error."""
        if self._running is not None:
            self._running.interrupt()

    def to_arrow(self) -> Any:
        """Return all rows as a `pyarrow.Table`. Needs the extra `arrow`."""

        def whole(asked: _Asked) -> Any:
            relation: Any = asked.relation
            return relation.to_arrow_table()

        return self._taken(whole)

    def to_polars(self) -> pl.DataFrame:
        """Return all rows as a Polars frame. Needs the extra `polars`."""
        frame: pl.DataFrame = self._taken(lambda asked: asked.relation.pl())
        return frame

    def close(self) -> None:
        """Close the database and remove the links to the files. Relations of this answer cannot be read afterwards."""
        self._when_collected.detach()
        _close_all(self._asked[:2])

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
            rows = self._taken(lambda asked: asked.relation.limit(_SHOWN_ROWS_MAX + 1).fetchall())
        except (ArchiveError, ValidationError) as problem:
            return facts("Answer", {"columns": ", ".join(self.columns), "rows": problem})
        more = len(rows) > _SHOWN_ROWS_MAX
        title = f"First {_SHOWN_ROWS_MAX} rows" if more else counted(len(rows), "row")
        return grid(title, self.columns, rows[:_SHOWN_ROWS_MAX])


def ask(
    files: Files,
    text: str,
    values: Sequence[Any] | Mapping[str, Any] | None = None,
    *,
    mark: Mark,
    allow_outside: bool = False,
) -> Answer:
    """Ask a query of an archive as it is now.

    Args:
        files: The archive's files.
        text: A `SELECT` over the views.
        values: Values for its parameters.
        mark: What `archive.json` says.
        allow_outside: Whether it may read files and addresses outside of the archive, too.

    Raises:
        ValidationError: DuckDB does not understand it, or it is not one `SELECT`, or it reads a file outside.
        ArchiveError: The archive cannot be read.
    """
    return Answer(partial(_ask, files, text, values, mark, allow_outside=allow_outside))


class _Asked(NamedTuple):
    """A query that was asked of the archive as it was at one moment.

    Attributes:
        database: The database that answers.
        snapshot: The files that it reads.
        relation: The answer, which nobody has read yet.
        text: The query.
        values: Values for its parameters.
    """

    database: DuckDBPyConnection
    snapshot: _Snapshot
    relation: DuckDBPyRelation
    text: str
    values: Sequence[Any] | Mapping[str, Any] | None


def _ask(
    files: Files,
    text: str,
    values: Sequence[Any] | Mapping[str, Any] | None,
    mark: Mark,
    more_often: int = _SWAPS_MAX,
    *,
    allow_outside: bool,
) -> _Asked:
    views = [view for view in VIEWS if re.search(rf"\b{view}\b", text, re.IGNORECASE)]
    snapshot = _Snapshot(files, {VIEWS[view] for view in views})
    database = connect(snapshot.spill)
    try:
        queries = view_queries(snapshot.paths, mark)
        for view in views:
            answered(partial(database.execute, f"CREATE VIEW {view} AS {queries[view]}"))
        if not allow_outside:
            shut_in(database, snapshot.folder, snapshot.read_themselves)
        return _Asked(database, snapshot, answered(partial(_relation, database, text, values)), text, values)
    except BaseException as problem:
        swapped = isinstance(problem, (ArchiveError, ValidationError)) and snapshot.is_stale()
        _close_all([database, snapshot])
        if swapped and more_often:
            return _ask(files, text, values, mark, more_often - 1, allow_outside=allow_outside)
        raise


def _relation(
    database: DuckDBPyConnection, text: str, values: Sequence[Any] | Mapping[str, Any] | None
) -> DuckDBPyRelation:
    import duckdb

    kinds = [statement.type for statement in database.extract_statements(text)]
    if kinds != [duckdb.StatementType.SELECT]:
        raise ValidationError("This is not one query.", remedy="Give one SELECT over the archive's views.")
    return database.sql(text, params=values)


class _Snapshot:
    """Some sets of files as they are at one moment.

    Attributes:
        folder: The folder of the links; it is private to this snapshot.
        spill: A folder in it for what does not fit into DuckDB's memory.
        paths: Links to them, or themselves, by set of files, as DuckDB reads them.
        read_themselves: The files that could not be linked.
    """

    def __init__(self, files: Files, sets: Iterable[str]) -> None:
        self._files = files  # a remote archive's work folder is removed when nobody refers to its files any more
        self.folder = files.link_path()
        self.spill = self.folder / "spill"
        self._not_linked: dict[str, str | None] = {}
        self.read_themselves: list[Path] = []
        self.paths: dict[str, list[str]] = {}
        try:
            make_folder(self.folder)  # also for no file: DuckDB makes its own folder in it, and none above
            for name in sorted(sets):
                self.paths[name] = list(self._paths(name))
        except BaseException:
            self.close()
            raise

    def _paths(self, files_set: str) -> Iterator[str]:
        for part in files_of(self._files, files_set):
            link = self.folder / files_set / part.name.removesuffix(".parquet")
            path = self._files.link(part.name, link)
            if path is not None:
                if path != link:
                    self._not_linked[part.name] = self._files.stamp(part.name)
                    self.read_themselves.append(path)
                yield exactly(path)

    @property
    def may_be_replaced(self) -> bool:
        """Whether some file is read itself, and not through a link."""
        return bool(self._not_linked)

    def is_stale(self) -> bool:
        """Tell whether such a file was replaced since."""
        return any(self._files.stamp(name) != stamp for name, stamp in self._not_linked.items())

    def close(self) -> None:
        """Remove the links."""
        shutil.rmtree(self.folder, ignore_errors=True)


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
