"""Is the archive sound? And if not: what can be mended here, and what must be read again.

| found                                         | `repair` does                                         |
|-----------------------------------------------|-------------------------------------------------------|
| a partition that cannot be read               | sets it aside; its day counts as not read             |
| a partition whose rows are not what it says   | the same                                              |
| quarantine is damaged, or lacks rows of a day | sets it aside; the next sync reads the day again      |
| the ledger is damaged                         | makes it again from the partitions                    |
| the ledger and a partition differ             | believes the partition                                |
| a file older than `archive.json` says         | notes that in `archive.json`: `compact` rewrites it   |
| files that a killed run left                  | removes them                                          |
| rows that another day has, too                | nothing: the next sync reads the earlier of the two   |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.store import Partition, Store
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES
from sonnys_data_client.errors import ArchiveDamagedError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        what: One sentence that names it.
        partition: The partition it is about; None for the ledger.
        damaged: Whether the partition cannot be used.
        reread: Whether the rows that it is about are to be read again.
    """

    what: str
    partition: Partition | None = None
    damaged: bool = False
    reread: bool = False

    def __str__(self) -> str:
        return self.what


def examine(store: Store, known: dict[Partition, Evidence], oldest: int) -> Iterator[Finding]:
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
                    yield _of_older_layout(partition)
            except ArchiveDamagedError as problem:
                yield Finding(str(problem), partition, damaged=True, reread=name == QUARANTINE)
                rows = None
            if name == QUARANTINE:
                held[partition.rows] = rows
    for name in TABLES:
        for partition in store.partitions(name):
            yield from _of_rows(store, partition, known.pop(partition, None), held.get(partition, 0), oldest)
    for partition in known:
        yield Finding(f"{partition.name} is in the ledger and not in the archive", partition)


def _of_older_layout(partition: Partition) -> Finding:
    return Finding(f"{partition.name} has an older layout than archive.json says", partition)


def _of_rows(
    store: Store, partition: Partition, said: Evidence | None, held: int | None, oldest: int
) -> Iterator[Finding]:
    """Look at a partition of the API's rows, of which so many lie in quarantine; None if nobody can tell."""
    try:
        rows, evidence = store.verify(partition), store.evidence(partition)
    except ArchiveDamagedError as problem:
        yield Finding(str(problem), partition, damaged=True)
        return
    if evidence is None:
        return
    if rows != evidence.rows:
        what = f"{partition.name} holds {rows} rows and says that it holds {evidence.rows}"
        yield Finding(what, partition, damaged=True)
        return
    if held is not None and held != evidence.quarantined:
        what = f"of {partition}, {held} rows are in quarantine where there should be {evidence.quarantined}"
        yield Finding(what, partition, reread=True)
    if evidence.written_by < oldest:
        yield _of_older_layout(partition)
    if said != evidence:
        yield Finding(f"the ledger does not know {partition.name} as it is", partition)
