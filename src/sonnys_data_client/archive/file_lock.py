"""Lock files of this machine. The operating system releases a lock when its process ends, however it ends.

A lock belongs to an open file, so two threads of one process exclude each other, too. On Windows the locked byte lies
behind the text, so that others can read who holds the lock. Earlier versions of this package lock the same byte.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import IO

from sonnys_data_client.archive.files import Files, LocalFiles, explained
from sonnys_data_client.errors import ArchiveError

_TURN_S_MAX = 60.0
"""What is done in a turn takes seconds, even with hundreds of accounts."""
_LOOK_EVERY_S = 0.02

if sys.platform == "win32":
    import ctypes
    import msvcrt
    from ctypes import wintypes

    _FAIL_IMMEDIATELY, _EXCLUSIVE, _BYTE = 1, 2, 2**30

    class _Overlapped(ctypes.Structure):
        _fields_ = (
            ("internal", ctypes.c_void_p),
            ("internal_high", ctypes.c_void_p),
            ("offset", wintypes.DWORD),
            ("offset_high", wintypes.DWORD),
            ("event", wintypes.HANDLE),
        )

    def take(file: IO[str], *, shared: bool = False) -> bool:
        """Take the lock of an open file; see below."""
        flags = _FAIL_IMMEDIATELY | (0 if shared else _EXCLUSIVE)  # `msvcrt.locking` knows no shared locks
        where = _Overlapped(offset=_BYTE)
        handle = wintypes.HANDLE(msvcrt.get_osfhandle(file.fileno()))
        return bool(ctypes.windll.kernel32.LockFileEx(handle, flags, 0, 1, 0, ctypes.byref(where)))

else:
    import fcntl

    def take(file: IO[str], *, shared: bool = False) -> bool:
        """Take the lock of an open file, and keep it until the file is closed.

        Args:
            file: The file, opened for reading and writing.
            shared: Whether others may take it as well, if they share it, too.

        Returns:
            Whether it was taken. It is not waited for.
        """
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def taking_turns(files: Files) -> Generator[None]:
    """Change a file that all accounts share, such as `archive.json`, while no other run changes one.

    A store has no such lock: there, whoever writes `archive.json` looks whether it says what it should.

    Raises:
        ArchiveError: Another run has not finished within a minute, or the archive cannot be written.
    """
    if not isinstance(files, LocalFiles):
        yield
        return
    path = files.work_folder / "turn"
    with explained(f"{files.address} cannot be written"):
        path.parent.mkdir(parents=True, exist_ok=True)
        file = path.open("a+", encoding="utf-8")
    with file:
        deadline = time.monotonic() + _TURN_S_MAX
        while not take(file):
            if time.monotonic() > deadline:
                raise ArchiveError(
                    f"Another run has been changing {files.address} for more than a minute.", remedy="Run it again."
                )
            time.sleep(_LOOK_EVERY_S)
        yield
