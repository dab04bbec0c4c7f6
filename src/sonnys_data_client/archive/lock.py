"""Let one run at a time write an account of an archive, and say which one does.

A run holds one account (a sync), or the archive with all its accounts (repair, compact, a person's decision). Runs of
different accounts work side by side, in one process, in several, and on several machines.

On this machine the operating system holds the locks for a process (`file_lock`). It releases them when the process
ends, however it ends, so a lock is never stale. `.work/lock` is the archive's: a run of the whole archive has it alone,
and runs of accounts share it. `.work/accounts/<name>/lock` is an account's. Earlier versions of this package take
`.work/lock` alone. So such a run keeps all others out, and every run keeps it out.

At a remote address, lock objects say which run holds the archive or an account, one for each *generation*:
`.work/lock-<number>.json`, `.work/accounts/<name>/lock-<number>.json`. The newest counts, which has the highest number.
It is *free* once its run has marked it as ended, or has fallen silent. Every run renews its lock while it lives.

To take a lock, a run creates the generation after a newest one that is free; of several runs that try, only one
can. Then it lists the locks again. If there is a newer one it gives up. Otherwise it holds the lock, and removes the
older ones. A run that is about to renew its lock and finds a newer one was taken for dead, and stops. A run checks
that before each day that it writes.

So two runs never hold a lock at once, unless one of them was taken for dead:

- The newest number never falls. A holder removes the locks that are older than its own; nobody removes the newest. A
  run that ends marks its own lock as ended, and leaves it there.
- Let a run hold generation n: it created n, listed the locks, and saw none newer. The run that creates the first newer
  one had listed the locks before, and had seen n as the newest, and free. It saw this run's n, and not an earlier lock
  with that number: a holder of a newer lock would have removed that one, and this run would have seen the newer lock
  and given up. So this run had ended, or had not renewed its lock for too long.
- A slow run may create a removed lock again: the generation after one that it saw long ago, or its own lost one when it
  renews. Either is older than the newest, so it does not count, and the next run to take the lock removes it.

A run of an account and a run of the whole archive each create their lock first, and then look for the other's. So at
least one of them sees the other, and gives up; if they begin at the same moment, both do.

*Silent* is a run that did not renew its lock for 20 seconds, by the clock of whoever watches it for so long: clocks of
two machines may differ. A lock that was not renewed for 15 minutes is not watched first. An earlier version renews its
lock every three minutes, so it is silent after these 15 minutes only. To keep an earlier version out, runs of accounts
also renew a *shared* generation of the archive's lock. Nobody marks it as ended, so an earlier version waits 15 minutes
after the last of them.

A run may have a *lease* of its account, from a service that several machines share. The service has given up on all
earlier leases of the account. So a lock with the lower number (*fence*) of an earlier lease is free at once.
"""

from __future__ import annotations

import json
import os
import re
import socket
import threading
import time
import uuid
from collections.abc import Callable, Generator, Iterable
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from typing import IO, Any, Protocol

from sonnys_data_client import file_lock
from sonnys_data_client.archive.files import ACCOUNTS, WORK_FOLDER, Files, LocalFiles, explained
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.atomic import is_running
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError
from sonnys_data_client.modes import make_folder, own_file

STALE_S = 900.0
"""A remote lock that was not renewed for this long is free, whatever wrote it."""
SILENT_S = 20.0
"""So is the lock of a run of this version, if it was watched for this long and not renewed meanwhile."""
RENEW_S = SILENT_S / 4
_LOOK_EVERY_S = 1.0

Renew = Callable[[], None]
"""Renews the lock of the run that holds an archive or an account.

Raises `ArchiveHeldError` if another run has taken this one for dead, or if its lease is lost.
"""


class Lease(Protocol):
    """Leave to work on one account, from a service that several machines share.

    Attributes:
        fence: A number that is higher than that of every earlier lease of the account.
    """

    @property
    def fence(self) -> int:
        """See above."""
        ...

    def check(self) -> None:
        """Check that the lease is still held.

        Raises:
            ArchiveHeldError: It is not.
        """


def hold(
    files: LocalFiles | RemoteFiles, account: str | None = None, lease: Lease | None = None
) -> AbstractContextManager[Renew]:
    """Hold an account, or the whole archive, for as long as the block lasts.

    Args:
        files: The archive's files.
        account: The account; None for all.
        lease: The account's lease, if there are leases.

    Returns:
        A function that renews the lock, to be called before each write. On this machine it only checks the lease.

    Raises:
        ArchiveHeldError: Another run holds it; the message says which.
        ArchiveError: The archive cannot be written.
    """
    return _hold_file(files, account, lease) if isinstance(files, LocalFiles) else _hold_object(files, account, lease)


def _nothing() -> None:
    pass


@contextmanager
def _hold_file(files: LocalFiles, account: str | None, lease: Lease | None) -> Generator[Renew]:
    with ExitStack() as opened:
        held = whole = opened.enter_context(_opened(files, f"{WORK_FOLDER}/lock"))
        if not file_lock.take(whole, shared=account is not None):
            raise _held(files, (_holder_of_account(files) if account is None else "") or _text_of(whole))
        if account is not None:  # the archive's lock names nobody then, because several runs share it
            held = opened.enter_context(_opened(files, f"{ACCOUNTS}/{account}/lock"))
            if not file_lock.take(held):
                raise _held(files, _text_of(held), account)
        held.truncate(0)
        held.write(json.dumps(_who()))
        held.flush()
        yield _nothing if lease is None else lease.check
        held.truncate(0)


def _opened(files: LocalFiles, name: str) -> IO[str]:
    path = files.root / name
    with explained(f"{files.address} cannot be written"):
        make_folder(path.parent, files.access)
        own_file(path, files.access)
        return path.open("a+", encoding="utf-8")


def _holder_of_account(files: LocalFiles) -> str:
    """Return the note of a run that holds an account; empty if none does."""
    for path in sorted((files.root / ACCOUNTS).glob("*/lock")):
        with path.open("a+", encoding="utf-8") as file:
            if not file_lock.take(file):
                return _text_of(file)
    return ""


def _text_of(file: IO[str]) -> str:
    file.seek(0)
    return file.read()


_LOCK = re.compile(rf"(?:{re.escape(WORK_FOLDER)}|{re.escape(ACCOUNTS)}/([^/]+))/lock-(\d+)\.json")


@contextmanager
def _hold_object(files: RemoteFiles, account: str | None, lease: Lease | None) -> Generator[Renew]:
    lock = _Lock(files, account, lease)
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


_Generations = dict[str | None, list[int]]
"""Numbers of the lock objects that exist, in order: of each account, and of the whole archive (None)."""


class _Lock:
    """One run's generation of the lock of a remote archive, or of an account in it.

    Args:
        files: The archive's files.
        account: The account; None for the whole archive.
        lease: The account's lease, if there are leases.
    """

    def __init__(self, files: RemoteFiles, account: str | None = None, lease: Lease | None = None) -> None:
        self._files = files
        self._account = account
        self._lease = lease
        self._who = {**_who(), "run": uuid.uuid4().hex, "silent_s": SILENT_S}
        if lease is not None:
            self._who["fence"] = lease.fence
        self._number = 0

    def take(self) -> None:
        """Create this run's generation, after one that is free.

        Raises:
            ArchiveHeldError: Another run holds the archive or the account, or was faster.
        """
        before = self._generations().get(self._account, [])
        newest = before[-1] if before else 0
        if newest:
            _refuse(self._files, self._alive([lock_object(newest, self._account)]), self._account)
        self._number, note = newest + 1, self._note()
        if not self._files.create(self._own, note):
            theirs = self._files.read(self._own)
            if theirs != note:  # equal if the reply was lost and the store was asked twice
                raise _held(self._files, theirs, self._account)
        generations = self._check_newest()
        try:
            self._check_beside(generations)
        except BaseException:
            self.release()
            raise
        for number in before:
            self._files.remove(lock_object(number, self._account))

    def renew(self) -> None:
        """Write the time into the lock.

        Raises:
            ArchiveHeldError: Another run has taken this one for dead, and holds the archive.
        """
        if self._lease is not None:
            self._lease.check()
        generations = self._check_newest()
        if self._account is not None:
            self._share(generations.get(None, []))
        self._files.write(self._own, self._note())

    def release(self) -> None:
        """Mark the lock as ended, unless another run holds it by now."""
        if self._generations().get(self._account, [])[-1:] == [self._number]:
            self._files.write(self._own, self._note(ended=True))

    @property
    def _own(self) -> str:
        return lock_object(self._number, self._account)

    def _check_newest(self) -> _Generations:
        generations = self._generations()
        newest = generations.get(self._account, [])[-1:]
        if newest != [self._number]:
            theirs = self._files.read(lock_object(newest[0], self._account)) if newest else None
            raise _held(self._files, theirs, self._account)
        return generations

    def _check_beside(self, generations: _Generations) -> None:
        """Check that no run holds the whole archive; for the whole archive, that no run holds an account."""
        if self._account is not None:
            self._share(generations.get(None, []))
            return
        newest = [lock_object(numbers[-1], account) for account, numbers in generations.items() if account is not None]
        _refuse(self._files, self._alive(newest))

    def _share(self, numbers: list[int]) -> None:
        """Renew the generation of the archive's lock that runs of accounts share, or create it.

        Raises:
            ArchiveHeldError: A run holds the whole archive.
        """
        note, newest = self._note(shared=True), numbers[-1] if numbers else 0
        theirs = self._files.read(lock_object(newest)) if newest else ""
        if newest and _is_shared(theirs):
            self._files.write(lock_object(newest), note)
            return
        if newest:
            _refuse(self._files, self._alive([lock_object(newest)]))
        if not self._files.create(lock_object(newest + 1), note):
            theirs = self._files.read(lock_object(newest + 1))
            if not _is_shared(theirs):
                raise _held(self._files, theirs)
        for number in numbers:
            self._files.remove(lock_object(number))

    def _alive(self, names: Iterable[str]) -> str | None:
        """Return the note of the first lock whose run lives, or may live; None if all are free.

        A run that may be dead is watched until it renews its lock, or has been silent for too long.
        """
        doubtful: dict[str, str] = {}
        for name in names:
            theirs = self._files.read(name)
            if theirs is None:  # it was removed, so there is a newer one
                return ""
            if not self._may_pass(theirs):
                if not _may_be_silent(theirs):
                    return theirs
                doubtful[name] = theirs
        if not doubtful:
            return None
        deadline = time.monotonic() + SILENT_S
        while time.monotonic() < deadline:
            time.sleep(_LOOK_EVERY_S)
            for name, theirs in list(doubtful.items()):
                now = self._files.read(name)
                if now is not None and _is_free(now):
                    del doubtful[name]
                elif now != theirs:
                    return now or ""
        return None

    def _may_pass(self, theirs: str) -> bool:
        """Tell whether a lock is free; or shared, which says nothing to the runs that look at the accounts' locks."""
        return _is_free(theirs) or (self._account is None and _is_shared(theirs)) or self._outranks(theirs)

    def _outranks(self, theirs: str) -> bool:
        """Tell whether a lock was taken under an earlier lease of the account, which its service has given up on."""
        try:
            return self._lease is not None and json.loads(theirs)["fence"] < self._lease.fence
        except (ValueError, KeyError, TypeError):
            return False

    def _generations(self) -> _Generations:
        found: _Generations = {}
        for match in map(_LOCK.fullmatch, self._files.names(WORK_FOLDER)):
            if match is not None:
                found.setdefault(match[1], []).append(int(match[2]))
        return {account: sorted(numbers) for account, numbers in found.items()}

    def _note(self, *, ended: bool = False, shared: bool = False) -> str:
        note = {**self._who, "renewed": time.time(), "ended": ended}
        if shared:  # not the name of this host: an earlier version would look there for this process, which may end
            note |= {"shared": True, "host": f"{note['host']} and perhaps others"}
        return json.dumps(note)


def lock_object(number: int, account: str | None = None) -> str:
    """Return the name of a generation's object: of an account, or of the whole archive."""
    return f"{WORK_FOLDER if account is None else f'{ACCOUNTS}/{account}'}/lock-{number}.json"


def _who() -> dict[str, Any]:
    """Describe this process, for others to read."""
    return {"pid": os.getpid(), "host": socket.gethostname(), "since": time.time()}


def _is_free(text: str) -> bool:
    """Tell by its text whether the newest lock may be taken at once."""
    try:
        holder = json.loads(text)
        here = holder["host"] == socket.gethostname()
        silent = time.time() - holder["renewed"] > STALE_S or (here and not is_running(holder["pid"]))
        return bool(holder["ended"]) or silent
    except (ValueError, KeyError, TypeError):
        return True


def _is_shared(text: str | None) -> bool:
    try:
        return bool(json.loads(text or "").get("shared"))
    except (ValueError, AttributeError):
        return False


def _may_be_silent(text: str) -> bool:
    """Tell whether the run of a lock that is not free may be dead all the same: it is on another machine."""
    holder = json.loads(text)
    return "silent_s" in holder and holder["host"] != socket.gethostname()


def _refuse(files: Files, theirs: str | None, account: str | None = None) -> None:
    if theirs is not None:
        raise _held(files, theirs, account)


def _held(files: Files, text: str | None, account: str | None = None) -> ArchiveHeldError:
    try:
        holder = json.loads(text or "")
        since = datetime.fromtimestamp(holder["since"], UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        who = f"process {holder['pid']} on {holder['host']} since {since}"
    except (ValueError, KeyError, TypeError):
        who = "a process that has just started"
    what = files.address if account is None else f"account {account} in {files.address}"
    return ArchiveHeldError(f"Another run is working on {what}: {who}.", remedy="Wait until it has ended, or stop it.")
