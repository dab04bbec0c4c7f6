"""The archive: what a user holds in hand.

```python
archive = Archive("~/car-wash")
archive.sql("SELECT business_date, sum(total) FROM transactions GROUP BY ALL ORDER BY ALL").fetchall()
for day in archive.coverage():
    print(day.day, day.state, day.why)
```
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, get_args

from sonnys_data_client.archive import index
from sonnys_data_client.archive.check import Finding, examine
from sonnys_data_client.archive.evidence import Coverage, Evidence, Rule, State, day_of, judge
from sonnys_data_client.archive.files import WORKSHOP, LocalFiles, RemoteFiles, explained, files_at
from sonnys_data_client.archive.lock import Renew, hold
from sonnys_data_client.archive.mark import FORMAT, MARK, Mark, read_mark, write_mark
from sonnys_data_client.archive.moved import doubles, doubtful
from sonnys_data_client.archive.queries import Answer, ask
from sonnys_data_client.archive.store import Partition, Store
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES, TRANSACTIONS
from sonnys_data_client.archive.views import write_views
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.engine.windows import history_start
from sonnys_data_client.errors import ArchiveError, SonnysError
from sonnys_data_client.notebook import facts, grid


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair found and did.

    Attributes:
        findings: What was not as it should be.
        reread: Partitions that were set aside, or lack rows: the next sync reads them again, as far as the server can.
        removed: Files that killed runs had left.
    """

    findings: Sequence[Finding]
    reread: Sequence[Partition]
    removed: int


@dataclass(frozen=True, slots=True)
class Compacted:
    """What was made smaller or newer.

    Attributes:
        rewritten: Partitions that were written again in today's layout.
        removed: Files that killed runs had left.
    """

    rewritten: Sequence[Partition]
    removed: int


class Archive:
    """An archive, for questions and for whoever writes it. Making one does no I/O.

    ```python
    with Archive("acme").transactions() as rows:
        print(rows.to_polars())
    ```

    Args:
        address: A folder, or any address that fsspec knows (`s3://...`); or the files there, from `files_at`.

    Raises:
        ArchiveError: fsspec does not know this kind of address.
    """

    def __init__(self, address: str | os.PathLike[str] | LocalFiles | RemoteFiles) -> None:
        self._files = address if isinstance(address, LocalFiles | RemoteFiles) else files_at(address)

    @property
    def address(self) -> str:
        """Where it is."""
        return self._files.address

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine: from elsewhere, files are fetched to be read."""
        return isinstance(self._files, LocalFiles)

    def exists(self) -> bool:
        """Whether anything was archived here yet."""
        return self._files.exists(MARK)

    def __repr__(self) -> str:
        return f"Archive({_shown(self.address)!r})"

    def _repr_html_(self) -> str:
        try:
            days = self.coverage() if self.exists() else []
        except SonnysError as problem:
            return facts("Archive", {"address": _shown(self.address), "coverage": problem})
        accounts: dict[str, list[Coverage]] = {}
        for day in days:
            accounts.setdefault(day.account, []).append(day)
        states = get_args(State)
        rows = [
            (account, of[0].day, of[-1].day, *(sum(day.state == state for day in of) for state in states))
            for account, of in accounts.items()
        ]
        title = f"Archive at {_shown(self.address)}: days of transactions"
        return grid(title, ("account", "first", "last", *states), rows)

    # -- questions ------------------------------------------------------------------------------------------------

    def sql(self, text: str, values: Sequence[Any] | Mapping[str, Any] | None = None) -> Answer:
        """Ask a question in SQL, of the archive as it is now; a sync that runs meanwhile does not disturb it.

        The views are `transactions`, `transaction_items`, `transaction_tenders`, `transaction_discounts`, one for each
        other table, `changes` (what changed between readings) and `quarantine`. `date` is the UTC day of a partition,
        `business_date` the day in the site's calendar; money is DECIMAL, instants are in UTC.

        Args:
            text: A `SELECT`, in DuckDB's SQL.
            values: Values for `?` or `$name` in it.

        Raises:
            ValidationError: DuckDB cannot answer it, in its own words.
            ArchiveError: There is no archive, or it cannot be read.
        """
        return ask(self._files, text, values, oldest=self._mark().oldest_layout)

    def transactions(self) -> Answer:
        """All transactions: a DuckDB relation, or an Arrow or Polars frame."""
        return self.table(TRANSACTIONS.name)

    def table(self, name: str) -> Answer:
        """All rows of one view.

        Raises:
            ValidationError: There is no such view.
            ArchiveError: There is no archive, or it cannot be read.
        """
        return self.sql(f'SELECT * FROM "{name}"')

    # -- coverage -------------------------------------------------------------------------------------------------

    def accounts(self) -> list[str]:
        """The accounts whose transactions are here, in order."""
        return sorted({partition.account for partition in self.evidence(TRANSACTIONS.name)})

    def evidence(self, table: str = TRANSACTIONS.name, account: str | None = None) -> dict[Partition, Evidence]:
        """What is known of a table's partitions: of one account, or of all.

        Raises:
            ArchiveError: The ledger is damaged.
        """
        with index.reading(self._files) as ledger:
            return ledger.evidence(table, account)

    def coverage(
        self,
        account: str | None = None,
        *,
        start: date | None = None,
        end: date | None = None,
        rule: Rule | None = None,
        now: float | None = None,
    ) -> list[Coverage]:
        """Which days of transactions are complete, partial, missing or aged out, and how we know.

        Args:
            account: One account; None for all.
            start: First UTC day; the oldest that the archive or the server has, unless given.
            end: Last UTC day; today, unless given.
            rule: When a day is closed.
            now: Epoch seconds; the clock's, unless given.

        Returns:
            One entry for each account and day, oldest first.

        Raises:
            ArchiveError: The ledger is damaged.
        """
        wall = time.time() if now is None else now
        oldest = history_start(wall)
        known = self.evidence(TRANSACTIONS.name, account)
        accounts = sorted({partition.account for partition in known}) if account is None else [account]
        reachable = day_of(oldest) + timedelta(days=1)
        days: list[Coverage] = []
        for name in accounts:
            mine = {partition.day: evidence for partition, evidence in known.items() if partition.account == name}
            first = min([reachable, *mine]) if start is None else start
            days += [
                judge(name, day, mine.get(day), rule=rule or Rule(), now=wall, oldest=oldest)
                for day in _days(first, day_of(wall) if end is None else end)
            ]
        return days

    def doubtful(self, account: str | None = None) -> dict[Partition, list[str]]:
        """Days of transactions that are to be read again, for rows of theirs moved to another day since: see `moved`.

        Args:
            account: One account; None for all.

        Returns:
            Each such day, and the ids that are elsewhere, too.

        Raises:
            ArchiveError: There is no archive, or a partition is damaged.
        """
        found = doubles(self._files, account, oldest=self._mark().oldest_layout)
        return doubtful(found, self.evidence(TRANSACTIONS.name, account))

    # -- care -----------------------------------------------------------------------------------------------------

    def check(self) -> list[Finding]:
        """Read every file through and compare it with the ledger; empty if all is well. Changes nothing.

        Raises:
            ArchiveError: There is no archive.
        """
        oldest = self._mark().oldest_layout
        with closing(Store(self._files)) as store:
            try:
                with index.reading(self._files) as ledger:
                    ledger.check()
                    known = {partition: found for name in TABLES for partition, found in ledger.evidence(name).items()}
            except ArchiveError as problem:
                return [Finding(str(problem)), *(finding for finding in examine(store, {}, oldest) if finding.damaged)]
            findings = list(examine(store, known, oldest))
        return findings if any(finding.damaged for finding in findings) else [*findings, *self._moved()]

    def _moved(self) -> Iterator[Finding]:
        for partition, ids in self.doubtful().items():
            yield Finding(f"{partition.name} has rows that another day has, too ({len(ids)})", partition)

    def repair(self) -> Repair:
        """Mend what can be mended here, and have the rest read again by the next sync.

        Raises:
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, or it cannot be written.
        """
        self._mark()
        with hold(self._files) as renew:
            removed = self._files.clean()
            findings = self.check()
            about = [(finding, finding.partition) for finding in findings if finding.partition is not None]
            damaged = [partition for finding, partition in about if finding.damaged]
            doubtful = {partition.rows for finding, partition in about if finding.reread} - set(damaged)
            with closing(Store(self._files)) as store:
                for partition in damaged:
                    renew()
                    store.set_aside(partition)
            index.throw_away(self._files)
            with self._writer(renew) as writer:
                for partition in sorted(doubtful):
                    writer.doubt(partition, "rows of it that were in quarantine are lost")
                self._remember_oldest(writer)
        again = [partition for partition in damaged if partition.table in TABLES]
        return Repair(findings, [*again, *sorted(doubtful)], removed)

    def compact(self) -> Compacted:
        """Rewrite every file that an earlier version of this package wrote in another layout, and remove leftovers.

        The rows' raw forms are read by the models of today, so fields that they have learnt since become columns.

        Raises:
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, it is damaged, or it cannot be written.
        """
        self._mark()
        with hold(self._files) as renew, self._writer(renew) as writer:
            removed = self._files.clean()
            rewritten = writer.compact()
            self._remember_oldest(writer)
        self.write_views()
        return Compacted(rewritten, removed)

    # -- writing --------------------------------------------------------------------------------------------------

    @contextmanager
    def writing(self) -> Generator[Writer]:
        """Hold the archive for writing; makes it if there is none.

        Raises:
            ArchiveHeldError: Another run holds it; the message says who.
            ArchiveError: The place is something else, or cannot be written.
        """
        self._make_if_new()
        with hold(self._files) as renew:
            self._files.clean()
            with self._writer(renew) as writer:
                yield writer

    @contextmanager
    def _writer(self, renew: Renew) -> Generator[Writer]:
        """What writes an archive that is held."""
        files = self._files
        self._raise_format()
        with closing(Store(files)) as store, index.writing(files, store, renew) as ledger:
            yield Writer(files, ledger, store, renew)

    def _raise_format(self) -> None:
        """Keep earlier versions of this package away from an archive in which files of today's layout will be."""
        mark = self._mark()
        if mark.format == FORMAT:
            return
        write_mark(self._files, replace(mark, format=FORMAT))
        with suppress(ArchiveError):  # a tool has it open, on Windows; the sync writes it again at its end, and warns
            self.write_views()

    def _remember_oldest(self, writer: Writer) -> None:
        """Write into the mark which layout the oldest files have."""
        mark, oldest = self._mark(), writer.oldest_layout()
        if mark.oldest_layout != oldest:
            write_mark(self._files, replace(mark, oldest_layout=oldest))

    def write_views(self) -> None:
        """Write `archive.duckdb` anew, the views for BI tools; a remote archive has none.

        Raises:
            ArchiveError: It cannot be written. Windows refuses while a tool has it open.
        """
        write_views(self._files, oldest=self._mark().oldest_layout)

    def _make_if_new(self) -> None:
        if self.exists():
            self._mark()
            return
        root = Path(self.address)
        if self.is_local and root.is_file():
            raise ArchiveError(f"{self.address} is a file, and an archive is a folder.", remedy="Name a folder.")
        if self.is_local and root.exists():
            with explained(f"{self.address} cannot be used"):
                others = [path for path in root.iterdir() if path.name != WORKSHOP]
            if others and not self._files.names(TRANSACTIONS.name):  # an archive may have lost its mark
                raise ArchiveError(
                    f"{self.address} is not an archive, and not empty.",
                    remedy="Name a new folder, or the folder of the archive.",
                )
        # An archive that has lost its mark may have files of any layout.
        lost = any(self._files.names(table) for table in (*TABLES, CHANGES, QUARANTINE))
        write_mark(self._files, Mark(oldest_layout=1) if lost else Mark())

    def _mark(self) -> Mark:
        if not self.exists():
            raise ArchiveError(f"There is no archive at {self.address}.", remedy="Run sonnys sync to make one.")
        return read_mark(self._files)


def _shown(address: str) -> str:
    """An address without the credentials that one of an object store may hold."""
    return re.sub(r"(?<=://)[^/]*@", "", address)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
