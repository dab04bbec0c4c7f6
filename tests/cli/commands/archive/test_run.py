"""`sonnys archive`: check, repair and compact."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sonnys_data_client.cli import main
from tests.cli.conftest import Archived


def a_day(archive: Path) -> Path:
    """Return one file of an archive."""
    return min((archive / "transactions").rglob("*.parquet"))


def test_a_sound_archive_is_said_to_be_sound(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "check"]) == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", f"The archive at {archived.place} has no problems.\n")
    assert main(["archive", "check", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == []


def test_what_is_wrong_is_named_mended_and_read_again(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    a_day(archived.place).write_bytes(b"not Parquet")
    assert main(["archive", "check"]) == 1
    said = capsys.readouterr()
    assert "date=2026-11-21" in said.out
    assert (
        f"sonnys: The archive at {archived.place} has 1 problem.\nhint: Run sonnys archive repair, and then" in said.err
    )
    assert main(["archive", "check", "--json"]) == 1
    assert any(finding["damaged"] for finding in json.loads(capsys.readouterr().out))
    assert main(["archive", "repair"]) == 0
    assert "1 day must be read again, " in capsys.readouterr().err
    assert main(["archive", "check"]) == 0
    assert main(["sync", "--since", "last-2-days", "--only-transactions"]) == 0
    assert main(["archive", "check"]) == 0


def test_compacting_says_what_it_did(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "compact"]) == 0
    assert capsys.readouterr().err == (
        f"{archived.place}: 0 files were rewritten; 0 files of killed runs were removed.\n"
    )
    assert main(["archive", "check"]) == 0


def test_the_web_shop_gets_another_code(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "web-shop", "ONLINE"]) == 0
    assert capsys.readouterr().err == f"Queries of {archived.place} call a site without a code ONLINE from now on.\n"
    assert json.loads((archived.place / "archive.json").read_text())["web_shop"] == "ONLINE"
    assert main(["archive", "web-shop", " "]) == 2
    assert capsys.readouterr().err == "sonnys: The code of the web shop is empty.\nhint: Name one, such as WEB.\n"
    assert main(["archive", "web-shop", "WEB"]) == 0
    assert "web_shop" not in json.loads((archived.place / "archive.json").read_text())
