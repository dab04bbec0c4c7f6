"""Shelves: where handles of live jobs are kept, so that a killed export does not submit its jobs again.

A handle holds a hash, a window and times: no secret and nothing personal.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sonnys_data_client.errors import ConfigurationError

_STARTS = (b'{"hash": ', b'{"struck": ')
"""How a line begins, so that a line cut short is told from somebody else's file."""


class MemoryShelf:
    """Keeps handles as long as the object lives: for one process that runs several exports."""

    def __init__(self) -> None:
        self._handles: dict[str, Mapping[str, Any]] = {}

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle under its `hash`."""
        self._handles[handle["hash"]] = dict(handle)

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Strike a handle out; not an error if it is not there."""
        self._handles.pop(handle["hash"], None)

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: ARG002  (for shelves that keep it)
        """Strike out a handle whose page is in: the rows are the export's caller's now."""
        self.strike(handle)

    def live(self) -> Sequence[Mapping[str, Any]]:
        """Return the handles that were stored and not struck out, oldest first."""
        return list(self._handles.values())


class FileShelf:
    """Keeps handles in a file, one JSON object a line, safely down before the job is polled for the first time.

    Lines are only ever added: a stored handle, or `{"struck": hash}`. Reading starts the file afresh with what is
    still live, and happens before anything is added. A last line that a crash cut short is left out: its job was never
    polled and is submitted again, which the server answers with the same job.

    Args:
        path: The file; made when first needed, in a folder that exists. For one process at a time.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._known = False

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle durably, under its `hash`.

        Raises:
            ConfigurationError: The file holds something else.
        """
        self._append({"hash": handle["hash"], **handle})

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Strike a handle out; not an error if it is not there.

        Raises:
            ConfigurationError: The file holds something else.
        """
        self._append({"struck": handle["hash"]})

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: ARG002  (for shelves that keep it)
        """Strike out a handle whose page is in: the rows are the export's caller's now.

        Raises:
            ConfigurationError: The file holds something else.
        """
        self.strike(handle)

    def live(self) -> Sequence[Mapping[str, Any]]:
        """Return the handles that were stored and not struck out, oldest first.

        Raises:
            ConfigurationError: The file holds something else.
        """
        shelf = MemoryShelf()
        try:
            *lines, torso = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            self._known = True
            return shelf.live()
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                if "struck" in entry:
                    shelf.strike({"hash": entry["struck"]})
                else:
                    shelf.store(entry)
            except (ValueError, KeyError, TypeError):
                raise self._foreign(number) from None
        if not any(torso[: len(start)] == start[: len(torso)] for start in _STARTS):
            raise self._foreign(len(lines) + 1)
        self._rewrite(shelf.live())
        self._known = True
        return shelf.live()

    def _foreign(self, number: int) -> ConfigurationError:
        return ConfigurationError(
            f"{self._path} is no file of job handles (line {number}): name another file, or delete this one."
        )

    def _append(self, entry: dict[str, Any]) -> None:
        if not self._known:
            self.live()
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _rewrite(self, handles: Sequence[Mapping[str, Any]]) -> None:
        beside = self._path.with_name(self._path.name + ".new")
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(dict(handle)) + "\n" for handle in handles)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._path)
