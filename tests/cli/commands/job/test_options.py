"""`sonnys job`: what its options become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.job import run as jobs


@pytest.mark.parametrize(
    ("words", "called", "given", "more"),
    [
        (
            "submit yesterday --site MAIN --page 2 --limit 50 --timezone UTC",
            "submit_page",
            ("yesterday",),
            {"site": "MAIN", "page": 2, "limit": 50, "timezone": "UTC"},
        ),
        ("submit today", "submit_page", ("today",), {"site": None, "page": 1, "limit": 100, "timezone": None}),
        ("status abc", "print_status", ("abc", None), {}),
        ("status --handle a.json", "print_status", (None, Path("a.json")), {}),
        ("result --handle a.json --wait 5", "print_result", (None, Path("a.json")), {"wait_s": 5.0}),
        ("result abc", "print_result", ("abc", None), {"wait_s": 300.0}),
    ],
)
def test_options_reach_what_does_it(
    words: str, called: str, given: tuple[Any, ...], more: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr(jobs, called, lambda session, *given, **more: told.append((session.command, given, more)))
    assert app.run(["job", *words.split()]) == 0
    assert told == [(f"sonnys job {words}", given, more)]
