"""The files of an archive: in a folder of this machine, or at any address that fsspec knows.

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
import tempfile
import uuid
import weakref
from abc import ABC, abstractmethod
from collections.abc import Generator, Iterable
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from sonnys_data_client.archive.database import INSTALL
from sonnys_data_client.atomic import is_running, move
from sonnys_data_client.errors import ArchiveError

WORK_FOLDER = ".work"
"""The folder for everything that is not a table: files being written, links for queries, the ledger, the lock."""


WRITABLE = "Make room, or allow writing there, and run it again."


class Files(ABC):
    """The files of one archive.

    Attributes:
        address: The archive's address, as the user gave it.
        work_folder: A folder of this machine for files being written, from which publishing is one step.
    """

    address: str
    work_folder: Path

    @abstractmethod
    def names(self, folder: str) -> list[str]:
        """List all files below a folder, sorted; none if there is no such folder."""

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
        """Return a new path in the work folder, for a file to write; its name has this process's number.

        Raises:
            ArchiveError: The work folder cannot be made.
        """
        folder = self.work_folder / "scratch"
        with explained(f"{self.address} cannot be written"):
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{os.getpid()}-{uuid.uuid4().hex}"

    def link_path(self) -> Path:
        """Return a new path for a link to a file, or for its copy: in the work folder if that can be written."""
        try:
            return self.scratch()
        except ArchiveError:  # the archive is read-only for this user
            return Path(tempfile.gettempdir(), f"sonnys-{uuid.uuid4().hex}")

    def clean(self) -> int:
        """Remove what killed processes left in the work folder.

        Returns:
            How many files and folders that were.
        """
        scratch = [(path, path.name.partition("-")[0]) for path in (self.work_folder / "scratch").glob("*-*")]
        left = [path for path, pid in scratch if pid.isdecimal() and not is_running(int(pid))]
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

    def names(self, folder: str) -> list[str]:
        """List all files below a folder, through links to other folders, too; each folder once."""
        found: list[str] = []
        seen: set[str] = set()
        for directory, folders, files in os.walk(self.root / folder, followlinks=True):
            place = os.path.realpath(directory)
            if place in seen:
                folders.clear()
                continue
            seen.add(place)
            folders.sort()
            found += [Path(directory, file).relative_to(self.root).as_posix() for file in files]
        return sorted(found)

    def publish(self, made: Path, name: str) -> None:
        """Move a file to its name."""
        target = self.root / name
        with explained(f"{self.address}: {name} cannot be written"):
            target.parent.mkdir(parents=True, exist_ok=True)
            move(made, target, top=self.root)

    def remove(self, name: str) -> None:
        """Remove a file."""
        with explained(f"{self.address}: {name} cannot be removed"):
            (self.root / name).unlink(missing_ok=True)

    def fetch(self, name: str, to: Path) -> bool:
        """Link to a file, or copy it on a file system without hard links."""
        to.parent.mkdir(parents=True, exist_ok=True)
        return _link_or_copy(self.root / name, to)

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        return (self.root / name).exists()


class RemoteFiles(Files):
    """An address that fsspec knows, such as `s3://bucket/folder` or `memory://folder`.

    Args:
        system: The file system.
        root: The folder in it.
        address: The address as the user gave it, without a password that it may hold.
    """

    def __init__(self, system: Any, root: str, address: str) -> None:
        self.address = address
        self._system = system
        self._root = root.rstrip("/")
        self.work_folder = Path(tempfile.mkdtemp(prefix="sonnys-archive-"))
        weakref.finalize(self, shutil.rmtree, self.work_folder, ignore_errors=True)
        self._kept: dict[str, tuple[Any, Path]] = {}

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def names(self, folder: str) -> list[str]:
        """List all files below a folder."""
        with self._explained(f"{folder} cannot be listed"):
            self._system.invalidate_cache()
            try:
                found: Iterable[str] = self._system.find(self._at(folder))
            except FileNotFoundError:
                return []
            return sorted(path.partition(f"{self._root}/")[2] for path in found)

    def publish(self, made: Path, name: str) -> None:
        """Upload a file to its name."""
        with self._explained(f"{name} cannot be written"):
            self._system.put_file(
                str(made), self._at(name)
            )  # makes folders where there are folders, and never a bucket
        made.unlink()

    def create(self, name: str, text: str) -> bool:
        """Create a small file unless there is one, in one step where the store can (S3, Google and Azure can).

        Returns:
            Whether it was created.
        """
        with self._explained(f"{name} cannot be written"):
            # In an object store this makes nothing: its bucket exists, because the archive's mark is in it.
            self._system.makedirs(self._at(name).rsplit("/", 1)[0], exist_ok=True)
            self._system.invalidate_cache()
            try:
                self._system.pipe_file(self._at(name), text.encode(), mode="create")
            except FileExistsError:
                return False
        return True

    def write(self, name: str, text: str) -> None:
        """Write a small file, and replace what is there."""
        with self._explained(f"{name} cannot be written"):
            self._system.pipe_file(self._at(name), text.encode())

    def read(self, name: str) -> str | None:
        """Read a small file as text; None if there is none."""
        with self._explained(f"{name} cannot be read"):
            try:
                content: bytes = self._system.cat_file(self._at(name))
            except FileNotFoundError:
                return None
        return content.decode(errors="replace")

    def remove(self, name: str) -> None:
        """Remove a file."""
        with self._explained(f"{name} cannot be removed"), suppress(FileNotFoundError):
            self._system.rm_file(self._at(name))

    def fetch(self, name: str, to: Path) -> bool:
        """Download a file, unless it has not changed since it was last downloaded."""
        to.parent.mkdir(parents=True, exist_ok=True)
        with self._explained(f"{name} cannot be read"):
            self._system.invalidate_cache()
            try:
                version = self._system.ukey(self._at(name))
                known, copy = self._kept.get(name, (None, to))
                if known != version:
                    copy = self.work_folder / "fetched" / name
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.unlink(missing_ok=True)
                    self._system.get_file(self._at(name), str(copy))
                    self._kept[name] = version, copy
            except FileNotFoundError:
                return False
        return _link_or_copy(copy, to)

    def exists(self, name: str) -> bool:
        """Tell whether there is such a file."""
        with self._explained(f"{name} cannot be looked for"):
            self._system.invalidate_cache()
            return bool(self._system.exists(self._at(name)))

    @contextmanager
    def _explained(self, what: str) -> Generator[None]:
        advice = (
            "Check that the address is right, can be reached, and may be used with these credentials, and run it again."
        )
        with explained(f"{self.address}: {what}", Exception, advice=advice):
            yield


def files_at(address: str | os.PathLike[str]) -> LocalFiles | RemoteFiles:
    """Return the files at a path or URL. Does no I/O.

    Raises:
        ArchiveError: fsspec does not know this kind of address, or is not installed.
    """
    text = os.fspath(address)
    scheme, separator, _ = text.partition("://")
    if not separator:
        return LocalFiles(Path(text).expanduser())
    try:
        core: Any = import_module("fsspec.core")
    except ModuleNotFoundError:
        raise ArchiveError(f"An archive at {scheme}:// needs fsspec, which is not installed.", remedy=INSTALL) from None
    try:
        system, root = core.url_to_fs(text)
    except (ValueError, ImportError) as problem:
        raise ArchiveError(f"The address {scheme}://... cannot be used ({problem}).") from None
    return LocalFiles(Path(root)) if scheme in {"file", "local"} else RemoteFiles(system, root, _shown(text))


def _shown(text: str) -> str:
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
        raise ArchiveError(f"{what} ({_shown(reason)}).", remedy=advice) from problem


def _link_or_copy(source: Path, to: Path) -> bool:
    try:
        to.hardlink_to(source)
    except OSError:
        # The file system has no hard links; or the file was replaced while it was being linked, and the system says
        # "not found". Opening the name works in both cases, unless there really is no file.
        return _copy(source, to)
    return True


def _copy(source: Path, to: Path) -> bool:
    try:
        with source.open("rb") as file, to.open("wb") as copy:
            shutil.copyfileobj(file, copy)  # an open file stays one version, even if its name is replaced
    except FileNotFoundError:
        return False
    return True
