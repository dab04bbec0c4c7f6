"""Where rows go: to a file, to a pipe, or to a table on the screen.

| standard output is | without `--out` and `--format`  |
|--------------------|---------------------------------|
| a terminal         | a table                         |
| anything else      | NDJSON                          |

Rows for a file wait in a spool until all have come, so the file appears when it is whole. If some cannot be read, those
that came are kept in `FILE.incomplete.ndjson`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sonnys_data_client.atomic import replacing
from sonnys_data_client.cli.errors import Failure, Stopped
from sonnys_data_client.cli.show.files import (
    Format,
    check_target,
    format_of,
    write_csv,
    write_file,
    write_json,
    write_ndjson,
)
from sonnys_data_client.cli.show.screen import results, say, screen
from sonnys_data_client.cli.show.spool import Spool
from sonnys_data_client.errors import SonnysError, UnparsedRow
from sonnys_data_client.resources.inbox import QuarantinedRow
from sonnys_data_client.words import counted, plural

__all__ = ["Target", "beside", "keep_unparsed", "keeping", "put", "target_of", "write_to_stdout"]

Row = Mapping[str, Any]
Wish = Literal["table", "ndjson", "json", "csv", "parquet"]

INCOMPLETE = "incomplete.ndjson"
UNPARSED = "unparsed.ndjson"


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go, and in which format.

    Attributes:
        path: The file; None for standard output.
        format: The format; None for a table.
        command: The command as it was typed, for messages that say how to run it again.
    """

    path: Path | None
    format: Format | None
    command: str


def target_of(path: Path | None, wish: Wish | None, command: str) -> Target:
    """Decide where rows go, before any is read.

    Raises:
        Refusal: They cannot be written there, or not in this format.
    """
    if path is None and (wish == "table" or (wish is None and sys.stdout.isatty())):
        return Target(None, None, command)
    kind = format_of(path, None if wish == "table" else wish)
    if path is not None:
        check_target(path)
    return Target(path, kind, command)


def put(rows: Iterable[dict[str, Any]], columns: Mapping[str, str], target: Target) -> None:
    """Write rows to a target, as they come.

    Args:
        rows: The rows, with plain values.
        columns: DuckDB's type of each column, the most important first.
        target: Where they go.

    Raises:
        SonnysError: Reading the rows failed. Those that came are written, or kept.
        Stopped: Ctrl-C. The rows that came are written, or kept.
    """
    if target.path is not None:
        with Spool(target.path.parent) as spool:
            with keeping(spool, target.path, lambda: "", target.command):
                for row in rows:
                    spool.add(row)
                write_file(spool.in_order(), columns, target.path, target.format or "ndjson")
            beside(target.path, INCOMPLETE).unlink(missing_ok=True)  # of an earlier run
            say(screen(), f"Wrote {target.path}: {counted(len(spool), 'row')}.")
    elif target.format is None:
        from sonnys_data_client.cli.show.table import show_rows

        left_out = show_rows(rows, list(columns), results())
        if left_out:
            columns_ = plural(len(left_out), "column does", "columns do")
            say(screen(), f"{len(left_out)} {columns_} not fit: {', '.join(left_out)}.", style="dim")
            say(screen(), "hint: --format csv and --format ndjson show everything.", style="dim")
    else:
        write_to_stdout(rows, columns, target.format)


def write_to_stdout(rows: Iterable[Row], columns: Mapping[str, str], kind: Format) -> None:
    """Write rows to standard output as they come; Parquet cannot be written there."""
    if kind == "csv":
        write_csv(rows, columns, sys.stdout)
    elif kind == "json":
        write_json(rows, sys.stdout)
    else:
        write_ndjson(rows, sys.stdout)


def beside(path: Path, what: str) -> Path:
    """Return the path of a companion file: the name of a file, and what the companion holds."""
    return path.with_name(f"{path.name}.{what}")


def keep_unparsed(rows: Iterable[UnparsedRow | QuarantinedRow], path: Path) -> str:
    """Write rows that could not be parsed to a companion file; without any, remove the one of an earlier run.

    Args:
        rows: The rows.
        path: The file that the other rows are meant for.

    Returns:
        A clause that says how many there are and where; empty without any.
    """
    file, unparsed = beside(path, UNPARSED), [{"reason": row.reason, "raw": row.raw} for row in rows]
    if not unparsed:
        file.unlink(missing_ok=True)
        return ""
    with replacing(file) as part, part.open("w", encoding="utf-8") as text:
        write_ndjson(unparsed, text)
    are = plural(len(unparsed), "it is", "they are")
    return f"{counted(len(unparsed), 'row')} could not be parsed, and {are} raw in {file}"


@contextmanager
def keeping(spool: Spool, path: Path, progress: Callable[[], str], command: str) -> Generator[None]:
    """If the block is stopped or fails, keep the rows that came and say where.

    Args:
        spool: The rows that came.
        path: The file that the rows were meant for.
        progress: Says as a clause how much was read; empty if that is not known.
        command: The command that goes on.

    Raises:
        Stopped: Ctrl-C.
        Failure: The file cannot be written: the disk is full, for example.
    """
    try:
        yield
    except (KeyboardInterrupt, SonnysError, OSError) as stop:
        words = [progress()]
        if spool:
            incomplete, rows = beside(path, INCOMPLETE), f"{counted(len(spool), 'row')}"
            try:
                spool.keep(incomplete)
                words.append(f"{rows} {plural(len(spool), 'is', 'are')} in {incomplete}")
            except OSError as problem:
                words.append(f"{rows} could not be kept in {incomplete} ({problem.strerror})")
        kept = "; ".join(filter(None, words)) or "nothing had been read"
        if isinstance(stop, KeyboardInterrupt):
            raise Stopped(kept, command) from None
        if isinstance(stop, OSError):
            raise Failure(
                f"{path} cannot be written ({stop.strerror or stop}): {kept}.",
                f"Make room, or name another file, and run it again: {command}",
            ) from stop
        say(screen(), f"Failed: {kept}.")
        raise
