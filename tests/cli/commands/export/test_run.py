"""`sonnys export`: whole files, what is kept if some rows do not come, and what is printed."""

from __future__ import annotations

import csv
import io
import json
import os
import resource
import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.export import run as exporting
from sonnys_data_client.cli.commands.export.shelf import JobFile
from sonnys_data_client.cli.show.spool import Spool
from sonnys_data_client.engine.jobs import POLL_PATH
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import ApiAccount, Faults, Reply
from sonnys_data_client.sandbox.faults import Scripted
from sonnys_data_client.sandbox.world import Transaction
from tests.cli.conftest import Counter
from tests.cli.workbook import sheets_of
from tests.sandbox.rig import NOW, SUBMIT, WASH

Open = Callable[..., Counter]
SMALL = {"cars_per_day": 60, "sites": 2}
DAY = "2026-11-22"
WORDS = ["export", DAY, "--out", "my day.ndjson"]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def truth(counter: Counter, day: str = DAY) -> dict[str, int]:
    """The rows of each site's own day: MAIN is in Chicago, NORTH in New York."""
    rows: list[Transaction] = []
    for site, hour in (("MAIN", 6), ("NORTH", 5)):
        start = int(datetime.fromisoformat(f"{day}T{hour:02}:00:00Z").timestamp())
        rows += counter.sandbox.truth(start, start + 86_400, site, as_of=NOW)
    return {row.id: row.total_cents for row in rows}


def read(path: str) -> list[dict[str, Any]]:
    text = Path(path).read_text(encoding="utf-8-sig")
    if path.endswith(".csv"):
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("name", ["day.csv", "day.ndjson"])
def test_a_day_becomes_a_file_in_order_of_time(
    counter: Callable[..., Counter], name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter(**SMALL)
    assert main(["export", DAY, "--out", name]) == 0
    rows, books = read(name), truth(opened)
    assert {row["id"]: round(float(row["total"]) * 100) for row in rows} == books
    assert len(rows) == len(books) > 100
    assert [row["completeDate"] for row in rows] == sorted(row["completeDate"] for row in rows)
    assert [path.name for path in Path().iterdir()] == [name]
    said = capsys.readouterr()
    assert said.out == ""
    assert f"Reading {DAY} (each site by its clock: America/Chicago, America/New_York): 2 windows, about " in said.err
    assert f"{len(rows):,} transactions, " in said.err
    assert f"Wrote {name} (" in said.err


def test_parquet_is_a_file_too(counter: Open) -> None:
    import duckdb

    opened = counter(**SMALL)
    assert main(["export", DAY, "-o", "day.parquet"]) == 0
    with duckdb.connect() as database:
        rows = database.execute("SELECT id, CAST(total * 100 AS BIGINT) FROM 'day.parquet'").fetchall()
    assert dict(rows) == truth(opened)


def test_a_workbook_has_the_day_with_local_times_beside_utc(counter: Open) -> None:
    opened = counter(**SMALL)
    assert main(["export", DAY, "-o", "day.xlsx"]) == 0
    ((names, *rows),) = sheets_of(Path("day.xlsx")).values()
    found = [dict(zip(names, row, strict=False)) for row in rows]
    assert {row["id"]: round(row["total"] * 100) for row in found} == truth(opened)
    apart = {row["completeDate (UTC)"].replace(microsecond=0) - row["localTime"] for row in found}
    assert apart == {timedelta(hours=5), timedelta(hours=6)}
    assert {row["localTime"].date().isoformat() for row in found} == {DAY}


def test_csv_for_excel_keeps_ids_as_text(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter(**SMALL)
    assert main(["export", DAY, "--format", "csv", "--csv-for", "excel", "--site", "MAIN"]) == 0
    written = capsys.readouterr().out
    assert written.startswith("\ufefflocalTime,id,")
    rows = list(csv.DictReader(io.StringIO(written)))
    assert {row["id"][2:-1] for row in rows} < truth(opened).keys()
    assert all(row["id"].startswith('="') for row in rows)
    assert main(["export", DAY, "--csv-for", "excel"]) == 2
    assert len(opened.clients) == 1, "nothing was sent for it"


@pytest.mark.parametrize("out", [[], ["-o", "day.ndjson"]])
def test_ndjson_has_amounts_as_exact_numbers_or_as_text(
    out: list[str], counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter(**SMALL)
    found: dict[str, list[dict[str, Any]]] = {}
    for decimals in ("number", "text"):
        assert main(["export", DAY, "--site", "MAIN", "--decimals", decimals, *out]) == 0
        text = Path(out[1]).read_text() if out else capsys.readouterr().out
        rows = [json.loads(line, parse_float=Decimal) for line in text.splitlines()]
        found[decimals] = sorted(rows, key=lambda row: row["id"])
    cents = truth(opened)
    for number, text_ in zip(found["number"], found["text"], strict=True):
        assert Decimal(number["total"]) * 100 == Decimal(text_["total"]) * 100 == cents[number["id"]]
        assert not isinstance(number["total"], str)
        assert isinstance(text_["total"], str)
        assert [Decimal(item["net"]) for item in number["items"]] == [Decimal(item["net"]) for item in text_["items"]]


def test_without_a_file_the_rows_go_to_standard_output(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter(**SMALL)
    assert main(["export", DAY]) == 0
    said = capsys.readouterr()
    assert {json.loads(line)["id"] for line in said.out.splitlines()} == truth(opened).keys()
    assert main(["export", DAY, "--format", "csv", "--table", "tenders", "--site", "MAIN"]) == 0
    lines = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert {line["locationCode"] for line in lines} == {"MAIN"}
    assert {line["transactionId"] for line in lines} <= truth(opened).keys()
    assert all(line["tender"] for line in lines)


def test_a_plan_costs_one_request_at_most(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter()
    assert main(["export", "last-7-days", "--plan"]) == 0
    days = "2026-11-16 to 2026-11-22"
    assert capsys.readouterr().out.startswith(f"{days} (America/Chicago): 7 windows, about 98 pages, ")
    assert opened.paths == ["/site/list"]
    assert main(["export", "last-7-days", "--plan", "--timezone", "UTC"]) == 0
    assert capsys.readouterr().out.startswith(f"{days} (UTC): 7 windows, about 98 pages, ")
    assert opened.paths == ["/site/list"] * 2


def test_what_is_wrong_is_said_before_anything_is_sent(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter()
    for words in ("febuary", "yesterday -o no/a.csv", "yesterday -o a.doc", "yesterday --timezone Chicago"):
        assert main(["export", *words.split()]) == 2
    assert opened.paths == []
    assert capsys.readouterr().err.count("sonnys: ") == 4


def test_a_gap_leaves_no_file_but_what_came_and_exit_code_1(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    noon = str(int(datetime.fromisoformat(f"{DAY}T18:00:00Z").timestamp()))
    early = Scripted("job_fail", path=SUBMIT, when=lambda request: dict(request.query)["startDate"] < noon, times=10**6)
    opened = counter(**SMALL, faults=Faults(script=(early,)))
    assert main(["export", DAY, "--out", "day.csv", "-v"]) == 1
    names = {path.name for path in Path().iterdir()}
    assert names == {"day.csv.incomplete.ndjson", "day.csv.jobs"}
    came = {row["id"] for row in read("day.csv.incomplete.ndjson")}
    assert 0 < len(came) < len(truth(opened))
    said = capsys.readouterr().err
    assert "sonnys: The export is not complete: " in said
    assert "the rows that came are in day.csv.incomplete.ndjson.\n" in said
    assert "\nhint: Run it again later. -v lists what is missing.\n" in said
    assert "sonnys: missing: 2026-11-22" in said


@pytest.mark.parametrize("strict", [[], ["--strict"]])
def test_a_row_that_fits_nothing_is_kept_raw_and_told(
    strict: list[str], counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = Scripted("bad_row", path=SUBMIT)
    opened = counter(**SMALL, faults=Faults(script=(bad,)))
    words = ["export", DAY, "--out", "day.ndjson"]
    assert main([*words, *strict]) == (1 if strict else 4)
    (unparsed,) = read("day.ndjson.unparsed.ndjson")
    assert unparsed["reason"].startswith("total")
    written, other = "day.ndjson", "day.ndjson.incomplete.ndjson"
    if strict:
        written, other = other, written
    assert {row["id"] for row in read(written)} | {unparsed["raw"]["id"]} == truth(opened).keys()
    assert not Path(other).exists()
    assert Path("day.ndjson.jobs").exists() == bool(strict)
    assert "1 row could not be parsed, and it is raw in day.ndjson.unparsed.ndjson.\n" in capsys.readouterr().err


def test_the_next_export_removes_the_rows_that_an_earlier_one_could_not_parse(counter: Open) -> None:
    opened = counter(**SMALL)
    Path("day.ndjson.unparsed.ndjson").write_text("{}\n")
    assert main(["export", DAY, "--out", "day.ndjson"]) == 0
    assert len(read("day.ndjson")) == len(truth(opened))
    assert not Path("day.ndjson.unparsed.ndjson").exists()


def test_without_a_file_rows_that_cannot_be_parsed_are_in_one(
    counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    counter(**SMALL, faults=Faults(script=(Scripted("bad_row", path=SUBMIT),)))
    assert main(["export", DAY]) == 4
    assert len(read("sonnys-export.unparsed.ndjson")) == 1
    said = capsys.readouterr()
    assert "1 row could not be parsed, and it is raw in sonnys-export.unparsed.ndjson.\n" in said.err
    assert said.out.count("\n") > 1


def odd_values(request: Request, response: Response) -> Response:
    """Give the first row of a job's page two values that cannot be parsed."""
    body = json.loads(response.body)
    rows = body["data"].get("data") if request.path == POLL_PATH else None
    if not rows:
        return response
    rows[0] |= {"number": "E-1001", "items": [{"quantity": "many"}]}
    return Response(response.status, json.dumps(body).encode())


@pytest.mark.parametrize("table", ["transactions", "items"])
def test_odd_values_cost_no_row_and_are_told(
    table: str, counter: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counter(**SMALL)
    handle = opened.sandbox.handle

    def handle_oddly(request: Request, now: float) -> Reply:
        reply = handle(request, now)
        outcome = odd_values(request, reply.outcome) if isinstance(reply.outcome, Response) else reply.outcome
        return Reply(outcome, reply.hold_s)

    monkeypatch.setattr(opened.sandbox, "handle", handle_oddly)
    assert main(["export", DAY, "--out", "day.csv", "--table", table]) == 0
    with Path("day.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    odd = [json.loads(row["otherFields"])["(unparsed)"] for row in rows if "(unparsed)" in row["otherFields"]]
    assert odd
    assert all(values == ({"quantity": "many"} if table == "items" else values) for values in odd)
    assert table == "items" or {row["id"] for row in rows} == truth(opened).keys()
    told = capsys.readouterr().err
    assert f"values could not be parsed and are empty (items.quantity ({len(odd)}), number ({len(odd)}))" in told


class KilledError(BaseException):
    """Stands for SIGKILL: nothing catches it."""


def export_until(rows: int, error: type[BaseException], monkeypatch: pytest.MonkeyPatch) -> int:
    """Export until this many rows have come, then raise an error."""
    add = Spool.add

    def ending(spool: Spool, row: dict[str, Any], moment: datetime | None = None) -> None:
        add(spool, row, moment)
        if len(spool) == rows:
            raise error

    with monkeypatch.context() as patch:
        patch.setattr(Spool, "add", ending)
        return main(WORDS)


def test_ctrl_c_keeps_what_came_and_says_how_to_go_on(
    counter: Open, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    counter(**SMALL, workers=1, job_s=5)
    assert export_until(150, KeyboardInterrupt, monkeypatch) == 130
    assert len(read("my day.ndjson.incomplete.ndjson")) == 150
    said = capsys.readouterr().err
    assert "sonnys: Stopped: 3 of " in said
    assert "150 rows are in my day.ndjson.incomplete.ndjson.\n" in said
    assert said.endswith(f"hint: Run it again with: sonnys export {DAY} --out 'my day.ndjson'\n")


@pytest.mark.machine_times
@pytest.mark.parametrize("error", [KeyboardInterrupt, KilledError])
def test_the_next_run_costs_what_was_not_there_yet(
    error: type[BaseException], counter: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = counter(**SMALL, workers=1, job_s=5)
    assert main(WORDS) == 0
    opened = counter(**SMALL, workers=1, job_s=5)
    with suppress(KilledError):
        export_until(150, error, monkeypatch)
    seen = len(opened.sandbox.log)
    assert main(WORDS) == 0
    assert {row["id"] for row in read("my day.ndjson")} == truth(opened).keys()
    assert len(read("my day.ndjson")) == len(truth(opened))
    assert [path.name for path in Path().iterdir()] == ["my day.ndjson"]
    again = [dict(entry.query)["offset"] for entry in opened.sandbox.log[seen:] if entry.path == SUBMIT]
    assert len(set(again)) < len({dict(e.query)["offset"] for e in whole.sandbox.log if e.path == SUBMIT})
    assert "1" not in again, "that page was here"


BETA = ApiAccount("beta", "key of beta", sites=("NORTH",))
OTHERS = [
    ({"SONNYS_SITE_CODE": "MAIN"}, []),
    ({"SONNYS_API_ID": BETA.api_id, "SONNYS_API_KEY": BETA.api_key}, []),
    ({}, ["--site", "MAIN"]),
]


@pytest.mark.parametrize(("environment", "more"), OTHERS, ids=["site code", "account", "question"])
def test_another_account_or_question_in_between_takes_no_row_and_loses_none(
    environment: dict[str, str], more: list[str], counter: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = counter(**SMALL, workers=1, job_s=5, accounts=(ApiAccount(), BETA))
    export_until(150, KeyboardInterrupt, monkeypatch)
    kept = {entry.hash for entry in opened.sandbox.log if entry.path == SUBMIT}
    seen = len(opened.sandbox.log)
    with monkeypatch.context() as other:
        for name, value in environment.items():
            other.setenv(name, value)
        assert main([*WORDS, *more]) == 0
    site = more[1] if more else environment.get("SONNYS_SITE_CODE", "NORTH")
    assert {row["locationCode"] for row in read("my day.ndjson")} == {site}
    between = opened.sandbox.log[seen:]
    assert not {dict(entry.query).get("hash") for entry in between} & kept
    seen = len(opened.sandbox.log)
    assert main(WORDS) == 0
    assert {row["id"] for row in read("my day.ndjson")} == truth(opened).keys()
    assert "1" not in [dict(entry.query)["offset"] for entry in opened.sandbox.log[seen:] if entry.path == SUBMIT]
    assert [path.name for path in Path().iterdir()] == ["my day.ndjson"]


def test_pages_of_another_day_are_not_taken_for_news(counter: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = counter(**SMALL, workers=1, job_s=5)
    export_until(150, KeyboardInterrupt, monkeypatch)
    jobs = Path("my day.ndjson.jobs")
    with closing(sqlite3.connect(jobs, isolation_level=None)) as database:
        database.execute("UPDATE jobs SET kept_at = kept_at - 86400")
    seen = len(opened.sandbox.log)
    assert main(WORDS) == 0
    assert "1" in {dict(entry.query)["offset"] for entry in opened.sandbox.log[seen:] if entry.path == SUBMIT}


def test_a_place_that_takes_no_file_is_refused_before_any_job(
    counter: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    opened = counter()
    assert main(["export", DAY, "--out", "/proc/day.csv"]) == 2  # where not even root may write
    assert capsys.readouterr().err.endswith(
        "sonnys: /proc/day.csv.jobs cannot be made (unable to open database file).\n"
        "hint: Name another directory with --out.\n"
    )
    assert SUBMIT not in opened.paths


def test_two_exports_to_one_file_are_refused(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter()
    with closing(JobFile(Path("my day.ndjson.jobs"), "any", [])):
        assert main(WORDS) == 2
    said = capsys.readouterr().err
    assert said.endswith(
        "sonnys: Another export writes my day.ndjson.\n"
        "hint: Wait until it has ended, or name another file with --out.\n"
    )
    assert SUBMIT not in opened.paths
    assert main(WORDS) == 0


def test_a_file_of_jobs_that_is_none_is_refused(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter()
    Path("my day.ndjson.jobs").write_text("my own notes, which are long enough to be no database of anybody's" * 20)
    assert main(WORDS) == 2
    said = capsys.readouterr().err
    assert "sonnys: my day.ndjson.jobs does not hold the jobs of an export, or is damaged (file is not a " in said
    assert said.endswith("hint: Delete it to begin the export anew.\n")


def test_a_server_that_goes_away_keeps_what_came(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    gone = Scripted("unreachable", nth=8, times=10**6)
    counter(**SMALL, workers=1, job_s=5, faults=Faults(script=(gone,)))
    assert main(["export", DAY, "--out", "day.csv"]) == 1
    said = capsys.readouterr().err
    assert "Failed: " in said
    assert "the server could not be reached" in said
    assert not Path("day.csv").exists()


def test_nothing_of_a_customer_or_key_is_said(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    counter()
    assert main(["export", "2026-11-21..2026-11-23", "--out", "a.csv", "-v"]) == 0
    said = capsys.readouterr()
    assert WASH.plate is not None
    assert WASH.plate in Path("a.csv").read_text()
    assert WASH.plate not in said.out + said.err
    assert "sandbox-key" not in said.out + said.err


def test_a_row_that_was_withdrawn_while_its_window_was_read_is_kept_out() -> None:
    day = Window(1_767_225_600, 1_767_312_000)
    windows = [WindowReport(day, withdrawn=frozenset({"1:1"})), WindowReport(Window(day.stop, day.stop + 86_400))]
    inside, later = "2026-01-01T10:00:00.000Z", "2026-01-02T10:00:00.000Z"
    assert not exporting._is_kept({"id": "1:1", "completeDate": inside}, windows)
    assert exporting._is_kept({"id": "1:1", "completeDate": later}, windows), "it has moved, and is another window's"
    assert exporting._is_kept({"id": "2:1", "completeDate": inside}, windows)


def test_pages_of_another_account_are_not_taken(
    counter: Open, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The same range and file, but first of one site only: its pages look like those of all sites."""
    opened = counter(**SMALL, workers=1, job_s=5)
    monkeypatch.setenv("SONNYS_SITE_CODE", "MAIN")
    assert export_until(50, KeyboardInterrupt, monkeypatch) == 130
    monkeypatch.delenv("SONNYS_SITE_CODE")
    assert main(WORDS) == 0
    assert {row["id"] for row in read("my day.ndjson")} == truth(opened).keys()


def test_a_range_reaches_as_far_back_as_the_server(counter: Open, capsys: pytest.CaptureFixture[str]) -> None:
    opened = counter()
    assert main(["export", "last-6-months", "--plan", "--timezone", "UTC"]) == 0
    said = capsys.readouterr()
    assert said.out.startswith("2026-05-24 to 2026-10-31 (UTC): 161 windows, ")
    assert said.err == "The server keeps six months, so last-6-months begins on 2026-05-24.\n"
    assert main(["export", "2026-W47", "--plan", "--timezone", "UTC"]) == 0
    assert capsys.readouterr().out.startswith("2026-11-16 to 2026-11-22 (UTC): 7 windows, ")
    assert set(opened.paths) == {"/site/list"}


def test_sites_are_found_by_their_codes_in_any_case(counter: Open) -> None:
    opened = counter(**SMALL)
    assert main(["export", DAY, "--out", "day.ndjson", "--site", " main"]) == 0
    assert {row["locationCode"] for row in read("day.ndjson")} == {"MAIN"}
    assert {dict(entry.query)["site"] for entry in opened.sandbox.log if entry.path == SUBMIT} == {"MAIN"}
    assert main(["export", DAY, "--out", "day.ndjson", "--site", "main", "--site", "MAIN "]) == 2


@pytest.mark.parametrize("name", ["day.csv", "day.ndjson", "day.parquet"])
@pytest.mark.parametrize("kilobytes", [8, 40, 90])
def test_a_full_disk_is_one_sentence_and_leaves_nothing_but_what_it_says(
    name: str, kilobytes: int, counter: Open, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No file may grow beyond the limit, whoever writes it. The same command goes on once there is room."""
    counter(**SMALL)
    with files_up_to(kilobytes * 1024):
        code = main(["export", DAY, "--out", name])
    said = capsys.readouterr().err
    assert code == 1, said
    told = [line for line in said.splitlines() if line.startswith("sonnys:")]
    assert len(told) == 1
    assert f"sonnys: {name}" in told[0] or f"{name}.jobs cannot be used" in told[0]
    assert "Make room" in said
    kept = {path.name for path in here.iterdir()} - {f"{name}.jobs", f"{name}.jobs-journal"}
    assert kept <= {f"{name}.incomplete.ndjson"}
    assert all(each in said for each in kept)
    assert main(["export", DAY, "--out", name]) == 0
    assert [path.name for path in here.iterdir()] == [name]


@contextmanager
def files_up_to(limit: int) -> Generator[None]:
    """Let no file of this process grow beyond a limit."""
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_name_that_is_not_utf_8_is_refused_before_a_request(
    counter: Open, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    account = counter(**SMALL)
    folder = os.fsdecode(os.fsencode(here) + b"/caf\xe9")
    Path(folder).mkdir()
    assert main(["export", DAY, "--out", f"{folder}/day.csv"]) == 2
    assert "has a name that is not UTF-8" in capsys.readouterr().err
    assert account.clients == []
