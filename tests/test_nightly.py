"""The page about nightly runs: its commands exist, and its queries have answers."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.cli.app import build
from tests.cli.test_app import words_of
from tests.sync.rig import SETTINGS, client_of, sales, sandbox_of

PAGE = (Path(__file__).parents[1] / "docs" / "nightly.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(\w*)\n(.*?)```", PAGE, re.DOTALL)
COMMANDS = re.findall(r"\bsonnys [a-z].*?(?=\s*\d?[>;)|\n])", "".join(text for kind, text in BLOCKS if not kind))
INLINE = re.findall(r"`(sonnys [a-z][^`]*)`", PAGE)
QUESTIONS = [text for kind, text in BLOCKS if kind == "sql"]


@pytest.mark.parametrize("command", [*COMMANDS, *INLINE])
def test_its_commands_are_commands_that_there_are(command: str) -> None:
    function, *_ = build().parse_args(words_of(command))
    assert callable(function)


def test_its_questions_have_answers(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    sync.run(client_of(sandbox_of(sales())), archive, SETTINGS)
    assert len(QUESTIONS) > 3
    answers = [archive.sql(question).fetchall() for question in QUESTIONS]
    assert len(answers[0]) > 8, "a line for each site and day"


def test_it_finds_what_it_is_about() -> None:
    assert len(COMMANDS) == 7
    assert len(INLINE) > 3
