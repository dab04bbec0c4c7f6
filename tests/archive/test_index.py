"""The ledger is opened, downloaded, and made again from the partitions."""

from __future__ import annotations

import re
import sqlite3
import uuid
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive, index
from sonnys_data_client.archive.evidence import LAYOUT
from sonnys_data_client.archive.files import LocalFiles, files_at
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.archive.lock import hold
from sonnys_data_client.archive.mark import read_mark
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.archive.rows import encode_rows
from sonnys_data_client.archive.store import QUARANTINE_LOST, PartitionStore
from sonnys_data_client.archive.tables import QUARANTINE, TABLES
from sonnys_data_client.errors import ArchiveError
from tests.archive.rig import CALENDARS, NOON, PARTITION, archive_at, file_of, put, reading, rows

OTHER = replace(PARTITION, day=date(2026, 3, 10))


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles | RemoteFiles:
    archive = archive_at(tmp_path)
    put(archive, rows(2))
    return files_at(archive.address)


def known(files: LocalFiles | RemoteFiles) -> list[int]:
    return [evidence.rows for evidence in index.read_evidence(files, "transactions").values()]


def test_a_reader_has_the_ledger_or_one_made_from_the_partitions(files: LocalFiles | RemoteFiles) -> None:
    assert known(files) == [2]
    (files.work_folder / index.LEDGER).unlink()
    assert known(files) == [2]
    assert not (files.work_folder / index.LEDGER).exists(), "a reader writes nothing"


def test_a_reader_does_without_a_ledger_that_cannot_be_opened_or_is_just_being_made(
    files: LocalFiles | RemoteFiles,
) -> None:
    path = files.work_folder / index.LEDGER
    path.unlink()
    sqlite3.connect(path).close()
    assert known(files) == [2]


def test_a_damaged_ledger_is_an_error(files: LocalFiles | RemoteFiles) -> None:
    (files.work_folder / index.LEDGER).write_bytes(b"rubbish" * 1000)
    with pytest.raises(ArchiveError, match="damaged"):
        known(files)


def test_made_again_it_knows_the_partitions_and_no_jobs(files: LocalFiles | RemoteFiles) -> None:
    with closing(PartitionStore(files)) as store, hold(files) as renew:
        with index.writing(files, store, renew) as ledger:
            ledger.shelf("main").store({"hash": "h", "start": 0, "stop": 1, "submitted_at": 1.0, "owner": "main"})
            ledger.forget(PARTITION)
        index.delete(files)
        with index.writing(files, store, renew) as ledger:
            assert ledger.shelf("main").live() == []
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
    with archive.writing() as writer:
        assert [evidence.rows for evidence in archive.evidence().values()] == [1]
        writer.put(PARTITION, reading(rows(2)), CALENDARS)
        assert [evidence.rows for evidence in archive.evidence().values()] == [2]
        writer.shelf("main").store({"hash": "h", "start": 0, "stop": 1, "submitted_at": 1.0, "owner": "main"})
    with archive.writing() as writer:
        assert [kept["hash"] for kept in writer.shelf("main").live()] == ["h"]


def test_a_damaged_remote_ledger_is_named_by_its_address_and_mended() -> None:
    archive = Archive(f"memory://{uuid.uuid4().hex}/archive")
    put(archive, rows(2))
    files = files_at(archive.address)
    assert isinstance(files, RemoteFiles)
    files.write(".work/ledger.sqlite", "rubbish" * 1000)
    said = f"{archive.address}/.work/ledger.sqlite is damaged (file is not a database)"
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
    with closing(PartitionStore(files)) as store, hold(files) as renew, index.writing(files, store, renew) as ledger:
        ledger.forget(PARTITION)
    with closing(PartitionStore(files)) as store, hold(files) as renew, index.writing(files, store, renew) as ledger:
        assert [evidence.rows for evidence in ledger.evidence("transactions").values()] == [2, 3]
    file_of(archive, OTHER).unlink()
    file_of(archive).write_bytes(b"rubbish")
    (files.work_folder / index.LEDGER).unlink()
    with closing(PartitionStore(files)) as store, hold(files) as renew, index.writing(files, store, renew) as ledger:
        assert ledger.evidence("transactions") == {}, "what is gone or damaged was not read"


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
