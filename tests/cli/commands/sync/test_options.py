"""`sonnys sync`: what its options become."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.cli import app
from sonnys_data_client.cli.commands.sync import run as syncing
from sonnys_data_client.cli.commands.sync.run import SyncWish
from sonnys_data_client.sync import SyncSettings


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    monkeypatch.setenv("SONNYS_API_ID", "my-id")
    monkeypatch.setenv("SONNYS_API_KEY", "my-key")
    told: list[Any] = []
    monkeypatch.setattr(syncing, "run", lambda session, wish, **more: told.append((wish, more)))
    return told


def test_options_become_settings(told: list[Any]) -> None:
    words = "sync --since 2026-06 --reread-days 5 --warn-days 30 --max-requests 100 --max-minutes 2.5 --account acme"
    assert app.run([*words.split(), "--adopt", "--plan"]) == 0
    settings = SyncSettings(account="acme", reread_days=5, warn_days=30, max_requests=100, max_minutes=2.5, adopt=True)
    assert told == [(SyncWish(settings, "2026-06"), {"plan_only": True})]


@pytest.mark.parametrize(
    ("words", "settings"),
    [
        ("--no-statuses --no-audit", SyncSettings(statuses=False, audit="off")),
        ("--audit --audit-days 60", SyncSettings(audit="now", audit_days=60)),
        ("--no-recount", SyncSettings(recount=False)),
    ],
)
def test_what_is_compared_with_the_server_can_be_chosen(words: str, settings: SyncSettings, told: list[Any]) -> None:
    assert app.run(["sync", *words.split()]) == 0
    assert told[0][0].settings == settings


def test_an_audit_cannot_be_wanted_and_not(told: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["sync", "--audit", "--no-audit"]) == 2
    assert "--audit and --no-audit exclude each other." in capsys.readouterr().err
    assert app.run(["sync", "--audit-days", "500"]) == 2
    assert "--audit-days '500' must be a number of days from 0 to 180" in capsys.readouterr().err
    assert told == []


def test_defaults_are_the_settings_own_and_the_account_is_the_profile_s(told: list[Any]) -> None:
    assert app.run(["sync"]) == 0
    assert told == [(SyncWish(SyncSettings()), {"plan_only": False})]


@pytest.mark.parametrize(
    ("words", "tables"),
    [
        ("--only-transactions", ()),
        ("--table customers --table sites", ("customers", "sites")),
        ("", None),
    ],
)
def test_other_tables_are_all_some_or_none(words: str, tables: Any, told: list[Any]) -> None:
    assert app.run(["sync", "--members-since", "2020", *words.split()]) == 0
    assert told[0][0].settings.tables == tables
    assert told[0][0].members_since == "2020"


def test_a_setting_that_cannot_be_is_a_sentence(told: list[Any], capsys: pytest.CaptureFixture[str]) -> None:
    assert app.run(["sync", "--account", "a/b"]) == 2
    assert "--account 'a/b' cannot name a folder" in capsys.readouterr().err
    assert app.run(["sync", "--table", "customer"]) == 2
    assert (
        "--table 'customer' is not a table that can be read besides transactions; it must be one of sites, items, "
        in capsys.readouterr().err
    )
    assert app.run(["sync", "--table", "customers", "--only-transactions"]) == 2
    assert told == []
