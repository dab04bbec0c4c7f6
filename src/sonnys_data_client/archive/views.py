"""Write the archive's views as a DuckDB file, for BI tools that open one: `archive.duckdb`.

It holds no rows: each view reads the Parquet files. Its paths are absolute, because DuckDB cannot tell a view where its
own file lies. So a copy of the archive, or another mount point, needs the file written anew: every sync does that,
and so do `sonnys archive views`, `compact` and `repair`. A tool that asks while a sync replaces a file may get an
error, and has to ask again; `Archive.sql` does not have that limit.

The views name the accounts and our own files, so that they find new days, and nothing that others put beside them.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing, suppress
from functools import partial
from pathlib import Path
from shutil import copyfile
from tempfile import TemporaryDirectory

from sonnys_data_client.archive.database import answered, connect, exactly, own_query, quoted_text
from sonnys_data_client.archive.files import Files, LocalFiles, explained
from sonnys_data_client.archive.queries import VIEWS, view_queries
from sonnys_data_client.archive.store import partition_of

NAME = "archive.duckdb"

_STORAGE = "v1.0.0"
"""The oldest format of DuckDB's files that later versions read and write: that of all DuckDB 1.x."""
_ANY_DAY = "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"


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
    patterns: dict[str, set[str]] = defaultdict(set)
    for table in set(VIEWS.values()):
        for partition in filter(None, map(partition_of, files.names(table))):
            name = f"{partition.of or 'data'}.parquet"
            patterns[table].add(exactly(root / table / f"account={partition.account}") + f"/date={_ANY_DAY}/{name}")
    paths = {table: sorted(found) for table, found in patterns.items()}
    made = files.scratch()
    try:
        with explained(f"{files.address}/{NAME} cannot be written", duckdb.Error), TemporaryDirectory() as elsewhere:
            # Because DuckDB cannot write a database below a folder with a question mark in its name.
            built = Path(elsewhere, NAME)
            with own_query(), closing(connect()) as database:
                database.execute(f"ATTACH {quoted_text(built)} AS archive (STORAGE_VERSION '{_STORAGE}')")
                database.execute("USE archive")
                for view, query in view_queries(paths, oldest=oldest).items():
                    answered(partial(database.execute, f"CREATE VIEW {view} AS {query}"))
                database.execute("USE memory")
                database.execute("DETACH archive")  # writes it
            copyfile(built, made)
            files.publish(made, NAME)
    finally:
        with suppress(OSError):  # it cannot be there where nothing can be written
            made.unlink(missing_ok=True)
