"""Queries to the archive from the command line."""

from __future__ import annotations

import csv
import io
import json
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import pytest

from sonnys_data_client.archive import Answer
from sonnys_data_client.cli import main
from sonnys_data_client.cli.commands.sql.run import _waited_for
from tests.cli.conftest import Archived
from tests.cli.workbook import sheets_of
from tests.waiting import PATIENCE_S

SUMS = "SELECT business_date AS day, count(*) AS n, sum(total) AS total FROM transactions GROUP BY ALL ORDER BY ALL"


@pytest.fixture(autouse=True)
def here(archived: Archived, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Run in a folder of the test's own."""
    monkeypatch.chdir(tmp_path)


def test_a_pipe_gets_ndjson_with_days_as_text_and_money_as_numbers(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql", SUMS]) == 0
    said = capsys.readouterr()
    rows = [json.loads(line) for line in said.out.splitlines()]
    assert said.err == ""
    assert {row["day"] for row in rows} >= {"2026-11-22"}
    assert all(type(row["total"]) is float and row["total"] > 0 and row["n"] > 0 for row in rows)


NUMBERS = """SELECT 2390.0000::DECIMAL(18,4) AS amount, 0.1::DECIMAL(18,4) AS tenth,
    9007199254740993::DECIMAL(18,0) AS odd,
    9007199254740992 AS whole, 9007199254740993 AS large, [1.5::DECIMAL(4,2)] AS many, {'a': 2.25::DECIMAL(4,2)} AS one,
    NULL::DECIMAL(4,2) AS nothing"""


@pytest.mark.parametrize("target", [["--format", "json"], ["--format", "ndjson"], ["-o", "a.json"], ["-o", "a.ndjson"]])
@pytest.mark.parametrize("decimals", ["number", "text"])
def test_json_has_numbers_where_a_reader_gets_them_back_exactly(
    target: list[str], decimals: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sql", NUMBERS, *target, "--decimals", decimals]) == 0
    text = capsys.readouterr().out if "--format" in target else Path(target[1]).read_text()
    found = json.loads(text)
    (row,) = found if isinstance(found, list) else [found]
    as_text = {"amount": "2390.0000", "tenth": "0.1000", "many": ["1.50"], "one": {"a": "2.25"}}
    as_numbers = {"amount": 2390.0, "tenth": 0.1, "many": [1.5], "one": {"a": 2.25}}
    assert row == {
        "odd": "9007199254740993",
        "whole": 2**53,
        "large": "9007199254740993",
        "nothing": None,
        **(as_text if decimals == "text" else as_numbers),
    }


def test_csv_and_table_and_file_have_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    main(["sql", SUMS, "--decimals", "text"])
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    as_text = [{name: str(value) for name, value in row.items()} for row in rows]
    assert main(["sql", SUMS, "--format", "csv"]) == 0
    assert list(csv.DictReader(io.StringIO(capsys.readouterr().out))) == as_text
    assert main(["sql", SUMS, "--format", "table"]) == 0
    names, *lines = capsys.readouterr().out.splitlines()
    assert names.split() == ["day", "n", "total"]
    assert [line.split() for line in lines] == [list(row.values()) for row in as_text]
    assert main(["sql", SUMS, "--out", "sums.csv"]) == 0
    assert list(csv.DictReader(io.StringIO(Path("sums.csv").read_text(encoding="utf-8-sig")))) == as_text


def test_parquet_keeps_types(capsys: pytest.CaptureFixture[str]) -> None:
    import duckdb

    assert (
        main(["sql", "SELECT id, complete_date, business_date, total, items FROM transactions", "-o", "a.parquet"]) == 0
    )
    with duckdb.connect() as database:
        kinds = {name: kind for name, kind, *_ in database.execute("DESCRIBE FROM 'a.parquet'").fetchall()}
        ((whole, paid),) = database.execute("SELECT count(*), count(items[1].net) FROM 'a.parquet'").fetchall()
    assert (kinds["complete_date"], kinds["business_date"]) == ("TIMESTAMP WITH TIME ZONE", "DATE")
    assert kinds["total"].startswith("DECIMAL")
    assert kinds["items"].startswith("STRUCT(")
    assert whole > 30
    assert paid > 30


def test_without_a_question_it_lists_what_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["sql"]) == 0
    views = {row["view"]: row["columns"] for row in map(json.loads, capsys.readouterr().out.splitlines())}
    assert {"transactions", "transaction_items", "changes", "quarantine"} <= views.keys()
    assert "business_date" in views["transactions"]
    assert main(["sql", "--format", "table"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if not line.startswith(" ")] == list(views)
    assert " ".join(line.strip() for line in lines[1 : lines.index("transaction_items")]) == views["transactions"]


def test_views_and_columns_explain_themselves_without_an_archive(capsys: pytest.CaptureFixture[str]) -> None:
    nowhere = ["--archive", "nowhere"]
    assert main(["sql", "--describe", "Transactions", *nowhere]) == 0
    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {row["view"] for row in rows} == {"transactions"}
    assert (rows[0]["column"], rows[0]["about"][:24]) == ("", "One row for each ticket:")
    (total,) = [row for row in rows if row["column"] == "total"]
    assert total["type"] == "DECIMAL(18, 4)"
    assert "tax and fees are inside" in total["about"]

    assert main(["sql", "--describe", "--format", "table", *nowhere]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= 80
    assert {"transactions", "sites", "sites_history", "changes"} <= {line for line in lines if line[:1] != " "}

    assert main(["sql", "--describe", "transaction", *nowhere]) == 2
    said = "sonnys: --describe takes the name of a view, and 'transaction' is none. Did you mean transactions?\n"
    assert capsys.readouterr().err == f"{said}hint: sonnys sql alone lists the views.\n"
    assert main(["sql", "--describe", "--file", "q.sql", *nowhere]) == 2


def test_an_answer_becomes_a_workbook_or_csv_for_excel(capsys: pytest.CaptureFixture[str]) -> None:
    query = (
        "SELECT '007' AS code, '=1'::ENUM('=1') AS word, 1.50::DECIMAL(9, 2) AS total, DATE '2026-03-09' AS day, "
        "TIMESTAMPTZ '2026-03-09 12:00:05+00' AS at, TIMESTAMP '2026-03-09 07:00:05' AS local"
    )
    assert main(["sql", query, "--out", "a.xlsx"]) == 0
    assert capsys.readouterr().err == "Wrote a.xlsx: 1 row.\n"
    moments = [datetime.fromisoformat(f"2026-03-09 {clock}") for clock in ("00:00:00", "12:00:05", "07:00:05")]
    names = ["code", "word", "total", "day", "at (UTC)", "local"]
    assert sheets_of(Path("a.xlsx")) == {"rows": [names, ["007", "=1", 1.5, *moments]]}
    assert main(["sql", query, "--format", "csv", "--csv-for", "excel"]) == 0
    written = capsys.readouterr().out
    cells = '"=""007""",\'=1,1.50,2026-03-09,2026-03-09 12:00:05,2026-03-09 07:00:05'
    assert written == f"\ufeff{','.join(names)}\n{cells}\n"
    assert main(["sql", query, "--out", "a.csv", "--csv-for", "excel"]) == 0
    assert Path("a.csv").read_text(encoding="utf-8") == written
    for words in (["--format", "json"], ["--out", "a.xlsx"], []):
        assert main(["sql", query, *words, "--csv-for", "excel"]) == 2
        assert "--csv-for is for CSV." in capsys.readouterr().err
    assert main(["sql", query, "--format", "xlsx"]) == 2
    assert "--format 'xlsx' needs a file." in capsys.readouterr().err


def test_a_question_may_come_from_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    Path("q.sql").write_text("SELECT 1 AS one FROM transactions LIMIT 1;")
    assert main(["sql", "--file", "q.sql"]) == 0
    assert capsys.readouterr().out == '{"one": 1}\n'


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["SELEKT 1"], 2, "The query cannot be answered: "),
        (["SELECT nothing FROM transactions"], 2, "The query cannot be answered: "),
        (
            ["SELECT * FROM transactons"],
            2,
            "transactons does not exist!\nhint: sonnys sql alone lists",
        ),
        ([" "], 2, "The query is empty.\nhint: Give a SELECT"),
        (["SELECT 1", "--file", "q.sql"], 2, "QUERY and --file both give a query.\nhint: Leave one of the two out."),
        (["--file", "none.sql"], 2, "none.sql: No such file or directory."),
        (["SELECT 1", "--format", "parquet"], 2, "--format 'parquet' needs a file.\nhint: Name one with --out"),
    ],
)
def test_what_cannot_be_answered_is_a_sentence(
    words: list[str], code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sql", *words]) == code
    told = capsys.readouterr()
    assert told.out == ""
    assert said in told.err
    assert told.err.count("\n") == 1 + told.err.count("\nhint: ")


def test_asking_takes_no_account_and_sends_nothing(
    archived: Archived, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("SONNYS_API_ID")
    monkeypatch.delenv("SONNYS_API_KEY")
    sent = len(archived.counter.paths)
    assert main(["sql", SUMS]) == 0
    assert len(archived.counter.paths) == sent


ASK = """
import sys
from sonnys_data_client.archive import Answer
from sonnys_data_client.cli import main
ask = Answer.__iter__
def tell(answer):
    print("asking", file=sys.stderr, flush=True)
    return ask(answer)
Answer.__iter__ = tell
sys.exit(main(sys.argv[1:]))
"""
"""`sonnys`, which says when the database begins to answer a question."""


def test_ctrl_c_ends_a_question_at_once(archived: Archived) -> None:
    question = "SELECT count(*) FROM range(10000000) AS a, range(1000000) AS b WHERE hash(a.range, b.range) = 7"
    command = [sys.executable, "-c", ASK, "sql", question, "--archive", str(archived.place)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as asking:
        assert asking.stderr is not None
        assert asking.stderr.readline() == "asking\n"
        asking.send_signal(signal.SIGINT)
        assert asking.wait(timeout=PATIENCE_S) == 130
        assert "Traceback" not in asking.stderr.read()


class Deaf(Answer):
    """An answer that does not hear the first time: DuckDB forgets an interrupt that comes before its query begins."""

    def __init__(self) -> None:
        self.interrupted = 0
        self.heard = threading.Event()

    def interrupt(self) -> None:
        self.interrupted += 1
        if self.interrupted > 1:
            self.heard.set()


def test_ctrl_c_that_comes_before_the_database_has_begun_is_not_forgotten() -> None:
    answer = Deaf()
    main_thread = threading.main_thread().ident
    assert main_thread is not None

    def find() -> bool:
        waits_until = time.monotonic() + PATIENCE_S
        while not answer.interrupted and time.monotonic() < waits_until:
            # One that comes just before a thread begins to wait is noticed after the wait only.
            signal.pthread_kill(main_thread, signal.SIGINT)
            answer.heard.wait(1.0)
        return answer.heard.wait(PATIENCE_S)

    with pytest.raises(KeyboardInterrupt):
        _waited_for(find, answer)
    assert answer.heard.is_set()


def test_what_json_cannot_say_is_null_and_columns_of_one_name_are_refused(
    archived: Archived, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["sql", "SELECT 1/0 AS a, [1.5, 'nan'::DOUBLE] AS b, 'x' AS c"]) == 0
    assert capsys.readouterr().out == '{"a": null, "b": [1.5, null], "c": "x"}\n'
    assert main(["sql", "SELECT 'a' AS x, 'b' AS x"]) == 2
    assert (
        "Several columns of the answer are called 'x'.\nhint: Give each a name of its own, with AS."
        in capsys.readouterr().err
    )


def test_a_file_that_is_no_text_is_refused(
    archived: Archived, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "question.sql"
    file.write_bytes(b"\xff\xfeS")
    assert main(["sql", "--file", str(file)]) == 2
    assert capsys.readouterr().err == f"sonnys: --file '{file}' is not text in UTF-8.\nhint: Save it as UTF-8.\n"
    file.write_bytes(b"\xef\xbb\xbfSELECT 1 AS a")
    assert main(["sql", "--file", str(file)]) == 0


def test_a_file_outside_of_the_archive_is_read_only_by_who_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    Path("own.csv").write_text("day,goal\n2026-11-22,100\n", encoding="utf-8")
    query = "SELECT goal FROM read_csv('own.csv')"
    assert main(["sql", query]) == 2
    said = capsys.readouterr()
    assert (said.out, said.err.splitlines()) == (
        "",
        [
            "sonnys: The query reads 'own.csv' outside of the archive.",
            "hint: Give --allow-outside if the query is your own.",
        ],
    )
    assert main(["sql", query, "--allow-outside"]) == 0
    assert json.loads(capsys.readouterr().out) == {"goal": 100}
