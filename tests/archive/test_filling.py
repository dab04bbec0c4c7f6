"""The way in for writers makes an archive, holds it, and gives out every name that a writer needs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sonnys_data_client.archive import filling
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.filling import writing
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError
from tests.archive.rig import CALENDARS, PARTITION, reading, rows


def test_writing_makes_an_archive_and_holds_it(tmp_path: Path) -> None:
    files = LocalFiles(tmp_path / "archive")
    with writing(files) as writer:
        assert json.loads((files.root / "archive.json").read_text())["format"] == 3
        landed = writer.put(PARTITION, reading(rows(2)), CALENDARS)
        with pytest.raises(ArchiveHeldError), writing(files):
            pass
    assert landed.rows == 2
    with writing(files) as writer:
        assert writer.evidence("transactions")[PARTITION].rows == 2


def test_a_folder_that_holds_something_else_is_refused_and_not_touched(tmp_path: Path) -> None:
    (tmp_path / "letters.txt").write_text("not ours")
    with pytest.raises(ArchiveError, match="is not an archive, and not empty"), writing(LocalFiles(tmp_path)):
        pass
    with pytest.raises(ArchiveError, match="is a file"), writing(LocalFiles(tmp_path / "letters.txt")):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["letters.txt"]


def test_every_name_of_the_way_in_is_there() -> None:
    assert all(hasattr(filling, name) for name in filling.__all__)
