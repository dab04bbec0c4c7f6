"""What a sync is doing, and what it did."""

from __future__ import annotations

from dataclasses import dataclass, field

from sonnys_data_client.archive.filling import Change, Landed
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.notebook import facts
from sonnys_data_client.sync.budget import Budget
from sonnys_data_client.sync.recount import Off
from sonnys_data_client.words import counted


@dataclass(slots=True)
class SyncProgress:
    """Live counters of a sync, to be read from any thread.

    Attributes:
        days: Days to read.
        days_done: Days that are put away.
        changes: What differs from earlier readings, so far.
        table: The table that is being read.
        export: Counters of the reading of transactions: rows, pages, requests, time left.
        tables: Other tables to read; 0 until the first of them is begun.
        tables_done: Those of them that are done with, read or refused.
        rows: Rows of other tables that have come.
        budget: What is spent: requests, of everything together.
    """

    days: int = 0
    days_done: int = 0
    changes: int = 0
    table: str = TRANSACTIONS.name
    export: Progress = field(default_factory=Progress)
    tables: int = 0
    tables_done: int = 0
    rows: int = 0
    budget: Budget = field(default_factory=Budget)


@dataclass(slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        landed: Days of transactions that were put away, in the order in which that happened.
        others: Partitions of other tables that were put away.
        refused: Tables that the server would not give, or not whole, and why; what the archive had of them stays.
        due: Days of transactions that were due.
        recounted: Closed days of transactions that the server was asked to count again.
        off: Those of them of which it counted something else: they became due.
        requests: Requests spent.
        stopped: Why it stopped before its end, if it did: the budget. The next run goes on there.
        warnings: What the operator should know.
    """

    landed: list[Landed] = field(default_factory=list[Landed])
    others: list[Landed] = field(default_factory=list[Landed])
    refused: dict[str, str] = field(default_factory=dict[str, str])
    due: int = 0
    recounted: int = 0
    off: list[Off] = field(default_factory=list[Off])
    requests: int = 0
    stopped: str | None = None
    warnings: list[str] = field(default_factory=list[str])

    @property
    def rows(self) -> int:
        """Transactions in the days that were put away."""
        return sum(landed.rows for landed in self.landed)

    @property
    def quarantined(self) -> int:
        """Rows, of other tables too, that fit no column and are kept raw."""
        return sum(landed.quarantined for landed in (*self.landed, *self.others))

    @property
    def kept(self) -> int:
        """Rows, of other tables too, that the server seems to have forgotten, and the archive has not."""
        return sum(landed.kept for landed in (*self.landed, *self.others))

    @property
    def changes(self) -> list[Change]:
        """What differs from earlier readings."""
        return [change for landed in (*self.landed, *self.others) for change in landed.changes]

    @property
    def incomplete(self) -> list[Landed]:
        """What was put away with gaps: the next sync reads it again."""
        return [landed for landed in self.landed if landed.gaps]

    @property
    def complete(self) -> bool:
        """Whether every day and every table that was due was read whole."""
        return self.stopped is None and len(self.landed) == self.due and not self.incomplete and not self.refused

    @property
    def _outcome(self) -> str:
        return "complete" if self.complete else "stopped early" if self.stopped is not None else "incomplete"

    def __repr__(self) -> str:
        return (
            f"SyncReport({len(self.landed):,} of {counted(self.due, 'day')}, {counted(self.rows, 'row')}, "
            f"{counted(len(self.changes), 'change')}, {self._outcome}, {counted(self.requests, 'request')})"
        )

    def _repr_html_(self) -> str:
        return facts(
            "Report of a sync",
            {
                "outcome": self._outcome,
                "days of transactions": f"{len(self.landed):,} of {self.due:,}",
                "transactions": f"{self.rows:,}",
                "partitions of other tables": f"{len(self.others):,}",
                "changes": f"{len(self.changes):,}",
                "rows in quarantine": f"{self.quarantined:,}",
                "tables refused": ", ".join(self.refused),
                "stopped": self.stopped,
                "requests": f"{self.requests:,}",
                "warnings": "; ".join(self.warnings),
            },
        )
