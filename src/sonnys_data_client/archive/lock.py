"""Let one run at a time write an archive, and say which one does.

On this machine the operating system holds the lock for a process. It releases the lock when the process ends, however
it ends, so a lock is never stale.

At a remote address, lock objects say which run holds the archive, one for each *generation*:
`.work/lock-<number>.json`. The newest counts, which has the highest number. It is *free* once its run has marked it as
ended, or has not renewed it for 15 minutes. Every run renews its lock while it lives.

To take the archive, a run creates the generation after a newest one that is free; of several runs that try, only one
can. Then it lists the locks again. If there is a newer one it gives up. Otherwise it holds the archive, and removes the
older locks. A run that is about to renew its lock and finds a newer one was taken for dead, and stops. A run checks
that before each day that it writes.

So two runs never hold the archive at once, unless one of them was taken for dead:

- The newest number never falls. A holder removes the locks that are older than its own; nobody removes the newest. A
  run that ends marks its own lock as ended, and leaves it there.
- Let a run hold generation n: it created n, listed the locks, and saw none newer. The run that creates the first newer
  one had listed the locks before, and had seen n as the newest, and free. It saw this run's n, and not an earlier lock
  with that number: a holder of a newer lock would have removed that one, and this run would have seen the newer lock
  and given up. So this run had ended, or had not renewed its lock for too long.
- A slow run may create a removed lock again: the generation after one that it saw long ago, or its own lost one when it
  renews. Either is older than the newest, so it does not count, and the next run to take the archive removes it.
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

from sonnys_data_client.archive.files import WORK_FOLDER, Files, LocalFiles, explained
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.atomic import is_running
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError

STALE_S = 900.0
"""A remote lock that was not renewed for this long is free."""
RENEW_S = STALE_S / 5

Renew = Callable[[], None]
"""Renews the lock of the run that holds an archive.

Raises `ArchiveHeldError` if another run has taken this one for dead.
"""


def hold(files: LocalFiles | RemoteFiles) -> AbstractContextManager[Renew]:
    """Hold an archive for as long as the block lasts.

    Returns:
        A function that renews the lock, to be called before each write. On this machine it does nothing.

    Raises:
        ArchiveHeldError: Another run holds it; the message says which.
        ArchiveError: The archive cannot be written.
    """
    return _hold_file(files) if isinstance(files, LocalFiles) else _hold_object(files)


@contextmanager
def _hold_file(files: LocalFiles) -> Generator[Renew]:
    path = files.work_folder / "lock"
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
            file.seek(2**30)  # behind the text, so that others can read it
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


_LOCK = re.compile(rf"{re.escape(WORK_FOLDER)}/lock-(\d+)\.json")


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
    """Renew a lock in the background, because hours may pass between two writes while a long table is read."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(RENEW_S):
            with suppress(ArchiveError):  # before each write the run checks again whether it holds the archive
                lock.renew()

    thread = threading.Thread(target=run, name="sonnys-lock", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


class _Lock:
    """One run's generation of the lock of a remote archive.

    Args:
        files: The archive's files.
    """

    def __init__(self, files: RemoteFiles) -> None:
        self._files = files
        self._who = {**_who(), "run": uuid.uuid4().hex}
        self._number = 0

    def take(self) -> None:
        """Create this run's generation, after one that is free.

        Raises:
            ArchiveHeldError: Another run holds the archive, or was faster.
        """
        before = self._generations()
        newest = before[-1] if before else 0
        if newest and not _is_free(theirs := self._files.read(lock_object(newest))):
            raise _held(self._files, theirs)
        self._number, note = newest + 1, self._note()
        if not self._files.create(lock_object(self._number), note):
            theirs = self._files.read(lock_object(self._number))
            if theirs != note:  # equal if the reply was lost and the store was asked twice
                raise _held(self._files, theirs)
        self._check_newest()
        for number in before:
            self._files.remove(lock_object(number))

    def renew(self) -> None:
        """Write the time into the lock.

        Raises:
            ArchiveHeldError: Another run has taken this one for dead, and holds the archive.
        """
        self._check_newest()
        self._files.write(lock_object(self._number), self._note())

    def release(self) -> None:
        """Mark the lock as ended, unless another run holds the archive by now."""
        if self._generations()[-1:] == [self._number]:
            self._files.write(lock_object(self._number), self._note(ended=True))

    def _check_newest(self) -> None:
        newest = self._generations()[-1:]
        if newest != [self._number]:
            raise _held(self._files, self._files.read(lock_object(newest[0])) if newest else None)

    def _generations(self) -> list[int]:
        found = map(_LOCK.fullmatch, self._files.names(WORK_FOLDER))
        return sorted(int(match[1]) for match in found if match is not None)

    def _note(self, *, ended: bool = False) -> str:
        return json.dumps({**self._who, "renewed": time.time(), "ended": ended})


def lock_object(number: int) -> str:
    """Return the name of a generation's object."""
    return f"{WORK_FOLDER}/lock-{number}.json"


def _who() -> dict[str, Any]:
    """Describe this process, for others to read."""
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}


def _is_free(text: str | None) -> bool:
    """Tell by its text whether the newest lock may be taken."""
    if text is None:  # it was removed, so there is a newer one
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
        who = "a process that has just started"
    return ArchiveHeldError(
        f"Another run is working on {files.address}: {who}.", remedy="Wait until it has ended, or stop it."
    )
