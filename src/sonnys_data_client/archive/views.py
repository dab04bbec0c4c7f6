"""Write the archive's views as a DuckDB file, for BI tools that open one: `archive.duckdb`.

It holds no rows: each view reads the Parquet files. Comments on views and columns say what they hold. Its paths are
absolute, because DuckDB cannot tell a view where its own file lies. So a copy of the archive, or another mount point,
needs the file written anew: every sync does that, and so do `sonnys archive views`, `compact` and `repair`. A tool that
asks while a sync replaces a file may get an error, and has to ask again; `Archive.sql` does not have that limit.

The views name the accounts and our own files, so that they find new days, and nothing that others put beside them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from sonnys_data_client.archive.columns import quoted
from sonnys_data_client.archive.database import answered, connect, exactly, literal, own_query
from sonnys_data_client.archive.descriptions import descriptions
from sonnys_data_client.archive.files import Files, LocalFiles, explained
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.tables import HISTORY, TABLES
from sonnys_data_client.archive.turn_file import taking_turns
from sonnys_data_client.archive.view_queries import VIEWS, files_of, view_queries

NAME = "archive.duckdb"

_STORAGE = "v1.0.0"
"""The oldest format of DuckDB's files that later versions read and write: that of all DuckDB 1.x."""
_ANY_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


def write_views(files: Files, mark: Mark) -> None:
    """Write the file anew; for archives of this machine only.

    Args:
        files: The archive's files.
        mark: What `archive.json` says.

    Raises:
        ArchiveError: It cannot be written, or one of the Parquet files cannot be read.
    """
    if not isinstance(files, LocalFiles):
        return
    with taking_turns(files):  # or views that lack what another run has just brought would replace those that have it
        _write(files, mark)


def _write(files: LocalFiles, mark: Mark) -> None:
    import duckdb

    paths = {name: _paths(files, name) for name in set(VIEWS.values())}
    made = files.scratch()
    try:
        with explained(f"{files.address}/{NAME} cannot be written", duckdb.Error), TemporaryDirectory() as elsewhere:
            # Because DuckDB cannot write a database below a folder with a question mark in its name.
            built = Path(elsewhere, NAME)
            with own_query(), closing(connect(Path(elsewhere, "spill"))) as database:
                database.execute(f"ATTACH {literal(built)} AS archive (STORAGE_VERSION '{_STORAGE}')")
                database.execute("USE archive")
                # Hundreds of statements take a second, unless they share a transaction and nobody optimizes them.
                database.execute("PRAGMA disable_optimizer")
                database.begin()
                for view, query in view_queries(paths, mark).items():
                    answered(partial(database.execute, f"CREATE VIEW {view} AS {query}"))
                database.execute("; ".join(_comments()))
                database.commit()
                database.execute("USE memory")
                database.execute("DETACH archive")  # writes it
            copyfile(built, made)
            files.publish(made, NAME)
    finally:
        with suppress(OSError):  # it cannot be there where nothing can be written
            made.unlink(missing_ok=True)


def _paths(files: LocalFiles, files_set: str) -> list[str]:
    """Return paths, or patterns for them, of a set of files: the newest snapshots by name, and else what will come too.

    The next sync writes the file anew, so it names the newest snapshots again.
    """
    root, parts = files.root.absolute(), files_of(files, files_set)
    if files_set in TABLES and TABLES[files_set].kind == "snapshots":
        return [exactly(root / part.name) for part in parts]
    folder = root / files_set.removesuffix(HISTORY)
    # By name, because copies and other strangers may lie beside our files.
    return sorted(
        {f"{exactly(folder / f'account={part.account}')}/date={_ANY_DAY}/{part.of or 'data'}.parquet" for part in parts}
    )


def _comments() -> Iterator[str]:
    for view in descriptions().values():
        yield f"COMMENT ON VIEW {view.name} IS {literal(view.about)}"
        for column in view.columns:
            yield f"COMMENT ON COLUMN {view.name}.{quoted(column.name)} IS {literal(column.about)}"
