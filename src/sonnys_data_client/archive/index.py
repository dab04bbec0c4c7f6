"""Where the ledger lies, how it is found, and how it is made again from the partitions.

It lies in the workshop, next to the tables. An archive at a remote address sends a copy there after each day that was
put away, and fetches it before it begins.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from sonnys_data_client.archive.files import WORKSHOP, Files, LocalFiles
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.archive.lock import Renew
from sonnys_data_client.archive.store import Store
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.errors import ArchiveDamagedError, ArchiveError

LEDGER = "ledger.sqlite"


@contextmanager
def reading(files: Files) -> Generator[Ledger]:
    """The ledger, for questions; one made from the partitions where there is none, or none that we may open.

    Raises:
        ArchiveError: It is damaged.
    """
    with _readable(files) as path:
        ledger = (_opened(path, _place(files)) if path.exists() else None) or _from_partitions(files)
        try:
            yield ledger
        finally:
            ledger.close()


@contextmanager
def _readable(files: Files) -> Generator[Path]:
    """Where to read the ledger: what is fetched from afar lies apart from the one that is being written."""
    if isinstance(files, LocalFiles):
        yield files.workshop / LEDGER
        return
    fetched = files.nook()
    try:
        files.borrow(f"{WORKSHOP}/{LEDGER}", fetched)
        yield fetched
    finally:
        _remove(fetched)


@contextmanager
def writing(files: Files, store: Store, renew: Renew) -> Generator[Ledger]:
    """The ledger, for whoever holds the archive.

    Args:
        files: The archive's files.
        store: Its partitions.
        renew: Renews the lock: a run that was taken for dead must not send its ledger.

    Raises:
        ArchiveError: It is damaged, or cannot be written.
    """
    path = files.workshop / LEDGER
    _fetch(files, path)
    ledger = Ledger(path, writing=True, place=_place(files))
    try:
        match_up(ledger, store)
        try:
            yield ledger
        finally:
            renew()
            send(files, ledger)
    finally:
        ledger.close()


def throw_away(files: Files) -> None:
    """Throw the ledger away: whoever writes next makes it from the partitions. Jobs in flight are forgotten."""
    _remove(files.workshop / LEDGER)
    if not isinstance(files, LocalFiles):
        files.remove(f"{WORKSHOP}/{LEDGER}")


def match_up(ledger: Ledger, store: Store) -> None:
    """See to it that the ledger knows the partitions that there are, and no others.

    It does not know one after a run that died between the two, and none if it is new. A partition that is damaged
    counts as not read: reading its day again is its cure.
    """
    for name in TABLES:
        known = ledger.evidence(name)
        there = set(store.partitions(name))
        for partition in known.keys() - there:
            ledger.forget(partition)
        for partition in sorted(there - known.keys()):
            with suppress(ArchiveDamagedError):
                evidence = store.evidence(partition)
                if evidence is not None:
                    ledger.record(partition, evidence)


def send(files: Files, ledger: Ledger) -> None:
    """Send the ledger to a remote archive; a local one has it already."""
    if isinstance(files, LocalFiles):
        return
    copy = files.scratch()
    ledger.copy(copy)
    files.publish(copy, f"{WORKSHOP}/{LEDGER}")


def _fetch(files: Files, path: Path) -> None:
    """Fetch the ledger of a remote archive, if there is one, to write it."""
    if isinstance(files, LocalFiles):
        return
    _remove(path)
    with _readable(files) as fetched:
        if fetched.exists():
            shutil.copyfile(fetched, path)  # a copy of our own: what was borrowed is not to be written


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _opened(path: Path, place: str) -> Ledger | None:
    try:
        return Ledger(path, writing=False, place=place)
    except ArchiveError as problem:
        if isinstance(problem.__cause__, sqlite3.OperationalError):
            return None  # a folder that we may not write, or a ledger that is just being made
        raise


def _place(files: Files) -> str:
    return f"{files.address}/{WORKSHOP}/{LEDGER}"


def _from_partitions(files: Files) -> Ledger:
    ledger, store = Ledger(None, writing=True), Store(files)
    try:
        match_up(ledger, store)
    finally:
        store.close()
    return ledger
