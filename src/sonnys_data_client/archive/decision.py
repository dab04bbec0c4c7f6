"""Carry out what a person decided about a disputed partition. Pure."""

from __future__ import annotations

from dataclasses import replace

from sonnys_data_client.archive.changes import ACCEPTED, QUARANTINED, Change
from sonnys_data_client.archive.joined import taken_over
from sonnys_data_client.archive.losses import KnownPartition, StoredRows
from sonnys_data_client.archive.merge import MergedPartition, with_rows
from sonnys_data_client.archive.rows import Calendars, encode_texts
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import TABLES


def decide(
    partition: Partition, known: KnownPartition, calendars: Calendars, *, accept: bool, at: float
) -> MergedPartition | None:
    """Carry out what a person decided about a disputed partition. None if there is nothing to decide about it.

    Args:
        partition: Which.
        known: What the archive has.
        calendars: The sites' calendars.
        accept: Whether to let go of the rows that are held back. Otherwise they stay, and their loss is not disputed
            again.
        at: Epoch seconds of the decision.
    """
    table, before = TABLES[partition.table], known.evidence
    whole = StoredRows(known.raws, known.quarantine)
    if before is None or (before.dispute is None and whole):
        return None
    held = frozenset(before.dispute.lacking) if before.dispute is not None else frozenset[str]()
    rest, gone = whole.parted(held)
    if not accept:
        rest, gone = whole, StoredRows()
    rows = encode_texts(table, list(rest.raws.values()), calendars)
    rows.unparsed += rest.unparsed
    version = before.version + 1
    changes = [
        *(Change(key, ACCEPTED, raw, None, at, version) for key, raw in sorted(gone.raws.items())),
        *(Change(QUARANTINED, ACCEPTED, row.raw, None, at, version) for row in gone.unparsed),
    ]
    usual = 2 * len(gone) < len(whole) and not (before.dispute and before.dispute.of_sites)
    evidence = replace(
        with_rows(before, rows),
        version=version,
        total=None if before.total is None else before.total - len(gone),
        surplus=before.surplus + len(gone),
        withheld=before.withheld - len(gone),
        proved_first=before.proved_last if gone else before.proved_first,
        dispute=None,
        kept=before.kept if accept else tuple(sorted({*before.kept, *held})),
        accepted_loss=max(before.accepted_loss, len(gone) if usual else 0),
        empty_accepted=not rest,
    )
    rows = taken_over(table, rows, known.joined)
    return MergedPartition(rows, evidence, changes, [*known.log_for(version), *changes], 0)
