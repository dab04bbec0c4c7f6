"""The files of an archive: in a folder of this machine, or at any address that fsspec knows (`remote_files`).

A new file is written in the *work folder* and then published under its name in one step. Whoever opens the name finds
the old file or the new one, whole. On this machine `atomic.move` does that; an object store replaces an object in one
step anyway. A query never finds a file that is being written: the work folder is outside the tables' folders, and its
files do not end in `.parquet`.

Names are relative to the archive, with `/` between their parts.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import tempfile
import time
import uuid
import weakref
import zlib
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sonnys_data_client.archive.database import INSTALL
from sonnys_data_client.archive.links import link_or_copy
from sonnys_data_client.atomic import is_running, move
from sonnys_data_client.errors import ArchiveError
from sonnys_data_client.modes import OWNER, Access, make_folder, own_file, set_mode

if TYPE_CHECKING:
    from sonnys_data_client.archive.remote_files import RemoteFiles

WORK_FOLDER = ".work"
"""The folder for everything that is not a table: files being written, links for queries, ledgers, locks."""
ACCOUNTS = f"{WORK_FOLDER}/accounts"
"""The folder with a folder for each account: its ledger and its lock."""


_HOST_DIGITS = 8
_LEFT_S = 86_400.0
"""No file of the work folder is needed for a day."""

WRITABLE = "Make room, or allow writing there, and run it again."
REDACTION = "redaction.json"
"""The file of `privacy`. It is its owner's alone, whoever else may read the archive."""
READABLE = "Allow this user to read it, for a group with sonnys sync --shared, and run it again."


class Files(ABC):
    """The files of one archive.

    Attributes:
        address: The archive's address, as the user gave it.
        work_folder: A folder of this machine for files being written, from which publishing is one step.
        access: Who may open them. Whoever reads the archive's mark sets it: see `mark`.
    """

    address: str
    work_folder: Path
    access: Access = OWNER

    @abstractmethod
    def names(self, folder: str) -> list[str]:
        """List all files below a folder, sorted; none if there is no such folder."""

    @abstractmethod
    def stamps(self, folder: str) -> dict[str, str]:
        """Return the stamps of all files below a folder, by name, sorted. Lists folders, and opens no file."""

    @abstractmethod
    def stamp(self, name: str) -> str | None:
        """Return a text that changes when the file is replaced; None if there is no such file."""

    @abstractmethod
    def read(self, name: str) -> str | None:
        """Read a small file as text; None if there is none."""

    @abstractmethod
    def publish(self, made: Path, name: str) -> None:
        """Move a finished file of the work folder to its name, in one durable step, and replace what is there."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file; not an error if it is not there."""

    @abstractmethod
    def fetch(self, name: str, to: Path) -> bool:
        """Make the file as it is now readable at `to`, where nobody replaces it.

        Returns:
            Whether there is such a file.
        """

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Tell whether there is a file of this name."""

    def scratch(self) -> Path:
        """Return a new path in the work folder, for a file to write.

        Raises:
            ArchiveError: The work folder cannot be made.
        """
        folder = self.work_folder / "scratch"
        with explained(f"{self.address} cannot be written"):
            make_folder(folder, self.access)
        return folder / _new_name()

    def close_work_folder(self) -> None:
        """Make the work folder, or close one that an earlier version of this package left open.

        Raises:
            ArchiveError: It cannot be made.
        """
        folder = self.scratch().parent
        for each in (self.work_folder, folder):
            set_mode(each, self.access)

    def link_path(self) -> Path:
        """Return a new path for a link to a file, or for its copy."""
        return self.scratch()

    def link(self, name: str, to: Path) -> Path | None:
        """Make a file readable without copying it if possible.

        Args:
            name: The file.
            to: A path from `link_path`, or below one.

        Returns:
            Where it can be read: `to`, where nobody replaces it; or its own path, where somebody may. None if there is
            no such file.
        """
        return to if self.fetch(name, to) else None

    def clean(self) -> int:
        """Remove what killed processes left in the work folder.

        Returns:
            How many files and folders that were.
        """
        left = [path for path in (self.work_folder / "scratch").glob("*-*") if _is_left(path)]
        for path in left:
            if path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)
        return len(left)


class LocalFiles(Files):
    """A folder of this machine.

    Args:
        root: The folder. It is made when the first file is published.
    """

    def __init__(self, root: Path) -> None:
        self.address = str(root)
        self.root = root
        self.work_folder = root / WORK_FOLDER

    @cached_property
    def _links(self) -> Path:
        """The folder for links and copies: in the work folder, or a private one where this user may only read."""
        folder = self.work_folder / "scratch"
        try:
            make_folder(folder, self.access)
            tried = folder / _new_name()  # the rights alone do not tell, on a share
            own_file(tried)
            tried.unlink()
        except OSError:
            folder = Path(tempfile.mkdtemp(prefix="sonnys-archive-"))
            weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        return folder

    def link_path(self) -> Path:
        """Return a new path for a link: in the work folder, or in the reader's own temporary folder."""
        with explained(f"{self.address} cannot be read here"):
            return self._links / _new_name()

    def link(self, name: str, to: Path) -> Path | None:
        """Link to a file. A reader whose temporary folder is elsewhere reads the file itself."""
        if self._links.is_relative_to(self.work_folder):
            return super().link(name, to)
        own = self.root / name
        try:
            make_folder(to.parent)
            to.hardlink_to(own)
        except OSError:
            return own if self.exists(name) else None
        return to

    def access_to(self, name: str) -> Access:
        """Return who may open a file of the archive."""
        return OWNER if name == REDACTION else self.access

    def close_root(self) -> None:
        """Make the archive's folder, or close one that somebody made for it.

        Raises:
            ArchiveError: It cannot be made.
        """
        with explained(f"{self.address} cannot be written"):
            make_folder(self.root, self.access)
        set_mode(self.root, self.access)

    def names(self, folder: str) -> list[str]:
        """List all files below a folder, through links to other folders, too; each folder once."""
        return sorted(self._below(folder))

    def stamps(self, folder: str) -> dict[str, str]:
        """Return the stamps of all files below a folder, by name, sorted."""
        found = ((name, self.stamp(name)) for name in self.names(folder))
        return {name: stamp for name, stamp in found if stamp is not None}

    def stamp(self, name: str) -> str | None:
        """Return size, time and inode of a file."""
        with explained(f"{self.address}: {name} cannot be read", advice=READABLE):
            try:
                now = os.stat(f"{self.root}/{name}")  # noqa: PTH116 - a path object takes longer to make than the call
            except FileNotFoundError:
                return None
        return f"{now.st_size}-{now.st_mtime_ns}-{now.st_ino}"

    def read(self, name: str) -> str | None:
        """Read a small file as text; None if there is none."""
        with explained(f"{self.address}: {name} cannot be read", advice=READABLE):
            try:
                return (self.root / name).read_text(encoding="utf-8", errors="replace")
            except FileNotFoundError:
                return None

    def _below(self, folder: str) -> Iterator[str]:
        """Yield the names of all files below a folder.

        Raises:
            ArchiveError: A folder may not be read: its rows would be missing without a word.
        """
        left, seen = [folder], set[tuple[int, int]]()
        with explained(f"{self.address}: {folder or 'it'} cannot be listed", advice=READABLE):
            while left:
                place = left.pop()
                path = f"{self.root}/{place}"
                try:
                    about = os.stat(path)  # noqa: PTH116
                    entries = [] if (about.st_dev, about.st_ino) in seen else list(os.scandir(path))
                except FileNotFoundError:
                    continue
                seen.add((about.st_dev, about.st_ino))
                for entry in sorted(entries, key=lambda entry: entry.name, reverse=True):  # the first is popped first
                    name = f"{place}/{entry.name}" if place else entry.name
                    if entry.is_dir():
                        left.append(name)
                    else:
                        yield name

    def publish(self, made: Path, name: str) -> None:
        """Move a file to its name."""
        target = self.root / name
        with explained(f"{self.address}: {name} cannot be written"):
            make_folder(target.parent, self.access)
            set_mode(made, self.access_to(name))  # before it has its name: other programs wrote it, by the umask
            move(made, target, top=self.root)

    def remove(self, name: str) -> None:
        """Remove a file."""
        with explained(f"{self.address}: {name} cannot be removed"):
            (self.root / name).unlink(missing_ok=True)

    def fetch(self, name: str, to: Path) -> bool:
        """Link to a file, or copy it on a file system without hard links."""
        with explained(f"{self.address}: {name} cannot be read", advice=READABLE):
            make_folder(to.parent)
            return link_or_copy(self.root / name, to)

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        with explained(f"{self.address} cannot be read", advice=READABLE):
            return (self.root / name).exists()


def files_at(address: str | os.PathLike[str]) -> LocalFiles | RemoteFiles:
    """Return the files at a path or URL. Does no I/O.

    Raises:
        ArchiveError: fsspec does not know this kind of address, or is not installed; or a folder's name is not UTF-8.
    """
    text = os.fspath(address)
    scheme, separator, _ = text.partition("://")
    if not separator:
        return LocalFiles(_folder(text))
    try:
        core: Any = import_module("fsspec.core")
    except ModuleNotFoundError:
        raise ArchiveError(f"An archive at {scheme}:// needs fsspec, which is not installed.", remedy=INSTALL) from None
    try:
        system, root = core.url_to_fs(text)
    except (ValueError, ImportError) as problem:
        raise ArchiveError(f"The address {scheme}://... cannot be used ({problem}).") from None
    if scheme in {"file", "local"}:
        return LocalFiles(Path(root))
    from sonnys_data_client.archive.remote_files import RemoteFiles

    return RemoteFiles(system, root, shown(text))


def _folder(text: str) -> Path:
    """Return the folder that a text names.

    Raises:
        ArchiveError: DuckDB cannot open files in it, or it is below a home folder that is not known.
    """
    try:
        folder = Path(text).expanduser()
        os.fspath(folder.absolute()).encode()
    except RuntimeError:
        raise ArchiveError(f"Nobody knows where {text!r} is: there is no such home folder.") from None
    except UnicodeEncodeError as problem:
        raise ArchiveError(
            f"The folder {problem.object.encode(errors='backslashreplace').decode()} has a name that is not UTF-8, and "
            "DuckDB cannot open files there.",
            remedy="Rename it, or choose another folder.",
        ) from None
    return folder


def shown(text: str) -> str:
    """Return a text without the passwords that addresses in it may hold."""
    return re.sub(r"(://[^/\s:@]*):[^/\s]*@", r"\1:***@", text)


@contextmanager
def explained(what: str, *kinds: type[Exception], advice: str = WRITABLE) -> Generator[None]:
    """Turn an error of the system into an `ArchiveError` that says what failed, why, and what to do.

    Args:
        what: What cannot be done.
        kinds: Errors to turn besides `OSError`.
        advice: What to do.
    """
    try:
        yield
    except ArchiveError:
        raise
    except Exception as problem:
        if not isinstance(problem, (OSError, *kinds)):
            raise
        reason = (problem.strerror if isinstance(problem, OSError) else None) or str(problem) or type(problem).__name__
        raise ArchiveError(f"{what} ({shown(reason)}).", remedy=advice) from problem


def _new_name() -> str:
    """Return a name that no file has. It begins with this process and machine: `clean` knows whose file it is."""
    return f"{os.getpid()}-{_this_host()}-{uuid.uuid4().hex}"


def _this_host() -> str:
    return f"{zlib.crc32(socket.gethostname().encode()):08x}"


def _is_left(path: Path) -> bool:
    """Tell whether a file of the work folder is one that a killed process left.

    Another machine may work in the same folder, and its processes cannot be asked for. What it left goes after a day.
    """
    pid, host, *_ = (*path.name.split("-"), "")
    if not pid.isdecimal():
        return False
    if len(host) == _HOST_DIGITS and host != _this_host():
        with suppress(OSError):
            return time.time() - path.stat().st_mtime > _LEFT_S
        return False
    return not is_running(int(pid))
