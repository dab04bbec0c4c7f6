"""Where rows go: into a file, into a pipe, or before a person's eyes.

| standard output is | without `--out` and `--format`  |
|--------------------|---------------------------------|
| a terminal         | a table                         |
| anything else      | NDJSON                          |

Rows that are on their way to a file are in a spool until all have come: the file appears when it is whole, and if the
rest cannot be had, what came is kept in `FILE.incomplete.ndjson`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from sonnys_data_client.cli.errors import Stopped
from sonnys_data_client.cli.show.files import Format, check_target, format_of, write_csv, write_file, write_ndjson
from sonnys_data_client.cli.show.screen import results, say, screen
from sonnys_data_client.cli.show.spool import Spool
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.words import plural

__all__ = ["Target", "beside", "keeping", "put", "target_of"]

Row = Mapping[str, Any]
Wish = Literal["table", "ndjson", "csv", "parquet"]

INCOMPLETE = "incomplete.ndjson"


@dataclass(frozen=True, slots=True)
class Target:
    """Where rows go, and how.

    Attributes:
        path: The file; None for standard output.
        format: The format; None for a table.
        command: The command as it was typed, to say how to run it again.
    """

    path: Path | None
    format: Format | None
    command: str


def target_of(path: Path | None, wish: Wish | None, command: str) -> Target:
    """Settle where rows go, before any is asked for.

    Raises:
        Refusal: They could not be written there, or not in this format.
    """
    if path is None and (wish == "table" or (wish is None and sys.stdout.isatty())):
        return Target(None, None, command)
    kind = format_of(path, None if wish == "table" else wish)
    if path is not None:
        check_target(path)
    return Target(path, kind, command)


def put(rows: Iterable[dict[str, Any]], columns: Mapping[str, str], target: Target) -> None:
    """Write rows where they go, as they come.

    Args:
        rows: The rows, with plain values.
        columns: DuckDB's type of each column, the most important first.
        target: Where they go.

    Raises:
        SonnysError: What the rows raise while they are read. What came before is written, or kept.
        Stopped: Ctrl-C; likewise.
    """
    if target.path is not None:
        with Spool(target.path.parent) as spool:
            with keeping(spool, target.path, lambda: "", target.command):
                for row in rows:
                    spool.add(row)
                write_file(spool.in_order(), columns, target.path, target.format or "ndjson")
            say(screen(), f"Wrote {target.path}: {len(spool):,} {plural(len(spool), 'row')}.")
    elif target.format is None:
        from sonnys_data_client.cli.show.table import show_rows

        left_out = show_rows(rows, list(columns), results())
        if left_out:
            say(screen(), f"No room for {', '.join(left_out)}: --format csv or ndjson has everything.", style="dim")
    elif target.format == "csv":
        write_csv(rows, columns, sys.stdout)
    else:
        write_ndjson(rows, sys.stdout)


def beside(path: Path, what: str) -> Path:
    """The name of a file that lies beside another and says what it is."""
    return path.with_name(f"{path.name}.{what}")


@contextmanager
def keeping(spool: Spool, path: Path, progress: Callable[[], str], command: str) -> Generator[None]:
    """Keep what came, and say where, if the block is stopped or ends in an error: a full disk is one, too.

    Args:
        spool: What is being filled.
        path: The file that the rows were meant for.
        progress: Says how far it had come, as a clause; empty if nothing is known.
        command: How to run it again.
    """
    try:
        yield
    except (KeyboardInterrupt, SonnysError, OSError) as stop:
        words = [progress()]
        if spool:
            incomplete = beside(path, INCOMPLETE)
            try:
                spool.keep(incomplete)
                words.append(f"{len(spool):,} rows are in {incomplete}")
            except OSError as problem:
                words.append(f"{len(spool):,} rows could not be kept in {incomplete} ({problem.strerror})")
        kept = "; ".join(filter(None, words)) or "nothing had come"
        if isinstance(stop, KeyboardInterrupt):
            raise Stopped(kept, command) from None
        say(screen(), f"Broken off: {kept}.")
        raise
