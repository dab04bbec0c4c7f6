"""A reply's body as it comes in: unpacked in small pieces, and refused once it is too large.

A megabyte of gzip can hold a gigabyte. So the bytes are counted after unpacking, while they come.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping

from sonnys_data_client.engine.json_limits import weigh

ACCEPTED_ENCODING = "gzip"
"""What a request asks for. A body in another encoding is refused; one in none is taken as it is."""

_GZIP = zlib.MAX_WBITS | 16  # zlib's number for "gzip and nothing else"
_PIECE_BYTES = 1_000_000
_LIGHT_BYTES = 1_000_000
"""A body below this is not weighed: not even one of nothing but empty objects takes more than 100 MB."""
_MEMORY_BYTES = 96_000_000
"""What decoding may take at least, however small the limit on the body is."""


class BodyRefusedError(Exception):
    """The body is too large, or would be once decoded. The message says so, as a clause."""


class BodyGarbledError(Exception):
    """The body is not what its headers promise. The message says how, as a clause."""


class _Unpacker:
    """One member of a gzip stream, unpacked in pieces of limited size."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(_GZIP)
        self.begun = False
        self.is_full = False
        """Whether the last piece was as large as it may be: then more may come of the same bytes."""

    @property
    def eof(self) -> bool:
        """Whether the member has ended."""
        return self._stream.eof

    @property
    def rest(self) -> bytes:
        """What was fed and not used: for the next piece, or for the next member."""
        return self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail

    def feed(self, packed: bytes) -> bytes:
        """Unpack the next piece."""
        piece = self._stream.decompress(packed, _PIECE_BYTES)
        self.begun = True
        self.is_full = len(piece) == _PIECE_BYTES and not self._stream.eof
        return piece


class Body:
    """Takes a body's chunks and gives the whole.

    Args:
        headers: The reply's headers, with lower-case names.
        max_bytes: How many bytes the body may have, packed or unpacked.

    Raises:
        BodyRefusedError: The headers announce more than that.
        BodyGarbledError: The body is in an encoding that was not asked for.
    """

    def __init__(self, headers: Mapping[str, str], max_bytes: int) -> None:
        encoding = headers.get("content-encoding", "").strip().lower()
        if encoding not in {"", "identity", "gzip", "x-gzip"}:
            raise BodyGarbledError(f"its encoding is {encoding[:40]!r}, and {ACCEPTED_ENCODING} was asked for")
        self._max_bytes = max_bytes
        self._whole = io.BytesIO()
        self._unpacker = _Unpacker() if encoding.endswith("gzip") else None
        length = headers.get("content-length", "")
        if length.isdecimal() and (len(length) > 18 or int(length) > max_bytes):
            raise self._too_large()

    def add(self, chunk: bytes) -> None:
        """Take the next bytes.

        Raises:
            BodyRefusedError: The body is too large.
            BodyGarbledError: It is not gzip, as its headers say it is.
        """
        if self._unpacker is None:
            self._keep(chunk)
            return
        try:
            self._unpack(chunk, self._unpacker)
        except zlib.error as problem:
            raise BodyGarbledError(f"it is not gzip: {problem}") from None

    def whole(self) -> bytes:
        """Return the body once all bytes have come.

        Raises:
            BodyRefusedError: Decoding it would take too much memory.
            BodyGarbledError: Its gzip is cut off.
        """
        if self._unpacker is not None and self._unpacker.begun and not self._unpacker.eof:
            raise BodyGarbledError("its gzip is cut off")
        body = self._whole.getvalue()
        memory_bytes = max(_MEMORY_BYTES, 3 * self._max_bytes // 2)
        if len(body) > _LIGHT_BYTES and weigh(body) > memory_bytes:
            raise BodyRefusedError(
                f"its {len(body):,} bytes would take more than {memory_bytes:,} bytes of memory "
                "(a larger max_body_bytes allows more)"
            )
        return body

    def _unpack(self, packed: bytes, unpacker: _Unpacker) -> None:
        while packed or unpacker.is_full:
            if unpacker.eof:  # gzip may be several members, one after the other
                unpacker = self._unpacker = _Unpacker()
            self._keep(unpacker.feed(packed))
            packed = unpacker.rest

    def _keep(self, piece: bytes) -> None:
        if self._whole.tell() + len(piece) > self._max_bytes:
            raise self._too_large()
        self._whole.write(piece)

    def _too_large(self) -> BodyRefusedError:
        return BodyRefusedError(f"its body is larger than {self._max_bytes:,} bytes (max_body_bytes)")
