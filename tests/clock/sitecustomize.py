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


def mend_environment() -> None:
    """Leave the C library's environment as it is, and give children that of Python.

    Each thread that waits for Python's lock calls libfaketime 0.9.10, which reads a variable without a lock. If another
    thread sets a new one just then, the C library may move all of them, and the process crashes (seen in a core dump).
    Only `TZ` is passed on: it has a value from the beginning, so nothing has to be moved for it.
    """
    import _posixsubprocess

    put, unset, fork_exec = os.putenv, os.unsetenv, _posixsubprocess.fork_exec
    env_list = 5  # its place among the arguments; None for the C library's environment

    def putenv(name: Any, value: Any) -> None:
        if name == b"TZ":
            put("TZ", value)

    def unsetenv(name: Any) -> None:
        if name == b"TZ":
            unset("TZ")

    def fork(*arguments: Any) -> int:
        given: list[Any] = list(arguments)
        if given[env_list] is None:
            given[env_list] = [name + b"=" + value for name, value in os.environb.items()]
        return fork_exec(*given)

    os.putenv, os.unsetenv, _posixsubprocess.fork_exec = putenv, unsetenv, fork


if EPOCH in os.environ:
    pin(float(os.environ[EPOCH]))
if "FAKETIME" in os.environ:
    mend_sleep()
    mend_environment()
