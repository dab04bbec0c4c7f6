"""Put a day's rows into the archive: a partition that says how it is known to be complete.

A day has up to three files: its rows, its rows in quarantine, and its change log. The rows' file is written last, and
with it the day is stored. A run that is killed before leaves the old day, and the next run puts the new one again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from decimal import Decimal
from functools import partial

from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.decision import decide
from sonnys_data_client.archive.dispute import LossLimits
from sonnys_data_client.archive.evidence import LAYOUT, Evidence
from sonnys_data_client.archive.files import WORK_FOLDER, Files
from sonnys_data_client.archive.hiding import Privacy
from sonnys_data_client.archive.index import Ledgers
from sonnys_data_client.archive.joined import changed_values, taken_over
from sonnys_data_client.archive.landed import Landed
from sonnys_data_client.archive.ledger import JobShelf
from sonnys_data_client.archive.lock import Renew
from sonnys_data_client.archive.losses import KnownPartition, by_text
from sonnys_data_client.archive.merge import MergedPartition, PartitionRead, is_worse, merge, one_each, with_rows
from sonnys_data_client.archive.privacy import PrivacyFile
from sonnys_data_client.archive.redacted import Redacted, redact_answer, redact_partition, redact_rows
from sonnys_data_client.archive.rows import Calendars, ParsedRows, canonical, encode_texts
from sonnys_data_client.archive.stamps import stamp_of
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES, Table
from sonnys_data_client.errors import ArchiveDamagedError, ArchiveError, UnparsedRow


class Writer:
    """Writes an archive that a run holds; see `filling`.

    Args:
        files: The archive's files.
        ledgers: The ledgers of the accounts that the run holds.
        store: Its partitions.
        renew: Renews the lock.

    Attributes:
        privacy: What it must not write.
    """

    def __init__(self, files: Files, ledgers: Ledgers, store: PartitionStore, renew: Renew) -> None:
        self._files = files
        self._ledgers = ledgers
        self._store = store
        self._renew = renew
        self.privacy = PrivacyFile(files)

    def evidence(self, table: str, account: str | None = None) -> dict[Partition, Evidence]:
        """Return the evidence of a table's partitions as it is now: of one account, or of all that the run holds."""
        return self._ledgers.evidence(table, account)

    def shelf(self, owner: str, account: str | None = None) -> JobShelf:
        """Return the shelf on which an export keeps its jobs and their answers.

        Args:
            owner: `Account.owner`.
            account: Name of the account, as whose answers are redacted. None if none will be kept.
        """
        privacy = Privacy() if account is None else self.privacy.of(account)
        return self._ledgers.shelf(owner, partial(redact_answer, privacy))

    def put(
        self,
        partition: Partition,
        reading: PartitionRead,
        calendars: Calendars,
        limits: LossLimits | None = None,
    ) -> Landed:
        """Put a reading into the archive: replace the partition, unless the reading is worse than what is there.

        A reading that is not proved complete removes no row: a row that did not come again stays. If the partition is
        proved complete, such a reading does not change it at all. No reading removes rows that the server may have
        aged out, or more rows than `dispute` allows.

        Args:
            partition: Which.
            reading: What came.
            calendars: The sites' calendars, with which its rows were encoded.
            limits: How many rows a reading may take away; the defaults if not given.

        Raises:
            ArchiveHeldError: Another run took this one for dead; nothing was written.
            ArchiveError: It cannot be written; what was there is unharmed.
        """
        self._renew()
        table = TABLES[partition.table]
        privacy = self.privacy.of(partition.account)
        reading = replace(reading, rows=redact_rows(privacy, table, reading.rows, calendars))
        known = self._write_sides(partition, redact_partition(privacy, table, self._known(partition, table)))
        before = known.evidence
        if before is not None and is_worse(reading, before):
            return Landed(partition, before, gaps=reading.gaps)
        merged = merge(partition, known, reading, calendars, limits)
        self._replace(partition, known, merged)
        return Landed(partition, merged.evidence, merged.changes, merged.evidence.gaps, merged.kept)

    def apply_privacy(self, partition: Partition) -> Redacted:
        """Write a partition again without what must not be held. One that holds none of that stays as it is.

        Raises:
            ArchiveHeldError: Another run took this one for dead; nothing was written.
            ArchiveError: The partition is damaged, or cannot be written.
        """
        self._renew()
        table, store = TABLES[partition.table], self._store
        known = self._stored(partition, store.changes)
        redacted = redact_partition(self.privacy.of(partition.account), table, known)
        if redacted.is_same:
            return redacted
        now = self._write_sides(partition, redacted)
        if now.evidence is not None:
            rows = encode_texts(table, list(now.raws.values()), store.calendars(partition, table))
            rows = ParsedRows(taken_over(table, rows, known.joined).rows, [*now.quarantine, *rows.unparsed])
            self._write(partition, table, rows, with_rows(now.evidence, rows), now.quarantine)
        return redacted

    def partitions(self, account: str) -> list[Partition]:
        """List all partitions of an account: those, too, of which only quarantine or the change log is left."""
        about = {side.rows for name in (CHANGES, QUARANTINE) for side in self._store.partitions(name)}
        of_rows = {partition for name in TABLES for partition in self._store.partitions(name)}
        return sorted(each for each in about | of_rows if each.account == account)

    def clear_work_folder(self) -> tuple[int, int]:
        """Delete the kept jobs with the pages that they brought, and the copies of damaged files; of all accounts.

        Returns:
            How many jobs, and how many copies.
        """
        jobs = self._ledgers.drop_jobs()
        damaged = self._files.names(f"{WORK_FOLDER}/damaged")
        for name in damaged:
            self._files.remove(name)
        self._ledgers.compact()
        self._ledgers.send()
        return jobs, len(damaged)

    def _write_sides(self, partition: Partition, redacted: Redacted) -> KnownPartition:
        """Write the change log and the quarantine of a partition without what was hidden in them."""
        if not redacted.is_same:
            self._store.write_changes(partition, redacted.known.log)
            self._store.write_quarantine(partition, redacted.known.quarantine)
        return redacted.known

    def decide(self, partition: Partition, *, accept: bool) -> Landed | None:
        """Carry out what a person decided about a disputed reading of a partition.

        Args:
            partition: Which.
            accept: Whether to let go of the rows that the reading lacked. Each then has an entry in the change log,
                which keeps it. Otherwise they stay for good, and that they do not come is not disputed again.

        Returns:
            What became of it; None if it is not disputed.

        Raises:
            ArchiveHeldError: Another run took this one for dead; nothing was written.
            ArchiveError: The partition is damaged, or cannot be written.
        """
        self._renew()
        table, known = TABLES[partition.table], self._stored(partition, self._log)
        at = time.time()
        decided = decide(partition, known, self._store.calendars(partition, table), accept=accept, at=at)
        if decided is None:
            return None
        self._replace(partition, known, decided)
        return Landed(partition, decided.evidence, decided.changes)

    def _replace(self, partition: Partition, known: KnownPartition, merged: MergedPartition) -> None:
        """Write what became of a partition: its change log first."""
        if merged.changes or len(merged.log) < len(known.log):
            self._store.write_changes(partition, merged.log)
        self._write(partition, TABLES[partition.table], merged.rows, merged.evidence, known.quarantine)

    def short_rows(self, partition: Partition) -> dict[str, tuple[Decimal, str | None]]:
        """Read the total and the status of each transaction of a day, by id.

        Raises:
            ArchiveError: The partition is damaged.
        """
        return self._store.short_rows(partition)

    def join(
        self, partition: Partition, values: Mapping[str, str | None], read_at: float, *, whole: bool = True
    ) -> Landed:
        """Give a partition's rows the values of another list in the column that it fills: see `joined`.

        Rows that the list did not name keep what they have. `raw` stays as it is.

        Args:
            partition: Which.
            values: The list's values, by key; None where it says nothing.
            read_at: Epoch seconds at which the list was read.
            whole: Whether all of the list came. If not, it stays due.

        Returns:
            What the partition has now, and the values that differ from those of the list's last reading.

        Raises:
            ArchiveHeldError: Another run took this one for dead; nothing was written.
            ArchiveError: The partition is missing or damaged, or cannot be written; what was there is unharmed.
        """
        self._renew()
        table, before = TABLES[partition.table], self._store.evidence(partition)
        if before is None:
            raise ArchiveError(f"{partition} is not in the archive.", remedy="Run it again.")
        raws, was = self._store.raws(partition, table), self._store.joined(partition, table)
        held, log = self._store.quarantine(partition), self._log(partition)
        known = KnownPartition(before, raws, held, log)
        parsed = encode_texts(table, list(raws.values()), self._store.calendars(partition, table))
        now = {key: value for key, value in {**was, **values}.items() if value is not None}
        version = max([before.version, *(change.version for change in log)]) + 1
        changes = list(changed_values(table, parsed, was, now, seen_at=read_at, version=version))
        if changes:
            self._store.write_changes(partition, [*known.log_for(version), *changes])
        # A row in quarantine that can be parsed by now waits for `compact`: this is about other things.
        new = ParsedRows(taken_over(table, parsed, now).rows, list(by_text([*held, *parsed.unparsed]).values()))
        evidence = replace(
            with_rows(before, new),
            version=version if changes else before.version,
            joined_at=read_at if whole else before.joined_at,
        )
        self._write(partition, table, new, evidence, held)
        return Landed(partition, evidence, changes)

    def doubt(
        self,
        partition: Partition,
        why: str,
        *,
        shared: Sequence[str] = (),
        surplus: int | None = None,
        difference: str | None = None,
    ) -> None:
        """Mark a partition as one that may have too many or too few rows, so that it is due to be read again.

        Args:
            partition: Which.
            why: The reason, as a clause.
            shared: Ids of its rows that another partition has too.
            surplus: How many rows more the server's list counts than the partition has; None if it was not asked. The
                number is confirmed if it was the same the last time, and the partition was read again since.
            difference: See `Evidence.difference`; None if the list was not compared with the rows.

        Raises:
            ArchiveError: The partition is damaged, or cannot be written.
        """

        def doubted(known: Evidence) -> Evidence:
            told = replace(known, doubt=why, shared=tuple(sorted({*known.shared, *shared})))
            told = told if difference is None else replace(told, difference=difference)
            if surplus is None:
                return told
            return replace(told, surplus=surplus if known.suspected == surplus else known.surplus, suspected=surplus)

        self._rewrite(partition, doubted)

    def compact(self) -> list[Partition]:
        """Rewrite every file of an earlier layout, and free the space of deleted entries in the ledgers.

        A partition is written from the raw form of its rows. Its evidence stays.

        Returns:
            The partitions that were rewritten.

        Raises:
            ArchiveError: A file is damaged, or cannot be written.
        """
        known = {partition: found for name in TABLES for partition, found in self._ledgers.evidence(name).items()}
        old = [partition for partition, found in known.items() if found.written_by < LAYOUT]
        for partition in old:
            self._rewrite(partition, lambda known: known)
        for log in self._store.partitions(CHANGES):
            if self._store.layout_of_log(log) < LAYOUT:
                self._renew()
                self._store.write_changes(log.rows, self._store.changes(log.rows))
        self._ledgers.compact()
        return old

    def oldest_layout(self) -> int:
        """Return the oldest layout that a file has. A damaged file may have any."""
        layouts = [LAYOUT]
        for name in TABLES:
            known = self._ledgers.evidence(name)
            layouts += [
                known[partition].written_by if partition in known else 1 for partition in self._store.partitions(name)
            ]
        for log in self._store.partitions(CHANGES):
            try:
                layouts.append(self._store.layout_of_log(log))
            except ArchiveDamagedError:
                layouts.append(1)
        return min(layouts)

    def _rewrite(self, partition: Partition, changed: Callable[[Evidence], Evidence]) -> None:
        """Write a partition again from the raw form of its rows, with changed evidence."""
        self._renew()
        table = TABLES[partition.table]
        evidence = self._store.evidence(partition)
        if evidence is None:
            return
        calendars = self._store.calendars(partition, table)
        held = self._store.quarantine(partition)
        whole = encode_texts(table, list(self._store.raws(partition, table).values()), calendars)
        # The models of today may parse what those of an earlier version could not.
        whole.extend(encode_texts(table, [row.raw for row in held], calendars))
        whole = taken_over(table, one_each(table, whole), self._store.joined(partition, table))
        counted = replace(
            with_rows(evidence, whole),
            # A row that leaves quarantine has no value of the other list yet.
            joined_at=evidence.joined_at if len(whole.rows) <= evidence.rows else None,
        )
        self._write(partition, table, whole, changed(counted), held)

    def _stored(self, partition: Partition, read_log: Callable[[Partition], Sequence[Change]]) -> KnownPartition:
        """Read what the archive has of a partition, whose rows and quarantine must not be damaged."""
        table, store = TABLES[partition.table], self._store
        evidence, raws, joined = store.evidence(partition), store.raws(partition, table), store.joined(partition, table)
        return KnownPartition(evidence, raws, store.quarantine(partition), read_log(partition), joined=joined)

    def _known(self, partition: Partition, table: Table) -> KnownPartition:
        """Read what the archive has of a partition; nothing if it is damaged, because the new reading repairs it."""
        try:
            quarantine = self._store.quarantine(partition)
        except ArchiveDamagedError:
            self._store.set_aside(partition.beside(QUARANTINE))
            quarantine = []
        try:
            evidence, raws = self._store.evidence(partition), self._store.raws(partition, table)
            joined = self._store.joined(partition, table)
        except ArchiveDamagedError:
            self._store.keep_copy(partition)
            evidence, raws, joined = None, {}, {}
        log, earlier = self._log(partition), self._earlier(partition, evidence)
        return KnownPartition(evidence, raws, quarantine, log, earlier, joined)

    def _earlier(self, partition: Partition, evidence: Evidence | None) -> KnownPartition | None:
        """Read the snapshot that a new one is compared with; None if there is none, or nothing to compare."""
        table = TABLES[partition.table]
        if table.kind != "snapshots" or (evidence is not None and evidence.proved_last is not None):
            return None
        proved = [
            each
            for each, found in self._ledgers.evidence(partition.table, partition.account).items()
            if each.day < partition.day and found.proved_last is not None
        ]
        while proved:
            newest = max(proved)
            proved.remove(newest)
            with suppress(ArchiveDamagedError):  # an older one will do
                found, raws = self._store.evidence(newest), self._store.raws(newest, table)
                return KnownPartition(found, raws, self._store.quarantine(newest), [])
        return None

    def _log(self, partition: Partition) -> list[Change]:
        """Read the change log so far; empty if it is damaged."""
        try:
            return self._store.changes(partition)
        except ArchiveDamagedError:
            self._store.set_aside(partition.beside(CHANGES))
            return []

    def _write(
        self, partition: Partition, table: Table, new: ParsedRows, evidence: Evidence, held: Sequence[UnparsedRow]
    ) -> None:
        """Publish a partition.

        At every moment, each row is in one of its files, and the ledger says nothing that the files do not say.

        Args:
            partition: Which.
            table: Its table.
            new: Its rows.
            evidence: Its evidence.
            held: Its rows in quarantine so far.

        Raises:
            ArchiveError: It cannot be written.
        """
        ledger, unparsed = self._ledgers.of(partition.account), by_text(new.unparsed)
        either = [*new.unparsed, *(row for row in held if canonical(row.raw) not in unparsed)]
        if either:
            self._store.write_quarantine(partition, either)
        ledger.forget(partition)
        self._store.write(partition, table, new.rows, evidence)
        if len(either) > len(new.unparsed):
            self._store.write_quarantine(partition, new.unparsed)
        ledger.record(partition, evidence, stamp_of(self._files, partition))
        self._ledgers.send(partition.account)
