"""`sonnys doctor`: what its options become."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.doctor import run as checkup


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("doctor", {"all_sites": False, "as_json": False}),
        ("doctor --all-sites --json", {"all_sites": True, "as_json": True}),
    ],
)
def test_options_reach_the_checkup(words: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(checkup, "run", lambda session, **more: told.append(more))
    assert app.run(words.split()) == 0
    assert told == [options]
