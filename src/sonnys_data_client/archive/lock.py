"""One run at a time: who works on an archive, and since when.

On this machine the system holds the lock for a process and lets go of it when the process ends, in whatever way, so no
lock is ever stale. At an address elsewhere an object says who holds it: created where there is none, which of two runs
only one can do. It is renewed while the run goes on, and counts for nothing once it has not been renewed for a while;
a run that was taken for dead, and is not, sees that when it would renew its lock, and stops.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import time
import uuid
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import IO

from sonnys_data_client.archive.files import WORKSHOP, Files, LocalFiles, explained, runs
from sonnys_data_client.errors import ArchiveHeldError

STALE_S = 900.0
"""A remote lock that was not renewed for so long belongs to nobody."""


_RUN = uuid.uuid4().hex
"""Tells this process's locks from another's."""


def note(since: float | None = None) -> str:
    """Who we are, for others to read.

    Args:
        since: Epoch seconds from which on we hold the archive; now, unless given.
    """
    now = time.time()
    who = {"run": _RUN, "pid": os.getpid(), "host": socket.gethostname()}
    return json.dumps({**who, "since": now if since is None else since, "renewed": now})


def hold(files: Files) -> AbstractContextManager[None]:
    """Hold an archive for as long as the block lasts.

    Raises:
        ArchiveHeldError: Another run holds it; the message says who.
        ArchiveError: The archive cannot be written.
    """
    return _hold_file(files) if isinstance(files, LocalFiles) else _hold_object(files)


@contextmanager
def _hold_file(files: LocalFiles) -> Generator[None]:
    path = files.workshop / "lock"
    with explained(f"{files.address} cannot be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    with file:
        if not _take(file):
            file.seek(0)
            raise _held(files, file.read())
        file.truncate(0)
        file.write(note())
        file.flush()
        yield
        file.truncate(0)


if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[str]) -> bool:
        try:
            file.seek(2**30)  # behind the note, which others may then read
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _take(file: IO[str]) -> bool:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


LOCK_OBJECT = f"{WORKSHOP}/lock.json"


@contextmanager
def _hold_object(files: Files) -> Generator[None]:
    if not files.create(LOCK_OBJECT, note()):
        theirs = _object(files)
        if theirs is not None and not _gone(theirs):
            raise _held(files, theirs)
        files.remove(LOCK_OBJECT)
        if not files.create(LOCK_OBJECT, note()):
            raise _held(files, _object(files) or "")
    try:
        yield
    finally:
        if _is_ours(_object(files)):
            files.remove(LOCK_OBJECT)


def renew(files: Files) -> None:
    """Tell others that the run which holds a remote archive goes on; nothing to do for a local one.

    Raises:
        ArchiveHeldError: Another run has taken this one for dead, and holds the archive.
    """
    if isinstance(files, LocalFiles):
        return
    theirs = _object(files)
    if theirs is not None and not _is_ours(theirs):
        raise _held(files, theirs)
    made = files.workshop / "lock.made"
    made.write_text(note(None if theirs is None else json.loads(theirs)["since"]), encoding="utf-8")
    files.publish(made, LOCK_OBJECT)


def _object(files: Files) -> str | None:
    here = files.nook()
    try:
        return here.read_text(encoding="utf-8") if files.borrow(LOCK_OBJECT, here) else None
    finally:
        here.unlink(missing_ok=True)


def _is_ours(text: str | None) -> bool:
    try:
        return text is not None and json.loads(text)["run"] == _RUN
    except (ValueError, KeyError, TypeError):
        return False


def _gone(text: str) -> bool:
    try:
        holder = json.loads(text)
        here = holder["host"] == socket.gethostname()
        return time.time() - holder["renewed"] > STALE_S or (here and not runs(holder["pid"]))
    except (ValueError, KeyError, TypeError):
        return True


def _held(files: Files, text: str) -> ArchiveHeldError:
    try:
        holder = json.loads(text)
        since = datetime.fromtimestamp(holder["since"], UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        who = f"process {holder['pid']} on {holder['host']} since {since}"
    except (ValueError, KeyError, TypeError):
        who = "a process that has just begun"
    return ArchiveHeldError(f"Another run is working on {files.address}: {who}. Wait for its end, or stop it.")
