"""What a reading changes in a partition is decided without touching a file."""

from __future__ import annotations

from dataclasses import replace

from sonnys_data_client.archive.changes import ROW, Change
from sonnys_data_client.archive.evidence import Evidence, day_end
from sonnys_data_client.archive.losses import KnownPartition
from sonnys_data_client.archive.merge import MergedPartition, PartitionRead, is_worse, merge, one_each
from sonnys_data_client.archive.rows import encode_rows
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.errors import UnparsedRow
from tests.archive.rig import CALENDARS, DAY, NOON, PARTITION, reading, rows

NOTHING = KnownPartition(None, {}, [], [])


def merged(known: KnownPartition, new: PartitionRead) -> MergedPartition:
    return merge(PARTITION, known, new, CALENDARS)


def known_after(count: int, **more: object) -> KnownPartition:
    """What the archive has after a proved reading of so many rows."""
    first = merged(NOTHING, reading(rows(count)))
    raws = {row.key: row.raw for row in first.rows.rows}
    return KnownPartition(replace(first.evidence, **more), raws, [], [])  # type: ignore[arg-type]


def ids(result: MergedPartition) -> list[str]:
    return sorted(row.key for row in result.rows.rows)


def test_the_first_reading_is_taken_as_it_is_and_changes_nothing() -> None:
    result = merged(NOTHING, reading(rows(2), source="s", requests=3))
    assert ids(result) == ["1:1001", "2:1001"]
    assert (result.changes, result.log, result.kept) == ([], [], 0)
    expected = Evidence(2, 0, 2, NOON, day_end(DAY), NOON, NOON, source="s", requests=3, joined_at=NOON)
    assert result.evidence == expected, "these rows have a status of their own"


def test_a_proved_reading_removes_rows_and_one_that_is_not_proved_removes_none() -> None:
    known = known_after(3)
    assert ids(merged(known, reading(rows(2, first=2), at=NOON - 25 * 86_400))) == ["2:1001", "3:1001"]
    assert ids(merged(known, reading(rows(1, first=4), proved=False))) == [f"{n}:1001" for n in (1, 2, 3, 4)]


def test_a_reading_that_is_not_proved_is_worse_than_a_proof_of_as_much() -> None:
    proved = known_after(2).evidence
    assert proved is not None
    assert is_worse(reading(rows(9), proved=False), proved)
    assert not is_worse(reading(rows(9)), proved)
    assert not is_worse(reading(rows(9), proved=False), replace(proved, proved_last=None))
    assert not is_worse(reading(rows(9), proved=False), replace(proved, through=day_end(DAY) - 1))


def test_rows_that_may_have_been_aged_out_stay() -> None:
    result = merged(known_after(3), reading(rows(1, first=3)))
    assert (ids(result), result.kept) == (["1:1001", "2:1001", "3:1001"], 2)
    assert (result.evidence.total, result.evidence.surplus, result.changes) == (3, -2, [])


def test_entries_of_a_run_that_was_killed_leave_the_log() -> None:
    kept, left = (Change("1:1001", "total", "1", "2", NOON, version) for version in (1, 2))
    known = known_after(1)._replace(log=[kept, left])
    result = merged(known, reading(rows(1, total=5)))
    assert [change.version for change in result.log] == [1, 2]
    assert result.log[0] == kept
    assert [change.field for change in result.changes] == ["total"]
    assert result.evidence.version == 2
    assert merged(NOTHING._replace(log=[left]), reading(rows(1))).evidence.version == 3


def test_what_leaves_quarantine_and_is_nowhere_now_is_logged() -> None:
    known = known_after(1)._replace(quarantine=[UnparsedRow('{"id": 1}', "why")])
    (change,) = merged(known, reading(rows(1))).changes
    assert (change.id, change.field, change.before, change.after) == ("(quarantine)", ROW, '{"id": 1}', None)


def test_the_last_row_of_a_key_counts() -> None:
    parsed = encode_rows(TRANSACTIONS, [*rows(2), *rows(1, total=5)], CALENDARS)
    last = one_each(TRANSACTIONS, parsed)
    assert [row.raw for row in last.rows] == [parsed.rows[2].raw, parsed.rows[1].raw]
