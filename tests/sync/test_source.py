"""Whose rows an account's name in the archive stands for. `test_runner.py` shows it with whole syncs."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.errors import ArchiveError
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.sync.source import check_source, site_codes_of
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
