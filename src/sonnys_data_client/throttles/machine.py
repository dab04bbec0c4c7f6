"""The throttle of one machine: all processes of a user that share an API ID, counted in one small SQLite file.

There is a file for each API ID in a folder of the user's own, below the system's folder for temporary files: on a local
disk, and empty after a restart, as the clock is. Times are those of the monotonic clock, which all processes of a
machine share. Not in containers with clocks of their own: each such time namespace has its own file.

Each process holds a lock on a file of its own, which the system lets go when it dies, however it dies.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

from sonnys_data_client.file_lock import take
from sonnys_data_client.modes import make_folder, own_file
from sonnys_data_client.throttles.shared import Keeper, KeeperAwayError, ledger_name, read_json

T = TypeVar("T")

_WAIT_MS = 2000
"""How long a step waits for other processes, in milliseconds."""
_NETWORK = frozenset("nfs nfs4 cifs smb3 smbfs 9p afs ceph glusterfs lustre beegfs fuse.sshfs fuse.s3fs".split())
"""File systems of several machines. Their locks do not hold between machines, nor are the clocks the same."""


class MachineKeeper(Keeper):
    """A ledger in a SQLite file.

    Args:
        folder: Where the file lies; made if it is not there.
        base_url: Address of the API.
        api_id: The API ID.
    """

    def __init__(self, folder: Path, base_url: str, api_id: str) -> None:
        self._folder = folder
        self._path = folder / f"{ledger_name(base_url, api_id, _clock())}.sqlite"
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None
        self._alive: IO[bytes] | None = None

    def step(self, change: Callable[[Any, float], tuple[Any, T]]) -> T:
        """Change the ledger in one transaction."""
        with self._lock:
            try:
                return self._step(change)
            except (sqlite3.Error, OSError) as problem:
                self._close(broken=isinstance(problem, sqlite3.DatabaseError))
                raise KeeperAwayError(str(problem)) from None

    def _step(self, change: Callable[[Any, float], tuple[Any, T]]) -> T:
        database = self._database or self._open()
        database.execute("BEGIN IMMEDIATE")
        try:
            row = database.execute("SELECT boot, ledger FROM throttle").fetchone()
            dumped = read_json(row[1]) if row is not None and row[0] == _boot() else None
            changed, found = change(dumped, time.monotonic())
            text = json.dumps(changed, separators=(",", ":"))
            database.execute("INSERT OR REPLACE INTO throttle VALUES (1, ?, ?)", (_boot(), text))
        except BaseException:
            database.execute("ROLLBACK")
            raise
        database.execute("COMMIT")
        return found

    def enter(self, process: str) -> None:
        """Hold a lock for as long as this process lives."""
        if self._alive is not None:
            return
        try:
            _make_private(self._folder)
            self._sweep()
            path = self._sign(process)
            new = path.with_suffix(".new")
            file = new.open("wb")
            if not take(file):
                raise KeeperAwayError(f"{path} cannot be locked")
            new.replace(path)  # nobody finds it before it is locked
        except OSError as problem:
            raise KeeperAwayError(str(problem)) from None
        self._alive = file
        _close_in_children(file)

    def dead(self, processes: Collection[str]) -> set[str]:
        """Those whose lock can be taken, or is not there."""
        found: set[str] = set()
        for process in processes:
            path = self._sign(process)
            try:
                with path.open("rb+") as file:
                    if take(file):
                        found.add(process)
                        path.unlink(missing_ok=True)
            except FileNotFoundError:
                found.add(process)
            except OSError as problem:
                raise KeeperAwayError(str(problem)) from None
        return found

    def _sweep(self) -> None:
        """Remove what processes have left behind that live no more."""
        for path in self._folder.glob("*.alive"):
            with contextlib.suppress(OSError), path.open("rb+") as file:
                if take(file):
                    path.unlink()

    def _sign(self, process: str) -> Path:
        return self._folder / f"{process.replace(':', '-')}.alive"

    def _open(self) -> sqlite3.Connection:
        _make_private(self._folder)
        kind = file_system(self._folder)
        if kind in _NETWORK:
            raise OSError(f"{self._folder} is on a network file system ({kind})")
        own_file(self._path)
        database = sqlite3.connect(self._path, timeout=_WAIT_MS / 1000, isolation_level=None, check_same_thread=False)
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=OFF")  # after a crash of the machine the ledger is of no use
        database.execute("CREATE TABLE IF NOT EXISTS throttle (id INTEGER PRIMARY KEY, boot TEXT, ledger TEXT)")
        self._database = database
        return database

    def _close(self, *, broken: bool) -> None:
        """Close the file after a failure; it is of no use if it is no database any more."""
        database, self._database = self._database, None
        with contextlib.suppress(sqlite3.Error):
            if database is not None:
                database.close()
        if broken and not _is_database(self._path):
            for suffix in ("", "-wal", "-shm"):
                with contextlib.suppress(OSError):
                    Path(f"{self._path}{suffix}").unlink(missing_ok=True)


def machine_folder() -> Path:
    """Return the folder for the files of this user on this machine."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "user")
    return Path(tempfile.gettempdir(), f"sonnys-throttle-{user}")


def file_system(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """Return the kind of file system that a path lies on; empty where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return ""
    whole = path.resolve()
    found = [
        (len(point), kind)
        for _, point, kind, *_ in (line.split() for line in lines)
        if whole.is_relative_to(point.encode("utf-8", "surrogateescape").decode("unicode_escape"))
    ]
    return max(found, default=(0, ""))[1]


def _make_private(folder: Path) -> None:
    """Make a folder that only this user can enter, or check that an existing one is like that.

    Raises:
        OSError: It belongs to somebody else, or others may write to it.
    """
    make_folder(folder)
    if not hasattr(os, "getuid"):
        return
    about = folder.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.getuid() or about.st_mode & 0o022:
        raise PermissionError(f"{folder} is not a folder of this user alone")


def _is_database(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(16) in {b"SQLite format 3\0", b""}
    except OSError:
        return False


@cache
def _boot() -> str:
    """Name the time since the machine has started: its monotonic clock begins anew with each start."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def _clock() -> str:
    """Name the clock of this process's time namespace."""
    try:
        return str(Path("/proc/self/ns/time").readlink())
    except OSError:
        return ""


def _close_in_children(file: IO[bytes]) -> None:
    """Close a file in forked children: a lock is held until the last process that has inherited it closes it."""
    if sys.platform != "win32":
        os.register_at_fork(after_in_child=lambda: os.close(file.fileno()) if not file.closed else None)
