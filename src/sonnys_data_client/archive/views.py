"""Write the archive's views as a DuckDB file, for BI tools that open one: `archive.duckdb`.

It holds no rows: each view reads the Parquet files. Its paths are absolute, because a tool does not know where a
relative path begins. So every sync writes the file anew, which also repairs it after the archive was moved. A tool
that asks while a sync replaces a file may get an error, and has to ask again; `Archive.sql` does not have that limit.

The file is in DuckDB's own format: DuckDB 1.5 cannot open one that DuckDB 2.0 wrote. Every version reads the Parquet
files.
"""

from __future__ import annotations

from functools import partial

from sonnys_data_client.archive.database import answered
from sonnys_data_client.archive.files import Files, LocalFiles, explained
from sonnys_data_client.archive.queries import VIEWS, view_queries

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
    tables = {name for name in set(VIEWS.values()) if (root / name).is_dir() and files.names(name)}
    patterns = {name: [str(root / name / "*" / "*" / "*.parquet")] for name in tables}
    made = files.scratch()
    with explained(f"{files.address}/{NAME} cannot be written", duckdb.IOException):
        with duckdb.connect(str(made)) as database:
            for view, query in view_queries(patterns, oldest=oldest).items():
                answered(partial(database.execute, f"CREATE VIEW {view} AS {query}"))
        files.publish(made, NAME)
