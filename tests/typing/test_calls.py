"""The usual type checkers know our types: they accept every right call, and refuse every wrong one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RIGHT, WRONG = HERE / "right_calls.py", HERE / "wrong_calls.py"

_MARK = re.compile(r"  # type: ignore\[.*\]$", re.MULTILINE)


@pytest.fixture
def unmarked(tmp_path: Path) -> Path:
    """The wrong calls, without the marks that hide them."""
    copy = tmp_path / "wrong_calls.py"
    copy.write_text(_MARK.sub("", WRONG.read_text()))
    return copy


def run(*command: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True, check=False
    ).stdout


def mypy(*paths: Path) -> set[tuple[str, int]]:
    """The lines, by file name, that mypy complains of."""
    found = re.findall(r"(\w+\.py):(\d+): error: ", run("mypy", *map(str, paths)))
    return {(name, int(line)) for name, line in found}


def pyright(*paths: Path) -> set[tuple[str, int]]:
    """The lines, by file name, that pyright (by way of basedpyright) complains of."""
    told = json.loads(run("basedpyright", "--outputjson", *map(str, paths)))
    assert told["summary"]["filesAnalyzed"] == len(paths)
    return {(Path(each["file"]).name, each["range"]["start"]["line"] + 1) for each in told["generalDiagnostics"]}


@pytest.mark.parametrize("checker", [mypy, pyright])
def test_checkers_pass_what_is_right_and_refuse_each_wrong_call(
    checker: Callable[..., set[tuple[str, int]]], unmarked: Path
) -> None:
    lines = WRONG.read_text().splitlines()
    marked = {(WRONG.name, number) for number, line in enumerate(lines, 1) if _MARK.search(line)}
    assert len(marked) > 30
    assert checker(RIGHT, unmarked) == marked
