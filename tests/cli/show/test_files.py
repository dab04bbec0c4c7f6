"""Files: whole or not there, in four formats with the same rows."""

from __future__ import annotations

import csv
import io
import json
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show.files import Format, check_target, format_of, write_csv, write_file
from sonnys_data_client.cli.show.layouts import TEXT, file_columns, nested, whole
from sonnys_data_client.types import TransactionJobItem, parse_rows
from tests.cli.rows import some_rows


def query(sql: str, file: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        return database.execute(sql.replace("FILE", "read_parquet($1)"), [str(file)]).fetchall()


def write(path: Path, kind: Format, rows: list[TransactionJobItem] | None = None) -> Path:
    layout = whole() if kind in ("ndjson", "json") else nested()
    shaped = (shaped for row in (some_rows() if rows is None else rows) for shaped in layout.rows(row.to_api()))
    write_file(shaped, layout.columns, path, kind)
    return path


def test_the_json_holds_everything_and_reads_back_as_the_same_rows(tmp_path: Path) -> None:
    ndjson = write(tmp_path / "day.ndjson", "ndjson")
    raw = [json.loads(line) for line in ndjson.read_text(encoding="utf-8").splitlines()]
    assert parse_rows(TransactionJobItem, raw, method="GET", path="/") == some_rows()
    assert raw[0]["total"] == "16.05"
    assert raw[1]["novelty"] == {"a": 1}


def test_the_parquet_has_typed_and_nested_columns(tmp_path: Path) -> None:
    parquet = write(tmp_path / "day.parquet", "parquet")
    types = {name: kind for name, kind, *_ in query("DESCRIBE SELECT * FROM FILE", parquet)}
    assert types["completeDate"] == "TIMESTAMP WITH TIME ZONE"
    assert types["total"] == "DECIMAL(18,4)"
    assert set(file_columns(TransactionJobItem)) == types.keys()
    assert query(
        "SELECT completeDate, total, tenders[2].total, items[1].name, discount[1].discount FROM FILE", parquet
    ) == [
        (datetime(2026, 6, 1, 15, 30, 0, 250_000, UTC), Decimal("16.05"), Decimal("6.00"), "Wash", Decimal("0.10")),
        (datetime(2026, 6, 1, 16, tzinfo=UTC), Decimal("-0.01"), None, None, None),
    ]
    assert query("SELECT type, customerName, otherFields FROM FILE WHERE number IS NULL", parquet) == [
        ("Swap", "Zoë\nO'Hara", '{"novelty": {"a": 1}}')
    ]


def test_csv_opens_in_a_spreadsheet(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"name": "Zoë\nO'Hara", "total": "-4.00", "paid": True, "count": 3},
        {"name": '=HYPERLINK("http://a")', "total": "+1", "paid": False},
        {"name": "-ABC", "count": None},
    ]
    columns = {"name": "VARCHAR", "total": "DECIMAL(18,2)", "paid": "BOOLEAN", "count": "BIGINT"}
    file = tmp_path / "day.csv"
    write_file(rows, columns, file, "csv")
    assert file.read_bytes().startswith(b"\xef\xbb\xbfname,total,paid,count\n")
    with file.open(encoding="utf-8-sig", newline="") as text:
        assert list(csv.reader(text)) == [
            ["name", "total", "paid", "count"],
            ["Zoë\nO'Hara", "-4.00", "true", "3"],
            ['\'=HYPERLINK("http://a")', "+1", "false", ""],
            ["'-ABC", "", "", ""],
        ]
    stream = io.StringIO()
    write_csv(rows[2:], columns, stream)
    assert stream.getvalue() == "name,total,paid,count\n'-ABC,,,\n", "no byte order mark in a pipe"


BREAKS = ["\r", "\n", "\r\n", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029"]


@pytest.mark.parametrize("line_break", BREAKS, ids=ascii)
def test_a_line_break_in_a_name_is_in_quotes_on_every_python(line_break: str) -> None:
    name = f"Jane{line_break}=HYPERLINK(1)"
    stream = io.StringIO()
    write_csv(
        [{"name": name, "note": 'say "hi", all'}, {"name": None, "note": ""}], {"name": TEXT, "note": TEXT}, stream
    )
    assert stream.getvalue() == f'name,note\n"{name}","say ""hi"", all"\n,\n'
    read = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))
    assert read == [["name", "note"], [name, 'say "hi", all'], ["", ""]]


def test_a_row_of_one_empty_cell_is_no_empty_line() -> None:
    stream = io.StringIO()
    write_csv([{"name": None}], {"name": TEXT}, stream)
    assert stream.getvalue() == 'name\n""\n'


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\r", "\n", "\x00", "\u2028", "\ufeff", "\N{NO-BREAK SPACE}", " \r\n"]
)
def test_what_a_spreadsheet_may_run_is_made_text(begin: str, before: str) -> None:
    stream = io.StringIO()
    write_csv([{"a": f"{before}{begin}1+1", "b": f"a{begin}1"}], {"a": "JSON", "b": TEXT}, stream)
    (cells,) = list(csv.reader(io.StringIO(stream.getvalue(), newline="")))[1:]
    assert cells == [f"'{before}{begin}1+1", f"a{begin}1"]


@pytest.mark.parametrize("kind", ["DECIMAL(18,4)", "BIGINT", "TIMESTAMP WITH TIME ZONE", "DATE"])
def test_a_negative_number_is_no_formula(kind: str) -> None:
    stream = io.StringIO()
    write_csv([{"a": "-4.00"}], {"a": kind}, stream)
    assert stream.getvalue() == "a\n-4.00\n"


@pytest.mark.parametrize("rows", [[], [{"a": 1}], [{"a": 1}, {"a": float("nan")}]])
def test_json_is_one_list(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    file = tmp_path / "a.json"
    write_file(rows, {"a": "DOUBLE"}, file, "json")
    read = json.loads(file.read_text())
    assert read == [{"a": 1}, {"a": None}][: len(rows)]
    assert len(file.read_text().splitlines()) == (len(rows) + 2 if rows else 1)


@pytest.mark.parametrize("kind", ["ndjson", "json", "csv", "parquet"])
def test_odd_values_cost_no_row_and_are_in_the_file(tmp_path: Path, kind: Format) -> None:
    raw = {
        "id": "1:1",
        "total": 5,
        "completeDate": "2026-06-01T16:00:00.000Z",
        "number": 2**63,
        "customerName": "Zo\ud800",
        "items": [{"quantity": "many"}],
        "no\udfffte": {"\ud800": "\ud800"},
    }
    (row,) = parse_rows(TransactionJobItem, [raw], method="GET", path="/")
    file = write(tmp_path / f"day.{kind}", kind, [row])
    unparsed = {"number": 2**63, "customerName": "Zo\\ud800", "items.0.quantity": "many"}
    if kind == "parquet":
        ((other, quantity),) = query("SELECT otherFields, items[1].quantity FROM FILE", file)
        assert quantity is None
        found = json.loads(other)
    elif kind == "csv":
        with file.open(encoding="utf-8-sig", newline="") as text:
            (cells,) = csv.DictReader(text)
        found = json.loads(cells["otherFields"])
    else:
        found = json.loads(file.read_text(encoding="utf-8").strip("[]\n"))
    assert found["(unparsed)"].items() >= unparsed.items()


@pytest.mark.parametrize("kind", ["ndjson", "csv", "parquet"])
def test_no_rows_are_a_file_too(tmp_path: Path, kind: Format) -> None:
    file = write(tmp_path / "day", kind, [])
    if kind == "parquet":
        assert query("SELECT count(*) FROM FILE", file) == [(0,)]
    else:
        assert len(file.read_text().splitlines()) == (kind == "csv")


@pytest.mark.parametrize("kind", ["ndjson", "csv", "parquet"])
def test_a_directory_may_be_called_anything(tmp_path: Path, kind: Format) -> None:
    odd = tmp_path / "it's [a] *?"
    odd.mkdir()
    write(odd / "day", kind)
    assert [path.name for path in odd.iterdir()] == ["day"]


KILLED = """
import os, signal, sys
from pathlib import Path
from sonnys_data_client.cli.show.files import write_file
def rows():
    yield {}
    os.kill(os.getpid(), signal.SIGKILL)
write_file(rows(), {}, Path(sys.argv[1]), sys.argv[2])
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot be asked whether a process runs")
@pytest.mark.parametrize("kind", ["ndjson", "csv", "parquet"])
def test_the_next_write_removes_what_a_killed_run_left(tmp_path: Path, kind: Format) -> None:
    target = tmp_path / "it's [a] *?"
    killed = subprocess.run([sys.executable, "-c", KILLED, str(target), kind], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert len(list(tmp_path.iterdir())) == 1
    write(target, kind)
    assert list(tmp_path.iterdir()) == [target]


def test_a_directory_that_cannot_be_listed_can_still_be_written_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def denied(_: Path) -> Iterator[Path]:
        raise PermissionError

    monkeypatch.setattr(Path, "iterdir", denied)
    write(tmp_path / "day.csv", "csv")
    assert (tmp_path / "day.csv").exists()


@pytest.mark.parametrize(
    ("name", "wish", "kind"),
    [
        (None, None, "ndjson"),
        (None, "csv", "csv"),
        ("a.csv", None, "csv"),
        ("a.PARQUET", None, "parquet"),
        ("a.jsonl", None, "ndjson"),
        ("a.txt", "csv", "csv"),
        ("a.csv", "csv", "csv"),
        ("a.doc", "parquet", "parquet"),
    ],
)
def test_the_format_is_the_wish_else_what_the_name_says(name: str | None, wish: Format | None, kind: Format) -> None:
    assert format_of(None if name is None else Path(name), wish) == kind


@pytest.mark.parametrize(
    ("name", "wish", "said"),
    [
        (None, "parquet", "--format 'parquet' needs a file."),
        ("a.doc", None, "--out 'a.doc' names no format; it must end in .ndjson, .json, .csv, .xlsx or .parquet."),
        ("a.csv", "parquet", "--out 'a.csv' and --format 'parquet' name two formats."),
    ],
)
def test_a_format_that_cannot_be_is_refused(name: str | None, wish: Format | None, said: str) -> None:
    with pytest.raises(Refusal) as caught:
        format_of(None if name is None else Path(name), wish)
    assert str(caught.value) == said


def test_a_target_that_cannot_be_is_refused_beforehand(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_target(tmp_path / "new.csv")
    for path, said in (
        (tmp_path, f"--out '{tmp_path}' is a directory."),
        (tmp_path / "no" / "a.csv", f"--out '{tmp_path / 'no' / 'a.csv'}' is in a directory that does not exist."),
    ):
        with pytest.raises(Refusal) as caught:
            check_target(path)
        assert str(caught.value) == said
    monkeypatch.setattr("os.access", lambda *_: False)  # root may write everywhere
    with pytest.raises(Refusal, match="is in a directory that is read-only"):
        check_target(tmp_path / "new.csv")


def test_a_parquet_file_that_cannot_be_written_is_an_error_of_the_system(tmp_path: Path) -> None:
    """The row's text is smaller than the limit, and the Parquet file is not."""
    _, hard = before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        with pytest.raises(OSError, match=r"File too large|Could not write"):
            write_file([{"id": "1"}], {"id": "VARCHAR"}, tmp_path / "a.parquet", "parquet")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.iterdir()) == []
