"""The README's Python runs as printed, and its commands exist."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sonnys_data_client.cli.app import build
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import running_sandbox
from tests.cli.test_app import words_of
from tests.days import machines_time, unpinned
from tests.waiting import PATIENCE_S

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = dict(zip(["quickstart", "archive"], re.findall(r"```python\n(.*?)```", README, re.DOTALL), strict=True))
PRINTED = {
    "quickstart": r"\d+ transactions, [\d.]+ in all; the last:\n\S+ \S+\+00:00 -?[\d.]+ \[.*\]\n",
    "archive": r"\d+ transactions read; 0 fields differ from what was read before\n(\d{4}-\d\d-\d\d [\d.]+\n)+",
}


@pytest.mark.parametrize("name", BLOCKS)
def test_each_example_in_the_readme_is_one_of_the_examples(name: str) -> None:
    assert BLOCKS[name] == (ROOT / "examples" / f"{name}.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", BLOCKS)
def test_each_example_runs_as_printed(name: str, tmp_path: Path) -> None:
    config = SandboxConfig(job_s=0.05, cars_per_day=40)
    # Examples ask `datetime` for the day, as their readers would. So they live by the machine's clock, on any day.
    with running_sandbox(config, speed=10, ahead=machines_time() - time.time()) as local:
        env = {"SONNYS_API_ID": local.api_id, "SONNYS_API_KEY": local.api_key, "SONNYS_BASE_URL": local.base_url}
        run = subprocess.run(
            [sys.executable, "-W", "error", "-c", BLOCKS[name]],
            env={**unpinned(), **env},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=PATIENCE_S,
            check=False,
        )
    assert (run.returncode, run.stderr) == (0, "")
    assert re.fullmatch(PRINTED[name], run.stdout)


@pytest.mark.parametrize("command", re.findall(r"^(sonnys .+)", README, re.MULTILINE))
def test_the_commands_in_the_readme_are_commands_that_there_are(command: str) -> None:
    function, bound, _ = build().parse_args(words_of(command))
    assert callable(function)
    assert bound.signature == inspect.signature(function)


def test_the_targets_and_paths_in_the_readme_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"\bmake ([a-z-]+)", README))
    assert {"demo", "test"} <= targets
    assert [target for target in targets if f"\n{target}:" not in makefile] == []
    for path in re.findall(r"\]\(([^):]+)\)", README):
        assert (ROOT / path).exists(), path
