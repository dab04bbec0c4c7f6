"""The stamp of a partition: tells without reading whether its files are still those that the ledger knows.

Whoever restores a backup, or syncs a folder with another machine, puts other files under the same names. The ledger
would then describe files that are gone. So it keeps the stamp of each partition beside the evidence: size, time and
inode of the file, and of its rows in quarantine; of a remote file, what its store calls its version. While the stamp is
the same, the ledger is believed. Otherwise the evidence is read from the file.

The time of the last status change (ctime) is not part of it: a query makes links to a file, which changes that time.
"""

from __future__ import annotations

from sonnys_data_client.archive.files import Files
from sonnys_data_client.archive.store import Partition, partition_of
from sonnys_data_client.archive.tables import QUARANTINE


def stamp_of(files: Files, partition: Partition) -> str:
    """Return the stamp of a partition of the API's rows.

    Raises:
        ArchiveError: The store does not answer.
    """
    return _stamp(files.stamp(partition.name), files.stamp(partition.beside(QUARANTINE).name))


def stamps_of(files: Files, table: str, account: str | None = None) -> dict[Partition, str]:
    """Return the stamps of a table's partitions, in order: of one account, or of all. Opens no file.

    Raises:
        ArchiveError: A folder cannot be listed.
    """
    below = "" if account is None else f"/account={account}"
    held = files.stamps(f"{QUARANTINE}{below}")
    found = ((partition_of(name), stamp) for name, stamp in files.stamps(f"{table}{below}").items())
    return {
        partition: _stamp(stamp, held.get(partition.beside(QUARANTINE).name))
        for partition, stamp in found
        if partition is not None
    }


def _stamp(rows: str | None, quarantine: str | None) -> str:
    return f"{rows or ''} {quarantine or ''}"
