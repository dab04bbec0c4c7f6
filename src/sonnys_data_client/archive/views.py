"""Write the archive's views as a DuckDB file, for BI tools that open one: `archive.duckdb`.

It holds no rows: each view reads the Parquet files. Its paths are absolute, because a tool does not know where a
relative path begins. So every sync writes the file anew, which also repairs it after the archive was moved. A tool
that asks while a sync replaces a file may get an error, and has to ask again; `Archive.sql` does not have that limit.

The file is in DuckDB's own format: DuckDB 1.5 cannot open one that DuckDB 2.0 wrote. Every version reads the Parquet
files.
"""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from sonnys_data_client.archive.database import answered, exactly
from sonnys_data_client.archive.files import Files, LocalFiles, explained
from sonnys_data_client.archive.queries import VIEWS, view_queries
from sonnys_data_client.archive.store import partition_of

NAME = "archive.duckdb"


def write_views(files: Files, *, oldest: int) -> None:
    """Write the file anew; for archives of this machine only.

    Args:
        files: The archive's files.
        oldest: The oldest layout that a file may have.

    Raises:
        ArchiveError: It cannot be written, or one of the Parquet files cannot be read.
    """
    if not isinstance(files, LocalFiles):
        return
    import duckdb

    root = files.root.absolute()
    patterns: dict[str, list[str]] = defaultdict(list)
    for table in set(VIEWS.values()):
        # By name, because copies and other strangers may lie beside our files.
        for name in {part.of or "data" for part in map(partition_of, files.names(table)) if part is not None}:
            patterns[table].append(exactly(root / table) + f"/account=*/date=*/{name}.parquet")
    made = files.scratch()
    with explained(f"{files.address}/{NAME} cannot be written", duckdb.IOException), TemporaryDirectory() as elsewhere:
        # Because DuckDB cannot write a database below a folder with a question mark in its name.
        built = Path(elsewhere, NAME)
        with duckdb.connect(str(built)) as database:
            for view, query in view_queries(patterns, oldest=oldest).items():
                answered(partial(database.execute, f"CREATE VIEW {view} AS {query}"))
        copyfile(built, made)
        files.publish(made, NAME)
