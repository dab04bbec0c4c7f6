"""Who may open the files and folders that this package makes: their owner, and nobody else.

They hold names, plates and keys. So their modes do not depend on the umask: a service often has one of 0. Each file and
folder of ours is made here, or is closed here before it gets its name. Files that a user asks for by name, such as
those of `sonnys export`, are the user's own: they follow the umask, and are not made here.

Windows has no such modes, and neither have some file systems (FAT, some shares). There nothing is set, and nothing is
complained about.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

__all__ = ["GROUP", "OWNER", "Access", "keeps_modes", "make_file", "make_folder", "own_file", "set_mode"]

_POSIX = os.name == "posix"


@dataclass(frozen=True, slots=True)
class Access:
    """Who may open files and folders.

    Attributes:
        folder: Mode of a folder.
        file: Mode of a file.
    """

    folder: int
    file: int

    def is_exceeded_by(self, mode: int) -> bool:
        """Tell whether a mode lets in somebody whom these modes keep out.

        Args:
            mode: A file's or a folder's, with its type, as `os.stat` returns it.
        """
        wanted = self.folder if stat.S_ISDIR(mode) else self.file
        return bool(mode & (stat.S_IRWXG | stat.S_IRWXO) & ~wanted)


OWNER = Access(0o700, 0o600)
"""Nobody but the owner."""
GROUP = Access(0o2750, 0o640)
"""The owner, and the folder's group may read. New files and folders belong to that group, too (setgid)."""


def make_folder(path: Path, access: Access = OWNER) -> None:
    """Make a folder and those above it, as far as they are missing. Those that are there stay as they are.

    Raises:
        OSError: It cannot be made, or is a file.
    """
    if not _POSIX:  # there, Python would read a mode as rights of Windows
        path.mkdir(parents=True, exist_ok=True)
        return
    try:
        path.mkdir(OWNER.folder)
    except FileNotFoundError:
        make_folder(path.parent, access)
        make_folder(path, access)
    except OSError:
        if not path.is_dir():
            raise
    else:
        set_mode(path, access)


def make_file(path: Path, access: Access = OWNER) -> None:
    """Make an empty file, to be written next.

    Raises:
        FileExistsError: There is one, which somebody else may have made.
        OSError: It cannot be made.
    """
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER.file))
    set_mode(path, access)


def own_file(path: Path, access: Access = OWNER) -> None:
    """Make an empty file unless there is one, and close one that is more open.

    Raises:
        OSError: It cannot be made.
    """
    try:
        make_file(path, access)
    except FileExistsError:
        set_mode(path, access)


def set_mode(path: Path, access: Access) -> bool:
    """Give a file or a folder its mode. A link stays as it is, and so does what is another user's.

    Returns:
        Whether it has another mode now than before.
    """
    if not _POSIX:
        return False
    with suppress(OSError):
        before = path.lstat().st_mode
        wanted = access.folder if stat.S_ISDIR(before) else access.file
        if stat.S_ISLNK(before) or stat.S_IMODE(before) == wanted:
            return False
        path.chmod(wanted)
        return path.lstat().st_mode != before  # a file system without modes may say that it has done it
    return False


def keeps_modes(path: Path) -> bool:
    """Tell whether the file system keeps modes, by a new file that is removed again.

    Args:
        path: A name for the file.

    Raises:
        OSError: It cannot be made.
    """
    if not _POSIX:
        return False
    make_file(path)
    try:
        return stat.S_IMODE(path.stat().st_mode) == OWNER.file
    finally:
        path.unlink()
