"""Read accounts from the environment, or from profiles in a file, with what else is set there.

```toml
default = "acme"                       # the profile to use when none is named

[profiles.acme]
api_id = "..."
api_key = "..."                        # or key_file = "/..." or key_command = "...": see `keys`
site_code = "MAIN"                     # this and all that follows may be left out
base_url = "https://..."
timezone = "America/Chicago"           # the zone of `yesterday` and of bare dates
archive = "/data/acme"
redact = "names,plates=hash"           # personal data that its archive must not hold: see `redaction`
throttle = "20/15"                     # requests in so many seconds, if the vendor has agreed to others
throttle_keeper = "redis://host:6379/0"  # who is counted together: see `throttles.keepers`
```

One source gives the whole account, so that a key is never sent with another account's ID or to another's address. It
is the first of these that is there:

1. the profile that was named, as an argument or in `SONNYS_PROFILE`;
2. `SONNYS_API_ID` and `SONNYS_API_KEY`, with the other `SONNYS_...` variables;
3. the file's default profile, or its only one.

For a profile of the file, `SONNYS_ACME_API_ID` and `SONNYS_ACME_API_KEY` may give what the file leaves out. They name
the profile, so they are no other account's.

The file is `SONNYS_CONFIG`, or `config.toml` in the system's folder for settings. If it holds a key, only its owner may
read or write it (mode 0600), as with ssh.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sonnys_data_client.config import (
    ENV_API_ID,
    ENV_API_KEY,
    PRODUCTION_URL,
    Account,
    account_from_env,
)
from sonnys_data_client.errors import NOT_GIVEN, ConfigurationError, Remedy
from sonnys_data_client.home import config_folder, data_folder
from sonnys_data_client.keys import KEY_SETTINGS, read_key, save_in_keyring, source_of_key, variable_of
from sonnys_data_client.profile import ENV_ARCHIVE, SETTINGS, VARIABLES, Profile, checked_profile
from sonnys_data_client.profile_file import ENV_CONFIG, read_file, toml_text, write_private
from sonnys_data_client.secret import Secret

__all__ = [
    "ENV_ARCHIVE",
    "add_profile",
    "archive_address",
    "archive_place",
    "config_path",
    "key_source",
    "profile_names",
    "profile_settings",
    "profiles_named",
    "read_profile",
]

ENV_PROFILE = "SONNYS_PROFILE"
_NAME = re.compile(r"[A-Za-z0-9_-]+")


def read_profile(name: str | None = None, environ: Mapping[str, str] | None = None) -> Profile:
    """Find the account, by the rule above.

    Args:
        name: A profile's name, or None.
        environ: The environment; that of this process unless given.

    Raises:
        ConfigurationError: There is none, or the file or a value in it is wrong.
    """
    env = os.environ if environ is None else environ
    found = _find(name, env)
    if found is None:
        raise ConfigurationError(
            "No account is set up.",
            remedy=f"Run sonnys profile add NAME, or set {ENV_API_ID} and {ENV_API_KEY}. To look around without an "
            "account, run sonnys demo.",
        )
    if found.path is None:
        origin = "the environment", ENV_API_KEY
        return checked_profile(found.name, origin, account_from_env(env), found.settings, names=VARIABLES)
    place = f"{found.path}: profile {found.name}"
    account = _account(found.name, found.settings, env, place)
    origin = str(found.path), source_of_key(found.name, found.settings, env, place)
    return checked_profile(found.name, origin, account, found.settings, place=place)


def profile_settings(name: str, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return what the file says about a profile, without its key. Reads no key, and runs no command.

    Args:
        name: The profile's name.
        environ: The environment; that of this process unless given.

    Raises:
        ConfigurationError: The file is wrong, or has no such profile.
    """
    found = _find(name, os.environ if environ is None else environ)
    settings = {} if found is None else found.settings
    return {setting: str(value) for setting, value in settings.items() if setting not in KEY_SETTINGS}


def key_source(name: str, environ: Mapping[str, str] | None = None) -> str:
    """Say in words where the key of a profile is. Reads no key, and runs no command.

    Args:
        name: The profile's name.
        environ: The environment; that of this process unless given.

    Raises:
        ConfigurationError: The file is wrong, or has no such profile, or it has several sources.
    """
    env = os.environ if environ is None else environ
    found = _find(name, env)
    settings = {} if found is None else found.settings
    return source_of_key(name, settings, env, f"{config_path(env)}: profile {name}")


def profiles_named(pattern: str, environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the names of the file's profiles that a pattern such as `west-*` fits, in the order of the file.

    Args:
        pattern: A name in which `*`, `?` and `[...]` stand for other characters, as in a shell.
        environ: The environment; that of this process unless given.

    Raises:
        ConfigurationError: The file is wrong, or no profile has such a name.
    """
    path = config_path(environ)
    names = list(read_file(path).get("profiles", {}))
    found = [name for name in names if fnmatchcase(name, pattern)]
    if not found:
        there = f"it has {', '.join(names)}" if names else "it has none"
        raise ConfigurationError(
            f"{path} has no profile that {pattern!r} fits; {there}.", remedy="Run sonnys profile add NAME."
        )
    return found


def archive_place(name: str | None = None, environ: Mapping[str, str] | None = None) -> str | None:
    """Return where the account's archive is; None if no setting says so. Needs no key, and no account.

    Args:
        name: A profile's name, or None.
        environ: The environment; that of this process unless given.

    Raises:
        ConfigurationError: The file is wrong, or has no such profile.
    """
    env = os.environ if environ is None else environ
    stated = env.get(ENV_ARCHIVE) or None
    try:
        found = _find(name, env)
    except _SeveralError:
        if stated is None:
            raise
        return stated
    place = None if found is None else found.settings.get("archive")
    return place or stated


def archive_address(name: str | None = None, environ: Mapping[str, str] | None = None) -> str:
    """Return where the account's archive is or is to be: `archive_place`, else the system's folder for data.

    Args:
        name: A profile's name, or None.
        environ: The environment; that of this process unless given.

    Raises:
        ConfigurationError: As for `archive_place`; or no setting says so, and this user has no home folder.
    """
    return archive_place(name, environ) or str(data_folder(ENV_ARCHIVE) / "archive")


def profile_names(environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the names of the file's profiles, the default first.

    Raises:
        ConfigurationError: The file is wrong.
    """
    file = read_file(config_path(environ))
    names = list(file.get("profiles", {}))
    return sorted(names, key=lambda name: (name != file.get("default"), names.index(name)))


def add_profile(name: str, settings: Mapping[str, str], *, keyring: bool = False) -> Path:
    """Add a profile at the end of the file. The rest of the file stays as it is; a missing file is made.

    Args:
        name: The profile's name: letters, digits, `-` and `_`.
        settings: Its settings under their names in the file, `api_key` included.
        keyring: Save the key in the system's keyring instead of the file.

    Returns:
        The file.

    Raises:
        ConfigurationError: The name is taken, a value is wrong, or there is no keyring or home folder.
    """
    path = config_path()
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            "cannot name a profile", parameter="name", value=name, allowed="letters, digits, - and _"
        )
    if name in read_file(path).get("profiles", {}):
        raise ConfigurationError(
            f"is the name of a profile in {path} already",
            parameter="name",
            value=name,
            remedy="Choose another name, or edit the file.",
        )
    checked_profile(name, (str(path), ""), _account(name, settings, {}), settings)
    kept = dict(settings)
    if "://" not in kept.get("archive", "://"):  # a later command may run in another folder
        kept["archive"] = os.path.abspath(os.path.expanduser(kept["archive"]))  # noqa: PTH100, PTH111 - as typed, no links followed
    if keyring:
        save_in_keyring(settings["api_id"], kept.pop("api_key"))
    lines = [f"\n[profiles.{name}]", *(f"{key} = {toml_text(value)}" for key, value in kept.items())]
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    write_private(path, before + "\n".join([*lines, ""]).lstrip("\n" if not before else ""))
    return path


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """Return the path of the profiles: `SONNYS_CONFIG`, or a file in the system's folder for settings.

    Raises:
        ConfigurationError: This user has no home folder, and `SONNYS_CONFIG` is not set.
    """
    env = os.environ if environ is None else environ
    if env.get(ENV_CONFIG):
        return Path(env[ENV_CONFIG])
    return config_folder(ENV_CONFIG) / "config.toml"


@dataclass(frozen=True, slots=True)
class _Found:
    """The settings of the account; `path` is None if they come from the environment."""

    name: str
    path: Path | None
    settings: Mapping[str, Any]


class _SeveralError(ConfigurationError):
    """The file has several profiles, and nothing says which one to use."""


def _find(name: str | None, env: Mapping[str, str]) -> _Found | None:
    if name is None:  # a name that is empty is a mistake, and no leave to take another account
        name = env.get(ENV_PROFILE) or None
    if name is None and (env.get(ENV_API_ID) or env.get(ENV_API_KEY)):
        return _Found("main", None, _of_environment(env))
    try:
        path = config_path(env)
    except ConfigurationError:  # nobody has saved a profile for a user without a home folder
        if name is None:
            return None
        raise
    file = read_file(path)
    profiles: dict[str, Any] = file.get("profiles", {})
    names = list(profiles)
    if name is None:
        name = file.get("default") or (names[0] if len(names) == 1 else None)
    if name is None and not names:
        return None
    if name is None:
        raise _SeveralError(f"{path} has several profiles and no default: {', '.join(names)}.", remedy=Remedy.PROFILE)
    if name not in profiles:
        there = f"it has {', '.join(names)}" if names else "it has none"
        raise ConfigurationError(
            f"{path} has no profile {name!r}; {there}.",
            remedy=f"{'Name one that is there, or run' if names else 'Run'} sonnys profile add {name}.",
        )
    return _Found(name, path, profiles[name])


def _of_environment(env: Mapping[str, str]) -> dict[str, str]:
    return {setting: env[variable] for setting, variable in VARIABLES.items() if env.get(variable)}


def _account(name: str, settings: Mapping[str, Any], env: Mapping[str, str], place: str = "") -> Account:
    """Read a profile's credentials. Errors name `place`, the file and profile; it is empty for arguments."""
    if unknown := sorted(settings.keys() - set(SETTINGS)):
        raise ConfigurationError("is not a setting", parameter=unknown[0], allowed=SETTINGS, source=place)
    for setting, value in settings.items():
        if not isinstance(value, str | Secret):
            shown = NOT_GIVEN if setting in KEY_SETTINGS else value  # a key of nothing but digits, for example
            raise ConfigurationError(parameter=setting, value=shown, allowed="text, in quotes", source=place)
    variable = variable_of(name, "api_id")
    if settings.get("api_id") and env.get(variable):
        raise ConfigurationError(
            f"is given by {variable}, too", parameter="api_id", source=place, remedy="Leave one of them out."
        )
    api_id = settings.get("api_id") or env.get(variable, "")
    if not api_id:
        remedy = f"Add the API ID that the BackOffice shows, or set {variable}."
        raise ConfigurationError("is missing", parameter="api_id", source=place, remedy=remedy)
    key = read_key(name, api_id, settings, env, place)
    try:
        return Account(api_id, key, settings.get("site_code"), settings.get("base_url", PRODUCTION_URL))
    except ConfigurationError as problem:
        problem.source = place
        raise
