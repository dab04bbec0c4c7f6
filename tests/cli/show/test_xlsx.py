"""A workbook has what was meant: numbers as numbers, ids as text, dates as dates, and no formula."""

from __future__ import annotations

import errno
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show import xlsx
from sonnys_data_client.cli.show.files import format_of, write_file
from sonnys_data_client.cli.show.xlsx import write_xlsx
from tests.cli.workbook import sheets_of

COLUMNS = {
    "id": "VARCHAR",
    "total": "DECIMAL(18, 4)",
    "count": "BIGINT",
    "paid": "BOOLEAN",
    "day": "DATE",
    "at": "TIMESTAMP WITH TIME ZONE",
    "local": "TIMESTAMP",
    "share": "DOUBLE",
    "parts": "STRUCT(a VARCHAR)[]",
}
MIDNIGHT = datetime(2026, 3, 9)  # noqa: DTZ001
NAMES = [*list(COLUMNS)[:5], "at (UTC)", "local", "share", "parts"]


def written(folder: Path, *rows: dict[str, Any], columns: dict[str, str] | None = None) -> list[list[Any]]:
    write_file(rows, columns or COLUMNS, folder / "a.xlsx", "xlsx")
    (found,) = sheets_of(folder / "a.xlsx").values()
    return found


def test_each_type_is_a_type_of_excel_whether_values_are_plain_or_text(tmp_path: Path) -> None:
    moment = datetime(2026, 3, 9, 17, 30, 5, tzinfo=UTC)
    plain: dict[str, Any] = {
        "id": "00123",
        "total": Decimal("-4.10"),
        "count": 3,
        "paid": True,
        "day": date(2026, 3, 9),
        "at": moment,
        "local": moment.replace(tzinfo=None),
        "share": 0.5,
        "parts": [{"a": "=1"}],
    }
    text = {
        "id": "00123",
        "total": "-4.10",
        "count": 3,
        "paid": True,
        "day": "2026-03-09",
        "at": "2026-03-09T12:30:05-05:00",
        "local": "2026-03-09 17:30:05",
        "share": 0.5,
        "parts": [{"a": "=1"}],
    }
    local = moment.replace(tzinfo=None)
    cells = ["00123", -4.1, 3.0, True, MIDNIGHT, local, local, 0.5, '[{"a": "=1"}]']
    assert written(tmp_path, plain, text, {"id": None, "count": 0}) == [NAMES, cells, cells, [None, None, 0.0]]


@pytest.mark.parametrize("name", ["=1+1", "+1", "@a", "http://a.b", "1:23", "1E5", "\t=1", "a\x01b", "TRUE", "", " x "])
def test_text_stays_text(name: str, tmp_path: Path) -> None:
    names, cells = written(tmp_path, {"=name": name}, columns={"=name": "ENUM('=1+1', 'b')"})
    assert names == ["=name"]
    assert cells == [name.replace("\x01", "_x0001_")], "that is how Excel's own files spell it"


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("DECIMAL(18, 4)", "12345678901234.5678", "12345678901234.5678"),
        ("DECIMAL(18, 4)", "12345678901.2500", 12345678901.25),
        ("BIGINT", 2**53 + 1, "9007199254740993"),
        ("BIGINT", 10**18, 1e18),
        ("DOUBLE", float("nan"), "nan"),
        ("DATE", "1899-12-31", "1899-12-31"),
        ("TIMESTAMP", "1900-01-01 00:00:00", "1900-01-01 00:00:00"),
        ("TIME", "12:30:00", "12:30:00"),
        ("DECIMAL(18, 4)", "no number", "no number"),
    ],
)
def test_what_excel_would_change_is_text(kind: str, value: Any, cell: Any, tmp_path: Path) -> None:
    assert written(tmp_path, {"a": value}, columns={"a": kind})[1:] == [[cell]]


def test_rows_beyond_a_sheet_go_on_in_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx, "_LINES_MAX", 3)
    write_file(({"count": number} for number in range(5)), {"count": "BIGINT"}, tmp_path / "a.xlsx", "xlsx")
    assert sheets_of(tmp_path / "a.xlsx") == {
        "rows": [["count"], [0.0], [1.0]],
        "rows 2": [["count"], [2.0], [3.0]],
        "rows 3": [["count"], [4.0]],
    }
    assert [path.name for path in tmp_path.iterdir()] == ["a.xlsx"]


def test_no_rows_are_the_names_alone(tmp_path: Path) -> None:
    assert written(tmp_path) == [NAMES]


def test_a_text_that_no_cell_holds_is_cut_and_counted(tmp_path: Path) -> None:
    columns = {"a": "VARCHAR"}
    assert write_file([{"a": "x" * 32_767}, {"a": "y" * 32_768}], columns, tmp_path / "a.xlsx", "xlsx") == 1
    _, (whole,), (cut,) = next(iter(sheets_of(tmp_path / "a.xlsx").values()))
    assert (len(whole), len(cut), cut[-9:]) == (32_767, 32_767, "... (cut)")


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    with pytest.raises(Refusal, match=r"16,385 columns"):
        write_xlsx([], {f"c{number}": "BIGINT" for number in range(16_385)}, tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_an_error_of_the_system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library: Any = import_module("xlsxwriter")
    errors: Any = import_module("xlsxwriter.exceptions")
    close_it = library.Workbook.close

    def close(book: Any) -> None:
        close_it(book)
        raise errors.FileCreateError(OSError(errno.ENOSPC, "No space left on device"))

    monkeypatch.setattr(library.Workbook, "close", close)
    with pytest.raises(OSError, match="No space left") as caught:
        write_file([], COLUMNS, tmp_path / "a.xlsx", "xlsx")
    assert caught.value.errno == errno.ENOSPC
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_it_says_so_before_anything_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    monkeypatch.setattr(xlsx, "find_spec", lambda name: None)
    with pytest.raises(Refusal, match=r"needs xlsxwriter"):
        format_of(Path("a.xlsx"), None)
    assert format_of(Path("a.csv"), None) == "csv"
