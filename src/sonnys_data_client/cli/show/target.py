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
    PLAIN,
    Format,
    Style,
    byte_order_mark,
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

__all__ = ["Target", "beside", "keep_unparsed", "keeping", "put", "say_cut", "target_of", "write_to_stdout"]

Row = Mapping[str, Any]
Wish = Literal["table", "ndjson", "json", "csv", "xlsx", "parquet"]

INCOMPLETE = "incomplete.ndjson"
UNPARSED = "unparsed.ndjson"


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go, and in which format.

    Attributes:
        path: The file; None for standard output.
        format: The format; None for a table.
        command: The command as it was typed, for messages that say how to run it again.
        style: How to write what the format leaves open.
    """

    path: Path | None
    format: Format | None
    command: str
    style: Style = PLAIN

    @property
    def is_for_excel(self) -> bool:
        """Whether the rows are for Excel, which has no time zones."""
        return self.style.is_for_excel(self.format)


def target_of(path: Path | None, wish: Wish | None, command: str, style: Style = PLAIN) -> Target:
    """Decide where rows go, before any is read.

    Raises:
        Refusal: They cannot be written there, or not in this format or style.
    """
    if path is None and (wish == "table" or (wish is None and sys.stdout.isatty())):
        style.check(None)
        return Target(None, None, command, style)
    kind = format_of(path, None if wish == "table" else wish)
    style.check(kind)
    if path is not None:
        check_target(path)
    return Target(path, kind, command, style)


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
        kind = target.format or "ndjson"
        with Spool(target.path.parent) as spool:
            with keeping(spool, target.path, lambda: "", target.command):
                for row in target.style.ready(rows, kind):
                    spool.add(row)
                say_cut(write_file(spool.in_order(), columns, target.path, kind, target.style))
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
        write_to_stdout(rows, columns, target.format, target.style)


def write_to_stdout(rows: Iterable[Row], columns: Mapping[str, str], kind: Format, style: Style) -> None:
    """Write rows to standard output as they come; Parquet and workbooks cannot be written there."""
    ready = style.ready(rows, kind)
    if kind == "csv":
        sys.stdout.write(byte_order_mark(style))
        write_csv(ready, columns, sys.stdout, for_excel=style.is_for_excel(kind))
    elif kind == "json":
        write_json(ready, sys.stdout)
    else:
        write_ndjson(ready, sys.stdout)


def say_cut(cut: int) -> None:
    """Say how many texts were cut in a workbook; nothing if none was."""
    if cut:
        texts = plural(cut, "text was", "texts were")
        say(
            screen(),
            f"{cut:,} {texts} cut: a cell of Excel takes 32,767 characters. .csv and .parquet have them whole.",
        )


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
