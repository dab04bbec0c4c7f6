"""Keep rows that came and are not in their file yet. They lie on disk, so memory stays flat.

Pages come in any order. A spool gives their rows back by time. For that it remembers where each row begins and when it
happened: 16 bytes a row. Rows hold names and plates, so the file has no name: a killed process leaves none behind.
"""

from __future__ import annotations

import json
import shutil
from array import array
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self

from sonnys_data_client.atomic import replacing
from sonnys_data_client.text import encodable

__all__ = ["Spool", "json_text"]


def json_text(value: Any, write: Callable[[Any], str] = str, **options: Any) -> str:
    """Write a value as JSON on one line, in text that UTF-8 can encode.

    Characters that some readers take for the end of a line are written as escape sequences.

    Args:
        value: The value.
        write: Writes as text what JSON has no type for.
        **options: As `json.dumps` takes them.
    """
    text = json.dumps(value, ensure_ascii=False, default=write, **options)
    return text if text.isascii() else encodable(text.translate(_LINE_BREAKS))


_LINE_BREAKS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "\x85\u2028\u2029"}


class Spool:
    """A file of JSON objects, one a line. Closing it deletes it.

    Args:
        folder: A folder with room for it.
    """

    def __init__(self, folder: Path) -> None:
        self._file = TemporaryFile(dir=folder)  # noqa: SIM115 - closed by `__exit__`
        self._starts = array("q")
        self._moments = array("d")

    def __len__(self) -> int:
        return len(self._starts)

    def add(self, row: Mapping[str, Any], moment: datetime | None = None) -> None:
        """Add a row.

        Args:
            row: Plain values; what JSON has no type for is written as text.
            moment: What rows are ordered by; None if they come in order.
        """
        self._starts.append(self._file.tell())
        self._moments.append(moment.timestamp() if moment else 0.0)
        self._file.write(json_text(row).encode() + b"\n")

    def in_order(self) -> Iterator[dict[str, Any]]:
        """Yield the rows, oldest first; rows of one moment in the order they came."""
        for index in sorted(range(len(self)), key=self._moments.__getitem__):
            self._file.seek(self._starts[index])
            yield json.loads(self._file.readline())

    def keep(self, path: Path) -> None:
        """Write the rows to a file that stays: whole, or not at all.

        Raises:
            OSError: It cannot be written.
        """
        self._file.seek(0)
        with replacing(path) as part, part.open("wb") as copy:
            shutil.copyfileobj(self._file, copy)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        with suppress(OSError):  # on a full disk, closing cannot write what is left either
            self._file.close()
