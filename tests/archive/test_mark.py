"""The mark says what an archive is, and keeps earlier versions of the package away."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.mark import FORMAT, MARK, REDACTED_FORMAT, Mark, read_mark, write_mark
from sonnys_data_client.errors import ArchiveError


@pytest.fixture
def files(tmp_path: Path) -> LocalFiles:
    return LocalFiles(tmp_path)


def test_a_mark_comes_back(files: LocalFiles) -> None:
    write_mark(files, Mark(oldest_layout=1))
    assert read_mark(files) == Mark(FORMAT, 1)
    write_mark(files, Mark())
    assert read_mark(files) == Mark()
    assert list(files.work_folder.rglob("*-*")) == []


def test_an_archive_of_format_1_has_files_of_layout_1(files: LocalFiles) -> None:
    (files.root / MARK).write_text('{"format": 1}')
    assert read_mark(files) == Mark(1, 1)


def test_a_mark_of_a_later_format_is_refused(files: LocalFiles) -> None:
    (files.root / MARK).write_text(json.dumps({"format": REDACTED_FORMAT + 1, "oldest_layout": 1}))
    with pytest.raises(ArchiveError, match="later version of this package"):
        read_mark(files)


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"format": "new"}', '{"format": null}'])
def test_a_mark_that_cannot_be_read_is_named_with_what_to_do(files: LocalFiles, text: str) -> None:
    (files.root / MARK).write_text(text)
    with pytest.raises(ArchiveError, match=r"archive\.json is damaged\. .* remove that file and run sonnys sync"):
        read_mark(files)
