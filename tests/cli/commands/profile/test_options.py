"""`sonnys profile`: its options, and what it prints."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.profile import run as profiles
from sonnys_data_client.profiles import add_profile


def test_options_become_settings_and_those_left_out_none(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setattr(profiles, "add_by_asking", lambda *given, **more: told.append((given, more)))
    words = "profile add acme --api-id my-id --site-code MAIN --timezone UTC --throttle 40/15 --keyring --no-check"
    assert main(words.split()) == 0
    settings = {"api_id": "my-id", "site_code": "MAIN", "timezone": "UTC", "throttle": "40/15"}
    assert told == [(("acme", settings), {"keyring": True, "check": False})]


def test_list_and_path_are_results(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    add_profile("b", {"api_id": "b-id", "api_key": "b-secret"})
    add_profile("a", {"api_id": "a-id", "api_key": "a-secret"})
    assert main(["profile", "list"]) == 0
    assert capsys.readouterr().out == "b\na\n"
    assert main(["profile", "path"]) == 0
    assert capsys.readouterr().out == f"{tmp_path / 'config.toml'}\n"
