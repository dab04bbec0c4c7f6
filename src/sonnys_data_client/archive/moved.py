"""Find rows that moved to another day after their day was read, and the days to read again for them.

A ticket that is finished or corrected some days later may complete on another day than before. A day that is read again
anyway lets go of it. A day that was closed before still has it, and the row would count twice. No row that came is
thrown away for that. The day that was read earlier is read again, and what the server then says holds. If the server
still has the row on that day too, the day remembers that (`Evidence.shared`) and is not read again for it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sonnys_data_client.archive.database import own_query
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.files import Files
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.queries import ask
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import TRANSACTIONS


@dataclass(frozen=True, slots=True)
class Duplicate:
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
        """The partitions that have it."""
        return [Partition(TRANSACTIONS.name, self.account, day) for day in self.days]


def find_duplicates(files: Files, account: str | None = None, *, mark: Mark) -> list[Duplicate]:
    """Find all transactions that are in several partitions. Reads one column of all of them.

    Args:
        files: The archive's files.
        account: One account; None for all.
        mark: What `archive.json` says.

    Raises:
        ArchiveError: A partition is damaged.
    """
    query = (
        "SELECT account, id, list(date ORDER BY date) FROM transactions WHERE account = coalesce($account, account) "
        "GROUP BY account, id HAVING count(*) > 1 ORDER BY account, id"
    )
    with own_query(), ask(files, query, {"account": account}, mark=mark) as answer:
        return [Duplicate(account, id, tuple(days)) for account, id, days in answer.fetchall()]


def doubtful(duplicates: Iterable[Duplicate], known: Mapping[Partition, Evidence]) -> dict[Partition, list[str]]:
    """Return the partitions to read again, each with the ids that another partition has too.

    Args:
        duplicates: What is in several partitions.
        known: The evidence of the partitions.
    """
    ids: dict[Partition, list[str]] = defaultdict(list)
    for duplicate in duplicates:
        for partition in _to_read_again(duplicate, known):
            ids[partition].append(duplicate.id)
    return dict(ids)


def _to_read_again(duplicate: Duplicate, known: Mapping[Partition, Evidence]) -> Iterator[Partition]:
    """Yield the partitions that were read before another one of the duplicate, and not again for it."""
    partitions = [partition for partition in duplicate.partitions if partition in known]
    newest = max((known[partition].read_at for partition in partitions), default=0.0)
    for partition in partitions:
        if known[partition].read_at < newest and duplicate.id not in known[partition].shared:
            yield partition
