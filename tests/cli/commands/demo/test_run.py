"""The demo, end to end: a sandbox, two processes, a SIGKILL, and a whole archive."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.demo import run as play
from tests.waiting import PATIENCE_S

SMALL = ["--days", "2", "--sites", "1", "--speed", "50", "--seed", "3"]


def test_the_demo_kills_a_sync_goes_on_and_shows_that_nothing_is_lost(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sonnys_data_client", "demo", "--out", str(tmp_path), *SMALL]
    # The user's own settings must not reach the demo.
    env = {**os.environ, "SONNYS_PROFILE": "mine", "SONNYS_SITE_CODE": "MINE", "SONNYS_TIMEZONE": "Nowhere"}
    run = subprocess.run(command, env=env, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert run.returncode == 0, run.stderr
    killed, again = run.stderr.split("Killed the sync (SIGKILL) after ")
    assert "\n$ sonnys sync --only-transactions --since=" in killed
    assert "\n$ sonnys sync --only-transactions --since=" in again
    assert "days archived" not in killed
    assert "days archived" in again
    told = re.search(r"All ([\d,]+) transactions of 2 days are as in the sandbox's books\.\n", again)
    assert told is not None, again
    assert re.search(r"Both syncs together took \d+ requests for \d+ pages: \d\.\d\d a page, and 3 is the least", again)
    assert "\x1b" not in run.stderr
    with Archive(tmp_path / "archive").sql("SELECT count(*), count(DISTINCT id) FROM transactions") as answer:
        ((rows, ids),) = answer.fetchall()
    assert rows == ids > 300
    assert int(told[1].replace(",", "")) <= rows, "the archive has the rows of today so far, too"
    assert "demo: " in run.stdout
    assert re.search(r"^day +transactions +of_members +money$", run.stdout, re.MULTILINE)


def test_an_earlier_demo_s_archive_makes_room_and_nobody_else_s_does(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = tmp_path / "archive"
    with Archive(archive).writing():
        pass
    scene = play.Scene(tmp_path, 10, 1, 1, 1)
    play._clear(scene)
    assert not archive.exists()
    with Archive(archive).writing():
        pass
    monkeypatch.setattr(Archive, "accounts", lambda _: ["acme", "demo"])
    assert main(["demo", "--out", str(tmp_path), *SMALL]) == 2
    assert "holds an archive of other accounts.\nhint: Give another directory with --out." in capsys.readouterr().err
    assert archive.exists()


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_at_once_ends_the_sync_and_says_how_to_play_again(asked: int, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sonnys_data_client", "demo", "--out", str(tmp_path / "x y"), "--speed", "1"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as demo:
        assert demo.stderr is not None
        assert demo.stdout is not None
        assert any("days to read" in line for line in iter(demo.stderr.readline, ""))
        demo.send_signal(asked)
        assert demo.wait(timeout=PATIENCE_S) == 130
        *_, kept, again = demo.stderr.read().splitlines()  # ends only when the sync has ended, too
        assert kept == f"sonnys: Stopped: the rows that came are in {tmp_path / 'x y' / 'archive'}."
        assert again == (
            f"hint: Run it again with: sonnys demo '--out={tmp_path / 'x y'}' --speed=1 --sites=3 --days=7 --seed=1"
        )
        assert demo.stdout.read() == ""


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--speed 0", "speed must be a number above 0"),
        ("--sites 0", "sites must be a whole number from 1 up"),
        ("--days 0", "--days '0' must be a whole number from 1 to 180."),
    ],
)
def test_what_cannot_be_is_refused(words: str, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--out", str(tmp_path), *words.split()]) == 2
    assert said in capsys.readouterr().err


def test_a_directory_that_cannot_be_written_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere
    assert main(["demo", "--out", str(tmp_path)]) == 2
    assert capsys.readouterr().err == (
        f"sonnys: --out '{tmp_path}' is a directory that is read-only.\nhint: Give another directory with --out.\n"
    )
