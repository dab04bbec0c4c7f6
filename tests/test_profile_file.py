"""The file of profiles as a file; `test_profiles.py` is about what is in it."""

from __future__ import annotations

import stat
import tomllib
from pathlib import Path

import pytest

from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.profile_file import read_file, toml_text, write_private
from sonnys_data_client.secret import Secret


@pytest.mark.parametrize("text", ["plain", 'with "quotes"', "back\\slash", "Zürich", "a\x7fb", "line\nbreak"])
def test_a_text_is_written_as_toml_reads_it(text: str) -> None:
    assert tomllib.loads(f"value = {toml_text(text)}") == {"value": text}


def test_what_is_written_is_its_owners_and_comes_back(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "config.toml"
    assert read_file(path) == {}
    write_private(path, "[profiles.a]\napi_key = 'k'\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_file(path) == {"profiles": {"a": {"api_key": Secret("k")}}}
    path.chmod(0o644)
    with pytest.raises(ConfigurationError, match="others may read"):
        read_file(path)
