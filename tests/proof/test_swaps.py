"""While files are replaced without a pause, no query fails, and none sees a day twice or in part.

The writer replaces whole partitions as fast as it can, each time with another number of rows, and each row says that
number. A reader that saw a part of a day, or two versions of it, would find rows that disagree with their count.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.store import Partition
from tests.archive.rig import CALENDARS, archive_at, reading, rows
from tests.waiting import wait_until

DAYS = [Partition("transactions", "main", date(2026, 3, 9 + number)) for number in range(4)]
SIZES = (3, 7, 12)
"""Never more than ten rows less than before: such a reading would be disputed, and take nothing away."""
QUESTIONS = 60
ANSWERS = 20


def versions() -> list[Any]:
    """Return readings of one day with different numbers of rows; each row says how many there are."""
    return [reading(rows(size, transactionStatus=str(size))) for size in SIZES]


@contextmanager
def busy_writer(archive: Archive) -> Generator[Callable[[], int]]:
    """Replace partitions until the end of the block. The yielded function returns how many were replaced so far."""
    stop, swaps, problems = threading.Event(), [0], list[BaseException]()

    def work() -> None:
        try:
            with archive.writing() as writer:
                while not stop.is_set():
                    for reading_ in versions():
                        for partition in DAYS:
                            writer.put(partition, reading_, CALENDARS)
                            swaps[0] += 1
        except BaseException as problem:  # noqa: BLE001 - the test's own thread asserts below that there is none
            problems.append(problem)

    thread = threading.Thread(target=work)
    thread.start()
    try:
        wait_until(lambda: swaps[0] >= len(DAYS) or problems)
        yield lambda: swaps[0]
    finally:
        stop.set()
        thread.join()
    assert not problems, problems


def assert_whole(days: list[tuple[Any, ...]]) -> None:
    """Assert that every day is there once, in one version: as many different rows as each of them says."""
    assert len(days) == len(DAYS)
    for _, count, different, least, most in days:
        assert least == most
        assert count == different == int(most)


BY_DAY = "date, count(*), count(DISTINCT id), min(transaction_status), max(transaction_status)"


@pytest.mark.parametrize("links", [True, False], ids=["with hard links", "without"])
def test_our_own_questions_never_fail(links: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not links:

        def refuse(self: Path, target: Path) -> None:
            raise PermissionError("no links here")

        monkeypatch.setattr(Path, "hardlink_to", refuse)
    archive = archive_at(tmp_path)
    with busy_writer(archive) as swaps:
        asked, enough = 0, swaps() + QUESTIONS // 4
        while asked < QUESTIONS or swaps() < enough:
            assert_whole(archive.sql(f"SELECT {BY_DAY} FROM transactions GROUP BY date").fetchall())  # noqa: S608
            asked += 1


def by_polars(files: str) -> list[tuple[Any, ...]]:
    """Query with Polars."""
    frame = pl.read_parquet(files, hive_partitioning=True, columns=["id", "transaction_status", "date"])
    size = pl.col("transaction_status")
    return frame.group_by("date").agg(pl.len(), pl.col("id").n_unique(), size.min().alias("a"), size.max()).rows()


def by_duckdb(files: str) -> list[tuple[Any, ...]]:
    """Query with DuckDB alone, without `Archive.sql`."""
    query = f"SELECT {BY_DAY} FROM read_parquet(?, hive_partitioning = true) GROUP BY date"  # noqa: S608
    with duckdb.connect() as database:
        return database.execute(query, [files]).fetchall()


@pytest.mark.parametrize("engine", [by_polars, by_duckdb])
@pytest.mark.parametrize("pattern", ["transactions/*/*/*.parquet", "transactions/**/*.parquet"])
def test_a_foreign_reader_never_counts_a_day_twice_or_half(
    engine: Callable[[str], list[tuple[Any, ...]]], pattern: str, tmp_path: Path
) -> None:
    """It may fail because a file changed while it read, and has to ask again. It never gets a wrong answer."""
    archive = archive_at(tmp_path)
    answers = 0
    with busy_writer(archive):
        while answers < ANSWERS:
            try:
                found = engine(str(Path(archive.address, pattern)))
            except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, duckdb.Error):
                continue  # Polars panics when a file has become shorter since it first looked
            assert_whole(found)
            answers += 1
