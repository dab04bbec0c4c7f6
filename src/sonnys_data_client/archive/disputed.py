"""List what is disputed in an archive. Pure.

It waits for its rows to come again, for a second proof, or for a person. Of the snapshots of a list only the newest
counts. What was odd about an older one is settled by it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sonnys_data_client.archive.dispute import Dispute
from sonnys_data_client.archive.evidence import Evidence, Rule, oddly_empty
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS


@dataclass(frozen=True, slots=True)
class Disputed:
    """A partition whose last reading is disputed.

    Attributes:
        partition: The partition.
        dispute: Why, with both counts.
    """

    partition: Partition
    dispute: Dispute

    def __str__(self) -> str:
        return f"{self.partition} is disputed ({self.dispute})"


@dataclass(frozen=True, slots=True)
class DisputedRange:
    """Which disputes are meant.

    Attributes:
        account: One account; None for all.
        table: One table; None for all.
        start: First UTC day.
        end: Last UTC day.
    """

    account: str | None = None
    table: str | None = None
    start: date = date.min
    end: date = date.max

    def find(self, evidence: Callable[[str, str | None], Mapping[Partition, Evidence]], rule: Rule) -> list[Disputed]:
        """Return what is disputed in the range.

        Args:
            evidence: Returns what is known of a table's partitions: of one account, or of all.
            rule: The rule by which a day is closed.
        """
        tables = TABLES if self.table is None else (self.table,)
        found = [each for name in tables for each in find_disputes(name, evidence(name, self.account), rule)]
        return [each for each in found if self.start <= each.partition.day <= self.end]


def find_disputes(table: str, known: Mapping[Partition, Evidence], rule: Rule) -> Iterator[Disputed]:
    """Yield what is disputed in a table, in order.

    Args:
        table: The table.
        known: The evidence of its partitions.
        rule: The rule by which a day is closed.
    """
    accounts: dict[str, dict[date, Evidence]] = defaultdict(dict)
    for partition, evidence in known.items():
        accounts[partition.account][partition.day] = evidence
    for account, days in sorted(accounts.items()):
        odd = oddly_empty(days, rule) if table == TRANSACTIONS.name else {}
        open_days = [max(days)] if TABLES[table].kind == "snapshots" else sorted(days)
        for day in open_days:
            dispute = days[day].dispute or odd.get(day)
            if dispute is not None:
                yield Disputed(Partition(table, account, day), dispute)
