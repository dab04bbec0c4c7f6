"""`sonnys archive`: check, repair, compact, and decide what is disputed."""

from __future__ import annotations

import json
import shutil
import uuid
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.cli import main
from tests.archive.rig import CALENDARS, PARTITION, put, reading, rows
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


def rows_in(archive: Path) -> int:
    rows: int = Archive(archive).sql("SELECT count(*) FROM transactions").fetchall()[0][0]
    return rows


def test_check_names_what_is_disputed_though_nothing_is_damaged(
    archived: Archived, disputed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert disputed
    assert main(["archive", "check"]) == 3
    said = capsys.readouterr()
    assert said.out.count("is disputed (no row came: 0 rows came, and the archive has ") == 3
    assert f"The archive at {archived.place} has no problems, but 3 disputed readings wait for a person." in said.err
    assert main(["archive", "check", "--json"]) == 3
    found = json.loads(capsys.readouterr().out)
    assert [(each["damaged"], each["disputed"]) for each in found] == [(False, True)] * 3


def test_a_person_accepts_a_day_and_keeps_the_others(
    archived: Archived, disputed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert disputed
    before = rows_in(archived.place)
    assert main(["archive", "accept", "2026-11-21"]) == 0
    said = capsys.readouterr()
    gone = before - rows_in(archived.place)
    assert gone > 3
    assert (said.out, said.err) == (
        "",
        f"1 dispute of transactions decided; {gone} rows have left, and the view changes has them.\n",
    )
    assert main(["archive", "keep", "2026-11-22..2026-11-23", "--table", "transactions", "--account", "main"]) == 0
    assert capsys.readouterr().err == "2 disputes of transactions decided; every row stays.\n"
    assert rows_in(archived.place) == before - gone
    assert main(["archive", "check"]) == 0
    assert main(["status", "--warn-days", "0"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("accept 2026-11-21", "Nothing is disputed in 2026-11-21.\nhint: sonnys archive check lists what is disputed."),
        ("keep 2026-11-21 --table nope", "--table 'nope' is not a table; it must be one of transactions, sites, "),
        ("keep 2026-11-21 --account nope", "--account 'nope' is not an account of the archive; it must be one of main"),
        ("accept whenever", "WHEN 'whenever' must be a date or range such as "),
        ("accept", "WHEN is missing."),
    ],
)
def test_a_decision_about_nothing_is_refused(
    words: str, said: str, archived: Archived, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["archive", *words.split()]) == 2
    assert f"sonnys: {said}" in capsys.readouterr().err
    assert archived.place.exists()


def test_of_several_accounts_one_is_to_be_named(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    with Archive(archived.place).writing() as writer:
        writer.put(replace(PARTITION, account="second"), reading(rows(1)), CALENDARS)
    assert main(["archive", "keep", "2026-11-21"]) == 2
    said = capsys.readouterr().err
    assert said == (
        "sonnys: The archive has several accounts; it must be one of main, second.\nhint: Name one with --account.\n"
    )


def test_the_views_of_a_copy_are_written_without_an_account(
    archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(archived.place, copy)
    shutil.rmtree(archived.place)
    for name in ("SONNYS_API_ID", "SONNYS_API_KEY", "SONNYS_ARCHIVE"):
        monkeypatch.delenv(name)
    for words in ("views", "repair", "compact"):
        shutil.copy(copy / "archive.duckdb", tmp_path / "before")
        assert main(["archive", words, "--archive", str(copy)]) == 0
        with duckdb.connect(str(copy / "archive.duckdb"), read_only=True) as database:
            (rows,) = database.execute("SELECT count(*) FROM transactions").fetchall()[0]
        assert rows == len(Archive(copy).transactions().fetchall()) > 0
        shutil.copy(tmp_path / "before", copy / "archive.duckdb")
    assert f"The views in {copy}/archive.duckdb were written anew." in capsys.readouterr().err


def test_an_address_that_no_tool_opens_has_no_views(capsys: pytest.CaptureFixture[str]) -> None:
    address = f"memory://{uuid.uuid4().hex}/archive"
    put(Archive(address), rows(1))
    assert main(["archive", "views", "--archive", address]) == 2
    assert "has no views for BI tools" in capsys.readouterr().err


def test_files_that_are_not_the_archives_are_left_to_whoever_put_them_there(
    archived: Archived, capsys: pytest.CaptureFixture[str]
) -> None:
    a_day(archived.place).with_name("data-LAPTOP.parquet").touch()
    assert main(["archive", "check"]) == 1
    said = capsys.readouterr()
    assert "data-LAPTOP.parquet is not a file of the archive" in said.out
    assert "hint: Move away what is not the archive's." in said.err
    assert main(["sync", "--since", "last-2-days", "--only-transactions"]) == 0
    assert "Warning" not in capsys.readouterr().err


def test_the_web_shop_gets_another_code(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["archive", "web-shop", "ONLINE"]) == 0
    assert capsys.readouterr().err == f"Queries of {archived.place} call a site without a code ONLINE from now on.\n"
    assert json.loads((archived.place / "archive.json").read_text())["web_shop"] == "ONLINE"
    assert main(["archive", "web-shop", " "]) == 2
    assert capsys.readouterr().err == "sonnys: The code of the web shop is empty.\nhint: Name one, such as WEB.\n"
    assert main(["archive", "web-shop", "WEB"]) == 0
    assert "web_shop" not in json.loads((archived.place / "archive.json").read_text())


def test_personal_data_is_redacted_and_a_customer_forgotten_with_receipts(
    archived: Archived, capsys: pytest.CaptureFixture[str]
) -> None:
    archive = Archive(archived.place)
    query = "SELECT customer_id, count(*) FROM transactions WHERE customer_id IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ((customer, sales), *_) = archive.sql(query).fetchall()
    assert main(["archive", "forget", "--customer", customer]) == 0
    said = capsys.readouterr()
    receipt = json.loads(said.out)
    assert sum(each["emptied"] for each in receipt["erased"]) == sales
    assert customer not in said.out + said.err
    assert "Backups and exports were not reached." in said.err
    assert main(["archive", "redact", "names,plates=hash"]) == 0
    assert len(json.loads(capsys.readouterr().out)["erased"]) == 3
    assert archive.sql("SELECT count(customer_name), count(employee_cashier) FROM transactions").fetchall() == [(0, 0)]
    assert main(["archive", "redact"]) == 0
    assert json.loads(capsys.readouterr().out)["erased"] == []
    assert main(["archive", "check"]) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["redact", "name"], "some of names, plates, phones, emails, each alone or with =hash"),
        (["redact", "names", "--account", "acme"], "--account 'acme' is not an account of the archive; it must be one"),
        (["forget", "--customer", " "], "The customer's id is empty."),
        (["forget"], "--customer"),
    ],
)
def test_what_cannot_be_erased_is_refused(
    words: list[str], said: str, archived: Archived, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["archive", *words]) == 2
    assert said in " ".join(capsys.readouterr().err.split())
    assert not (archived.place / "redaction.json").exists()
