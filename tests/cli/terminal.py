"""A real terminal for a command: a pseudo-terminal of a given width, whose keys can be pressed."""

from __future__ import annotations

import codecs
import fcntl
import os
import pty
import re
import shlex
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.waiting import PATIENCE_S

_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_COLOUR = re.compile(r"\x1b\[(?:[0-9;]*;)?(?:[349][0-8]|10[0-7])(?:;[0-9;]*)?m")
CTRL_C = b"\x03"


class Terminal:
    """`sonnys` in a terminal, which is its standard output too unless that goes to a file.

    Args:
        words: The words after `sonnys`.
        env: Variables besides those of this process.
        width: Columns.
        into: A file for standard output; None leaves it to the terminal.
        through: A command that reads standard output from a pipe, and writes to the terminal; None for none.
    """

    def __init__(
        self,
        words: list[str],
        env: Mapping[str, str],
        *,
        width: int = 80,
        into: Path | None = None,
        through: list[str] | None = None,
    ) -> None:
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        whole = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "NO_COLOR"}}
        out = slave if into is None else os.open(into, os.O_WRONLY | os.O_CREAT)
        command = [sys.executable, "-m", "sonnys_data_client", *words]
        if through is not None:
            command = ["sh", "-c", f"{shlex.join(command)} | {shlex.join(through)}"]
        self._process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=out,
            stderr=slave,
            env={**whole, "TERM": "xterm-256color", **env},
            start_new_session=True,
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - so that Ctrl-C is a signal
        )
        os.close(slave)
        if out != slave:
            os.close(out)
        self._decoder = codecs.getincrementaldecoder("utf-8")()  # a read may end within a character
        self.raw = ""

    def wait_for(self, words: str, timeout_s: float = PATIENCE_S) -> None:
        """Read until these words have been shown."""
        until = time.monotonic() + timeout_s
        while words not in self.text:
            assert time.monotonic() < until, self.text
            assert self._read(), self.text

    def press(self, key: bytes) -> None:
        """Press a key."""
        os.write(self._master, key)

    def end(self) -> int:
        """Read everything to its end, and return the exit code."""
        while self._read():
            pass
        return self._process.wait(timeout=PATIENCE_S)

    @property
    def text(self) -> str:
        """Everything shown so far, without the sequences that move the cursor and set colours."""
        return _ESCAPE.sub("", self.raw)

    @property
    def lines(self) -> list[str]:
        """The same text as lines, those that were overwritten included."""
        return re.split(r"[\r\n]+", self.text)

    @property
    def colours(self) -> list[str]:
        """The sequences that set a colour."""
        return _COLOUR.findall(self.raw)

    def _read(self) -> bool:
        try:
            data = os.read(self._master, 65536)
        except OSError:  # Linux says so when the other end is closed
            return False
        self.raw += self._decoder.decode(data)
        return bool(data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._master)
