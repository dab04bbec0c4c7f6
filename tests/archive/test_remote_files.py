"""Files at an address: downloaded once, and nothing is left of them here."""

from __future__ import annotations

import gc
import uuid
from pathlib import Path

import pytest

from sonnys_data_client.archive.files import Files, files_at
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.errors import ArchiveError


def made(files: Files, text: str) -> Path:
    path = files.scratch()
    path.write_text(text, encoding="utf-8")
    return path


def test_a_remote_file_is_downloaded_again_only_when_it_has_changed(tmp_path: Path) -> None:
    files = files_at(f"memory://{uuid.uuid4().hex}/archive")
    assert isinstance(files, RemoteFiles)
    files.publish(made(files, "old"), "a.txt")
    fetched: list[str] = []
    get_file = files._system.get_file

    def count(source: str, to: str) -> None:
        fetched.append(source)
        get_file(source, to)

    files._system.get_file = count
    try:
        for number in range(3):
            assert files.fetch("a.txt", tmp_path / f"{number}")
        assert len(fetched) == 1
    finally:
        del files._system.get_file


def test_a_small_remote_file_is_created_once_and_written_any_number_of_times() -> None:
    files = files_at(f"memory://{uuid.uuid4().hex}/archive")
    assert isinstance(files, RemoteFiles)
    assert files.read("a/b.json") is None
    assert files.create("a/b.json", "first")
    assert not files.create("a/b.json", "second")
    assert files.read("a/b.json") == "first"
    files.write("a/b.json", "third")
    assert files.read("a/b.json") == "third"


def test_a_password_in_an_address_is_not_shown() -> None:
    said = r"^memory://me:\*\*\*@store/archive: a\.txt cannot be written \(no way to ftp://you:\*\*\*@host/a\)\. Check "
    files = files_at("memory://me:secret@store/archive")
    assert files.address == "memory://me:***@store/archive"
    assert isinstance(files, RemoteFiles)
    with pytest.raises(ArchiveError, match=said), files._explained("a.txt cannot be written"):
        raise RuntimeError("no way to ftp://you:secret@host/a")


def test_the_work_folder_of_a_remote_archive_goes_with_its_files() -> None:
    files = files_at(f"memory://{uuid.uuid4().hex}/archive")
    work_folder = files.work_folder
    made(files, "left")
    del files
    gc.collect()
    assert not work_folder.exists()


def test_a_folder_may_be_called_as_a_part_of_a_name_is() -> None:
    files = files_at("memory://transactions")
    files.publish(made(files, "rows"), "transactions/account=main/transactions")
    assert files.names("transactions") == ["transactions/account=main/transactions"]
    files.remove("transactions/account=main/transactions")
