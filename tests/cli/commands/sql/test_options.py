"""`sonnys sql`: what its options become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.sql import run as asking
from sonnys_data_client.cli.show.files import Style


@pytest.mark.parametrize(
    ("words", "given", "options"),
    [
        (["sql"], (None, None), {"describe": False, "out": None, "wish": None, "style": Style()}),
        (
            ["sql", "--describe", "transactions", "--csv-for", "excel"],
            ("transactions", None),
            {"describe": True, "out": None, "wish": None, "style": Style("excel")},
        ),
        (
            ["sql", "SELECT 1", "-o", "a.csv"],
            ("SELECT 1", None),
            {"describe": False, "out": Path("a.csv"), "wish": None, "style": Style()},
        ),
        (
            ["sql", "--file", "q.sql", "--format", "json", "--decimals", "text"],
            (None, Path("q.sql")),
            {"describe": False, "out": None, "wish": "json", "style": Style(decimals="text")},
        ),
        (
            ["sql", "SELECT 1", "--allow-outside"],
            ("SELECT 1", None),
            {"describe": False, "out": None, "wish": None, "style": Style(), "allow_outside": True},
        ),
    ],
)
def test_options_reach_what_asks(
    words: list[str], given: tuple[Any, ...], options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    options = {"allow_outside": False} | options
    monkeypatch.setattr(asking, "run", lambda session, *given, **more: told.append((session.archive, given, more)))
    assert app.run([*words, "--archive", "here"]) == 0
    assert told == [("here", given, options)]
