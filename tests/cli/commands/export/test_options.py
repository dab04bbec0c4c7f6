"""`sonnys export`: what its options become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.export import run as exporting
from sonnys_data_client.cli.commands.export.run import Wish
from sonnys_data_client.cli.session import Session


@pytest.fixture
def wished(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    told: list[Any] = []
    monkeypatch.setattr(exporting, "run", lambda wish, session, **more: told.append((wish, session, more)))
    return told


def test_options_become_a_wish(wished: list[Any]) -> None:
    words = "export 2026-03 -o a.csv --format csv --table items --site MAIN --site N --timezone UTC --plan -p acme"
    assert app.run(words.split()) == 0
    wish = Wish("2026-03", Path("a.csv"), "csv", "items", ("MAIN", "N"), "UTC")
    assert wished == [(wish, Session("acme", None, f"sonnys {words}"), {"plan_only": True})]


def test_defaults(wished: list[Any]) -> None:
    app.run(["export", "last month"])
    assert wished == [(Wish("last month"), Session(command="sonnys export 'last month'"), {"plan_only": False})]
