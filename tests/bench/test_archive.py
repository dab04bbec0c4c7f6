"""The archive benchmark measures what it says: every row is written, valid, and found by the query."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from bench import archive as bench
from sonnys_data_client.archive import Archive


def test_every_row_is_written_and_the_question_finds_all_sites_and_days(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    with archive.writing():
        pass
    rate, cpu_rate, early_mb, last_mb = bench.measure(Path(archive.address), 2 * bench.DAY_ROWS, 1)
    assert min(rate, cpu_rate) > 0
    assert early_mb <= last_mb
    count = archive.sql("SELECT count(*), count(DISTINCT id) FROM transactions").fetchall()
    assert count == [(2 * bench.DAY_ROWS, 2 * bench.DAY_ROWS)]
    answer = archive.sql(bench.REVENUE, [bench.FIRST, bench.FIRST + timedelta(days=29)]).fetchall()
    assert len(answer) == 2 * bench.SITES
    assert all(revenue > 0 for _, _, revenue, _ in answer)
