"""Where an archive's files lie: a folder of this machine, or any address that fsspec knows.

A file is made beside, in the *workshop*, and then published under its name in one step: whoever opens the name sees
the old file or the new one, whole. On this machine that is write, fsync, rename, fsync of the folder; an object store
replaces an object in one step anyway. Nothing that is being made ever lies where others look: the workshop is outside
the tables' folders, and its files do not end in `.parquet`.

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

from sonnys_data_client.atomic import is_running, move
from sonnys_data_client.errors import ArchiveError

WORKSHOP = ".work"
"""The folder for everything that is no table: files being made, links to read by, the ledger."""


class Files(ABC):
    """The files of one archive.

    Attributes:
        address: Where it is, as the user named it.
        workshop: A folder of this machine for files being made, such that publishing from it is one step.
    """

    address: str
    workshop: Path

    @abstractmethod
    def names(self, folder: str) -> list[str]:
        """All files below a folder, sorted; none if there is no such folder."""

    @abstractmethod
    def publish(self, made: Path, name: str) -> None:
        """Move a finished file of the workshop to its name, replacing what is there, in one durable step."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Remove a file; not an error if it is not there."""

    @abstractmethod
    def borrow(self, name: str, to: Path) -> bool:
        """Make the file as it is now readable at `to`, where nobody replaces it; False if it is not there."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether there is a file of this name."""

    def scratch(self) -> Path:
        """A new path in the workshop, marked with this process's number.

        Raises:
            ArchiveError: The workshop cannot be made.
        """
        folder = self.workshop / "scratch"
        with explained(f"{self.address} cannot be written"):
            folder.mkdir(parents=True, exist_ok=True)
        return folder / f"{os.getpid()}-{uuid.uuid4().hex}"

    def nook(self) -> Path:
        """A new path to read something by: in the workshop, where links are possible, or else elsewhere."""
        try:
            return self.scratch()
        except ArchiveError:  # a folder that we may only read
            return Path(tempfile.gettempdir(), f"sonnys-{uuid.uuid4().hex}")

    def clean(self) -> int:
        """Remove what processes left in the workshop that run no more. Returns how much that was."""
        scratch = [(path, path.name.partition("-")[0]) for path in (self.workshop / "scratch").glob("*-*")]
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
        root: The folder; made when something is published.
    """

    def __init__(self, root: Path) -> None:
        self.address = str(root)
        self.root = root
        self.workshop = root / WORKSHOP

    def names(self, folder: str) -> list[str]:
        """All files below a folder."""
        found: list[str] = []
        for directory, _, files in os.walk(self.root / folder):
            found += [Path(directory, file).relative_to(self.root).as_posix() for file in files]
        return sorted(found)

    def publish(self, made: Path, name: str) -> None:
        """Move a file to its name: fsync, rename, fsync of the folders."""
        target = self.root / name
        with explained(f"{self.address}: {name} cannot be written"):
            target.parent.mkdir(parents=True, exist_ok=True)
            move(made, target, top=self.root)

    def remove(self, name: str) -> None:
        """Remove a file."""
        with explained(f"{self.address}: {name} cannot be removed"):
            (self.root / name).unlink(missing_ok=True)

    def borrow(self, name: str, to: Path) -> bool:
        """Link to a file, or copy it where there are no hard links."""
        to.parent.mkdir(parents=True, exist_ok=True)
        return _link_or_copy(self.root / name, to)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        return (self.root / name).exists()


class RemoteFiles(Files):
    """An address that fsspec knows, such as `s3://bucket/folder` or `memory://folder`.

    Args:
        system: The file system.
        root: The folder in it.
        address: The address as the user named it, but for a password in it.
    """

    def __init__(self, system: Any, root: str, address: str) -> None:
        self.address = address
        self._system = system
        self._root = root.rstrip("/")
        self.workshop = Path(tempfile.mkdtemp(prefix="sonnys-archive-"))
        weakref.finalize(self, shutil.rmtree, self.workshop, ignore_errors=True)
        self._kept: dict[str, tuple[Any, Path]] = {}

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def names(self, folder: str) -> list[str]:
        """All files below a folder."""
        with self._explained(f"{folder} cannot be listed"):
            self._system.invalidate_cache()
            try:
                found: Iterable[str] = self._system.find(self._at(folder))
            except FileNotFoundError:
                return []
            return sorted(path.partition(f"{self._root}/")[2] for path in found)

    def publish(self, made: Path, name: str) -> None:
        """Send a file to its name."""
        with self._explained(f"{name} cannot be written"):
            self._system.put_file(str(made), self._at(name))  # makes folders where there are any, and never a bucket
        made.unlink()

    def create(self, name: str, text: str) -> bool:
        """Send a file that is not there yet: in one step where the store can (S3, Google and Azure can)."""
        with self._explained(f"{name} cannot be written"):
            # Of a store, this makes nothing: the archive's mark is in its bucket by now.
            self._system.makedirs(self._at(name).rsplit("/", 1)[0], exist_ok=True)
            self._system.invalidate_cache()
            try:
                self._system.pipe_file(self._at(name), text.encode(), mode="create")
            except FileExistsError:
                return False
        return True

    def write(self, name: str, text: str) -> None:
        """Send a small file to its name, whatever is there."""
        with self._explained(f"{name} cannot be written"):
            self._system.pipe_file(self._at(name), text.encode())

    def read(self, name: str) -> str | None:
        """Fetch a small file as text; None if it is not there."""
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

    def borrow(self, name: str, to: Path) -> bool:
        """Fetch a file, unless it has not changed since it was last fetched."""
        to.parent.mkdir(parents=True, exist_ok=True)
        with self._explained(f"{name} cannot be read"):
            self._system.invalidate_cache()
            try:
                version = self._system.ukey(self._at(name))
                known, copy = self._kept.get(name, (None, to))
                if known != version:
                    copy = self.workshop / "fetched" / name
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    copy.unlink(missing_ok=True)
                    self._system.get_file(self._at(name), str(copy))
                    self._kept[name] = version, copy
            except FileNotFoundError:
                return False
        return _link_or_copy(copy, to)

    def exists(self, name: str) -> bool:
        """Whether there is such a file."""
        with self._explained(f"{name} cannot be looked for"):
            self._system.invalidate_cache()
            return bool(self._system.exists(self._at(name)))

    @contextmanager
    def _explained(self, what: str) -> Generator[None]:
        advice = "Check that the address is right, can be reached, and may be used with these credentials"
        with explained(f"{self.address}: {what}", Exception, advice=advice):
            yield


def files_at(address: str | os.PathLike[str]) -> LocalFiles | RemoteFiles:
    """The files at a path or URL. Does no I/O.

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
        raise ArchiveError(
            f"An archive at {scheme}:// needs fsspec, which is not installed.",
            remedy="Run pip install 'sonnys-data-client[archive]'.",
        ) from None
    try:
        system, root = core.url_to_fs(text)
    except (ValueError, ImportError) as problem:
        raise ArchiveError(f"The address {scheme}://... cannot be used ({problem}).") from None
    return LocalFiles(Path(root)) if scheme in {"file", "local"} else RemoteFiles(system, root, _shown(text))


def _shown(text: str) -> str:
    """A text without the passwords that addresses in it may carry."""
    return re.sub(r"(://[^/\s:@]*):[^/\s]*@", r"\1:***@", text)


@contextmanager
def explained(what: str, *kinds: type[Exception], advice: str = "Make room, or allow writing there") -> Generator[None]:
    """Turn what the system refuses into an `ArchiveError` that says what and why.

    Args:
        what: What cannot be done.
        kinds: What to explain besides the system's own errors.
        advice: What may help.
    """
    try:
        yield
    except ArchiveError:
        raise
    except Exception as problem:
        if not isinstance(problem, (OSError, *kinds)):
            raise
        reason = (problem.strerror if isinstance(problem, OSError) else None) or str(problem) or type(problem).__name__
        raise ArchiveError(f"{what} ({_shown(reason)}).", remedy=f"{advice}, and run it again.") from problem


def _link_or_copy(source: Path, to: Path) -> bool:
    try:
        to.hardlink_to(source)
    except OSError:
        # A file system without hard links; or the file that the name stood for was replaced while it was being linked,
        # which the system calls not found. Opening a name has neither trouble, unless it is really not there.
        return _copy(source, to)
    return True


def _copy(source: Path, to: Path) -> bool:
    try:
        with source.open("rb") as file, to.open("wb") as copy:
            shutil.copyfileobj(file, copy)  # one open file is one version, whoever replaces the name meanwhile
    except FileNotFoundError:
        return False
    return True
