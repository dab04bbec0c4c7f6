"""Rows -> newline-delimited JSON, CSV or Parquet, in a file or on standard output.

A file is written beside its name and moved there when it is whole, so whoever looks finds the old one or the new one,
and never a half. Money is text in JSON, so that no digit is lost, and `DECIMAL(18,2)` in Parquet. CSV is what
spreadsheets open without asking: with a byte order mark in a file, plain local times, and an apostrophe before text
that they would run as a formula.
"""

from __future__ import annotations

import csv
import glob
import json
import math
import os
import re
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from datetime import date, time
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal

from sonnys_data_client.archive.files import runs
from sonnys_data_client.cli.errors import Refusal

__all__ = ["Format", "beside", "check_target", "format_of", "write_csv", "write_file", "write_ndjson"]

Format = Literal["ndjson", "csv", "parquet"]
Row = Mapping[str, Any]

_SUFFIXES: dict[str, Format] = {".ndjson": "ndjson", ".jsonl": "ndjson", ".csv": "csv", ".parquet": "parquet"}
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
_TEXT = "VARCHAR"


def format_of(path: Path | None, wish: Format | None) -> Format:
    """Say in which format to write: the one that was wished for, else the one that the file's name says.

    Args:
        path: The file; None for standard output, which is NDJSON unless something else was wished for.
        wish: What was asked for, if anything.

    Raises:
        Refusal: The name says nothing, or something else; or the format is not for standard output.
    """
    if path is None:
        if wish == "parquet":
            raise Refusal("Parquet is for a file: name one with --out, or choose --format ndjson or csv.")
        return wish or "ndjson"
    named = _SUFFIXES.get(path.suffix.lower())
    if wish is not None and named not in {None, wish}:
        raise Refusal(f"{path} is named as {named}, and --format says {wish}: leave one of the two out.")
    kind = wish or named
    if kind is None:
        raise Refusal(f"{path} says no format: name it .ndjson, .csv or .parquet, or add --format.")
    return kind


def check_target(path: Path) -> None:
    """Refuse a file that could not be written in the end, before anything is read for it.

    Raises:
        Refusal: It is a directory, or its directory is not there or not to be written to.
    """
    if path.is_dir():
        raise Refusal(f"{path} is a directory: name a file in it.")
    if not path.parent.is_dir():
        raise Refusal(f"{path.parent} is not there: make it, or name another directory.")
    if not os.access(path.parent, os.W_OK):
        raise Refusal(f"{path.parent} cannot be written to: name another directory.")


def write_file(rows: Iterable[Row], columns: Mapping[str, str], path: Path, kind: Format) -> None:
    """Write rows to a file, replacing what is there.

    Args:
        rows: What to write; values are plain, with money as text.
        columns: DuckDB's type of each column, in order.
        path: Where.
        kind: How.

    Raises:
        OSError: It cannot be written.
    """
    with beside(path) as part:
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
            _write_text(part, "utf-8", partial(write_ndjson, rows))


def write_ndjson(rows: Iterable[Row], file: IO[str]) -> None:
    """Write rows as JSON objects, one a line."""
    for row in rows:
        try:
            line = json.dumps(row, ensure_ascii=False, default=_in_json, allow_nan=False)
        except ValueError:
            line = json.dumps(_finite(row), ensure_ascii=False, default=_in_json)
        file.write(line + "\n")


def _finite(value: Any) -> Any:
    """A value without numbers that JSON cannot write: infinite ones, and what is no number, are null there."""
    if isinstance(value, dict):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_csv(rows: Iterable[Row], columns: Mapping[str, str], file: IO[str]) -> None:
    """Write rows as comma-separated values, with a line of names above them.

    Args:
        rows: What to write.
        columns: DuckDB's type of each column: only in those of text can a formula hide.
        file: Where.
    """
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(name), kind) for name, kind in columns.items()])


@contextmanager
def beside(path: Path) -> Generator[Path]:
    """Give a name beside `path` to write to; when the block is done it takes the place of `path`, else it goes.

    What runs that were killed have left there goes too.
    """
    for left in _left_beside(path):
        with suppress(OSError):  # whatever cannot go, because it is not ours, is in nobody's way
            left.unlink()
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _left_beside(path: Path) -> list[Path]:
    """What `beside` and `write_file` began for `path` in processes that run no more."""
    left = re.compile(rf"\.{re.escape(path.name)}\.(\d{{1,9}})\.part(?:\.ndjson)?", re.ASCII)
    try:
        found = [(entry, left.fullmatch(entry.name)) for entry in path.parent.iterdir()]
    except PermissionError:  # a directory that may be written to need not be one that may be listed
        return []
    return [entry for entry, match in found if match and not runs(int(match[1]))]


def _in_json(value: Any) -> str:
    """What JSON has no word for, as text: money to the digit, moments and days as ISO 8601 has them."""
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _write_text(path: Path, encoding: str, write: Callable[[IO[str]], None]) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        write(file)


def _cell(value: Any, kind: str) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=_in_json)
    if kind == _TEXT and isinstance(value, str) and value.startswith(_FORMULA_STARTS):
        return f"'{value}"
    return value


def _to_parquet(text: Path, columns: Mapping[str, str], path: Path) -> None:
    import duckdb

    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        # The path is a pattern to DuckDB, and a directory may be called anything.
        source = database.read_json(glob.escape(str(text)), columns=dict(columns), format="newline_delimited")
        source.write_parquet(str(path), compression="zstd")
