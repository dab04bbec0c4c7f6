"""How fast rows become partitions, how much memory that takes, and how fast SQL answers.

A million raw transactions, in days of 10,000 and replies of 100, are decoded, parsed by the models and written as
Parquet by as many processes as the machine has cores, through the same functions that a sync uses. Then SQL is asked
for a month's revenue by site and day, through `Archive.sql`.

    written     rows a second, all cores together, and as a multiple of the 30,000 that are required
    by CPU      the same by the processes' CPU time, for a machine that others use meanwhile
    API IDs     how many API IDs, at full throttle, this machine can archive
    memory      a process's peak after its first tenth of the days, and after the last: they should be alike
    revenue     seconds for the query, the snapshot of the files included; one second is allowed

Run: python -m bench.archive [--rows 1000000]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bench.parse import API_ROWS_PER_S, row
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import Evidence, day_end
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.rows import Calendars, ParsedRows, encode_rows
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.engine.rows import decode, encode
from sonnys_data_client.engine.windows import DAY_S

DAY_ROWS = 10_000
PAGE_ROWS = 100
SITES = 15
FIRST = date(2025, 6, 1)
ROWS_PER_S_ASKED = 30_000
REVENUE_S_ASKED = 1.0
REVENUE = """
SELECT location_code, business_date, sum(total) AS revenue, count(*) AS tickets
FROM transactions
WHERE business_date BETWEEN ? AND ? AND NOT coalesce(is_recurring_redemption, false) AND type = 'Sale'
GROUP BY ALL ORDER BY ALL
"""


@cache
def _templates() -> Sequence[str]:
    """A day's rows, with `#` in the place of the date."""
    rows: list[str] = []
    for number in range(DAY_ROWS):
        second = number * DAY_S // DAY_ROWS
        clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
        about = {"id": f"#-{number}:1", "completeDate": f"#T{clock}.000Z", "locationCode": f"S{number % SITES}"}
        rows.append(encode(row(number % 100) | about))
    return rows


@cache
def _store(folder: str) -> PartitionStore:
    """One store for the whole run, as a sync has it."""
    return PartitionStore(LocalFiles(Path(folder)))


def put_away(folder: str, number: int) -> tuple[int, float, int]:
    """Write one day; returns its rows, the CPU seconds, and the process's peak of memory so far in kilobytes."""
    began = process_time()
    day = FIRST + timedelta(days=number)
    texts = [text.replace("#", day.isoformat()) for text in _templates()]
    parsed = ParsedRows()
    for start in range(0, len(texts), PAGE_ROWS):
        page = f'{{"data":{{"status":"pass","data":[{",".join(texts[start : start + PAGE_ROWS])}]}}}}'
        parsed.extend(encode_rows(TRANSACTIONS, decode(page.encode())["data"]["data"], Calendars()))
    evidence = Evidence(len(parsed.rows), len(parsed.unparsed), len(texts), 0.0, day_end(day))
    _store(folder).write(Partition(TRANSACTIONS.name, "bench", day), TRANSACTIONS, parsed.rows, evidence)
    return len(parsed.rows), process_time() - began, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def asking_s(ask: Callable[[], Any]) -> float:
    """Time a query, in seconds."""
    began = perf_counter()
    ask()
    return perf_counter() - began


def measure(folder: Path, rows: int, workers: int) -> tuple[float, float, float, float]:
    """Rows a second by the clock and by CPU time, and the largest process's peak of memory in MB, early and late."""
    days = range(rows // DAY_ROWS)
    with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
        list(pool.map(put_away, [str(folder / "warm")] * workers, range(workers)))  # imports, and the templates
        began = perf_counter()
        done = list(pool.map(put_away, [str(folder)] * len(days), days))
        took_s = perf_counter() - began
    early = max(peak for _, _, peak in done[: max(workers, len(done) // 10)])
    last = max(peak for _, _, peak in done)
    written, cpu_s = sum(count for count, _, _ in done), sum(cpu for _, cpu, _ in done)
    return written / took_s, written / cpu_s * workers, early / 1024, last / 1024


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Writing and asking.")
    parser.add_argument("--rows", type=int, default=1_000_000)
    asked = parser.parse_args()
    workers = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as scratch:
        archive = Archive(Path(scratch, "archive"))
        with archive.writing():
            pass
        rate, cpu_rate, early_mb, last_mb = measure(Path(archive.address), asked.rows, workers)
        size = sum(path.stat().st_size for path in Path(archive.address).rglob("transactions/**/*.parquet"))
        first = FIRST + timedelta(days=max(0, asked.rows // DAY_ROWS - 31))
        revenue_s = asking_s(lambda: archive.sql(REVENUE, [first, first + timedelta(days=29)]).fetchall())
        moved_s = asking_s(archive.doubtful)
    print(f"written  {rate:>9,.0f} rows/s by {workers} processes: {rate / ROWS_PER_S_ASKED:.2f} × what is required")
    print(f"by CPU   {cpu_rate:>9,.0f} rows/s, had nobody else used the cores: {cpu_rate / ROWS_PER_S_ASKED:.2f} ×")
    print(f"API IDs  {rate / API_ROWS_PER_S:>9,.0f} at full throttle")
    print(f"memory   {early_mb:>9,.0f} MB a process after a tenth, {last_mb:,.0f} MB in the end")
    print(f"on disk  {size / asked.rows:>9,.0f} bytes a row, its raw form included")
    share = revenue_s / REVENUE_S_ASKED
    print(f"revenue  {revenue_s:>9.2f} s for a month by site and day: {share:.2f} × what is allowed")
    print(f"moved    {moved_s:>9.2f} s to look for rows that are in two days, as each sync does")


if __name__ == "__main__":
    main()
