"""Replace a file in one durable step: whoever opens its name finds the old file or the new one, whole.

The new file is written beside the old one. Then its bytes go to the disk (fsync), it is renamed over the old one, and
the folder goes to the disk too. Without the last step, a power cut may bring the old file back.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["is_running", "move", "replacing"]

_IDLE_S_MAX = 3600.0
"""A file that is being written changes more often than once an hour."""


@contextmanager
def replacing(path: Path) -> Generator[Path]:
    """Yield a name beside `path` to write to, and move that file to `path` at the end of the block.

    If the block raises, the file is removed and `path` stays as it was. A file that the block makes under the yielded
    name with a suffix, such as `.ndjson`, is the block's to remove. What killed processes left beside `path` is
    removed first. One process may replace a file in one thread at a time.

    Args:
        path: The file to replace; it need not exist. Its folder must.

    Raises:
        OSError: The file cannot be written.
    """
    for left in _left_beside(path):
        with suppress(OSError):  # another user's file may stay: its name is never used again
            left.unlink()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        move(part, path)
    finally:
        part.unlink(missing_ok=True)


def move(made: Path, path: Path, *, top: Path | None = None) -> None:
    """Move a finished file to a name on the same file system, and replace what is there.

    Args:
        made: The finished file.
        path: Its name.
        top: A folder above `path` that existed before; folders between the two may be new. None if `path` is in a
            folder that existed.

    Raises:
        OSError: The file cannot be moved.
    """
    with made.open("rb+") as file:  # Windows brings no file to the disk that is open for reading only
        os.fsync(file.fileno())
    made.replace(path)
    _sync_folders(path.parent, top or path.parent)


def is_running(pid: int) -> bool:
    """Tell whether a process of this machine runs; True if that cannot be known."""
    if sys.platform == "win32":  # there, `os.kill` ends the process
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _sync_folders(folder: Path, top: Path) -> None:
    if os.name == "nt":  # Windows opens no folders
        return
    while True:
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if folder in {top, folder.parent}:
            return
        folder = folder.parent


def _left_beside(path: Path) -> Iterator[Path]:
    """Find what `replacing` began for `path` in processes that do not go on with it."""
    part = re.compile(rf"\.{re.escape(path.name)}\.(\d{{1,9}})\.part(?:\.[a-z]+)?", re.ASCII)
    try:
        found = [(entry, part.fullmatch(entry.name)) for entry in path.parent.iterdir()]
    except (PermissionError, FileNotFoundError):  # a folder may be writable and yet not readable
        return
    for entry, match in found:
        if match is not None and (_is_over(int(match[1])) or _is_idle(entry)):
            yield entry


def _is_over(pid: int) -> bool:
    # In a container, a later process often has the number of the one that was killed.
    return pid == os.getpid() or not is_running(pid)


def _is_idle(entry: Path) -> bool:
    try:
        return time.time() - entry.stat().st_mtime > _IDLE_S_MAX
    except OSError:
        return False
