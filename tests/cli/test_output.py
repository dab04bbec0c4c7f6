"""Streams that are closed, full, or unable to show a name: one sentence, and the right exit code."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from sonnys_data_client.cli.output import usable

CHILD = """
import sys
from sonnys_data_client.cli import main
sys.exit(main(sys.argv[1:]))
"""


def ended(words: list[str], redirection: str, tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a command in a shell that redirects its streams. It runs today, whatever day the tests run on.

    Where standard output is closed, libfaketime's shared memory gets its number. The child would write into that, and
    every later process of the run would crash.
    """
    command = shlex.join([sys.executable, "-c", CHILD, *words])
    environment = {**os.environ, "SONNYS_CONFIG": str(tmp_path / "config.toml")}
    environment.pop("LD_PRELOAD", None)
    return subprocess.run(
        ["/bin/sh", "-c", f"exec {command} {redirection}"],
        capture_output=True,
        check=False,
        env=environment,
        cwd=tmp_path,
    )


@pytest.mark.parametrize(
    ("words", "redirection", "code", "said"),
    [
        (["profile", "path"], ">&-", 2, "sonnys: Standard output is closed.\n"),
        (
            ["profile", "path"],
            ">/dev/full",
            1,
            "sonnys: Standard output cannot be written (No space left on device).\n",
        ),
        (["profile", "path"], "2>&-", 0, ""),
        (["sql", "SELECT 1"], "2>&-", 2, ""),
        (["sql", "SELECT 1", "--archive", "none"], ">&- 2>&-", 2, ""),
        (["profile", "list"], "<&- >&-", 0, ""),
    ],
)
def test_a_command_that_cannot_write_says_so_where_it_can(
    words: list[str], redirection: str, code: int, said: str, tmp_path: Path
) -> None:
    done = ended(words, redirection, tmp_path)
    assert (done.returncode, done.stderr.decode()) == (code, said)


def test_a_path_that_is_not_utf_8_is_written_as_the_system_spells_it(tmp_path: Path) -> None:
    folder = os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9")
    Path(folder).mkdir()
    done = ended(["profile", "path"], "", Path(folder))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout == os.fsencode(f"{folder}/config.toml\n")


def test_the_streams_are_as_they_were_afterwards(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sys.stdout, sys.stderr, sys.stdout.errors
    with usable():
        print("caf\udce9", file=sys.stderr)
    assert (sys.stdout, sys.stderr, sys.stdout.errors) == before
    assert capsys.readouterr().err == "caf\\udce9\n"
    monkeypatch.setattr(sys, "stdout", None)
    with usable(), pytest.raises(OSError, match="Standard output is closed"):
        print("lost")
    assert sys.stdout is None
