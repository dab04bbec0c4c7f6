"""Messages: wrapped for a person, whole for a log, plain where there is no colour or no Unicode."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from sonnys_data_client.cli.show.screen import Screen, bar, say, screen, styled

LINE = "word " * 30


def test_messages_go_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    say(screen(), "Hello [world].")
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Hello [world].\n")


@pytest.mark.parametrize(("is_terminal", "lines"), [(True, 3), (False, 1)])
def test_lines_are_wrapped_for_a_person_only(is_terminal: bool, lines: int) -> None:
    file = io.StringIO()
    say(Console(file=file, force_terminal=is_terminal, width=60), LINE)
    assert len(file.getvalue().rstrip("\n").splitlines()) == lines


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    file = io.StringIO()
    say(Console(file=file, force_terminal=True), "Hello", style="red")
    assert file.getvalue() == "Hello\n"


@pytest.mark.parametrize(("share", "cells"), [(0, 0), (0.001, 1), (0.5, 10), (1, 20)])
def test_a_bar_shows_what_is_above_nothing(share: float, cells: int) -> None:
    drawn = bar(Console(file=io.StringIO()), share, 20)
    assert isinstance(drawn, Text)
    assert len(drawn) == cells


def test_a_bar_is_made_of_what_the_other_end_can_show() -> None:
    ascii_only = Console(file=io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert str(bar(ascii_only, 1, 3)) == "###"
    assert str(bar(Console(file=io.TextIOWrapper(io.BytesIO(), encoding="utf-8")), 1, 3)) == "███"


@pytest.mark.parametrize("text", ["[red]x[/red] [/foo] :smile:", "[link=http://evil.example]x[/link]"])
def test_text_gives_a_screen_no_orders(text: str) -> None:
    file = io.StringIO()
    console = Screen(file, force_terminal=True, width=200)
    table = Table(text)
    table.add_row(f"{text}\x1b[8m")
    for shown in (text, styled(f"{text}\x9b2J"), Segments([Segment(f"{text}\x1b]0;title\x07\n")]), table):
        console.print(shown)
    said = re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue())
    assert said.count(text) == 5
    assert r"\x9b2J" in said
    assert r"\x1b]0;title\x07" in said
    assert "\x1b" not in said
