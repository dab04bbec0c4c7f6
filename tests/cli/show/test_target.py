"""Where rows go: a file, a pipe or a table; and what is kept if reading fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli.errors import Failure, Refusal, Stopped
from sonnys_data_client.cli.show import target
from sonnys_data_client.cli.show.spool import Spool
from sonnys_data_client.cli.show.target import Target, beside, put, target_of
from sonnys_data_client.errors import IncompleteError

COLUMNS = {"id": "VARCHAR", "total": "DECIMAL(18,2)"}
ROWS: list[dict[str, Any]] = [{"id": "1:1", "total": "-4.00"}, {"id": "2:1"}]


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def trouble(error: BaseException) -> Iterator[dict[str, Any]]:
    yield from ROWS
    raise error


@pytest.mark.parametrize(
    ("is_terminal", "path", "wish", "target"),
    [
        (True, None, None, Target(None, None, "c")),
        (False, None, None, Target(None, "ndjson", "c")),
        (False, None, "table", Target(None, None, "c")),
        (True, None, "csv", Target(None, "csv", "c")),
        (True, "a.csv", None, Target(Path("a.csv"), "csv", "c")),
        (True, "a.doc", "parquet", Target(Path("a.doc"), "parquet", "c")),
    ],
)
def test_where_rows_go(
    is_terminal: bool, path: str | None, wish: Any, target: Target, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: is_terminal)
    assert target_of(None if path is None else Path(path), wish, "c") == target


@pytest.mark.parametrize(
    ("path", "wish"), [("no/a.csv", None), ("a.doc", None), (None, "parquet"), ("a.doc", "table"), ("a.csv", "parquet")]
)
def test_what_cannot_be_is_refused_before_any_row_is_asked_for(path: str | None, wish: Any) -> None:
    with pytest.raises(Refusal):
        target_of(None if path is None else Path(path), wish, "c")


def test_a_pipe_gets_rows_and_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    put(iter(ROWS), COLUMNS, Target(None, "ndjson", "c"))
    put(iter(ROWS), COLUMNS, Target(None, "csv", "c"))
    said = capsys.readouterr()
    assert said.out == '{"id": "1:1", "total": "-4.00"}\n{"id": "2:1"}\nid,total\n1:1,-4.00\n2:1,\n'
    assert said.err == ""


def test_a_table_says_what_it_has_no_room_for(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    put(iter(ROWS), COLUMNS, Target(None, None, "c"))
    assert capsys.readouterr() == ("id   total\n1:1  -4.00\n2:1       \n", "")
    monkeypatch.setenv("COLUMNS", "6")
    put(iter(ROWS), COLUMNS, Target(None, None, "c"))
    assert capsys.readouterr().err == (
        "1 column does not fit: total.\nhint: --format csv and --format ndjson show everything.\n"
    )


def test_a_file_is_there_when_it_is_whole(capsys: pytest.CaptureFixture[str]) -> None:
    put(iter(ROWS), COLUMNS, Target(Path("a.ndjson"), "ndjson", "c"))
    assert [json.loads(line) for line in Path("a.ndjson").read_text().splitlines()] == ROWS
    assert capsys.readouterr().err == "Wrote a.ndjson: 2 rows.\n"
    assert [path.name for path in Path().iterdir()] == ["a.ndjson"]


def test_trouble_keeps_what_came_beside_it(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(IncompleteError):
        put(trouble(IncompleteError("No.", gaps=[])), COLUMNS, Target(Path("a.csv"), "csv", "c"))
    assert capsys.readouterr().err == "Failed: 2 rows are in a.csv.incomplete.ndjson.\n"
    assert [json.loads(line) for line in beside(Path("a.csv"), "incomplete.ndjson").read_text().splitlines()] == ROWS
    assert [path.name for path in Path().iterdir()] == ["a.csv.incomplete.ndjson"]


def test_ctrl_c_keeps_it_too_and_says_how_to_go_on() -> None:
    with pytest.raises(Stopped) as caught:
        put(trouble(KeyboardInterrupt()), COLUMNS, Target(Path("a.csv"), "csv", "sonnys again"))
    assert (caught.value.kept, caught.value.again) == ("2 rows are in a.csv.incomplete.ndjson", "sonnys again")


def test_a_file_that_cannot_be_written_costs_no_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device", "a.csv")

    monkeypatch.setattr(target, "write_file", full)
    with pytest.raises(Failure, match=r"a\.csv cannot be written \(No space left on device\)") as caught:
        put(iter(ROWS), COLUMNS, Target(Path("a.csv"), "csv", "sonnys again"))
    assert "2 rows are in a.csv.incomplete.ndjson" in str(caught.value)
    assert caught.value.hint.endswith("run it again: sonnys again")
    assert [path.name for path in Path().iterdir()] == ["a.csv.incomplete.ndjson"]


def test_what_an_earlier_run_kept_goes_once_all_is_written() -> None:
    Path("a.csv.incomplete.ndjson").write_text("{}\n")
    put(iter(ROWS), COLUMNS, Target(Path("a.csv"), "csv", "c"))
    assert [path.name for path in Path().iterdir()] == ["a.csv"]


def test_rows_that_cannot_even_be_kept_are_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Spool, "keep", full)
    with pytest.raises(IncompleteError):
        put(trouble(IncompleteError("No.", gaps=[])), COLUMNS, Target(Path("a.csv"), "csv", "c"))
    assert "2 rows could not be kept in a.csv.incomplete.ndjson (No space left on device)" in capsys.readouterr().err


def test_trouble_before_the_first_row_leaves_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    def none() -> Iterator[dict[str, Any]]:
        raise IncompleteError("No.", gaps=[])
        yield {}

    with pytest.raises(IncompleteError):
        put(none(), COLUMNS, Target(Path("a.csv"), "csv", "c"))
    assert capsys.readouterr().err == "Failed: nothing had been read.\n"
    assert list(Path().iterdir()) == []


def test_a_pipe_keeps_what_came_before_trouble(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(IncompleteError):
        put(trouble(IncompleteError("No.", gaps=[])), COLUMNS, Target(None, "ndjson", "c"))
    assert len(capsys.readouterr().out.splitlines()) == 2
