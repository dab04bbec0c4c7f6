"""A second name for a file, where nobody replaces it."""

from __future__ import annotations

import shutil
from pathlib import Path

from sonnys_data_client.modes import own_file


def link_or_copy(source: Path, to: Path) -> bool:
    """Make a file readable under a second name, where nobody replaces it.

    Returns:
        Whether there is such a file.
    """
    try:
        to.hardlink_to(source)
    except OSError:
        # The file system has no hard links; or the file was replaced while it was being linked, and the system says
        # "not found". Opening the name works in both cases, unless there really is no file.
        return _copy(source, to)
    return True


def _copy(source: Path, to: Path) -> bool:
    try:
        with source.open("rb") as file, _private(to).open("wb") as copy:
            shutil.copyfileobj(file, copy)  # an open file stays one version, even if its name is replaced
    except FileNotFoundError:
        return False
    return True


def _private(path: Path) -> Path:
    own_file(path)
    return path
