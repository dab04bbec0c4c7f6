"""Every kind of damage is found, and is not confused with a ledger that is merely behind."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive, index
from sonnys_data_client.archive.check import find_problems
from sonnys_data_client.archive.evidence import LAYOUT
from sonnys_data_client.archive.files import LocalFiles, files_at
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import CHANGES, QUARANTINE
from tests.archive.rig import NOON, PARTITION, archive_at, file_of, put, rows

OTHER = replace(PARTITION, day=date(2026, 3, 10))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = archive_at(tmp_path)
    put(archive, rows(3))
    put(archive, rows(3, transactionStatus="Voided"))
    put(archive, rows(2), OTHER)
    return archive


def problems(archive: Archive) -> list[tuple[str, bool]]:
    store = PartitionStore(LocalFiles(Path(archive.address)))
    try:
        recorded = index.recorded(files_at(archive.address)) or {}
        return [(str(f.partition), f.damaged) for f in find_problems(store, recorded, LAYOUT)]
    finally:
        store.close()


def test_a_sound_archive_has_nothing_to_say(archive: Archive) -> None:
    assert problems(archive) == []


def test_a_partition_that_cannot_be_read_is_damaged(archive: Archive) -> None:
    file_of(archive).write_bytes(b"rubbish")
    assert (str(PARTITION), True) in problems(archive)


def test_a_log_that_cannot_be_read_is_damaged(archive: Archive) -> None:
    log = PARTITION.beside(CHANGES)
    file_of(archive, log).write_bytes(b"rubbish")
    assert problems(archive) == [(str(log), True)]


def test_a_partition_with_other_rows_than_it_says_is_damaged(archive: Archive) -> None:
    path = file_of(archive)
    answer = archive.sql("FROM transactions WHERE id = '1:1001' AND date = '2026-03-09'", allow_outside=True)
    evidence = next(iter(archive.evidence().values())).to_json().replace("'", "''")
    answer.relation.query(
        "fewer", f"COPY (FROM fewer) TO '{path}.new' (FORMAT parquet, KV_METADATA {{sonnys: '{evidence}'}})"
    )
    Path(f"{path}.new").replace(path)
    assert problems(archive) == [(str(PARTITION), True)]


def test_a_partition_that_the_ledger_does_not_agree_with_is_found(archive: Archive) -> None:
    earlier = file_of(archive).read_bytes()
    put(archive, rows(4))
    file_of(archive).write_bytes(earlier)
    assert problems(archive) == [(str(PARTITION), False)]


def test_a_file_of_another_day_or_table_is_no_file_of_this_one(archive: Archive) -> None:
    file_of(archive).write_bytes(file_of(archive, OTHER).read_bytes())
    customers = Partition("customers", "main", PARTITION.day)
    file_of(archive, customers).parent.mkdir(parents=True)
    file_of(archive, customers).write_bytes(file_of(archive, OTHER).read_bytes())
    assert problems(archive) == [(str(PARTITION), True), (str(customers), True)]
    Path(archive.address, ".work", "accounts", "main", "ledger.sqlite").unlink()
    found = archive.check()
    assert [problem.damaged for problem in found if not problem.too_open] == [True, True]
    assert set(archive.repair().reread) == {PARTITION, customers}
    assert archive.check() == []
    assert len(archive.table("transactions").fetchall()) == 2


def test_an_account_can_be_renamed(archive: Archive) -> None:
    folder = Path(archive.address, "transactions", "account=main")
    folder.rename(folder.with_name("account=acme"))
    shutil.rmtree(Path(archive.address, "changes"))
    archive.repair()
    assert archive.check() == []
    assert archive.accounts() == ["acme"]


def test_a_partition_that_vanished_is_found(archive: Archive) -> None:
    file_of(archive, OTHER).unlink()
    assert problems(archive) == [(str(OTHER), False)]


@pytest.mark.parametrize("loss", ["damaged", "gone"])
def test_a_day_whose_quarantine_is_lost_is_read_again(loss: str, archive: Archive) -> None:
    put(archive, [*rows(2), {**rows(1, first=3)[0], "total": "much"}])
    beside = file_of(archive, PARTITION.beside(QUARANTINE))
    if loss == "damaged":
        beside.write_bytes(b"rubbish")
    else:
        beside.unlink()
    assert [problem.reread for problem in archive.check()] == [True]
    assert list(archive.repair().reread) == [PARTITION]
    assert archive.check() == []
    (day,) = archive.coverage(start=PARTITION.day, end=PARTITION.day, now=NOON)
    assert (day.state, day.quarantined) == ("partial", 0)
    assert day.why == "rows of it that were in quarantine are lost, so it is to be read again"


@pytest.mark.parametrize(
    "name",
    ["data (conflicted copy).parquet", "data-LAPTOP.parquet", "._data.parquet", ".DS_Store", "transactions.parquet"],
)
@pytest.mark.parametrize("content", [None, b"", b"PAR1"], ids=["a copy", "empty", "truncated"])
def test_what_is_not_the_archives_is_named_and_counted_by_nobody(
    name: str, content: bytes | None, archive: Archive
) -> None:
    ours = file_of(archive)
    stranger = ours.with_name(name)
    stranger.write_bytes(ours.read_bytes() if content is None else content)
    (problem,) = archive.check()
    assert str(problem).startswith(f"{stranger.relative_to(archive.address).as_posix()} is not a file of the archive")
    assert archive.repair().reread == []
    assert stranger.exists(), "it is somebody else's"
    assert archive.sql("SELECT count(*) FROM transactions").fetchall() == [(5,)]
    assert sorted(archive.evidence()) == [PARTITION, OTHER]


def test_folders_that_are_not_the_archives_are_named_too(archive: Archive) -> None:
    account = file_of(archive).parents[1]
    shutil.copytree(account, account.with_name("account=main (conflicted copy)"))
    shutil.copytree(account, account.parents[1] / "sales" / "account=main")
    assert len(archive.check()) == 4
    assert archive.accounts() == ["main"]
    assert archive.sql("SELECT count(*) FROM transactions").fetchall() == [(5,)]
