"""The ledger in a file: a folder of its own, a disk of this machine, and what becomes of a broken file."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.throttles.machine import MachineKeeper, file_system, machine_folder
from sonnys_data_client.throttles.shared import KeeperAwayError, SharedThrottle

URL = "http://localhost/v1"
LONG = ThrottleLimits(limit=20, period_s=600.0)


@pytest.fixture
def api_id() -> str:
    return "test"


def test_the_folder_is_the_users_own() -> None:
    assert machine_folder().is_absolute()
    assert machine_folder() == machine_folder()


def test_a_file_that_is_no_database_is_made_anew(tmp_path: Path, api_id: str) -> None:
    keeper = MachineKeeper(tmp_path, URL, api_id)
    throttle = SharedThrottle(lambda: keeper, LONG, "here")
    keeper.step(lambda dumped, at: (None, None))
    (path,) = tmp_path.glob("*.sqlite")
    keeper._close(broken=False)
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(b"no database at all" * 100)
    now = time.monotonic()
    assert throttle.reserve(now).token < 0  # type: ignore[operator]  # alone
    assert throttle.reserve(now + 2.5).token is None, "one period is left out"
    assert throttle.look().taken == 0


def test_a_folder_of_somebody_else_is_not_used(tmp_path: Path, api_id: str) -> None:
    tmp_path.chmod(0o777)
    with pytest.raises(KeeperAwayError, match="is not a folder of this user alone"):
        MachineKeeper(tmp_path, URL, api_id).step(lambda dumped, at: (None, None))


def test_nobody_else_may_read_the_files(tmp_path: Path, api_id: str) -> None:
    keeper = MachineKeeper(tmp_path / "new", URL, api_id)
    keeper.step(lambda dumped, at: (None, None))
    assert (tmp_path / "new").stat().st_mode & 0o777 == 0o700
    assert api_id not in " ".join(path.name for path in (tmp_path / "new").iterdir())


def test_a_network_file_system_is_not_used(tmp_path: Path, api_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text(f"disk / ext4 rw 0 0\nserver:/share {tmp_path}/a\\040share nfs4 rw 0 0\n")
    assert file_system(tmp_path / "elsewhere", mounts) == "ext4"
    assert file_system(tmp_path / "a share" / "throttle", mounts) == "nfs4"
    assert file_system(tmp_path, tmp_path / "no such file") == ""
    monkeypatch.setattr("sonnys_data_client.throttles.machine.file_system", lambda path: "nfs4")
    with pytest.raises(KeeperAwayError, match=r"is on a network file system \(nfs4\)"):
        MachineKeeper(tmp_path / "new", URL, api_id).step(lambda dumped, at: (None, None))
