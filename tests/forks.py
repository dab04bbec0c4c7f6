"""Forked children that say what they found."""

from __future__ import annotations

import json
import os
import warnings
from collections.abc import Callable
from typing import Any

import pytest

needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def fork() -> int:
    """Fork although other threads run: Python 3.12 and later warn of it, and what becomes of it is what is tested."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def in_child(work: Callable[[], Any]) -> Callable[[], Any]:
    """Fork, and let the child do the work; returns the way to wait for what it made of it, as JSON would have it."""
    read_end, write_end = os.pipe()
    pid = fork()
    if pid == 0:
        os.close(read_end)
        try:
            told = work()
        except BaseException as error:  # noqa: BLE001 - the parent is told
            told = {"died": repr(error)}
        with os.fdopen(write_end, "w") as pipe:
            json.dump(told, pipe)
        os._exit(0)
    os.close(write_end)

    def wait() -> Any:
        with os.fdopen(read_end) as pipe:
            told = json.load(pipe)
        os.waitpid(pid, 0)
        return told

    return wait
