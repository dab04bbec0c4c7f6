"""Read the short lists of days of transactions, join their statuses to the archive's rows, and find what differs.

`audit` decides which days, and what a difference is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from sonnys_data_client.archive.evidence import day_end, day_start
from sonnys_data_client.archive.filling import Partition, Writer
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.errors import APIStatusError, IncompleteError, RowError, UnexpectedResponseError
from sonnys_data_client.sync.account import wall_time
from sonnys_data_client.sync.audit import DueList, ListedDay, ListMismatch, ShortRow, compare
from sonnys_data_client.sync.report import SyncReport


def list_day(client: SonnysClient, day: date, through: float) -> ListedDay:
    """Read the short list of a day. Cost: one request for each 100 rows.

    Args:
        client: The account.
        day: The UTC day.
        through: Epoch second up to which the archive has the day.

    Raises:
        APIError: The list was refused, or the API cannot be reached.
    """
    rows: dict[str, ShortRow] = {}
    problem, whole = "", True
    last = int(min(day_end(day), through)) - 1
    try:
        for page in client.transactions.pages_v2(startDate=day_start(day), endDate=last):
            for row in page.rows:
                status = row.transaction_status
                rows[row.trans_id] = ShortRow(row.total, None if status is None else str(status))
    except RowError as error:
        problem = error.problem
    except IncompleteError as error:
        problem, whole = next(iter(error.gaps), error.problem), False
    return ListedDay(rows, wall_time(client), problem, whole)


@dataclass(slots=True)
class ShortLists:
    """What a sync does with short lists.

    Attributes:
        client: The account; its requests count against the budget.
        writer: Writes the archive.
        account: The account's name in the archive.
        report: What was done so far.
        differing: Lists of days that differ and are to be read again by jobs, by day. They are joined after that.
        refused: Whether the server refuses these lists.
    """

    client: SonnysClient
    writer: Writer
    account: str
    report: SyncReport
    differing: dict[date, ListedDay] = field(default_factory=dict[date, ListedDay])
    refused: bool = False

    def read(self, due: DueList) -> None:
        """Read a day's list, and join it; or mark the day as one to read again, because it differs.

        Raises:
            APIConnectionError: The API cannot be reached.
            BudgetSpentError: The budget is spent.
            ArchiveError: The archive cannot be written.
        """
        listed = self._list(due.day, due.evidence.through)
        if listed is None:
            return
        self.report.days_audited += due.compared
        mismatch = self._mismatch(due, listed) if due.compared and not listed.problem else None
        if mismatch is None:
            self._join(due.day, listed)
            return
        self.report.list_mismatches[due.day] = mismatch
        self.writer.doubt(self._partition(due.day), mismatch.why, difference=mismatch.digest)
        self.differing[due.day] = listed

    def join(self, day: date, through: float) -> None:
        """Give a day that has just been read its statuses. Arguments and errors: see `list_day` and `read`."""
        listed = self.differing.pop(day, None) or self._list(day, through)
        if listed is not None:
            self._join(day, listed)

    def _list(self, day: date, through: float) -> ListedDay | None:
        if self.refused:
            return None
        try:
            listed = list_day(self.client, day, through)
        except (APIStatusError, UnexpectedResponseError) as problem:  # a licence may allow jobs and not this list
            self.refused = True
            self.report.warnings.append(f"statuses could not be read: {problem.problem}")
            return None
        if listed.problem:
            self.report.warnings.append(f"not all statuses of {day} could be read: {listed.problem}")
        return listed

    def _mismatch(self, due: DueList, listed: ListedDay) -> ListMismatch | None:
        mismatch = compare(self.writer.short_rows(self._partition(due.day)), listed, due.evidence)
        if mismatch is None or mismatch.digest != due.evidence.difference:
            return mismatch
        self.report.warnings.append(f"{due.day}: {mismatch.why}, and its jobs say the same as before")
        return None

    def _join(self, day: date, listed: ListedDay) -> None:
        statuses = {id: row.status for id, row in listed.rows.items()}
        landed = self.writer.join(self._partition(day), statuses, listed.read_at, whole=listed.whole)
        self.report.joined.append(landed)

    def _partition(self, day: date) -> Partition:
        return Partition(TRANSACTIONS.name, self.account, day)
