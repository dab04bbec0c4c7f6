"""`sonnys archive`: what its options become."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.archive import run as care


@pytest.mark.parametrize(
    ("words", "called", "options"),
    [
        ("check", "run_check", {"as_json": False}),
        ("check --json", "run_check", {"as_json": True}),
        ("repair", "run_repair", {}),
        ("compact", "run_compact", {}),
        ("accept 2026-06-01 --table customers", "run_accept", {"table": "customers", "account": None}),
        ("keep last-week --account acme", "run_keep", {"table": None, "account": "acme"}),
        ("web-shop ONLINE", "run_web_shop", {"code": "ONLINE"}),
        ("redact names,plates=hash", "run_redact", {"account": None}),
        ("redact --account acme", "run_redact", {"account": "acme"}),
        ("forget --customer 1:2 --account acme", "run_forget", {"account": "acme"}),
    ],
)
def test_options_reach_what_does_it(
    words: str, called: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(care, called, lambda session, *_, **more: told.append((session.archive, more)))
    assert app.run(["archive", *words.split(), "--archive", "here"]) == 0
    assert told == [("here", options)]
