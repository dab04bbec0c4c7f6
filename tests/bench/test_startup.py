"""What each command imports: the part of "starts quickly" that can be checked exactly."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bench.startup import COMMANDS, HEAVY, bare, environment

_ASK = (
    "import json, sys\n"
    "from sonnys_data_client.cli import main\n"
    "real, sys.stdout = sys.stdout, sys.stderr\n"
    "main(sys.argv[1:])\n"
    "print(json.dumps(sorted(sys.modules)), file=real)\n"
)


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_imports_what_it_needs_and_nothing_else_that_is_heavy(command: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", _ASK, *shlex.split(command)],
        env=environment(str(tmp_path)),
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(json.loads(run.stdout))
    assert imported & set(HEAVY) == set(COMMANDS[command].imports)
    assert "cyclopts" in imported, "then this test would show nothing"


@pytest.mark.parametrize("command", COMMANDS)
def test_what_it_is_held_against_needs_the_same(command: str, tmp_path: Path) -> None:
    *process, code = bare(command, COMMANDS[command])
    ask = f"import atexit, json, sys\natexit.register(lambda: print(json.dumps(sorted(sys.modules))))\n{code}"
    run = subprocess.run([*process, ask], env=environment(str(tmp_path)), capture_output=True, text=True, check=True)
    imported = set(json.loads(run.stdout.splitlines()[-1]))
    assert imported & set(HEAVY) == set(COMMANDS[command].imports)
