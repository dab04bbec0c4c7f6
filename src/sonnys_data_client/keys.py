"""Where the key of a profile is: in the file of profiles, in a file of its own, behind a command, and more.

| a profile has | the key is |
|---|---|
| `api_key = "..."` | that text |
| `key_file = "/var/run/secrets/acme"` | the content of that file, as Kubernetes, Docker and systemd mount secrets |
| `key_command = "op read op://wash/acme/key"` | what that command prints |
| none of them | in `SONNYS_ACME_API_KEY`, where ACME is the profile's name; else in the system's keyring |

A profile has one source. With two, nobody would know which key is sent, so that is an error. Errors name the profile
and the source, and never the key, nor anything that a command printed.

A command is run without a shell, and once a process. So a person is asked for a fingerprint once, however many profiles
share it. A file is read again for each client.
"""

from __future__ import annotations

import re
import shlex
import stat
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sonnys_data_client.errors import ConfigurationError, Remedy
from sonnys_data_client.secret import Secret

__all__ = ["KEY_SETTINGS", "forget_commands", "read_key", "save_in_keyring", "source_of_key", "variable_of"]

KEY_SETTINGS = ("api_key", "key_file", "api_key_file", "key_command")
"""Settings of a profile that say where its key is; `api_key_file` is another name for `key_file`."""

_KEYRING_SERVICE = "sonnys-data-client"
_COMMAND_S_MAX = 60.0
"""A person may have to unlock a password manager."""
_BYTES_MAX = 10_000
_printed: dict[str, str] = {}
_one_command = threading.Lock()


def variable_of(profile: str, setting: str) -> str:
    """Return the variable of the environment that gives a setting of a profile: `SONNYS_ACME_API_KEY`."""
    return f"SONNYS_{re.sub('[^A-Z0-9]', '_', profile.upper())}_{setting.upper()}"


def source_of_key(profile: str, settings: Mapping[str, Any], environ: Mapping[str, str], place: str = "") -> str:
    """Say in words where the key of a profile is. Reads no key, and runs no command.

    Args:
        profile: The profile's name.
        settings: What the file of profiles says about it.
        environ: The environment.
        place: The file and the profile, for errors; empty for arguments.

    Raises:
        ConfigurationError: The profile has several sources.
    """
    name = _source(profile, settings, environ, place)
    match name:
        case "api_key":
            return "the file of profiles"
        case "key_file" | "api_key_file":
            return f"{name} {settings[name]}"
        case "key_command":  # its arguments may be as secret as what it prints
            return f"key_command {shlex.split(settings[name])[0]}" if _is_command(settings[name]) else name
        case "":
            return "the keyring"
        case variable:
            return variable


def read_key(
    profile: str, api_id: str, settings: Mapping[str, Any], environ: Mapping[str, str], place: str = ""
) -> str | Secret:
    """Read the key of a profile from its source.

    Args:
        profile: The profile's name.
        api_id: Its API ID, under which a keyring has the key.
        settings: What the file of profiles says about it.
        environ: The environment.
        place: The file and the profile, for errors; empty for arguments.

    Raises:
        ConfigurationError: There is no key, or its source cannot be read. The error names the source.
    """
    name = _source(profile, settings, environ, place)
    match name:
        case "api_key":
            key: str | Secret = settings[name]
            return key
        case "key_file" | "api_key_file":
            return _of_file(name, settings[name], place)
        case "key_command":
            return _of_command(settings[name], place)
        case "":
            found = _of_keyring(api_id)
        case variable:
            return environ[variable]
    if found is None:
        raise ConfigurationError(
            "is missing, and the keyring has none for this API ID",
            parameter="api_key",
            source=place,
            remedy=f"Add api_key, key_file or key_command, or set {variable_of(profile, 'api_key')}.",
        )
    return found


def _source(profile: str, settings: Mapping[str, Any], environ: Mapping[str, str], place: str) -> str:
    """Return the setting or the variable that says where the key is; empty if it can only be in the keyring."""
    variable = variable_of(profile, "api_key")
    given = [name for name in KEY_SETTINGS if settings.get(name)]
    given += [variable] if environ.get(variable) else []
    if len(given) > 1:
        raise ConfigurationError(
            f"is one of several sources of the key, beside {' and '.join(given[1:])}",
            parameter=given[0],
            source=place,
            remedy="Leave one of them.",
        )
    return given[0] if given else ""


def forget_commands() -> None:
    """Forget what commands printed: the next key is read anew, because the old one is refused."""
    _printed.clear()


def save_in_keyring(api_id: str, key: str) -> None:
    """Save a key in the system's keyring.

    Raises:
        ConfigurationError: The keyring does not take it.
    """
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.set_password(_KEYRING_SERVICE, api_id, key)
    except KeyringError as problem:
        raise ConfigurationError(
            f"The keyring did not take the key ({type(problem).__name__}).", remedy=Remedy.KEYRING
        ) from None


def _of_file(setting: str, path: str, place: str) -> str:
    try:
        file = Path(path).expanduser()
        if not file.is_absolute():
            raise ConfigurationError(parameter=setting, value=path, allowed="an absolute path", source=place)
        if not stat.S_ISREG(file.stat().st_mode):  # through links, as Kubernetes mounts secrets
            raise ConfigurationError("is not a file", parameter=setting, value=path, source=place)
        with file.open("rb") as opened:
            content = opened.read(_BYTES_MAX + 1)
    except (OSError, RuntimeError) as problem:  # RuntimeError: there is no home folder
        reason = getattr(problem, "strerror", None) or str(problem)
        raise ConfigurationError(
            f"cannot be read ({reason})", parameter=setting, value=path, source=place, remedy="Correct the path."
        ) from None
    return _one_line(content, setting, path, place)


def _of_command(command: str, place: str) -> str:
    if not _is_command(command):
        raise ConfigurationError(
            "is not a command", parameter="key_command", source=place, remedy="Close the quotation marks in it."
        )
    with _one_command:  # two questions of a password manager at once would confuse
        if command not in _printed:
            _printed[command] = _run(command, place)
        return _printed[command]


def _run(command: str, place: str) -> str:
    words = shlex.split(command)
    problem = f"is to run {words[0]}, which "
    try:
        done = subprocess.run(  # noqa: S603 - the command is the user's own, and there is no shell
            words, stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_S_MAX, check=False
        )
    except subprocess.TimeoutExpired:
        problem += f"did not end within {_COMMAND_S_MAX:g} seconds"
    except OSError as error:
        problem += f"cannot be run ({error.strerror})"
    else:
        if not done.returncode:
            return _one_line(done.stdout, "key_command", words[0], place)
        problem += f"ended with exit code {done.returncode}"
    # `from None`: the error of a timeout holds what the command printed.
    raise ConfigurationError(
        problem, parameter="key_command", source=place, remedy="Run the command by hand to see why."
    ) from None


def _is_command(text: str) -> bool:
    try:
        return isinstance(text, str) and bool(shlex.split(text))
    except ValueError:  # an open quotation mark
        return False


def _one_line(content: bytes, setting: str, value: str, place: str) -> str:
    """Return a key without the line break after it.

    Raises:
        ConfigurationError: There is no text, or more than a line.
    """
    try:
        text = content.decode().removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError:
        text = ""
    if not text or "\n" in text or len(content) > _BYTES_MAX:
        raise ConfigurationError(
            "does not give a key", parameter=setting, value=value, allowed="a source of one line of text", source=place
        )
    return text


def _of_keyring(api_id: str) -> str | None:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ModuleNotFoundError:  # the extra is not installed, so nothing was ever put there
        return None
    try:
        return keyring.get_password(_KEYRING_SERVICE, api_id)
    except KeyringError:  # a machine without a desktop has no keyring, and says so in this way
        return None
