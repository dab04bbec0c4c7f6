"""Partitions are written and read whole, or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.database import connect
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.rows import Calendars, EncodedRow, encode_rows
from sonnys_data_client.archive.store import Partition, PartitionStore, partition_of
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TABLES, TRANSACTIONS, Table
from sonnys_data_client.errors import ArchiveError, UnparsedRow
from tests.archive.rig import CALENDARS, DAY, PARTITION, rows
from tests.types.golden import golden
from tests.types.rows import changed, paths_in

EVIDENCE = Evidence(3, 0, 3, 100.0, 200.0, 50.0, 60.0)


@pytest.fixture
def store(tmp_path: Path) -> PartitionStore:
    return PartitionStore(LocalFiles(tmp_path))


def write(store: PartitionStore, count: int = 3) -> list[str]:
    encoded = encode_rows(TRANSACTIONS, rows(count), CALENDARS).rows
    store.write(PARTITION, TRANSACTIONS, encoded, EVIDENCE)
    return [row.raw for row in encoded]


def test_a_partition_has_one_name_and_the_name_says_which() -> None:
    assert PARTITION.name == "transactions/account=main/date=2026-03-09/data.parquet"
    assert partition_of(PARTITION.name) == PARTITION
    for other in ("transactions/account=main/date=2026-13-09/data.parquet", "transactions/data.parquet", "x"):
        assert partition_of(other) is None


def test_rows_and_evidence_come_back(store: PartitionStore) -> None:
    raw = write(store)
    assert store.partitions("transactions") == [PARTITION]
    assert store.evidence(PARTITION) == EVIDENCE
    assert store.raws(PARTITION, TRANSACTIONS) == {f"{n}:1001": text for n, text in enumerate(raw, 1)}
    assert store.verify(PARTITION) == 3


def test_a_partition_that_is_not_there_is_empty(store: PartitionStore) -> None:
    assert store.partitions("transactions") == []
    assert store.evidence(PARTITION) is None
    assert store.raws(PARTITION, TRANSACTIONS) == {}
    assert store.changes(PARTITION) == []
    assert store.quarantine(PARTITION) == []


def test_any_engine_reads_the_file(store: PartitionStore, tmp_path: Path) -> None:
    write(store)
    database = connect(tmp_path / "spill")
    files = str(tmp_path / "transactions" / "*" / "*" / "*.parquet")
    query = (
        "SELECT account, date, sum(total)::DECIMAL(9, 2), count(tenders[1].amount) FROM read_parquet(?) GROUP BY ALL"
    )
    assert database.execute(query, [files]).fetchall() == [("main", date(2026, 3, 9), Decimal("64.08"), 3)]
    codecs = "SELECT DISTINCT compression FROM parquet_metadata(?)"
    assert database.execute(codecs, [files]).fetchall() == [("ZSTD",)]
    database.close()


def test_changes_and_quarantine_are_replaced_and_vanish_when_there_is_nothing(store: PartitionStore) -> None:
    change = Change("1:1", "total", '"1.00"', None, 1_775_044_800.25, 2)
    store.write_changes(PARTITION, [change])
    store.write_quarantine(PARTITION, [UnparsedRow('{"id": 1}', "total: missing")])
    assert store.changes(PARTITION) == [change]
    assert store.quarantine(PARTITION) == [UnparsedRow('{"id": 1}', "total: missing")]
    store.write_changes(PARTITION, [])
    store.write_quarantine(PARTITION, [])
    assert store.partitions(CHANGES) == store.partitions(QUARANTINE) == []


def test_what_the_database_refuses_is_told_without_its_words(store: PartitionStore) -> None:
    odd = EncodedRow("1:1", "{}", b'{"id": "1:1", "total": "Jane Q. Public"}')
    with pytest.raises(ArchiveError, match=r"cannot be written \(\w+\)\. Run it again\.$"):
        store.write(PARTITION, TRANSACTIONS, [odd], EVIDENCE)
    assert store.partitions("transactions") == []


EXTREMES = [
    *(
        2**63 - 1,
        -(2**63),
        2**63,
        10**400,
        "9223372036854775807",
        99999999999999,
        -99999999999999,
        "99999999999999.9999",
    ),
    *(Decimal("99999999999999.99994"), Decimal("99999999999999.99995"), Decimal("1E-400"), "1e-4000", 0.1, 1e300),
    *("0001-01-02T00:00:00Z", "9999-12-30T23:59:59.999999Z", "0001-01-01T00:00:00Z", "9999-12-31", "0001-01-02"),
    *("\x00", "a\x00b", "\ud800", "\u2028", "\r\n", "\U0001f697", " ", True, [], {}, [{"\ud800": "\x00"}]),
]


@pytest.mark.parametrize("table", TABLES.values(), ids=lambda table: table.name)
def test_every_row_that_can_be_parsed_can_be_written(store: PartitionStore, table: Table) -> None:
    # An error here would end each sync at the same row.
    raw = dict(golden())[table.record]
    odd = [changed(raw, path, value) for path in paths_in(raw) for value in EXTREMES]
    partition = Partition(table.name, "main", DAY)
    encoded = encode_rows(table, odd, Calendars(default=ZoneInfo("Pacific/Kiritimati")))
    assert len(encoded.rows) + len(encoded.unparsed) == len(odd)
    assert len(encoded.rows) > len(odd) // 2
    store.write(partition, table, encoded.rows, EVIDENCE)
    assert store.verify(partition) == len(encoded.rows)


@pytest.mark.parametrize("damage", [b"", b"PAR1 and then nothing of the kind"])
def test_a_damaged_file_is_named_with_what_to_do(store: PartitionStore, tmp_path: Path, damage: bytes) -> None:
    write(store)
    path = tmp_path / PARTITION.name
    path.write_bytes(damage)
    for ask in (store.evidence, store.verify, lambda which: store.raws(which, TRANSACTIONS)):
        with pytest.raises(ArchiveError, match=r"data\.parquet is damaged .*archive repair"):
            ask(PARTITION)
    store.set_aside(PARTITION)
    assert store.partitions("transactions") == []
    assert [aside.read_bytes() for aside in (tmp_path / ".work" / "damaged").iterdir()] == [damage]


def test_a_file_that_another_tool_wrote_is_not_a_partition(store: PartitionStore, tmp_path: Path) -> None:
    path = tmp_path / PARTITION.name
    path.parent.mkdir(parents=True)
    connect(tmp_path / "spill").execute(f"COPY (SELECT 1 AS one) TO '{path}' (FORMAT parquet)")
    with pytest.raises(ArchiveError, match="its bytes are not those that were written"):
        store.evidence(PARTITION)


def test_a_change_of_any_byte_of_a_file_is_found(store: PartitionStore, tmp_path: Path) -> None:
    write(store, 300)
    path = tmp_path / PARTITION.name
    good = path.read_bytes()
    for place in range(0, len(good), len(good) // 200):
        for width in (1, 64):
            content = bytearray(good)
            content[place : place + width] = bytes(byte ^ 0x55 for byte in good[place : place + width])
            path.write_bytes(content)
            with pytest.raises(ArchiveError, match="is damaged"):
                store.verify(PARTITION)
            with pytest.raises(ArchiveError, match="is damaged"):  # what is read to be written again
                store.raws(PARTITION, TRANSACTIONS)
    path.write_bytes(good)
    assert store.verify(PARTITION) == 300


def test_a_full_disk_leaves_the_old_partition(store: PartitionStore, monkeypatch: pytest.MonkeyPatch) -> None:
    write(store)

    def full(self: LocalFiles, made: Path, name: str) -> None:
        raise ArchiveError("full")

    monkeypatch.setattr(LocalFiles, "publish", full)
    with pytest.raises(ArchiveError, match="full"):
        write(store, 2)
    assert store.verify(PARTITION) == 3


def test_files_that_were_being_made_do_not_stay(store: PartitionStore, tmp_path: Path) -> None:
    write(store)
    assert list((tmp_path / ".work" / "scratch").iterdir()) == []


def test_partitions_are_told_apart_by_table_account_and_day() -> None:
    assert PARTITION.beside(CHANGES) == Partition("changes", "main", PARTITION.day, "transactions")
    assert PARTITION.beside(CHANGES).name == "changes/account=main/date=2026-03-09/transactions.parquet"
    assert PARTITION.beside(CHANGES).rows == PARTITION.rows == PARTITION
    assert str(PARTITION) == "transactions of main on 2026-03-09"
