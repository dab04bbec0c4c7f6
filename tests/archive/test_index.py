"""The ledger is opened, downloaded, and made again from the partitions."""

from __future__ import annotations

import re
import shutil
import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from unittest.mock import patch

import duckdb
import pytest

from sonnys_data_client.archive import Archive, index
from sonnys_data_client.archive.evidence import LAYOUT
from sonnys_data_client.archive.files import LocalFiles, files_at
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.archive.lock import hold
from sonnys_data_client.archive.mark import read_mark
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.archive.rows import encode_rows
from sonnys_data_client.archive.stamps import stamp_of
from sonnys_data_client.archive.store import QUARANTINE_LOST, PartitionStore
from sonnys_data_client.archive.tables import QUARANTINE, TABLES
from sonnys_data_client.errors import ArchiveError
from tests.archive.rig import CALENDARS, NOON, PARTITION, archive_at, file_of, put, reading, rows
from tests.waiting import PATIENCE_S

OTHER = replace(PARTITION, day=date(2026, 3, 10))


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles | RemoteFiles:
    archive = archive_at(tmp_path)
    put(archive, rows(2))
    return files_at(archive.address)


def ledger_of(files: LocalFiles | RemoteFiles) -> Path:
    return files.work_folder / "accounts" / "main" / index.LEDGER


def known(files: LocalFiles | RemoteFiles) -> list[int]:
    return [evidence.rows for evidence in index.read_evidence(files, "transactions").values()]


def test_a_reader_has_the_ledger_or_one_made_from_the_partitions(files: LocalFiles | RemoteFiles) -> None:
    assert known(files) == [2]
    ledger_of(files).unlink()
    assert known(files) == [2]
    assert not ledger_of(files).exists(), "a reader writes nothing"


def test_a_reader_does_without_a_ledger_that_cannot_be_opened_or_is_just_being_made(
    files: LocalFiles | RemoteFiles,
) -> None:
    path = ledger_of(files)
    path.unlink()
    sqlite3.connect(path).close()
    assert known(files) == [2]


def test_a_damaged_ledger_is_an_error(files: LocalFiles | RemoteFiles) -> None:
    ledger_of(files).write_bytes(b"rubbish" * 1000)
    with pytest.raises(ArchiveError, match="damaged"):
        known(files)


def test_made_again_it_knows_the_partitions_and_no_jobs(files: LocalFiles | RemoteFiles) -> None:
    with closing(PartitionStore(files)) as store, hold(files, "main") as renew:
        with index.writing(files, store, renew, "main") as ledgers:
            ledgers.shelf("main").store({"hash": "h", "start": 0, "stop": 1, "submitted_at": 1.0, "owner": "main"})
            ledgers.of("main").forget(PARTITION)
        index.delete(files)
        with index.writing(files, store, renew, "main") as ledgers:
            assert ledgers.shelf("main").live() == []
    assert known(files) == [2]


def test_a_remote_ledger_is_sent_with_each_day_and_not_only_at_the_end() -> None:
    address = f"memory://{uuid.uuid4().hex}/archive"
    archive = Archive(address)
    with archive.writing() as writer:
        writer.put(PARTITION, reading(rows(2)), CALENDARS)
        assert known(files_at(address)) == [2]


def test_a_run_that_holds_a_remote_archive_may_read_it_meanwhile() -> None:
    archive = Archive(f"memory://{uuid.uuid4().hex}/archive")
    put(archive, rows(1))
    with archive.writing("main") as writer:
        assert [evidence.rows for evidence in archive.evidence().values()] == [1]
        writer.put(PARTITION, reading(rows(2)), CALENDARS)
        assert [evidence.rows for evidence in archive.evidence().values()] == [2]
        writer.shelf("main").store({"hash": "h", "start": 0, "stop": 1, "submitted_at": 1.0, "owner": "main"})
    with archive.writing("main") as writer:
        assert [kept["hash"] for kept in writer.shelf("main").live()] == ["h"]


def test_a_damaged_remote_ledger_is_named_by_its_address_and_mended() -> None:
    archive = Archive(f"memory://{uuid.uuid4().hex}/archive")
    put(archive, rows(2))
    files = files_at(archive.address)
    assert isinstance(files, RemoteFiles)
    files.write(".work/accounts/main/ledger.sqlite", "rubbish" * 1000)
    said = f"{archive.address}/.work/accounts/main/ledger.sqlite is damaged (file is not a database)"
    with pytest.raises(ArchiveError, match=re.escape(said)):
        archive.evidence()
    assert [str(problem).startswith(said) for problem in archive.check()] == [True]
    archive.repair()
    assert archive.check() == []


def test_the_next_writer_learns_of_partitions_that_a_killed_run_did_not_record(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put(archive, rows(2))
    put(archive, rows(3), OTHER)
    files = files_at(archive.address)
    with (
        closing(PartitionStore(files)) as store,
        hold(files, "main") as renew,
        index.writing(files, store, renew, "main") as ledgers,
    ):
        ledgers.of("main").forget(PARTITION)
    with (
        closing(PartitionStore(files)) as store,
        hold(files, "main") as renew,
        index.writing(files, store, renew, "main") as ledgers,
    ):
        assert [evidence.rows for evidence in ledgers.evidence("transactions").values()] == [2, 3]
    file_of(archive, OTHER).unlink()
    file_of(archive).write_bytes(b"rubbish")
    ledger_of(files).unlink()
    with (
        closing(PartitionStore(files)) as store,
        hold(files, "main") as renew,
        index.writing(files, store, renew, "main") as ledgers,
    ):
        assert ledgers.evidence("transactions") == {}, "what is gone or damaged was not read"


def test_the_ledger_is_never_ahead_of_the_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = archive_at(tmp_path)
    put(archive, rows(2))
    with archive.writing() as writer, monkeypatch.context() as dying:
        dying.setattr(Ledger, "record", die)
        with pytest.raises(KeyboardInterrupt):
            writer.put(PARTITION, reading(rows(3), at=NOON + 1), CALENDARS)
    assert index.recorded(files_at(archive.address)) == {}
    assert archive.evidence()[PARTITION].rows == 3
    with archive.writing():
        assert archive.evidence()[PARTITION].rows == 3


def die(*_: object) -> None:
    raise KeyboardInterrupt


def test_a_day_that_lacks_rows_of_its_quarantine_is_doubted_at_once(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put(archive, [*rows(2), {**rows(1, first=3)[0], "total": "much"}])
    assert archive.evidence()[PARTITION].doubt == ""
    file_of(archive, PARTITION.beside(QUARANTINE)).unlink()
    assert archive.evidence()[PARTITION].doubt == QUARANTINE_LOST
    archive.compact()
    assert archive.evidence()[PARTITION].doubt == QUARANTINE_LOST


def test_older_files_below_a_newer_mark_are_read_with_their_own_names(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put(archive, rows(1))
    files, store = files_at(archive.address), PartitionStore(files_at(archive.address))
    with closing(store):
        evidence = store.evidence(PARTITION)
        assert evidence is not None
        table = TABLES[PARTITION.table]
        store.write(PARTITION, table, encode_rows(table, rows(1), CALENDARS).rows, replace(evidence, written_by=1))
    assert read_mark(files).oldest_layout == LAYOUT
    with archive.writing():
        assert read_mark(files).oldest_layout == 1


def test_the_one_ledger_of_an_earlier_version_is_read_taken_over_and_in_the_end_removed(tmp_path: Path) -> None:
    archive, other = archive_at(tmp_path), replace(PARTITION, account="other")
    put(archive, rows(2))
    put(archive, rows(3), other)
    files = files_at(archive.address)
    known = archive.evidence()
    with closing(Ledger(files.work_folder / index.LEDGER, writing=True)) as old:
        for partition, evidence in known.items():
            old.record(partition, evidence, stamp_of(files, partition))
    shutil.rmtree(files.work_folder / "accounts")
    with patch.object(PartitionStore, "evidence", side_effect=AssertionError("no file is read again")):
        assert archive.evidence() == known
        assert archive.evidence(account="other").keys() == {other}
        with archive.writing("main"):
            pass
        assert archive.evidence() == known, "one account has a ledger of its own by now"
        assert index.recorded(files) == known
    archive.compact()
    assert not (files.work_folder / index.LEDGER).exists()
    assert archive.evidence() == known
    assert archive.check() == []


def test_accounts_of_one_archive_are_written_by_several_processes_at_once(tmp_path: Path) -> None:
    address = tmp_path / "archive"
    names = [f"west-{number}" for number in range(4)]
    words = [sys.executable, "-c", WRITES, str(address)]
    runs = [
        subprocess.Popen([*words, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for name in names
    ]
    for run in runs:
        assert run.stdout is not None
        assert run.stdout.readline() == "ready\n"
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("go\n")
        run.stdin.flush()
    for run in runs:
        run.communicate(timeout=PATIENCE_S)
    assert [run.returncode for run in runs] == [0] * 4
    archive = Archive(address)
    assert archive.accounts() == names
    assert archive.check() == []
    assert archive.sql("SELECT account, count(*) FROM transactions GROUP BY ALL ORDER BY ALL").fetchall() == [
        (name, 6) for name in names
    ]
    with duckdb.connect(str(address / "archive.duckdb"), read_only=True) as views:
        assert views.sql("SELECT count(DISTINCT account) FROM transactions").fetchall() == [(4,)]


WRITES = """
import sys
from dataclasses import replace
from datetime import timedelta
from sonnys_data_client.archive import Archive
from tests.archive.rig import CALENDARS, PARTITION, put, rows
archive = Archive(sys.argv[1])
print("ready", flush=True)
sys.stdin.readline()
for day in range(3):
    put(archive, rows(2), replace(PARTITION, account=sys.argv[2], day=PARTITION.day + timedelta(days=day)))
archive.write_views()
"""
