"""A lock that goes with its process."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from sonnys_data_client.file_lock import take
from tests.waiting import PATIENCE_S, wait_until

HOLD = """
import sys, time
from sonnys_data_client.file_lock import take
file = open(sys.argv[1], "wb")
print(take(file), flush=True)
time.sleep(600)
"""


def test_a_lock_is_held_until_its_process_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with subprocess.Popen([sys.executable, "-c", HOLD, str(path)], stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "True\n"
        with path.open("rb+") as file:
            assert not take(file)
            holder.send_signal(signal.SIGKILL)
            holder.wait(PATIENCE_S)
            wait_until(lambda: take(file))


def test_a_lock_is_one_runs_or_shared(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with path.open("a+") as one, path.open("a+") as other:
        assert take(one, shared=True)
        assert not take(other)
        assert take(other, shared=True)
    with path.open("a+") as one, path.open("a+") as other:
        assert take(one)
        assert not take(other, shared=True)
