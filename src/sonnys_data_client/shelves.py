"""Shelves keep the handles of an export's unfinished jobs.

So an export that was killed need not submit them again.

A handle holds a hash, a window, times and its owner: a digest of the account that submitted the job. It holds no secret
and no personal data. Several accounts may keep their jobs on one shelf. Each goes on with its own, and leaves the
others alone.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sonnys_data_client.atomic import replacing
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.modes import make_file, own_file

_STARTS = (b'{"hash": ', b'{"struck": ')
"""How each line begins. By this, a line that was cut short is told from a file of another kind."""


class MemoryShelf:
    """Keeps handles in memory, for several exports in one process."""

    def __init__(self) -> None:
        self._handles: dict[tuple[str, str], Mapping[str, Any]] = {}

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle by its `hash` and `owner`."""
        self._handles[_name(handle)] = dict(handle)

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Remove a handle, if it is there."""
        self._handles.pop(_name(handle), None)

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: ARG002  (for shelves that keep it)
        """Remove a handle whose page has come. Its rows are on their way to the caller."""
        self.strike(handle)

    def live(self) -> Sequence[Mapping[str, Any]]:
        """Return the handles that were stored and not removed, oldest first."""
        return list(self._handles.values())


class FileShelf:
    """Keeps handles in a file, one JSON object a line.

    A handle is on disk before its job is first polled.

    Lines are only added: a stored handle, or `{"struck": hash, "owner": owner}` for a removed one. The file is read
    before the first line is added, and reading replaces it by one with the handles that are left. A last line that a
    crash cut short is dropped. Its job was never polled. It is submitted again, and the server answers with the same
    job.

    Args:
        path: The file. It is made when first needed, in a folder that exists. Only one process may use it at a time.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        self._known = False

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle by its `hash` and `owner`. It is on disk when this returns.

        Raises:
            ConfigurationError: The file holds something else.
        """
        self._append({"hash": handle["hash"], **handle})

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Remove a handle, if it is there.

        Raises:
            ConfigurationError: The file holds something else.
        """
        hash_, owner = _name(handle)
        self._append({"struck": hash_, "owner": owner})

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:  # noqa: ARG002  (for shelves that keep it)
        """Remove a handle whose page has come. Its rows are on their way to the caller.

        Raises:
            ConfigurationError: The file holds something else.
        """
        self.strike(handle)

    def live(self) -> Sequence[Mapping[str, Any]]:
        """Return the handles that were stored and not removed, oldest first.

        Raises:
            ConfigurationError: The file holds something else.
        """
        shelf = MemoryShelf()
        try:
            *lines, last = self._path.read_bytes().split(b"\n")
        except FileNotFoundError:
            self._known = True
            return shelf.live()
        for number, line in enumerate(lines, 1):
            try:
                entry = json.loads(line)
                if "struck" in entry:
                    shelf.strike({"hash": entry["struck"], "owner": entry.get("owner", "")})
                else:
                    shelf.store(entry)
            except (ValueError, KeyError, TypeError):
                raise self._foreign(number) from None
        if not any(last[: len(start)] == start[: len(last)] for start in _STARTS):
            raise self._foreign(len(lines) + 1)
        self._rewrite(shelf.live())
        self._known = True
        return shelf.live()

    def _foreign(self, number: int) -> ConfigurationError:
        return ConfigurationError(
            f"{self._path} is not a file of job handles (line {number}): name another file, or delete this one."
        )

    def _append(self, entry: dict[str, Any]) -> None:
        if not self._known:
            self.live()
        own_file(self._path)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def _rewrite(self, handles: Sequence[Mapping[str, Any]]) -> None:
        with replacing(self._path) as part:
            make_file(part)
            part.write_text("".join(json.dumps(dict(handle)) + "\n" for handle in handles), encoding="utf-8")


def _name(handle: Mapping[str, Any]) -> tuple[str, str]:
    """What tells a handle from all others: two servers may give two jobs one hash."""
    return handle["hash"], handle.get("owner", "")
