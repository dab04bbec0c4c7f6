"""The archive's views as a DuckDB file, for BI tools that open one: `archive.duckdb`.

It holds no rows: each view reads the Parquet files where they lie, by absolute paths, since a tool has no notion of
where a relative one begins. So the file is written anew by every sync, which also mends it after the archive was moved.
A tool that asks while a sync swaps a file may be told so, and has to ask again; `Archive.sql` does not have that limit.

The file is in DuckDB's own format: one that DuckDB 2.0 wrote cannot be opened by 1.5. All read the Parquet files.
"""

from __future__ import annotations

from functools import partial

from sonnys_data_client.archive.files import Files, LocalFiles, explained
from sonnys_data_client.archive.queries import VIEWS, asked, view_queries

NAME = "archive.duckdb"


def write_views(files: Files, *, oldest: int) -> None:
    """Write the file anew; for archives of this machine only.

    Args:
        files: The archive's files.
        oldest: The oldest layout that one of them may have.

    Raises:
        ArchiveError: It cannot be written, or a file that it would read is damaged.
    """
    if not isinstance(files, LocalFiles):
        return
    import duckdb

    root = files.root.absolute()
    there = {name for name in set(VIEWS.values()) if (root / name).is_dir() and files.names(name)}
    patterns = {name: [str(root / name / "*" / "*" / "*.parquet")] for name in there}
    made = files.scratch()
    with explained(f"{files.address}/{NAME} cannot be written", duckdb.IOException):
        with duckdb.connect(str(made)) as database:
            for view, query in view_queries(patterns, oldest=oldest).items():
                asked(partial(database.execute, f"CREATE VIEW {view} AS {query}"))
        files.publish(made, NAME)
