"""The version: the installed one, and a word where nothing is installed."""

from __future__ import annotations

import re
from importlib import metadata
from pathlib import Path

import pytest

from sonnys_data_client import version


def test_the_version_is_that_of_pyproject() -> None:
    (declared,) = re.findall(
        r'^version = "(.+)"', (Path(__file__).parents[1] / "pyproject.toml").read_text(), re.MULTILINE
    )
    assert version.__version__ == declared


def test_a_tree_that_was_never_installed_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(version, "version", missing)
    assert version._installed() == "0+unknown"
