"""Merge a reading of a day with what the archive has of it: which rows stay, what is proved, what changed. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sonnys_data_client.archive.aged_out import are_oldest, may_be_aged_out, moment_of
from sonnys_data_client.archive.changes import QUARANTINED, ROW, Change, differences
from sonnys_data_client.archive.dispute import Dispute, LossLimits, digest
from sonnys_data_client.archive.evidence import LAYOUT, Evidence, proofs
from sonnys_data_client.archive.joined import is_silent, taken_over
from sonnys_data_client.archive.losses import KnownPartition, StoredRows, by_key, by_text, dispute_about, missing_rows
from sonnys_data_client.archive.rows import Calendars, ParsedRows, canonical, encode_texts
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import TABLES, Table

_AGED_OUT = "the server forgot the rest of it before the archive had it"


@dataclass(frozen=True, slots=True)
class PartitionRead:
    """What one reading brought for one partition.

    Attributes:
        rows: Its rows, from `rows.encode_rows`.
        total: The server's count; None if it gave none.
        through: Epoch second up to which the day was read.
        proved_as_of: Epoch seconds as of which the rows are proved complete; None if they are not.
        read_at: Epoch seconds of the reading.
        gaps: What is missing, one line for each gap.
        source: Fingerprint of the account that the rows came from.
        requests: Requests that the reading cost; 0 if they were not counted.
        sites: Codes of the sites on the site list; None if it is not known.
        unfinished: Whether a row is not finished yet, such as a shift without an end.
    """

    rows: ParsedRows
    total: int | None
    through: float
    proved_as_of: float | None
    read_at: float
    gaps: Sequence[str] = ()
    source: str = ""
    requests: int = 0
    sites: Collection[str] | None = None
    unfinished: bool = False


class MergedPartition(NamedTuple):
    """A partition as it will be.

    Attributes:
        rows: Its rows.
        evidence: Its evidence.
        changes: What differs from the reading before.
        log: Its change log.
        kept: Rows that the server seems to have aged out, and the archive keeps.
    """

    rows: ParsedRows
    evidence: Evidence
    changes: Sequence[Change]
    log: Sequence[Change]
    kept: int


def is_worse(reading: PartitionRead, before: Evidence) -> bool:
    """Tell whether a reading is not proved complete while the partition is. Such a reading changes nothing."""
    return reading.proved_as_of is None and _was_proved(before, reading)


def merge(
    partition: Partition,
    known: KnownPartition,
    reading: PartitionRead,
    calendars: Calendars,
    limits: LossLimits | None = None,
) -> MergedPartition:
    """Merge a reading with what the archive has.

    A reading that is not proved complete removes no row: a row that did not come again stays. No reading removes rows
    that the server may have aged out, rows that a person decided to keep, or more rows than `dispute` allows.

    Args:
        partition: Which.
        known: What the archive has.
        reading: What came.
        calendars: The sites' calendars.
        limits: How many rows a reading may take away; the defaults if not given.
    """
    table, before = TABLES[partition.table], known.evidence
    came = one_each(table, reading.rows)
    if reading.proved_as_of is None:
        known = known._replace(earlier=None)
    missing = missing_rows(table, known, came)
    left, kept = missing.parted(known.kept)
    aged_out = left if _may_be_aged_out(partition, left, came, reading) else StoredRows()
    if aged_out and not _was_proved(before, reading):
        reading = replace(reading, proved_as_of=None, gaps=(_AGED_OUT,))
    if reading.proved_as_of is None:
        rows = _united(came, table, known, calendars)
        stayed, dispute = kept + aged_out, _disputed_still(before, table, came)
    else:
        dispute = None
        if left and not aged_out:
            allowed, at, listed = limits or LossLimits(), reading.read_at, reading.sites
            dispute = dispute_about(table, known, left, came, kept=kept, limits=allowed, read_at=at, listed=listed)
        stayed = kept + (left if dispute else aged_out)
        encoded = encode_texts(table, list(stayed.raws.values()), calendars)
        rows = ParsedRows([*encoded.rows, *came.rows], [*stayed.unparsed, *encoded.unparsed, *came.unparsed])
    raws = {key: row.raw for key, row in by_key(table, rows).items()}
    evidence = replace(
        _evidence(known, reading, rows, raws, len(stayed)), kept=tuple(sorted(kept.digests)), dispute=dispute
    )
    changes = list(_changes(table, known, rows, raws, evidence))
    log = [*known.log_for(evidence.version), *changes]
    silent = any(is_silent(table, row) for row in rows.rows)
    evidence = replace(
        evidence, joined_at=None if silent else reading.read_at, unsettled=reading.unfinished or bool(changes)
    )
    return MergedPartition(taken_over(table, rows, known.joined), evidence, changes, log, len(aged_out))


def one_each(table: Table, parsed: ParsedRows) -> ParsedRows:
    """Keep one row for each key, the last that came. Readings of one day may overlap, so a row may come twice."""
    return ParsedRows(list(by_key(table, parsed).values()), parsed.unparsed)


def with_rows(evidence: Evidence, rows: ParsedRows) -> Evidence:
    """Return a partition's evidence for a file with these rows, written in today's layout."""
    return replace(
        evidence,
        rows=len(rows.rows),
        quarantined=len(rows.unparsed),
        unparsed_values=rows.unparsed_values,
        written_by=LAYOUT,
    )


def _disputed_still(before: Evidence | None, table: Table, came: ParsedRows) -> Dispute | None:
    """Return the dispute about a partition after a reading with gaps, which can only show that a row is still there."""
    if before is None or before.dispute is None:
        return None
    return before.dispute.without(set(map(digest, by_key(table, came))))


def _may_be_aged_out(partition: Partition, left: StoredRows, came: ParsedRows, reading: PartitionRead) -> bool:
    """Tell whether the rows that did not come again may all have been aged out by the server."""
    table = TABLES[partition.table]
    if not left or reading.proved_as_of is None or table.moment is None:
        return False
    if not may_be_aged_out(partition.day, reading.read_at):
        return False
    if not left.raws and (came.rows or came.unparsed):
        return False
    return are_oldest(table, left.raws.values(), [row.raw for row in came.rows])


def _united(came: ParsedRows, table: Table, known: KnownPartition, calendars: Calendars) -> ParsedRows:
    """Return the rows that came, and those of the partition that did not come again."""
    keys = by_key(table, came)
    stayed = encode_texts(table, [raw for key, raw in known.raws.items() if key not in keys], calendars)
    unparsed = by_text([*known.quarantine, *came.unparsed])
    return ParsedRows([*stayed.rows, *came.rows], list(unparsed.values()))


def _was_proved(before: Evidence | None, reading: PartitionRead) -> bool:
    """Tell whether an earlier reading was proved complete, at least as far as this one goes."""
    return before is not None and before.proved_last is not None and before.through >= reading.through


def _evidence(
    known: KnownPartition, reading: PartitionRead, new: ParsedRows, raws: Mapping[str, str], withheld: int
) -> Evidence:
    """Make the evidence of a partition that is being replaced.

    Args:
        known: What the archive has so far.
        reading: What came.
        new: The partition's rows.
        raws: Their raw form, by key.
        withheld: How many of these rows the reading did not bring.
    """
    before = known.evidence
    same_quarantine = by_text(known.quarantine).keys() == by_text(new.unparsed).keys()
    same_ids = known.raws.keys() == raws.keys() and same_quarantine
    first, last = proofs(before, reading.proved_as_of, reading.through, same_ids=same_ids)
    total = None if reading.total is None else reading.total + withheld
    same = same_ids and before is not None and (before.total, before.withheld) == (total, withheld)
    unchanged = before if same else None
    last_logged = max((change.version for change in known.log), default=0)
    return Evidence(
        rows=len(new.rows),
        quarantined=len(new.unparsed),
        total=total,
        read_at=reading.read_at,
        through=reading.through,
        proved_first=first,
        proved_last=last,
        gaps=tuple(reading.gaps),
        version=(last_logged if before is None else before.version) + 1,
        source=reading.source,
        requests=reading.requests,
        shared=tuple(id for id in before.shared if id in raws) if before is not None else (),
        surplus=-withheld if unchanged is None else unchanged.surplus,
        suspected=0 if unchanged is None else unchanged.suspected,
        difference="" if before is None else before.difference,
        unparsed_values=new.unparsed_values,
        withheld=withheld,
        accepted_loss=0 if before is None else before.accepted_loss,
        empty_accepted=before is not None and before.empty_accepted and not raws and not new.unparsed,
    )


def _changes(
    table: Table, known: KnownPartition, new: ParsedRows, raws: Mapping[str, str], evidence: Evidence
) -> Iterator[Change]:
    """Yield the differences from the reading before that are worth logging.

    A row that has left quarantine and is nowhere now is kept in its entry.
    """
    if known.evidence is None or table.kind == "snapshots":  # a later snapshot is another snapshot, not a change
        return
    seen_at, version = evidence.read_at, evidence.version
    for change in differences(table, known.raws, raws, seen_at=seen_at, version=version):
        if _is_worth_logging(change, table, known.evidence):
            yield change
    held, unparsed = by_text(known.quarantine), by_text(new.unparsed)
    left = held.keys() - unparsed.keys()
    parsed_now = {canonical(raw) for raw in raws.values()} if left else set[str]()
    for text in sorted(left - parsed_now):
        yield Change(QUARANTINED, ROW, held[text].raw, None, seen_at, version)


def _is_worth_logging(change: Change, table: Table, before: Evidence) -> bool:
    """Tell whether a difference is worth logging; a first-seen row is not, unless its period had been read."""
    if change.field != ROW or change.before is not None or change.after is None:
        return True
    if before.proved_last is None or table.moment is None:
        return False
    moment = moment_of(table, change.after)
    return moment is None or moment < before.through
