"""The seal of a file: a digest of all its bytes, inside the file itself.

Parquet has no checksum that every reader verifies. When 64 bytes of a day's file are overwritten, DuckDB reads one such
file in ten without an error and returns wrong values (measured). So every file of the archive has a digest in its
footer. The writer puts a placeholder of zeros there, and the digest of the file with the placeholder replaces it before
the file is published.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_MARK = "blake2b:"
_DIGITS = 64
PLACEHOLDER = _MARK + "0" * _DIGITS
"""Text that a writer puts into the footer, once, for `seal` to replace."""


def seal(path: Path) -> None:
    """Replace the placeholder in a file by the file's digest.

    Raises:
        ValueError: It has no placeholder.
    """
    content = path.read_bytes()
    place = _place_of(content)
    if place is None:
        raise ValueError(f"{path} has no placeholder for a seal")
    with path.open("rb+") as file:
        file.seek(place)
        file.write(_digest(content, place))


def is_whole(path: Path) -> bool:
    """Tell whether a file is as it was when it was sealed. A file without a seal is not."""
    content = path.read_bytes()
    place = _place_of(content)
    return place is not None and content[place : place + _DIGITS] == _digest(content, place)


def _place_of(content: bytes) -> int | None:
    # The footer comes last, so the last mark in the file is the seal's.
    found = content.rfind(_MARK.encode())
    return None if found < 0 else found + len(_MARK)


def _digest(content: bytes, place: int) -> bytes:
    view, digest = memoryview(content), hashlib.blake2b(digest_size=_DIGITS // 2)
    for piece in (view[:place], b"0" * _DIGITS, view[place + _DIGITS :]):
        digest.update(piece)
    return digest.hexdigest().encode()
