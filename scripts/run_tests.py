"""Run the tests under conditions that this machine does not have right now: on other days, and with busy cores.

A day is made by libfaketime, which tells every process of a run another time. The tests pin no clock then. So it is
the package that meets the day, with its sandbox, its command line and its children; `tests/days.py` says what is
pinned otherwise.

Usage, where the rest of the words goes to pytest:
    python scripts/run_tests.py days [--no-skips ...]          each of `DAYS`
    python scripts/run_tests.py day=TEXT [--no-skips ...]      one of them, drawn from a text such as a commit's hash
    python scripts/run_tests.py busy [--no-skips ...]          today, while something else keeps every core busy
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[1]
CHICAGO = "America/Chicago"

READ_ONCE = {"FAKETIME_CACHE_DURATION": str(10**9)}
"""How long libfaketime goes by what it has read from the environment, in seconds: for ever.

It would read it every ten seconds otherwise, in whichever thread asks for the time, while a test may be changing it.
"""


@dataclass(frozen=True, slots=True)
class Day:
    """A moment at which a run of the tests begins.

    Attributes:
        about: What is special about it.
        begins: The moment, by a clock in `zone`.
        zone: The time zone of the machine.
    """

    about: str
    begins: str
    zone: str = "UTC"

    def __str__(self) -> str:
        return f"{self.about} ({self.begins} {self.zone})"


DAYS = (
    Day("the day before clocks go forward", "2027-03-13 20:00:00", CHICAGO),
    Day("a minute before clocks go forward", "2027-03-14 01:59:00", CHICAGO),
    Day("the day before clocks go back", "2027-11-06 20:00:00", CHICAGO),
    Day("a minute before clocks go back", "2027-11-07 01:59:00", CHICAGO),
    Day("the last minute of a month in UTC", "2027-04-30 23:59:00"),
    Day("the last minute of a month in Chicago", "2027-01-31 23:59:00", CHICAGO),
    Day("the last minute of a year", "2027-12-31 23:59:00"),
    Day("1 January", "2028-01-01 00:00:10"),
    Day("29 February", "2028-02-29 12:00:00"),
    Day("the last minute of 29 February", "2028-02-29 23:59:00"),
    Day("a Friday 13th", "2027-08-13 13:13:00", CHICAGO),
    Day("a day in three years", "2029-11-30 04:00:00"),
    Day("the first night of a quarter, east of UTC", "2027-07-01 00:30:00", "Asia/Kolkata"),
)


def main(words: Sequence[str]) -> int:
    """Run what is asked for; returns the exit status."""
    match words:
        case ["days", *rest]:
            return on(DAYS, rest)
        case [word, *rest] if word.startswith("day="):
            return on([drawn(word.removeprefix("day="))], rest)
        case ["busy", *rest]:
            with busy_cores():
                return pytest(rest)
        case _:
            print(__doc__, file=sys.stderr)
            return 2


def drawn(text: str) -> Day:
    """Draw a day, the same one for the same text."""
    return DAYS[int(hashlib.sha256(text.encode()).hexdigest(), 16) % len(DAYS)]


def on(days: Sequence[Day], words: Sequence[str]) -> int:
    """Run the tests on some days, on all of them even if they fail on one."""
    if shutil.which("faketime") is None:
        print("days: skipped, because faketime is missing: install Debian's package faketime.", file=sys.stderr)
        return int("--no-skips" in words)
    failed: list[Day] = []
    for number, day in enumerate(days, 1):
        print(f"days: {number} of {len(days)}: {day}", flush=True)
        clock = {"TESTS_NOW": "machine", "TZ": day.zone, "PYTHONPATH": str(ROOT / "tests" / "clock"), **READ_ONCE}
        if pytest(words, before=faketime(day), env=clock):
            failed.append(day)
    for day in failed:
        print(f"days: FAILED on {day}")
    print(f"days: {len(days) - len(failed)} of {len(days)} green")
    return int(bool(failed))


def faketime(day: Day) -> list[str]:
    """Return the words before a command that make it see another time.

    The offset is given, and not the moment: with a moment, each process that a test starts would begin at it anew, and
    be minutes behind the test. Only the wall clock is another one: libfaketime cannot fake the monotonic clock of
    Python's locks. `-m` is for processes with threads, which all of ours are.
    """
    begins = datetime.fromisoformat(day.begins).replace(tzinfo=ZoneInfo(day.zone))
    return ["faketime", "-m", "--exclude-monotonic", "-f", f"{begins.timestamp() - time.time():+.0f}s"]


@contextmanager
def busy_cores() -> Generator[None]:
    """Keep every core busy until the block ends."""
    cores = os.cpu_count() or 1
    print(f"busy: a process that never rests for each of {cores} cores", flush=True)
    spinners = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(cores)]
    try:
        yield
    finally:
        for spinner in spinners:
            spinner.kill()
            spinner.wait()


def pytest(words: Sequence[str], *, before: Sequence[str] = (), env: dict[str, str] | None = None) -> int:
    """Run pytest; returns its exit status."""
    command = [*before, sys.executable, "-m", "pytest", "--quiet", *words]
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **(env or {})}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
