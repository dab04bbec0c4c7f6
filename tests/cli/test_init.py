"""The command line as a whole: what it prints, where, and its exit codes."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from sonnys_data_client.cli import main
from tests.waiting import PATIENCE_S

SONNYS = [sys.executable, "-m", "sonnys_data_client"]


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    said = capsys.readouterr()
    assert said.out.split(".")[0].isdigit()
    assert said.err == ""


def test_help_has_every_command_real_examples_and_all_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for words in (
        *(f" {name}  " for name in "export job doctor profile completion demo sandbox".split()),
        "sonnys export yesterday --out yesterday.csv",
        "0: done",
        "1: the API",
        "2: an option",
        "130:",
        "141:",
    ):
        assert words in text


def test_without_arguments_it_is_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Usage: sonnys COMMAND" in capsys.readouterr().out


def test_help_fits_60_columns(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for words in ("", "demo", "sandbox", "export", "job", "job submit", "doctor", "profile add", "completion"):
        main([*words.split(), "--help"])
        assert max(len(line) for line in capsys.readouterr().out.splitlines()) <= 60


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ("dmo", "There is no command 'dmo'.\nhint: Did you mean 'demo'?"),
        ("demo --sped 3", "There is no option '--sped'.\nhint: Did you mean --speed?"),
        ("demo --speed fast", "--speed 'fast' must be a number."),
        ("demo --speed 0 --out {tmp}", "speed must be a number above 0"),
        ("demo --sites 0 --out {tmp}", "sites must be a whole number from 1 up"),
        ("demo --out {tmp}/file/below", "file/below: Not a directory."),
        ("sandbox --sites 0", "sites must be a whole number from 1 up"),
        ("sandbox --quirk end=never", "choose from inclusive, exclusive"),
        ("sandbox --port", "--port needs a value.\nhint: Run sonnys sandbox --help."),
        ("sandbox 8080", "There is no place for '8080'."),
    ],
)
def test_a_mistake_is_one_sentence_on_stderr_and_exit_code_2(
    arguments: str, words: str, capsys: pytest.CaptureFixture[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    tmp = tmp_path_factory.mktemp("out")
    (tmp / "file").touch()
    assert main(arguments.format(tmp=tmp).split()) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("sonnys: ")
    assert words in said.err
    assert said.err.count("\n") == 1 + said.err.count("\nhint: ")


@pytest.mark.parametrize("arguments", [["-v", "sandbox", "--sites", "0"], ["sandbox", "--sites", "0", "--verbose"]])
def test_verbose_shows_where_it_came_from(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    sentence, *more = capsys.readouterr().err.splitlines()
    assert sentence == "sonnys: Setting sites must be a whole number from 1 up, not 0."
    assert "Traceback (most recent call last):" in more


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import json, sys; from sonnys_data_client.cli import main; sys.stdout = sys.stderr; main(['--help'])\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.__stdout__)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    imported = {name.partition(".")[0] for name in json.loads(run.stdout)}
    assert imported.isdisjoint({"duckdb", "httpx2", "pydantic", "starlette", "uvicorn"})
    assert {"cyclopts", "rich"} <= imported, "then this test would show nothing"


def test_without_the_extra_it_says_what_to_install() -> None:
    code = (
        "import sys; sys.modules['cyclopts'] = None; from sonnys_data_client.cli import main; sys.exit(main(['demo']))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert run.stderr == (
        "sonnys: This needs cyclopts, which is not installed.\nhint: Run pip install 'sonnys-data-client[cli]'.\n"
    )


def test_a_reader_that_goes_away_is_no_error() -> None:
    with subprocess.Popen(
        [*SONNYS, "sandbox", "--list-switches"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as sonnys:
        assert sonnys.stdout is not None
        assert sonnys.stderr is not None
        sonnys.stdout.close()
        assert sonnys.wait(timeout=PATIENCE_S) == 141
        assert sonnys.stderr.read() == ""
