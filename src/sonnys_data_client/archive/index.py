"""Open the ledger of an archive, and make it again from the partitions if it is lost.

It is in the work folder, next to the tables. A run that writes a remote archive downloads it first, and uploads a copy
after each day.
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

from sonnys_data_client.archive.files import WORK_FOLDER, Files, LocalFiles
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.archive.lock import Renew
from sonnys_data_client.archive.store import PartitionStore
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.errors import ArchiveDamagedError, ArchiveError

LEDGER = "ledger.sqlite"


@contextmanager
def reading(files: Files) -> Generator[Ledger]:
    """Open the ledger for reading. Where there is none, or none that can be opened, make one from the partitions.

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
    """Yield a path to read the ledger at. A remote one is downloaded, and not to where this process may write it."""
    if isinstance(files, LocalFiles):
        yield files.work_folder / LEDGER
        return
    fetched = files.link_path()
    try:
        files.fetch(f"{WORK_FOLDER}/{LEDGER}", fetched)
        yield fetched
    finally:
        _remove(fetched)


@contextmanager
def writing(files: Files, store: PartitionStore, renew: Renew) -> Generator[Ledger]:
    """Open the ledger for writing; this run must hold the archive.

    Args:
        files: The archive's files.
        store: Its partitions.
        renew: Renews the lock: a run that was taken for dead must not upload its ledger.

    Raises:
        ArchiveError: It is damaged, or cannot be written.
    """
    path = files.work_folder / LEDGER
    _fetch(files, path)
    ledger = Ledger(path, writing=True, place=_place(files))
    try:
        match(ledger, store)
        try:
            yield ledger
        finally:
            renew()
            send(files, ledger)
    finally:
        ledger.close()


def delete(files: Files) -> None:
    """Delete the ledger: the next run that writes makes it from the partitions. The jobs on the shelves are lost."""
    _remove(files.work_folder / LEDGER)
    if not isinstance(files, LocalFiles):
        files.remove(f"{WORK_FOLDER}/{LEDGER}")


def match(ledger: Ledger, store: PartitionStore) -> None:
    """Make the ledger know exactly the partitions that exist.

    It lacks one after a run that was killed between the two writes, and all if it is new. A damaged partition counts as
    not read, so that the next sync replaces it.
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
    """Upload the ledger to a remote archive; a local one has it already."""
    if isinstance(files, LocalFiles):
        return
    copy = files.scratch()
    ledger.copy(copy)
    files.publish(copy, f"{WORK_FOLDER}/{LEDGER}")


def _fetch(files: Files, path: Path) -> None:
    """Download the ledger of a remote archive, if there is one, to write it."""
    if isinstance(files, LocalFiles):
        return
    _remove(path)
    with _readable(files) as fetched:
        if fetched.exists():
            shutil.copyfile(fetched, path)  # a copy to write: the downloaded file may be read again


def _remove(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)


def _opened(path: Path, place: str) -> Ledger | None:
    try:
        return Ledger(path, writing=False, place=place)
    except ArchiveError as problem:
        if isinstance(problem.__cause__, sqlite3.OperationalError):
            return None  # the folder is read-only for this user, or the ledger is just being made
        raise


def _place(files: Files) -> str:
    return f"{files.address}/{WORK_FOLDER}/{LEDGER}"


def _from_partitions(files: Files) -> Ledger:
    ledger, store = Ledger(None, writing=True), PartitionStore(files)
    try:
        match(ledger, store)
    finally:
        store.close()
    return ledger
