"""`FILE.jobs`: what it keeps and for which account, and that an export may be killed at any moment."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, closing, suppress
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.cli.commands.export.shelf import JobFile, kept_jobs
from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from tests.sandbox.rig import FETCH, SUBMIT

SONNYS = [sys.executable, "-m", "sonnys_data_client"]
DAYS = "last-3-days"


def handle(hash_: str, age_s: float = 100.0) -> dict[str, Any]:
    submitted_at = time.time() - age_s
    return {"hash": hash_, "start": 0, "stop": 9, "site": None, "page": 1, "limit": 100, "submitted_at": submitted_at}


def job_file(path: Path, owner: str = "me", purpose: str = "march") -> JobFile:
    return JobFile(path, owner, [purpose])


def kept(out: Path | None) -> AbstractContextManager[JobFile | None]:
    return kept_jobs(out, "me", ["march"])


ANSWER = {"rows": '[{"id":"1:1","total":12.340}]', "total": 1}


def test_handles_and_pages_are_there_for_the_next_process(tmp_path: Path) -> None:
    with closing(job_file(tmp_path / "jobs")) as shelf:
        assert shelf.live() == []
        handles = {name: handle(name, age_s) for name, age_s in (("b", 20.0), ("a", 30.0), ("c", 10.0))}
        for each in handles.values():
            shelf.store(each)
        shelf.answered(handle("b"), ANSWER)
        shelf.strike(handle("c"))
        shelf.strike(handle("never stored"))
    with closing(job_file(tmp_path / "jobs")) as shelf:
        assert shelf.live() == [handles["a"], handles["b"] | {"answer": ANSWER}]
        shelf.store(handles["b"])
        assert shelf.live()[1] == handles["b"], "a job that was submitted again has no page yet"
        shelf.clear()
        assert shelf.live() == []


@pytest.mark.parametrize(("owner", "purpose"), [("you", "march"), ("me", "april")])
def test_jobs_of_another_account_or_question_are_neither_seen_nor_lost(
    owner: str, purpose: str, tmp_path: Path
) -> None:
    ours, theirs = handle("a", 30.0), handle("a", 20.0)
    with closing(job_file(tmp_path / "jobs")) as shelf:
        shelf.store(ours)
        shelf.answered(ours, ANSWER)
    with closing(job_file(tmp_path / "jobs", owner, purpose)) as shelf:
        assert shelf.live() == []
        shelf.strike(theirs)
        shelf.answered(theirs, {"rows": "[]", "total": 0})
        shelf.store(theirs)
        assert shelf.live() == [theirs], "two servers may give two jobs one hash"
        shelf.clear()
        assert not shelf.is_empty()
    with closing(job_file(tmp_path / "jobs")) as shelf:
        assert shelf.live() == [ours | {"answer": ANSWER}]


def test_the_file_stays_as_long_as_another_export_has_jobs_in_it(tmp_path: Path) -> None:
    out, jobs = tmp_path / "day.csv", tmp_path / "day.csv.jobs"
    with closing(job_file(jobs, "you")) as shelf:
        shelf.store(handle("a"))
    with kept(out) as found:
        assert found is not None
        found.store(handle("b"))
    with closing(job_file(jobs, "you")) as shelf:
        assert [handle["hash"] for handle in shelf.live()] == ["a"]
        shelf.clear()
    with kept(out):
        pass
    assert list(tmp_path.iterdir()) == []


def test_jobs_that_an_earlier_version_kept_are_dropped_because_they_do_not_say_what_they_are_for(
    tmp_path: Path,
) -> None:
    with closing(sqlite3.connect(tmp_path / "jobs", isolation_level=None)) as before:
        before.executescript("CREATE TABLE jobs (hash TEXT, source TEXT); INSERT INTO jobs VALUES ('a', 'me');")
        before.execute("PRAGMA user_version = 2")
    with closing(job_file(tmp_path / "jobs")) as shelf:
        assert shelf.is_empty()
        shelf.store(handle("b"))
        assert len(shelf.live()) == 1


def test_one_process_has_it_alone(tmp_path: Path) -> None:
    with closing(job_file(tmp_path / "jobs")), pytest.raises(sqlite3.OperationalError, match="locked"):
        job_file(tmp_path / "jobs")
    job_file(tmp_path / "jobs").close()


def hashes_then_stop(out: Path) -> list[str]:
    """Open the shelf as an export does, stop, and return the hashes that were on it."""
    found: list[str] = []
    with suppress(KeyboardInterrupt), kept(out) as shelf:
        assert shelf is not None
        found += [kept["hash"] for kept in shelf.live()]
        raise KeyboardInterrupt
    return found


@pytest.mark.machine_times
def test_it_goes_with_the_end_of_the_export_and_stays_with_an_error(tmp_path: Path) -> None:
    out = tmp_path / "day.csv"
    assert hashes_then_stop(out) == []
    with closing(job_file(tmp_path / "day.csv.jobs")) as shelf:
        shelf.store(handle("a"))
    assert hashes_then_stop(out) == ["a"]
    with kept(out) as shelf:
        assert shelf is not None
        assert [kept["hash"] for kept in shelf.live()] == ["a"]
    assert list(tmp_path.iterdir()) == []
    with kept(None) as shelf:
        assert shelf is None


def test_pages_are_kept_for_twelve_hours(tmp_path: Path) -> None:
    out, jobs = tmp_path / "day.csv", tmp_path / "day.csv.jobs"
    for age_h, expected in ((11.9, 1), (12.1, 0)):
        with closing(job_file(jobs)) as shelf:
            shelf.store(handle("a"))
            shelf._database.execute("UPDATE jobs SET kept_at = kept_at - ?", (age_h * 3600,))
        assert len(hashes_then_stop(out)) == expected


def test_the_ledger_of_an_archive_is_not_taken_for_it(tmp_path: Path) -> None:
    Ledger(tmp_path / "day.csv.jobs", writing=True).close()
    before = (tmp_path / "day.csv.jobs").read_bytes()
    with pytest.raises(Refusal, match="has layout"), kept(tmp_path / "day.csv"):
        pass
    assert (tmp_path / "day.csv.jobs").read_bytes() == before


def test_a_full_disk_is_one_clear_error(tmp_path: Path) -> None:
    with closing(job_file(tmp_path / "jobs")) as shelf:
        shelf._database.execute("PRAGMA max_page_count = 3")
        shelf.store(handle("a"))
        with pytest.raises(SonnysError, match=r"jobs cannot be used \(database or disk is full\)\. Make room"):
            shelf.answered(handle("a"), {"rows": "x" * 100_000, "total": 1})
        assert [kept["hash"] for kept in shelf.live()] == ["a"]


# -- killed, for real -----------------------------------------------------------------------------------------------


def account(local: RunningSandbox, folder: Path) -> dict[str, str]:
    return {
        **os.environ,
        "SONNYS_API_ID": local.api_id,
        "SONNYS_API_KEY": local.api_key,
        "SONNYS_BASE_URL": local.base_url,
        "SONNYS_THROTTLE": "20/0.75",
        "SONNYS_CONFIG": str(folder / "config.toml"),
    }


def ids(file: Path) -> list[str]:
    return [json.loads(line)["id"] for line in file.read_text(encoding="utf-8").splitlines()]


def pages_submitted(log: Any) -> list[tuple[str, str]]:
    queries: list[Mapping[str, str]] = [dict(entry.query) for entry in log if entry.path == SUBMIT]
    return [(query["startDate"], query["offset"]) for query in queries]


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL")
def test_killed_at_any_moment_it_goes_on_and_the_file_is_whole(tmp_path: Path) -> None:
    with running_sandbox(SandboxConfig(cars_per_day=500, sites=1, job_s=8), speed=20) as local:
        command, env = [*SONNYS, "export", DAYS, "--out", "days.ndjson"], account(local, tmp_path)
        log = local.sandbox.log
        for moment in (5, 8, 11):
            already = len(log)
            with subprocess.Popen(command, cwd=tmp_path, env=env, stderr=subprocess.DEVNULL) as export:
                # The last is killed once it has asked for a result: on a fast machine all 11 may be submissions.
                while export.poll() is None and (
                    len(log) - already < moment or (moment == 11 and not any(entry.path == FETCH for entry in log))
                ):
                    time.sleep(0.005)
                export.send_signal(signal.SIGKILL)
            assert not (tmp_path / "days.ndjson").exists()
        fetched = sum(entry.path == FETCH for entry in log)
        done = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert fetched > 0
        pages = pages_submitted(log)
        subprocess.run([*command[:-1], "again.ndjson"], cwd=tmp_path, env=env, capture_output=True, check=True)
    assert sorted(ids(tmp_path / "days.ndjson")) == sorted(ids(tmp_path / "again.ndjson"))
    assert len(ids(tmp_path / "days.ndjson")) > 200
    assert len(pages) <= len(set(pages)) + 3 * 20, "what was on the wire at a kill is submitted again, and no more"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["again.ndjson", "days.ndjson"]


def test_it_needs_nothing_of_the_archive_s_extra(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules.update(dict.fromkeys(('duckdb', 'fsspec', 'pytz', 'pyarrow', 'polars')))\n"
        f"from sonnys_data_client.cli import main; sys.exit(main(['export', '{DAYS}', '--out', 'days.ndjson']))"
    )
    with running_sandbox(SandboxConfig(cars_per_day=20, sites=1), speed=20) as local:
        run = subprocess.run(
            [sys.executable, "-c", code],
            cwd=tmp_path,
            env=account(local, tmp_path),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert run.returncode == 0, run.stderr
    assert len(ids(tmp_path / "days.ndjson")) > 20


@pytest.mark.skipif(os.name != "posix", reason="Windows has no modes")
def test_pages_that_are_kept_are_their_owners_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        (tmp_path / "old").write_bytes(b"")  # as an earlier version made it
        for name in ("new", "old"):
            with closing(job_file(tmp_path / name)) as shelf:
                shelf.store(handle("a"))
                shelf.answered(handle("a"), ANSWER)
                assert {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob(f"{name}*")} == {0o600}
    finally:
        os.umask(before)
