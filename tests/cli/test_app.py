"""The parser: what reaches a command."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.demo import play


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What the demo was told, instead of playing it."""
    told: list[Any] = []
    monkeypatch.setattr(play, "play", lambda out, **options: told.append((out, options)))
    return told


def test_options_reach_the_command_with_their_types(played: list[Any]) -> None:
    assert app.run(["demo", "--out", "x/y", "--speed", "4", "--sites=2", "--seed", "7"]) == 0
    assert played == [(Path("x/y"), {"speed": 4.0, "sites": 2, "seed": 7})]


def test_defaults(played: list[Any]) -> None:
    app.run(["demo"])
    assert played == [(Path("demo-output"), {"speed": 1.5, "sites": 3, "seed": 1})]


def test_an_error_is_handled_with_verbose_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(out: Path, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(play, "play", stop)
    assert app.run(["demo", "-v"]) == 130
    assert capsys.readouterr().err == "sonnys: stopped.\n"
