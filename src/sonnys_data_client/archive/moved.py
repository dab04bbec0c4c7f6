"""Rows that moved to another day after theirs was read: which days are to be read again.

A ticket that is finished, or put right, some days later may complete on another day than it did. Days that are read
again anyway let go of it; a day that was closed before still has it, and the row would count twice. No row that came
is thrown away for that: the day that was read earlier is read again, and what the server then says holds. Should it
still have the row there, the day remembers that (`Evidence.shared`), and is not asked again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.files import Files
from sonnys_data_client.archive.queries import ask
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import TRANSACTIONS


@dataclass(frozen=True, slots=True)
class Double:
    """A transaction that is in several partitions.

    Attributes:
        account: The account.
        id: Its id.
        days: The UTC days, in order.
    """

    account: str
    id: str
    days: tuple[date, ...]

    @property
    def partitions(self) -> list[Partition]:
        """The partitions."""
        return [Partition(TRANSACTIONS.name, self.account, day) for day in self.days]


def doubles(files: Files, account: str | None = None, *, oldest: int) -> list[Double]:
    """All transactions that are in several partitions. Reads one column of all of them.

    Args:
        files: The archive's files.
        account: One account; None for all.
        oldest: The oldest layout that a file may have.

    Raises:
        ArchiveError: A partition is damaged.
    """
    query = (
        "SELECT account, id, list(date ORDER BY date) FROM transactions WHERE account = coalesce($account, account) "
        "GROUP BY account, id HAVING count(*) > 1 ORDER BY account, id"
    )
    with ask(files, query, {"account": account}, oldest=oldest) as answer:
        return [Double(account, id, tuple(days)) for account, id, days in answer.fetchall()]


def doubtful(found: Iterable[Double], known: Mapping[Partition, Evidence]) -> dict[Partition, list[str]]:
    """The partitions to read again, each with the ids that are elsewhere, too.

    Args:
        found: What is in several partitions.
        known: What is known of the partitions.
    """
    ids: dict[Partition, list[str]] = defaultdict(list)
    for double in found:
        for partition in _unsettled(double, known):
            ids[partition].append(double.id)
    return dict(ids)


def _unsettled(found: Double, known: Mapping[Partition, Evidence]) -> Iterator[Partition]:
    """The partitions of a double that were read before another of it, and not again for it."""
    there = [partition for partition in found.partitions if partition in known]
    newest = max((known[partition].read_at for partition in there), default=0.0)
    for partition in there:
        if known[partition].read_at < newest and found.id not in known[partition].shared:
            yield partition
