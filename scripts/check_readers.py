"""Open an archive's `archive.duckdb` with versions of DuckDB that only read it, as the drivers of BI tools do.

The archive is written by the DuckDB of this environment. Each version answers in a process of its own.

Usage: `python scripts/check_readers.py FOLDER ...`, where each folder holds one version, as `pip --target` lays it out
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
QUESTIONS = (
    'SELECT count(*), sum(total)::VARCHAR, count(DISTINCT "date") FROM transactions',
    "SELECT business_date::VARCHAR, sum(total)::VARCHAR FROM transactions GROUP BY ALL ORDER BY ALL",
    "SELECT count(*) FROM transactions JOIN sites USING (account) WHERE sites.code = location_code",
)
ASK = """
import json, sys
import duckdb
with duckdb.connect(sys.argv[1], read_only=True) as views:
    answers = [views.sql(question).fetchall() for question in sys.argv[2:]]
print(json.dumps([duckdb.__version__, answers]))
"""


def main(folders: list[Path]) -> int:
    """Compare what each version answers with what ours does; returns the exit status."""
    if not folders:
        print(__doc__, file=sys.stderr)
        return 2
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory(prefix="check-readers-") as away:
        views = written_in(Path(away))
        own, truth = answers_of(views, None)
        assert truth[0][0] == [7, "70.0000", 2], f"duckdb {own} answers {truth[0]}"
        for folder in folders:
            version, found = answers_of(views, folder)
            if folder.name.startswith("duckdb-") and not version.startswith(folder.name.removeprefix("duckdb-")):
                print(f"readers: {folder} holds duckdb {version}", file=sys.stderr)
                return 1
            if found != truth:
                print(f"readers: duckdb {version} answers {found}, and {own} answers {truth}", file=sys.stderr)
                return 1
            print(f"readers: duckdb {version} reads what duckdb {own} wrote")
    return 0


def written_in(folder: Path) -> Path:
    """Write an archive of two days and a site; returns the path of its views."""
    from dataclasses import replace
    from datetime import date

    from sonnys_data_client.archive.store import Partition
    from tests.archive.rig import DAY, PARTITION, archive_at, put, rows

    archive = archive_at(folder)
    put(archive, rows(3, locationCode="MAIN", total=10))
    put(archive, rows(4, locationCode="MAIN", total=10), replace(PARTITION, day=date(2026, 3, 10)))
    put(archive, [{"siteID": 1, "code": "MAIN", "name": "Main Street"}], Partition("sites", "main", DAY))
    archive.write_views()
    return Path(archive.address, "archive.duckdb")


def answers_of(views: Path, folder: Path | None) -> tuple[str, list[list[list[object]]]]:
    """Ask one version of DuckDB, that of this environment without a folder; returns its number and its answers."""
    path = {"PYTHONPATH": str(folder.resolve())} if folder else {}
    command = [sys.executable, "-c", ASK, str(views), *QUESTIONS]
    done = subprocess.run(command, env={**os.environ, **path}, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"readers: {folder} cannot read {views}:\n{done.stderr}")
    version, answers = json.loads(done.stdout)
    return version, answers


if __name__ == "__main__":
    sys.exit(main([Path(word) for word in sys.argv[1:]]))
