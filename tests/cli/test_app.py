"""The parser: which command runs, and with which options."""

from __future__ import annotations

import inspect
import os
import shlex
from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.demo import run as play
from sonnys_data_client.cli.commands.sandbox import PRINTS
from sonnys_data_client.cli.family import examples_of
from sonnys_data_client.cli.session import Session

EXAMPLES = [line for command in app.commands() for line in examples_of(command)]


def test_an_error_is_handled_with_verbose_wherever_it_stands(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stop(scene: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(play, "play", stop)
    assert app.run(["demo", "-v"]) == 130
    assert capsys.readouterr().err == "sonnys: Stopped.\n"


def words_of(example: str) -> list[str]:
    """Strip an example to the command's own words: no comment, pipe, redirection or option of every command."""
    words = shlex.split(example, comments=True)
    ends = [place for place, word in enumerate(words) if word in {"|", "<", ">"}]
    words = words[1 : min(ends, default=len(words))]
    for option in ("--profile", "--archive"):
        if option in words:
            place = words.index(option)
            del words[place : place + 2]
    return words


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_of_every_help_is_a_command_that_there_is(example: str) -> None:
    command, _, left_to_us = app.build().parse_args(words_of(example))
    assert command in app.commands()
    assert set(left_to_us) <= {"session"}


@pytest.mark.parametrize("command", app.commands(), ids=lambda command: command.__module__ + "." + command.__name__)
def test_every_command_explains_itself_and_every_option(command: Any) -> None:
    assert command.__doc__
    assert examples_of(command)
    first = command.__doc__.splitlines()[0]
    assert first.endswith(".")
    parameters = inspect.signature(command).parameters
    missing = [name for name in parameters if name not in PRINTS and f"    {name}: " not in command.__doc__]
    assert missing == []


@pytest.fixture
def sessions(monkeypatch: pytest.MonkeyPatch) -> list[Session]:
    """The session that each run of `doctor` was given."""
    from sonnys_data_client.cli.commands.doctor import run as doctor

    given: list[Session] = []
    monkeypatch.setattr(doctor, "run", lambda session, **_: given.append(session))
    return given


@pytest.mark.parametrize(
    "words",
    [
        ["doctor", "--profile", "acme", "--archive", "a b"],
        ["-p", "acme", "--archive", "a b", "doctor"],
        ["--archive", "a b", "doctor", "-p", "acme"],
    ],
)
def test_options_of_every_command_may_stand_anywhere(words: list[str], sessions: list[Session]) -> None:
    assert app.run(words) == 0
    assert sessions == [Session("acme", "a b", shlex.join(["sonnys", *words]))]


@pytest.mark.parametrize("option", ["--profile", "--archive"])
def test_an_account_where_none_is_used_is_refused(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["sandbox", "--list-switches", option, "acme"]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err) == (
        "",
        f"sonnys: sonnys sandbox uses no account and no archive.\nhint: Leave {option} out.\n",
    )


def test_no_color_holds_for_everything_that_follows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NO_COLOR")
    assert app.run(["--no-color", "--help"]) == 0
    assert os.environ["NO_COLOR"] == "1"
    monkeypatch.setenv("NO_COLOR", "")  # so that it is taken back
