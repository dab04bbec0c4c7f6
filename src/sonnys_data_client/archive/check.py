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
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES
from sonnys_data_client.errors import ArchiveDamagedError


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Attributes:
        what: One sentence that names it.
        partition: The partition; None if it is the ledger.
        damaged: Whether the partition cannot be used.
        reread: Whether the rows must be read again.
        disputed: Whether nothing is damaged, and a person is to decide about a reading.
    """

    what: str
    partition: Partition | None = None
    damaged: bool = False
    reread: bool = False
    disputed: bool = False

    def __str__(self) -> str:
        return self.what


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
    if evidence.written_by < oldest:
        yield _older_layout(partition)
    if said != evidence:
        yield Problem(f"the ledger does not agree with {partition.name}", partition)


def _older_layout(partition: Partition) -> Problem:
    return Problem(f"{partition.name} has an older layout than archive.json says", partition)
