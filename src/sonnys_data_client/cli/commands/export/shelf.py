"""`FILE.jobs`: the jobs of an export that are on their way, and the pages that came.

A run that was stopped or killed leaves this file, and the same command goes on with it. So going on costs only the
requests that were on the wire. The file is removed when FILE is written.

Each entry carries its owner, a digest of the account, and its purpose, a digest of what was asked for. A run sees only
the entries with its own. So the pages of another account or site are never taken for this one's, nor old rows for
those of a range that merely overlaps. They stay for half a day, in case their own command is run again.

It is an SQLite file. SQLite writes each entry whole or not at all, whenever the process is killed, and locks the file
until the process has ended. So a second export to the same FILE is refused. Pages hold names and plates, so nobody but
its owner may open it.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show.target import beside
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.modes import own_file

__all__ = ["JobFile", "kept_jobs"]

_JOBS = "jobs"
_KEPT_S = 12 * 3600.0
"""Pages older than this are not used: rows change late, mostly until the night after."""
_LAYOUT = 3
"""Version of the table below, in SQLite's `user_version`. Version 1 was the ledger of an archive."""
_UNOWNED = 2
"""A version whose entries do not say what they are for. They are dropped."""
_TABLE = """
CREATE TABLE jobs (
    owner TEXT, purpose TEXT, hash TEXT, submitted_at REAL NOT NULL, kept_at REAL NOT NULL,
    handle TEXT NOT NULL, answer TEXT,
    PRIMARY KEY (owner, purpose, hash)
) WITHOUT ROWID;
"""


@contextmanager
def kept_jobs(out: Path | None, owner: str, purpose: Sequence[str]) -> Generator[JobFile | None]:
    """Open the shelf of an export. When the block ends without an error, remove its jobs, and the file if none is left.

    Args:
        out: The file that the export writes; None for standard output, which has no shelf.
        owner: Whose jobs: `Account.owner`.
        purpose: What the export asks for. Jobs of another purpose are left alone.

    Raises:
        Refusal: Another export writes `out`, or `FILE.jobs` cannot be used.
    """
    if out is None:
        yield None
        return
    path = beside(out, _JOBS)
    with closing(_open(path, out, owner, purpose)) as shelf:
        yield shelf
        shelf.clear()
        if not shelf.is_empty():
            return
    for name in (path.name, f"{path.name}-journal"):  # SQLite's own, which a killed run leaves
        path.with_name(name).unlink(missing_ok=True)


def _open(path: Path, out: Path, owner: str, purpose: Sequence[str]) -> JobFile:
    try:
        return JobFile(path, owner, purpose)
    except sqlite3.Error as problem:
        if getattr(problem, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
            raise Refusal(
                f"Another export writes {out}.", "Wait until it has ended, or name another file with --out."
            ) from None
        if not path.exists():
            raise Refusal(f"{path} cannot be made ({problem}).", "Name another directory with --out.") from None
        raise Refusal(
            f"{path} does not hold the jobs of an export, or is damaged ({problem}).",
            "Delete it to begin the export anew.",
        ) from None


class JobFile:
    """A shelf in a file. It keeps each job's handle, and its page once that has come.

    Args:
        path: The file. It is made if it does not exist, and locked until the shelf is closed or the process has ended.
        owner: Whose jobs: `Account.owner`.
        purpose: What the export asks for.

    Raises:
        sqlite3.Error: The file is in use, is something else, is damaged, or cannot be made.
    """

    def __init__(self, path: Path, owner: str, purpose: Sequence[str]) -> None:
        self._path = path
        self._ours = owner, hashlib.sha256(json.dumps(list(purpose)).encode()).hexdigest()[:16]
        with suppress(OSError):  # SQLite says what is wrong
            own_file(path)
        uri = f"{path.absolute().as_uri()}?mode=rwc"
        self._database = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("BEGIN EXCLUSIVE")  # takes the lock, which the mode keeps
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
            if version == _UNOWNED:
                self._database.execute("DROP TABLE jobs")
            if version in {0, _UNOWNED}:
                self._database.execute(_TABLE)
                self._database.execute(f"PRAGMA user_version = {_LAYOUT}")
            elif version != _LAYOUT:
                raise sqlite3.DatabaseError(f"it has layout {version}, and not {_LAYOUT}")
            self._database.execute("DELETE FROM jobs WHERE kept_at < ?", (time.time() - _KEPT_S,))
            self._database.execute("COMMIT")
        except sqlite3.Error:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def clear(self) -> None:
        """Remove the jobs of this export."""
        self._write("DELETE FROM jobs WHERE owner = ? AND purpose = ?", self._ours)

    def is_empty(self) -> bool:
        """Whether no export has a job here."""
        with self._explained():
            return self._database.execute("SELECT 1 FROM jobs LIMIT 1").fetchone() is None

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle by its `hash`. It is on disk when this returns."""
        row = (*self._ours, handle["hash"], handle["submitted_at"], time.time(), json.dumps(dict(handle)))
        self._write("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, ?, ?, NULL)", row)

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Remove a handle, if it is there."""
        self._write("DELETE FROM jobs WHERE owner = ? AND purpose = ? AND hash = ?", (*self._ours, handle["hash"]))

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep the page of a job beside its handle. It is on disk when this returns."""
        self._write(
            "UPDATE jobs SET answer = ? WHERE owner = ? AND purpose = ? AND hash = ?",
            (json.dumps(dict(answer)), *self._ours, handle["hash"]),
        )

    def live(self) -> Sequence[Mapping[str, Any]]:
        """Return the handles that were stored and not removed, oldest first, with the pages that were kept."""
        with self._explained():
            query = "SELECT handle, answer FROM jobs WHERE owner = ? AND purpose = ? ORDER BY submitted_at, hash"
            found = self._database.execute(query, self._ours).fetchall()
            return [
                json.loads(handle) | ({} if answer is None else {"answer": json.loads(answer)})
                for handle, answer in found
            ]

    def _write(self, statement: str, values: Sequence[Any]) -> None:
        with self._explained():
            self._database.execute(statement, values)

    @contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except (sqlite3.Error, ValueError) as problem:
            raise SonnysError(
                f"{self._path} cannot be used ({problem}).",
                remedy="Make room, or allow writing there, and run it again. If that does not help, delete it.",
            ) from problem
