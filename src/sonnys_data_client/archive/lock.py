"""One run at a time: who works on an archive, and since when.

On this machine the system holds the lock for a process and lets go of it when the process ends, in whatever way, so no
lock is ever stale.

At an address elsewhere objects say who holds it, one for each *generation*: `.work/lock-<number>.json`. The newest
counts, which is the one of the highest number. It is *free* once its run has said that it ended, or has not renewed it
for a while, as every run does while it lives. To take the archive, a run creates the generation after a newest one that
is free, which of many only one can do. Then it looks again. If there is a newer one it backs off; if not, it holds the
archive and removes those before its own. Whoever would renew its lock and finds a newer one was taken for dead, and
stops; so a run looks before each day that it writes.

So two runs never hold it at once, unless one of them was taken for dead:

- The newest number never falls. A holder removes what is older than its own; nobody removes the newest. A run that
  ends says so in its own, and leaves it there.
- Let a run hold generation n: it created n, looked, and saw none newer. Whoever creates the first newer one looked
  before, and saw n as the newest, and free. It saw our run's n, and no earlier one of that number: that would have been
  removed by a holder of a newer one, and our run would have seen a newer one and backed off. So our run had ended, or
  was silent for too long.
- A slow run may make again what was removed: by creating the generation after one that it saw long ago, or by renewing
  its lost one. Either is older than the newest, so it counts for nothing, and the next to take the archive removes it.
"""

from __future__ import annotations

import json
import os
import re
import socket
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime
from typing import IO, Any

from sonnys_data_client.archive.files import WORKSHOP, Files, LocalFiles, RemoteFiles, explained
from sonnys_data_client.atomic import is_running
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError

STALE_S = 900.0
"""A remote lock that was not renewed for so long belongs to nobody."""
RENEW_S = STALE_S / 5

Renew = Callable[[], None]
"""Tells others that the run which holds an archive goes on.

Raises `ArchiveHeldError` if another run has taken this one for dead.
"""


def hold(files: LocalFiles | RemoteFiles) -> AbstractContextManager[Renew]:
    """Hold an archive for as long as the block lasts.

    Returns:
        What renews the lock, to be called before anything is written. On this machine there is nothing to renew.

    Raises:
        ArchiveHeldError: Another run holds it; the message says who.
        ArchiveError: The archive cannot be written.
    """
    return _hold_file(files) if isinstance(files, LocalFiles) else _hold_object(files)


@contextmanager
def _hold_file(files: LocalFiles) -> Generator[Renew]:
    path = files.workshop / "lock"
    with explained(f"{files.address} cannot be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    with file:
        if not _take(file):
            file.seek(0)
            raise _held(files, file.read())
        file.truncate(0)
        file.write(json.dumps(_who()))
        file.flush()
        yield lambda: None
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


_LOCK = re.compile(rf"{re.escape(WORKSHOP)}/lock-(\d+)\.json")


@contextmanager
def _hold_object(files: RemoteFiles) -> Generator[Renew]:
    lock = _Lock(files)
    lock.take()
    try:
        with _renewing(lock):
            yield lock.renew
    finally:
        lock.release()


@contextmanager
def _renewing(lock: _Lock) -> Generator[None]:
    """Renew a lock in the background: hours may pass between two days that are written, if a table is long."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(RENEW_S):
            with suppress(ArchiveError):  # whoever writes looks for itself whether it still holds the archive
                lock.renew()

    thread = threading.Thread(target=run, name="sonnys-lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Lock:
    """A run's generation of a remote archive's lock.

    Args:
        files: The archive's files.
    """

    def __init__(self, files: RemoteFiles) -> None:
        self._files = files
        self._who = {**_who(), "run": uuid.uuid4().hex}
        self._number = 0

    def take(self) -> None:
        """Create our generation, after one that is free.

        Raises:
            ArchiveHeldError: Another run holds the archive, or was quicker.
        """
        before = self._generations()
        newest = before[-1] if before else 0
        if newest and not _is_free(theirs := self._files.read(lock_object(newest))):
            raise _held(self._files, theirs)
        self._number, note = newest + 1, self._note()
        if not self._files.create(lock_object(self._number), note):
            theirs = self._files.read(lock_object(self._number))
            if theirs != note:  # it is ours if the reply was lost and the store was asked once more
                raise _held(self._files, theirs)
        self._check_newest()
        for number in before:
            self._files.remove(lock_object(number))

    def renew(self) -> None:
        """Tell others that we go on.

        Raises:
            ArchiveHeldError: Another run has taken us for dead, and holds the archive.
        """
        self._check_newest()
        self._files.write(lock_object(self._number), self._note())

    def release(self) -> None:
        """Tell others that we have ended, unless the archive is another's by now."""
        if self._generations()[-1:] == [self._number]:
            self._files.write(lock_object(self._number), self._note(ended=True))

    def _check_newest(self) -> None:
        newest = self._generations()[-1:]
        if newest != [self._number]:
            raise _held(self._files, self._files.read(lock_object(newest[0])) if newest else None)

    def _generations(self) -> list[int]:
        found = map(_LOCK.fullmatch, self._files.names(WORKSHOP))
        return sorted(int(match[1]) for match in found if match is not None)

    def _note(self, *, ended: bool = False) -> str:
        return json.dumps({**self._who, "renewed": time.time(), "ended": ended})


def lock_object(number: int) -> str:
    """The name of a generation's object."""
    return f"{WORKSHOP}/lock-{number}.json"


def _who() -> dict[str, Any]:
    """Who we are, for others to read."""
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}


def _is_free(text: str | None) -> bool:
    """Whether a newest generation counts no more, by its text; one that is gone was followed by another."""
    if text is None:
        return False
    try:
        holder = json.loads(text)
        here = holder["host"] == socket.gethostname()
        silent = time.time() - holder["renewed"] > STALE_S or (here and not is_running(holder["pid"]))
        return bool(holder["ended"]) or silent
    except (ValueError, KeyError, TypeError):
        return True


def _held(files: Files, text: str | None) -> ArchiveHeldError:
    try:
        holder = json.loads(text or "")
        since = datetime.fromtimestamp(holder["since"], UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        who = f"process {holder['pid']} on {holder['host']} since {since}"
    except (ValueError, KeyError, TypeError):
        who = "a process that has just begun"
    return ArchiveHeldError(
        f"Another run is working on {files.address}: {who}.", remedy="Wait until it has ended, or stop it."
    )
