"""DuckDB: how it is opened, and what its errors mean."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from sonnys_data_client.errors import ArchiveError, Remedy, ValidationError

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

T = TypeVar("T")

_IN_PATTERNS = re.compile(r"([*?[])")
_REFUSED = re.compile(r'Cannot access (?:file|directory) "(.*)" - ')
INSTALL = "Run pip install 'sonnys-data-client[archive]'."


def connect(spill: Path) -> DuckDBPyConnection:
    """Open a DuckDB database in memory that shows instants in UTC, by each of its cursors.

    Args:
        spill: A folder for what does not fit into memory. DuckDB makes it when first needed. Rows are personal, so it
            must not be DuckDB's own choice, which is a folder in the working directory that anybody may read.

    Raises:
        ArchiveError: The extra `archive` is not installed.
    """
    try:
        import duckdb

        import_module("pytz")  # DuckDB needs it to return instants, and only then says so
    except ModuleNotFoundError as missing:
        raise ArchiveError(f"An archive needs {missing.name}, which is not installed.", remedy=INSTALL) from None
    database = duckdb.connect(config={"autoinstall_known_extensions": "false", "temp_directory": str(spill)})
    database.execute("SET GLOBAL TimeZone = 'UTC'")  # a cursor does not have what is set without GLOBAL
    return database


def shut_in(database: DuckDBPyConnection, folder: Path, files: Iterable[Path] = ()) -> None:
    """Let a database read the files of a folder and no others of this machine or the network, from now on.

    The order matters. Extensions and secrets of the user's own would be read from the home folder, so they go first.
    The folder must be allowed before everything else is refused, and nothing can be set after the lock.

    Args:
        database: The database. Statements that it has run are not affected.
        folder: The folder; it need not exist.
        files: Further files that it may read.
    """
    # DuckDB compares a path as the query has it, so each path is allowed as `exactly` writes it, too.
    folders = [literal(text) for text in dict.fromkeys([str(folder), exactly(folder)])]
    paths = [literal(text) for path in files for text in dict.fromkeys([str(path), exactly(path)])]
    database.execute("SET GLOBAL autoload_known_extensions = false")
    database.execute("SET GLOBAL allow_persistent_secrets = false")
    database.execute(f"SET GLOBAL allowed_directories = [{', '.join(folders)}]")
    database.execute(f"SET GLOBAL allowed_paths = [{', '.join(paths)}]")
    database.execute("SET GLOBAL enable_external_access = false")
    database.execute("SET GLOBAL lock_configuration = true")


def exactly(path: Path | str) -> str:
    """Write a path for DuckDB, which takes `[`, `*` and `?` in one for a pattern of others."""
    return _IN_PATTERNS.sub(r"[\1]", str(path))


def literal(text: Path | str) -> str:
    """Write a text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"


def read_json(source: Path, columns: Mapping[str, str]) -> str:
    """Write a table function that reads lines of JSON with exactly these columns."""
    listed = ", ".join(f"{literal(name)}: {literal(kind)}" for name, kind in columns.items())
    return (
        f"read_json({literal(exactly(source))}, format = 'newline_delimited', columns = {{{listed}}}, "
        "maximum_object_size = 268435456)"
    )


def answered(ask: Callable[[], T]) -> T:
    """Ask DuckDB a user's query, and tell a wrong query from files that cannot be read.

    Args:
        ask: Asks it.

    Raises:
        ValidationError: DuckDB cannot answer the query; the message has DuckDB's own words. Or it reads a file
            outside of the archive.
        ArchiveError: A file cannot be read, or a library is missing.
    """
    import duckdb

    try:
        return ask()
    except (duckdb.IOException, duckdb.InvalidInputException) as problem:
        raise ArchiveError(
            f"The archive cannot be read ({first_line(problem)}).", remedy="Run sonnys archive check."
        ) from problem
    except duckdb.PermissionException as problem:  # see `shut_in`
        place = _REFUSED.search(str(problem))
        named = f" {place[1]!r}" if place else ""
        raise ValidationError(
            f"The query reads{named or ' a file'} outside of the archive.", remedy=Remedy.OUTSIDE
        ) from problem
    except duckdb.CatalogException as problem:  # DuckDB may suggest a table that is not the archive's
        raise ValidationError(
            f"The query cannot be answered: {first_line(problem)}",
            remedy="sonnys sql alone lists the views and their columns.",
        ) from problem
    except duckdb.Error as problem:
        raise ValidationError(f"The query cannot be answered: {_in_one_line(problem)}") from problem
    except ModuleNotFoundError as missing:
        raise ArchiveError(
            f"This needs {missing.name}, which is not installed.", remedy="Install the extra `arrow` or `polars`."
        ) from missing


@contextmanager
def own_query() -> Generator[None]:
    """Say that files are wrong, and not the query, where a query of this package cannot be answered.

    Raises:
        ArchiveError: It cannot.
    """
    try:
        yield
    except ValidationError as problem:
        raise ArchiveError(
            f"The archive cannot be read ({problem.problem.rstrip('.')}).", remedy="Run sonnys archive check."
        ) from problem


def first_line(problem: Exception) -> str:
    """Return the first line of an error: DuckDB quotes the query in the others."""
    return str(problem).partition("\n")[0]


def _in_one_line(problem: Exception) -> str:
    return " ".join(str(problem).split())[:400]
