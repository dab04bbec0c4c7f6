"""Putting a day away: from raw rows to a partition that says how it is known to be whole.

Three files make a day: its rows, what of them is in quarantine, and what changed since the last reading. The rows' file
comes last, and with it the day is down; whoever dies before leaves the old day, and the new one is put away again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
from sonnys_data_client.archive.tables import TABLES, Table
from sonnys_data_client.errors import ArchiveError

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
    """What is there of a partition: what is known of it, and its raw rows by their keys."""

    evidence: Evidence | None
    raws: Mapping[str, str]


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
        table = TABLES[partition.table]
        known = self._known(partition, table)
        before, old = known.evidence, known.raws
        if before is not None and reading.proved_as_of is None and _was_whole(before, reading):
            return Landed(partition, before.rows, before.quarantined, (), reading.gaps)
        came = _one_each(read_batch(table, reading.texts, calendars))
        forgotten = self._forgotten(partition, known, came, reading, calendars)
        kept = len(forgotten.lines) + len(forgotten.misfits)
        if kept and not _was_whole(before, reading):
            reading = replace(reading, proved_as_of=None, gaps=(_FORGOTTEN,))
        if reading.proved_as_of is None:
            batch = self._joined(came, table, old, partition, calendars)
        else:
            batch = Batch([*forgotten.lines, *came.lines], [*forgotten.misfits, *came.misfits])
        log = self._store.changes(partition)
        version = before.version + 1 if before is not None else max((change.version for change in log), default=0) + 1
        raws = {line.key: line.raw for line in batch.lines}
        differ = differences(table, old, raws, seen_at=reading.read_at, version=version)
        logged = before if table.kind != "snapshots" else None  # a snapshot that is taken again is a newer one
        changes = [] if logged is None else [change for change in differ if _is_news(change, table, logged)]
        same_ids = old.keys() == raws.keys()
        first, last = proofs(before, reading.proved_as_of, same_ids=same_ids)
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
            surplus=-kept or _surplus(before, reading, same_ids=same_ids),
        )
        valid = [change for change in log if before is None or change.version <= before.version]
        if changes or len(valid) < len(log):
            self._store.write_changes(partition, [*valid, *changes])
        evidence = self._write(partition, table, batch, evidence)
        return Landed(partition, evidence.rows, evidence.quarantined, changes, reading.gaps, kept)

    def doubt(self, partition: Partition, why: str, *, shared: Sequence[str] = (), surplus: int | None = None) -> None:
        """Say of a partition that it may hold too much or too little by now: it is due to be read again.

        Args:
            partition: Which.
            why: What is known, in a clause.
            shared: Ids of its rows that are in another partition, too.
            surplus: Rows that the server's list counts beyond its own; None if it was not asked.

        Raises:
            ArchiveError: It is damaged, or cannot be written.
        """
        self._rewrite(
            partition,
            lambda known: replace(
                known,
                gaps=(f"{why}, so it is to be read again",),
                shared=tuple(sorted({*known.shared, *shared})),
                surplus=known.surplus if surplus is None else surplus,
            ),
        )

    def rewrite(self, partition: Partition) -> None:
        """Write a partition again in today's layout, from its rows' raw forms; what is known of it stays.

        Raises:
            ArchiveError: It is damaged, or cannot be written.
        """
        self._rewrite(partition, lambda known: known)

    def _rewrite(self, partition: Partition, changed: Callable[[Evidence], Evidence]) -> None:
        self._renew()
        table = TABLES[partition.table]
        evidence = self._store.evidence(partition)
        if evidence is None:
            return
        calendars = self._store.calendars(partition, table)
        batch = read_batch(table, list(self._store.raws(partition, table).values()), calendars)
        again = read_batch(table, [misfit.raw for misfit in self._store.misfits(partition)], calendars)
        whole = _one_each(Batch([*batch.lines, *again.lines], [*batch.misfits, *again.misfits]))
        counted = replace(evidence, rows=len(whole.lines), quarantined=len(whole.misfits), written_by=LAYOUT)
        self._write(partition, table, whole, changed(counted))

    def _known(self, partition: Partition, table: Table) -> _Known:
        """What is there; nothing, if it is damaged: then this reading is its cure."""
        try:
            return _Known(self._store.evidence(partition), self._store.raws(partition, table))
        except ArchiveError:
            self._store.set_aside(partition)
            return _Known(None, {})

    def _forgotten(
        self, partition: Partition, known: _Known, came: Batch, reading: Reading, calendars: Calendars
    ) -> Batch:
        """What was there and comes no more, if the server may merely have forgotten it."""
        table, before = TABLES[partition.table], known.evidence
        if before is None or reading.proved_as_of is None or table.moment is None:
            return Batch()
        if not may_be_forgotten(partition.day, reading.read_at):
            return Batch()
        kept = {*before.shared, *(line.key for line in came.lines)}
        gone = [raw for key, raw in known.raws.items() if key not in kept]
        misfits = {misfit.raw for misfit in came.misfits}
        if not gone and (came.lines or misfits):
            return Batch()
        if not are_the_first(table, gone, [line.raw for line in came.lines]):
            return Batch()
        left = [misfit for misfit in self._store.misfits(partition) if misfit.raw not in misfits]
        return Batch(read_batch(table, gone, calendars).lines, left)

    def _joined(
        self, batch: Batch, table: Table, old: Mapping[str, str], partition: Partition, calendars: Calendars
    ) -> Batch:
        """A reading together with what was there and did not come again."""
        came = {line.key for line in batch.lines}
        stayed = read_batch(table, [raw for key, raw in old.items() if key not in came], calendars)
        misfits = {misfit.raw: misfit for misfit in [*self._store.misfits(partition), *batch.misfits]}
        return Batch([*stayed.lines, *batch.lines], list(misfits.values()))

    def _write(self, partition: Partition, table: Table, batch: Batch, evidence: Evidence) -> Evidence:
        self._store.write_misfits(partition, batch.misfits)
        try:
            self._store.write(partition, table, batch.lines, evidence)
        except ValueError:
            bad = self._store.misfits_among(table, batch.lines)
            if not bad:
                raise
            left = {id(line) for line in bad}
            lines = [line for line in batch.lines if id(line) not in left]
            misfits = [*batch.misfits, *(Misfit(line.raw, "a value too large for its column") for line in bad)]
            fewer = replace(evidence, rows=len(lines), quarantined=len(misfits))
            return self._write(partition, table, Batch(lines, misfits), fewer)
        self._ledger.record(partition, evidence)
        index.send(self._files, self._ledger)
        return evidence


def _one_each(batch: Batch) -> Batch:
    """One line a key, the last that came: readings of one day may overlap."""
    lines = {line.key: line for line in batch.lines}
    return Batch(list(lines.values()), batch.misfits)


def _was_whole(before: Evidence | None, reading: Reading) -> bool:
    """Whether all of what a reading is about had come before."""
    return before is not None and before.proved_last is not None and before.through >= reading.through


def _surplus(before: Evidence | None, reading: Reading, *, same_ids: bool) -> int:
    """What lists count beyond jobs: still so, if the day was read again for it and nothing came of that."""
    return before.surplus if before is not None and same_ids and before.total == reading.total else 0


def _is_news(change: Change, table: Table, before: Evidence) -> bool:
    """Whether something changed; a row that was not read before is none, unless that part of the day had been read."""
    if change.field != ROW or change.before is not None or change.after is None:
        return True
    if before.proved_last is None or table.moment is None:
        return False
    moment = moment_of(table, change.after)
    return moment is None or moment < before.through
