"""`sonnys throttle`: what is left of the period, and who takes it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.throttle.run import picture
from sonnys_data_client.engine.throttle import ThrottleLimits, ThrottleState
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Response
from sonnys_data_client.throttles.keepers import throttle_at
from tests.waiting import PATIENCE_S

URL = "http://127.0.0.1:9/v1"


@pytest.fixture
def keeper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return a keeper of the test's own, with an account that it keeps a ledger for."""
    keeper = f"machine:{tmp_path}/throttle"
    monkeypatch.setenv("SONNYS_CONFIG", str(tmp_path / "none.toml"))
    for name, value in (("API_ID", "an-id"), ("API_KEY", "a-key"), ("BASE_URL", URL), ("THROTTLE_KEEPER", keeper)):
        monkeypatch.setenv(f"SONNYS_{name}", value)
    return keeper


def test_who_took_how_much_and_what_is_left(keeper: str, capsys: pytest.CaptureFixture[str]) -> None:
    throttle = throttle_at(keeper, URL, "an-id", ThrottleLimits())
    for _ in range(3):
        token = throttle.reserve(time.monotonic(), Asker("sync")).token
        assert token is not None
        throttle.record_end(token, Response(200, b"{}", {}), time.monotonic(), time.time())
    throttle.reserve(time.monotonic(), Asker("get", interactive=True))
    assert main(["throttle", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["limit"], told["allowed"], told["taken"]) == (20, 20, 4)
    assert [(holder["taken"], holder["served"], holder["interactive"]) for holder in told["holders"]] == [
        (3, 3, False),
        (1, 0, True),
    ]
    assert main(["throttle"]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("4 of 20 requests of this period are taken, 16 left.\n")
    assert "interactive" in shown


def test_after_a_429_it_says_that_somebody_else_spends_some() -> None:
    state = ThrottleState(limit=20, allowed=12, taken=12, frees_in_s=3.2, holders=())
    assert str(picture(state)) == (
        "12 of 12 requests of this period are taken, 0 left; the next is free in 3 s. Somebody else spends some of the "
        "20: there were 429s. Nobody has asked for one of late."
    )


def test_where_nobody_has_asked(keeper: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["throttle"]) == 0
    assert " ".join(capsys.readouterr().out.split()) == (
        "0 of 20 requests of this period are taken, 20 left. Nobody has asked for one of late."
    )


def test_a_process_that_counts_alone_cannot_be_looked_into(
    keeper: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SONNYS_THROTTLE_KEEPER", "process")
    assert main(["throttle"]) == 2
    assert "Each process counts for itself" in capsys.readouterr().err


def test_a_keeper_that_is_away_is_one_sentence(
    keeper: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SONNYS_THROTTLE_KEEPER", "redis://user:secret-word@127.0.0.1:1/0")
    assert main(["throttle"]) == 1
    said = capsys.readouterr().err
    assert "The throttle's keeper cannot be read: Redis (ConnectionError)." in said
    assert "secret-word" not in said


def test_watching_goes_on_until_ctrl_c(keeper: str) -> None:
    command = [sys.executable, "-m", "sonnys_data_client", "throttle", "--watch", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as watching:
        assert watching.stdout is not None
        assert [json.loads(watching.stdout.readline())["taken"] for _ in range(2)] == [0, 0]
        watching.send_signal(signal.SIGINT)
        assert watching.wait(PATIENCE_S) == 130
