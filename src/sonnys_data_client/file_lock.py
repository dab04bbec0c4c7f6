"""Lock files of this machine. The operating system releases a lock when its process ends, however it ends.

A lock belongs to an open file, so two threads of one process exclude each other, too. On Windows the locked byte lies
behind the text, so that others can read who holds the lock.
"""

from __future__ import annotations

import sys
from typing import IO, Any

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

    def take(file: IO[Any], *, shared: bool = False) -> bool:
        """Take the lock of an open file; see below."""
        flags = _FAIL_IMMEDIATELY | (0 if shared else _EXCLUSIVE)  # `msvcrt.locking` knows no shared locks
        where = _Overlapped(offset=_BYTE)
        handle = wintypes.HANDLE(msvcrt.get_osfhandle(file.fileno()))
        return bool(ctypes.windll.kernel32.LockFileEx(handle, flags, 0, 1, 0, ctypes.byref(where)))

else:
    import fcntl

    def take(file: IO[Any], *, shared: bool = False) -> bool:
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
