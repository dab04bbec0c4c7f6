"""The ledger: an index of what every partition holds, and the jobs that are on their way.

One SQLite file. The index says again what stands in the partitions' own metadata, so that asking does not open
hundreds of files; a lost ledger is made again from them. The jobs are an export's shelf: a job's handle lies here from
its submission until the day that it is part of is safely down, and so do the rows that it brought. A run that is
killed costs what was on the wire, and nothing else.

The rows of a page hold names and plates, like the partitions: the ledger is as personal as the archive that it is
part of.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.rows import raw_text, read_text
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError

LAYOUT = 1
"""The version of these tables, in SQLite's `user_version`."""
_REPAIR = "Run sonnys archive repair."

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


class Ledger:
    """The ledger of one archive.

    Args:
        path: The SQLite file; `:memory:` for one that is made from the partitions and thrown away.
        writing: Whether to make the file if there is none, and to take entries.
        alone: Whether to keep everybody else out until it is closed, or the process has ended.
        place: Where it lies, for errors to say; its path, unless this is a copy.

    Raises:
        ArchiveHeldError: Somebody else has it open, and either wants it alone.
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
                self._database.execute("BEGIN EXCLUSIVE")  # takes the lock, which is kept
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
            version = self._database.execute("PRAGMA user_version").fetchone()[0]
            if version == 0 and (writing or path is None):
                if path is not None:
                    self._database.execute("PRAGMA journal_mode = WAL")
                self._database.executescript(f"BEGIN;{_TABLES} PRAGMA user_version = {LAYOUT}; COMMIT;")
                version = LAYOUT
            self._database.execute("PRAGMA synchronous = NORMAL")
            self._database.execute("SELECT count(*) FROM partitions, jobs LIMIT 1").fetchone()
        if version != LAYOUT:
            raise ArchiveError(
                f"{self._place} was written by another version of this package ({version}).", remedy="Update it."
            )

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def compact(self) -> None:
        """Give back the room of what was deleted."""
        self.write("VACUUM", ())

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

    def record(self, partition: Partition, evidence: Evidence) -> None:
        """Write down what a partition holds, in the place of what was written before."""
        row = (partition.table, partition.account, partition.day.isoformat(), evidence.to_json())
        with self._explained():
            self._database.execute("INSERT OR REPLACE INTO partitions VALUES (?, ?, ?, ?)", row)

    def forget(self, partition: Partition) -> None:
        """Strike a partition out: its day counts as not read."""
        row = (partition.table, partition.account, partition.day.isoformat())
        with self._explained():
            self._database.execute('DELETE FROM partitions WHERE "table" = ? AND account = ? AND day = ?', row)

    def evidence(self, table: str, account: str | None = None) -> dict[Partition, Evidence]:
        """What is known of a table's partitions, in order; of one account, or of all."""
        query = 'SELECT account, day, evidence FROM partitions WHERE "table" = ?'
        with self._explained():
            found = self._database.execute(query, (table,)).fetchall()
            return {
                Partition(table, name, date.fromisoformat(day)): Evidence.from_json(text)
                for name, day, text in found
                if account in {None, name}
            }

    def shelf(self, account: str) -> JobShelf:
        """The shelf on which an account's export keeps its jobs."""
        return JobShelf(self, account)

    def write(self, statement: str, values: Sequence[Any]) -> None:
        """Carry out one statement, durably against the end of this process."""
        with self._explained():
            self._database.execute(statement, values)

    def read(self, query: str, values: Sequence[Any]) -> list[Any]:
        """Ask one question."""
        with self._explained(), closing(self._database.execute(query, values)) as found:
            return found.fetchall()

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.OperationalError as problem:
            raise ArchiveError(
                f"The archive's ledger {self._place} cannot be used ({problem}).",
                remedy="Make room, or allow writing there, and run it again.",
            ) from problem
        except (sqlite3.DatabaseError, ValueError) as problem:
            raise ArchiveError(f"{self._place} is damaged ({problem}).", remedy=_REPAIR) from problem


class JobShelf:
    """An export's shelf that keeps what jobs have brought, too, until their day is safely down.

    Args:
        ledger: Where it lies.
        account: Whose jobs they are.
    """

    def __init__(self, ledger: Ledger, account: str) -> None:
        self._ledger = ledger
        self._account = account

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle under its `hash`."""
        self._ledger.write(
            "INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, NULL, NULL)",
            (
                self._account,
                handle["hash"],
                handle["start"],
                handle["stop"],
                handle["submitted_at"],
                json.dumps(dict(handle)),
            ),
        )

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Strike a handle out; not an error if it is not there."""
        self._ledger.write("DELETE FROM jobs WHERE account = ? AND hash = ?", (self._account, handle["hash"]))

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep what a job has brought, beside its handle."""
        self._ledger.write(
            "UPDATE jobs SET answer = ?, answered_at = ? WHERE account = ? AND hash = ?",
            (raw_text(answer), time.time(), self._account, handle["hash"]),
        )

    def live(self) -> Sequence[Mapping[str, Any]]:
        """The handles that were stored and not struck out, oldest first, with the answers that were kept."""
        query = "SELECT handle, answer FROM jobs WHERE account = ? ORDER BY submitted_at"
        found: Iterable[tuple[str, str | None]] = self._ledger.read(query, (self._account,))
        return [
            json.loads(handle) | ({} if answer is None else {"answer": read_text(answer)}) for handle, answer in found
        ]

    def oldest(self, start: int, stop: int) -> float | None:
        """When the first of the jobs of a span was submitted, in epoch seconds; None if there is none."""
        query = "SELECT min(submitted_at) FROM jobs WHERE account = ? AND start >= ? AND stop <= ?"
        found: list[tuple[float | None]] = self._ledger.read(query, (self._account, start, stop))
        return found[0][0]

    def last_heard_at(self) -> float | None:
        """When the last of the jobs on it was submitted or answered, in epoch seconds; None if there is none."""
        query = "SELECT max(max(submitted_at, coalesce(answered_at, 0))) FROM jobs WHERE account = ?"
        found: list[tuple[float | None]] = self._ledger.read(query, (self._account,))
        return found[0][0]

    def clear(self, start: int, stop: int) -> None:
        """Forget the jobs of a span, whose rows are safely down."""
        self._ledger.write(
            "DELETE FROM jobs WHERE account = ? AND start >= ? AND stop <= ?", (self._account, start, stop)
        )
