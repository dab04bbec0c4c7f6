"""Take out of an archive what it must not hold any more: in all its files, and in what runs left in its work folder.

Every file is written again from the rows that are left, so it has a new seal. A run that is killed is run again: what
the archive must not hold was written down before the first file, so no sync brings it back meanwhile.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

from sonnys_data_client.archive.writer import Writer


@dataclass(frozen=True, slots=True)
class Erased:
    """What was taken out of one partition: of its rows, its rows in quarantine and its change log.

    Attributes:
        partition: Name of its file.
        removed: Rows that left.
        emptied: Rows that stayed, with less in them.
        entries: Entries of the change log that left, or have less in them.
    """

    partition: str
    removed: int
    emptied: int
    entries: int


@dataclass(frozen=True, slots=True)
class Receipt:
    """What was erased, for those who must prove it. It holds no personal data.

    Attributes:
        account: The account.
        customer: Digest of the customer's id, with the account's key; empty if it is not about one customer.
        at: When, UTC, as ISO text.
        erased: What was taken out of which partition.
        jobs: Kept jobs that were deleted, with the pages that they had brought. Their days are read afresh.
        damaged: Copies of damaged files that were deleted, because nobody can read what is in them.
    """

    account: str
    customer: str
    at: str
    erased: Sequence[Erased]
    jobs: int
    damaged: int

    @property
    def digest(self) -> str:
        """SHA-256 of all of it, as JSON with sorted names and without spaces."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, separators=(",", ":")).encode()).hexdigest()

    def to_dict(self) -> dict[str, Any]:
        """Return it as plain values, with its digest."""
        return {**asdict(self), "erased": [asdict(each) for each in self.erased], "digest": self.digest}


def erase(writer: Writer, account: str, *, customer: str, at: float) -> Receipt:
    """Take what an account's privacy names out of its files, and out of the work folder.

    Args:
        writer: Writes the archive. Its privacy says what to take out.
        account: The account.
        customer: Digest of the customer whom it is about; empty if it is about none.
        at: Epoch seconds.

    Raises:
        ArchiveHeldError: Another run took this one for dead.
        ArchiveError: A file is damaged, or cannot be written. Run again, it goes on.
    """
    found = ((partition.name, writer.apply_privacy(partition)) for partition in writer.partitions(account))
    erased = [Erased(name, hid.removed, hid.emptied, hid.entries) for name, hid in found if not hid.is_same]
    jobs, damaged = writer.clear_work_folder()
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
    return Receipt(account, customer, moment, erased, jobs, damaged)
