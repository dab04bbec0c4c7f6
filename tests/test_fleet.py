"""The page about many accounts: its commands exist, and its example runs."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sonnys_data_client.cli.app import build
from tests.cli.test_app import words_of
from tests.sync.fleet_rig import operators
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = [line for kind, text in BLOCKS if not kind for line in text.splitlines()]
INLINE = [text for text in re.findall(r"`(sonnys [a-z][^`]*)`", PAGE) if " DAY" not in text]
EXAMPLE = (ROOT / "examples" / "fleet.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("command", [*COMMANDS, *INLINE])
def test_its_commands_are_commands_that_there_are(command: str) -> None:
    function, *_ = build().parse_args([word for word in words_of(command) if not word.startswith("west-")])
    assert callable(function)


def test_its_example_is_one_of_the_examples() -> None:
    (shown,) = [text for kind, text in BLOCKS if kind == "python"]
    assert EXAMPLE.endswith(shown)


def test_the_example_syncs_every_profile(tmp_path: Path) -> None:
    with operators(tmp_path, ["east", "west"], cars_per_day=1) as wash:
        run = subprocess.run(
            [sys.executable, str(ROOT / "examples" / "fleet.py")],
            env=dict(os.environ),
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
        assert run.returncode == 0, run.stderr
        assert run.stdout.count("SyncReport(") == 2
        assert wash.archive.accounts() == ["east", "west"]
