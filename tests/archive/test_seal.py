"""A sealed file shows by itself whether it is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonnys_data_client.archive.seal import PLACEHOLDER, is_whole, seal


def test_a_sealed_file_is_whole_until_any_byte_of_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"rows blake2b: and more" + PLACEHOLDER.encode() + b"footer")
    seal(path)
    good = path.read_bytes()
    assert len(good) == len(b"rows blake2b: and more" + PLACEHOLDER.encode() + b"footer")
    assert is_whole(path)
    for place in range(len(good)):
        path.write_bytes(good[:place] + bytes([good[place] ^ 1]) + good[place + 1 :])
        assert not is_whole(path), place
    for fewer in (good[:-1], good + b" ", b""):
        path.write_bytes(fewer)
        assert not is_whole(path)


def test_a_file_without_a_placeholder_cannot_be_sealed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"rows")
    assert not is_whole(path)
    with pytest.raises(ValueError, match="no placeholder"):
        seal(path)
