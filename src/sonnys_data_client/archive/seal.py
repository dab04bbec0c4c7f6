"""The seal of a file: a digest of all its bytes, inside the file itself.

Parquet has no checksum that its readers insist on. Of all ways to overwrite 64 bytes of a day's file, DuckDB reads one
in ten without a word and gives other values. So every file of ours carries a digest in its footer: the writer leaves
room for it, and it is put in before the file is published. What it is computed of is the file with that room empty.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

_MARK = "blake2b:"
_DIGITS = 64
ROOM = _MARK + "0" * _DIGITS
"""What a writer puts into the footer, once, for `seal` to fill in."""


def seal(path: Path) -> None:
    """Put the seal in its room.

    Raises:
        ValueError: There is no room for it.
    """
    content = path.read_bytes()
    place = _place_of(content)
    if place is None:
        raise ValueError(f"{path} has no room for a seal")
    with path.open("rb+") as file:
        file.seek(place)
        file.write(_digest(content, place))


def is_whole(path: Path) -> bool:
    """Whether a file is as it was when it was sealed; a file without a seal is not."""
    content = path.read_bytes()
    place = _place_of(content)
    return place is not None and content[place : place + _DIGITS] == _digest(content, place)


def _place_of(content: bytes) -> int | None:
    # The footer comes last, and rows are compressed: what looks like a mark before it is none.
    found = content.rfind(_MARK.encode())
    return None if found < 0 else found + len(_MARK)


def _digest(content: bytes, place: int) -> bytes:
    view, digest = memoryview(content), hashlib.blake2b(digest_size=_DIGITS // 2)
    for piece in (view[:place], b"0" * _DIGITS, view[place + _DIGITS :]):
        digest.update(piece)
    return digest.hexdigest().encode()
