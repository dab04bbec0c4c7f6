"""The pinned clock of a test run. Python imports this module when it starts, if its directory is on the path.

`tests/days.py` says which moment is pinned and why, and puts this directory on the path of every process that a test
starts. The module imports next to nothing, because tests count what a process imports.
"""

from __future__ import annotations

import os
import time
from typing import Any

EPOCH = "TESTS_EPOCH"
"""The environment variable that pins the clock: the time when the machine's monotonic clock was 0, epoch seconds."""


def pin(epoch: float) -> None:
    """Make `time.time` count from a moment.

    All processes of a machine share its monotonic clock, so all that are pinned alike agree about the time.

    Args:
        epoch: The time when the monotonic clock was 0, epoch seconds.
    """
    monotonic, monotonic_ns, epoch_ns = time.monotonic, time.monotonic_ns, int(epoch * 1e9)
    time.time = lambda: epoch + monotonic()
    time.time_ns = lambda: epoch_ns + monotonic_ns()


def mend_sleep() -> None:
    """Make `time.sleep` work under libfaketime: 0.9.10 refuses the system call that Python sleeps by."""
    import select

    def sleep(seconds: Any) -> None:
        select.select([], [], [], float(seconds))

    time.sleep = sleep


if EPOCH in os.environ:
    pin(float(os.environ[EPOCH]))
if "FAKETIME" in os.environ:
    mend_sleep()
