"""`sonnys throttle`: what its options become."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.throttle import run as shown


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("throttle", {"watch": False, "as_json": False}),
        ("throttle --watch --json", {"watch": True, "as_json": True}),
    ],
)
def test_options_reach_what_shows_it(words: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(shown, "run", lambda session, **more: told.append(more))
    assert app.run(words.split()) == 0
    assert told == [options]
