"""A skipped test says why, and `.ci/run` fails because of it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import pytest

NEEDY = """
import pytest
pytestmark = pytest.mark.redis

def test_a(): pass
"""


def run(directory: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    shutil.copy(Path(__file__).with_name("conftest.py"), directory)
    (directory / "test_needy.py").write_text(NEEDY)
    # A port that is bound but does not listen refuses connections, and no other process can take it meanwhile.
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        nobody = f"127.0.0.1:{silent.getsockname()[1]}"
        command = [sys.executable, "-m", "pytest", "-ra", "-p", "no:cacheprovider", *flags, str(directory)]
        path = os.pathsep.join([str(Path(__file__).parents[1]), os.environ["PYTHONPATH"]])
        changed = {"SONNYS_TEST_REDIS": nobody, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": path}
        environment = {**os.environ, **changed}
        return subprocess.run(command, cwd=directory, env=environment, capture_output=True, text=True, check=False)


def test_a_test_without_its_server_is_skipped_in_words(tmp_path: Path) -> None:
    ran = run(tmp_path)
    assert ran.returncode == pytest.ExitCode.OK, ran.stdout
    assert "no redis server answers at 127.0.0.1:" in ran.stdout
    assert "SONNYS_TEST_REDIS=host:port" in ran.stdout


def test_no_skips_fails_a_run_that_skipped(tmp_path: Path) -> None:
    # With a worker, as `make test` runs: it is the controller that counts.
    ran = run(tmp_path, "--no-skips", "-p", "xdist", "--numprocesses=1")
    assert ran.returncode == pytest.ExitCode.TESTS_FAILED, ran.stdout
    assert "1 skipped, and this run allows none" in ran.stdout
