"""One run at a time, and no lock outlives its process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from pathlib import Path

import pytest

from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.lock import LOCK_OBJECT, STALE_S, hold, renew
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError

HOLDER = """
import sys, time
from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.lock import hold
with hold(files_at(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@pytest.fixture
def other(tmp_path: Path) -> subprocess.Popen[str]:
    """Another process that holds the archive in `tmp_path`."""
    process = subprocess.Popen([sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_the_second_hears_who_holds_it_until_the_first_is_killed(other: subprocess.Popen[str], tmp_path: Path) -> None:
    files = files_at(tmp_path)
    try:
        with pytest.raises(ArchiveHeldError) as held, hold(files):
            pass
        assert f"process {other.pid} on {socket.gethostname()} since 20" in str(held.value)
    finally:
        other.send_signal(signal.SIGKILL)
        other.communicate()
    with hold(files):
        pass


def test_it_can_be_held_again_and_not_twice_at_once(tmp_path: Path) -> None:
    files = files_at(tmp_path)
    for _ in range(2):
        with hold(files), pytest.raises(ArchiveHeldError, match=str(os.getpid())), hold(files):
            pass


def test_a_note_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    files = files_at(tmp_path)
    with hold(files):
        (tmp_path / ".work" / "lock").write_text("")
        with pytest.raises(ArchiveHeldError, match="just begun"), hold(files):
            pass


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".work").write_text("a file where a folder is due")
    with pytest.raises(ArchiveError, match="cannot be written"), hold(files_at(tmp_path)):
        pass


class TestRemote:
    """The lock of an archive that is an object in a store."""

    @pytest.fixture
    def address(self) -> str:
        return f"memory://{uuid.uuid4().hex}/archive"

    def test_the_second_hears_who_holds_it(self, address: str) -> None:
        said = f"process {os.getpid()} on"
        with hold(files_at(address)), pytest.raises(ArchiveHeldError, match=said), hold(files_at(address)):
            pass
        with hold(files_at(address)):
            pass

    @pytest.mark.parametrize(
        ("holder", "counts"),
        [
            ({"host": "elsewhere", "pid": 1, "since": -STALE_S - 1}, False),
            ({"host": "elsewhere", "pid": 1, "since": -STALE_S + 60}, True),
            ({"host": socket.gethostname(), "pid": os.getpid(), "since": -1.0}, True),
            ({"host": socket.gethostname(), "pid": 2**22 + 1, "since": -1.0}, False),
            ({"host": "elsewhere"}, False),
        ],
    )
    def test_a_lock_that_is_not_renewed_counts_for_nothing(
        self, address: str, holder: dict[str, object], counts: bool
    ) -> None:
        files = files_at(address)
        since = holder.get("since")
        if isinstance(since, float):
            holder = {**holder, "since": time.time() + since}
        made = files.scratch()
        made.write_text(json.dumps(holder))
        files.publish(made, LOCK_OBJECT)
        if counts:
            with pytest.raises(ArchiveHeldError), hold(files):
                pass
        else:
            with hold(files):
                renew(files)
            assert not files.exists(LOCK_OBJECT)
