"""Files are replaced without a pause while questions are asked: no question fails, and no day is there twice or half.

The writer replaces whole partitions as fast as it can, each time with another number of rows, which all say that
number: so a reader that saw half a day, or two versions of one, would see rows that disagree with their count.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.database import connect
from sonnys_data_client.archive.store import Partition
from tests.archive.rig import CALENDARS, archive_at, reading, rows

DAYS = [Partition("transactions", "main", date(2026, 3, 9 + number)) for number in range(4)]
SIZES = (3, 7, 12)
QUESTIONS = 60


def versions() -> list[Any]:
    """Readings of one day with other numbers of rows, each of which says how many there are."""
    return [reading(rows(size, locationCode=str(size))) for size in SIZES]


@contextmanager
def busy_writer(archive: Archive) -> Generator[Callable[[], int]]:
    """Replaces partitions until the end of the block; gives the number of swaps so far."""
    stop, swaps, problems = threading.Event(), [0], list[BaseException]()

    def work() -> None:
        try:
            with archive.writing() as writer:
                while not stop.is_set():
                    for reading_ in versions():
                        for partition in DAYS:
                            writer.put(partition, reading_, CALENDARS)
                            swaps[0] += 1
        except BaseException as problem:  # noqa: BLE001 - shown below, in the test's own thread
            problems.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        while swaps[0] < len(DAYS) and not problems:
            time.sleep(0.01)
        yield lambda: swaps[0]
    finally:
        stop.set()
        thread.join()
    assert not problems, problems


def assert_whole(days: list[tuple[Any, ...]]) -> None:
    """Every day is there once, in one version: as many rows as each of them says, all different."""
    assert len(days) == len(DAYS)
    for _, count, different, least, most in days:
        assert least == most
        assert count == different == int(most)


BY_DAY = "date, count(*), count(DISTINCT id), min(location_code), max(location_code)"


@pytest.mark.parametrize("links", [True, False], ids=["with hard links", "without"])
def test_our_own_questions_never_fail(links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:

        def refuse(self: Path, target: Path) -> None:
            raise PermissionError("no links here")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
    archive = archive_at(tmp_path)
    with busy_writer(archive) as swaps:
        before = swaps()
        for _ in range(QUESTIONS):
            assert_whole(archive.sql(f"SELECT {BY_DAY} FROM transactions GROUP BY date").fetchall())  # noqa: S608
        assert swaps() - before > QUESTIONS / 4, "the writer was not busy"


def by_polars(files: str) -> list[tuple[Any, ...]]:
    """What Polars finds."""
    frame = pl.read_parquet(files, hive_partitioning=True, columns=["id", "location_code", "date"])
    code = pl.col("location_code")
    return frame.group_by("date").agg(pl.len(), pl.col("id").n_unique(), code.min().alias("a"), code.max()).rows()


def by_duckdb(files: str) -> list[tuple[Any, ...]]:
    """What DuckDB finds, without any help of ours."""
    query = f"SELECT {BY_DAY} FROM read_parquet(?, hive_partitioning = true) GROUP BY date"  # noqa: S608
    with connect() as database:
        return database.execute(query, [files]).fetchall()


@pytest.mark.parametrize("engine", [by_polars, by_duckdb])
@pytest.mark.parametrize("pattern", ["transactions/*/*/*.parquet", "transactions/**/*.parquet"])
def test_a_foreign_reader_never_counts_a_day_twice_or_half(
    engine: Callable[[str], list[tuple[Any, ...]]], pattern: str, tmp_path: Path
) -> None:
    """It may be told that a file has changed in its hands, and has to ask again; it is never misled."""
    archive = archive_at(tmp_path)
    answers = 0
    with busy_writer(archive):
        for _ in range(QUESTIONS):
            try:
                found = engine(str(Path(archive.address, pattern)))
            except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, duckdb.Error):
                continue  # a panic is how Polars says that a file is shorter than its first look at it said
            assert_whole(found)
            answers += 1
    assert answers > 10
