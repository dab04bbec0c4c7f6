"""`sonnys status`: what its options become."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.status import run as coverage


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("status", {"account": None, "when": None, "warn_days": 14, "as_json": False}),
        (
            "status --account acme --when last-month --warn-days 3 --json",
            {"account": "acme", "when": "last-month", "warn_days": 3, "as_json": True},
        ),
    ],
)
def test_options_reach_what_shows_it(words: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(coverage, "run", lambda session, **more: told.append(more))
    assert app.run(words.split()) == 0
    assert told == [options]
