"""Write and read partitions: one Parquet file each, by DuckDB.

A partition is the file `<table>/account=<name>/date=<day>/data.parquet`, and is always replaced as a whole. Its name is
fixed, so another tool that reads the folder by a pattern finds each day once, however often it was written. The
account and the day are in the folders' names only, where Hive-style readers look for them.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonnys_data_client.archive.account_names import ACCOUNT
from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.columns import SIDE_COLUMNS, columns_in, quoted
from sonnys_data_client.archive.database import connect, exactly, first_line, literal, read_json
from sonnys_data_client.archive.evidence import LAYOUT, Evidence
from sonnys_data_client.archive.files import WORK_FOLDER, Files, explained
from sonnys_data_client.archive.layouts import LOG_LAYOUT, select
from sonnys_data_client.archive.rows import (
    QUARTER_S,
    Calendars,
    EncodedRow,
    LocalQuarter,
    keyed,
    name_of,
    read_text,
)
from sonnys_data_client.archive.seal import PLACEHOLDER, is_whole, seal
from sonnys_data_client.archive.tables import CHANGES, LOCAL_TIME, QUARANTINE, TRANSACTIONS, Table
from sonnys_data_client.errors import ArchiveDamagedError, ArchiveError, UnparsedRow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

EVIDENCE_KEY = "sonnys"
QUARANTINE_LOST = "rows of it that were in quarantine are lost"
"""Why a partition is doubted that has fewer rows in quarantine than its evidence says."""
_IDENTITY_KEY = "sonnys_place"
_SEAL_KEY = "sonnys_seal"

_NAME = re.compile(
    rf"(?P<table>[a-z_]+)/account=(?P<account>{ACCOUNT})/date=(?P<day>[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}})"
    r"/(?P<of>[a-z_]+)\.parquet"
)

_STORED: Mapping[str, Mapping[str, str]] = {**SIDE_COLUMNS, CHANGES: {**SIDE_COLUMNS[CHANGES], LOG_LAYOUT: "BIGINT"}}
"""Columns of the files of quarantine and the change log."""


@dataclass(frozen=True, slots=True, order=True)
class Partition:
    """One file of the archive.

    Attributes:
        table: The table's name.
        account: The account.
        day: The UTC day.
        of: In quarantine and the change log: the table whose rows it is about. Otherwise empty.
    """

    table: str
    account: str
    day: date
    of: str = ""

    @property
    def name(self) -> str:
        """Name of its file in the archive."""
        return f"{self.table}/account={self.account}/date={self.day.isoformat()}/{self.of or 'data'}.parquet"

    def beside(self, table: str) -> Partition:
        """Return the partition of quarantine, or of the change log, that is about these rows."""
        return Partition(table, self.account, self.day, self.table)

    @property
    def rows(self) -> Partition:
        """The partition of the rows that this one is about: itself, unless it is quarantine's or the change log's."""
        return Partition(self.of or self.table, self.account, self.day)

    def __str__(self) -> str:
        return f"{self.table} of {self.account} on {self.day.isoformat()}"


def partition_of(name: str) -> Partition | None:
    """Return the partition whose file has this name; None for any other file."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    try:
        day = date.fromisoformat(found["day"])
    except ValueError:
        return None
    of = "" if found["of"] == "data" else found["of"]
    return None if of and found["table"] not in SIDE_COLUMNS else Partition(found["table"], found["account"], day, of)


class PartitionStore:
    """The partitions of one archive.

    Args:
        files: The archive's files.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._database: DuckDBPyConnection | None = None

    @property
    def database(self) -> DuckDBPyConnection:
        """The database that does the work. It is opened when first needed."""
        if self._database is None:
            self._database = connect(self._files.link_path())
            self._database.execute("SET threads = 1")  # a day has too few rows for more
        return self._database

    def close(self) -> None:
        """Close the database."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def partitions(self, table: str) -> list[Partition]:
        """List the partitions of a table, in order."""
        found = (partition_of(name) for name in self._files.names(table))
        return sorted(partition for partition in found if partition is not None)

    def write(self, partition: Partition, table: Table, rows: Sequence[EncodedRow], evidence: Evidence) -> None:
        """Write a partition, and replace what is there.

        Raises:
            ArchiveError: The disk is full or the folder cannot be written; the old partition is unharmed.
        """
        order = [quoted(name) for name in (table.moment, table.key) if name is not None and name in columns_in(table)]
        self._write(partition, columns_in(table), (row.line for row in rows), order, evidence.to_json())

    def write_quarantine(self, partition: Partition, rows: Sequence[UnparsedRow]) -> None:
        """Replace what is in quarantine of a partition; without rows, remove the file."""
        self._write_side(partition.beside(QUARANTINE), [{"table": partition.table, **asdict(row)} for row in rows])

    def write_changes(self, partition: Partition, changes: Sequence[Change]) -> None:
        """Replace the change log of a partition; without changes, remove the file."""
        rows = [
            {"table": partition.table, **asdict(change), "seen_at": _iso(change.seen_at), LOG_LAYOUT: LAYOUT}
            for change in changes
        ]
        self._write_side(partition.beside(CHANGES), rows)

    def evidence(self, partition: Partition) -> Evidence | None:
        """Read the evidence in a partition's file; None if there is no file.

        A partition that lacks rows of its quarantine is doubted, whatever its file says.

        Raises:
            ArchiveError: The file is damaged, or is not one of the archive's.
        """
        with self._fetched(partition) as path:
            if path is None:
                return None
            query = "SELECT decode(key), decode(value) FROM parquet_kv_metadata($path)"
            said: dict[str, str] = dict(self._ask(partition, query, path))
        identity = said.get(_IDENTITY_KEY, _identity(partition))
        if identity != _identity(partition):
            raise _damaged(partition, f"it is the file of {identity}")
        try:
            evidence = Evidence.from_json(said[EVIDENCE_KEY])
        except (KeyError, ValueError):
            raise _damaged(partition, "it has no evidence of how it was read") from None
        lost = not evidence.doubt and self._held(partition, evidence.quarantined) < evidence.quarantined
        return replace(evidence, doubt=QUARANTINE_LOST) if lost else evidence

    def _held(self, partition: Partition, expected: int) -> int:
        """Count a partition's rows in quarantine, if any are expected; none if the file is damaged."""
        try:
            return self.verify(partition.beside(QUARANTINE)) if expected else 0
        except ArchiveDamagedError:
            return 0

    def raws(self, partition: Partition, table: Table) -> dict[str, str]:
        """Read the raw rows of a partition, by key; none if there is no file.

        Raises:
            ArchiveError: The file is damaged.
        """
        key = "NULL" if table.key is None else f"{quoted(table.key)}::VARCHAR"
        found = self._select(partition, f"SELECT {key}, raw", columns_in(table), [table.key, "raw"])
        return keyed(table, ((key or name_of(table, read_text(raw)), raw) for key, raw in found))

    def joined(self, partition: Partition, table: Table) -> dict[str, str]:
        """Read the column of a partition that another list fills, by key, where it has a value; none if no file.

        Raises:
            ArchiveError: The file is damaged.
        """
        if table.joined is None or table.key is None:
            return {}
        query = f"SELECT {quoted(table.key)}::VARCHAR, {quoted(table.joined)}"
        found = self._select(partition, query, columns_in(table), [table.key, table.joined])
        return {key: value for key, value in found if value is not None}

    def short_rows(self, partition: Partition) -> dict[str, tuple[Decimal, str | None]]:
        """Read the total and the status of each transaction of a partition, by id; none if there is no file.

        Raises:
            ArchiveError: The file is damaged.
        """
        found = self._select(partition, "SELECT id, total, transaction_status", columns_in(TRANSACTIONS))
        return {id: (total, status) for id, total, status in found}

    def calendars(self, partition: Partition, table: Table) -> Calendars:
        """Read the sites' calendars, as far as the rows of a partition show them.

        Raises:
            ArchiveError: The file is damaged.
        """
        if table.moment is None or table.site is None:
            return Calendars()
        moment, own = quoted(table.moment), ["business_date", *([LOCAL_TIME] if table.kind == "days" else [])]
        offset = f"(epoch({LOCAL_TIME}) - epoch({moment}))::BIGINT" if LOCAL_TIME in own else "NULL::BIGINT"
        query = f"SELECT DISTINCT {quoted(table.site)}, floor(epoch({moment}))::BIGINT // {QUARTER_S}, "
        query += f"business_date::VARCHAR, {offset}"
        found = self._select(partition, query, columns_in(table), [table.site, table.moment, *own])
        return Calendars(known={(code, quarter): LocalQuarter(day, ahead) for code, quarter, day, ahead in found})

    def changes(self, partition: Partition) -> list[Change]:
        """Read the change log of a partition; empty if there is none.

        Raises:
            ArchiveError: The file is damaged.
        """
        query = 'SELECT id, field, "before", "after", epoch_us(seen_at), version'
        found = self._select(partition.beside(CHANGES), query, SIDE_COLUMNS[CHANGES])
        return [Change(id, field, was, now, at / 1e6, version) for id, field, was, now, at, version in found]

    def layout_of_log(self, partition: Partition) -> int:
        """Read in which layout a file of the change log names fields.

        Args:
            partition: The file of the log.

        Raises:
            ArchiveError: The file is damaged.
        """
        found = self._select(partition, f"SELECT min(coalesce({LOG_LAYOUT}, 1))", {LOG_LAYOUT: "BIGINT"})
        layout: int = found[0][0]
        return layout

    def quarantine(self, partition: Partition) -> list[UnparsedRow]:
        """Read what is in quarantine of a partition.

        Raises:
            ArchiveError: The file is damaged.
        """
        found = self._select(partition.beside(QUARANTINE), "SELECT raw, reason", SIDE_COLUMNS[QUARANTINE])
        return [UnparsedRow(raw, reason) for raw, reason in found]

    def keep_copy(self, partition: Partition) -> None:
        """Copy a damaged file to `.work/damaged` before it is replaced, in case somebody can use it."""
        copy = self._files.scratch()
        if self._files.fetch(partition.name, copy):
            name = "-".join(filter(None, (partition.table, partition.of, partition.account, str(partition.day))))
            self._files.publish(copy, f"{WORK_FOLDER}/damaged/{name}-{uuid.uuid4().hex[:8]}.parquet")

    def set_aside(self, partition: Partition) -> None:
        """Move a damaged file to `.work/damaged`."""
        self.keep_copy(partition)
        self._files.remove(partition.name)

    def verify(self, partition: Partition) -> int:
        """Read a partition's file through, every column of every row, and count its rows.

        Raises:
            ArchiveError: It is damaged.
        """
        with self._fetched(partition) as path:
            if path is None:
                return 0
            query = "SELECT count(*), sum(hash(whole)::HUGEINT) FROM read_parquet($path) AS whole"
            rows: int = self._ask(partition, query, path)[0][0]
            return rows

    @contextmanager
    def _fetched(self, partition: Partition) -> Generator[Path | None]:
        """Yield a path to a partition's file as it is now, where nobody replaces it; None if there is no file.

        Raises:
            ArchiveError: The file is damaged.
        """
        path = self._files.link_path()
        try:
            if not self._files.fetch(partition.name, path):
                yield None
            elif is_whole(path):
                yield path
            else:
                raise _damaged(partition, "its bytes are not those that were written")
        finally:
            path.unlink(missing_ok=True)

    def _select(
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
        with self._fetched(partition) as path:
            return [] if path is None else self._ask(partition, f"{query} FROM ({source})", path)

    def _ask(self, partition: Partition, query: str, path: Path) -> list[Any]:
        import duckdb

        try:
            return self.database.execute(query, {"path": exactly(path)}).fetchall()
        except duckdb.Error as problem:  # the seal says that the file is whole, so memory ran out or the like
            raise ArchiveError(
                f"{partition.name} cannot be read now ({first_line(problem)}).", remedy="Run it again."
            ) from problem

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
        metadata = ", ".join(
            f"{key}: {literal(value)}"
            for key, value in (
                (EVIDENCE_KEY, evidence),
                (_IDENTITY_KEY, _identity(target)),
                (_SEAL_KEY, PLACEHOLDER),
            )
            if value
        )
        try:
            with self._json_file(lines) as source, explained(f"{target} cannot be written", duckdb.IOException):
                database.execute(
                    f"COPY (SELECT * FROM {read_json(source, columns)} {ordered}) "
                    f"TO {literal(str(made))} (FORMAT parquet, COMPRESSION zstd, KV_METADATA {{{metadata}}})"
                )
                seal(made)
            self._files.publish(made, target.name)
        except duckdb.Error as problem:
            # Its own words may quote a row.
            raise ArchiveError(
                f"{target} cannot be written ({type(problem).__name__}).", remedy="Run it again."
            ) from None
        finally:
            made.unlink(missing_ok=True)

    @contextmanager
    def _json_file(self, lines: Iterable[bytes]) -> Generator[Path]:
        """Write lines of JSON to a file that exists as long as the block lasts."""
        source = self._files.scratch()
        try:
            with explained(f"{source.parent} cannot be written"), source.open("wb") as file:
                file.write(b"\n".join(lines))
            yield source
        finally:
            source.unlink(missing_ok=True)


def _identity(partition: Partition) -> str:
    """Return what a file says it is of: table and day. Not the account, because it may get another name one day."""
    return f"{partition.table}, {partition.day.isoformat()}"


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat()


def _damaged(partition: Partition, reason: str) -> ArchiveDamagedError:
    repair = "Run sonnys archive repair, which sets it aside and has its day read again."
    return ArchiveDamagedError(f"{partition.name} is damaged ({reason}).", remedy=repair)
