"""Read accounts from the environment, or from profiles in a file, with what else is set there.

```toml
default = "acme"                       # the profile to use when none is named

[profiles.acme]
api_id = "..."
api_key = "..."                        # left out: it is in the system's keyring
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

The file is `SONNYS_CONFIG`, or `config.toml` in the system's folder for settings. If it holds a key, only its owner may
read or write it (mode 0600), as with ssh.
"""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sonnys_data_client.atomic import replacing
from sonnys_data_client.config import (
    ENV_API_ID,
    ENV_API_KEY,
    PRODUCTION_URL,
    Account,
    account_from_env,
)
from sonnys_data_client.errors import NOT_GIVEN, ConfigurationError, Remedy, ValidationError
from sonnys_data_client.home import config_folder
from sonnys_data_client.modes import make_file, make_folder
from sonnys_data_client.redaction import Redaction
from sonnys_data_client.secret import Secret
from sonnys_data_client.throttles.keepers import ENV_THROTTLE_KEEPER, MACHINE, check_keeper
from sonnys_data_client.zones import read_timezone

__all__ = ["ENV_ARCHIVE", "Profile", "add_profile", "archive_place", "config_path", "profile_names", "read_profile"]

ENV_PROFILE = "SONNYS_PROFILE"
ENV_CONFIG = "SONNYS_CONFIG"
ENV_ARCHIVE = "SONNYS_ARCHIVE"
ENV_TIMEZONE = "SONNYS_TIMEZONE"
ENV_THROTTLE = "SONNYS_THROTTLE"
ENV_REDACT = "SONNYS_REDACT"
_VARIABLES = {
    "timezone": ENV_TIMEZONE,
    "archive": ENV_ARCHIVE,
    "throttle": ENV_THROTTLE,
    "redact": ENV_REDACT,
    "throttle_keeper": ENV_THROTTLE_KEEPER,
}
"""Settings that the environment may give besides the account, and their variables."""

_KEYRING_SERVICE = "sonnys-data-client"
_NAME = re.compile(r"[A-Za-z0-9_-]+")
_SETTINGS = (
    *("api_id", "api_key", "site_code", "base_url"),
    *("timezone", "archive", "redact", "throttle", "throttle_keeper"),
)
_THROTTLE = re.compile(r"(\d+)/(\d+(?:\.\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Profile:
    """An account, and its owner's settings for it.

    Attributes:
        name: The profile's name; `"main"` for an account of the environment.
        source: Where it comes from, in words.
        account: The credentials and the address.
        timezone: IANA name of the zone of its days, or None.
        archive: Folder or address of its archive, or None.
        throttle: Requests and seconds, or None for the API's own 20 in 15 s.
        redact: Personal data that its archive must not hold; None if nobody said so.
        throttle_keeper: Who is counted together, as `throttles.keepers` lists it. It may hold a password.
    """

    name: str
    source: str
    account: Account
    timezone: str | None = None
    archive: str | None = None
    throttle: tuple[int, float] | None = None
    redact: Redaction | None = None
    throttle_keeper: str = field(default=MACHINE, repr=False)


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
        return _checked(found.name, "the environment", account_from_env(env), found.settings, names=_VARIABLES)
    place = f"{found.path}: profile {found.name}"
    return _checked(found.name, str(found.path), _account(found.settings, place), found.settings, place=place)


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


def profile_names(environ: Mapping[str, str] | None = None) -> list[str]:
    """Return the names of the file's profiles, the default first.

    Raises:
        ConfigurationError: The file is wrong.
    """
    file = _read_file(config_path(environ))
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
    if name in _read_file(path).get("profiles", {}):
        raise ConfigurationError(
            f"is the name of a profile in {path} already",
            parameter="name",
            value=name,
            remedy="Choose another name, or edit the file.",
        )
    _checked(name, str(path), _account(settings), settings)
    kept = dict(settings)
    if "://" not in kept.get("archive", "://"):  # a later command may run in another folder
        kept["archive"] = os.path.abspath(os.path.expanduser(kept["archive"]))  # noqa: PTH100, PTH111 - as typed, no links followed
    if keyring:
        _to_keyring(settings["api_id"], kept.pop("api_key"))
    lines = [f"\n[profiles.{name}]", *(f"{key} = {_toml_text(value)}" for key, value in kept.items())]
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    _write_private(path, before + "\n".join([*lines, ""]).lstrip("\n" if not before else ""))
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
    file = _read_file(path)
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
            f"{path} cannot be read ({problem.strerror}).",
            remedy=f"Correct that, or set {ENV_CONFIG} to another file.",
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ConfigurationError(
            f"{path} is not TOML ({problem}).", remedy=f"Correct it, or set {ENV_CONFIG} to another file."
        ) from None
    profiles = content.get("profiles", {})
    if not isinstance(profiles, dict) or not all(isinstance(profile, dict) for profile in profiles.values()):
        raise ConfigurationError(parameter="profiles", allowed="tables, such as [profiles.acme]", source=str(path))
    _hide_keys(profiles)
    if unknown := sorted(content.keys() - {"default", "profiles"}):
        raise ConfigurationError(
            "cannot stand at the top of the file, where only default and [profiles.NAME] belong",
            parameter=unknown[0],
            source=str(path),
        )
    if "default" in content and content["default"] not in profiles:
        raise ConfigurationError(
            "is not a profile of this file" if profiles else "is not a profile of this file, which has none",
            parameter="default",
            value=content["default"],
            allowed=list(profiles),
            source=str(path),
        )
    holds_key = any("api_key" in profile for profile in profiles.values())
    if holds_key and os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"{path} holds a key, and others may read or write it.", remedy=f"Run chmod 600 '{path}'."
        )
    return content


def _hide_keys(profiles: Mapping[str, dict[str, Any]]) -> None:
    """Replace the keys in decoded profiles by secrets: no error about the file shows them from now on."""
    for profile in profiles.values():
        if isinstance(profile.get("api_key"), str) and profile["api_key"]:
            profile["api_key"] = Secret(profile["api_key"])


def _of_environment(env: Mapping[str, str]) -> dict[str, str]:
    return {setting: env[variable] for setting, variable in _VARIABLES.items() if env.get(variable)}


def _account(settings: Mapping[str, Any], place: str = "") -> Account:
    """Read a profile's credentials. Errors name `place`, the file and profile; it is empty for arguments."""
    if unknown := sorted(settings.keys() - set(_SETTINGS)):
        raise ConfigurationError("is not a setting", parameter=unknown[0], allowed=_SETTINGS, source=place)
    for name, value in settings.items():
        if not isinstance(value, str | Secret):
            shown = NOT_GIVEN if name == "api_key" else value  # a key of nothing but digits, for example
            raise ConfigurationError(parameter=name, value=shown, allowed="text, in quotes", source=place)
    api_id = settings.get("api_id", "")
    if not api_id:
        raise ConfigurationError(
            "is missing", parameter="api_id", source=place, remedy="Add the API ID that the BackOffice shows."
        )
    key = settings.get("api_key") or _from_keyring(api_id)
    if key is None:
        raise ConfigurationError(
            "is missing, and the keyring has none for this API ID",
            parameter="api_key",
            source=place,
            remedy="Add it, or run sonnys profile add.",
        )
    try:
        return Account(api_id, key, settings.get("site_code"), settings.get("base_url", PRODUCTION_URL))
    except ConfigurationError as problem:
        problem.source = place
        raise


def _checked(
    name: str,
    source: str,
    account: Account,
    settings: Mapping[str, str],
    *,
    place: str = "",
    names: Mapping[str, str] | None = None,
) -> Profile:
    """Check a profile's other settings. Errors call them by `names`, and name `place`."""
    called = names or {setting: setting for setting in _VARIABLES}
    zone, throttle = settings.get("timezone") or None, settings.get("throttle") or None
    try:
        read_timezone(zone)
    except ValidationError as problem:
        raise ConfigurationError(
            parameter=called["timezone"], value=zone, allowed=problem.allowed, source=place
        ) from None
    pace = _THROTTLE.fullmatch(throttle) if throttle else None
    if throttle and (pace is None or not int(pace[1]) or not float(pace[2])):
        raise ConfigurationError(
            parameter=called["throttle"], value=throttle, allowed="requests/seconds, such as 20/15", source=place
        )
    limits = (int(pace[1]), float(pace[2])) if pace else None
    try:
        keeper = check_keeper(settings.get("throttle_keeper") or MACHINE)
    except ValidationError as problem:
        raise ConfigurationError(
            "is none", parameter=called["throttle_keeper"], allowed=problem.allowed, source=place
        ) from None
    hidden = settings.get("redact") or None
    try:
        redact = None if hidden is None else Redaction.read(hidden)
    except ValidationError as problem:
        raise ConfigurationError(
            parameter=called["redact"], value=hidden, allowed=problem.allowed, source=place
        ) from None
    return Profile(name, source, account, zone, settings.get("archive") or None, limits, redact, keeper)


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
            f"The keyring did not take the key ({type(problem).__name__}).", remedy=Remedy.KEYRING
        ) from None


def _toml_text(value: str) -> str:
    # A basic string of TOML is one of JSON, as long as nothing is written in halves of a surrogate pair.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write_private(path: Path, text: str) -> None:
    """Replace the file by one that only its owner may read. It is written whole or not at all."""
    make_folder(path.parent)
    with replacing(path) as part:
        make_file(part)
        part.write_text(text, encoding="utf-8")
