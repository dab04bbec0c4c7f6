"""After a fork, parent and child each have their own connections and locks: no answer goes to the wrong process."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from tests.forks import needs_fork

ROOT = Path(__file__).parents[2]
CALLS = 60
"""In each process. By hand, `python -m tests.hostile.forking answers URL ID KEY 1000` asks for as many as it likes."""

pytestmark = needs_fork


@pytest.fixture(scope="module")
def server() -> Generator[RunningSandbox]:
    with running_sandbox(SandboxConfig(limit=10**9, job_s=0.05, cars_per_day=60, sites=1)) as server:
        yield server


def play(server: RunningSandbox, scenario: str, calls: int = 1) -> dict[str, Any]:
    run = subprocess.run(
        [
            *(sys.executable, "-m", "tests.hostile.forking", scenario),
            *(server.base_url, server.api_id, server.api_key, str(calls)),
        ],
        capture_output=True,
        text=True,
        cwd=ROOT,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    told: dict[str, Any] = json.loads(run.stdout)
    return told


def test_three_children_and_their_parent_get_the_answers_to_their_own_questions(server: RunningSandbox) -> None:
    assert play(server, "answers", CALLS) == {"calls": 4 * CALLS, "wrong": 0, "errors": []}


def test_a_pool_of_workers_lists_what_one_process_does(server: RunningSandbox) -> None:
    assert play(server, "pool", 8) == {"calls": 64, "wrong": 0}


def test_locks_that_are_held_at_the_fork_hold_up_no_child(server: RunningSandbox) -> None:
    assert play(server, "locks") == {"sites": 1, "parent": 1}


def test_a_child_that_closes_the_client_closes_its_own_connections(server: RunningSandbox) -> None:
    assert play(server, "closing") == {"sites": 1, "closed": True, "parent": 1}


def test_a_child_that_never_asks_leaves_the_connection_alone(server: RunningSandbox) -> None:
    assert play(server, "leaving") == {"status": 0, "parent": 1}


def test_an_export_that_is_forked_goes_on_in_the_parent_alone(server: RunningSandbox) -> None:
    told = play(server, "running")
    assert "began in another process" in told["error"]
    assert told["complete"]
    assert told["parent"] > 1


def test_with_asyncio_each_process_has_its_own_event_loop_and_connections(server: RunningSandbox) -> None:
    told = play(server, "aio")
    assert (told["sites"], told["parent"], told["complete"]) == (1, 1, True)
    assert "began in another process" in told["error"]
    assert told["left"] > 0
