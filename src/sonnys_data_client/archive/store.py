"""Partitions as Parquet files: written and read by DuckDB, in one place.

A partition is one file, `<table>/account=<name>/date=<day>/data.parquet`, replaced whole. The name is fixed, so that
a foreign tool that globs the folder finds each day once, however often it was written; the account and the day are
in the folders' names alone, where Hive-style readers look for them.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.columns import SIDE_COLUMNS, columns_in, quoted
from sonnys_data_client.archive.evidence import LAYOUT, Evidence
from sonnys_data_client.archive.files import WORKSHOP, Files, explained
from sonnys_data_client.archive.layouts import LOG_LAYOUT, select
from sonnys_data_client.archive.rows import QUARTER_S, Calendars, Line, Misfit, numbering
from sonnys_data_client.archive.seal import ROOM, is_whole, seal
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, Table
from sonnys_data_client.errors import ArchiveDamagedError, ArchiveError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVIDENCE_KEY = "sonnys"
_PLACE_KEY = "sonnys_place"
_SEAL_KEY = "sonnys_seal"

_NAME = re.compile(
    r"(?P<table>[a-z_]+)/account=(?P<account>[^/]+)/date=(?P<day>\d{4}-\d\d-\d\d)/(?P<of>[a-z_]+)\.parquet"
)

_STORED: Mapping[str, Mapping[str, str]] = {**SIDE_COLUMNS, CHANGES: {**SIDE_COLUMNS[CHANGES], LOG_LAYOUT: "BIGINT"}}
"""Columns of the files of these tables."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One file of the archive.

    Attributes:
        table: Its table's name.
        account: The account.
        day: The UTC day.
        of: The table whose rows these are about, for the two tables that hold no rows of the API's.
    """

    table: str
    account: str
    day: date
    of: str = ""

    @property
    def name(self) -> str:
        """Its file's name in the archive."""
        return f"{self.table}/account={self.account}/date={self.day.isoformat()}/{self.of or 'data'}.parquet"

    def beside(self, table: str) -> Partition:
        """What lies beside these rows: their part of quarantine, or of the change log."""
        return Partition(table, self.account, self.day, self.table)

    @property
    def rows(self) -> Partition:
        """The rows that this is about: itself, unless it lies beside them."""
        return Partition(self.of or self.table, self.account, self.day)

    def __str__(self) -> str:
        return f"{self.table} of {self.account} on {self.day.isoformat()}"


def partition_of(name: str) -> Partition | None:
    """The partition whose file has this name; None for any other file."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return None
    of = "" if found["of"] == "data" else found["of"]
    return None if of and found["table"] not in SIDE_COLUMNS else Partition(found["table"], found["account"], day, of)


def connect() -> DuckDBPyConnection:
    """A DuckDB database in memory, in which instants are shown in UTC.

    Raises:
        ArchiveError: The extra `archive` is not installed.
    """
    try:
        import duckdb

        import_module("pytz")  # DuckDB needs it to hand out instants, and says so only then
    except ModuleNotFoundError as missing:
        raise ArchiveError(
            f"An archive needs {missing.name}, which is not installed.",
            remedy="Run pip install 'sonnys-data-client[archive]'.",
        ) from None
    database = duckdb.connect(config={"autoinstall_known_extensions": "false"})
    database.execute("SET TimeZone = 'UTC'")
    return database


class Store:
    """The partitions of one archive.

    Args:
        files: Where they lie.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._database: DuckDBPyConnection | None = None

    @property
    def database(self) -> DuckDBPyConnection:
        """The database that does the work, begun when first needed."""
        if self._database is None:
            self._database = connect()
            self._database.execute("SET threads = 1")  # one day's rows are too few to share out
        return self._database

    def close(self) -> None:
        """End it."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def partitions(self, table: str) -> list[Partition]:
        """The partitions of a table that there are, in order."""
        found = (partition_of(name) for name in self._files.names(table))
        return sorted(partition for partition in found if partition is not None)

    def write(self, partition: Partition, table: Table, lines: Sequence[Line], evidence: Evidence) -> None:
        """Write a partition in the place of what is there.

        Raises:
            ArchiveError: The disk is full or the folder cannot be written; the old partition is unharmed.
            ValueError: A line does not fit its columns: see `misfits_among`.
        """
        order = [quoted(name) for name in (table.moment, table.key) if name is not None and name in columns_in(table)]
        self._write(partition, columns_in(table), (line.json for line in lines), order, evidence.to_json())

    def misfits_among(self, table: Table, lines: Sequence[Line]) -> list[Line]:
        """The lines that do not fit the columns, found by halves: a number too large for its column, say."""
        if self._fit(table, lines):
            return []
        if len(lines) == 1:
            return list(lines)
        middle = len(lines) // 2
        return self.misfits_among(table, lines[:middle]) + self.misfits_among(table, lines[middle:])

    def write_misfits(self, partition: Partition, misfits: Sequence[Misfit]) -> None:
        """Replace what is in quarantine of a partition; nothing in it, no file."""
        target = partition.beside(QUARANTINE)
        rows = [{"table": partition.table, **asdict(misfit)} for misfit in misfits]
        self._write_side(target, rows)

    def write_changes(self, partition: Partition, changes: Sequence[Change]) -> None:
        """Replace the change log of a partition; nothing in it, no file."""
        target = partition.beside(CHANGES)
        rows = [
            {"table": partition.table, **asdict(change), "seen_at": _stamp(change.seen_at), LOG_LAYOUT: LAYOUT}
            for change in changes
        ]
        self._write_side(target, rows)

    def evidence(self, partition: Partition) -> Evidence | None:
        """The evidence in a partition's file; None if there is no file.

        Raises:
            ArchiveError: The file is damaged, or not the archive's.
        """
        with self._borrowed(partition) as path:
            if path is None:
                return None
            query = "SELECT decode(key), decode(value) FROM parquet_kv_metadata($path)"
            said: dict[str, str] = dict(self._ask(partition, query, path))
        place = said.get(_PLACE_KEY, _place(partition))
        if place != _place(partition):
            raise _damaged(partition, f"it is the file of {place}")
        try:
            return Evidence.from_json(said[EVIDENCE_KEY])
        except (KeyError, ValueError):
            raise _damaged(partition, "it holds no evidence of how it was read") from None

    def raws(self, partition: Partition, table: Table) -> dict[str, str]:
        """The raw rows of a partition by their key; none if there is no file.

        Raises:
            ArchiveError: The file is damaged.
        """
        key = "NULL" if table.key is None else f"{quoted(table.key)}::VARCHAR"
        found = self._rows(partition, f"SELECT {key}, raw", columns_in(table), [table.key, "raw"])
        number = numbering()
        return {name or number(raw): raw for name, raw in found}

    def calendars(self, partition: Partition, table: Table) -> Calendars:
        """The sites' calendars, as far as the rows of a partition tell them.

        Raises:
            ArchiveError: The file is damaged.
        """
        if table.moment is None or table.site is None:
            return Calendars()
        quarter = f"floor(epoch({quoted(table.moment)}))::BIGINT // {QUARTER_S}"
        query = f"SELECT DISTINCT {quoted(table.site)}, {quarter}, business_date::VARCHAR"
        found = self._rows(partition, query, columns_in(table), [table.site, table.moment, "business_date"])
        return Calendars(known={(code, quarter): day for code, quarter, day in found})

    def changes(self, partition: Partition) -> list[Change]:
        """The change log of a partition; empty if there is none.

        Raises:
            ArchiveError: The file is damaged.
        """
        query = 'SELECT id, field, "before", "after", epoch_us(seen_at), version'
        found = self._rows(partition.beside(CHANGES), query, SIDE_COLUMNS[CHANGES])
        return [Change(id, field, was, now, at / 1e6, version) for id, field, was, now, at, version in found]

    def layout_of_log(self, partition: Partition) -> int:
        """Read in which layout a file of the change log names fields.

        Args:
            partition: The file of the log.

        Raises:
            ArchiveError: The file is damaged.
        """
        found = self._rows(partition, f"SELECT min(coalesce({LOG_LAYOUT}, 1))", {LOG_LAYOUT: "BIGINT"})
        layout: int = found[0][0]
        return layout

    def misfits(self, partition: Partition) -> list[Misfit]:
        """What is in quarantine of a partition.

        Raises:
            ArchiveError: The file is damaged.
        """
        found = self._rows(partition.beside(QUARANTINE), "SELECT raw, reason", SIDE_COLUMNS[QUARANTINE])
        return [Misfit(raw, reason) for raw, reason in found]

    def keep_copy(self, partition: Partition) -> None:
        """Copy a damaged file to `.work/damaged`, before it is replaced: it may be of use to somebody."""
        copy = self._files.scratch()
        if self._files.borrow(partition.name, copy):
            name = "-".join(filter(None, (partition.table, partition.of, partition.account, str(partition.day))))
            self._files.publish(copy, f"{WORKSHOP}/damaged/{name}-{uuid.uuid4().hex[:8]}.parquet")

    def set_aside(self, partition: Partition) -> None:
        """Take a damaged file out of the way, to `.work/damaged`."""
        self.keep_copy(partition)
        self._files.remove(partition.name)

    def verify(self, partition: Partition) -> int:
        """Read a partition's file through, every column of every row, and count its rows.

        Raises:
            ArchiveError: It is damaged.
        """
        with self._borrowed(partition) as path:
            if path is None:
                return 0
            query = "SELECT count(*), sum(hash(whole)::HUGEINT) FROM read_parquet($path) AS whole"
            rows: int = self._ask(partition, query, path)[0][0]
            return rows

    @contextmanager
    def _borrowed(self, partition: Partition) -> Generator[Path | None]:
        """A partition's file as it is now, where nobody replaces it; None if there is none.

        Raises:
            ArchiveError: It is not what was written.
        """
        path = self._files.nook()
        try:
            if not self._files.borrow(partition.name, path):
                yield None
            elif is_whole(path):
                yield path
            else:
                raise _damaged(partition, "its bytes are not those that were written")
        finally:
            path.unlink(missing_ok=True)

    def _rows(
        self, partition: Partition, query: str, columns: Mapping[str, str], names: Iterable[str | None] | None = None
    ) -> list[Any]:
        """Select from a partition's file, whatever its layout; nothing if there is no file.

        Args:
            partition: Which.
            query: What to select, without `FROM`.
            columns: The table's columns.
            names: Those of them that the query needs; None for all.
        """
        needed = columns if names is None else {name: columns[name] for name in names if name is not None}
        source = select(partition.table, needed, "read_parquet($path)", oldest=1)
        with self._borrowed(partition) as path:
            return [] if path is None else self._ask(partition, f"{query} FROM ({source})", path)

    def _ask(self, partition: Partition, query: str, path: Path) -> list[Any]:
        import duckdb

        try:
            return self.database.execute(query, {"path": str(path)}).fetchall()
        except duckdb.Error as problem:  # the file is whole: memory or files have run out, say
            reason = str(problem).splitlines()[0]
            raise ArchiveError(f"{partition.name} cannot be read now ({reason}).", remedy="Run it again.") from problem

    def _fit(self, table: Table, lines: Sequence[Line]) -> bool:
        import duckdb

        columns = columns_in(table)
        with self._made(line.json for line in lines) as source:
            try:
                self.database.execute(f"SELECT count(columns(*)) FROM {_read_json(source, columns)}").fetchall()
            except duckdb.Error:
                return False
            return True

    def _write_side(self, target: Partition, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            lines = (json.dumps(row).encode() for row in rows)
            self._write(target, _STORED[target.table], lines, [], "")
        else:
            self._files.remove(target.name)

    def _write(
        self, target: Partition, columns: Mapping[str, str], lines: Iterable[bytes], order: list[str], evidence: str
    ) -> None:
        import duckdb

        database, made = self.database, self._files.scratch()
        ordered = f"ORDER BY {', '.join(order)}" if order else ""
        marks = ", ".join(
            f"{key}: {_literal(value)}"
            for key, value in ((EVIDENCE_KEY, evidence), (_PLACE_KEY, _place(target)), (_SEAL_KEY, ROOM))
            if value
        )
        try:
            with self._made(lines) as source, explained(f"{target} cannot be written", duckdb.IOException):
                database.execute(
                    f"COPY (SELECT * FROM {_read_json(source, columns)} {ordered}) "
                    f"TO {_literal(str(made))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{marks}}})"
                )
                seal(made)
            self._files.publish(made, target.name)
        except duckdb.Error as problem:
            raise ValueError(f"{target}: a row does not fit its columns") from problem
        finally:
            made.unlink(missing_ok=True)

    @contextmanager
    def _made(self, lines: Iterable[bytes]) -> Generator[Path]:
        """A file of these lines, for as long as the block lasts."""
        source = self._files.scratch()
        try:
            with explained(f"{source.parent} cannot be written"), source.open("wb") as file:
                file.write(b"\n".join(lines))
            yield source
        finally:
            source.unlink(missing_ok=True)


def _read_json(source: Path, columns: Mapping[str, str]) -> str:
    """A table function that reads lines with these columns and no guess about any."""
    listed = ", ".join(f"{_literal(name)}: {_literal(kind)}" for name, kind in columns.items())
    return (
        f"read_json({_literal(str(source))}, format = 'newline_delimited', columns = {{{listed}}}, "
        "maximum_object_size = 268435456)"
    )


def _place(partition: Partition) -> str:
    """What a file says that it is of: not whose, for an account may be called something else one day."""
    return f"{partition.table}, {partition.day.isoformat()}"


def _literal(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _damaged(partition: Partition, reason: str) -> ArchiveDamagedError:
    return ArchiveDamagedError(
        f"{partition.name} is damaged ({reason}).",
        remedy="Run sonnys archive repair, which sets it aside and has its day read again.",
    )
