"""Find what is wrong with an archive, and say what repairs it.

| problem                                              | `repair`                                             |
|------------------------------------------------------|------------------------------------------------------|
| a partition cannot be read                           | moves it away; the next sync reads its day           |
| a partition has other rows than it says              | the same                                             |
| quarantine is damaged, or lacks rows of a day        | moves it away; the next sync reads the day again     |
| the ledger is damaged                                | makes it again from the partitions                   |
| the ledger and a partition differ                    | believes the partition                               |
| a file has an older layout than `archive.json` says  | corrects `archive.json`; `compact` rewrites the file |
| a killed run left files                              | removes them                                         |
| two days have the same row                           | nothing: the next sync reads the earlier day again   |
| a day is disputed                                    | nothing: it is not damaged, and a person decides     |
| a file is not the archive's                          | nothing: whoever put it there moves it away          |
| others may open a file or a folder                   | closes it, unless it is another user's               |
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from sonnys_data_client.archive.closing import is_own, too_open
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.files import Files, LocalFiles
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES
from sonnys_data_client.errors import ArchiveDamagedError
from sonnys_data_client.modes import GROUP
from sonnys_data_client.words import counted


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        what: One sentence that names it.
        partition: The partition; None if it is the ledger, or a file that is not the archive's.
        damaged: Whether the partition cannot be used.
        reread: Whether the rows must be read again.
        disputed: Whether nothing is damaged, and a person is to decide about a reading.
        stranger: Whether it is a file that is not the archive's. `repair` leaves it where it is.
        too_open: Whether nothing is damaged, and more people may open it than was asked for.
    """

    what: str
    partition: Partition | None = None
    damaged: bool = False
    reread: bool = False
    disputed: bool = False
    stranger: bool = False
    too_open: bool = False

    def __str__(self) -> str:
        return self.what


def find_strangers(files: Files) -> Iterator[Problem]:
    """Find every file below the archive that is not its own.

    Queries leave it out, but another tool that reads all files of a folder counts its rows twice. Folders that are
    synced with another machine get such files (`data (conflicted copy).parquet`), and so do those that macOS copies.

    Args:
        files: The archive's files.
    """
    for name in files.names(""):
        if not is_own(name):
            yield Problem(f"{name} is not a file of the archive: move it away, or remove it", stranger=True)


def find_open(files: Files) -> Iterator[Problem]:
    """Find files and folders that more people may open than was asked for: one problem for each folder of the archive.

    Files of earlier versions of this package are open to all users of the machine, by its umask.

    Args:
        files: The archive's files.
    """
    if not isinstance(files, LocalFiles):  # who may read an object is said at its store
        return
    places: dict[str, list[str]] = defaultdict(list)
    for name in too_open(files):
        places[name.partition("/")[0]].append(name)
    for place, names in sorted(places.items()):
        named = (
            names[0] if len(names) == 1 else f"{counted(len(names), 'file or folder', 'files and folders')} of {place}"
        )
        named = "the archive's folder" if place == "." else named
        wanted = "its owner and its group" if files.access_to(place) == GROUP else "its owner"
        yield Problem(f"{named} can be opened by others than {wanted}", too_open=True)


def find_problems(store: PartitionStore, known: dict[Partition, Evidence], oldest: int) -> Iterator[Problem]:
    """Read every file through, and compare it with the ledger and the archive's mark.

    Args:
        store: The partitions.
        known: What the ledger says.
        oldest: The oldest layout that a file may have, by the mark.
    """
    held: dict[Partition, int | None] = {}
    for name in (QUARANTINE, CHANGES):
        for partition in store.partitions(name):
            try:
                rows: int | None = store.verify(partition)
                if name == CHANGES and store.layout_of_log(partition) < oldest:
                    yield _older_layout(partition)
            except ArchiveDamagedError as damage:
                yield Problem(damage.problem, partition, damaged=True, reread=name == QUARANTINE)
                rows = None
            if name == QUARANTINE:
                held[partition.rows] = rows
    for name in TABLES:
        for partition in store.partitions(name):
            yield from _in_rows(store, partition, known.pop(partition, None), held.get(partition, 0), oldest)
    for partition in known:
        yield Problem(f"{partition.name} is in the ledger and not in the archive", partition)


def _in_rows(
    store: PartitionStore, partition: Partition, said: Evidence | None, held: int | None, oldest: int
) -> Iterator[Problem]:
    """Find what is wrong with a partition of the API's rows.

    Args:
        store: The partitions.
        partition: Which.
        said: What the ledger says about it.
        held: Its rows in quarantine; None if that file is damaged.
        oldest: The oldest layout that a file may have.
    """
    try:
        rows, evidence = store.verify(partition), store.evidence(partition)
    except ArchiveDamagedError as damage:
        yield Problem(damage.problem, partition, damaged=True)
        return
    if evidence is None:
        return
    if rows != evidence.rows:
        what = f"{partition.name} holds {rows} rows and says that it holds {evidence.rows}"
        yield Problem(what, partition, damaged=True)
        return
    if held is not None and held != evidence.quarantined:
        what = f"quarantine holds {held} rows of {partition} and should hold {evidence.quarantined}"
        yield Problem(what, partition, reread=True)
    elif held is not None and said != evidence:
        yield Problem(f"the ledger does not agree with {partition.name}", partition)
    if evidence.written_by < oldest:
        yield _older_layout(partition)


def _older_layout(partition: Partition) -> Problem:
    return Problem(f"{partition.name} has an older layout than archive.json says", partition)
