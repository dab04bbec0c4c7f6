"""Where keys are: each source gives the key, and no error and no list shows it."""

from __future__ import annotations

import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from sonnys_data_client import SonnysClient, keys
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.keys import variable_of
from sonnys_data_client.profiles import key_source, profile_settings, profiles_named, read_profile

KEY = "sk-very-secret"


@pytest.fixture(autouse=True)
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    for name in ("PROFILE", "API_ID", "API_KEY", "ARCHIVE", "TIMEZONE", "THROTTLE"):
        monkeypatch.delenv(f"SONNYS_{name}", raising=False)
    monkeypatch.setenv("SONNYS_CONFIG", str(path))
    keys.forget_commands()
    return path


def write(file: Path, *lines: str, name: str = "acme", api_id: str = "acme-id") -> None:
    given = [f"api_id = '{api_id}'"] if api_id else []
    file.write_text("\n".join([f"[profiles.{name}]", *given, *lines, ""]))
    file.chmod(0o600)


def refusal(name: str = "acme") -> str:
    with pytest.raises(ConfigurationError) as refused:
        read_profile(name)
    said = str(refused.value)
    assert KEY not in said
    assert KEY not in repr(refused.value.__dict__)
    assert refused.value.__cause__ is None
    return said


def key_of(name: str = "acme") -> str:
    profile = read_profile(name)
    assert profile.key_source == key_source(name)
    assert KEY not in repr(profile)
    return profile.account.api_key.reveal()


@pytest.mark.parametrize("setting", ["key_file", "api_key_file"])
@pytest.mark.parametrize("content", [KEY, f"{KEY}\n", f"{KEY}\r\n"])
def test_a_mounted_file_gives_the_key_through_links_and_after_rotation(
    setting: str, content: str, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "..data").mkdir()  # as Kubernetes mounts a secret
    (tmp_path / "..data" / "key").write_bytes(content.encode())
    link = tmp_path / "key"
    link.symlink_to(tmp_path / "..data" / "key")
    write(file, f"{setting} = '{link}'")
    assert key_of() == KEY
    assert key_source("acme") == f"{setting} {link}"
    (tmp_path / "..data" / "key").write_text("the-next\n")
    assert key_of() == "the-next"


def test_a_command_gives_the_key_and_is_run_once(file: Path, tmp_path: Path) -> None:
    runs = tmp_path / "runs"
    code = f"open(r'{runs}', 'a').write('x'); print('{KEY}')"
    write(file, f"key_command = {json.dumps(shlex.join([sys.executable, '-c', code]))}")
    assert (key_of(), key_of()) == (KEY, KEY)
    assert runs.read_text() == "x"
    assert key_source("acme") == f"key_command {sys.executable}", "without its arguments"
    keys.forget_commands()
    assert key_of() == KEY
    assert runs.read_text() == "xx"


def test_a_command_is_run_without_a_shell(file: Path, tmp_path: Path) -> None:
    write(file, f"key_command = 'printf %s $HOME;touch>{tmp_path / 'made'}'")
    assert key_of() == "$HOME;touch>" + str(tmp_path / "made")
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("no-such-command-here", "is to run no-such-command-here, which cannot be run (No such file"),
        (f"sh -c 'echo {KEY}; echo {KEY} >&2; exit 3'", "is to run sh, which ended with exit code 3"),
        ("true", "does not give a key"),
        (f"sh -c 'echo {KEY}; echo {KEY}'", "does not give a key"),
        ("sh -c 'open", "is not a command"),
        (" ", "is not a command"),
    ],
)
def test_a_command_that_gives_no_key_is_named(command: str, said: str, file: Path) -> None:
    write(file, f"key_command = {json.dumps(command)}")
    told = refusal()
    assert said in told
    assert "profile acme: key_command" in told


def test_a_command_that_does_not_end_is_given_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_COMMAND_S_MAX", 0.2)
    command = f"sh -c 'echo {KEY}; exec sleep 600'"
    write(file, f"key_command = {json.dumps(command)}")
    assert "which did not end within 0.2 seconds" in refusal()


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "does not give a key"), (b"a\nb\n", "does not give a key"), (b"\xff", "does not give a key")],
)
def test_a_file_that_gives_no_key_is_named(content: bytes, said: str, file: Path, tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(content)
    write(file, f"key_file = '{tmp_path / 'key'}'")
    told = refusal()
    assert said in told
    assert f"profile acme: key_file='{tmp_path / 'key'}'" in told


@pytest.mark.parametrize(
    ("path", "said"), [("/nowhere/key", "No such file"), ("key", "an absolute path"), ("/", "is not a file")]
)
def test_a_path_that_is_no_file_is_named(path: str, said: str, file: Path) -> None:
    write(file, f"key_file = '{path}'")
    assert said in refusal()


def test_a_pipe_is_not_waited_for(file: Path, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    write(file, f"key_file = '{tmp_path / 'pipe'}'")
    assert "is not a file" in refusal()


def test_the_environment_gives_what_the_file_leaves_out(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_WEST_1_API_KEY", KEY)
    monkeypatch.setenv("SONNYS_WEST_1_API_ID", "west-id")
    write(file, name="west-1", api_id="")
    assert key_of("west-1") == KEY
    assert read_profile("west-1").account.api_id == "west-id"
    assert key_source("west-1") == "SONNYS_WEST_1_API_KEY"
    with SonnysClient.from_profile("west-1") as client:
        assert KEY not in repr(client)


def test_two_sources_are_one_too_many(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(file, "key_file = '/k'", "key_command = 'c'")
    assert "key_file is one of several sources of the key, beside key_command. Leave one of them." in refusal()
    write(file, "key_file = '/k'")
    monkeypatch.setenv("SONNYS_ACME_API_KEY", KEY)
    assert "beside SONNYS_ACME_API_KEY" in refusal()
    monkeypatch.setenv("SONNYS_ACME_API_ID", "x")
    assert "api_id is given by SONNYS_ACME_API_ID, too." in refusal()


def test_nowhere_is_told_with_every_way_to_give_it(file: Path) -> None:
    write(file)
    assert "Add api_key, key_file or key_command, or set SONNYS_ACME_API_KEY." in refusal()
    assert key_source("acme") == "the keyring"
    assert variable_of("a.b-c", "api_key") == "SONNYS_A_B_C_API_KEY"


def test_profiles_are_found_by_a_pattern_and_shown_without_their_keys(file: Path) -> None:
    file.write_text("[profiles.west-1]\napi_id='a'\napi_key='k'\n[profiles.east]\n[profiles.west-2]\n")
    file.chmod(0o600)
    assert profiles_named("west-*") == ["west-1", "west-2"]
    assert profiles_named("*") == ["west-1", "east", "west-2"]
    assert profile_settings("west-1") == {"api_id": "a"}
    with pytest.raises(ConfigurationError, match=r"no profile that 'north' fits; it has west-1, east, west-2\."):
        profiles_named("north")
