"""Rows that have come and are not in their file yet: on disk, so that memory stays flat and nothing that came is lost.

Rows come as their pages do, in no order. A spool gives them back by time, and remembers for that where each row
begins and when it happened: 16 bytes a row.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

__all__ = ["Spool"]


class Spool:
    """A file of JSON objects, one a line; it goes when it is closed, unless it was kept.

    Args:
        path: The file, which is made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = path.open("wb+")
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
        """Leave the rows where people find them."""
        self._file.flush()
        self._path.replace(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)
