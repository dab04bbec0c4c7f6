"""The archive as its user sees it.

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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, get_args

from sonnys_data_client.archive import index
from sonnys_data_client.archive.check import Problem, find_problems
from sonnys_data_client.archive.descriptions import ViewDescription, descriptions
from sonnys_data_client.archive.evidence import Coverage, Evidence, Rule, State, day_of, judge
from sonnys_data_client.archive.files import LocalFiles, RemoteFiles, files_at
from sonnys_data_client.archive.filling import check_empty, open_writer, writing
from sonnys_data_client.archive.lock import hold
from sonnys_data_client.archive.mark import MARK, Mark, read_mark, write_mark
from sonnys_data_client.archive.moved import doubtful, find_duplicates
from sonnys_data_client.archive.queries import Answer, ask
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS
from sonnys_data_client.archive.views import write_views
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.engine.sites import fold
from sonnys_data_client.engine.windows import history_start
from sonnys_data_client.errors import ArchiveError, SonnysError, ValidationError
from sonnys_data_client.notebook import facts, grid
from sonnys_data_client.words import counted


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair found and did.

    Attributes:
        problems: What was wrong.
        reread: Partitions that were set aside, or lack rows. The next sync reads them again, as far as the server still
            has them.
        removed: Number of files that killed runs had left.
    """

    problems: Sequence[Problem]
    reread: Sequence[Partition]
    removed: int


@dataclass(frozen=True, slots=True)
class Compaction:
    """What `Archive.compact` did.

    Attributes:
        rewritten: Partitions that were rewritten in today's layout.
        removed: Number of files that killed runs had left.
    """

    rewritten: Sequence[Partition]
    removed: int


class Archive:
    """An archive: query it, check it, fill it. Creating the object does no I/O.

    ```python
    with Archive("acme").transactions() as rows:
        print(rows.to_polars())
    ```

    Args:
        address: A folder, or any address that fsspec knows (`s3://...`); or its files, from `files_at`.

    Raises:
        ArchiveError: fsspec does not know this kind of address.
    """

    def __init__(self, address: str | os.PathLike[str] | LocalFiles | RemoteFiles) -> None:
        self._files = address if isinstance(address, LocalFiles | RemoteFiles) else files_at(address)

    @property
    def address(self) -> str:
        """The archive's address."""
        return self._files.address

    @property
    def is_local(self) -> bool:
        """Whether it is a folder of this machine. Files from elsewhere are downloaded to be read."""
        return isinstance(self._files, LocalFiles)

    def exists(self) -> bool:
        """Tell whether there is an archive at the address."""
        return self._files.exists(MARK)

    def check_address(self) -> None:
        """Check that there is an archive at the address, or that one can be made there. Changes nothing.

        Raises:
            ArchiveError: The folder is something else.
        """
        if isinstance(self._files, LocalFiles) and not self.exists():
            check_empty(self._files)

    def __repr__(self) -> str:
        return f"Archive({_without_credentials(self.address)!r})"

    def _repr_html_(self) -> str:
        address = _without_credentials(self.address)
        try:
            days = self.coverage() if self.exists() else []
        except SonnysError as problem:
            return facts("Archive", {"address": address, "coverage": problem})
        accounts: dict[str, list[Coverage]] = {}
        for day in days:
            accounts.setdefault(day.account, []).append(day)
        states = get_args(State)
        rows = [
            (account, of[0].day, of[-1].day, *(sum(day.state == state for day in of) for state in states))
            for account, of in accounts.items()
        ]
        return grid(f"Archive at {address}: days of transactions", ("account", "first", "last", *states), rows)

    # -- queries --------------------------------------------------------------------------------------------------

    def sql(self, text: str, values: Sequence[Any] | Mapping[str, Any] | None = None) -> Answer:
        """Query the archive in SQL, as it is now. A sync that runs meanwhile does not affect the answer.

        The views are `transactions`, `transaction_items`, `transaction_tenders`, `transaction_discounts`, one for each
        other table, `changes` (what changed between readings) and `quarantine` (rows that could not be parsed). The
        name of a snapshot table, such as `sites`, shows the newest snapshot of each account; `sites_history` has all,
        by `date`. `date` is the UTC day of a partition, `business_date` the day in the site's calendar, and
        `transaction_local_time` the time there. Money is DECIMAL; instants are in UTC. `describe` explains each column.

        Args:
            text: A `SELECT`, in DuckDB's SQL.
            values: Values for `?` or `$name` in it.

        Raises:
            ValidationError: DuckDB cannot answer it; the message has DuckDB's own words.
            ArchiveError: There is no archive, or it cannot be read.
        """
        return ask(self._files, text, values, mark=self._mark())

    def transactions(self) -> Answer:
        """Return all transactions: as tuples, a DuckDB relation, or an Arrow or Polars frame."""
        return self.table(TRANSACTIONS.name)

    def table(self, name: str) -> Answer:
        """Return all rows of one view.

        Raises:
            ValidationError: There is no such view.
            ArchiveError: There is no archive, or it cannot be read.
        """
        return self.sql(f'SELECT * FROM "{name}"')

    @staticmethod
    def describe() -> Mapping[str, ViewDescription]:
        """Say what every view and every column of it holds, by the view's name. Reads no file of the archive."""
        return descriptions()

    def name_web_shop(self, code: str) -> None:
        """Set what queries call a site without a code, such as a web shop; `WEB` if nobody does. No file changes.

        Args:
            code: The code. No site of the archive may have it.

        Raises:
            ValidationError: It is empty, or a site has it.
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, or it cannot be read or written.
        """
        code = code.strip()
        if not code:
            raise ValidationError("The code of the web shop is empty.", remedy="Name one, such as WEB.")
        taken = self._sites_called(code)
        if taken:
            raise ValidationError(f"{taken[0]} has the code {code!r}.", remedy="Choose a code that no site has.")
        with hold(self._files):
            write_mark(self._files, replace(self._mark(), web_shop=code))
        self.write_views()

    def web_shop_warnings(self) -> list[str]:
        """Say which sites have the code that queries give to the web shop: a join would mix them up. A line for each.

        Raises:
            ArchiveError: There is no archive, or it cannot be read.
        """
        code = self._mark().web_shop
        return [
            f"{site} has the code {code!r}, by which queries call the web shop; "
            "give the web shop another with sonnys archive web-shop"
            for site in self._sites_called(code)
        ]

    def _sites_called(self, code: str) -> list[str]:
        """Find the sites to which the API gives a code, as codes are compared."""
        if not self._files.names("sites"):
            return []
        with self.sql("SELECT account, name, raw->>'$.code' FROM sites ORDER BY ALL") as answer:
            return [
                f"site {name!r} of {account}"
                for account, name, own in answer.fetchall()
                if own and fold(own) == fold(code)
            ]

    # -- coverage -------------------------------------------------------------------------------------------------

    def accounts(self) -> list[str]:
        """List the accounts that have transactions here, in order."""
        return sorted({partition.account for partition in self.evidence(TRANSACTIONS.name)})

    def evidence(self, table: str = TRANSACTIONS.name, account: str | None = None) -> dict[Partition, Evidence]:
        """Return what is known about a table's partitions: of one account, or of all.

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
        """Say which days of transactions are complete, partial, missing or aged out, and how that is known.

        Args:
            account: One account; None for all.
            start: First UTC day; None for the oldest that the archive or the server has.
            end: Last UTC day; None for today.
            rule: The rule by which a day is closed.
            now: Epoch seconds; None for the clock's.

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
            of_account = {partition.day: found for partition, found in known.items() if partition.account == name}
            first = min([reachable, *of_account]) if start is None else start
            days += [
                judge(name, day, of_account.get(day), rule=rule or Rule(), now=wall, oldest=oldest)
                for day in _days(first, day_of(wall) if end is None else end)
            ]
        return days

    def doubtful(self, account: str | None = None) -> dict[Partition, list[str]]:
        """Find days of transactions to read again because rows of theirs moved to another day since: see `moved`.

        Args:
            account: One account; None for all.

        Returns:
            Each such day, and the ids that another day has too.

        Raises:
            ArchiveError: There is no archive, or a partition is damaged.
        """
        found = find_duplicates(self._files, account, mark=self._mark())
        return doubtful(found, self.evidence(TRANSACTIONS.name, account))

    # -- maintenance ----------------------------------------------------------------------------------------------

    def check(self) -> list[Problem]:
        """Read every file through and compare it with the ledger; empty if the archive is sound. Changes nothing.

        Raises:
            ArchiveError: There is no archive.
        """
        oldest = self._mark().oldest_layout
        with closing(PartitionStore(self._files)) as store:
            try:
                with index.reading(self._files) as ledger:
                    ledger.check()
                    known = {partition: found for name in TABLES for partition, found in ledger.evidence(name).items()}
            except ArchiveError as error:
                in_files = [problem for problem in find_problems(store, {}, oldest) if problem.damaged]
                return [Problem(str(error)), *in_files]
            problems = list(find_problems(store, known, oldest))
        if any(problem.damaged for problem in problems):
            return problems
        return [*problems, *self._moved(), *map(Problem, self.web_shop_warnings())]

    def _moved(self) -> Iterator[Problem]:
        for partition, ids in self.doubtful().items():
            yield Problem(f"{partition.name} has {counted(len(ids), 'row')} that another day has too", partition)

    def repair(self) -> Repair:
        """Repair what can be repaired here; the next sync reads the rest again.

        Raises:
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, or it cannot be written.
        """
        self._mark()
        with hold(self._files) as renew:
            removed = self._files.clean()
            problems = self.check()
            about = [(problem, problem.partition) for problem in problems if problem.partition is not None]
            damaged = [partition for problem, partition in about if problem.damaged]
            incomplete = {partition.rows for problem, partition in about if problem.reread} - set(damaged)
            with closing(PartitionStore(self._files)) as store:
                for partition in damaged:
                    renew()
                    store.set_aside(partition)
            index.delete(self._files)
            with open_writer(self._files, renew) as writer:
                for partition in sorted(incomplete):
                    writer.doubt(partition, "rows of it that were in quarantine are lost")
                self._remember_oldest(writer)
        again = [partition for partition in damaged if partition.table in TABLES]
        return Repair(problems, [*again, *sorted(incomplete)], removed)

    def compact(self) -> Compaction:
        """Rewrite every file that an earlier version of this package wrote in another layout, and remove leftovers.

        The models of today parse the raw form of the rows, so fields that are new in the models become columns.

        Raises:
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, a file of it is damaged, or it cannot be written.
        """
        self._mark()
        with hold(self._files) as renew, open_writer(self._files, renew) as writer:
            removed = self._files.clean()
            rewritten = writer.compact()
            self._remember_oldest(writer)
        self.write_views()
        return Compaction(rewritten, removed)

    def _remember_oldest(self, writer: Writer) -> None:
        """Write into the mark which layout the oldest files have."""
        mark, oldest = self._mark(), writer.oldest_layout()
        if mark.oldest_layout != oldest:
            write_mark(self._files, replace(mark, oldest_layout=oldest))

    # -- writing --------------------------------------------------------------------------------------------------

    def writing(self) -> AbstractContextManager[Writer]:
        """Hold the archive for writing, and make it if there is none: see `filling`.

        Raises:
            ArchiveHeldError: Another run holds it; the message says who.
            ArchiveError: The folder is something else, or cannot be written.
        """
        return writing(self._files)

    def write_views(self) -> None:
        """Write `archive.duckdb` anew, the views for BI tools; a remote archive has none.

        Raises:
            ArchiveError: It cannot be written: Windows refuses while a tool has it open. Or a file cannot be read.
        """
        write_views(self._files, self._mark())

    def _mark(self) -> Mark:
        if not self.exists():
            raise ArchiveError(f"There is no archive at {self.address}.", remedy="Run sonnys sync to make one.")
        return read_mark(self._files)


def _without_credentials(address: str) -> str:
    """Return an address without the credentials that one of an object store may hold."""
    return re.sub(r"(?<=://)[^/]*@", "", address)


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)
