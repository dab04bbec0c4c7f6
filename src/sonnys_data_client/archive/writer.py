"""Putting a day away: from raw rows to a partition that says how it is known to be whole.

Three files make a day: its rows, what of them is in quarantine, and what changed since the last reading. The rows' file
comes last, and with it the day is down; whoever dies before leaves the old day, and the new one is put away again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sonnys_data_client.archive import index
from sonnys_data_client.archive.changes import ROW, Change, differences
from sonnys_data_client.archive.evidence import LAYOUT, Evidence, proofs
from sonnys_data_client.archive.files import Files
from sonnys_data_client.archive.forgotten import are_the_first, may_be_forgotten, moment_of
from sonnys_data_client.archive.ledger import JobShelf, Ledger
from sonnys_data_client.archive.lock import Renew
from sonnys_data_client.archive.rows import Batch, Calendars, Misfit, read_batch
from sonnys_data_client.archive.store import Partition, Store
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES, Table
from sonnys_data_client.errors import ArchiveDamagedError

_FORGOTTEN = "the server forgot the rest of it before that was here"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reading of one partition brought.

    Attributes:
        texts: Its raw rows, as `rows.raw_text` writes them.
        total: The server's count; None where it did not say.
        through: Epoch second up to which the day was read.
        proved_as_of: Epoch seconds as of which the rows are proved complete; None if they are not.
        read_at: Epoch seconds now.
        gaps: What is missing, a line each.
        source: A mark of the account that it came from.
        requests: Requests that the reading took; 0 if not counted.
    """

    texts: Sequence[str]
    total: int | None
    through: float
    proved_as_of: float | None
    read_at: float
    gaps: Sequence[str] = ()
    source: str = ""
    requests: int = 0


@dataclass(frozen=True, slots=True)
class Landed:
    """What came of putting a reading away.

    Attributes:
        partition: Where it lies.
        rows: Rows in the partition now.
        quarantined: Rows that fit no column.
        changes: What differs from the reading before.
        gaps: What this reading could not get, a line each.
        kept: How many rows were kept that the server seems to have forgotten.
    """

    partition: Partition
    rows: int
    quarantined: int
    changes: Sequence[Change] = ()
    gaps: Sequence[str] = ()
    kept: int = 0


class _Known(NamedTuple):
    """What is there of a partition.

    Attributes:
        evidence: What is known of it; None if it is not there.
        raws: Its raw rows by their keys.
        misfits: What of it is in quarantine.
    """

    evidence: Evidence | None
    raws: Mapping[str, str]
    misfits: Sequence[Misfit]


class _TooLargeError(Exception):
    """Rows whose values are too large for their columns, as only the database can tell.

    Args:
        raws: These rows.
    """

    def __init__(self, raws: Collection[str]) -> None:
        super().__init__()
        self.raws = raws


class Writer:
    """Writes an archive that its maker holds; from `Archive.writing`.

    Args:
        files: The archive's files.
        ledger: Its ledger.
        store: Its partitions.
        renew: Renews the lock.
    """

    def __init__(self, files: Files, ledger: Ledger, store: Store, renew: Renew) -> None:
        self._files = files
        self._ledger = ledger
        self._store = store
        self._renew = renew

    def evidence(self, table: str, account: str | None = None) -> dict[Partition, Evidence]:
        """What is known of a table's partitions by now: of one account, or of all."""
        return self._ledger.evidence(table, account)

    def shelf(self, account: str) -> JobShelf:
        """The shelf on which an account's export keeps its jobs and what they bring."""
        return self._ledger.shelf(account)

    def put(self, partition: Partition, reading: Reading, calendars: Calendars) -> Landed:
        """Put a reading away: replace the partition, if the reading is as good as what is there.

        A reading that is not proved complete takes no row away: what was there and did not come again stays. What is
        there and proved complete is not touched by one. Nor does any reading take away what may have been forgotten.

        Args:
            partition: Which.
            reading: What came.
            calendars: The sites' calendars.

        Raises:
            ArchiveHeldError: Another run has taken this one for dead; nothing was written.
            ArchiveError: It cannot be written; what was there is unharmed.
        """
        self._renew()
        try:
            return self._put(partition, reading, calendars)
        except _TooLargeError as error:
            return self._put(partition, reading, calendars, error.raws)

    def _put(
        self, partition: Partition, reading: Reading, calendars: Calendars, too_large: Collection[str] = ()
    ) -> Landed:
        table = TABLES[partition.table]
        known = self._known(partition, table)
        before, old = known.evidence, known.raws
        if before is not None and reading.proved_as_of is None and _was_whole(before, reading):
            return Landed(partition, before.rows, before.quarantined, (), reading.gaps)
        came = _one_each(read_batch(table, reading.texts, calendars), too_large)
        forgotten = _forgotten(partition, known, came, reading, calendars)
        kept = len(forgotten.lines) + len(forgotten.misfits)
        if kept and not _was_whole(before, reading):
            reading = replace(reading, proved_as_of=None, gaps=(_FORGOTTEN,))
        if reading.proved_as_of is None:
            batch = _joined(came, table, known, calendars)
        else:
            batch = Batch([*forgotten.lines, *came.lines], [*forgotten.misfits, *came.misfits])
        log = self._log(partition)
        version = before.version + 1 if before is not None else max((change.version for change in log), default=0) + 1
        raws = {line.key: line.raw for line in batch.lines}
        same_ids = old.keys() == raws.keys() and _raws(known.misfits) == _raws(batch.misfits)
        first, last = proofs(before, reading.proved_as_of, reading.through, same_ids=same_ids)
        unchanged = before if before is not None and same_ids and before.total == reading.total else None
        evidence = Evidence(
            rows=len(batch.lines),
            quarantined=len(batch.misfits),
            total=None if reading.total is None else reading.total + kept,
            read_at=reading.read_at,
            through=reading.through,
            proved_first=first,
            proved_last=last,
            gaps=tuple(reading.gaps),
            version=version,
            source=reading.source,
            requests=reading.requests,
            shared=tuple(id for id in before.shared if id in raws) if before is not None else (),
            surplus=-kept or (0 if unchanged is None else unchanged.surplus),
            suspected=0 if unchanged is None else unchanged.suspected,
        )
        changes = list(_news(table, known, raws, batch.misfits, evidence))
        valid = [change for change in log if before is None or change.version <= before.version]
        if changes or len(valid) < len(log):
            self._store.write_changes(partition, [*valid, *changes])
        self._write(partition, table, batch, evidence, known.misfits)
        return Landed(partition, evidence.rows, evidence.quarantined, changes, reading.gaps, kept)

    def doubt(self, partition: Partition, why: str, *, shared: Sequence[str] = (), surplus: int | None = None) -> None:
        """Say of a partition that it may hold too much or too little by now: it is due to be read again.

        Args:
            partition: Which.
            why: What is known, in a clause.
            shared: Ids of its rows that are in another partition, too.
            surplus: Rows that the server's list counts beyond its own; None if it was not asked. It is believed if it
                was the same the last time, and the partition was read again then.

        Raises:
            ArchiveError: It is damaged, or cannot be written.
        """

        def doubted(known: Evidence) -> Evidence:
            told = replace(known, doubt=why, shared=tuple(sorted({*known.shared, *shared})))
            if surplus is None:
                return told
            return replace(told, surplus=surplus if known.suspected == surplus else known.surplus, suspected=surplus)

        self._rewrite(partition, doubted)

    def compact(self) -> list[Partition]:
        """Rewrite every file of an earlier layout, and give back the ledger's room of what was deleted.

        A partition is written from its rows' raw forms; what is known of it stays.

        Returns:
            The partitions that were rewritten.

        Raises:
            ArchiveError: A file is damaged, or cannot be written.
        """
        known = {partition: found for name in TABLES for partition, found in self._ledger.evidence(name).items()}
        old = [partition for partition, found in known.items() if found.written_by < LAYOUT]
        for partition in old:
            self._rewrite(partition, lambda known: known)
        for log in self._store.partitions(CHANGES):
            if self._store.layout_of_log(log) < LAYOUT:
                self._renew()
                self._store.write_changes(log.rows, self._store.changes(log.rows))
        self._ledger.compact()
        return old

    def oldest_layout(self) -> int:
        """Read the oldest layout that a file has. A file that is damaged may have any."""
        layouts = [LAYOUT]
        for name in TABLES:
            known = self._ledger.evidence(name)
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
        self._renew()
        table = TABLES[partition.table]
        evidence = self._store.evidence(partition)
        if evidence is None:
            return
        calendars = self._store.calendars(partition, table)
        held = self._store.misfits(partition)
        batch = read_batch(table, list(self._store.raws(partition, table).values()), calendars)
        again = read_batch(table, [misfit.raw for misfit in held], calendars)
        whole = _one_each(Batch([*batch.lines, *again.lines], [*batch.misfits, *again.misfits]))
        counted = replace(evidence, rows=len(whole.lines), quarantined=len(whole.misfits), written_by=LAYOUT)
        try:
            self._write(partition, table, whole, changed(counted), held)
        except _TooLargeError as error:
            fewer = _one_each(whole, error.raws)
            counted = replace(counted, rows=len(fewer.lines), quarantined=len(fewer.misfits))
            self._write(partition, table, fewer, changed(counted), held)

    def _known(self, partition: Partition, table: Table) -> _Known:
        """What is there; nothing, if it is damaged: then this reading is its cure."""
        try:
            misfits = self._store.misfits(partition)
        except ArchiveDamagedError:
            self._store.set_aside(partition.beside(QUARANTINE))
            misfits = []
        try:
            return _Known(self._store.evidence(partition), self._store.raws(partition, table), misfits)
        except ArchiveDamagedError:
            self._store.keep_copy(partition)
            return _Known(None, {}, misfits)

    def _log(self, partition: Partition) -> list[Change]:
        """What changed so far; nothing, if that is damaged."""
        try:
            return self._store.changes(partition)
        except ArchiveDamagedError:
            self._store.set_aside(partition.beside(CHANGES))
            return []

    def _write(
        self, partition: Partition, table: Table, batch: Batch, evidence: Evidence, held: Sequence[Misfit]
    ) -> None:
        """Publish a partition. At no moment is a row in none of its files, nor the ledger ahead of them.

        Args:
            partition: Which.
            table: Its table.
            batch: What it is to hold.
            evidence: What is known of it.
            held: What of it is in quarantine so far.

        Raises:
            ArchiveError: It cannot be written.
            _TooLargeError: Some rows do not fit their columns: put them into quarantine.
        """
        here = _raws(batch.misfits)
        either = [*batch.misfits, *(misfit for misfit in held if misfit.raw not in here)]
        if either:
            self._store.write_misfits(partition, either)
        self._ledger.forget(partition)
        try:
            self._store.write(partition, table, batch.lines, evidence)
        except ValueError:
            bad = self._store.misfits_among(table, batch.lines)
            if not bad:
                raise
            raise _TooLargeError({line.raw for line in bad}) from None
        if len(either) > len(batch.misfits):
            self._store.write_misfits(partition, batch.misfits)
        self._ledger.record(partition, evidence)
        index.send(self._files, self._ledger)


def _one_each(batch: Batch, too_large: Collection[str] = ()) -> Batch:
    """One line a key, the last that came: readings of one day may overlap. What is too large goes to quarantine."""
    lines = {line.key: line for line in batch.lines if line.raw not in too_large}
    large = [Misfit(line.raw, "a value too large for its column") for line in batch.lines if line.raw in too_large]
    return Batch(list(lines.values()), [*batch.misfits, *large])


def _raws(misfits: Iterable[Misfit]) -> set[str]:
    return {misfit.raw for misfit in misfits}


def _forgotten(partition: Partition, known: _Known, came: Batch, reading: Reading, calendars: Calendars) -> Batch:
    """What was there and comes no more, if the server may merely have forgotten it."""
    table, before = TABLES[partition.table], known.evidence
    if before is None or reading.proved_as_of is None or table.moment is None:
        return Batch()
    if not may_be_forgotten(partition.day, reading.read_at):
        return Batch()
    kept = {*before.shared, *(line.key for line in came.lines)}
    gone = [raw for key, raw in known.raws.items() if key not in kept]
    misfits = _raws(came.misfits)
    if not gone and (came.lines or misfits):
        return Batch()
    if not are_the_first(table, gone, [line.raw for line in came.lines]):
        return Batch()
    left = [misfit for misfit in known.misfits if misfit.raw not in misfits]
    return Batch(read_batch(table, gone, calendars).lines, left)


def _joined(came: Batch, table: Table, known: _Known, calendars: Calendars) -> Batch:
    """A reading together with what was there and did not come again."""
    keys = {line.key for line in came.lines}
    stayed = read_batch(table, [raw for key, raw in known.raws.items() if key not in keys], calendars)
    misfits = {misfit.raw: misfit for misfit in (*known.misfits, *came.misfits)}
    return Batch([*stayed.lines, *came.lines], list(misfits.values()))


def _was_whole(before: Evidence | None, reading: Reading) -> bool:
    """Whether all of what a reading is about had come before."""
    return before is not None and before.proved_last is not None and before.through >= reading.through


def _news(
    table: Table, known: _Known, raws: Mapping[str, str], misfits: Sequence[Misfit], evidence: Evidence
) -> Iterator[Change]:
    """What is different from the reading before. What has left quarantine and is nowhere now is kept in its entry."""
    if known.evidence is None or table.kind == "snapshots":  # one that is taken again is a newer one, and no change
        return
    seen_at, version = evidence.read_at, evidence.version
    for change in differences(table, known.raws, raws, seen_at=seen_at, version=version):
        if _is_news(change, table, known.evidence):
            yield change
    for raw in sorted(_raws(known.misfits) - _raws(misfits) - set(raws.values())):
        yield Change("(quarantine)", ROW, raw, None, seen_at, version)


def _is_news(change: Change, table: Table, before: Evidence) -> bool:
    """Whether something changed; a row that was not read before is none, unless that part of the day had been read."""
    if change.field != ROW or change.before is not None or change.after is None:
        return True
    if before.proved_last is None or table.moment is None:
        return False
    moment = moment_of(table, change.after)
    return moment is None or moment < before.through
