"""Every process of a test run lives on one day, and somebody may choose it."""

from __future__ import annotations

import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.days import NOON, machines_time, today, unpinned

ROOT = Path(__file__).parents[1]
TELL = "import time; print(time.time(), time.time_ns() / 1e9)"
PIN_AND_TELL = f"from tests.days import pin_the_day; pin_the_day(); {TELL}"


def told(code: str, **env: str) -> list[float]:
    """What a process without a pinned clock, unless these variables pin it, says that the time is."""
    environment = {name: value for name, value in unpinned().items() if name != "TESTS_NOW"}
    command = [sys.executable, "-c", code]
    run = subprocess.run(command, cwd=ROOT, env=environment | env, capture_output=True, text=True, check=True)
    return [float(word) for word in run.stdout.split()]


@pytest.mark.machine_times
def test_a_process_that_a_test_starts_has_the_clock_of_the_test() -> None:
    before = time.time()
    started = subprocess.run([sys.executable, "-c", TELL], capture_output=True, text=True, check=True)
    assert [before <= float(word) <= time.time() for word in started.stdout.split()] == [True, True]
    assert str(today()) == str(datetime.fromtimestamp(before, UTC).date())


@pytest.mark.parametrize("asked", [NOON, "2028-02-29T23:58Z"])
def test_the_clock_starts_at_the_moment_that_was_asked_for(asked: str) -> None:
    env = {} if asked == NOON else {"TESTS_NOW": asked}
    for second in told(PIN_AND_TELL, **env):
        assert 0 <= second - datetime.fromisoformat(asked).timestamp() < 60


@pytest.mark.machine_times
def test_the_clock_of_the_machine_is_left_alone_if_asked() -> None:
    machine = machines_time()
    for second in told(PIN_AND_TELL, TESTS_NOW="machine"):
        assert 0 <= second - machine < 60
