"""`FILE.jobs`: the jobs of an export that are on their way, and the pages that came.

A run that was stopped or killed leaves this file, and the same command goes on with it. So going on costs only the
requests that were on the wire. The file is removed when FILE is written.

It is an SQLite file. SQLite writes each entry whole or not at all, whenever the process is killed, and locks the file
until the process has ended. So a second export to the same FILE is refused. Pages hold names and plates: the file is as
personal as FILE itself.
"""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Generator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show.target import beside
from sonnys_data_client.errors import SonnysError

__all__ = ["JobFile", "kept_jobs"]

_JOBS = "jobs"
_KEPT_S = 12 * 3600.0
"""Pages older than this are not used: rows change late, mostly until the night after."""
_LAYOUT = 2
"""Version of the table below, in SQLite's `user_version`. Version 1 was the ledger of an archive."""
_TABLE = """
CREATE TABLE jobs (
    hash TEXT PRIMARY KEY, source TEXT NOT NULL, submitted_at REAL NOT NULL, handle TEXT NOT NULL, answer TEXT
) WITHOUT ROWID;
"""


@contextmanager
def kept_jobs(out: Path | None, source: str) -> Generator[JobFile | None]:
    """Open the shelf of an export, and remove its file when the block ends without an error.

    Args:
        out: The file that the export writes; None for standard output, which has no shelf.
        source: A mark of the account. Pages of another account are removed: they may look like those of this one.

    Raises:
        Refusal: Another export writes `out`, or `FILE.jobs` cannot be used.
    """
    if out is None:
        yield None
        return
    path = beside(out, _JOBS)
    is_old = path.exists() and time.time() - path.stat().st_mtime > _KEPT_S
    with closing(_open(path, out, source)) as shelf:
        if is_old:
            shelf.clear()
        yield shelf
    for name in (path.name, f"{path.name}-journal"):  # SQLite's own, which a killed run leaves
        path.with_name(name).unlink(missing_ok=True)


def _open(path: Path, out: Path, source: str) -> JobFile:
    try:
        return JobFile(path, source)
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
        source: A mark of the account. Jobs of another account are removed.

    Raises:
        sqlite3.Error: The file is in use, is something else, is damaged, or cannot be made.
    """

    def __init__(self, path: Path, source: str) -> None:
        self._path = path
        self._source = source
        uri = f"{path.absolute().as_uri()}?mode=rwc"
        self._database = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=0)
        try:
            self._database.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._database.execute("BEGIN EXCLUSIVE")  # takes the lock, which the mode keeps
            (version,) = self._database.execute("PRAGMA user_version").fetchone()
            if version == 0:
                self._database.execute(_TABLE)
                self._database.execute(f"PRAGMA user_version = {_LAYOUT}")
            elif version != _LAYOUT:
                raise sqlite3.DatabaseError(f"it has layout {version}, and not {_LAYOUT}")
            self._database.execute("DELETE FROM jobs WHERE source <> ?", (source,))
            self._database.execute("COMMIT")
        except sqlite3.Error:
            self._database.close()
            raise

    def close(self) -> None:
        """Close the file."""
        self._database.close()

    def clear(self) -> None:
        """Remove all jobs."""
        self._write("DELETE FROM jobs", ())

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle by its `hash`. It is on disk when this returns."""
        row = (handle["hash"], self._source, handle["submitted_at"], json.dumps(dict(handle)))
        self._write("INSERT OR REPLACE INTO jobs VALUES (?, ?, ?, ?, NULL)", row)

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Remove a handle, if it is there."""
        self._write("DELETE FROM jobs WHERE hash = ?", (handle["hash"],))

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep the page of a job beside its handle. It is on disk when this returns."""
        self._write("UPDATE jobs SET answer = ? WHERE hash = ?", (json.dumps(dict(answer)), handle["hash"]))

    def live(self) -> Sequence[Mapping[str, Any]]:
        """Return the handles that were stored and not removed, oldest first, with the pages that were kept."""
        with self._explained():
            found = self._database.execute("SELECT handle, answer FROM jobs ORDER BY submitted_at, hash").fetchall()
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
