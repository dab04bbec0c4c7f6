"""Read and write the file of profiles. `profiles` says what is in it."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sonnys_data_client.atomic import replacing
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.modes import make_file, make_folder
from sonnys_data_client.secret import Secret

__all__ = ["ENV_CONFIG", "read_file", "toml_text", "write_private"]

ENV_CONFIG = "SONNYS_CONFIG"


def read_file(path: Path) -> dict[str, Any]:
    """Read the file, and check what is the same for all profiles; empty if there is no file.

    Raises:
        ConfigurationError: It cannot be read or is not allowed, or others may read a key in it.
    """
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


def toml_text(value: str) -> str:
    """Write a text in TOML."""
    # A basic string of TOML is one of JSON, as long as nothing is written in halves of a surrogate pair.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def write_private(path: Path, text: str) -> None:
    """Replace the file by one that only its owner may read. It is written whole or not at all."""
    make_folder(path.parent)
    with replacing(path) as part:
        make_file(part)
        part.write_text(text, encoding="utf-8")
