"""The runs on other days: which days there are, which one a commit draws, and what happens without faketime."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scripts.run_tests import CHICAGO, DAYS, READ_ONCE, drawn, faketime, main
from tests.days import machines_time, unpinned


def begins(about: str) -> datetime:
    (day,) = [day for day in DAYS if day.about == about]
    return datetime.fromisoformat(day.begins).replace(tzinfo=ZoneInfo(day.zone))


def test_the_days_are_what_they_are_said_to_be() -> None:
    assert len(DAYS) == len({str(day) for day in DAYS}) >= 12
    for way, hours in (("forward", 1), ("back", -1)):
        before = begins(f"a minute before clocks go {way}")
        after = (before.astimezone(ZoneInfo("UTC")) + timedelta(minutes=1)).astimezone(ZoneInfo(CHICAGO))
        assert (after.utcoffset() or timedelta()) - (before.utcoffset() or timedelta()) == timedelta(hours=hours)
        assert begins(f"the day before clocks go {way}").date() == before.date() - timedelta(days=1)
    assert (begins("a Friday 13th").weekday(), begins("a Friday 13th").day) == (4, 13)
    assert (begins("29 February") + timedelta(days=1)).day == 1


def test_a_commit_always_draws_the_same_day_and_others_draw_others() -> None:
    assert drawn("cd2d9bf") == drawn("cd2d9bf")
    assert {drawn(str(number)) for number in range(500)} == set(DAYS)


@pytest.mark.parametrize(("words", "code"), [(["days"], 0), (["day=cd2d9bf", "--no-skips"], 1), (["nights"], 2)])
def test_without_faketime_it_says_so_and_that_is_a_failure_if_nothing_may_be_skipped(
    words: list[str], code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _: None)
    assert main(words) == code
    assert ("days: skipped, because faketime is missing" in capsys.readouterr().err) == (code != 2)


@pytest.mark.machine_times
@pytest.mark.skipif(shutil.which("faketime") is None, reason="faketime is missing: install Debian's package faketime")
def test_a_process_that_starts_later_sees_the_same_clock_and_not_the_same_moment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.time", machines_time)
    now = "import time; print(time.time(), flush=True)"
    script = (
        f"import time; time.sleep(0.3); {now}; import os, sys; os.execl(sys.executable, sys.executable, '-c', {now!r})"
    )
    day = DAYS[0]
    before = time.monotonic()
    shown = subprocess.run(
        [*faketime(day), sys.executable, "-c", script],
        env=unpinned() | READ_ONCE,
        capture_output=True,
        text=True,
        check=True,
    )
    took = time.monotonic() - before
    parent, child = (float(line) - begins(day.about).timestamp() for line in shown.stdout.split())
    assert 0.3 - 1 <= parent <= child <= took + 1, "the moment itself is rounded to a second"
