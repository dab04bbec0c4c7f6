"""Find the rows that the archive has and a reading lacks, and say whether the reading is disputed for them. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from sonnys_data_client.archive.changes import ACCEPTED, ROW, Change, withdrawn
from sonnys_data_client.archive.dispute import Dispute, Loss, LossLimits, digest, why_disputed
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.rows import EncodedRow, ParsedRows, canonical, keyed, read_text
from sonnys_data_client.archive.tables import Table
from sonnys_data_client.errors import UnparsedRow
from sonnys_data_client.types import api_name


class KnownPartition(NamedTuple):
    """What the archive has of a partition.

    Attributes:
        evidence: Its evidence; None if there is no partition.
        raws: Its raw rows, by key.
        quarantine: Its rows in quarantine.
        log: Its change log.
        earlier: Of a snapshot: the newest earlier one that was proved, which it is compared with until it is proved
            itself.
        joined: The values that another list gave to its rows, by key: see `joined`.
    """

    evidence: Evidence | None
    raws: Mapping[str, str]
    quarantine: Sequence[UnparsedRow]
    log: Sequence[Change]
    earlier: KnownPartition | None = None
    joined: Mapping[str, str] = MappingProxyType({})

    @property
    def rows_before(self) -> Mapping[str, str]:
        """The raw rows that a reading is compared with, by key."""
        return self.raws if self.earlier is None else {**self.earlier.raws, **self.raws}

    @property
    def quarantine_before(self) -> Sequence[UnparsedRow]:
        """The rows in quarantine that a reading is compared with."""
        return self.quarantine if self.earlier is None else [*self.earlier.quarantine, *self.quarantine]

    @property
    def kept(self) -> frozenset[str]:
        """Digests of the rows that a person decided to keep."""
        of = [each.evidence.kept for each in (self, self.earlier) if each is not None and each.evidence is not None]
        return frozenset().union(*of)

    @property
    def dispute_before(self) -> Dispute | None:
        """The dispute about the rows that a reading is compared with."""
        of = [each.evidence.dispute for each in (self, self.earlier) if each is not None and each.evidence is not None]
        return next(filter(None, of), None)

    @property
    def valid_log(self) -> list[Change]:
        """The entries of the change log that belong to what the archive has; a killed run may have left others."""
        before = self.evidence
        return [change for change in self.log if before is None or change.version <= before.version]

    def log_for(self, version: int) -> list[Change]:
        """Return the entries of the change log that stay when the partition gets a version.

        A run that was killed leaves entries of a later version than the partition's. They are about rows that the
        partition has, so they are made again. One that keeps a row which the partition lacks is of another origin: the
        partition comes from a backup that is older than the log. Nothing else has this row any more.
        """
        held = by_text(self.quarantine)
        log: list[Change] = []
        for change in self.log:
            row = change.before if change.field in {ROW, ACCEPTED} else None
            if self.evidence is None or change.version <= self.evidence.version:
                log.append(change)
            elif row is not None and change.id not in self.raws and canonical(row) not in held:
                log.append(replace(change, version=version))
        return log


class StoredRows:
    """Some rows of a partition that the archive has.

    Args:
        raws: Raw rows, by key.
        unparsed: Rows in quarantine.
    """

    def __init__(self, raws: Mapping[str, str] | None = None, unparsed: Sequence[UnparsedRow] = ()) -> None:
        self.raws = dict(raws or {})
        self.unparsed = list(unparsed)

    def __len__(self) -> int:
        return len(self.raws) + len(self.unparsed)

    def __add__(self, more: StoredRows) -> StoredRows:
        return StoredRows({**self.raws, **more.raws}, [*self.unparsed, *more.unparsed])

    @property
    def digests(self) -> list[str]:
        """A digest of each."""
        return [*map(digest, self.raws), *(digest(canonical(row.raw)) for row in self.unparsed)]

    def parted(self, digests: Collection[str]) -> tuple[StoredRows, StoredRows]:
        """Return the rows that digests do not name, and those that they name."""
        if not digests:
            return self, StoredRows()
        rest, named = StoredRows(), StoredRows()
        for key, raw in self.raws.items():
            (named if digest(key) in digests else rest).raws[key] = raw
        for row in self.unparsed:
            (named if digest(canonical(row.raw)) in digests else rest).unparsed.append(row)
        return rest, named


def missing_rows(table: Table, known: KnownPartition, came: ParsedRows) -> StoredRows:
    """Return the rows that the archive has and that did not come again. One that another day has, too, may leave.

    A row in quarantine came again if its text did, or a row with its id.
    """
    shared = known.evidence.shared if known.evidence is not None else ()
    keys = {*shared, *by_key(table, came)}
    unparsed = by_text(came.unparsed)
    ids = {*keys, *(_id_in(table, row.raw) for row in came.unparsed)}
    raws = {key: raw for key, raw in known.rows_before.items() if key not in keys}
    held = {text: row for text, row in by_text(known.quarantine_before).items() if text not in unparsed}
    return StoredRows(
        raws, [row for text, row in held.items() if text not in ids and _id_in(table, row.raw) not in ids]
    )


def by_key(table: Table, parsed: ParsedRows) -> dict[str, EncodedRow]:
    """Return rows by their keys; of several with one key, the last counts."""
    return keyed(table, ((row.key, row) for row in parsed.rows))


def by_text(rows: Iterable[UnparsedRow]) -> dict[str, UnparsedRow]:
    """Return rows that could not be parsed by their canonical texts; of equal ones, the last."""
    return {canonical(row.raw): row for row in rows}


def _id_in(table: Table, raw: str) -> str:
    """Return the id that a row says in a table with a key, though it could not be parsed; its canonical text else."""
    row = read_text(raw)
    id = row.get(api_name(table.record, table.key)) if table.key is not None and isinstance(row, dict) else None
    return canonical(raw) if id is None else str(id)


def dispute_about(
    table: Table,
    known: KnownPartition,
    left: StoredRows,
    came: ParsedRows,
    *,
    kept: StoredRows,
    limits: LossLimits,
    read_at: float,
    listed: Collection[str] | None,
) -> Dispute | None:
    """Return why a reading is disputed that would take rows away; None if it is not.

    Args:
        table: The table.
        known: What the archive has.
        left: The rows that would leave.
        came: The rows that came.
        kept: The rows that did not come again either, and that a person decided to keep.
        limits: How many rows may leave.
        read_at: Epoch seconds of the reading.
        listed: Codes of the sites on the site list; None if it is not known.
    """
    held, count = len(known.rows_before) + len(known.quarantine_before), len(came.rows) + len(came.unparsed)
    by_id = table.key is not None and table.kind != "snapshots"
    loss = Loss(
        held=held - len(kept),
        came=count,
        lost=len(left) if by_id else held - len(kept) - count,
        withdrawn=withdrawn(known.valid_log, known.raws) if by_id else 0,
        lost_of=Counter(_sites(table, [*left.raws.values(), *(row.raw for row in left.unparsed)])),
        sites_came=set(_sites(table, [*(row.raw for row in came.rows), *(row.raw for row in came.unparsed)])),
        listed=listed,
    )
    why = why_disputed(table, loss, limits)
    if not why:
        return None
    before = known.dispute_before
    since = read_at if before is None else before.since
    return Dispute(why, held, count, since, tuple(sorted(left.digests)), of_sites=bool(loss.sites))


def _sites(table: Table, raws: Iterable[str]) -> Iterator[str]:
    """Yield the code of each row's site, in a table whose rows have one."""
    if table.site is None:
        return
    name = api_name(table.record, table.site)
    for raw in raws:
        row = read_text(raw)
        if isinstance(row, dict):
            yield str(row.get(name) or "")
