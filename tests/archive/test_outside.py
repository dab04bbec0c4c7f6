"""A query reads the archive and no other file, whoever wrote it; each way out that was tried is a test here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sonnys_data_client.archive import Archive, queries
from sonnys_data_client.archive.database import connect, shut_in
from sonnys_data_client.errors import ArchiveError, Remedy, SonnysError, ValidationError
from tests.archive.rig import archive_at, file_of, put, rows

HELD = "SELECT count(*) FROM transactions"

WAYS_OUT = [
    "SELECT * FROM read_csv('{out}/users.csv')",
    "SELECT * FROM '{out}/users.csv'",
    "SELECT * FROM read_text('{out}/users.csv')",
    "SELECT * FROM read_blob('{out}/users.csv')",
    "SELECT * FROM read_json('{out}/users.csv')",
    "SELECT * FROM sniff_csv('{out}/users.csv')",
    "SELECT * FROM read_parquet('{out}/pay.parquet')",
    "SELECT * FROM '{out}/pay.parquet'",
    "SELECT * FROM parquet_schema('{out}/pay.parquet')",
    "SELECT * FROM parquet_metadata('{out}/pay.parquet')",
    "SELECT * FROM parquet_kv_metadata('{out}/pay.parquet')",
    "SELECT * FROM parquet_file_metadata('{out}/pay.parquet')",
    "SELECT * FROM glob('{out}/*')",
    "SELECT * FROM glob('/root/*')",
    "SELECT * FROM glob('~/*')",
    "SELECT * FROM read_text('file://{out}/users.csv')",
    "SELECT * FROM read_text('{out}/linked.csv')",
    "SELECT * FROM read_text('/proc/self/environ')",
    "SELECT * FROM read_csv('/dev/stdin')",
    "SELECT * FROM read_csv('http://localhost:9/x.csv')",
    "SELECT * FROM 's3://bucket/x.parquet'",
    "SELECT * FROM query('SELECT * FROM read_text(''{out}/users.csv'')')",
    "SELECT (SELECT content FROM read_text('{out}/users.csv')) FROM transactions",
    "WITH found AS (FROM read_text('{out}/users.csv')) SELECT * FROM found",
    "SELECT * FROM duckdb_extensions()",
    "SELECT * FROM read_text('{archive}/archive.json')",
    "SELECT * FROM read_blob('{archive}/.work/ledger.sqlite')",
    "SELECT * FROM glob('{archive}/.work/*')",
    "SELECT getenv('HOME')",
]
"""Queries that read what is not the archive's: `out` is a folder beside it."""

STATEMENTS = [
    "SET enable_external_access = true",
    "RESET allowed_directories",
    "SET lock_configuration = false",
    "SET temp_directory = '{out}'",
    "ATTACH '{out}/new.duckdb'",
    "COPY transactions TO '{out}/new.csv'",
    "EXPORT DATABASE '{out}/new'",
    "INSTALL httpfs",
    "LOAD httpfs",
    "LOAD '{out}/own.duckdb_extension'",
    "CREATE PERSISTENT SECRET one (TYPE http, BEARER_TOKEN 'x')",
]
"""Statements by which a database could be opened again, or write."""


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "users.csv").write_text("name,pay\nsecret,1\n", encoding="utf-8")
    (folder / "linked.csv").symlink_to(folder / "users.csv")
    with duckdb.connect() as database:
        database.execute(f"COPY (SELECT 'secret' AS name) TO '{folder / 'pay.parquet'}' (FORMAT parquet)")
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = archive_at(tmp_path)
    put(archive, rows(3))
    return archive


def read(archive: Archive, query: str, **more: Any) -> list[tuple[Any, ...]]:
    with archive.sql(query, **more) as answer:
        return answer.fetchall()


@pytest.mark.parametrize("way", WAYS_OUT)
def test_a_query_reads_no_file_outside_of_the_archive(archive: Archive, outside: Path, way: str) -> None:
    with pytest.raises(SonnysError) as refused:
        read(archive, way.format(out=outside, archive=archive.address))
    assert "secret" not in str(refused.value)


def test_the_refusal_names_the_file_and_what_to_do(archive: Archive, outside: Path) -> None:
    with pytest.raises(ValidationError) as refused:
        read(archive, f"FROM read_csv('{outside}/users.csv')")
    assert str(refused.value).startswith(f"The query reads '{outside}/users.csv' outside of the archive.")
    assert refused.value.remedy is Remedy.OUTSIDE


def test_whoever_means_it_reads_a_file_of_their_own(archive: Archive, outside: Path) -> None:
    query = f"FROM read_csv('{outside}/users.csv'), (SELECT count(*) FROM transactions)"  # noqa: S608
    assert read(archive, query, allow_outside=True) == [("secret", 1, 3)]


def test_a_link_to_a_file_outside_is_no_way_out(archive: Archive, outside: Path) -> None:
    """Whoever may write into an archive could place one, and have another user's file read by a third."""
    day = file_of(archive)
    day.unlink()
    day.symlink_to(outside / "pay.parquet")
    with pytest.raises(SonnysError):
        read(archive, "SELECT raw FROM transactions")


@pytest.mark.parametrize("way", ["{folder}/../../ledger.sqlite", "{folder}/transactions/../../../lock", "{folder}x/y"])
def test_the_folder_of_the_snapshot_is_no_way_out(archive: Archive, way: str) -> None:
    with archive.sql(HELD) as answer:
        folder = answer._asked.snapshot.folder
        assert folder.is_dir()
        with pytest.raises(duckdb.PermissionException):
            answer._asked.database.execute(f"FROM read_blob('{way.format(folder=folder)}')")


@pytest.mark.parametrize("statement", STATEMENTS)
def test_what_an_answer_gives_away_is_shut_in_too(archive: Archive, outside: Path, statement: str) -> None:
    """A relation gives away its database."""
    with archive.sql(HELD) as answer:
        database = answer._asked.database
        with pytest.raises(duckdb.Error):
            database.execute(statement.format(out=outside))
        with pytest.raises(duckdb.Error):
            database.cursor().execute(f"FROM read_text('{outside}/users.csv')")
        assert database.execute("SELECT 1").fetchall() == [(1,)]
    assert not [path for path in outside.iterdir() if path.name.startswith("new")]


def test_a_relation_answers_further_queries_and_writes_no_file(archive: Archive, tmp_path: Path) -> None:
    relation = archive.sql("FROM transactions").relation
    assert relation.aggregate("count(*)").fetchall() == [(3,)]
    assert relation.sum("number").fetchall() == [(6,)]
    with pytest.raises(duckdb.PermissionException):
        relation.write_csv(str(tmp_path / "sales.csv"))
    archive.sql("FROM transactions", allow_outside=True).relation.write_csv(str(tmp_path / "sales.csv"))
    assert (tmp_path / "sales.csv").exists()


def test_views_parameters_and_frames_work_shut_in(archive: Archive) -> None:
    for view in archive.describe():
        read(archive, f"FROM {view}")
    assert read(archive, "SELECT id FROM transactions WHERE number = ?", values=[2]) == [("2:1001",)]
    assert archive.sql(HELD).to_arrow().num_rows == 1
    assert archive.sql(HELD).to_polars().height == 1
    assert read(archive, "SELECT 1") == [(1,)]


@pytest.mark.parametrize("name", ["plain", "a [1] b", "what?", "star*", "it's", "über"])
def test_an_archive_is_read_whatever_its_folder_is_called(tmp_path: Path, name: str) -> None:
    archive = archive_at(tmp_path / name)
    put(archive, rows(3))
    assert read(archive, HELD) == [(3,)]


def test_an_archive_behind_a_link_and_a_relative_path_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = archive_at(tmp_path)
    put(archive, rows(3))
    (tmp_path / "link").symlink_to(archive.address, target_is_directory=True)
    assert read(Archive(tmp_path / "link"), HELD) == [(3,)]
    monkeypatch.chdir(tmp_path)
    assert read(Archive("archive"), HELD) == [(3,)]
    assert read(Archive("./link/../archive"), HELD) == [(3,)]


def test_files_that_cannot_be_linked_are_read_and_no_others(
    archive: Archive, outside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("not here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    monkeypatch.setattr("sonnys_data_client.archive.files.own_file", refuse)
    with Archive(archive.address).sql(HELD) as answer:
        assert answer._asked.snapshot.may_be_replaced
        assert answer.fetchall() == [(3,)]
    with pytest.raises(SonnysError):
        read(Archive(archive.address), f"FROM read_csv('{outside}/users.csv')")
    with pytest.raises(SonnysError):
        read(Archive(archive.address), f"FROM read_blob('{archive.address}/.work/ledger.sqlite'), transactions")


def test_a_remote_archive_is_read_shut_in(outside: Path) -> None:
    archive = Archive(f"memory://{outside.parent.name}/outside")
    put(archive, rows(3))
    assert read(archive, HELD) == [(3,)]
    with pytest.raises(SonnysError):
        read(archive, f"FROM read_csv('{outside}/users.csv'), transactions")


def test_what_does_not_fit_into_memory_goes_to_the_private_folder(
    archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spills: list[Path] = []
    open_database: Callable[[Path], duckdb.DuckDBPyConnection] = connect

    def with_little_memory(spill: Path) -> duckdb.DuckDBPyConnection:
        database = open_database(spill)
        database.execute("SET GLOBAL memory_limit = '50MB'")
        database.execute("SET GLOBAL threads = 1")
        spills.append(spill)
        return database

    monkeypatch.setattr(queries, "connect", with_little_memory)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    query = "SELECT md5(number::VARCHAR) AS text FROM range(3_000_000) AS of(number) ORDER BY text OFFSET 2_999_999"
    assert len(read(archive, query)) == 1
    assert all(spill.is_relative_to(archive.address) for spill in spills)
    assert sorted(tmp_path.iterdir()) == before
    assert list(Path(archive.address, ".work", "scratch").iterdir()) == []


def test_a_shut_in_database_reads_its_folder_only(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    for name in ("in/a.txt", "out.txt", "one.txt"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    with connect(tmp_path / "spill") as database:
        shut_in(database, tmp_path / "in", [tmp_path / "one.txt"])
        for name in ("in/a.txt", "one.txt"):
            found = database.execute(f"FROM read_text('{tmp_path / name}') SELECT content").fetchall()
            assert found == [(name,)]
        with pytest.raises(duckdb.PermissionException):
            database.execute(f"FROM read_text('{tmp_path / 'out.txt'}')")


def test_a_query_that_breaks_otherwise_is_no_way_out_that_was_refused(archive: Archive) -> None:
    with pytest.raises((ValidationError, ArchiveError)) as wrong:
        read(archive, "SELECT nonsense FROM transactions")
    assert "outside" not in str(wrong.value)
