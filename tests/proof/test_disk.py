"""The disk fills up in the middle of a sync: the error is clear, nothing is harmed, and the next sync goes on.

A limit of the operating system stands for the full disk: no file of the child process may grow beyond it, whether
Python, SQLite or DuckDB writes the file.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from tests.sync.rig import NOON, SETTINGS, client_of, held, sales, sandbox_of, truth

CHILD = """
import resource, sys
sys.dont_write_bytecode = True  # Python does not notice that the limit cuts a module's bytecode short
sys.path.insert(0, sys.argv[3])
from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.errors import ArchiveError
from tests.sync.rig import SETTINGS, client_of, sales, sandbox_of
import duckdb, pytz
client = client_of(sandbox_of(sales()))
limit = int(sys.argv[2])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    sync.run(client, Archive(sys.argv[1]), SETTINGS)
except ArchiveError as problem:
    print(problem)
else:
    print("complete")
"""


@pytest.mark.parametrize("kilobytes", [0, 2, 12, 40, 80, 150])
def test_a_full_disk_is_an_error_and_harms_nothing(kilobytes: int, tmp_path: Path) -> None:
    folder = tmp_path / "archive"
    root = Path(__file__).parents[2]
    command = [sys.executable, "-c", CHILD, str(folder), str(kilobytes * 1024), str(root)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    assert "Make room" in ended.stdout
    assert len(ended.stdout.splitlines()) == 1
    archive = Archive(folder)
    before = dict(held(archive)) if archive.exists() else {}
    sandbox = sandbox_of(sales())
    whole = truth(sandbox, as_of=NOON)
    assert before.items() <= dict(whole).items()
    report = sync.run(client_of(sandbox), archive, SETTINGS)
    assert report.complete
    assert held(archive) == whole
    assert archive.check() == []
