"""An archive is its owner's, or its group's if somebody says so; what is more open is named, and closed."""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive, filling
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.errors import ArchiveError
from tests.archive.rig import PARTITION, archive_at, file_of, put, rows

pytestmark = pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")


@pytest.fixture(autouse=True, params=[0o000, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes_of(archive: Archive) -> dict[str, int]:
    """Return the modes of all files and folders of an archive but its locks, which hold no rows."""
    root = Path(archive.address)
    found = {str(path.relative_to(root)): stat.S_IMODE(path.lstat().st_mode) for path in [root, *root.rglob("*")]}
    return {name: mode for name, mode in found.items() if not name.startswith(".work/lock")}


def assert_all(archive: Archive, folder: int, file: int) -> None:
    root = Path(archive.address)
    wrong = {
        name: oct(mode)
        for name, mode in modes_of(archive).items()
        if mode != (folder if (root / name).is_dir() else file)
    }
    assert wrong == {}


def filled(archive: Archive) -> Archive:
    """Give an archive each kind of file: rows, a change log, quarantine, damaged ones, views, and a ledger."""
    put(archive, rows(3))
    put(archive, [*rows(2), *rows(1, first=9, total="x")])
    file_of(archive, PARTITION.beside("changes")).write_bytes(b"rubbish")
    archive.repair()
    put(archive, rows(4))
    put(archive, [*rows(2), *rows(1, first=9, total="x")])
    archive.write_views()
    kinds = {Path(name).name for name in modes_of(archive)}
    assert {"data.parquet", "transactions.parquet", "ledger.sqlite", "archive.duckdb", "archive.json"} <= kinds
    assert list(Path(archive.address, ".work", "damaged").iterdir())
    return archive


def opened(archive: Archive) -> None:
    """Open an archive as an earlier version of this package left it under the usual umask."""
    root = Path(archive.address)
    for path in [root, *root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def test_an_archive_is_its_owners_whatever_the_umask(tmp_path: Path) -> None:
    archive = filled(archive_at(tmp_path))
    assert_all(archive, 0o700, 0o600)
    assert archive.check() == []


def test_files_are_closed_while_a_run_writes_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = archive_at(tmp_path)
    publish, seen = LocalFiles.publish, list[str]()

    def looked_at(self: LocalFiles, made: Path, name: str) -> None:
        seen.append(name)
        assert stat.S_IMODE(made.parent.stat().st_mode) == 0o700
        assert {stat.S_IMODE(path.stat().st_mode) for path in self.work_folder.glob("ledger.sqlite*")} <= {0o600}
        publish(self, made, name)
        assert stat.S_IMODE((self.root / name).stat().st_mode) == 0o600

    monkeypatch.setattr(LocalFiles, "publish", looked_at)
    put(archive, rows(3))
    assert PARTITION.name in seen


def test_a_folder_that_was_made_for_an_archive_is_closed(tmp_path: Path) -> None:
    (tmp_path / "archive").mkdir()
    (tmp_path / "archive").chmod(0o755)
    archive = archive_at(tmp_path)
    put(archive, rows(1))
    assert_all(archive, 0o700, 0o600)


def test_a_shared_archive_is_its_groups_too(tmp_path: Path) -> None:
    shared = filled(Archive(tmp_path / "archive", shared=True))
    assert_all(shared, 0o2750, 0o640)
    later = filled(archive_at(tmp_path))  # which does not say so again
    assert_all(later, 0o2750, 0o640)
    assert later.check() == []


def test_an_archive_is_shared_and_closed_again(tmp_path: Path) -> None:
    archive = filled(archive_at(tmp_path))
    filled(Archive(archive.address, shared=True))
    assert_all(archive, 0o2750, 0o640)
    filled(Archive(archive.address, shared=False))
    assert_all(archive, 0o700, 0o600)


def test_an_earlier_archive_is_named_and_closed(tmp_path: Path) -> None:
    archive = filled(archive_at(tmp_path))
    opened(archive)
    problems = archive.check()
    assert [str(problem) for problem in problems if problem.too_open] == [
        "the archive's folder can be opened by others than its owner",
        *[str(problem) for problem in problems[1:]],
    ]
    named = " ".join(map(str, problems))
    assert all(
        place in named for place in ("of .work can", "of transactions can", "archive.duckdb can", "of changes can")
    )
    put(archive, rows(5))
    assert modes_of(archive)[PARTITION.name] == 0o600, "what is written anew is closed"
    assert modes_of(archive)[".work"] == 0o700, "so is what a run works in"
    assert modes_of(archive)["."] == 0o755, "the rest waits for a person, who may have meant it"
    assert archive.repair().closed > 5
    assert_all(archive, 0o700, 0o600)
    assert archive.check() == []


def test_what_a_group_may_not_do_is_named(tmp_path: Path) -> None:
    archive = filled(Archive(tmp_path / "archive", shared=True))
    file_of(archive).chmod(0o644)
    file_of(archive).parent.chmod(0o2770)
    (problem,) = archive.check()
    assert str(problem) == "2 files and folders of transactions can be opened by others than its owner and its group"


def test_files_behind_links_keep_their_modes(tmp_path: Path) -> None:
    archive = filled(archive_at(tmp_path))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine").write_text("")
    (elsewhere / "mine").chmod(0o644)
    Path(archive.address, "link").symlink_to(elsewhere, target_is_directory=True)
    archive.repair()
    assert stat.S_IMODE((elsewhere / "mine").stat().st_mode) == 0o644


def test_a_file_system_without_modes_has_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = filled(archive_at(tmp_path))
    opened(archive)
    monkeypatch.setattr("sonnys_data_client.archive.closing.keeps_modes", lambda path: False)
    assert archive.check() == []


def test_an_archive_that_cannot_be_closed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = filled(archive_at(tmp_path))
    opened(archive)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("another user's")

    monkeypatch.setattr(Path, "chmod", refuse)
    assert archive.repair().closed == 0
    monkeypatch.undo()
    assert any(problem.too_open for problem in archive.check())


def test_a_copy_for_a_query_is_its_owners(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = filled(archive_at(tmp_path))
    opened(archive)

    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    with archive.sql("FROM transactions") as answer:
        folder = answer._asked.snapshot.folder
        assert {stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")] if path.is_dir()} == {0o700}
        copies = [path for path in folder.rglob("*") if path.is_file()]
        assert {stat.S_IMODE(path.stat().st_mode) for path in copies} == {0o600}


def test_whoever_may_not_open_the_work_folder_reads_without_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive = filled(archive_at(tmp_path))
    exists = Path.exists

    def refuse(self: Path, **more: bool) -> bool:
        if self.name == "ledger.sqlite":
            raise PermissionError("not yours")
        return exists(self, **more)

    monkeypatch.setattr(Path, "exists", refuse)
    assert [found.rows for found in archive.evidence().values()] == [2]


def test_two_runs_that_make_one_folder_do_not_disturb_each_other(tmp_path: Path) -> None:
    """The loser of the race finds the folder there."""
    failed = list[BaseException]()
    together = threading.Barrier(8)

    def make() -> None:
        try:
            together.wait()
            LocalFiles(tmp_path / "a" / "b").close_work_folder()
        except BaseException as problem:  # noqa: BLE001 - told in the thread that waits
            failed.append(problem)

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ArchiveError, match="cannot be"), filling.writing(LocalFiles(tmp_path / "file" / "archive")):
        pass
