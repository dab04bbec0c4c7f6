"""Which rows a reading lacks, and whether it is disputed for them."""

from __future__ import annotations

from typing import Any

from sonnys_data_client.archive.changes import ROW, Change
from sonnys_data_client.archive.dispute import Dispute, LossLimits, digest
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.losses import KnownPartition, StoredRows, dispute_about, missing_rows
from sonnys_data_client.archive.rows import canonical, encode_rows
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS, Table
from sonnys_data_client.errors import UnparsedRow
from tests.archive.rig import CALENDARS, NOON, rows, texts

ENTRIES = TABLES["clock_entries"]


def known(raw: list[Any], *, table: Table = TRANSACTIONS, **more: Any) -> KnownPartition:
    parsed = encode_rows(table, raw, CALENDARS)
    evidence = Evidence(len(parsed.rows), len(parsed.unparsed), None, NOON, NOON, **more)
    return KnownPartition(evidence, {row.key: row.raw for row in parsed.rows}, parsed.unparsed, [])


def entry(clock_in: str, **more: Any) -> dict[str, Any]:
    return {"siteCode": "MAIN", "clockIn": f"2026-03-09T{clock_in}:00.000Z", "employeeId": 5, **more}


def lost(before: KnownPartition, raw: list[Any], *, table: Table = TRANSACTIONS) -> StoredRows:
    return missing_rows(table, before, encode_rows(table, raw, CALENDARS))


def disputed(before: KnownPartition, raw: list[Any], *, table: Table = TRANSACTIONS) -> Dispute | None:
    came = encode_rows(table, raw, CALENDARS)
    left, kept = missing_rows(table, before, came).parted(before.kept)
    limits = LossLimits(rows=2, share=0.0, snapshot_share=0.0)
    return dispute_about(table, before, left, came, kept=kept, limits=limits, read_at=NOON, listed=None)


def test_rows_that_did_not_come_are_missing_and_those_of_another_day_are_not() -> None:
    assert sorted(lost(known(rows(3)), rows(1, first=2)).raws) == ["1:1001", "3:1001"]
    assert sorted(lost(known(rows(3), shared=("1:1001",)), rows(1, first=2)).raws) == ["3:1001"]


def test_a_row_that_can_be_parsed_no_more_is_missing_and_one_that_can_be_by_now_is_not() -> None:
    (good,) = rows(1)
    bad = {**good, "total": "much"}
    assert list(lost(known([good]), [bad]).raws) == ["1:1001"]
    assert len(lost(known([bad]), [good])) == 0
    assert len(lost(known([bad]), [{**bad, "number": 7}])) == 0, "it came, with another text"
    assert [row.raw for row in lost(known([bad]), []).unparsed] == texts([bad])


def test_rows_are_parted_by_their_digests() -> None:
    (odd,) = texts([{"id": 1}])
    stored = StoredRows({"1:1001": "{}", "2:1001": "{}"}, [UnparsedRow(odd, "why")])
    rest, named = stored.parted({digest("2:1001"), digest(canonical(odd))})
    assert (list(rest.raws), rest.unparsed, list(named.raws)) == (["1:1001"], [], ["2:1001"])
    assert sorted(named.digests) == sorted([digest("2:1001"), digest(canonical(odd))])
    assert stored.parted(())[0] is stored


def test_a_dispute_names_what_is_lacking_and_both_counts() -> None:
    found = disputed(known(rows(6)), rows(3))
    assert found is not None
    assert (found.held, found.came, found.since) == (6, 3, NOON)
    assert found.lacking == tuple(sorted(digest(f"{number}:1001") for number in (4, 5, 6)))
    assert disputed(known(rows(6)), rows(4)) is None


def test_it_goes_on_since_it_began() -> None:
    first = Dispute("why", 6, 3, NOON - 5)
    found = disputed(known(rows(6), dispute=first), rows(3))
    assert found is not None
    assert found.since == NOON - 5


def test_rows_that_left_before_count_and_those_that_a_person_let_go_of_do_not() -> None:
    before = known(rows(6))
    gone = [
        Change(f"{number}:1001", field, "{}", None, NOON, 1) for number, field in ((8, ROW), (9, "(row, accepted)"))
    ]
    assert disputed(before._replace(log=gone[1:]), rows(4)) is None
    assert disputed(before._replace(log=gone), rows(4)) is not None
    back = [Change("1:1001", ROW, "{}", None, NOON, 1)]
    assert disputed(before._replace(log=back), rows(4)) is None, "it came again since"


def test_a_table_without_a_key_is_disputed_only_if_it_shrinks() -> None:
    day = [entry(f"0{hour}:00") for hour in range(6)]
    ended = [{**row, "clockOut": "2026-03-09T12:00:00.000Z"} for row in day]
    corrected = [{**row, "clockIn": row["clockIn"].replace(":00:00.", ":05:00.")} for row in ended]
    before = known(day, table=ENTRIES)
    assert len(lost(before, ended, table=ENTRIES)) == 0, "a shift is known by its person and its beginning"
    assert len(lost(before, corrected, table=ENTRIES)) == 6
    assert disputed(before, corrected, table=ENTRIES) is None
    assert disputed(before, corrected[:4], table=ENTRIES) is None
    assert disputed(before, corrected[:3], table=ENTRIES) is not None


def test_rows_that_a_person_kept_are_not_missed_again() -> None:
    kept = tuple(digest(f"{number}:1001") for number in (4, 5, 6))
    assert disputed(known(rows(6), kept=kept), rows(2)) is None
    assert disputed(known(rows(9), kept=kept), rows(3)) is not None


def test_a_snapshot_is_compared_with_an_earlier_one_until_it_is_proved_itself() -> None:
    dispute = Dispute("why", 1, 1, 0.0)
    earlier = known(rows(3), kept=("k",), dispute=dispute)
    new = KnownPartition(None, {}, [], [], earlier)
    assert sorted(new.rows_before) == ["1:1001", "2:1001", "3:1001"]
    assert new.kept == frozenset({"k"})
    assert (new.dispute_before, list(new.quarantine_before)) == (dispute, [])
