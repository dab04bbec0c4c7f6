"""The command line in a real terminal: moving displays, Ctrl-C, narrow terminals, and no colour when asked."""

from __future__ import annotations

import os
import threading
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

from sonnys_data_client.engine.wire import Request
from sonnys_data_client.sandbox import Reply, SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from tests.cli.terminal import CTRL_C, Terminal
from tests.sandbox.rig import FETCH
from tests.waiting import PATIENCE_S

EXPORT = ["export", "yesterday", "--out", "day.ndjson"]


@pytest.fixture
def local(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[RunningSandbox]:
    """An account whose jobs take half a second, and whose days have a few pages."""
    monkeypatch.chdir(tmp_path)
    with running_sandbox(SandboxConfig(cars_per_day=150, sites=1, job_s=8), speed=20) as local:
        yield local


@pytest.fixture
def account(local: RunningSandbox, tmp_path: Path) -> dict[str, str]:
    """Environment of that account."""
    return {
        "SONNYS_API_ID": local.api_id,
        "SONNYS_API_KEY": local.api_key,
        "SONNYS_BASE_URL": local.base_url,
        "SONNYS_THROTTLE": "20/0.75",
        "SONNYS_CONFIG": str(tmp_path / "config.toml"),
    }


@contextmanager
def unanswered(local: RunningSandbox, path: str) -> Generator[None]:
    """Keep requests for a path waiting until the block ends."""
    over, handle = threading.Event(), local.sandbox.handle

    def hold(request: Request, now: float) -> Reply:
        if request.path == path:
            over.wait(PATIENCE_S)
        return handle(request, now)

    with mock.patch.object(local.sandbox, "handle", hold):
        try:
            yield
        finally:
            over.set()


@pytest.mark.parametrize("width", [60, 80])
def test_progress_moves_fits_and_leaves_no_trace(width: int, account: dict[str, str]) -> None:
    with Terminal(EXPORT, account, width=width) as terminal:
        terminal.wait_for(" pages, ")
        assert terminal.end() == 0, terminal.text
        assert any(line.endswith("in flight") for line in terminal.lines), "what belongs together stays together"
        assert terminal.colours
        assert max(map(len, terminal.lines)) <= width
        last = terminal.raw.rpartition("\x1b[2K")[2]
    assert "Wrote day.ndjson (" in " ".join(last.split())
    assert "0 rows" not in last


@pytest.mark.parametrize(("words", "env"), [(["--no-color"], {}), ([], {"NO_COLOR": "1"})])
def test_no_colour_when_asked(words: list[str], env: dict[str, str], account: dict[str, str]) -> None:
    with Terminal([*words, *EXPORT], account | env) as terminal:
        terminal.wait_for(" pages, ")
        assert terminal.end() == 0, terminal.text
        assert terminal.colours == []
    with Terminal([*words, "--help"], account | env) as terminal:
        assert terminal.end() == 0, terminal.text
        assert terminal.colours == []


def test_rows_that_go_into_a_pipe_leave_the_terminal_to_progress(account: dict[str, str], tmp_path: Path) -> None:
    with Terminal(["export", "yesterday"], account, into=tmp_path / "rows") as terminal:
        terminal.wait_for(" pages, ")
        assert terminal.end() == 0, terminal.text
    rows = (tmp_path / "rows").read_text().splitlines()
    assert len(rows) > 100
    assert all(row.startswith('{"id": ') for row in rows)


def test_rows_that_come_back_through_a_pipe_are_not_wiped_out(account: dict[str, str], tmp_path: Path) -> None:
    """`sonnys export today | head`: the display and the rows are on one terminal."""
    with Terminal(["export", "yesterday"], account, through=["head", "-n", "3"]) as terminal:
        terminal.end()
        assert "\x1b[2K" not in terminal.raw, "no line is cleared"
        assert sum(line.startswith('{"id": ') for line in terminal.lines) == 3


def test_rows_that_go_to_the_terminal_are_not_disturbed_by_progress(account: dict[str, str]) -> None:
    with Terminal(["export", "yesterday", "--format", "csv"], account) as terminal:
        assert terminal.end() == 0, terminal.text
        assert " in flight" not in terminal.text
        assert "\x1b[2K" not in terminal.raw


def test_a_character_that_comes_in_parts_is_read_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    read = os.read
    monkeypatch.setattr("os.read", lambda file, _: read(file, 1))
    with Terminal(["--help"], {}) as terminal:
        assert terminal.end() == 0, terminal.text
        assert "─" in terminal.text


def test_ctrl_c_stops_says_how_to_go_on_and_that_works(local: RunningSandbox, account: dict[str, str]) -> None:
    with unanswered(local, FETCH), Terminal(EXPORT, account) as terminal:
        terminal.wait_for(" in flight")
        terminal.press(CTRL_C)
        assert terminal.end() == 130, terminal.text
        assert "sonnys: Stopped: " in terminal.text
        assert terminal.lines[-2] == "hint: Run it again with: sonnys export yesterday --out day.ndjson"
        assert "Traceback" not in terminal.text
    assert not Path("day.ndjson").exists()
    with Terminal(EXPORT, account) as terminal:
        assert terminal.end() == 0, terminal.text
    assert len(Path("day.ndjson").read_text().splitlines()) > 100
