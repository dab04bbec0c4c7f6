"""The system's folders for settings and data, most of which are below a user's home folder.

A process in a container often has none: `docker run -u 54321` gives a user's number that no file of users names, and no
`HOME`. Then the answer is what to set instead.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from sonnys_data_client.errors import ConfigurationError

__all__ = ["config_folder", "data_folder"]


def config_folder(variable: str) -> Path:
    """Return the system's folder for the settings of this program.

    Args:
        variable: The variable of the environment that names a file instead.

    Raises:
        ConfigurationError: It would be below a home folder, and there is none.
    """
    import platformdirs

    return _found(platformdirs.user_config_path, f"set {variable} to a file")


def data_folder(variable: str) -> Path:
    """Return the system's folder for the data of this program.

    Args:
        variable: The variable of the environment that names a folder instead.

    Raises:
        ConfigurationError: It would be below a home folder, and there is none.
    """
    import platformdirs

    return _found(platformdirs.user_data_path, f"set {variable} to a folder")


def _found(find: Callable[[str], Path], instead: str) -> Path:
    with suppress(RuntimeError):  # earlier versions of platformdirs return a path that begins with `~`
        folder = find("sonnys")
        if folder.is_absolute():
            return folder
    raise ConfigurationError("This user has no home folder.", remedy=f"Set HOME, or {instead}.")
