"""The ledgers of an archive: opened, matched with the files, and made again from them if they are lost.

Each account has a ledger of its own in the work folder, `accounts/<name>/ledger.sqlite`. So runs of several accounts
have nothing in common. A run that writes a remote archive downloads the ledger first, and uploads a copy after each
day.

Earlier versions had one ledger for all accounts, `.work/ledger.sqlite`. It is believed of accounts that have none of
their own yet, and nobody writes it. The jobs that it keeps are submitted again.

Whenever a ledger is opened, each of its entries must have the stamp of its files (`stamps`). Files may come from a
backup of another day than the ledger does, so where the stamps differ, the files are believed:

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
from collections.abc import Collection, Generator, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from sonnys_data_client.archive.evidence import LAYOUT, Evidence, day_end, day_start
from sonnys_data_client.archive.files import ACCOUNTS, WORK_FOLDER, Files, LocalFiles, explained
from sonnys_data_client.archive.ledger import JobShelf, Ledger, Recorded, Redact
from sonnys_data_client.archive.lock import Renew
from sonnys_data_client.archive.mark import lower_mark
from sonnys_data_client.archive.stamps import stamps_of
from sonnys_data_client.archive.store import Partition, PartitionStore, partition_of
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES, TRANSACTIONS
from sonnys_data_client.errors import ArchiveDamagedError, ArchiveError
from sonnys_data_client.modes import make_folder, own_file

LEDGER = "ledger.sqlite"
_OLD = f"{WORK_FOLDER}/{LEDGER}"
"""The ledger of all accounts that earlier versions wrote."""


def ledger_name(account: str) -> str:
    """Return the name of the file of an account's ledger."""
    return f"{ACCOUNTS}/{account}/{LEDGER}"


def read_evidence(files: Files, table: str, account: str | None = None) -> dict[Partition, Evidence]:
    """Return what is known of a table's partitions, in order: of one account, or of all. Changes nothing.

    A partition that is damaged is not among them. Without a ledger, or with one that cannot be opened, every file is
    read.

    Raises:
        ArchiveError: A ledger is damaged, or a file cannot be read.
    """
    entries = dict[Partition, Recorded]()
    with_ledger = set[str]()
    for name in _with_ledger(files) if account is None else [account]:
        with _reading(files, ledger_name(name)) as ledger:
            if ledger is not None:
                with_ledger.add(name)
                entries |= ledger.entries(table)
    if account is None or account not in with_ledger:
        entries |= _old_entries(files, table, but=with_ledger)
    with closing(PartitionStore(files)) as store:
        return {
            found.partition: found.entry.evidence
            for found in _match(entries, files, store, table, account)
            if found.entry is not None and account in {None, found.partition.account}
        }


def recorded(files: Files) -> dict[Partition, Evidence] | None:
    """Read all ledgers through, and return what they say of the partitions; None if one cannot be opened.

    Raises:
        ArchiveError: One is damaged.
    """
    accounts = _with_ledger(files)
    if not accounts and not files.exists(_OLD):
        return None
    found = dict[Partition, Evidence]()
    for account in accounts:
        with _reading(files, ledger_name(account)) as ledger:
            if ledger is None:
                return None
            ledger.check()
            found |= {partition: of for name in TABLES for partition, of in ledger.evidence(name).items()}
    for name in TABLES:
        old = _old_entries(files, name, but=accounts)
        found |= {partition: entry.evidence for partition, entry in old.items()}
    return found


def accounts_of(files: Files) -> list[str]:
    """List the accounts that have files or a ledger, in order."""
    found = {partition_of(name) for table in (*TABLES, QUARANTINE, CHANGES) for name in files.names(table)}
    return sorted({*_with_ledger(files), *(partition.account for partition in found if partition is not None)})


def _with_ledger(files: Files) -> list[str]:
    places = (name.removeprefix(f"{ACCOUNTS}/").partition("/") for name in files.names(ACCOUNTS))
    return [account for account, _, name in places if name == LEDGER]


def _old_entries(files: Files, table: str, *, but: Collection[str] = ()) -> dict[Partition, Recorded]:
    """Return what an earlier version's ledger says about accounts that have none of their own."""
    with _reading(files, _OLD) as old:
        entries = {} if old is None else old.entries(table)
        return {partition: entry for partition, entry in entries.items() if partition.account not in but}


@contextmanager
def _reading(files: Files, name: str) -> Generator[Ledger | None]:
    """Open a ledger for reading; None if there is none, or none that can be opened."""
    with _readable(files, name) as path:
        ledger = _opened(path, f"{files.address}/{name}") if _is_there(path) else None
        try:
            yield ledger
        finally:
            if ledger is not None:
                ledger.close()


@contextmanager
def _readable(files: Files, name: str) -> Generator[Path]:
    """Yield a path to read a ledger at. A remote one is downloaded, and not to where this process may write it."""
    if isinstance(files, LocalFiles):
        yield files.root / name
        return
    fetched = files.link_path()
    try:
        files.fetch(name, fetched)
        yield fetched
    finally:
        _remove(fetched)


@contextmanager
def writing(files: Files, store: PartitionStore, renew: Renew, account: str | None = None) -> Generator[Ledgers]:
    """Open ledgers for writing: of the account that this run holds, or of all accounts (None).

    Args:
        files: The archive's files.
        store: Its partitions.
        renew: Renews the lock: a run that was taken for dead must not upload its ledger.
        account: The account.

    Raises:
        ArchiveError: One is damaged, or cannot be written.
    """
    ledgers = Ledgers(files, store, account)
    try:
        for name in accounts_of(files) if account is None else [account]:
            ledgers.of(name)
        try:
            yield ledgers
        finally:
            renew()
            ledgers.send()
    finally:
        ledgers.close()


class Ledgers:
    """The ledgers that a run has open for writing.

    Args:
        files: The archive's files.
        store: Its partitions.
        account: The only account that the run may write; None if it holds the whole archive.
    """

    def __init__(self, files: Files, store: PartitionStore, account: str | None) -> None:
        self._files = files
        self._store = store
        self._account = account
        self._open: dict[str, Ledger] = {}

    def of(self, account: str) -> Ledger:
        """Return the ledger of an account, made to say what the files say.

        Raises:
            ValueError: The run holds another account.
            ArchiveError: The ledger is damaged, or cannot be written.
        """
        if self._account not in {None, account}:
            message = f"this run holds account {self._account}, and would write {account}"
            raise ValueError(message)
        if account not in self._open:
            self._open[account] = self._opened(account)
        return self._open[account]

    def evidence(self, table: str, account: str | None = None) -> dict[Partition, Evidence]:
        """Return the evidence of a table's partitions, in order: of one account, or of all that are open."""
        opened = sorted(self._open) if account is None else [account]
        return {partition: found for name in opened for partition, found in self.of(name).evidence(table).items()}

    def shelf(self, owner: str, redact: Redact | None = None) -> JobShelf:
        """Return the shelf of the account that the run holds."""
        if self._account is None:
            message = "jobs belong to a run of one account"
            raise ValueError(message)
        return self.of(self._account).shelf(owner, redact)

    def send(self, account: str | None = None) -> None:
        """Upload the ledger of an account to a remote archive, or all that are open; a local one has them already."""
        for name in self._open if account is None else [account]:
            if not isinstance(self._files, LocalFiles):
                copy = self._files.scratch()
                self._open[name].copy(copy)
                self._files.publish(copy, ledger_name(name))

    def drop_jobs(self) -> int:
        """Delete all kept jobs. Returns how many."""
        return sum(ledger.drop_jobs() for ledger in self._open.values())

    def compact(self) -> None:
        """Free the space of deleted entries, and remove an earlier version's ledger, of which nothing is needed."""
        for ledger in self._open.values():
            ledger.compact()
        _delete(self._files, _OLD)

    def close(self) -> None:
        """Close the files."""
        for ledger in self._open.values():
            ledger.close()

    def _opened(self, account: str) -> Ledger:
        files, name = self._files, ledger_name(account)
        path = files.work_folder / name.removeprefix(f"{WORK_FOLDER}/")
        with explained(f"{files.address} cannot be written"):
            make_folder(path.parent, files.access)
        _fetch(files, name, path)
        new = not path.exists()
        with explained(f"{files.address} cannot be written"):
            own_file(path, files.access)  # SQLite gives its other files the mode of this one
        ledger = Ledger(path, writing=True, place=f"{files.address}/{name}")
        try:
            if new:
                _take_over(ledger, files, account)
            lower_mark(files, match(ledger, files, self._store, account))
        except BaseException:
            ledger.close()
            raise
        return ledger


def _take_over(ledger: Ledger, files: Files, account: str) -> None:
    """Copy what an earlier version's ledger says about an account. It only spares reading the files."""
    with suppress(ArchiveError):  # a damaged one says nothing
        for table in TABLES:
            for partition, entry in _old_entries(files, table).items():
                if partition.account == account:
                    ledger.record(partition, entry.evidence, entry.stamp)


def delete(files: Files) -> None:
    """Delete all ledgers: the next run that writes makes them from the partitions. The jobs on the shelves are lost."""
    for name in (*map(ledger_name, _with_ledger(files)), _OLD):
        _delete(files, name)


def _delete(files: Files, name: str) -> None:
    _remove(files.work_folder / name.removeprefix(f"{WORK_FOLDER}/"))
    if not isinstance(files, LocalFiles):
        files.remove(name)


def match(ledger: Ledger, files: Files, store: PartitionStore, account: str) -> int:
    """Make an account's ledger say of each partition what its files say.

    It lacks one after a run that was killed between the two writes, and all if it is new. A damaged partition counts as
    not read, so that the next sync replaces it.

    Returns:
        The oldest layout that a partition has.
    """
    oldest = LAYOUT
    for name in TABLES:
        entries = ledger.entries(name)
        for partition, known, entry in _match(entries, files, store, name, account):
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


def _match(
    entries: dict[Partition, Recorded], files: Files, store: PartitionStore, table: str, account: str | None
) -> Iterator[_Match]:
    stamps = stamps_of(files, table, account)
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


def _fetch(files: Files, name: str, path: Path) -> None:
    """Download a ledger of a remote archive, if there is one, to write it."""
    if isinstance(files, LocalFiles):
        return
    _remove(path)
    with _readable(files, name) as fetched:
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
