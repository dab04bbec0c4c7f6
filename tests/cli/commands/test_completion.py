"""`sonnys completion`: scripts that know every command, and where they are put."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from sonnys_data_client.cli import main


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish", "powershell"])
def test_a_script_knows_the_commands_and_their_options(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    for words in ("export", "doctor", "submit", "timezone", "list-switches"):
        assert words in script


def test_bash_completes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    bash = shutil.which("bash")
    assert bash is not None, "the Makefile needs it, too"
    main(["completion", "bash"])
    script = tmp_path / "script"
    script.write_text(capsys.readouterr().out)
    asked = (
        f'source {script}; COMP_WORDS=(sonnys exp); COMP_CWORD=1; _sonnys; echo "${{COMPREPLY[@]}}"; '
        'COMP_WORDS=(sonnys export --ta); COMP_CWORD=2; _sonnys; echo "${COMPREPLY[@]}"'
    )
    run = subprocess.run([bash, "-c", asked], capture_output=True, text=True, check=True)
    assert run.stdout.split() == ["export", "--table"]


def test_it_can_be_put_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["completion", "fish", "--install"]) == 0
    said = capsys.readouterr()
    (script,) = tmp_path.rglob("sonnys.fish")
    assert said.err == f"Wrote {script}. It takes effect in the next shell that you start.\n"
    assert said.out == ""


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["completion", "tcsh"]) == 2
    assert "SHELL 'tcsh' must be one of bash, zsh, fish, powershell." in " ".join(capsys.readouterr().err.split())
