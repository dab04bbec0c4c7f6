"""Write rows as JSON, newline-delimited or in one list, CSV or Parquet, to a file or to standard output.

A file is written beside its name and moved there when it is whole. So a reader finds the old file or the new one, and
never half of one. Money is text in JSON, so that no digit is lost, and a decimal in Parquet. CSV is made for
spreadsheets: a byte order mark at the start of a file, plain local times, and an apostrophe before text that they would
run as a formula. Text with any kind of line break is in quotes, whatever the version of Python's own `csv`.
"""

from __future__ import annotations

import errno
import glob
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

from sonnys_data_client.atomic import replacing
from sonnys_data_client.cli.errors import Refusal
from sonnys_data_client.cli.show.spool import json_text
from sonnys_data_client.cli.wording import quoted

__all__ = ["Format", "check_target", "format_of", "write_csv", "write_file", "write_json", "write_ndjson"]

Format = Literal["ndjson", "json", "csv", "parquet"]
Row = Mapping[str, Any]

_SUFFIXES: dict[str, Format] = {
    ".ndjson": "ndjson",
    ".jsonl": "ndjson",
    ".json": "json",
    ".csv": "csv",
    ".parquet": "parquet",
}
_FORMULA = re.compile(r"[\s\x00-\x20\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""How text begins that a spreadsheet may run: also behind blanks, and in full-width signs."""
_QUOTED = re.compile(r'[",\r\n\v\f\x1c-\x1e\x85\u2028\u2029]|^\s|\s$')
"""What a cell may not hold without quotes. Some programs take every one of these for the end of a line."""
_TYPED = ("DECIMAL", "BIGINT", "BOOLEAN", "TIMESTAMP", "DATE")
"""Columns whose values may come as text and are no words."""


def format_of(path: Path | None, wish: Format | None) -> Format:
    """Return the format to write: `--format`, else the one that the file's name says.

    Args:
        path: The file; None for standard output, which is NDJSON unless `wish` says otherwise.
        wish: `--format`, or None.

    Raises:
        Refusal: The name says no format, or another one; or the format is not for standard output.
    """
    if path is None:
        if wish == "parquet":
            raise Refusal("--format 'parquet' needs a file.", "Name one with --out, or choose another format.")
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
            f"--out {quoted(path)} names no format; it must end in .ndjson, .json, .csv or .parquet.",
            "Rename the file, or add --format.",
        )
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


def write_file(rows: Iterable[Row], columns: Mapping[str, str], path: Path, kind: Format) -> None:
    """Write rows to a file, in the place of what is there.

    Args:
        rows: The rows; values are plain, with money as text.
        columns: DuckDB's type of each column, in order.
        path: The file.
        kind: The format.

    Raises:
        OSError: The file cannot be written.
    """
    with replacing(path) as part:
        if kind == "parquet":
            text = part.with_name(f"{part.name}.ndjson")
            try:
                _write_text(text, "utf-8", partial(write_ndjson, rows))
                _to_parquet(text, columns, part)
            finally:
                text.unlink(missing_ok=True)
        elif kind == "csv":
            _write_text(part, "utf-8-sig", partial(write_csv, rows, columns))
        else:
            write = write_json if kind == "json" else write_ndjson
            _write_text(part, "utf-8", partial(write, rows))


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
        return json_text(row, _in_json, allow_nan=False)
    except ValueError:
        return json_text(_finite(row), _in_json)


def _finite(value: Any) -> Any:
    """Replace the numbers that JSON cannot write, infinity and not-a-number, with null."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_csv(rows: Iterable[Row], columns: Mapping[str, str], file: IO[str]) -> None:
    """Write rows as comma-separated values, below a line of column names.

    Args:
        rows: The rows.
        columns: DuckDB's type of each column. Formulas are not looked for in columns of numbers and dates.
        file: The open file.
    """
    file.write(_line(columns))
    for row in rows:
        file.write(_line(_cell(row.get(name), kind) for name, kind in columns.items()))


def _line(cells: Iterable[str]) -> str:
    return (",".join(map(_quoted, cells)) or '""') + "\n"  # a reader skips an empty line


def _quoted(cell: str) -> str:
    escaped = cell.replace('"', '""')
    return f'"{escaped}"' if _QUOTED.search(cell) else cell


def _in_json(value: Any) -> str:
    """Write as text what JSON has no type for: money with all its digits, moments and days in ISO 8601."""
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _write_text(path: Path, encoding: str, write: Callable[[IO[str]], None]) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        write(file)


def _cell(value: Any, kind: str) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json_text(value, _in_json)
    if isinstance(value, str) and not kind.startswith(_TYPED) and _FORMULA.match(value):
        return f"'{value}"
    return str(value)


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
