"""Standard output and standard error as a command finds them: perhaps closed, perhaps unable to show a name."""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO

__all__ = ["is_of_output", "let_go_of_output", "usable"]


class _Closed(io.TextIOBase):
    """Standard output that is closed. A command that has nothing to write there need not know."""

    encoding = "utf-8"

    def write(self, text: str, /) -> int:  # noqa: ARG002 - that of every stream
        """Refuse to write.

        Raises:
            OSError: Always.
        """
        raise OSError(errno.EBADF, "Standard output is closed")


@contextmanager
def usable() -> Generator[None]:
    """Replace `sys.stdout` and `sys.stderr` if they are closed, as long as the block lasts.

    Python sets them to None then. Both also write file names that are not UTF-8, in the bytes of the system.
    """
    found = sys.stdout, sys.stderr
    with ExitStack() as ended:
        ended.callback(_put_back, *found)
        if sys.stdout is None or sys.stderr is None:
            _take_free_numbers()
        if sys.stdout is None:
            sys.stdout = _Closed()
        if sys.stderr is None:
            sys.stderr = ended.enter_context(Path(os.devnull).open("w", encoding="utf-8"))
        for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
            if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
                ended.callback(stream.reconfigure, errors="strict")
                stream.reconfigure(errors=errors)
        yield


_NO_ROOM = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT, errno.EIO}


def is_of_output(error: OSError) -> bool:
    """Tell whether writing to standard output failed. An error about any other file names that file."""
    return let_go_of_output() or (error.filename is None and error.errno in _NO_ROOM)


def let_go_of_output() -> bool:
    """Flush standard output. If that fails, send it to the null device, because Python flushes again when it ends.

    Returns:
        Whether it could not be written.
    """
    try:
        sys.stdout.flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return True
    return False


def _put_back(out: TextIO, err: TextIO) -> None:
    sys.stdout, sys.stderr = out, err


def _take_free_numbers() -> None:
    """Open the null device under the numbers of closed streams.

    The next file that is opened would get such a number, and what a library prints would be written into that file.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the system gives the lowest free number
