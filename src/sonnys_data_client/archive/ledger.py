"""The ledger: an index of all partitions, and the jobs that are not finished. One SQLite file.

The index repeats the metadata of the partitions, so that a question about them does not open hundreds of files. Each
entry has the stamp of the files that it describes (`stamps`). Where a file has another stamp by now, the file is
believed: see `index`. A lost ledger is made again from the partitions.

The jobs are an export's shelf: a job's handle is here from its submission
until its day is stored, and so are the rows that it brought. So a killed run costs the requests on the wire, and
nothing else.

Jobs belong to an owner: the server, API ID and site code that submitted them, as a digest (`Account.owner`). An
archive's name for an account would not do. Two operators may call theirs "main", and the first one's run may have died
before a day was stored that says whose name it is.

The rows of a page hold names and plates, like the partitions. So the ledger is as personal as its archive.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.files import WRITABLE
from sonnys_data_client.archive.rows import read_text
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.engine.rows import encode
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError

_REPAIR = "Run sonnys archive repair."

LAYOUT = 1
"""Version of these tables, in SQLite's `user_version`."""

_TABLES = """
CREATE TABLE partitions (
    "table" TEXT, account TEXT, day TEXT, evidence TEXT NOT NULL,
    PRIMARY KEY ("table", account, day)
) WITHOUT ROWID;
CREATE TABLE jobs (
    account TEXT, hash TEXT, start INTEGER NOT NULL, stop INTEGER NOT NULL, submitted_at REAL NOT NULL,
    handle TEXT NOT NULL, answer TEXT, answered_at REAL,
    PRIMARY KEY (account, hash)
) WITHOUT ROWID;
"""
# `evidence` has the member `file` besides: the stamp. Earlier versions of this package neither write nor read it.
# `account` of a job is its owner's digest. Earlier versions wrote the archive's name for the account there.

_UNOWNED = """DELETE FROM jobs WHERE handle NOT LIKE '%"owner"%'"""
"""Deletes the jobs that an earlier version kept: they do not say whose they are, so nobody may go on with them."""


_STAMP = "file"

Redact = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Returns the answer of a job without what an archive must not hold."""


class Recorded(NamedTuple):
    """What the ledger says about a partition.

    Attributes:
        evidence: Its evidence.
        stamp: The stamp of the files that it describes; empty if an earlier version of this package wrote the entry.
    """

    evidence: Evidence
    stamp: str


class Ledger:
    """The ledger of one archive.

    Args:
        path: The SQLite file; None for a ledger in memory.
        writing: Whether to make the file if there is none, and to write to it.
        alone: Whether to keep other processes out until it is closed, or the process has ended.
        place: Its address for errors; None for its path. A copy has the address of the original.

    Raises:
        ArchiveHeldError: Another process has it open, and one of the two wants it alone.
        ArchiveError: The file is damaged, of a later version, or cannot be opened.
    """

    def __init__(self, path: Path | None, *, writing: bool, alone: bool = False, place: str | None = None) -> None:
        self._place = place or path
        target = ":memory:" if path is None else f"{path.absolute().as_uri()}?mode={'rwc' if writing else 'ro'}"
        with self._explained():
            self._database = sqlite3.connect(target, uri=True, isolation_level=None, check_same_thread=False)
        try:
            if alone:
                self._keep_others_out()
            self._begin(path, writing=writing)
        except ArchiveError:
            self._database.close()
            raise

    def _keep_others_out(self) -> None:
        try:
            with self._explained():
                self._database.execute("PRAGMA busy_timeout = 0")
                self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
                self._database.execute("BEGIN EXCLUSIVE")  # takes the lock, and keeps it
                self._database.execute("COMMIT")
        except ArchiveError as problem:
            if getattr(problem.__cause__, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise ArchiveHeldError(
                    f"Another run has {self._place} open.", remedy="Wait until it has ended."
                ) from None
            raise

    def _begin(self, path: Path | None, *, writing: bool) -> None:
        with self._explained():
            self._database.execute("PRAGMA busy_timeout = 10000")
            if not writing and path is not None:  # as it is at one moment: another run may just be making it
                self._database.execute("BEGIN")
            version = self._database.execute("PRAGMA user_version").fetchone()[0]
            if version == 0 and (writing or path is None):
                if path is not None:
                    self._database.execute("PRAGMA journal_mode = WAL")
                self._database.executescript(f"BEGIN;{_TABLES} PRAGMA user_version = {LAYOUT}; COMMIT;")
                version = LAYOUT
            if writing or path is None:
                self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute("SELECT count(*) FROM partitions, jobs LIMIT 1").fetchone()
            if self._database.in_transaction:
                self._database.execute("COMMIT")
            if writing and version == LAYOUT:
                self._database.execute(_UNOWNED)
        if version != LAYOUT:
            raise ArchiveError(
                f"Another version of this package wrote {self._place} ({version}).", remedy="Update sonnys-data-client."
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def compact(self) -> None:
        """Free the space of deleted entries."""
        self.write("VACUUM", ())
        self.read("PRAGMA wal_checkpoint(TRUNCATE)", ())  # deleted rows are in the other file until then

    def copy(self, to: Path) -> None:
        """Write a copy of the whole file."""
        self.write("VACUUM INTO ?", (str(to),))

    def check(self) -> None:
        """Read the file through.

        Raises:
            ArchiveError: It is damaged.
        """
        with self._explained():
            found = self._database.execute("PRAGMA integrity_check").fetchone()[0]
        if found != "ok":
            raise ArchiveError(f"{self._place} is damaged ({found}).", remedy=_REPAIR)

    def record(self, partition: Partition, evidence: Evidence, stamp: str) -> None:
        """Record the evidence of a partition, and replace what was recorded before.

        Args:
            partition: Which.
            evidence: Its evidence.
            stamp: The stamp of the files that the evidence describes.
        """
        text = json.dumps({**json.loads(evidence.to_json()), _STAMP: stamp})
        row = (partition.table, partition.account, partition.day.isoformat(), text)
        with self._explained():
            self._database.execute("INSERT OR REPLACE INTO partitions VALUES (?, ?, ?, ?)", row)

    def forget(self, partition: Partition) -> None:
        """Delete the entry of a partition: its day counts as not read."""
        row = (partition.table, partition.account, partition.day.isoformat())
        with self._explained():
            self._database.execute('DELETE FROM partitions WHERE "table" = ? AND account = ? AND day = ?', row)

    def evidence(self, table: str, account: str | None = None) -> dict[Partition, Evidence]:
        """Return the evidence of a table's partitions, in order: of one account, or of all."""
        return {
            partition: entry.evidence
            for partition, entry in self.entries(table).items()
            if account in {None, partition.account}
        }

    def entries(self, table: str) -> dict[Partition, Recorded]:
        """Return all entries of a table, in order of their partitions."""
        query = 'SELECT account, day, evidence FROM partitions WHERE "table" = ?'
        with self._explained():
            found = self._database.execute(query, (table,)).fetchall()
            return {
                Partition(table, name, date.fromisoformat(day)): Recorded(
                    Evidence.from_json(text), json.loads(text).get(_STAMP, "")
                )
                for name, day, text in found
            }

    def drop_pages(self, start: int, stop: int, *, before: float) -> None:
        """Delete the jobs of a span that were submitted before a time, of whichever owner."""
        self.write("DELETE FROM jobs WHERE start >= ? AND stop <= ? AND submitted_at < ?", (start, stop, before))

    def shelf(self, owner: str, redact: Redact | None = None) -> JobShelf:
        """Return the shelf on which an export keeps its jobs: see `JobShelf`."""
        return JobShelf(self, owner, redact)

    def drop_jobs(self) -> int:
        """Delete all jobs, of whichever owner, so that no page is left that they brought. Returns how many."""
        (count,) = self.read("SELECT count(*) FROM jobs", ())[0]
        self.write("DELETE FROM jobs", ())
        return int(count)

    def write(self, statement: str, values: Sequence[Any]) -> None:
        """Execute one statement. Its effect survives the end of this process."""
        with self._explained():
            self._database.execute(statement, values)

    def read(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Execute one query."""
        with self._explained(), closing(self._database.execute(query, values)) as found:
            return found.fetchall()

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.OperationalError as problem:
            raise ArchiveError(f"The ledger {self._place} cannot be used ({problem}).", remedy=WRITABLE) from problem
        except (sqlite3.DatabaseError, ValueError) as problem:
            raise ArchiveError(f"{self._place} is damaged ({problem}).", remedy=_REPAIR) from problem


class JobShelf:
    """An export's shelf that also keeps the answers of jobs, until their day is stored.

    Args:
        ledger: The ledger that keeps them.
        owner: Whose jobs: `Account.owner`. Those of others are not on this shelf.
        redact: Returns an answer as it may be kept; None to keep it as it came.
    """

    def __init__(self, ledger: Ledger, owner: str, redact: Redact | None = None) -> None:
        self._ledger = ledger
        self._owner = owner
        self._redact = redact

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle by its `hash`."""
        self._ledger.write(
            "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
            (
                self._owner,
                handle["hash"],
                handle["start"],
                handle["stop"],
                handle["submitted_at"],
                json.dumps(dict(handle)),
            ),
        )

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Delete a handle; not an error if it is not there."""
        self._ledger.write("DELETE FROM jobs WHERE account = ? AND hash = ?", (self._owner, handle["hash"]))

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep the answer of a job, beside its handle."""
        self._ledger.write(
            "UPDATE jobs SET answer = ?, answered_at = ? WHERE account = ? AND hash = ?",
            (
                encode(answer if self._redact is None else self._redact(answer)),
                time.time(),
                self._owner,
                handle["hash"],
            ),
        )

    def live(self) -> Sequence[Mapping[str, Any]]:
        """Return the handles that were stored and not deleted, oldest first, with the answers that were kept."""
        query = "SELECT handle, answer FROM jobs WHERE account = ? ORDER BY submitted_at"
        found: Iterable[tuple[str, str | None]] = self._ledger.read(query, (self._owner,))
        return [
            json.loads(handle) | ({} if answer is None else {"answer": read_text(answer)}) for handle, answer in found
        ]

    def oldest(self, start: int, stop: int) -> float | None:
        """Return when the first job of a span was submitted, in epoch seconds; None if it has none."""
        query = "SELECT min(submitted_at) FROM jobs WHERE account = ? AND start >= ? AND stop <= ?"
        found: list[tuple[float | None]] = self._ledger.read(query, (self._owner, start, stop))
        return found[0][0]

    def last_heard_at(self) -> float | None:
        """Return when a job was last submitted or answered, in epoch seconds; None if there is none."""
        query = "SELECT max(max(submitted_at, coalesce(answered_at, 0))) FROM jobs WHERE account = ?"
        found: list[tuple[float | None]] = self._ledger.read(query, (self._owner,))
        return found[0][0]

    def clear(self, start: int, stop: int) -> None:
        """Delete the jobs of a span, whose rows are stored."""
        self._ledger.write(
            "DELETE FROM jobs WHERE account = ? AND start >= ? AND stop <= ?", (self._owner, start, stop)
        )
