"""An archive in an object store: S3 over HTTP, by the interface that Google's and Azure's stores share."""

from __future__ import annotations

import gc
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bench.rig.tally import judge
from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.lock import STALE_S, hold, lock_object
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.cli import main
from sonnys_data_client.cli.errors import ExitCode
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.errors import ArchiveError, ArchiveHeldError
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from tests.archive.objects import SECRET, environment, running_store, s3
from tests.archive.rig import DAY, NOON, PARTITION, ids, put, rows
from tests.days import today
from tests.sync.rig import NOON as SYNCED
from tests.sync.rig import SETTINGS, client_of, held, sales, sandbox_of, truth
from tests.waiting import PATIENCE_S, wait_until

SPEED = 30.0
"""Sandbox seconds in a real second."""


@pytest.fixture(scope="module")
def endpoint() -> Generator[str]:
    with running_store() as endpoint:
        yield endpoint


@pytest.fixture(autouse=True)
def system(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The store, as other clients see it."""
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment(endpoint).items():
        monkeypatch.setenv(name, value)
    return s3()


@pytest.fixture
def bucket(system: Any) -> str:
    """A new bucket."""
    name = f"bucket-{uuid.uuid4().hex}"
    system.mkdir(name)
    return name


@pytest.fixture
def archive(bucket: str) -> Archive:
    return Archive(f"s3://{bucket}/wash/archive")


def remote(archive: Archive) -> RemoteFiles:
    """The files of a remote archive."""
    files = files_at(archive.address)
    assert isinstance(files, RemoteFiles)
    return files


def test_it_is_written_read_checked_compacted_and_repaired_like_a_local_one(archive: Archive) -> None:
    put(archive, rows(3))
    put(Archive(archive.address), rows(3, transactionStatus="Voided"))
    assert ids(archive) == ["1:1001", "2:1001", "3:1001"]
    assert len(archive.table("changes").fetchall()) == 3
    assert archive.check() == []
    assert archive.repair().problems == []
    assert list(archive.compact().rewritten) == []
    assert [day.state for day in archive.coverage(start=DAY, end=DAY, now=NOON)] == ["complete"]
    archive.write_views()  # a remote archive has none, and nothing is wrong with that


def test_a_damaged_day_is_set_aside_in_the_store(archive: Archive, system: Any) -> None:
    put(archive, rows(3))
    place = archive.address.removeprefix("s3://")
    whole = system.cat_file(f"{place}/{PARTITION.name}")
    damage = whole[:99] + b"damage" + whole[105:]
    system.pipe_file(f"{place}/{PARTITION.name}", damage)
    assert [problem.damaged for problem in archive.check()] == [True]
    assert list(archive.repair().reread) == [PARTITION]
    assert archive.check() == []
    assert [system.cat_file(path) for path in system.find(f"{place}/.work/damaged")] == [damage]


def test_an_archive_may_fill_a_bucket_that_is_called_as_parts_of_its_names_are(system: Any) -> None:
    system.mkdir("main")
    archive = Archive("s3://main")
    put(archive, rows(2))
    assert ids(archive) == ["1:1001", "2:1001"]
    assert archive.check() == []


def test_an_answer_outlives_its_archive_and_nothing_is_left_on_this_machine(archive: Archive) -> None:
    put(archive, rows(2))
    other = Archive(archive.address)
    work_folder = other._files.work_folder
    answer = other.sql("FROM transactions")
    del other
    gc.collect()
    assert len(answer.fetchall()) == 2
    assert work_folder.exists()
    answer.close()
    del answer
    gc.collect()
    assert not work_folder.exists()


def test_a_sync_brings_the_truth_and_reads_again_what_it_must(archive: Archive) -> None:
    sandbox = sandbox_of(sales(days=3))
    assert sync.run(client_of(sandbox), archive, SETTINGS).complete
    assert held(archive) == truth(sandbox, as_of=SYNCED)
    again = sync.run(client_of(sandbox, at=SYNCED + DAY_S), Archive(archive.address), SETTINGS)
    assert again.complete
    assert held(archive) == truth(sandbox, as_of=SYNCED + DAY_S)
    assert archive.check() == []


# One run at a time


def test_the_second_run_is_told_who_holds_it(archive: Archive) -> None:
    put(archive, rows(1))
    other = Archive(archive.address)
    with archive.writing():
        for attempt in (lambda: put(other, rows(2)), other.repair, other.compact):
            with pytest.raises(ArchiveHeldError, match=f"working on {archive.address}: process {os.getpid()} on "):
                attempt()
    assert ids(archive) == ["1:1001"]
    put(other, rows(2))


@pytest.mark.parametrize("before", ["nobody", "one that is silent"])
def test_of_many_that_begin_at_once_one_holds_it(before: str, archive: Archive) -> None:
    if before != "nobody":
        note = {"host": "elsewhere", "pid": 1, "since": 0.0, "ended": False, "renewed": time.time() - STALE_S - 1}
        assert remote(archive).create(lock_object(4), json.dumps(note))
    begin, told, end = threading.Barrier(8), queue.SimpleQueue[str](), threading.Event()

    def run() -> None:
        files = files_at(archive.address)
        begin.wait()
        try:
            with hold(files):
                told.put("holds")
                end.wait(PATIENCE_S)
        except ArchiveHeldError as error:
            told.put(str(error))

    runs = [threading.Thread(target=run) for _ in range(begin.parties)]
    for each in runs:
        each.start()
    heard = [told.get(timeout=PATIENCE_S) for _ in runs]
    end.set()
    for each in runs:
        each.join()
    assert heard.count("holds") == 1
    assert sum("working on" in each for each in heard) == 7, "whoever is silent may still be named"


RIVAL = """
import os, sys
from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.lock import hold
from sonnys_data_client.errors import ArchiveHeldError
files, mark = files_at(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
times = 0
while times < 5:
    try:
        with hold(files) as renew:
            os.close(os.open(mark, os.O_CREAT | os.O_EXCL))
            renew()
            os.unlink(mark)
            times += 1
    except ArchiveHeldError:
        pass
"""


def test_processes_that_want_it_all_the_time_hold_it_one_after_the_other(archive: Archive, tmp_path: Path) -> None:
    words = [sys.executable, "-c", RIVAL, archive.address, str(tmp_path / "held")]
    pipe = subprocess.PIPE
    rivals = [subprocess.Popen(words, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(3)]
    for rival in rivals:
        assert rival.stdout is not None
        assert rival.stdout.readline() == "ready\n"  # so that they begin together
    said = [rival.communicate("go\n") for rival in rivals]
    assert [rival.returncode for rival in rivals] == [0, 0, 0], said
    assert len(remote(archive).names(".work")) == 1, "each removes what the one before has left"


# Through the command line


@pytest.fixture
def local(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, archive: Archive) -> Generator[RunningSandbox]:
    """A small account, and the environment of a user who keeps its archive in S3."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))  # where processes that are killed leave what they had fetched
    config = SandboxConfig(sites=1, cars_per_day=60, job_s=2)
    with running_sandbox(config, speed=SPEED, latency=0.02) as local:
        monkeypatch.setenv("SONNYS_CONFIG", str(tmp_path / "config.toml"))
        monkeypatch.setenv("SONNYS_API_ID", local.api_id)
        monkeypatch.setenv("SONNYS_API_KEY", local.api_key)
        monkeypatch.setenv("SONNYS_BASE_URL", local.base_url)
        monkeypatch.setenv("SONNYS_THROTTLE", f"20/{15 / SPEED}")
        monkeypatch.setenv("SONNYS_ARCHIVE", archive.address)
        yield local


def sonnys(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Return the exit code of a command, and its output."""
    capsys.readouterr()
    code = main(list(words))
    said = capsys.readouterr()
    assert SECRET not in said.out + said.err
    assert "Traceback" not in said.err
    return code, said.out + said.err


def test_a_sync_that_is_killed_goes_on_and_all_is_there(
    local: RunningSandbox, archive: Archive, system: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    first, last = today() - timedelta(days=16), today() - timedelta(days=12)
    words = ["sync", "--only-transactions", f"--since={first}", "--reread-days=0"]
    place, log = archive.address.removeprefix("s3://"), local.sandbox.log
    moments: list[Callable[[], bool]] = [
        lambda: bool(system.find(f"{place}/.work")),
        lambda: len(log) > 12,
        lambda: bool(system.find(f"{place}/transactions")),
    ]
    for moment in moments:
        with subprocess.Popen([sys.executable, "-m", "sonnys_data_client", *words], stderr=subprocess.PIPE) as process:

            def is_now(moment: Callable[[], bool] = moment, process: subprocess.Popen[bytes] = process) -> bool:
                assert process.poll() is None, process.communicate()
                system.invalidate_cache()
                return moment()

            wait_until(is_now)
            process.send_signal(signal.SIGSTOP)  # so that it cannot come to its end before it is killed
            if moment is moments[-1]:
                code, said = sonnys(capsys, *words)
                assert code == ExitCode.FAILED
                told = f"Another run is working on account main in {archive.address}: process {process.pid} on"
                assert told in " ".join(said.split())
            process.send_signal(signal.SIGKILL)
    code, said = sonnys(capsys, *words)
    assert code == ExitCode.DONE, said
    assert judge(archive, local.sandbox.world, first, last, time.time()) == []


def test_every_command_that_asks_an_archive_asks_one_in_s3(
    local: RunningSandbox, archive: Archive, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def done(*words: str) -> str:
        code, said = sonnys(capsys, *words)
        assert code == ExitCode.DONE, said
        return " ".join(said.split())

    assert "Syncing main into s3://" in done("sync", "--since=last-2-days", "--only-transactions")
    ((count,),) = archive.sql("SELECT count(*) FROM transactions").fetchall()
    assert count > 50
    assert str(count) in done("sql", "SELECT count(*) FROM transactions")
    done("sql", "FROM changes")
    done("sql", "FROM transactions", "--out", str(tmp_path / "all.csv"))
    assert len((tmp_path / "all.csv").read_text().splitlines()) == count + 1
    assert "to read" in done("sync", "--since=last-2-days", "--plan")
    assert "has no problems" in done("archive", "check")
    assert "was rebuilt" in done("archive", "repair")
    done("archive", "compact")
    code, said = sonnys(capsys, "status")
    assert code == ExitCode.ALARM, "there are days that the server is about to forget"
    assert f"The archive at {archive.address}, by UTC day" in " ".join(said.split())


# Errors are one sentence


@pytest.fixture
def hasty(system: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make clients try once: by default s3fs tries five times, and botocore below it five times for each."""
    monkeypatch.setattr(type(system), "retries", 1)
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")


WRONG = {
    "unreachable": ({"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, "Could not connect to the endpoint URL"),
    "password in the address": ({"AWS_ENDPOINT_URL": f"http://me:{SECRET}@127.0.0.1:1"}, "Cannot combine AUTHORIZATI"),
    "no address": ({"AWS_ENDPOINT_URL": "nowhere"}, "Invalid endpoint: nowhere"),
    "unknown key": ({"AWS_ACCESS_KEY_ID": "another-id"}, "(Forbidden|Access Key Id)"),
    "no key": ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, "Unable to locate credentials"),
}


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_one_sentence_without_secrets(
    what: str, archive: Archive, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    put(archive, rows(1))
    environment, said = WRONG[what]
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("moto.settings.INITIAL_NO_AUTH_ACTION_COUNT", 0)  # it asks for credentials from now on
    s3()
    broken = Archive(archive.address)
    for ask in (lambda: put(broken, rows(1)), lambda: ids(broken), broken.check, broken.repair, broken.coverage):
        with pytest.raises(ArchiveError, match=said) as error:
            ask()
        assert str(error.value).startswith(archive.address)
        assert SECRET not in str(error.value)
        assert "\n" not in str(error.value)
    monkeypatch.setenv("SONNYS_ARCHIVE", archive.address)
    monkeypatch.setenv("SONNYS_API_ID", "id")
    monkeypatch.setenv("SONNYS_API_KEY", "key")
    for words in (["sync"], ["sql", "FROM transactions"], ["archive", "check"]):
        code, shown = sonnys(capsys, *words)
        assert code == ExitCode.FAILED
        assert re.search(said, " ".join(shown.split()))


def test_a_bucket_that_is_not_there_is_not_made(system: Any, capsys: pytest.CaptureFixture[str]) -> None:
    archive = Archive("s3://mistyped/archive")
    with pytest.raises(ArchiveError, match=r"s3://mistyped/archive: .* \(.*bucket does not exist"):
        put(archive, rows(1))
    with pytest.raises(ArchiveError, match="There is no archive at s3://mistyped/archive"):
        archive.check()
    assert "mistyped" not in system.ls("")
