"""Read an archive: query it, say what it has and how that is known. `archive` adds what writes."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, get_args

from sonnys_data_client.archive import index
from sonnys_data_client.archive.descriptions import ViewDescription, descriptions
from sonnys_data_client.archive.disputed import Disputed, DisputedRange
from sonnys_data_client.archive.evidence import Coverage, Evidence, Rule, State, day_of, judge, oddly_empty
from sonnys_data_client.archive.files import LocalFiles, files_at
from sonnys_data_client.archive.mark import MARK, Mark, read_mark
from sonnys_data_client.archive.moved import doubtful, find_duplicates
from sonnys_data_client.archive.queries import Answer, ask
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.engine.sites import fold
from sonnys_data_client.engine.windows import history_start
from sonnys_data_client.errors import ArchiveError, SonnysError
from sonnys_data_client.notebook import facts, grid


class ArchiveReader:
    """An archive that is read. It needs no leave to write, and changes nothing.

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

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_without_credentials(self.address)!r})"

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

    def sql(
        self,
        text: str,
        values: Sequence[Any] | Mapping[str, Any] | None = None,
        *,
        allow_outside: bool = False,
    ) -> Answer:
        """Query the archive in SQL, as it is now. A sync that runs meanwhile does not affect the answer.

        The views are `transactions`, `transaction_items`, `transaction_tenders`, `transaction_discounts`, one for each
        other table, `changes` (what changed between readings) and `quarantine` (rows that could not be parsed). The
        name of a snapshot table, such as `sites`, shows the newest snapshot of each account; `sites_history` has all,
        by `date`. `date` is the UTC day of a partition, `business_date` the day in the site's calendar, and
        `transaction_local_time` the time there. Money is DECIMAL; instants are in UTC. `describe` explains each column.

        Args:
            text: A `SELECT`, in DuckDB's SQL.
            values: Values for `?` or `$name` in it.
            allow_outside: Whether it may read files and addresses outside of the archive, too, such as a CSV file of
                yours, with this user's rights. `Answer.relation` can write files only then. Leave it out for a query
                that somebody else wrote.

        Raises:
            ValidationError: DuckDB cannot answer it; the message has DuckDB's own words. Or it reads a file outside of
                the archive.
            ArchiveError: There is no archive, or it cannot be read.
        """
        return ask(self._files, text, values, mark=self._mark(), allow_outside=allow_outside)

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
        return index.read_evidence(self._files, table, account)

    def coverage(
        self,
        account: str | None = None,
        *,
        start: date | None = None,
        end: date | None = None,
        rule: Rule | None = None,
        now: float | None = None,
    ) -> list[Coverage]:
        """Say which days of transactions are complete, partial, disputed, missing or aged out, and how that is known.

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
        wall, by = time.time() if now is None else now, rule or Rule()
        oldest = history_start(wall)
        known = self.evidence(TRANSACTIONS.name, account)
        accounts = sorted({partition.account for partition in known}) if account is None else [account]
        reachable = day_of(oldest) + timedelta(days=1)
        days: list[Coverage] = []
        for name in accounts:
            of_account = {partition.day: found for partition, found in known.items() if partition.account == name}
            odd = oddly_empty(of_account, by)
            first = min([reachable, *of_account]) if start is None else start
            days += [
                judge(name, day, of_account.get(day), rule=by, now=wall, oldest=oldest, odd=odd.get(day))
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

    # -- disputes -------------------------------------------------------------------------------------------------

    def disputes(
        self,
        account: str | None = None,
        *,
        table: str | None = None,
        start: date = date.min,
        end: date = date.max,
        rule: Rule | None = None,
    ) -> list[Disputed]:
        """List the days and snapshots whose last reading lacked more rows than late corrections take: see `dispute`.

        Their rows stay until they come again, or until `accept` or `keep`.

        Args:
            account: One account; None for all.
            table: One table; None for all.
            start: First UTC day.
            end: Last UTC day.
            rule: The rule by which a day is closed.

        Raises:
            ArchiveError: The ledger is damaged.
        """
        return DisputedRange(account, table, start, end).find(self.evidence, rule or Rule())

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
