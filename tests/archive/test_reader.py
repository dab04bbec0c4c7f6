"""Who may only read can ask: another user, and a mount that is read-only. Nothing is written into the archive."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from sonnys_data_client.archive import Archive
from tests.archive.rig import archive_at, put, rows

NOBODY = 65534
ROOT = Path(__file__).parents[2]
READS = """
import gc, os, sys, tempfile
from datetime import date
from pathlib import Path
from sonnys_data_client.archive import Archive
from sonnys_data_client.errors import ArchiveError

DAY = date(2026, 3, 9)

def ask(archive):
    with archive.sql("SELECT id FROM transactions ORDER BY number") as answer:
        yield len(answer.fetchall()), len(list(answer)), len(answer.to_arrow())
    yield len(archive.sql("FROM changes").relation.fetchall()), [day.rows for day in archive.evidence().values()]
    damage = [each for each in archive.check() if not each.too_open]
    yield damage, [day.rows for day in archive.coverage("main", start=DAY, end=DAY)]
    try:
        archive.write_views()
    except ArchiveError as problem:
        yield problem

_, user, asked, other = sys.argv
list(ask(Archive(other)))  # imports everything, because the other user need not be able to read this Python
gc.collect()
if int(user):
    os.setgroups([])
    os.setgid(int(user))
    os.setuid(int(user))
for words in ask(Archive(asked)):
    print(words)
gc.collect()
print([path for path in Path(tempfile.gettempdir()).rglob("*") if path.is_file()])
"""
SAID = """(3, 3, 3)
(2, [3])
([], [3])
"""


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """Return a folder that another user can get to: pytest closes those above its own whenever another run begins."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    """Return an archive below which nobody may write."""
    archive = archive_at(tmp_path)
    put(archive, rows(1))
    put(archive, rows(3))
    archive.write_views()
    root = Path(archive.address)
    for path in [root, *root.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield archive
    for path in [root, *root.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)


def read_by(command: list[str], archive: Archive, tmp_path: Path, *, user: int = 0) -> str:
    """Let a child read the archive, with a temporary folder of its own; 0 leaves the user."""
    own = tmp_path / "own"
    own.mkdir()
    own.chmod(0o777)
    shutil.copytree(archive.address, tmp_path / "other")
    environment = {**os.environ, "TMPDIR": str(own), "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        [*command, sys.executable, "-c", READS, str(user), archive.address, str(tmp_path / "other")],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=ROOT,
    )
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


def test_another_user_can_ask(archive: Archive, tmp_path: Path) -> None:
    """As root, the other user is `nobody`; as any user, the rights are taken from the user itself."""
    before = sorted(Path(archive.address).rglob("*"))
    said = read_by([], archive, tmp_path, user=NOBODY if os.geteuid() == 0 else 0)
    assert said.startswith(SAID)
    assert "archive.duckdb cannot be written" in said or "archive cannot be written" in said
    assert said.endswith("[]\n"), "nothing is left in the temporary folder"
    assert sorted(Path(archive.address).rglob("*")) == before


def test_a_read_only_mount_can_be_asked(archive: Archive, tmp_path: Path) -> None:
    mounted = f"mount --bind '{archive.address}' '{archive.address}' && mount -o remount,ro,bind '{archive.address}'"
    unshare = ["unshare", "-m", "sh", "-c", f'{mounted} && exec "$@"', "sh"]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*unshare, "true"], capture_output=True, check=False).returncode
    ):
        # Without the right to mount, the system's own error stands for one: `test_queries` has that test.
        return
    before = sorted(Path(archive.address).rglob("*"))
    said = read_by(unshare, archive, tmp_path)
    assert said.startswith(SAID)
    assert said.endswith("[]\n")
    assert sorted(Path(archive.address).rglob("*")) == before
