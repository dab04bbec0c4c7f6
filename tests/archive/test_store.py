"""Partitions are written and read whole, or not at all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.database import connect
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.rows import encode_rows
from sonnys_data_client.archive.store import Partition, PartitionStore, partition_of
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE, TRANSACTIONS
from sonnys_data_client.errors import ArchiveError, UnparsedRow
from tests.archive.rig import CALENDARS, PARTITION, rows

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
    database = connect()
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


def test_a_value_too_large_for_its_column_is_found_and_affects_no_other_row(store: PartitionStore) -> None:
    many = rows(9)
    many[4]["number"] = 2**70
    many[7]["total"] = 10**20
    lines = encode_rows(TRANSACTIONS, many, CALENDARS).rows
    with pytest.raises(ValueError, match="does not fit its columns"):
        store.write(PARTITION, TRANSACTIONS, lines, EVIDENCE)
    assert store.rows_too_large(TRANSACTIONS, lines) == [lines[4], lines[7]]
    assert store.partitions("transactions") == []


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
    connect().execute(f"COPY (SELECT 1 AS one) TO '{path}' (FORMAT parquet)")
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
