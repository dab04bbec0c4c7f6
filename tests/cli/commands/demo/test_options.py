"""`sonnys demo`: its options, and that importing it imports little."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.demo import run as play
from sonnys_data_client.cli.commands.demo.run import Scene


@pytest.mark.parametrize(
    ("words", "scene"),
    [
        ("demo", Scene(Path("demo-output"), 10.0, 3, 7, 1)),
        ("demo --out x --speed 2 --sites 1 --days 2 --seed 9", Scene(Path("x"), 2.0, 1, 2, 9)),
    ],
)
def test_options_become_a_scene(words: str, scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    played: list[Any] = []
    monkeypatch.setattr(play, "play", played.append)
    assert app.run(words.split()) == 0
    assert played == [scene]


def test_importing_it_imports_nothing_of_others() -> None:
    module = "sonnys_data_client.cli.commands.demo.options"
    code = f"import sys; import {module}; print('rich' in sys.modules or 'duckdb' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
