"""Where accounts come from: the environment, or profiles in a file; and what else is said about them there.

```toml
default = "acme"                       # which profile is meant when none is named

[profiles.acme]
api_id = "..."
api_key = "..."                        # left out: it is in the system's keyring
site_code = "MAIN"                     # all that follow may be left out
base_url = "https://..."
timezone = "America/Chicago"           # whose days `yesterday` and bare dates mean
archive = "/data/acme"
throttle = "20/15"                     # requests in so many seconds, if the vendor has agreed to others
```

One source gives the whole account, so that a key never goes out with another account's ID or to another's address:

1. the profile that was named, as an argument or in `SONNYS_PROFILE`;
2. `SONNYS_API_ID` and `SONNYS_API_KEY`, with the other `SONNYS_...` variables;
3. the file's default profile, or its only one.

The file is `SONNYS_CONFIG`, or `config.toml` where the system keeps settings. One that holds a key must be its
owner's alone (mode 0600), as for ssh.
"""

from __future__ import annotations

import json
import os
import re
import stat
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sonnys_data_client.config import (
    ENV_API_ID,
    ENV_API_KEY,
    PRODUCTION_URL,
    Account,
    account_from_env,
    read_timezone,
)
from sonnys_data_client.errors import ConfigurationError, ValidationError

__all__ = ["Profile", "add_profile", "archive_place", "config_path", "profile_names", "read_profile"]

ENV_PROFILE = "SONNYS_PROFILE"
ENV_CONFIG = "SONNYS_CONFIG"
ENV_ARCHIVE = "SONNYS_ARCHIVE"
ENV_TIMEZONE = "SONNYS_TIMEZONE"
ENV_THROTTLE = "SONNYS_THROTTLE"

_PART_S_MAX = 60.0
"""Nobody takes so long to write a small file: what is older was left."""
_KEYRING_SERVICE = "sonnys-data-client"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SETTINGS = ("api_id", "api_key", "site_code", "base_url", "timezone", "archive", "throttle")
_THROTTLE = re.compile(r"(\d+)/(\d+(?:\.\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Profile:
    """An account and what its owner has said about it.

    Attributes:
        name: The profile's name; `"main"` for an account of the environment.
        source: Where it comes from, for people.
        account: The credentials and the address.
        timezone: IANA name of the zone whose days are meant, or None.
        archive: Where its archive is, or None.
        throttle: Requests and seconds, or None for the API's own 20 in 15 s.
    """

    name: str
    source: str
    account: Account
    timezone: str | None = None
    archive: str | None = None
    throttle: tuple[int, float] | None = None


def read_profile(name: str | None = None, environ: Mapping[str, str] | None = None) -> Profile:
    """Find the account that is meant, by the rule above.

    Args:
        name: A profile's name, or None.
        environ: The environment; this process's if not given.

    Raises:
        ConfigurationError: There is none, or the file or a value in it cannot be right.
    """
    env = os.environ if environ is None else environ
    found = _find(name, env)
    if found is None:
        raise ConfigurationError(
            f"No account is set up: run sonnys profile add NAME, or set {ENV_API_ID} and {ENV_API_KEY}. "
            "To look around without one, run sonnys demo."
        )
    if found.path is None:
        return _checked(found.name, "the environment", account_from_env(env), found.settings)
    account = _account(found.path, found.name, found.settings)
    return _checked(found.name, str(found.path), account, found.settings)


def archive_place(name: str | None = None, environ: Mapping[str, str] | None = None) -> str | None:
    """Where the archive of the account that is meant is, if anything says so. Needs no key, and no account.

    Args:
        name: A profile's name, or None.
        environ: The environment; this process's if not given.

    Raises:
        ConfigurationError: The file cannot be right, or has no such profile.
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


def profile_names(environ: Mapping[str, str] | None = None) -> list[str]:
    """The names of the file's profiles, its default first.

    Raises:
        ConfigurationError: The file cannot be right.
    """
    file = _read_file(config_path(environ))
    names = list(file.get("profiles", {}))
    return sorted(names, key=lambda name: (name != file.get("default"), names.index(name)))


def add_profile(name: str, settings: Mapping[str, str], *, keyring: bool = False) -> Path:
    """Add a profile at the end of the file, which is made if it is not there; what is in it stays as it is.

    Args:
        name: The profile's name: letters, digits, `-` and `_`.
        settings: Its settings, as the file has them; `api_key` among them.
        keyring: Keep the key in the system's keyring, and not in the file.

    Returns:
        The file.

    Raises:
        ConfigurationError: The name is taken, or a value cannot be right, or there is no keyring.
    """
    path = config_path()
    if not _NAME.fullmatch(name):
        raise ConfigurationError(f"{name!r} is no name for a profile: use letters, digits, - and _.")
    if name in _read_file(path).get("profiles", {}):
        raise ConfigurationError(f"{path} has a profile {name!r} already: choose another name, or edit the file.")
    _checked(name, str(path), _account(path, name, settings), settings)
    kept = dict(settings)
    if keyring:
        _to_keyring(settings["api_id"], kept.pop("api_key"))
    lines = [f"\n[profiles.{name}]", *(f"{key} = {_toml_text(value)}" for key, value in kept.items())]
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    _write_private(path, before + "\n".join([*lines, ""]).lstrip("\n" if not before else ""))
    return path


def config_path(environ: Mapping[str, str] | None = None) -> Path:
    """Where the profiles are: `SONNYS_CONFIG`, or where the system keeps settings."""
    env = os.environ if environ is None else environ
    if env.get(ENV_CONFIG):
        return Path(env[ENV_CONFIG])
    import platformdirs

    return platformdirs.user_config_path("sonnys") / "config.toml"


@dataclass(frozen=True, slots=True)
class _Found:
    """What is said of the account that is meant; `path` is None where the environment says it."""

    name: str
    path: Path | None
    settings: Mapping[str, Any]


class _SeveralError(ConfigurationError):
    """The file has several profiles, and nothing says which one is meant."""


def _find(name: str | None, env: Mapping[str, str]) -> _Found | None:
    if name is None:  # a name that is empty is a mistake, and no leave to take another account
        name = env.get(ENV_PROFILE) or None
    if name is None and (env.get(ENV_API_ID) or env.get(ENV_API_KEY)):
        return _Found("main", None, _of_environment(env))
    path = config_path(env)
    file = _read_file(path)
    profiles: dict[str, Any] = file.get("profiles", {})
    names = list(profiles)
    if name is None:
        name = file.get("default") or (names[0] if len(names) == 1 else None)
    if name is None and not names:
        return None
    if name is None:
        raise _SeveralError(
            f"{path} has several profiles and no default: name one with --profile ({', '.join(names)})."
        )
    if name not in profiles:
        raise ConfigurationError(
            f"{path} has no profile {name!r}: {_choices(names)}; sonnys profile add {name} makes it."
        )
    return _Found(name, path, profiles[name])


def _read_file(path: Path) -> dict[str, Any]:
    import tomllib

    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = tomllib.load(file)
    except FileNotFoundError:
        return {}
    except OSError as problem:
        raise ConfigurationError(
            f"{path} cannot be read ({problem.strerror}): see to it, or set {ENV_CONFIG}."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigurationError(f"{path} is not TOML ({problem}): mend it, or set {ENV_CONFIG} to another.") from None
    profiles = content.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(profile, dict) for profile in profiles.values()):
        raise ConfigurationError(f"{path}: profiles must be tables, such as [profiles.acme].")
    if unknown := sorted(content.keys() - {"default", "profiles"}):
        raise ConfigurationError(
            f"{path} holds {unknown[0]!r} at its top: only default and [profiles.NAME] belong there."
        )
    if "default" in content and content["default"] not in profiles:
        raise ConfigurationError(f"{path}: the default profile is none of its profiles: {_choices(list(profiles))}.")
    holds_key = any("api_key" in profile for profile in profiles.values())
    if holds_key and os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(f"{path} holds a key, and others may read or write it: run chmod 600 '{path}'.")
    return content


def _of_environment(env: Mapping[str, str]) -> dict[str, str]:
    variables = {"timezone": ENV_TIMEZONE, "archive": ENV_ARCHIVE, "throttle": ENV_THROTTLE}
    return {setting: env[variable] for setting, variable in variables.items() if env.get(variable)}


def _account(path: Path, name: str, settings: Mapping[str, Any]) -> Account:
    if unknown := sorted(settings.keys() - set(_SETTINGS)):
        raise ConfigurationError(f"{path}: profile {name} has {unknown[0]!r}: allowed are {', '.join(_SETTINGS)}.")
    if wrong := [key for key, value in settings.items() if not isinstance(value, str)]:
        raise ConfigurationError(f"{path}: {wrong[0]} of profile {name} must be text, in quotes.")
    api_id = settings.get("api_id", "")
    if not api_id:
        raise ConfigurationError(f"{path}: profile {name} has no api_id: put in what the BackOffice shows.")
    key = settings.get("api_key") or _from_keyring(api_id)
    if key is None:
        raise ConfigurationError(
            f"profile {name} has no api_key in {path}, and the keyring has none for its API ID: run "
            "sonnys profile add, or put it in."
        )
    try:
        return Account(api_id, key, settings.get("site_code") or None, settings.get("base_url", PRODUCTION_URL))
    except ConfigurationError as problem:
        raise ConfigurationError(f"{path}: profile {name}: {problem}") from None


def _checked(name: str, source: str, account: Account, settings: Mapping[str, str]) -> Profile:
    zone, throttle = settings.get("timezone") or None, settings.get("throttle") or None
    try:
        read_timezone(zone)
    except ValidationError as problem:
        raise ConfigurationError(f"{source}: {problem}") from None
    pace = _THROTTLE.fullmatch(throttle) if throttle else None
    if throttle and (pace is None or not int(pace[1]) or not float(pace[2])):
        raise ConfigurationError(f"{source}: throttle={throttle!r} must be requests/seconds, such as 20/15.")
    limits = (int(pace[1]), float(pace[2])) if pace else None
    return Profile(name, source, account, zone, settings.get("archive") or None, limits)


def _choices(names: list[str]) -> str:
    return f"it has {', '.join(names)}" if names else "it has none"


def _from_keyring(api_id: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError:  # the extra is not installed, so nothing was ever put there
        return None
    try:
        return keyring.get_password(_KEYRING_SERVICE, api_id)
    except KeyringError:  # a machine without a desktop has no keyring, and says so in this way
        return None


def _to_keyring(api_id: str, key: str) -> None:
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_KEYRING_SERVICE, api_id, key)
    except KeyringError as problem:
        raise ConfigurationError(
            f"The keyring did not take the key ({type(problem).__name__}): without --keyring it goes into the file."
        ) from None


def _toml_text(value: str) -> str:
    # A basic string of TOML is one of JSON, as long as nothing is written in halves of a surrogate pair.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write_private(path: Path, text: str) -> None:
    """Put a file in place that only its owner may read, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for left in path.parent.glob(f".{path.name}.*.part"):  # by a run that was killed: it may hold a key
        if time.time() - left.stat().st_mtime > _PART_S_MAX:
            left.unlink(missing_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
