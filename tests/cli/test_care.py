"""Looking after the archive from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from sonnys_data_client.cli import main
from tests.cli.conftest import Counter


@pytest.fixture(autouse=True)
def archive(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    counter: Callable[..., Counter],
    capsys: pytest.CaptureFixture[str],
) -> Path:
    """An archive with two days of a small car wash."""
    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "archive"))
    counter(cars_per_day=40, sites=1)
    assert main(["sync", "--since", "yesterday"]) == 0
    capsys.readouterr()
    return tmp_path / "archive"


def a_day(archive: Path) -> Path:
    """One of its files."""
    return min((archive / "transactions").rglob("*.parquet"))


def test_a_sound_archive_is_said_to_be_sound(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "check"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"The archive at {archive} is sound.\n")
    assert main(["archive", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_what_is_wrong_is_named_mended_and_read_again(archive: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a_day(archive).write_bytes(b"not Parquet")
    assert main(["archive", "check"]) == 1
    said = capsys.readouterr()
    assert "date=2026-11-22" in said.out
    assert f"things in {archive} are not as they should be: sonnys archive repair." in said.err
    assert main(["archive", "check", "--json"]) == 1
    assert any(finding["damaged"] for finding in json.loads(capsys.readouterr().out))
    assert main(["archive", "repair"]) == 0
    assert "1 days are set aside: sonnys sync reads them again" in capsys.readouterr().err
    assert main(["archive", "check"]) == 0
    assert main(["sync", "--since", "yesterday"]) == 0
    assert main(["archive", "check"]) == 0
