"""Values that belong to the process that made them: after a fork, the child makes its own.

A forked child inherits copies of the parent's sockets and locks. Two processes that read one socket steal each
other's answers, and a lock that another thread held at the moment of the fork is never released in the child. So
connections, locks and the throttle's ledger are kept under the process they belong to.

The child leaves the parent's values alone. It does not even close them: a TLS connection would say goodbye to the
server in the parent's name, and an event loop would stop watching a socket that the parent still waits for. They
cost the child a few file descriptors, and the memory that it shares with the parent anyway.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

ProcessId = tuple[int, int]

_forks = 0


def this_process() -> ProcessId:
    """Name this process: its PID, and how many forks lie between it and the first interpreter.

    The PID alone may come back: a great-grandchild can get that of an ancestor that has ended. The forks alone would
    miss a fork by C code that does not tell Python.
    """
    return os.getpid(), _forks


def _count_fork() -> None:
    global _forks  # noqa: PLW0603 - one number a process is the point
    _forks += 1


if hasattr(os, "register_at_fork"):  # Windows has no fork
    os.register_at_fork(after_in_child=_count_fork)


class PerProcess(Generic[T]):
    """One value in each process, made when it is first asked for. Safe from any thread, without a lock.

    Args:
        make: Makes the value. Two threads that ask at the same moment may both call it; both get the same value.
    """

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._values: dict[ProcessId, T] = {}

    def get(self) -> T:
        """Return this process's value."""
        process = this_process()
        value = self._values.get(process)
        # `setdefault` is atomic. A lock here would be one more that a fork can leave locked.
        return self._values.setdefault(process, self._make()) if value is None else value

    def made(self) -> T | None:
        """Return this process's value if it was made."""
        return self._values.get(this_process())
