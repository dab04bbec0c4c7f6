"""`sonnys sync --all`: what it prints, what it keeps, and its one exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Generator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import redis

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.sync import fleet
from sonnys_data_client.sync import SyncProgress, SyncReport
from sonnys_data_client.sync.leases import RedisLeases, lease_name
from tests.sync.fleet_rig import FIRST, KEY, Operators, operators
from tests.sync.test_leases import URL
from tests.waiting import PATIENCE_S, wait_until

NAMES = ["east", "west-1", "west-2"]
WORDS = ["--only-transactions", "--no-statuses", "--no-audit", "--no-recount"]
SINCE = ["--since", FIRST.isoformat()]


@pytest.fixture
def wash(tmp_path: Path) -> Generator[Operators]:
    with operators(tmp_path, NAMES) as opened:
        yield opened


def sonnys(*words: str) -> int:
    return main(["sync", *words, *WORDS, *SINCE])


def edit(tmp_path: Path, before: str, after: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(path.read_text().replace(before, after, 1))


def test_all_accounts_are_read_into_one_archive_with_a_line_each(
    wash: Operators, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sonnys("--all", "--jobs", "2") == 0
    said = capsys.readouterr().err
    assert "Syncing 3 accounts, 2 at once.\n" in said
    for name in NAMES:
        assert f"{name}: 3 of 3 days archived: " in said
    rows = wash.rows()
    assert rows["east"]
    assert rows["east"] == rows["west-1"] == rows["west-2"]
    assert wash.archive.check() == []
    assert (Path(wash.archive.address) / "archive.duckdb").exists()


def test_a_pattern_names_some_of_them(wash: Operators, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--profile", "west-*", "sync", *WORDS, *SINCE]) == 0
    assert "Syncing 2 accounts, 2 at once." in capsys.readouterr().err
    assert wash.archive.accounts() == ["west-1", "west-2"]
    assert main(["sync", "-p", "north-*"]) == 2
    assert "has no profile that 'north-*' fits; it has east, west-1, west-2." in capsys.readouterr().err


def test_an_account_that_fails_costs_no_other_and_the_exit_code_is_the_worst(
    wash: Operators, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    edit(tmp_path, KEY, "wrong-key")
    assert sonnys("--all") == 1
    said = capsys.readouterr().err
    assert "east: " in said
    assert "wrong-key" not in said
    assert "sonnys: 1 of 3 accounts did not end well: east.\nhint: " in said
    assert wash.archive.accounts() == ["west-1", "west-2"]
    edit(tmp_path, f"api_key = '{KEY}'", "key_file = '/nowhere'")
    assert sonnys("--all") == 2
    said = capsys.readouterr().err
    assert "key_file='/nowhere' cannot be read" in said or "/nowhere" in said
    assert "2 of 3 accounts did not end well: east, west-1.\nhint: The lines above say what to do about each." in said


def test_an_account_that_another_run_holds_is_named_and_the_others_are_read(
    wash: Operators, capsys: pytest.CaptureFixture[str]
) -> None:
    with wash.archive.writing("east"):
        assert sonnys("--all") == 1
    assert "east: Another run is working on account east in " in capsys.readouterr().err
    assert wash.archive.accounts() == ["west-1", "west-2"]
    assert sonnys("--all") == 0


def test_a_bug_keeps_its_traceback_and_costs_no_other(wash: Operators, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = sync.run

    def broken(client: Any, archive: Archive, settings: Any, **more: Any) -> SyncReport:
        if settings.account == "east":
            raise ZeroDivisionError
        return whole(client, archive, settings, **more)

    monkeypatch.setattr(sync, "run", broken)
    with pytest.raises(ZeroDivisionError):
        sonnys("--all")
    assert wash.archive.accounts() == ["west-1", "west-2"]


def test_a_plan_is_printed_for_each_and_nothing_is_made(wash: Operators, capsys: pytest.CaptureFixture[str]) -> None:
    assert sonnys("--all", "--plan") == 0
    said = capsys.readouterr().out
    assert [line.partition(":")[0] for line in said.splitlines() if "days to read" in line] == NAMES
    assert not wash.archive.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--jobs", "2", "-p", "east"], "--jobs and --lease are for several accounts."),
        (["--all", "-p", "east"], "--all and --profile exclude each other."),
        (["--all", "--account", "x"], "--account is for one account."),
        (["--all", "--jobs", "0"], "must be a whole number above 0."),
        (["--all", "--lease", "http://:geheim@host"], "must be an address such as redis://host:6379/0"),
    ],
)
def test_what_makes_no_sense_is_said_before_all_else(
    words: list[str], said: str, wash: Operators, capsys: pytest.CaptureFixture[str]
) -> None:
    assert sonnys(*words) == 2
    told = capsys.readouterr().err
    assert said in told
    assert "geheim" not in told
    assert not wash.archive.exists()


def test_the_descriptors_are_asked_for_first(
    wash: Operators, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import resource

    monkeypatch.setattr(resource, "getrlimit", lambda _: (64, 64))
    assert sonnys("--all", "--jobs", "3") == 2
    assert "--jobs '3' needs 175 file descriptors, and this process may have 64.\nhint: Take 1 at most" in (
        capsys.readouterr().err
    )


def test_minutes_that_are_over_leave_the_rest_for_the_next_run(
    wash: Operators, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert sonnys("--all", "--jobs", "1", "--max-minutes", "0.000001") == 0
    said = capsys.readouterr().err
    assert "west-2: not begun.\n" in said
    assert "hint: Go on with: sonnys sync --all --jobs 1 --max-minutes 0.000001" in said


@pytest.mark.redis
def test_with_leases_an_account_is_done_once(
    wash: Operators, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    prefix = f"sonnys-test-{uuid.uuid4().hex}"
    monkeypatch.setattr(fleet, "RedisLeases", partial(RedisLeases, prefix=prefix))
    try:
        assert sonnys("--all", "--lease", URL) == 0
        capsys.readouterr()
        monkeypatch.setenv("SONNYS_LEASE", URL)
        assert sonnys("--all") == 0
        said = capsys.readouterr().err
        for name in NAMES:
            assert f"{name}: synced by another worker within the last hour.\n" in said
    finally:
        with redis.Redis.from_url(URL) as server:
            for key in list(server.scan_iter(f"{prefix}:*")):
                server.delete(key)


def test_two_runs_at_once_in_two_processes_fill_one_archive(wash: Operators) -> None:
    words = [sys.executable, "-m", "sonnys_data_client", "sync", *WORDS, *SINCE]
    runs = [
        subprocess.Popen([*words, "--profile", pattern], stderr=subprocess.PIPE, text=True, env=dict(os.environ))
        for pattern in ("east*", "west-*")
    ]
    said = [run.communicate(timeout=PATIENCE_S)[1] for run in runs]
    assert [run.returncode for run in runs] == [0, 0], said
    rows = wash.rows()
    assert rows["east"]
    assert rows["east"] == rows["west-1"] == rows["west-2"]
    assert wash.archive.check() == []


def test_ctrl_c_stops_all_and_says_how_to_go_on(tmp_path: Path) -> None:
    with operators(tmp_path, NAMES, job_s=1.0) as wash:
        words = [sys.executable, "-m", "sonnys_data_client", "sync", "--all", *WORDS]
        run = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
        wait_until(lambda: len(wash.server.sandbox.log) > 20)
        run.send_signal(signal.SIGINT)
        said = run.communicate(timeout=PATIENCE_S)[1]
        assert run.returncode == 130, said
        assert "sonnys: Stopped: 0 of 3 accounts are synced.\n" in said
        assert f"hint: Run it again with: sonnys sync --all {' '.join(WORDS)}\n" in said
        assert "Stopped: It was told to stop. What came is safe." in said
        for name in NAMES:  # nothing is held any more
            with wash.archive.writing(name):
                pass


def test_progress_of_many_is_no_progress_of_one(wash: Operators, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[SyncProgress] = []
    whole = sync.run

    def run(*given: Any, progress: SyncProgress, **more: Any) -> SyncReport:
        seen.append(progress)
        return whole(*given, progress=progress, **more)

    monkeypatch.setattr(sync, "run", run)
    assert sonnys("--all") == 0
    assert len({id(progress) for progress in seen}) == 3


@pytest.mark.redis
def test_a_worker_that_is_killed_is_replaced_by_another(tmp_path: Path) -> None:
    with operators(tmp_path, NAMES, job_s=1.0) as wash:
        words = [sys.executable, "-m", "sonnys_data_client", "sync", "--all", *WORDS, *SINCE, "--lease", URL]
        try:
            dying = subprocess.Popen([*words, "--jobs", "3"], stderr=subprocess.DEVNULL, env=dict(os.environ))
            wait_until(lambda: len(wash.server.sandbox.log) > 6)  # it has all three leases, and no day yet
            other = subprocess.Popen(words, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
            dying.kill()
            dying.wait()
            said = other.communicate(timeout=PATIENCE_S)[1]
            assert other.returncode == 0, said
            rows = wash.rows()
            assert rows["east"]
            assert rows["east"] == rows["west-1"] == rows["west-2"]
            assert len(set(rows["east"])) == len(rows["east"])
            assert wash.archive.check() == []
        finally:
            forget(wash)


def forget(wash: Operators) -> None:
    """Delete the leases of an archive's accounts."""
    with redis.Redis.from_url(URL) as server:
        for name in NAMES:
            for key in list(server.scan_iter(f"sonnys:lease:{{{lease_name(wash.archive.address, name)}}}:*")):
                server.delete(key)
