"""Profiles: which account is used, what is refused, and that a key stays private."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keyring
import pytest
from keyring.errors import NoKeyringError

from sonnys_data_client.config import PRODUCTION_URL
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.profiles import add_profile, archive_place, config_path, profile_names, read_profile

KEY = "sk-very-secret"
TWO = f"""
default = "north"

[profiles.south]
api_id = "south-id"
api_key = "{KEY}"

[profiles.north]
api_id = "north-id"
api_key = "{KEY}"
site_code = "MAIN"
base_url = "https://example.com/v1"
timezone = "America/Chicago"
archive = "/data/north"
throttle = "40/7.5"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "deep" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv("SONNYS_CONFIG", str(path))
    for name in ("SONNYS_PROFILE", "SONNYS_API_ID", "SONNYS_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return path


@pytest.fixture(autouse=True)
def keys(monkeypatch: pytest.MonkeyPatch) -> dict[tuple[str, str], str]:
    """Replace the keyring by a dict."""
    kept: dict[tuple[str, str], str] = {}
    monkeypatch.setattr(keyring, "get_password", lambda *place: kept.get(place))
    monkeypatch.setattr(keyring, "set_password", lambda service, name, key: kept.update({(service, name): key}))
    return kept


def write(file: Path, text: str, mode: int = 0o600) -> None:
    file.write_text(text)
    file.chmod(mode)


def refusal(name: str | None = None, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(ConfigurationError) as caught:
        read_profile(name, environ)
    assert KEY not in str(caught.value)
    return str(caught.value)


def test_a_named_profile_is_read_whole(file: Path) -> None:
    write(file, TWO)
    profile = read_profile("north")
    assert (profile.name, profile.source) == ("north", str(file))
    account = profile.account
    assert (account.api_id, account.api_key.reveal(), account.site_code) == ("north-id", KEY, "MAIN")
    assert account.base_url == "https://example.com/v1"
    assert (profile.timezone, profile.archive, profile.throttle) == ("America/Chicago", "/data/north", (40, 7.5))
    assert KEY not in repr(profile)


def test_what_a_profile_does_not_say_is_the_api_s_own(file: Path) -> None:
    write(file, TWO)
    profile = read_profile("south")
    assert (profile.account.site_code, profile.account.base_url) == (None, PRODUCTION_URL)
    assert (profile.timezone, profile.archive, profile.throttle) == (None, None, None)


def test_one_source_gives_the_whole_account(file: Path) -> None:
    write(file, TWO)
    env = {
        "SONNYS_CONFIG": str(file),
        "SONNYS_API_ID": "env-id",
        "SONNYS_API_KEY": "env-key",
        "SONNYS_BASE_URL": "https://env.example.com",
        "SONNYS_TIMEZONE": "America/Denver",
        "SONNYS_ARCHIVE": "/data/env",
        "SONNYS_THROTTLE": "20/3",
    }
    of_env = read_profile(None, env)
    assert (of_env.name, of_env.source, of_env.account.api_id) == ("main", "the environment", "env-id")
    assert (of_env.timezone, of_env.archive, of_env.throttle) == ("America/Denver", "/data/env", (20, 3.0))
    for named in (read_profile("south", env), read_profile(None, env | {"SONNYS_PROFILE": "south"})):
        assert (named.account.api_id, named.account.base_url, named.archive) == ("south-id", PRODUCTION_URL, None)
    assert read_profile(None, {"SONNYS_CONFIG": str(file)}).name == "north", "the default"


def test_half_an_account_in_the_environment_is_not_filled_up_from_the_file(file: Path) -> None:
    write(file, TWO)
    said = refusal(None, {"SONNYS_CONFIG": str(file), "SONNYS_API_ID": "env-id"})
    assert said.startswith("SONNYS_API_KEY must be set in the environment, but is not.")


def test_where_the_archive_is_takes_no_key_and_no_account(file: Path) -> None:
    env = {"SONNYS_CONFIG": str(file)}
    assert archive_place(None, env) is None
    assert archive_place(None, env | {"SONNYS_ARCHIVE": "/data/env"}) == "/data/env"
    write(file, "[profiles.a]\narchive = '/data/a'\n[profiles.b]\n", 0o644)
    assert archive_place("a", env | {"SONNYS_ARCHIVE": "/data/env"}) == "/data/a"
    assert archive_place("b", env | {"SONNYS_ARCHIVE": "/data/env"}) == "/data/env"
    assert archive_place(None, env | {"SONNYS_ARCHIVE": "/data/env"}) == "/data/env", "whichever account is meant"
    with pytest.raises(ConfigurationError, match="several profiles and no default"):
        archive_place(None, env)
    with pytest.raises(ConfigurationError, match="has no profile 'c'"):
        archive_place("c", env)


def test_without_a_default_the_only_one_is_meant_or_one_must_be_named(file: Path) -> None:
    write(file, TWO.replace('default = "north"', ""))
    assert refusal() == (
        f"{file} has several profiles and no default: south, north. Name one: from_profile(...), or SONNYS_PROFILE."
    )
    write(file, f'[profiles.one]\napi_id = "one-id"\napi_key = "{KEY}"\n')
    assert read_profile().name == "one"


def test_without_anything_it_says_all_ways(file: Path) -> None:
    assert refusal() == (
        "No account is set up. Run sonnys profile add NAME, or set SONNYS_API_ID and SONNYS_API_KEY. To look around "
        "without an account, run sonnys demo."
    )
    assert refusal("acme") == (f"{file} has no profile 'acme'; it has none. Run sonnys profile add acme.")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("default = ", "is not TOML ("),
        ("api_id = 'x'", "api_id cannot stand at the top of the file, where only default and [pro"),
        ("profiles = 3", "profiles must be tables, such as [profiles.acme]."),
        ("[profiles]\nacme = 3", "profiles must be tables, such as [profiles.acme]."),
        ("default = 'b'\n[profiles.a]", "default='b' is not a profile of this file; it must be one of a."),
        (
            "[profiles.a]\napi_id = 'x'\nkey = 'y'",
            "profile a: key is not a setting; it must be one of api_id, api_key, ",
        ),
        ("[profiles.a]\napi_id = 3", "profile a: api_id=3 must be text, in quotes."),
        (
            f"[profiles.a]\napi_key = '{KEY}'",
            "a: api_id is missing. Add the API ID that the BackOffice shows, or set SONNYS_A_API_ID.",
        ),
        (f"[profiles.a]\napi_id = 'x'\napi_key = '{KEY} '", "profile a: api_key holds spaces at its ends"),
        (
            f"[profiles.a]\napi_id = 'x'\napi_key = '{KEY}'\nbase_url = 'http://a.com'",
            "profile a: base_url='http://a.com'",
        ),
        (f"[profiles.a]\napi_id = 'x'\napi_key = '{KEY}'\nbase_url = ''", "profile a: base_url must be a web address"),
        (
            f"[profiles.a]\napi_id = 'x'\napi_key = '{KEY}'\ntimezone = 'Chicago'",
            "timezone='Chicago' must be the IANA name",
        ),
        (f"[profiles.a]\napi_id = 'x'\napi_key = '{KEY}'\nthrottle = '20'", "'20' must be requests/seconds, such as"),
        (f"[profiles.a]\napi_id = 'x'\napi_key = '{KEY}'\nthrottle = '20/0'", "'20/0' must be requests/seconds"),
        (f"[profiles.a]\napi_id = 'x'\napi_key = '{KEY}'\nredact = 'name'", "'name' must be some of names, plates"),
        ("[profiles.a]\napi_id = 'x'", "the keyring has none for this API ID"),
    ],
)
def test_what_is_wrong_in_the_file_is_named(file: Path, text: str, said: str) -> None:
    write(file, text)
    told = refusal("a")
    assert said in told
    assert str(file) in told


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o610])
def test_a_key_that_others_may_read_is_refused(file: Path, mode: int) -> None:
    write(file, TWO, mode)
    assert refusal() == f"{file} holds a key, and others may read or write it. Run chmod 600 '{file}'."


def test_a_file_without_a_key_may_be_read_by_anybody(file: Path, keys: dict[Any, str]) -> None:
    keys["sonnys-data-client", "my-id"] = KEY
    write(file, "[profiles.a]\napi_id = 'my-id'", 0o644)
    assert read_profile("a").account.api_key.reveal() == KEY


def test_a_file_that_cannot_be_read_is_said(file: Path) -> None:
    file.mkdir()
    assert refusal() == f"{file} cannot be read (Is a directory). Correct that, or set SONNYS_CONFIG to another file."


def test_a_machine_without_a_keyring_has_no_key_in_it(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none(*_: str) -> None:
        raise NoKeyringError

    monkeypatch.setattr(keyring, "get_password", none)
    monkeypatch.setattr(keyring, "set_password", none)
    write(file, "[profiles.a]\napi_id = 'my-id'")
    assert "the keyring has none for this API ID" in refusal("a")
    with pytest.raises(ConfigurationError, match=r"did not take the key \(NoKeyringError\)\. Without keyring=True"):
        add_profile("b", {"api_id": "x", "api_key": KEY}, keyring=True)
    assert "[profiles.b]" not in file.read_text()


@pytest.mark.machine_times
def test_what_a_killed_run_left_beside_the_file_goes_with_the_next_write(file: Path) -> None:
    left, fresh = (file.with_name(f".{file.name}.{number}.part") for number in (1, 2))
    for path in (left, fresh):
        path.write_text(KEY)
    os.utime(left, (0, 0))
    add_profile("one", {"api_id": "one-id", "api_key": KEY})
    assert sorted(path.name for path in file.parent.iterdir()) == [fresh.name, file.name], "somebody may be writing it"


def test_adding_makes_a_private_file_and_leaves_the_rest_as_it_is(file: Path) -> None:
    file.parent.rmdir()
    assert add_profile("one", {"api_id": "one-id", "api_key": KEY, "archive": '/data/my "data"\x7f'}) == file
    assert [stat.S_IMODE(path.stat().st_mode) for path in (file, file.parent)] == [0o600, 0o700]
    with file.open("a") as more:
        more.write("# my own words\n")
    add_profile("two", {"api_id": "two-id", "api_key": KEY})
    assert profile_names() == ["one", "two"]
    assert "# my own words" in file.read_text()
    assert read_profile("one").archive == '/data/my "data"\x7f'
    assert read_profile("two").account.api_id == "two-id"
    assert [path.name for path in file.parent.iterdir()] == ["config.toml"]


def test_with_a_keyring_the_file_has_no_key(file: Path, keys: dict[Any, str]) -> None:
    add_profile("one", {"api_id": "one-id", "api_key": KEY}, keyring=True)
    assert KEY not in file.read_text()
    assert keys == {("sonnys-data-client", "one-id"): KEY}
    assert read_profile("one").account.api_key.reveal() == KEY


@pytest.mark.parametrize(
    ("name", "settings", "said"),
    [
        ("north", {"api_id": "x", "api_key": KEY}, "name='north' is the name of a profile in "),
        ("no.dots", {"api_id": "x", "api_key": KEY}, "name='no.dots' cannot name a profile; it must be letters"),
        ("", {"api_id": "x", "api_key": KEY}, "name='' cannot name a profile"),
        ("new", {"api_id": "x", "api_key": f"{KEY} "}, "api_key holds spaces at its ends"),
        ("new", {"api_id": "x", "api_key": KEY, "timezone": "Chicago"}, "timezone='Chicago' must be the IANA name"),
    ],
)
def test_what_could_not_be_read_back_is_not_written(file: Path, name: str, settings: dict[str, str], said: str) -> None:
    write(file, TWO)
    with pytest.raises(ConfigurationError) as caught:
        add_profile(name, settings)
    assert said in str(caught.value)
    assert KEY not in str(caught.value)
    assert file.read_text() == TWO


def test_the_default_comes_first_in_the_list(file: Path) -> None:
    assert profile_names() == []
    write(file, TWO)
    assert profile_names() == ["north", "south"]


def test_the_file_is_where_the_system_keeps_settings_unless_said_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    assert config_path({"SONNYS_CONFIG": "here.toml"}) == Path("here.toml")
    folder = SimpleNamespace(user_config_path=lambda name: Path("/settings", name))
    monkeypatch.setitem(sys.modules, "platformdirs", folder)
    assert config_path({}) == Path("/settings/sonnys/config.toml")


def test_an_archive_is_saved_with_its_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SONNYS_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.chdir(tmp_path)
    for name, archive in (("acme", "./arch"), ("remote", "s3://bucket/acme")):
        add_profile(name, {"api_id": "id", "api_key": "key", "archive": archive})
    monkeypatch.chdir("/")
    assert archive_place("acme") == str(tmp_path / "arch")
    assert archive_place("remote") == "s3://bucket/acme"
