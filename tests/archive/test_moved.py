"""Partitions that share a row are found, and which of them must be read again."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.moved import Duplicate, find_duplicates
from tests.archive.rig import NOON, PARTITION, archive_at, put, rows

NEXT = replace(PARTITION, day=date(2026, 3, 10))
LAST = replace(PARTITION, day=date(2026, 3, 12))
OTHER = replace(NEXT, account="other")


def test_rows_of_two_days_are_found_by_account(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put(archive, rows(4), LAST)
    put(archive, rows(2, first=3))
    put(archive, rows(4), OTHER)
    found = [Duplicate("main", f"{number}:1001", (PARTITION.day, LAST.day)) for number in (3, 4)]
    files = LocalFiles(Path(archive.address))
    assert find_duplicates(files, mark=Mark()) == find_duplicates(files, "main", mark=Mark()) == found
    assert find_duplicates(files, "other", mark=Mark()) == []


def test_those_that_were_read_earlier_are_doubtful_once(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put(archive, rows(3), NEXT)
    put(archive, rows(2), at=NOON + 1)
    put(archive, rows(1), LAST, at=NOON + 2)
    assert archive.doubtful() == {PARTITION: ["1:1001"], NEXT: ["1:1001", "2:1001"]}
    with archive.writing() as writer:
        for partition, ids in archive.doubtful().items():
            writer.doubt(partition, "it is in doubt", shared=ids)
    assert archive.doubtful("main") == {}
    known = archive.evidence()
    assert known[NEXT].doubt == "it is in doubt"
    assert (known[NEXT].shared, known[NEXT].rows) == (("1:1001", "2:1001"), 3)
    assert known[NEXT].proved_last == NOON, "what was proved is not taken away by a reading that is not"
    put(archive, rows(3), NEXT, at=NOON + 3)
    assert archive.evidence()[NEXT].doubt == ""
    assert archive.doubtful() == {PARTITION: ["2:1001"], LAST: ["1:1001"]}, "they are now read earlier than it"
    assert archive.evidence()[NEXT].shared == ("1:1001", "2:1001")


def test_a_day_that_has_lost_a_row_does_not_list_it_as_shared_any_more(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put(archive, rows(2))
    with archive.writing() as writer:
        writer.doubt(PARTITION, "it is in doubt", shared=["1:1001", "2:1001"])
    put(archive, rows(1))
    assert archive.evidence()[PARTITION].shared == ("1:1001",)
