"""Values of one process: made once in each, and never shared by a fork."""

from __future__ import annotations

import os
import threading

import pytest

from sonnys_data_client.per_process import PerProcess, this_process
from tests.forks import in_child, needs_fork


def test_a_value_is_made_when_it_is_first_asked_for_and_then_kept() -> None:
    made: list[object] = []

    def make() -> object:
        made.append(object())
        return made[-1]

    value = PerProcess(make)
    assert value.made() is None
    assert made == []
    assert value.get() is value.get() is value.made() is made[0]


def test_threads_that_ask_together_get_the_same() -> None:
    meeting = threading.Barrier(2, timeout=10)

    def make() -> object:
        meeting.wait()
        return object()

    value, got = PerProcess(make), list[object]()
    threads = [threading.Thread(target=lambda: got.append(value.get())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert got[0] is got[1]


@needs_fork
def test_a_forked_child_makes_its_own_and_the_parent_keeps_its() -> None:
    value = PerProcess(lambda: bytearray(b"new"))
    value.get()[:] = b"parent's"
    assert in_child(lambda: value.get().decode())() == "new"
    assert in_child(value.made)() is None
    assert value.get() == b"parent's"


@needs_fork
def test_a_child_that_gets_the_pid_of_an_ancestor_is_another_process() -> None:
    value = PerProcess(lambda: bytearray(b"new"))
    value.get()[:] = b"parent's"
    pid = os.getpid()

    def ask() -> str:
        os.getpid = lambda: pid
        return value.get().decode()

    assert in_child(ask)() == "new"


def test_a_fork_that_python_is_not_told_of_shows_by_the_pid(monkeypatch: pytest.MonkeyPatch) -> None:
    before = this_process()
    monkeypatch.setattr(os, "getpid", lambda: -1)
    assert this_process() != before
