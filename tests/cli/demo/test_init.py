"""The command itself is light: what it needs comes when it runs."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli.demo import demo, play


def test_it_hands_its_options_over(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(play, "play", lambda *given, **options: told.append((given, options)))
    demo(out=Path("x"), speed=2, sites=1, seed=9)
    assert told == [((Path("x"),), {"speed": 2, "sites": 1, "seed": 9})]


def test_every_option_is_explained() -> None:
    for name in inspect.signature(demo).parameters:
        assert f"        {name}: " in (demo.__doc__ or "")


def test_importing_it_imports_nothing_of_others() -> None:
    code = "import sys; import sonnys_data_client.cli.demo; print('rich' in sys.modules or 'duckdb' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
