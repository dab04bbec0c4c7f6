"""Files are replaced whole, and a fetched file does not change: on this machine and at a remote address."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest

from sonnys_data_client.archive.files import Files, LocalFiles, _this_host, explained, files_at
from sonnys_data_client.errors import ArchiveError

KINDS: dict[str, Callable[[Path], Files]] = {
    "local": lambda folder: files_at(folder / "archive"),
    "remote": lambda _folder: files_at(f"memory://{uuid.uuid4().hex}/archive"),
}
both = pytest.mark.parametrize("kind", KINDS)


def made(files: Files, text: str) -> Path:
    path = files.scratch()
    path.write_text(text, encoding="utf-8")
    return path


@both
def test_a_file_is_published_replaced_listed_and_removed(kind: str, tmp_path: Path) -> None:
    files = KINDS[kind](tmp_path)
    assert files.names("a") == []
    assert not files.exists("a/b/c.txt")
    files.publish(made(files, "one"), "a/b/c.txt")
    files.publish(made(files, "two"), "a/d.txt")
    files.publish(made(files, "three"), "a/b/c.txt")
    assert files.names("a") == ["a/b/c.txt", "a/d.txt"]
    assert files.exists("a/b/c.txt")
    files.remove("a/b/c.txt")
    files.remove("a/b/c.txt")
    assert files.names("a") == ["a/d.txt"]
    assert list((files.work_folder / "scratch").iterdir()) == []


@both
def test_a_fetched_file_stays_as_it_was(kind: str, tmp_path: Path) -> None:
    files = KINDS[kind](tmp_path)
    files.publish(made(files, "old"), "a/b.txt")
    assert files.fetch("a/b.txt", tmp_path / "mine" / "b.txt")
    files.publish(made(files, "new"), "a/b.txt")
    assert (tmp_path / "mine" / "b.txt").read_text() == "old"
    assert files.fetch("a/b.txt", tmp_path / "mine" / "again.txt")
    assert (tmp_path / "mine" / "again.txt").read_text() == "new"
    assert not files.fetch("a/none.txt", tmp_path / "mine" / "none.txt")


def test_a_file_that_is_being_written_is_not_where_queries_look(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    path = made(files, "half")
    assert path.is_relative_to(tmp_path / ".work")
    assert not path.name.endswith(".parquet")


def test_what_ended_processes_left_is_cleaned_and_nothing_else(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, check=True)
    pid = int(ended.stdout)
    mine = made(files, "mine")
    (mine.parent / f"{pid}-left").write_text("left")
    (mine.parent / f"{pid}-folder").mkdir()
    assert files.clean() == 2
    assert list(mine.parent.iterdir()) == [mine]


def test_what_a_store_needs_is_said() -> None:
    with pytest.raises(ArchiveError, match=r"gs://\.\.\. cannot be used \(.*install gcsfs"):
        files_at("gs://bucket/archive")


def test_an_address_that_nobody_knows_is_said_so() -> None:
    with pytest.raises(ArchiveError, match="nowhere://"):
        files_at("nowhere://bucket/archive")


@pytest.mark.parametrize("prefix", ["file://", "local://"])
def test_addresses_of_this_machine_are_folders(prefix: str, tmp_path: Path) -> None:
    files = files_at(f"{prefix}{tmp_path}")
    assert isinstance(files, LocalFiles)
    assert files.root == tmp_path


def test_a_path_may_begin_at_home() -> None:
    files = files_at("~/archive")
    assert files.address == str(Path.home() / "archive")


def test_what_the_system_refuses_is_explained_and_a_mistake_of_ours_is_not() -> None:
    said = r"a\.txt cannot be written \(No space left on device\)\. Make room, "
    with pytest.raises(ArchiveError, match=said), explained("a.txt cannot be written"):
        raise OSError(28, "No space left on device")
    with pytest.raises(KeyError), explained("a.txt cannot be written"):
        raise KeyError
    with pytest.raises(ArchiveError, match="KeyError"), explained("a.txt cannot be written", KeyError):
        raise KeyError
    with pytest.raises(ArchiveError, match=r"^itself$"), explained("a.txt cannot be written"):
        raise ArchiveError("itself")


def test_what_somebody_else_has_put_into_the_work_folder_stays(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    strange = files.scratch().with_name("foo-bar")
    strange.touch()
    assert files.clean() == 0
    assert strange.exists()


@both
def test_a_stamp_changes_when_its_file_is_replaced(kind: str, tmp_path: Path) -> None:
    files = KINDS[kind](tmp_path)
    assert files.stamp("a/b.txt") is None
    assert files.stamps("a") == {}
    files.publish(made(files, "old"), "a/b.txt")
    files.publish(made(files, "another"), "a/c.txt")
    before = files.stamps("a")
    assert before == {"a/b.txt": files.stamp("a/b.txt"), "a/c.txt": files.stamp("a/c.txt")}
    files.publish(made(files, "new"), "a/b.txt")
    after = files.stamps("a")
    assert after.keys() == before.keys()
    assert after["a/b.txt"] != before["a/b.txt"]
    assert after["a/c.txt"] == before["a/c.txt"]


def test_a_link_to_a_file_does_not_change_its_stamp(tmp_path: Path) -> None:
    """Queries make such links."""
    files = LocalFiles(tmp_path)
    files.publish(made(files, "rows"), "a.txt")
    before = files.stamp("a.txt")
    assert files.fetch("a.txt", files.link_path())
    assert files.stamp("a.txt") == before


def test_a_folder_that_may_not_be_listed_is_an_error_and_not_an_empty_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: object) -> None:
        raise PermissionError(13, "Permission denied")

    files = LocalFiles(tmp_path)
    files.publish(made(files, "rows"), "a/b.txt")
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(ArchiveError, match=r"a cannot be listed \(Permission denied\)\. Allow this user to read it"):
        files.names("a")


def test_a_folder_whose_name_is_not_utf_8_is_refused(tmp_path: Path) -> None:
    name = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    with pytest.raises(ArchiveError, match="not UTF-8") as caught:
        files_at(name)
    assert str(caught.value).isprintable()


def test_what_another_machine_is_writing_stays_for_a_day(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path)
    theirs = files.scratch().with_name(f"{2**22 + 1}-0000beef-{'f' * 32}")
    old = theirs.with_name(f"{2**22 + 1}-0000beef-{'e' * 32}")
    ours = files.scratch().with_name(f"{2**22 + 1}-{_this_host()}-{'f' * 32}")
    for path in (theirs, old, ours):
        path.touch()
    yesterday = time.time() - 90_000
    os.utime(old, (yesterday, yesterday))
    os.utime(theirs, (time.time(), time.time()))
    assert files.clean() == 2
    assert theirs.exists()
