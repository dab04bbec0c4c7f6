"""A partition's stamp: the same until its file, or its rows in quarantine, are replaced."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.stamps import stamp_of, stamps_of
from sonnys_data_client.archive.tables import QUARANTINE
from tests.archive.rig import PARTITION, archive_at, file_of, put, rows

OTHER = replace(PARTITION, day=date(2026, 3, 10))


def test_it_is_that_of_the_rows_and_of_their_quarantine(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put(archive, [*rows(2), {**rows(1, first=3)[0], "total": "much"}])
    put(archive, rows(1), OTHER)
    files = files_at(archive.address)
    before = stamps_of(files, "transactions")
    assert before == {each: stamp_of(files, each) for each in (PARTITION, OTHER)}
    file_of(archive, PARTITION.beside(QUARANTINE)).unlink()
    after = stamps_of(files, "transactions")
    assert after[PARTITION] != before[PARTITION]
    assert after[OTHER] == before[OTHER]
    put(archive, rows(2), OTHER)
    assert stamp_of(files, OTHER) != after[OTHER]


def test_strangers_have_none(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    put(archive, rows(1))
    file_of(archive).with_name("data-LAPTOP.parquet").touch()
    assert list(stamps_of(files_at(archive.address), "transactions")) == [PARTITION]
