"""The calendar of `sonnys status`: right, readable without colour, and no wider than the terminal."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive, Coverage
from sonnys_data_client.archive.evidence import State
from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.status.run import _show, calendar
from sonnys_data_client.cli.show.screen import results
from tests.cli.conftest import Archived


def days(first: str, states: str) -> list[Coverage]:
    words: dict[str, State] = {"#": "complete", "+": "partial", ".": "missing", "x": "aged out", "!": "disputed"}
    start = date.fromisoformat(first)
    return [
        Coverage("main", start + timedelta(days=number), words[sign], 0, None, 0, "", 0)
        for number, sign in enumerate(states)
    ]


def drawn(of: list[Coverage], width: int = 80) -> list[str]:
    return [line.plain for line in calendar(of, width=width, ascii_only=True)]


def test_weeks_are_columns_and_months_stand_above_their_first() -> None:
    assert drawn(days("2026-10-22", "xx.......##########+++++")) == [
        "       Nov",
        "Mon    . # #",
        "Tue    . # +",
        "Wed    . # +",
        "Thu  x . # +",
        "Fri  x . # +",
        "Sat  . # # +",
        "Sun  . # #",
    ]


def test_every_day_is_there_once_with_its_own_sign() -> None:
    half_a_year = days("2026-05-26", "x" * 10 + "." * 100 + "#" * 70 + "+" * 4)
    for width in (80, 60, 20):
        text = drawn(half_a_year, width)
        assert max(map(len, text)) <= width
        signs = "".join(line[5:] for line in text if line[:3] in {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"})
        assert {sign: signs.count(sign) for sign in "x.#+"} == {"x": 10, ".": 100, "#": 70, "+": 4}
        assert len(text) % 8 == 0


def test_months_are_named_where_there_is_room() -> None:
    half_a_year = days("2026-05-26", "." * 184)
    assert drawn(half_a_year)[0] == "       Jun     Jul     Aug       Sep     Oct     Nov"
    assert drawn(days("2026-06-08", "." * 60))[0] == "     Jun   Jul     Aug", "also the month that had begun before"


def test_what_could_not_be_parsed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    first, second = days("2026-11-20", "##")
    odd = [
        replace(first, quarantined=2, unparsed_values={"number": 1, "items.quantity": 3}),
        replace(second, unparsed_values={"number": 1}),
    ]
    _show(odd, "here", results())
    told = " ".join(capsys.readouterr().out.split())
    assert "2 rows could not be parsed; sonnys sql 'FROM quarantine' shows them." in told
    assert "5 values could not be parsed and are empty (items.quantity (3), number (2)); the column raw has" in told
    _show([first, second], "here", results())
    assert "parsed" not in capsys.readouterr().out


def test_no_days_are_no_calendar() -> None:
    assert drawn([]) == []


def test_a_person_gets_a_calendar_and_how_we_know(
    archived: Archived, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SONNYS_API_ID")  # asking the archive takes no account
    monkeypatch.delenv("SONNYS_API_KEY")
    assert main(["status", "--when", "last-7-days"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    lines = said.out.splitlines()
    assert lines[0] == f"The archive at {archived.place}, by UTC day:"
    assert lines[2].startswith("main: ")
    assert "▪ 2 partial   · 5 missing" in lines
    assert any(line.startswith("2026-11-22: ") for line in lines)


def test_an_alarm_has_an_exit_code_of_its_own(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status"]) == 3
    said = capsys.readouterr().err
    assert said.startswith("sonnys: main: the server forgets ")
    assert said.endswith(".\nhint: Run sonnys sync before that.\n")
    assert main(["status", "--warn-days", "0"]) == 0


def test_json_has_every_day(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--json", "--when", "2026-11-20..2026-11-23"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(day["day"], day["state"]) for day in told] == [
        ("2026-11-20", "missing"),
        ("2026-11-21", "partial"),
        ("2026-11-22", "partial"),
        ("2026-11-23", "partial"),
    ]
    assert told[1]["rows"] > 0
    assert told[1]["why"]


@pytest.mark.parametrize("words", ["status", "sql", "archive check", "archive repair"])
def test_without_an_archive_it_says_how_to_make_one(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*words.split(), "--archive", str(tmp_path / "none")]) == 2
    assert capsys.readouterr().err == (
        f"sonnys: There is no archive at {tmp_path / 'none'}.\n"
        "hint: Name one with --archive, or run sonnys sync to make one.\n"
    )


def test_an_archive_into_which_nothing_was_read_is_an_alarm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with Archive(tmp_path / "new").writing():
        pass
    assert main(["status", "--archive", str(tmp_path / "new")]) == 3
    assert capsys.readouterr().err == (
        f"sonnys: Nothing has been read into {tmp_path / 'new'} yet.\nhint: Run sonnys sync.\n"
    )


def test_an_account_that_is_not_there_is_refused(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--account", "nope"]) == 2
    assert "--account 'nope' is not an account of the archive; it must be one of main." in capsys.readouterr().err


def test_a_warning_that_nobody_can_mean_is_refused(archived: Archived, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["status", "--warn-days", "-5"]) == 2
    assert "--warn-days '-5' must be a number of days from 0 to 180." in capsys.readouterr().err


def test_json_has_both_counts_of_a_dispute_and_no_digests(
    archived: Archived, disputed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert disputed
    assert main(["status", "--json", "--when", "2026-11-21", "--warn-days", "0"]) == 3
    (day,) = json.loads(capsys.readouterr().out)
    assert (day["state"], day["dispute"]["came"]) == ("disputed", 0)
    assert day["dispute"]["held"] == day["rows"] > 3
    assert "lacking" not in day["dispute"]
    assert archived.place.exists()


def test_a_disputed_day_has_a_sign_of_its_own() -> None:
    assert "Mon  #" in drawn(days("2026-10-26", "#!+"))
    assert "Tue  !" in drawn(days("2026-10-26", "#!+"))


def test_an_account_that_looks_like_a_value_is_warned_of_and_a_new_one_is_refused(
    archived: Archived, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["sync", "--since", "last-2-days", "--only-transactions", "--account", "001"]
    requests = len(archived.counter.paths)
    assert main(words) == 2
    assert "--account '001' looks like a number" in capsys.readouterr().err
    assert len(archived.counter.paths) == requests
    for table in ("transactions", "changes"):
        if (archived.place / table).exists():
            (archived.place / table / "account=main").rename(archived.place / table / "account=001")
    main(["status", "--json"])
    said = capsys.readouterr()
    assert "Warning: other tools that read the folders may take the account's name '001' for a number" in said.err
    assert {day["account"] for day in json.loads(said.out)} == {"001"}
    assert main(words) == 0
