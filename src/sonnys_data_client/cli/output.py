"""Standard output and standard error as a command finds them: perhaps closed, perhaps unable to show a name.

Whatever goes to a terminal, and all that goes to standard error, passes a `Guarded` stream. So a name of a customer or
a server's message cannot move the cursor, change the title or hide a line, and no key is shown, whoever prints it. Only
the consoles of `show.screen`, which colour and redraw, write past it; they do the same to all text. Results that go to
a file or a pipe keep their bytes.
"""

from __future__ import annotations

import errno
import io
import os
import sys
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TextIO, cast

from sonnys_data_client.text import harmless

__all__ = ["Guarded", "bare", "guarding", "is_of_output", "let_go_of_output", "usable"]


class _Closed(io.TextIOBase):
    """Standard output that is closed. A command that has nothing to write there need not know."""

    encoding = "utf-8"

    def write(self, text: str, /) -> int:  # noqa: ARG002 - that of every stream
        """Refuse to write.

        Raises:
            OSError: Always.
        """
        raise OSError(errno.EBADF, "Standard output is closed")


class Guarded(io.TextIOBase):
    """A stream for people: control characters show as escape sequences, and secrets are left out.

    Args:
        stream: Where the text goes.
    """

    def __init__(self, stream: TextIO) -> None:
        self.rich_proxied_file = stream
        """Where a console of rich writes instead (the name is rich's own): it has control characters of its own."""

    def write(self, text: str, /) -> int:
        """Write text."""
        self.rich_proxied_file.write(harmless(text))
        return len(text)

    def flush(self) -> None:
        """Flush the stream."""
        self.rich_proxied_file.flush()

    def isatty(self) -> bool:
        """Whether the stream is a terminal."""
        return self.rich_proxied_file.isatty()

    def fileno(self) -> int:
        """Return the stream's number."""
        return self.rich_proxied_file.fileno()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """The stream's encoding."""
        return self.rich_proxied_file.encoding


def bare(stream: TextIO) -> TextIO:
    """Return the stream itself, if it is guarded or a moving display has taken its place."""
    while (inner := getattr(stream, "rich_proxied_file", None)) is not None:
        stream = inner
    return stream


@contextmanager
def guarding() -> Generator[None]:
    """Guard what has taken the place of standard error, as long as the block lasts."""
    found = sys.stderr
    sys.stderr = cast("TextIO", Guarded(found))
    try:
        yield
    finally:
        sys.stderr = found


@contextmanager
def usable() -> Generator[None]:
    """Replace `sys.stdout` and `sys.stderr` if they are closed, and guard them, as long as the block lasts.

    Python sets them to None if they are closed. Both also write file names that are not UTF-8, in the bytes of the
    system, unless a person reads them.
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
        if sys.stdout.isatty():
            sys.stdout = cast("TextIO", Guarded(cast("TextIO", sys.stdout)))
        ended.enter_context(guarding())
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
