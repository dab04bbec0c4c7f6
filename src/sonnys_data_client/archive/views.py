"""Write the archive's views as a DuckDB file, for BI tools that open one: `archive.duckdb`.

It holds no rows: each view reads the Parquet files. Comments on views and columns say what they hold. Its paths are
absolute, because a tool does not know where a relative path begins. So every sync writes the file anew, which also
repairs it after the archive was moved. A tool that asks while a sync replaces a file may get an error, and has to ask
again; `Archive.sql` does not have that limit.

The file is in DuckDB's own format: DuckDB 1.5 cannot open one that DuckDB 2.0 wrote. Every version reads the Parquet
files.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from sonnys_data_client.archive.columns import quoted
from sonnys_data_client.archive.database import answered, exactly, literal
from sonnys_data_client.archive.descriptions import descriptions
from sonnys_data_client.archive.files import Files, LocalFiles, explained
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.queries import VIEWS, files_of, view_queries
from sonnys_data_client.archive.tables import HISTORY, TABLES

NAME = "archive.duckdb"


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
    import duckdb

    paths = {name: _paths(files, name) for name in set(VIEWS.values())}
    made = files.scratch()
    with explained(f"{files.address}/{NAME} cannot be written", duckdb.IOException), TemporaryDirectory() as elsewhere:
        # Because DuckDB cannot write a database below a folder with a question mark in its name.
        built = Path(elsewhere, NAME)
        with duckdb.connect(str(built)) as database:
            # Hundreds of statements take a second, unless they share a transaction and nobody looks for faster plans.
            database.execute("PRAGMA disable_optimizer")
            database.begin()
            for view, query in view_queries(paths, mark).items():
                answered(partial(database.execute, f"CREATE VIEW {view} AS {query}"))
            database.execute("; ".join(_comments()))
            database.commit()
        copyfile(built, made)
        files.publish(made, NAME)


def _paths(files: LocalFiles, name: str) -> list[str]:
    """Return paths, or patterns for them, of a set of files: the newest snapshots by name, and else what will come too.

    The next sync writes the file anew, so it names the newest snapshots again.
    """
    root, parts = files.root.absolute(), files_of(files, name)
    if name in TABLES and TABLES[name].kind == "snapshots":
        return [exactly(root / part.name) for part in parts]
    folder = root / name.removesuffix(HISTORY)
    # By name, because copies and other strangers may lie beside our files.
    return [exactly(folder) + f"/account=*/date=*/{of}.parquet" for of in sorted({part.of or "data" for part in parts})]


def _comments() -> Iterator[str]:
    for view in descriptions().values():
        yield f"COMMENT ON VIEW {view.name} IS {literal(view.about)}"
        for column in view.columns:
            yield f"COMMENT ON COLUMN {view.name}.{quoted(column.name)} IS {literal(column.about)}"
