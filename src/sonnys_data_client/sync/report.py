"""Live counters of a sync, and the report at its end."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from threading import Event

from sonnys_data_client.archive.disputed import Disputed
from sonnys_data_client.archive.filling import Change, Landed
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.notebook import facts
from sonnys_data_client.sync.audit import ListMismatch
from sonnys_data_client.sync.budget import Budget
from sonnys_data_client.sync.recount import CountMismatch
from sonnys_data_client.words import counted, tallied


@dataclass(slots=True)
class SyncProgress:
    """Live counters of a sync, to be read from any thread.

    Attributes:
        days: Days of transactions to read.
        days_done: Those of them that are archived.
        changes: Differences from earlier readings of these days, so far.
        table: Name of the table that is being read.
        export: Counters of the export of transactions: rows, pages, requests, time left.
        tables: How many other tables to read; 0 until the first of them begins.
        tables_done: How many of these were read, or could not be read.
        rows: Rows of other tables that have come.
        budget: What is spent: the requests for everything together.
        stop: Set it to have the sync end soon. It sends no further request, waits for the replies to those on the wire,
            and returns its report. That may take a period of the throttle, 15 seconds.
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
    stop: Event = field(default_factory=Event)


@dataclass(slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        days: Days of transactions that were archived, in the order in which that happened.
        other_partitions: Partitions of other tables that were archived.
        failed_tables: Other tables that could not be read whole, each with the reason: the server refused them, failed
            on some rows, or counted more rows than it gave. What came is archived with its gaps, what the archive had
            of them stays, and the next sync reads them again.
        days_due: How many days of transactions were due.
        days_recounted: How many closed days of transactions the server was asked to count again.
        count_mismatches: Those of them of which it counted more or fewer rows. They became due.
        event_mismatches: Days of events of which the server counted more or fewer rows, by table. They were read again.
        joined: Days of transactions that were given their statuses.
        days_audited: How many closed days were compared with the server's list.
        list_mismatches: Those of them that differ from it. They became due.
        requests: Requests spent.
        stopped: Why it stopped before the end; None if it did not. The next run goes on from there.
        warnings: What the operator should know, a line each.
        disputes: What is disputed in the archive by now, of all tables of the account. A person decides.
    """

    days: list[Landed] = field(default_factory=list[Landed])
    other_partitions: list[Landed] = field(default_factory=list[Landed])
    failed_tables: dict[str, str] = field(default_factory=dict[str, str])
    days_due: int = 0
    days_recounted: int = 0
    count_mismatches: list[CountMismatch] = field(default_factory=list[CountMismatch])
    event_mismatches: dict[str, list[CountMismatch]] = field(default_factory=dict[str, list[CountMismatch]])
    joined: list[Landed] = field(default_factory=list[Landed])
    days_audited: int = 0
    list_mismatches: dict[date, ListMismatch] = field(default_factory=dict[date, ListMismatch])
    requests: int = 0
    stopped: str | None = None
    warnings: list[str] = field(default_factory=list[str])
    disputes: list[Disputed] = field(default_factory=list[Disputed])

    @property
    def rows(self) -> int:
        """Transactions in the days that were archived."""
        return sum(landed.rows for landed in self.days)

    @property
    def quarantined(self) -> int:
        """Rows of all tables that could not be parsed. The archive keeps them raw."""
        return sum(landed.quarantined for landed in self._partitions)

    @property
    def unparsed_values(self) -> dict[str, int]:
        """Values in rows of all tables that could not be parsed, by field, such as `transactions.items.quantity`.

        Each is NULL in its column, and `raw` has it as it came.
        """
        found = Counter[str]()
        for landed in self._partitions:
            for name, count in landed.unparsed_values.items():
                found[f"{landed.partition.table}.{name}"] += count
        return dict(found)

    @property
    def forgotten_by_server(self) -> int:
        """Rows of all tables that the server no longer gives, it seems because of their age. The archive keeps them."""
        return sum(landed.kept for landed in self._partitions)

    @property
    def changes(self) -> list[Change]:
        """Differences from earlier readings, of all tables."""
        return [change for landed in (*self._partitions, *self.joined) for change in landed.changes]

    @property
    def incomplete_days(self) -> list[Landed]:
        """Days of transactions that were archived with gaps. The next sync reads them again."""
        return [landed for landed in self.days if landed.gaps]

    @property
    def complete(self) -> bool:
        """Whether every day and every table that was due was read whole, and no row is held back."""
        return (
            self.stopped is None
            and len(self.days) == self.days_due
            and not self.incomplete_days
            and not self.failed_tables
            and not any(each.dispute.needs_person for each in self.disputes)
        )

    @property
    def _partitions(self) -> list[Landed]:
        return [*self.days, *self.other_partitions]

    @property
    def _outcome(self) -> str:
        return "complete" if self.complete else "stopped early" if self.stopped is not None else "incomplete"

    def __repr__(self) -> str:
        return (
            f"SyncReport({len(self.days):,} of {counted(self.days_due, 'day')}, {counted(self.rows, 'row')}, "
            f"{counted(len(self.changes), 'change')}, {self._outcome}, {counted(self.requests, 'request')})"
        )

    def _repr_html_(self) -> str:
        return facts(
            "Report of a sync",
            {
                "outcome": self._outcome,
                "days of transactions": f"{len(self.days):,} of {self.days_due:,}",
                "transactions": f"{self.rows:,}",
                "partitions of other tables": f"{len(self.other_partitions):,}",
                "changes": f"{len(self.changes):,}",
                "rows in quarantine": f"{self.quarantined:,}",
                "values not parsed": tallied(self.unparsed_values),
                "tables not read whole": ", ".join(self.failed_tables),
                "disputed": "; ".join(map(str, self.disputes)),
                "stopped": self.stopped,
                "requests": f"{self.requests:,}",
                "warnings": "; ".join(self.warnings),
            },
        )
