"""Whose rows an account's name in the archive stands for. `test_runner.py` shows it with whole syncs."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.sync.source import check_source, checked_source, site_codes_of
from tests.sync.rig import FIRST, archive_in


def test_a_name_stands_for_one_source_unless_it_is_adopted(tmp_path: Path) -> None:
    known = {FIRST: Evidence(1, 0, 1, 1.0, 1.0, source="a")}
    archive = archive_in(tmp_path)
    with archive.writing():
        check_source("a", archive, known, SyncSettings())
        check_source("b", archive, known, SyncSettings(adopt=True))
        with pytest.raises(ArchiveError, match="came with another API ID"):
            check_source("b", archive, known, SyncSettings())


def test_an_empty_site_list_says_nothing_about_sites() -> None:
    assert site_codes_of([{"code": " West"}, {"code": None}, "odd"]) == {"west", ""}
    assert site_codes_of([]) is None


@pytest.mark.parametrize("remote", [False, True])
def test_two_first_syncs_of_one_source_under_two_names_are_one_too_many(remote: bool, tmp_path: Path) -> None:
    archive = Archive(f"memory://{uuid.uuid4().hex}/archive") if remote else archive_in(tmp_path)
    one, other = SyncSettings(account="one"), SyncSettings(account="other")
    with archive.writing("one"), archive.writing("other"), checked_source("a", archive, {}, one):
        with pytest.raises(ArchiveHeldError, match=r"this API ID into .*, under another name than 'other'\."):
            checked_source("a", archive, {}, other).__enter__()
        with checked_source("b", archive, {}, other):
            pass
    with archive.writing("other"), checked_source("a", archive, {}, other):
        pass
    assert archive.accounts() == []
    assert archive.check() == []
