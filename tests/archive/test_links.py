"""A second name for a file, on file systems with hard links and without."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonnys_data_client.archive.files import LocalFiles
from tests.archive.test_files import made


def test_without_hard_links_a_fetched_file_is_a_copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path, target: Path) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    files = LocalFiles(tmp_path)
    files.publish(made(files, "old"), "a.txt")
    assert files.fetch("a.txt", tmp_path / "mine.txt")
    files.publish(made(files, "new"), "a.txt")
    assert (tmp_path / "mine.txt").read_text() == "old"


def test_a_file_that_is_replaced_while_it_is_linked_is_not_taken_for_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fail as Linux does: it found the name, but the file was replaced before it was linked."""
    files = LocalFiles(tmp_path)
    files.publish(made(files, "old"), "a.txt")
    link = Path.hardlink_to

    def replaced_meanwhile(self: Path, target: Path) -> None:
        monkeypatch.setattr(Path, "hardlink_to", link)
        files.publish(made(files, "new"), "a.txt")
        raise FileNotFoundError(2, "No such file or directory")

    monkeypatch.setattr(Path, "hardlink_to", replaced_meanwhile)
    assert files.fetch("a.txt", tmp_path / "mine.txt")
    assert (tmp_path / "mine.txt").read_text() == "new"
    assert not files.fetch("none.txt", tmp_path / "none.txt")
