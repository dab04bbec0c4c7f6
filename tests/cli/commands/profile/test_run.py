"""`sonnys profile add`: what it asks for, what it tries, and what it saves."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.profile import run as profiles
from sonnys_data_client.profiles import read_profile
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox

KEY = "sandbox-key"


@pytest.fixture(scope="module")
def local() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxConfig(cars_per_day=10)) as running:
        yield running


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_person_is_asked_and_the_key_is_tried_and_never_shown(
    local: RunningSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", Terminal())
    monkeypatch.setattr("builtins.input", lambda prompt: " sandbox-id ")
    monkeypatch.setattr(profiles, "getpass", lambda prompt: f"{KEY}\n")
    assert main(["profile", "add", "acme", "--base-url", local.base_url, "--timezone", "America/Chicago"]) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("The credentials are good for 4 sites: MAIN, NORTH, SOUTH, ")
    assert "hint: Try it with: sonnys -p acme doctor\n" in said.err
    assert KEY not in said.err
    kept = read_profile("acme")
    assert (kept.account.api_id, kept.account.api_key.reveal(), kept.timezone) == ("sandbox-id", KEY, "America/Chicago")


def test_a_bad_key_is_not_kept(
    local: RunningSandbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong-key\n"))
    words = ["profile", "add", "acme", "--api-id", "sandbox-id", "--base-url", local.base_url]
    assert main(words) == 1
    assert "BadClientCredentialsError" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin", io.StringIO("wrong-key\n"))
    assert main([*words, "--no-check"]) == 0
    assert read_profile("acme").account.api_key.reveal() == "wrong-key"


@pytest.mark.parametrize(
    ("words", "typed", "said"),
    [
        ("acme", "key\n", "The API ID is missing, and standard input is not a terminal.\nhint: Give it with --api-id."),
        ("acme --api-id my-id", "", "The API key is empty.\nhint: Give the text that the BackOffice shows"),
        (
            "a.b --api-id my-id --no-check",
            "key\n",
            "NAME 'a.b' cannot name a profile; it must be letters, digits, - and _.",
        ),
        ("acme --api-id my-id --base-url http://example.com", "key\n", "would send the API key unencrypted"),
        ("acme --api-id my-id --no-check --throttle fast", "key\n", "--throttle 'fast' must be requests/seconds"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_sent(
    words: str, typed: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    assert main(["profile", "add", *words.split()]) == 2
    assert said in capsys.readouterr().err


def test_each_profile_is_listed_with_the_source_of_its_key_at_a_terminal_and_by_name_for_a_script(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        "[profiles.east]\napi_id = 'e'\napi_key = 'sk-very-secret'\ntimezone = 'UTC'\n"
        "[profiles.west]\napi_id = 'w'\nkey_file = '/k'\n[profiles.both]\nkey_file = '/k'\nkey_command = 'c'\n"
    )
    path.chmod(0o600)
    assert main(["profile", "list"]) == 0
    assert capsys.readouterr().out == "east\nwest\nboth\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert main(["profile", "list"]) == 0
    east, west, both = capsys.readouterr().out.splitlines()
    assert east == "east  key: the file of profiles"
    assert west == "west  key: key_file /k"
    assert "several sources" in both
    assert main(["profile", "show", "east"]) == 0
    assert capsys.readouterr().out == "api_id: e\ntimezone: UTC\nkey: the file of profiles\n"
    assert main(["profile", "show", "north"]) == 2
    assert "has no profile 'north'" in capsys.readouterr().err
