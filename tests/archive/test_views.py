"""The DuckDB file of views that a BI tool opens."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.view_queries import VIEWS
from sonnys_data_client.archive.views import NAME, write_views
from sonnys_data_client.errors import ArchiveError
from tests.archive.rig import PARTITION, archive_at, file_of, rows
from tests.archive.rig import put as put_away


def put(archive: Archive, raw: list[dict[str, object]]) -> None:
    """Put a reading into an archive, and write the views as a sync does."""
    put_away(archive, raw)
    archive.write_views()


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = archive_at(tmp_path)
    put(archive, rows(3))
    return archive


def asked(archive: Archive, query: str) -> list[tuple[object, ...]]:
    """Ask the file as a tool does, from any folder."""
    with duckdb.connect(str(Path(archive.address, NAME)), read_only=True) as database:
        return database.execute(query).fetchall()


def test_a_tool_finds_every_view(archive: Archive) -> None:
    views = {name for (name,) in asked(archive, "SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    assert views == set(VIEWS)


def test_a_tool_sees_what_is_there_when_it_asks(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir("/")
    assert asked(archive, "SELECT count(*) FROM transactions") == [(3,)]
    assert asked(archive, "SELECT count(*), count(DISTINCT account) FROM transaction_items") == [(6, 1)]
    put(archive, rows(5))
    assert asked(archive, "SELECT count(*) FROM transactions") == [(5,)]
    assert asked(archive, "SELECT count(*) FROM changes") == [(2,)]
    assert asked(archive, "SELECT count(*) FROM sites") == [(0,)]


@pytest.mark.parametrize("name", ["wash [2]", "wash ?", "wash *", "[wash] 2", "it's 2"])
def test_a_folder_whose_name_is_a_pattern_shows_its_own_rows(name: str, tmp_path: Path) -> None:
    other = archive_at(tmp_path / "wash 2")
    put(other, rows(7))
    archive = archive_at(tmp_path / name)
    put(archive, rows(3))
    put(archive, rows(4))
    assert asked(archive, "SELECT count(*) FROM transactions") == [(4,)]
    assert archive.sql("SELECT count(*) FROM transactions").fetchall() == [(4,)]
    assert list(archive.check()) == []


def test_an_account_s_folder_may_be_a_link(archive: Archive, tmp_path: Path) -> None:
    account = file_of(archive).parents[1]
    account.rename(tmp_path / "elsewhere")
    account.symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    (tmp_path / "elsewhere" / "itself").symlink_to(account, target_is_directory=True)
    put(archive, rows(4))
    assert account.is_symlink()
    assert asked(archive, "SELECT count(*) FROM transactions") == [(4,)]
    assert archive.sql("SELECT count(*) FROM transactions").fetchall() == [(4,)]
    assert archive.check() == []


def test_strangers_beside_our_files_are_in_no_view(archive: Archive) -> None:
    ours = Path(archive.address, file_of(archive))
    for name in ("data (conflicted copy).parquet", "data-LAPTOP.parquet", "._data.parquet"):
        ours.with_name(name).write_bytes(ours.read_bytes())
    ours.with_name("empty.parquet").touch()
    archive.write_views()
    assert asked(archive, "SELECT count(*) FROM transactions") == [(3,)]
    assert archive.sql("SELECT count(*) FROM transactions").fetchall() == [(3,)]


def test_a_folder_of_a_stranger_is_in_no_view_and_a_new_day_is(archive: Archive) -> None:
    account = file_of(archive).parents[1]
    shutil.copytree(account, account.with_name("account=main (copy)"))
    day = file_of(archive).parent
    shutil.copytree(day, day.with_name(f"{day.name} (copy)"))
    archive.write_views()
    put_away(archive, rows(2), replace(PARTITION, day=date(2026, 3, 10)))
    assert asked(archive, "SELECT count(*) FROM transactions") == [(5,)]


def test_the_file_has_the_format_that_all_of_duckdb_1_reads(archive: Archive) -> None:
    """The format's number is behind the checksum and the magic bytes: DuckDB 1.0 wrote 64, and 1.5 reads up to 67."""
    head = Path(archive.address, NAME).read_bytes()[:20]
    assert head[8:12] == b"DUCK"
    assert int.from_bytes(head[12:20], "little") == 64


def test_a_copy_shows_its_own_rows_once_its_views_are_written(archive: Archive, tmp_path: Path) -> None:
    shutil.copytree(archive.address, tmp_path / "copy")
    copy = Archive(tmp_path / "copy")
    put_away(copy, rows(5))
    copy.write_views()
    assert asked(copy, "SELECT count(*) FROM transactions") == [(5,)]
    assert asked(archive, "SELECT count(*) FROM transactions") == [(3,)]


def test_a_file_that_is_open_in_a_tool_is_replaced_all_the_same(archive: Archive) -> None:
    with duckdb.connect(str(Path(archive.address, NAME)), read_only=True) as database:
        put(archive, rows(4))
        assert database.execute("SELECT count(*) FROM transactions").fetchall() == [(4,)]


def test_the_next_sync_repairs_the_views_of_an_archive_that_was_moved(archive: Archive, tmp_path: Path) -> None:
    Path(archive.address).rename(tmp_path / "moved")
    moved = Archive(tmp_path / "moved")
    put(moved, rows(4))
    assert asked(moved, "SELECT count(*) FROM transactions") == [(4,)]
    assert file_of(moved).exists()


def test_a_remote_archive_has_none(tmp_path: Path) -> None:
    files = files_at(f"memory://{uuid.uuid4().hex}/archive")
    write_views(files, Mark())
    assert not files.exists(NAME)


def test_a_damaged_file_is_reported(archive: Archive) -> None:
    file_of(archive).write_bytes(b"rubbish")
    with pytest.raises(ArchiveError, match="archive check"):
        archive.write_views()


def test_a_place_that_cannot_be_written_is_named(archive: Archive) -> None:
    Path(archive.address, NAME).unlink()
    Path(archive.address, NAME).mkdir()
    with pytest.raises(ArchiveError, match=r"archive\.duckdb cannot be written"):
        write_views(files_at(archive.address), Mark())
