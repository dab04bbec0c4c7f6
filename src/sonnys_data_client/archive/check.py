"""Is the archive sound? And if not: what can be mended here, and what must be read again.

| found                                         | `repair` does                                         |
|-----------------------------------------------|-------------------------------------------------------|
| a partition that cannot be read               | sets it aside; its day counts as not read             |
| a partition whose rows are not what it says   | the same                                              |
| the ledger is damaged                         | makes it again from the partitions                    |
| the ledger and a partition differ             | believes the partition                                |
| files that a killed run left                  | removes them                                          |
| rows that another day has, too                | nothing: the next sync reads the earlier of the two   |
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.store import CHANGES, QUARANTINE, Partition, Store
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.errors import ArchiveError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as it should be.

    Attributes:
        what: One sentence that names it.
        partition: The partition it is about; None for the ledger.
        damaged: Whether the partition cannot be used.
    """

    what: str
    partition: Partition | None = None
    damaged: bool = False

    def __str__(self) -> str:
        return self.what


def examine(store: Store, known: dict[Partition, Evidence]) -> Iterator[Finding]:
    """Read every file through, and compare it with the ledger.

    Args:
        store: The partitions.
        known: What the ledger says.
    """
    for name in (*TABLES, QUARANTINE, CHANGES):
        for partition in store.partitions(name):
            said = known.pop(partition, None)
            try:
                rows = store.verify(partition)
                evidence = store.evidence(partition) if name in TABLES else None
            except ArchiveError as problem:
                yield Finding(str(problem), partition, damaged=True)
                continue
            if evidence is None:
                continue
            if rows != evidence.rows:
                what = f"{partition.name} holds {rows} rows and says that it holds {evidence.rows}"
                yield Finding(what, partition, damaged=True)
            elif said != evidence:
                yield Finding(f"the ledger does not know {partition.name} as it is", partition)
    for partition in known:
        yield Finding(f"{partition.name} is in the ledger and not in the archive", partition)
