"""Write rows as a workbook for Excel (`.xlsx`), by xlsxwriter, which is the extra `excel`.

```text
DECIMAL, BIGINT, DOUBLE   numbers; text if Excel, which keeps 15 digits, would change them
BOOLEAN                   TRUE or FALSE
DATE, TIMESTAMP           dates and times; text before 1900, which Excel does not have
an instant                its time in UTC, and the column's name says so: Excel has no zones
everything else           text, as it is: never a formula, a link or a number
```

A sheet has 1,048,576 lines. Rows beyond them go on in another sheet, below the same names. Memory stays flat, because
a line is written once the next one begins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show.cells import DIGITS_MAX, excel_names, in_json, is_typed, moment_of
from sonnys_data_client.cli.show.spool import json_text

__all__ = ["check_xlsx", "write_xlsx"]

Row = Mapping[str, Any]

_LINES_MAX = 1_048_576
_COLUMNS_MAX = 16_384
_TEXT_MAX = 32_767
"""Lines and columns of a sheet, and characters of a cell, by Excel's specification."""
_CUT = " ... (cut)"
_EXCEL_BEGINS = date(1900, 3, 1)
"""Excel takes 1900 for a leap year, so days before March of that year are off by one."""
_FORMATS = {"money": "#,##0.00##", "whole": "0", "date": "yyyy-mm-dd", "moment": "yyyy-mm-dd hh:mm:ss"}


def check_xlsx() -> None:
    """Refuse a workbook if the library for it is not installed.

    Raises:
        Refusal: It is not.
    """
    if find_spec("xlsxwriter") is None:
        raise Refusal(
            "A file for Excel needs xlsxwriter, which is not installed.",
            "Run pip install 'sonnys-data-client[excel]', or choose .csv with --csv-for excel.",
        )


def write_xlsx(rows: Iterable[Row], columns: Mapping[str, str], path: Path) -> int:
    """Write rows to a workbook.

    Args:
        rows: The rows; values are plain, or text that says the same.
        columns: DuckDB's type of each column, in order.
        path: The file.

    Returns:
        How many texts were cut, because a cell of Excel takes 32,767 characters.

    Raises:
        Refusal: There are more columns than a sheet has.
        OSError: The file cannot be written.
    """
    if len(columns) > _COLUMNS_MAX:
        raise Refusal(
            f"The answer has {len(columns):,} columns, and a sheet of Excel {_COLUMNS_MAX:,}.",
            "Choose fewer, or another format.",
        )
    library: Any = import_module("xlsxwriter")
    errors: Any = import_module("xlsxwriter.exceptions")
    # Beside the file, where there is room for it. Only this user may read it.
    with TemporaryDirectory(prefix=f".{path.name}-", dir=path.parent) as lines:
        book = library.Workbook(str(path), {"constant_memory": True, "tmpdir": lines})
        try:
            sheets = _Sheets(book, columns)
            for row in rows:
                sheets.add(row)
            sheets.end()
            book.close()
        except errors.XlsxFileError as problem:
            cause = problem.args[0] if problem.args and isinstance(problem.args[0], OSError) else OSError(str(problem))
            raise cause from problem
    return sheets.cut


class _Sheets:
    """The sheets of a workbook, of which the last one is being filled.

    Attributes:
        cut: How many texts were cut.
    """

    def __init__(self, book: Any, columns: Mapping[str, str]) -> None:
        self._book = book
        self._columns = columns
        self._bold = book.add_format({"bold": True})
        self._formats = {name: book.add_format({"num_format": written}) for name, written in _FORMATS.items()}
        self._count = self._line = self.cut = 0
        self._sheet: Any = None
        self._begin()

    def add(self, row: Row) -> None:
        """Write a row, in a new sheet if this one is full."""
        if self._line == _LINES_MAX:
            self.end()
            self._begin()
        for number, (name, kind) in enumerate(self._columns.items()):
            value = row.get(name)
            if value is not None:
                self._write(number, value, kind)
        self._line += 1

    def end(self) -> None:
        """Finish the sheet."""
        if self._columns and self._line > 1:
            self._sheet.autofilter(0, 0, self._line - 1, len(self._columns) - 1)

    def _begin(self) -> None:
        self._count += 1
        self._line = 1
        self._sheet = self._book.add_worksheet("rows" if self._count == 1 else f"rows {self._count}")
        self._sheet.freeze_panes(1, 0)
        names = excel_names(self._columns)
        for number, (name, kind) in enumerate(self._columns.items()):
            width = 20 if kind.startswith("TIMESTAMP") else max(10, min(30, len(names[name]) + 2))
            self._sheet.set_column(number, number, width)
            self._sheet.write_string(0, number, names[name][:_TEXT_MAX], self._bold)

    def _write(self, number: int, value: Any, kind: str) -> None:
        at = self._line, number
        match _typed(value, kind) if is_typed(kind) else None:
            case bool() as flag:
                self._sheet.write_boolean(*at, flag)
            case int() as whole:
                self._sheet.write_number(*at, whole, self._formats["whole"])
            case Decimal() as amount:
                self._sheet.write_number(*at, float(amount), self._formats["money"])
            case float() as measure:
                self._sheet.write_number(*at, measure)
            case datetime() as moment:
                self._sheet.write_datetime(*at, moment, self._formats["moment"])
            case date() as day:
                self._sheet.write_datetime(*at, datetime(day.year, day.month, day.day), self._formats["date"])  # noqa: DTZ001
            case _:
                self._write_text(at, value)

    def _write_text(self, at: tuple[int, int], value: Any) -> None:
        text = json_text(value, in_json) if isinstance(value, list | tuple | dict) else in_json(value)
        if len(text) > _TEXT_MAX:
            self.cut += 1
            text = text[: _TEXT_MAX - len(_CUT)] + _CUT
        self._sheet.write_string(*at, text)


def _typed(value: Any, kind: str) -> bool | int | Decimal | float | date | datetime | None:
    """Convert a value to the type that Excel has for its column; None if it must be written as text."""
    if isinstance(value, bool):
        return value
    try:
        if kind == "DATE" or kind.startswith("TIMESTAMP"):
            return _typed_date(value, kind)
        number = Decimal(str(value))
    except (ValueError, InvalidOperation):
        return None
    digits = len(number.normalize().as_tuple().digits) if number.is_finite() else None
    if kind in {"FLOAT", "DOUBLE"}:
        return None if digits is None else float(number)
    if digits is None or digits > DIGITS_MAX:
        return None
    return number if kind.startswith("DECIMAL") else int(number)


def _typed_date(value: Any, kind: str) -> date | datetime | None:
    """Return a day or a moment; None if Excel does not have it."""
    moment = moment_of(value, kind)
    if moment is not None:
        return moment if moment.date() >= _EXCEL_BEGINS else None
    day = value if isinstance(value, date) else date.fromisoformat(value)
    return day if day >= _EXCEL_BEGINS else None
