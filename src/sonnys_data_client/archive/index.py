"""The ledger of an archive: opened, matched with the files, and made again from them if it is lost.

It is in the work folder, next to the tables. A run that writes a remote archive downloads it first, and uploads a copy
after each day.

Whenever it is opened, each of its entries must have the stamp of its files (`stamps`). Files may come from a backup of
another day than the ledger does, so where the stamps differ, the files are believed:

| what came from a backup                   | then                                                                  |
|-------------------------------------------|-----------------------------------------------------------------------|
| a file, older or newer than its entry     | the evidence in the file counts                                       |
| the ledger, older than a file             | the pages on its shelf that are older than the file are dropped, too  |
| quarantine, with other rows than it had   | the day is to be read again                                           |
| an older file below a newer change log    | the log keeps the rows that the file lacks: see `merge`               |
| older files below a newer `archive.json`  | the next run that writes lowers `oldest_layout`                       |
"""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from sonnys_data_client.archive.evidence import LAYOUT, Evidence, day_end, day_start
from sonnys_data_client.archive.files import WORK_FOLDER, Files, LocalFiles
from sonnys_data_client.archive.ledger import Ledger, Recorded
from sonnys_data_client.archive.lock import Renew
from sonnys_data_client.archive.mark import lower_mark
from sonnys_data_client.archive.stamps import stamps_of
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS
from sonnys_data_client.errors import ArchiveDamagedError, ArchiveError
from sonnys_data_client.modes import own_file

LEDGER = "ledger.sqlite"


def read_evidence(files: Files, table: str, account: str | None = None) -> dict[Partition, Evidence]:
    """Return what is known of a table's partitions, in order: of one account, or of all. Changes nothing.

    A partition that is damaged is not among them. Without a ledger, or with one that cannot be opened, every file is
    read.

    Raises:
        ArchiveError: The ledger is damaged, or a file cannot be read.
    """
    with _reading(files) as ledger, closing(PartitionStore(files)) as store:
        entries = {} if ledger is None else ledger.entries(table)
        return {
            found.partition: found.entry.evidence
            for found in _match(entries, files, store, table)
            if found.entry is not None and account in {None, found.partition.account}
        }


def recorded(files: Files) -> dict[Partition, Evidence] | None:
    """Read the ledger through, and return what it says of the partitions; None if it cannot be opened.

    Raises:
        ArchiveError: It is damaged.
    """
    with _reading(files) as ledger:
        if ledger is None:
            return None
        ledger.check()
        return {partition: found for name in TABLES for partition, found in ledger.evidence(name).items()}


@contextmanager
def _reading(files: Files) -> Generator[Ledger | None]:
    """Open the ledger for reading; None if there is none, or none that can be opened."""
    with _readable(files) as path:
        ledger = _opened(path, _place(files)) if _is_there(path) else None
        try:
            yield ledger
        finally:
            if ledger is not None:
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
    own_file(path, files.access)  # SQLite gives its other files the mode of this one
    ledger = Ledger(path, writing=True, place=_place(files))
    try:
        lower_mark(files, match(ledger, files, store))
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


def match(ledger: Ledger, files: Files, store: PartitionStore) -> int:
    """Make the ledger say of each partition what its files say.

    It lacks one after a run that was killed between the two writes, and all if it is new. A damaged partition counts as
    not read, so that the next sync replaces it.

    Returns:
        The oldest layout that a partition has.
    """
    oldest = LAYOUT
    for name in TABLES:
        entries = ledger.entries(name)
        for partition, known, entry in _match(entries, files, store, name):
            if entry is None:
                ledger.forget(partition)
                continue
            oldest = min(oldest, entry.evidence.written_by)
            if entry != known:
                ledger.record(partition, entry.evidence, entry.stamp)
                if name == TRANSACTIONS.name and (known is None or known.evidence != entry.evidence):
                    start, stop = day_start(partition.day), day_end(partition.day)
                    ledger.drop_pages(start, stop, before=entry.evidence.read_at)
    return oldest


class _Match(NamedTuple):
    """An entry of the ledger and what it should be.

    Attributes:
        partition: The partition.
        known: The entry; None if the ledger has none.
        entry: What the files say; None if they are gone, or damaged.
    """

    partition: Partition
    known: Recorded | None
    entry: Recorded | None


def _match(entries: dict[Partition, Recorded], files: Files, store: PartitionStore, table: str) -> Iterator[_Match]:
    stamps = stamps_of(files, table)
    for partition in sorted(entries.keys() | stamps.keys()):
        known, stamp = entries.get(partition), stamps.get(partition)
        if known is not None and known.stamp == stamp:
            yield _Match(partition, known, known)
            continue
        evidence: Evidence | None = None
        if stamp is not None:
            with suppress(ArchiveDamagedError):
                evidence = store.evidence(partition)
        yield _Match(partition, known, None if evidence is None else Recorded(evidence, stamp or ""))


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


def _is_there(path: Path) -> bool:
    try:
        return path.exists()
    except PermissionError:  # the work folder is its owner's
        return False


def _opened(path: Path, place: str) -> Ledger | None:
    try:
        return Ledger(path, writing=False, place=place)
    except ArchiveError as problem:
        if isinstance(problem.__cause__, sqlite3.OperationalError):
            return None  # the folder is read-only for this user, or the ledger is just being made
        raise


def _place(files: Files) -> str:
    return f"{files.address}/{WORK_FOLDER}/{LEDGER}"
