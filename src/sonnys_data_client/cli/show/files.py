"""Write rows as JSON, newline-delimited or in one list, CSV, Parquet or a workbook, to a file or to standard output.

A file is written beside its name and moved there when it is whole. So a reader finds the old file or the new one, and
never half of one.

```text
             amounts                                               meant for
JSON         numbers where they are exact, or text (`Style`)       programs
CSV          digits                                                programs; any spreadsheet runs nothing in it
... excel    digits                                                Excel, which keeps every id and code as it is
XLSX         numbers with a format                                 Excel and the like
Parquet      decimals                                              engines
```
"""

from __future__ import annotations

import errno
import glob
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

from sonnys_data_client.atomic import replacing
from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show.cells import excel_names, in_json, line, plain_cell, typed_cell
from sonnys_data_client.cli.show.decimals import Decimals, with_decimals
from sonnys_data_client.cli.show.spool import json_text
from sonnys_data_client.cli.show.xlsx import check_xlsx, write_xlsx
from sonnys_data_client.cli.wording import quoted

__all__ = [
    "PLAIN",
    "CsvFor",
    "Format",
    "Style",
    "byte_order_mark",
    "check_target",
    "format_of",
    "write_csv",
    "write_file",
    "write_json",
    "write_ndjson",
]

Format = Literal["ndjson", "json", "csv", "xlsx", "parquet"]
CsvFor = Literal["excel"]
Row = Mapping[str, Any]

_SUFFIXES: dict[str, Format] = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".csv": "csv",
    ".xlsx": "xlsx",
    ".parquet": "parquet",
}
_IN_FILES_ONLY = frozenset({"xlsx", "parquet"})
_BYTE_ORDER_MARK = "\ufeff"


@dataclass(frozen=True, slots=True)
class Style:
    """Choices within a format.

    Attributes:
        csv_for: The program that CSV is for; None for any.
        decimals: How JSON has amounts.
    """

    csv_for: CsvFor | None = None
    decimals: Decimals = "number"

    def check(self, kind: Format | None) -> None:
        """Refuse a wish that the format cannot fulfil.

        Args:
            kind: The format; None for a table on the screen.

        Raises:
            Refusal: `--csv-for` was given, and it is not CSV.
        """
        if self.csv_for is not None and kind != "csv":
            raise Refusal("--csv-for is for CSV.", "Add --format csv, or name a file that ends in .csv with --out.")

    def ready(self, rows: Iterable[Row], kind: Format) -> Iterator[Row]:
        """Write the amounts of rows in the way of the format. This comes before the rows are spooled."""
        return with_decimals(rows, self.decimals) if kind in {"ndjson", "json"} else iter(rows)

    def is_for_excel(self, kind: Format | None) -> bool:
        """Tell whether the rows are for Excel, which has no time zones."""
        return kind == "xlsx" or self.csv_for == "excel"


PLAIN = Style()
"""The style without any option."""


def format_of(path: Path | None, wish: Format | None) -> Format:
    """Return the format to write: `--format`, else the one that the file's name says.

    Args:
        path: The file; None for standard output, which is NDJSON unless `wish` says otherwise.
        wish: `--format`, or None.

    Raises:
        Refusal: The name says no format, or another one; or the format is not for standard output, or its library is
            not installed.
    """
    if path is None:
        if wish in _IN_FILES_ONLY:
            raise Refusal(f"--format {quoted(wish)} needs a file.", "Name one with --out, or choose another format.")
        return wish or "ndjson"
    named = _SUFFIXES.get(path.suffix.lower())
    if wish is not None and named not in {None, wish}:
        raise Refusal(
            f"--out {quoted(path)} and --format {quoted(wish)} name two formats.",
            "Leave --format out, or rename the file.",
        )
    kind = wish or named
    if kind is None:
        raise Refusal(
            f"--out {quoted(path)} names no format; it must end in .ndjson, .json, .csv, .xlsx or .parquet.",
            "Rename the file, or add --format.",
        )
    if kind == "xlsx":
        check_xlsx()
    return kind


def check_target(path: Path) -> None:
    """Refuse a file that cannot be written, before anything is read for it.

    Raises:
        Refusal: It is a directory, its directory is missing or read-only, or a name is not UTF-8.
    """
    try:
        os.fspath(path.absolute()).encode()
    except UnicodeEncodeError:
        raise Refusal(f"--out {quoted(path)} has a name that is not UTF-8.", "Name another file.") from None
    if path.is_dir():
        raise Refusal(f"--out {quoted(path)} is a directory.", "Name a file in it.")
    if not path.parent.is_dir():
        raise Refusal(
            f"--out {quoted(path)} is in a directory that does not exist.", "Make it, or name another directory."
        )
    if not os.access(path.parent, os.W_OK):
        raise Refusal(f"--out {quoted(path)} is in a directory that is read-only.", "Name another directory.")


def write_file(rows: Iterable[Row], columns: Mapping[str, str], path: Path, kind: Format, style: Style = PLAIN) -> int:
    """Write rows to a file, in the place of what is there.

    Args:
        rows: The rows; values are plain, with money as text.
        columns: DuckDB's type of each column, in order.
        path: The file.
        kind: The format.
        style: Choices within the format.

    Returns:
        How many texts were cut, because a cell of Excel has a limit.

    Raises:
        OSError: The file cannot be written.
        Refusal: The format cannot hold the columns.
    """
    cut = 0
    with replacing(path) as part:
        if kind == "parquet":
            text = part.with_name(f"{part.name}.ndjson")
            try:
                _write_text(text, "utf-8", partial(write_ndjson, rows))
                _to_parquet(text, columns, part)
            finally:
                text.unlink(missing_ok=True)
        elif kind == "xlsx":
            cut = write_xlsx(rows, columns, part)
        elif kind == "csv":
            for_excel = style.is_for_excel(kind)
            _write_text(part, "utf-8-sig", partial(write_csv, rows, columns, for_excel=for_excel))
        else:
            write = write_json if kind == "json" else write_ndjson
            _write_text(part, "utf-8", partial(write, rows))
    return cut


def write_ndjson(rows: Iterable[Row], file: IO[str]) -> None:
    """Write rows as JSON objects, one a line."""
    for row in rows:
        file.write(f"{_as_json(row)}\n")


def write_json(rows: Iterable[Row], file: IO[str]) -> None:
    """Write rows as one JSON list, a row a line."""
    separator = "[\n"
    for row in rows:
        file.write(f"{separator}{_as_json(row)}")
        separator = ",\n"
    file.write("[]\n" if separator == "[\n" else "\n]\n")


def _as_json(row: Row) -> str:
    try:
        return json_text(row, in_json, allow_nan=False)
    except ValueError:
        return json_text(_finite(row), in_json)


def _finite(value: Any) -> Any:
    """Replace the numbers that JSON cannot write, infinity and not-a-number, with null."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_csv(rows: Iterable[Row], columns: Mapping[str, str], file: IO[str], *, for_excel: bool = False) -> None:
    """Write rows as comma-separated values, below a line of column names.

    Args:
        rows: The rows.
        columns: DuckDB's type of each column. Formulas are not looked for in columns of numbers and dates.
        file: The open file.
        for_excel: Whether Excel is to have ids and codes as text, and instants as times.
    """
    names = excel_names(columns) if for_excel else {name: name for name in columns}
    cell = typed_cell if for_excel else plain_cell
    file.write(line(cell(name, "VARCHAR") for name in names.values()))
    for row in rows:
        file.write(line(cell(row.get(name), kind) for name, kind in columns.items()))


def byte_order_mark(style: Style) -> str:
    """Return what begins CSV on standard output: Excel takes it for UTF-8 by that, and other programs want none."""
    return _BYTE_ORDER_MARK if style.csv_for == "excel" else ""


def _write_text(path: Path, encoding: str, write: Callable[[IO[str]], None]) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        write(file)


def _to_parquet(text: Path, columns: Mapping[str, str], path: Path) -> None:
    import duckdb

    try:
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            # DuckDB reads a path as a pattern, and a directory may have any name.
            source = database.read_json(glob.escape(str(text)), columns=dict(columns), format="newline_delimited")
            source.write_parquet(str(path), compression="zstd")
    except duckdb.IOException as problem:  # a full disk, for example
        raise OSError(errno.EIO, str(problem).partition("\n")[0].rstrip(".")) from problem
