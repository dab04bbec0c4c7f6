"""Rows that have come and are not in their file yet: on disk, so that memory stays flat and nothing that came is lost.

Rows come as their pages do, in no order. A spool gives them back by time, and remembers for that where each row
begins and when it happened: 16 bytes a row. Its file has no name, so that a process that is killed leaves none behind:
rows hold names and plates.
"""

from __future__ import annotations

import json
import shutil
from array import array
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

__all__ = ["Spool"]


class Spool:
    """A file of JSON objects, one a line; it goes when it is closed.

    Args:
        folder: Where there is room for it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `__exit__`
        self._starts = array("q")
        self._moments = array("d")

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, row: dict[str, Any], moment: datetime | None = None) -> None:
        """Put a row in.

        Args:
            row: Plain values; what JSON has no word for is written as text.
            moment: What it is ordered by; None for rows that come in order.
        """
        self._starts.append(self._file.tell())
        self._moments.append(moment.timestamp() if moment else 0.0)
        self._file.write(json.dumps(row, ensure_ascii=False, default=str).encode() + b"\n")

    def in_order(self) -> Iterator[dict[str, Any]]:
        """The rows, oldest first; those of the same moment in the order they came."""
        for index in sorted(range(len(self)), key=self._moments.__getitem__):
            self._file.seek(self._starts[index])
            yield json.loads(self._file.readline())

    def keep(self, path: Path) -> None:
        """Leave a copy of the rows where people find it."""
        self._file.seek(0)
        with path.open("wb") as copy:
            shutil.copyfileobj(self._file, copy)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
