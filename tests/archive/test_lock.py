"""One run at a time writes an archive, and no lock outlives its process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import uuid
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.lock import SILENT_S, STALE_S, _held, _is_free, _Lock, hold, lock_object
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError
from tests.archive.interleavings import explore
from tests.waiting import wait_until

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


def test_the_second_run_is_told_who_holds_it_until_the_first_is_killed(
    other: subprocess.Popen[str], tmp_path: Path
) -> None:
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


def test_accounts_are_held_side_by_side_and_never_beside_the_whole_archive(tmp_path: Path) -> None:
    files = files_at(tmp_path)
    with hold(files, "a"), hold(files, "b"):
        said = f"account a in {tmp_path}: process {os.getpid()} on"
        with pytest.raises(ArchiveHeldError, match=said), hold(files, "a"):
            pass
        with pytest.raises(ArchiveHeldError, match=f"working on {tmp_path}: process {os.getpid()} on"), hold(files):
            pass
    with hold(files), pytest.raises(ArchiveHeldError, match=f"process {os.getpid()} on"), hold(files, "a"):
        pass


@pytest.mark.skipif(sys.platform == "win32", reason="flock is what an earlier version calls elsewhere")
def test_an_earlier_version_keeps_accounts_out_and_they_keep_it_out(tmp_path: Path) -> None:
    import fcntl

    files, lock = files_at(tmp_path), tmp_path / ".work" / "lock"
    lock.parent.mkdir()
    with lock.open("a+") as theirs:
        fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)
        with pytest.raises(ArchiveHeldError), hold(files, "a"):
            pass
    with hold(files, "a"), lock.open("a+") as theirs, pytest.raises(BlockingIOError):
        fcntl.flock(theirs, fcntl.LOCK_EX | fcntl.LOCK_NB)


class Leased:
    """A lease that is lost as soon as somebody says so."""

    def __init__(self, fence: int) -> None:
        self.fence = fence
        self.lost = False

    def check(self) -> None:
        if self.lost:
            raise ArchiveHeldError("The lease is lost.")


@pytest.mark.parametrize("place", ["here", "elsewhere"])
def test_a_run_whose_lease_is_lost_stops(place: str, tmp_path: Path) -> None:
    files = files_at(tmp_path if place == "here" else f"memory://{uuid.uuid4().hex}/archive")
    lease = Leased(1)
    with hold(files, "a", lease) as renew:
        renew()
        lease.lost = True
        with pytest.raises(ArchiveHeldError, match="lease is lost"):
            renew()


def test_a_note_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    files = files_at(tmp_path)
    with hold(files):
        (tmp_path / ".work" / "lock").write_text("")
        with pytest.raises(ArchiveHeldError, match="just started"), hold(files):
            pass


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".work").write_text("a file where a folder is due")
    with pytest.raises(ArchiveError, match="cannot be written"), hold(files_at(tmp_path)):
        pass


def at(address: str) -> RemoteFiles:
    """Return the files of a remote archive as another run sees them."""
    files = files_at(address)
    assert isinstance(files, RemoteFiles)
    return files


def locks(files: RemoteFiles) -> list[str]:
    """Return the lock objects that exist."""
    return [name for name in files.names(".work") if "lock" in name]


def noted(files: RemoteFiles, number: int) -> dict[str, Any]:
    """Return the content of a generation of the lock."""
    note: dict[str, Any] = json.loads(files.read(lock_object(number)) or "{}")
    return note


OTHER = {"run": "other", "host": "elsewhere", "pid": 7, "since": 0.0, "ended": False}


class TestRemote:
    """The lock of an archive that is an object in a store."""

    @pytest.fixture
    def address(self) -> str:
        return f"memory://{uuid.uuid4().hex}/archive"

    def test_the_second_run_is_told_who_holds_it(self, address: str) -> None:
        said = f"process {os.getpid()} on"
        with hold(at(address)), pytest.raises(ArchiveHeldError, match=said), hold(at(address)):
            pass
        with hold(at(address)):
            assert locks(at(address)) == [lock_object(2)], "what is over is removed"

    @pytest.mark.parametrize(
        ("holder", "counts"),
        [
            ({"renewed": -STALE_S - 1}, False),
            ({"renewed": -STALE_S + 60}, True),
            ({"renewed": -1.0, "ended": True}, False),
            ({"renewed": -1.0, "host": socket.gethostname(), "pid": os.getpid()}, True),
            ({"renewed": -1.0, "host": socket.gethostname(), "pid": 2**22 + 1}, False),
            ({}, False),
        ],
    )
    def test_a_lock_that_is_not_renewed_counts_for_nothing(
        self, address: str, holder: dict[str, Any], counts: bool
    ) -> None:
        files = at(address)
        if "renewed" in holder:
            holder = {**OTHER, **holder, "renewed": time.time() + holder["renewed"]}
        assert files.create(lock_object(6), json.dumps(holder))
        if counts:
            with pytest.raises(ArchiveHeldError), hold(files):
                pass
        else:
            with hold(files) as renew:
                renew()
                assert locks(files) == [lock_object(7)]
            assert noted(files, 7)["ended"]

    def test_a_lock_says_since_when_it_is_held_and_when_it_was_renewed(self, address: str) -> None:
        files = at(address)
        with hold(files) as renew:
            began = noted(files, 1)
            renew()
            now = noted(files, 1)
        assert (now["since"], now["run"]) == (began["since"], began["run"])
        assert now["renewed"] > began["renewed"]

    def test_a_lock_is_renewed_while_its_run_lives_and_no_longer(
        self, address: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sonnys_data_client.archive.lock.RENEW_S", 0.01)
        files = at(address)
        with hold(at(address)):
            first = noted(files, 1)["renewed"]
            wait_until(lambda: noted(files, 1)["renewed"] > first)
        assert noted(files, 1)["ended"]
        assert "sonnys-lock" not in [thread.name for thread in threading.enumerate()], "nobody is left to renew it"

    def test_a_run_that_was_taken_for_dead_stops_and_leaves_the_lock_to_the_other(self, address: str) -> None:
        files, other = at(address), json.dumps({**OTHER, "renewed": time.time()})
        with hold(files) as renew:
            assert files.create(lock_object(2), other)
            with pytest.raises(ArchiveHeldError, match="process 7 on elsewhere since 1970"):
                renew()
        assert files.read(lock_object(2)) == other
        with pytest.raises(ArchiveHeldError), hold(files):
            pass

    def test_a_run_whose_lock_is_gone_stops(self, address: str) -> None:
        files = at(address)
        with hold(files) as renew:
            files.remove(lock_object(1))
            with pytest.raises(ArchiveHeldError, match="just started"):
                renew()
        assert locks(files) == []

    def test_a_lock_whose_making_was_not_confirmed_is_ours(self, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
        create = RemoteFiles.create

        def asked_twice(self: RemoteFiles, name: str, text: str) -> bool:  # as clients do when a reply is lost
            create(self, name, text)
            return create(self, name, text)

        monkeypatch.setattr(RemoteFiles, "create", asked_twice)
        with hold(at(address)), pytest.raises(ArchiveHeldError), hold(at(address)):
            pass

    def test_accounts_are_held_side_by_side_and_never_beside_the_whole_archive(self, address: str) -> None:
        with hold(at(address), "a") as renew, hold(at(address), "b"):
            renew()
            with pytest.raises(ArchiveHeldError, match="on account a in memory"), hold(at(address), "a"):
                pass
            with pytest.raises(ArchiveHeldError, match="on memory"), hold(at(address)):
                pass
        with hold(at(address)), pytest.raises(ArchiveHeldError, match="on memory"), hold(at(address), "a"):
            pass
        with hold(at(address), "a"):
            pass

    def test_an_earlier_version_keeps_accounts_out_and_they_keep_it_out(self, address: str) -> None:
        files = at(address)
        assert files.create(lock_object(4), json.dumps({**OTHER, "renewed": time.time()}))
        with pytest.raises(ArchiveHeldError, match="process 7 on elsewhere"), hold(files, "a"):
            pass
        files.write(lock_object(4), json.dumps({**OTHER, "renewed": time.time(), "ended": True}))
        with hold(files, "a") as renew:
            theirs = files.read(lock_object(5)) or ""
            assert not _is_free(theirs), "this is how an earlier version judges the newest lock"
            assert json.loads(theirs)["host"] != socket.gethostname(), "nor would it look for our process"
            assert files.create(lock_object(6), json.dumps({**OTHER, "renewed": time.time()}))
            with pytest.raises(ArchiveHeldError, match="process 7 on elsewhere"):
                renew()

    @pytest.mark.parametrize("lives", [True, False])
    def test_a_run_on_another_machine_is_watched_before_it_is_taken_for_dead(
        self, address: str, lives: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files, now = at(address), [0.0]
        note: dict[str, Any] = {
            **OTHER,
            "renewed": time.time() + 300,
            "silent_s": SILENT_S,
        }  # clocks of two machines differ
        assert files.create(lock_object(1, "a"), json.dumps(note))

        def sleep(seconds: float) -> None:
            now[0] += seconds
            if lives and now[0] > SILENT_S / 2:
                files.write(lock_object(1, "a"), json.dumps({**note, "renewed": time.time() + 305}))

        clock = SimpleNamespace(time=time.time, monotonic=lambda: now[0], sleep=sleep)
        monkeypatch.setattr("sonnys_data_client.archive.lock.time", clock)
        if lives:
            with pytest.raises(ArchiveHeldError, match="process 7 on elsewhere"), hold(files, "a"):
                pass
        else:
            with hold(files, "a"):
                assert now[0] == pytest.approx(SILENT_S)
        assert now[0] <= SILENT_S

    @pytest.mark.parametrize(("fence", "free"), [(8, True), (7, False), (6, False)])
    def test_a_later_lease_takes_over_at_once_from_an_earlier_one(
        self, address: str, fence: int, free: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        files = at(address)
        note = {**OTHER, "host": socket.gethostname(), "pid": os.getpid(), "renewed": time.time(), "fence": 7}
        assert files.create(lock_object(1, "a"), json.dumps(note))
        if free:
            with hold(files, "a", Leased(fence)) as renew:
                renew()
                assert json.loads(files.read(lock_object(2, "a")) or "")["fence"] == fence
        else:
            with pytest.raises(ArchiveHeldError), hold(files, "a", Leased(fence)):
                pass


STALE = {**OTHER, "renewed": -STALE_S - 1}


class TestTurns:
    """Runs that begin at once, in every order of their steps: two never hold it unless one was taken for dead."""

    @pytest.mark.parametrize("runs", [["a", None], ["a", "a"]])
    @pytest.mark.parametrize("left", [None, STALE])
    def test_nor_do_an_account_and_the_whole_archive(self, runs: list[str | None], left: dict[str, Any] | None) -> None:
        assert explore(runs, 1, left=left) > 100

    @pytest.mark.parametrize(("runs", "waits"), [(2, 1), (3, 0)])
    @pytest.mark.parametrize("left", [None, STALE, {**STALE, "ended": True}])
    def test_in_no_order_do_two_hold_it_and_in_each_one_does(
        self, runs: int, waits: int, left: dict[str, Any] | None
    ) -> None:
        assert explore(runs, waits, left=left) > 1000

    def test_without_a_second_look_two_would_hold_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_Lock, "_check_newest", lambda _: {})
        with pytest.raises(AssertionError, match="two hold it"):
            explore(3, 0, left=STALE)

    def test_if_they_did_not_look_for_each_other_two_would_hold_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_Lock, "_check_beside", lambda *_: None)
        with pytest.raises(AssertionError, match="two hold it"):
            explore(["a", None], 0)

    def test_if_a_renewing_run_ignored_a_newer_lock_it_would_go_on(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_Lock, "renew", _Lock._generations)
        with pytest.raises(AssertionError, match="goes on after another has taken over"):
            explore(2, 1)

    def test_if_an_ending_run_removed_its_lock_two_would_hold_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(_Lock, "release", lambda lock: lock._files.remove(lock_object(lock._number)))
        with pytest.raises(AssertionError, match="two hold it"):
            explore(3, 0, left=STALE)

    def test_if_a_stale_lock_were_replaced_two_would_hold_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def take(lock: _Lock) -> None:
            lock._generations()
            lock._number = 5
            if not lock._files.create(lock_object(5), lock._note()):
                if not _is_free(theirs := lock._files.read(lock_object(5)) or ""):
                    raise _held(lock._files, theirs)
                lock._files.remove(lock_object(5))
                if not lock._files.create(lock_object(5), lock._note()):
                    raise _held(lock._files, None)

        monkeypatch.setattr(_Lock, "take", take)
        with pytest.raises(AssertionError, match="two hold it"):
            explore(2, 0, left=STALE)
