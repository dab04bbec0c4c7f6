"""`sonnys get`: the zone of its days, what it sends, and the formats of its output."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.sandbox import Faults
from sonnys_data_client.sandbox.world.listed import ListWorld
from tests.cli.conftest import Counter
from tests.cli.workbook import sheets_of
from tests.sandbox.rig import SITES, TODAY

Open = Callable[..., Counter]
SMALL = {"cars_per_day": 20, "sites": 1}
CHICAGO_S = 6 * 3600


def query(opened: Counter, path: str = "/transaction") -> dict[str, str]:
    return dict(next(entry.query for entry in opened.sandbox.log if entry.path == path))


def test_the_accounts_site_may_be_written_in_any_letters(
    counter: Open, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    counter()
    monkeypatch.setenv("SONNYS_SITE_CODE", " main ")
    assert main(["get", "sites", "--format", "csv"]) == 0
    assert "MAIN" in capsys.readouterr().out
    monkeypatch.setenv("SONNYS_SITE_CODE", "nope")
    assert main(["get", "sites"]) == 1
    assert "'nope' is none of the sites of this account: give one of MAIN, NORTH" in capsys.readouterr().err


def test_days_are_those_of_most_sites_unless_a_zone_is_named(counter: Open) -> None:
    opened = counter()
    assert main(["get", "transactions", "--when", "2026-11-22"]) == 0
    assert opened.paths[:2] == ["/site/list", "/transaction"]
    assert int(query(opened)["startDate"]) == TODAY - 86_400 + CHICAGO_S
    opened = counter()
    assert main(["get", "transactions", "--when", "2026-11-22", "--timezone", "UTC"]) == 0
    assert set(opened.paths) == {"/transaction"}
    asked = query(opened)
    assert (int(asked["startDate"]), int(asked["endDate"])) == (TODAY - 86_400, TODAY)


def test_each_end_may_be_said_by_itself(counter: Open) -> None:
    opened = counter()
    words = "get transactions --start-date 2026-11-21 --end-date 2026-11-22T12:00 --timezone UTC --site MAIN"
    assert main(words.split()) == 0
    asked = query(opened)
    assert int(asked["startDate"]) == TODAY - 2 * 86_400
    assert int(asked["endDate"]) == TODAY - 43_200 + 1
    assert asked["site"] == "MAIN"


def test_without_dates_no_zone_is_asked_for(counter: Open) -> None:
    opened = counter(**SMALL)
    assert main(["get", "items"]) == 0
    assert set(opened.paths) == {"/item"}


def test_csv_has_nested_values_as_json_and_money_as_numbers(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter(**SMALL)
    assert main(["get", "recurring-details", "--when", "last-month", "--format", "csv"]) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert rows
    assert all(json.loads(row["customer"])["id"] for row in rows)
    assert all(float(row["additionalTagPrice"]) >= 0 for row in rows if row["additionalTagPrice"])
    assert {row["isOnTrial"] for row in rows} <= {"true", "false"}


def test_excel_gets_local_times_beside_those_in_utc_by_the_clock_of_each_row_s_site(
    counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter(cars_per_day=20, sites=2)
    words = ["get", "recurring-status-changes", "--when", "last-month", "--csv-for", "excel", "--format", "csv"]
    assert main(words) == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out.removeprefix("\ufeff"))))
    hours = {(row["site_code"], _hours(row["status_date (UTC)"], row["status_date (local)"])) for row in rows}
    assert hours <= {("MAIN", 5), ("MAIN", 6), ("NORTH", 4), ("NORTH", 5), ("", 5), ("", 6)}
    assert {site for site, _ in hours} >= {"MAIN", "NORTH"}
    asked = len(opened.paths)
    assert main(["get", "items", "--csv-for", "excel", "--format", "csv"]) == 0
    assert opened.paths[asked:] == ["/item"], "rows without a time need no clock"


def _hours(utc: str, local: str) -> int:
    apart = datetime.fromisoformat(utc) - datetime.fromisoformat(local)
    return round(apart.total_seconds() / 3600)


def test_one_object_may_be_a_workbook(counter: Open, tmp_path: Path) -> None:
    counter()
    assert main(["get", "transactions", "1:1", "--out", str(tmp_path / "a.xlsx")]) == 0
    ((names, row),) = sheets_of(tmp_path / "a.xlsx").values()
    found = dict(zip(names, row, strict=False))
    assert (found["id"], found["total"]) == ("1:1", 1500.75)
    assert _hours(str(found["completeDate (UTC)"]), str(found["completeDate (local)"])) in {5, 6}


def test_parquet_has_typed_columns(counter: Open, tmp_path: Path) -> None:
    import duckdb

    counter(**SMALL)
    file = tmp_path / "items.parquet"
    assert main(["get", "items", "--out", str(file)]) == 0
    with duckdb.connect() as database:
        kinds = {name: kind for name, kind, *_ in database.execute(f"DESCRIBE FROM '{file}'").fetchall()}
    assert (kinds["priceAtSite"], kinds["isPromptForPrice"]) == ("DECIMAL(18,4)", "BOOLEAN")


def test_one_object_is_a_line_a_field_for_a_person(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter()
    assert main(["get", "transactions", "1:1", "--format", "table"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "total: 1500.75" in lines
    assert any(line.startswith('tenders: [{"tender": "Cash"') for line in lines)
    assert not any(line.startswith("customerName") for line in lines)


@pytest.mark.parametrize("out", [None, "day.csv"])
def test_rows_that_cannot_be_parsed_are_in_a_file_of_their_own_and_have_an_exit_code(
    out: str | None, counter: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    counter(faults=Faults(bad_row=1.0))
    words = ["get", "transactions", "--when", "2026-11-22", "--timezone", "UTC"]
    assert main([*words, *(["--out", out] if out else [])]) == 4
    said = capsys.readouterr()
    assert len((Path(out).read_text() if out else said.out).splitlines()) > 0
    file = f"{out or 'sonnys-get'}.unparsed.ndjson"
    assert f"3 rows could not be parsed, and they are raw in {file}.\n" in said.err
    assert [json.loads(line)["reason"] for line in Path(file).read_text().splitlines()] == [
        "total: not an amount of money"
    ] * 3


def test_nothing_there_is_told(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter()
    assert main(["get", "transactions", "99:99"]) == 1
    assert "404" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            "giftcards",
            "No range was named, so this is today, 2026-11-23 (America/Chicago). Name another with --when.\n",
        ),
        ("recurring", "No range was named, so this is the first day of last month to today, as the server chooses."),
        ("employees-clock-entries", "No range was named, so this is a range that the server chooses."),
        ("sales-outcomes", "No range was named, so this is a range that the server chooses."),
        ("customers", ""),
        ("recurring-all", ""),
        ("items", ""),
        ("giftcards --when yesterday", ""),
    ],
)
def test_a_list_without_a_range_says_which_range_it_took(
    words: str, said: str, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter(**SMALL)
    assert main(["get", *words.split(), "--format", "ndjson"]) == 0
    found = " ".join(capsys.readouterr().err.split())
    assert said.split() == found.split()[: len(said.split())] if said else "No range" not in found
    assert opened.paths.count("/site/list") <= 1


def test_a_list_that_the_server_keeps_for_six_months_begins_with_what_there_is(
    counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter()
    assert main(["get", "transactions", "--when", "..2026-06-10", "--timezone", "UTC"]) == 0
    assert "The server keeps six months, so ..2026-06-10 begins on 2026-05-24.\n" in capsys.readouterr().err
    assert int(query(opened)["startDate"]) == int(datetime(2026, 5, 24, tzinfo=UTC).timestamp())
    assert main(["get", "recurring", "--when", "2026-04..2026-06-10", "--timezone", "UTC"]) == 0
    assert "six months" not in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("transactions --limit 0 --when yesterday", "--limit '0' must be a whole number from 1 to 100."),
        ("transactions --when 11/22/2026", "hint: Write the year first: 2026-11-22."),
        ("giftcards --offset 0", "--offset '0' must be a page number"),
    ],
)
def test_what_is_wrong_costs_no_request_though_the_days_would_need_a_zone(
    words: str, said: str, counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter()
    assert main(["get", *words.split()]) == 2
    assert said in capsys.readouterr().err
    assert opened.paths == []


def test_a_site_is_found_by_its_code_in_any_case_and_an_unknown_one_lists_the_codes(
    counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter()
    assert main(["get", "transactions", "--when", "2026-11-22", "--site", " main"]) == 0
    assert query(opened)["site"] == "MAIN"
    capsys.readouterr()
    assert main(["get", "employees-clock-entries", "--when", "2026-11-22", "--site", "NOPE"]) == 2
    assert capsys.readouterr().err == (
        "sonnys: --site 'NOPE' is not a site of this account; it must be one of MAIN, NORTH.\n"
        "hint: sonnys get sites lists the codes; leave --site out for all sites.\n"
    )


def test_a_zone_that_is_not_understood_is_a_line_without_code(
    counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    counter(world=ListWorld((replace(SITES[0], timezone="Mars/Olympus"), replace(SITES[0], id=9, code="EAST")), []))
    assert main(["get", "transactions", "--when", "2026-11-22", "--site", "MAIN"]) == 0
    assert capsys.readouterr().err == (
        "sonnys: Warning: site 'MAIN' has an unknown time zone, 'Mars/Olympus', so its days are those of "
        "America/Chicago. Give the client a timezone to choose another.\n"
    )
