"""What became of a partition that was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.dispute import Dispute
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.store import Partition


@dataclass(frozen=True, slots=True)
class Landed:
    """The result of putting a reading into the archive.

    Attributes:
        partition: The partition.
        evidence: What is known of it now.
        changes: What differs from the reading before.
        gaps: What this reading could not get, one line for each gap.
        kept: Rows that the server seems to have aged out, and the archive kept.
    """

    partition: Partition
    evidence: Evidence
    changes: Sequence[Change] = ()
    gaps: Sequence[str] = ()
    kept: int = 0

    @property
    def rows(self) -> int:
        """Its rows now."""
        return self.evidence.rows

    @property
    def quarantined(self) -> int:
        """Its rows in quarantine now."""
        return self.evidence.quarantined

    @property
    def unparsed_values(self) -> Mapping[str, int]:
        """Values in its rows that could not be parsed, by field."""
        return self.evidence.unparsed_values

    @property
    def dispute(self) -> Dispute | None:
        """Why the partition is disputed; None if it is not."""
        return self.evidence.dispute
