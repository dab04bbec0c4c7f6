"""One run at a time, and no lock outlives its process."""

from __future__ import annotations

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.archive.files import Files, files_at
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


def held_since(files: Files) -> float:
    """Since when the lock object says that the archive is held."""
    copy = files.nook()
    assert files.borrow(LOCK_OBJECT, copy)
    since: float = json.loads(copy.read_text())["since"]
    return since


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
            ({"host": "elsewhere", "pid": 1, "renewed": -STALE_S - 1}, False),
            ({"host": "elsewhere", "pid": 1, "renewed": -STALE_S + 60}, True),
            ({"host": socket.gethostname(), "pid": os.getpid(), "renewed": -1.0}, True),
            ({"host": socket.gethostname(), "pid": 2**22 + 1, "renewed": -1.0}, False),
            ({"host": "elsewhere"}, False),
        ],
    )
    def test_a_lock_that_is_not_renewed_counts_for_nothing(
        self, address: str, holder: dict[str, object], counts: bool
    ) -> None:
        files = files_at(address)
        renewed = holder.get("renewed")
        if isinstance(renewed, float):
            holder = {**holder, "renewed": time.time() + renewed, "since": time.time() - 60}
        assert files.create(LOCK_OBJECT, json.dumps(holder))
        if counts:
            with pytest.raises(ArchiveHeldError), hold(files):
                pass
        else:
            with hold(files):
                renew(files)
            assert not files.exists(LOCK_OBJECT)

    def test_of_many_that_begin_at_once_one_holds_it(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        memory, one_at_a_time = import_module("fsspec.implementations.memory").MemoryFileSystem, threading.Lock()

        def in_one_step(method: Callable[..., Any]) -> Callable[..., Any]:  # as in object stores, and not in memory
            def step(*about: Any, **options: Any) -> Any:
                with one_at_a_time:
                    return method(*about, **options)

            return step

        monkeypatch.setattr(memory, "pipe_file", in_one_step(memory.pipe_file))
        monkeypatch.setattr(memory, "get_file", in_one_step(memory.get_file))
        look = memory.exists

        def look_slowly(*about: Any) -> bool:  # so that who looks before it writes is too late
            found: bool = look(*about)
            time.sleep(0.05)
            return found

        monkeypatch.setattr(memory, "exists", look_slowly)
        begin, told, end = threading.Barrier(8), queue.SimpleQueue[bool](), threading.Event()

        def run() -> None:
            files = files_at(address)
            begin.wait()
            try:
                with hold(files):
                    told.put(True)
                    end.wait(10)
            except ArchiveHeldError:
                told.put(False)

        runs = [threading.Thread(target=run) for _ in range(begin.parties)]
        for each in runs:
            each.start()
        held = [told.get(timeout=10) for _ in runs]
        end.set()
        for each in runs:
            each.join()
        assert sorted(held) == [False] * 7 + [True]

    def test_who_was_taken_for_dead_stops_and_leaves_the_lock_to_the_other(self, address: str) -> None:
        files = files_at(address)
        other = json.dumps({"run": "other", "host": "elsewhere", "pid": 7, "since": 0.0, "renewed": time.time()})
        with hold(files):
            began = held_since(files)
            renew(files)
            assert held_since(files) == began
            files.remove(LOCK_OBJECT)
            assert files.create(LOCK_OBJECT, other)
            with pytest.raises(ArchiveHeldError, match="process 7 on elsewhere since 1970"):
                renew(files)
        assert files.exists(LOCK_OBJECT)


@pytest.mark.parametrize("address", ["{folder}", "memory://{folder}"])
def test_a_file_is_created_once(address: str, tmp_path: Path) -> None:
    files = files_at(address.format(folder=tmp_path))
    assert files.create("a/b.json", "first")
    assert not files.create("a/b.json", "second")
    assert files.borrow("a/b.json", tmp_path / "copy")
    assert (tmp_path / "copy").read_text() == "first"
