"""The files of an archive at an address that fsspec knows.

Files are written and read in a temporary folder of this process, and uploaded or downloaded.
"""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sonnys_data_client.archive.files import Files, explained
from sonnys_data_client.archive.links import link_or_copy
from sonnys_data_client.modes import make_folder

_VERSIONS = ("ETag", "etag", "generation", "md5Hash", "mtime", "LastModified", "last_modified", "updated", "created")
"""Where stores say which version of a file they have, the most exact first."""


def _version_of(about: Mapping[str, Any]) -> str:
    version = next((about[name] for name in _VERSIONS if about.get(name)), "")
    if isinstance(version, datetime):  # one store gives one time in two ways
        version = version.timestamp()
    return f"{about.get('size')}-{version}"


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

    def stamps(self, folder: str) -> dict[str, str]:
        """Return the stamps of all files below a folder, by name, sorted."""
        with self._explained(f"{folder} cannot be listed"):
            self._system.invalidate_cache()
            try:
                found: dict[str, Mapping[str, Any]] = self._system.find(self._at(folder), detail=True)
            except FileNotFoundError:
                return {}
            return {path.partition(f"{self._root}/")[2]: _version_of(about) for path, about in sorted(found.items())}

    def stamp(self, name: str) -> str | None:
        """Return what the store says of a file's version."""
        with self._explained(f"{name} cannot be looked for"):
            self._system.invalidate_cache()
            try:
                return _version_of(self._system.info(self._at(name)))
            except FileNotFoundError:
                return None

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
        make_folder(to.parent)
        with self._explained(f"{name} cannot be read"):
            self._system.invalidate_cache()
            try:
                version = self._system.ukey(self._at(name))
                known, copy = self._kept.get(name, (None, to))
                if known != version:
                    copy = self.work_folder / "fetched" / name
                    make_folder(copy.parent)
                    copy.unlink(missing_ok=True)
                    self._system.get_file(self._at(name), str(copy))
                    self._kept[name] = version, copy
            except FileNotFoundError:
                return False
        return link_or_copy(copy, to)

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
