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
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, replace
from datetime import date

from sonnys_data_client.archive import index
from sonnys_data_client.archive.account_names import check_new_account, looks_like_value
from sonnys_data_client.archive.check import Problem, find_open, find_problems, find_strangers
from sonnys_data_client.archive.closing import set_modes
from sonnys_data_client.archive.disputed import DisputedRange
from sonnys_data_client.archive.erasing import Receipt, erase
from sonnys_data_client.archive.evidence import Rule
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.filling import check_empty, holding, open_writer, writing
from sonnys_data_client.archive.landed import Landed
from sonnys_data_client.archive.lock import Lease
from sonnys_data_client.archive.mark import change_mark
from sonnys_data_client.archive.reader import ArchiveReader
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.archive.store import QUARANTINE_LOST, Partition, PartitionStore
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.archive.views import write_views
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.errors import ArchiveError, ValidationError
from sonnys_data_client.redaction import Redaction
from sonnys_data_client.words import counted


@dataclass(frozen=True, slots=True)
class Repair:
    """What a repair found and did.

    Attributes:
        problems: What was wrong.
        reread: Partitions that were set aside, or lack rows. The next sync reads them again, as far as the server still
            has them.
        removed: Number of files that killed runs had left.
        closed: Number of files and folders that got the mode which they should have.
    """

    problems: Sequence[Problem]
    reread: Sequence[Partition]
    removed: int
    closed: int = 0


@dataclass(frozen=True, slots=True)
class Compaction:
    """What `Archive.compact` did.

    Attributes:
        rewritten: Partitions that were rewritten in today's layout.
        removed: Number of files that killed runs had left.
    """

    rewritten: Sequence[Partition]
    removed: int


class Archive(ArchiveReader):
    """An archive: query it, check it, fill it. Creating the object does no I/O.

    ```python
    with Archive("acme").transactions() as rows:
        print(rows.to_polars())
    ```

    Args:
        address: A folder, or any address that fsspec knows (`s3://...`); or its files, from `files_at`.
        shared: Whether the group of its folder may read it, from the next run on that writes. None for as it is; a new
            archive is its owner's alone. Of an archive in a folder only.

    Raises:
        ArchiveError: fsspec does not know this kind of address.
    """

    def __init__(
        self, address: str | os.PathLike[str] | LocalFiles | RemoteFiles, *, shared: bool | None = None
    ) -> None:
        super().__init__(address)
        self._shared = shared

    def check_address(self) -> None:
        """Check that there is an archive at the address, or that one can be made there. Changes nothing.

        Raises:
            ArchiveError: The folder is something else.
        """
        if isinstance(self._files, LocalFiles) and not self.exists():
            check_empty(self._files)

    def check_account(self, name: str) -> None:
        """Check that an account is here already, or may be added under this name. Changes nothing.

        Raises:
            ValidationError: The name looks like a number, a date or nothing to tools that read the folders.
            ArchiveError: The archive cannot be read.
        """
        if looks_like_value(name):
            check_new_account(name, self.accounts() if self.exists() else ())

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
        with holding(self._files):
            change_mark(self._files, lambda mark: replace(mark, web_shop=code))
        self.write_views()

    # -- disputes -------------------------------------------------------------------------------------------------

    def accept(
        self, start: date, end: date | None = None, *, account: str | None = None, table: str | None = None
    ) -> list[Landed]:
        """Let go of the rows of disputed days that the server no longer returns. The change log keeps each of them.

        Args:
            start: First UTC day; of a snapshot, its date.
            end: Last UTC day; None for the first.
            account: One account; None for all.
            table: One table; None for all.

        Returns:
            What became of each partition that was disputed.

        Raises:
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, or a partition is damaged or cannot be written.
        """
        return self._decide(DisputedRange(account, table, start, end or start), accept=True)

    def keep(
        self, start: date, end: date | None = None, *, account: str | None = None, table: str | None = None
    ) -> list[Landed]:
        """Keep these rows for good. That they do not come is not disputed again. Otherwise like `accept`."""
        return self._decide(DisputedRange(account, table, start, end or start), accept=False)

    def _decide(self, which: DisputedRange, *, accept: bool) -> list[Landed]:
        self._mark()
        with self.writing() as writer:  # which knows better than a ledger that a killed run left
            found = which.find(writer.evidence, Rule())
            return [*filter(None, [writer.decide(each.partition, accept=accept) for each in found])]

    # -- privacy --------------------------------------------------------------------------------------------------

    def redact(self, redaction: Redaction | None = None, *, account: str = "main") -> Receipt:
        """Hide personal data of an account in all files that are there, and in what is written from now on.

        Nobody can undo it: the server forgets, too. Files behind backups and exports are not reached.

        Args:
            redaction: What to hide, in the place of what was said before; None for that once more, such as after a
                backup was restored.
            account: The account's name in the archive.

        Returns:
            What was taken out of which file.

        Raises:
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, or a file of it is damaged or cannot be written.
        """
        return self._erase(account, redaction=redaction)

    def forget(self, customer: str, *, account: str = "main") -> Receipt:
        """Erase a customer: from all files that are there, and from what later syncs bring.

        The row in `customers` leaves. Rows of sales and memberships stay, so that sums and counts do, but name nobody:
        `personal.FORGOTTEN` lists what is emptied. Rows are told by the customer's id. A plate that came without one
        stays. Backups and exports are not reached.

        Args:
            customer: The customer's id, such as `1:234`.
            account: The account's name in the archive.

        Returns:
            What was taken out of which file. It holds no personal data.

        Raises:
            ValidationError: The id is empty.
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, or a file of it is damaged or cannot be written.
        """
        if not customer.strip():
            raise ValidationError("The customer's id is empty.", remedy="Give it as customers.customer_id has it.")
        return self._erase(account, customer=customer.strip())

    def _erase(self, account: str, *, redaction: Redaction | None = None, customer: str | None = None) -> Receipt:
        self._mark()
        with self.writing() as writer:
            if not writer.partitions(account):
                raise ValidationError(parameter="account", value=account, allowed=self.accounts())
            if redaction is not None:
                writer.privacy.set_redaction(account, redaction)
            digest = "" if customer is None else writer.privacy.forget(account, customer)
            return erase(writer, account, customer=digest, at=time.time())

    # -- maintenance ----------------------------------------------------------------------------------------------

    def check(self) -> list[Problem]:
        """Read every file through and compare it with the ledger; empty if the archive is sound. Changes nothing.

        Raises:
            ArchiveError: There is no archive.
        """
        oldest = self._mark().oldest_layout
        around = [*find_strangers(self._files), *find_open(self._files)]
        with closing(PartitionStore(self._files)) as store:
            try:
                known = index.recorded(self._files)
                if known is None:
                    known = {found: of for name in TABLES for found, of in self.evidence(name).items()}
            except ArchiveError as error:
                in_files = [problem for problem in find_problems(store, {}, oldest) if problem.damaged]
                return [Problem(str(error)), *in_files, *around]
            problems = [*find_problems(store, known, oldest), *around]
        problems += [Problem(str(each), each.partition, disputed=True) for each in self.disputes()]
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
        with holding(self._files) as renew:
            removed = self._files.clean()
            problems = self.check()
            closed = set_modes(self._files) if isinstance(self._files, LocalFiles) else 0
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
                    writer.doubt(partition, QUARANTINE_LOST)
                self._remember_oldest(writer)
        again = [partition for partition in damaged if partition.table in TABLES]
        return Repair(problems, [*again, *sorted(incomplete)], removed, closed)

    def compact(self) -> Compaction:
        """Rewrite every file that an earlier version of this package wrote in another layout, and remove leftovers.

        The models of today parse the raw form of the rows, so fields that are new in the models become columns.

        Raises:
            ArchiveHeldError: A sync is running.
            ArchiveError: There is no archive, a file of it is damaged, or it cannot be written.
        """
        self._mark()
        with holding(self._files) as renew, open_writer(self._files, renew) as writer:
            removed = self._files.clean()
            rewritten = writer.compact()
            self._remember_oldest(writer)
        self.write_views()
        return Compaction(rewritten, removed)

    def _remember_oldest(self, writer: Writer) -> None:
        """Write into the mark which layout the oldest files have."""
        oldest = writer.oldest_layout()
        change_mark(self._files, lambda mark: replace(mark, oldest_layout=oldest))

    # -- writing --------------------------------------------------------------------------------------------------

    def writing(self, account: str | None = None, lease: Lease | None = None) -> AbstractContextManager[Writer]:
        """Hold an account for writing, and make the archive if there is none: see `filling`.

        Runs of other accounts may write this archive meanwhile.

        Args:
            account: The account; None to hold the whole archive, alone.
            lease: The account's lease, if there are leases.

        Raises:
            ArchiveHeldError: Another run holds it; the message says who.
            ArchiveError: The folder is something else, or cannot be written.
        """
        return writing(self._files, account, lease, shared=self._shared)

    def claiming(self, source: str) -> AbstractContextManager[object]:
        """Keep others from bringing in the rows of a source for the first time, for as long as the block lasts.

        Args:
            source: Fingerprint of an account (`Account.fingerprint`).

        Raises:
            ArchiveHeldError: Another run does so, under another account's name.
        """
        return holding(self._files, f"source-{source}")

    def write_views(self) -> None:
        """Write `archive.duckdb` anew, the views for BI tools; a remote archive has none.

        Raises:
            ArchiveError: It cannot be written: Windows refuses while a tool has it open. Or a file cannot be read.
        """
        write_views(self._files, self._mark())
