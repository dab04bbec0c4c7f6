"""Handles outlive the process, whenever it is killed."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.shelves import FileShelf, MemoryShelf


def handle(name: str) -> dict[str, Any]:
    return {"hash": name, "start": 0, "stop": 60, "site": None, "page": 1, "limit": 100, "submitted_at": 1.5}


@pytest.fixture(params=["memory", "file"])
def shelf(request: pytest.FixtureRequest, tmp_path: Path) -> MemoryShelf | FileShelf:
    return MemoryShelf() if request.param == "memory" else FileShelf(tmp_path / "handles")


def test_a_new_shelf_is_empty(shelf: MemoryShelf | FileShelf) -> None:
    assert list(shelf.live()) == []


def test_what_was_stored_and_not_struck_out_is_live_oldest_first(shelf: MemoryShelf | FileShelf) -> None:
    for name in ("c", "a", "b"):
        shelf.store(handle(name))
    shelf.strike(handle("a"))
    assert list(shelf.live()) == [handle("c"), handle("b")]


def test_a_handle_is_live_once_however_often_it_is_stored(shelf: MemoryShelf | FileShelf) -> None:
    shelf.store(handle("a"))
    shelf.store(handle("a"))
    assert list(shelf.live()) == [handle("a")]
    shelf.strike(handle("a"))
    assert list(shelf.live()) == []


def test_a_handle_is_told_from_anothers_of_the_same_hash(shelf: MemoryShelf | FileShelf) -> None:
    ours, theirs = handle("a") | {"owner": "us"}, handle("a") | {"owner": "them"}
    shelf.store(ours)
    shelf.store(theirs)
    assert list(shelf.live()) == [ours, theirs]
    shelf.strike(theirs)
    shelf.answered(handle("a"), {})
    assert list(shelf.live()) == [ours]


def test_a_handle_that_was_never_stored_may_be_struck_out(shelf: MemoryShelf | FileShelf) -> None:
    shelf.strike(handle("a"))
    assert list(shelf.live()) == []


def test_a_handle_may_come_back(shelf: MemoryShelf | FileShelf) -> None:
    shelf.store(handle("a"))
    shelf.strike(handle("a"))
    shelf.store(handle("a"))
    assert list(shelf.live()) == [handle("a")]


def test_the_next_process_finds_what_the_last_one_stored(tmp_path: Path) -> None:
    path = tmp_path / "handles"
    FileShelf(path).store(handle("a"))
    FileShelf(path).store(handle("b"))
    FileShelf(path).strike(handle("a"))
    assert list(FileShelf(path).live()) == [handle("b")]


def test_no_file_is_made_by_looking(tmp_path: Path) -> None:
    FileShelf(tmp_path / "handles").live()
    assert list(tmp_path.iterdir()) == []


def test_looking_starts_the_file_afresh(tmp_path: Path) -> None:
    path = tmp_path / "handles"
    shelf = FileShelf(path)
    for number in range(50):
        shelf.store(handle(str(number)))
        shelf.strike(handle(str(number)))
    shelf.store(handle("last"))
    shelf.live()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [handle("last")]
    assert list(tmp_path.iterdir()) == [path]


def test_a_kill_at_any_byte_loses_the_last_line_at_most(tmp_path: Path) -> None:
    path = tmp_path / "handles"
    FileShelf(path).store(handle("a"))
    before = path.read_bytes()
    FileShelf(path).store(handle("b"))
    whole = path.read_bytes()
    for cut in range(len(before), len(whole)):
        path.write_bytes(whole[:cut])
        assert list(FileShelf(path).live()) == [handle("a")], cut
        # And a line that is added after the crash does not join the one that was cut short.
        FileShelf(path).store(handle("c"))
        assert list(FileShelf(path).live()) == [handle("a"), handle("c")], cut


def test_a_kill_while_striking_leaves_the_handle_live(tmp_path: Path) -> None:
    path = tmp_path / "handles"
    shelf = FileShelf(path)
    shelf.store(handle("a"))
    shelf.strike(handle("a"))
    path.write_bytes(path.read_bytes()[:-1])
    assert list(FileShelf(path).live()) == [handle("a")]


def test_storing_after_a_crash_without_looking_first_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "handles"
    FileShelf(path).store(handle("a"))
    path.write_bytes(path.read_bytes() + b'{"hash": "tor')
    FileShelf(path).store(handle("b"))
    assert list(FileShelf(path).live()) == [handle("a"), handle("b")]


def test_nothing_is_added_to_a_file_of_something_else(tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("precious")
    with pytest.raises(ConfigurationError, match="is not a file of job handles"):
        FileShelf(path).store(handle("a"))
    with pytest.raises(ConfigurationError, match="is not a file of job handles"):
        FileShelf(path).strike(handle("a"))
    assert path.read_text() == "precious"


@pytest.mark.parametrize(
    "content", ["[general]\ncolour = red\n", "[1, 2]\n", "7\n", "null\n", '{"other": 1}\n', "precious"]
)
def test_a_file_of_something_else_is_left_alone_and_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / "settings.toml"
    path.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        FileShelf(path).live()
    assert str(caught.value) == (
        f"{path} is not a file of job handles (line 1): name another file, or delete this one."
    )
    assert path.read_text() == content


def test_a_file_that_is_no_text_is_named_too(tmp_path: Path) -> None:
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8\xff\xe0\n")
    with pytest.raises(ConfigurationError, match=r"photo\.jpg is not a file of job handles"):
        FileShelf(path).live()


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_a_file_of_handles_is_its_owners_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        for number in range(2):  # the second reads the file, and replaces it
            FileShelf(tmp_path / "handles").store(handle(f"{number}"))
            assert stat.S_IMODE((tmp_path / "handles").stat().st_mode) == 0o600
    finally:
        os.umask(before)
