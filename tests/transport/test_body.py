"""Bodies as they come in: unpacked whole, however they are cut, and refused before they grow too large."""

from __future__ import annotations

import gzip
import random

import pytest

from sonnys_data_client.transport.body import Body, BodyGarbledError, BodyRefusedError

DICE = random.Random(1)
NOISE = DICE.randbytes(1000)


def read(packed: bytes, step: int, encoding: str = "gzip", max_bytes: int = 64_000_000) -> bytes:
    body = Body({"content-encoding": encoding}, max_bytes)
    for at in range(0, len(packed), step):
        body.add(packed[at : at + step])
    return body.whole()


@pytest.mark.parametrize("size", [0, 1, 999_999, 1_000_000, 1_000_001, 2_000_258])
@pytest.mark.parametrize("pattern", [b"a", NOISE])
@pytest.mark.parametrize("step", [777, 65_536, 10_000_000])
def test_a_body_is_unpacked_whole_however_it_is_cut(size: int, pattern: bytes, step: int) -> None:
    whole = (pattern * (size // len(pattern) + 1))[:size]
    assert read(gzip.compress(whole, mtime=0), step) == whole
    assert read(gzip.compress(whole, mtime=0) * 2, step, "X-GZip") == whole * 2
    assert read(whole, step, "identity") == read(whole, step, "") == whole


def test_byte_by_byte() -> None:
    assert read(gzip.compress(b'{"data": {}}', mtime=0), 1) == b'{"data": {}}'


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_no_bytes_are_an_empty_body(encoding: str) -> None:
    assert Body({"content-encoding": encoding}, 10).whole() == b""


@pytest.mark.parametrize(
    ("packed", "said"),
    [
        (b"{}" * 50, "it is not gzip: Error -3 while decompressing data: incorrect header check"),
        (gzip.compress(NOISE, mtime=0)[:-9], "its gzip is cut off"),
        (gzip.compress(NOISE, mtime=0)[:-1], "its gzip is cut off"),
        (gzip.compress(NOISE, mtime=0)[:5], "its gzip is cut off"),
        (
            gzip.compress(NOISE, mtime=0)[:-8] + bytes(8),
            "it is not gzip: Error -3 while decompressing data: incorrect data check",
        ),
        (
            gzip.compress(NOISE, mtime=0) + b"junk",
            "it is not gzip: Error -3 while decompressing data: incorrect header check",
        ),
    ],
)
def test_what_is_not_whole_gzip_is_told_of(packed: bytes, said: str) -> None:
    with pytest.raises(BodyGarbledError) as caught:
        read(packed, 10)
    assert str(caught.value) == said


@pytest.mark.parametrize("encoding", ["br", "deflate", "gzip, gzip", "gzip, identity", "zstd" * 100])
def test_an_encoding_that_was_not_asked_for_is_told_of(encoding: str) -> None:
    with pytest.raises(BodyGarbledError, match=r"^its encoding is '.{1,40}', and gzip was asked for$"):
        Body({"content-encoding": encoding}, 10)


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_a_body_may_be_as_large_as_the_limit_and_no_larger(encoding: str) -> None:
    pack = gzip.compress if encoding else bytes
    assert read(pack(bytes(5000)), 100, encoding, 5000) == bytes(5000)
    with pytest.raises(BodyRefusedError) as caught:
        read(pack(bytes(5001)), 100, encoding, 5000)
    assert str(caught.value) == "its body is larger than 5,000 bytes (max_body_bytes)"


@pytest.mark.parametrize("length", ["5001", "9" * 19, "9" * 5000])
def test_a_length_above_the_limit_is_refused_before_a_byte_is_read(length: str) -> None:
    Body({"content-length": "5000"}, 5000)
    Body({"content-length": "many"}, 5000)
    with pytest.raises(BodyRefusedError, match="larger than 5,000 bytes"):
        Body({"content-length": length}, 5000)


def test_what_would_fill_the_memory_once_decoded_is_refused() -> None:
    many = b"[" + b"[]," * 700_000 + b"[]]"
    with pytest.raises(BodyRefusedError) as caught:
        read(many, len(many), "")
    assert str(caught.value) == (
        "its 2,100,004 bytes would take more than 96,000,000 bytes of memory (a larger max_body_bytes allows more)"
    )
    assert read(many, len(many), "", 500_000_000) == many
    few = b"[" + b"[]," * 300_000 + b"[]]"
    assert read(few, len(few), "", 1_000_000) == few
