"""Write the queries of the archive's views, over whatever files they read.

A view shows more than its files hold:

```text
sites, items, ...    the newest snapshot of each account; `sites_history` and the like show all of them
location_code, ...   a site without a code, such as the web shop, has one here, so that a join keeps it
```
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sonnys_data_client.archive.columns import OWN, SIDE_COLUMNS, columns_in, quoted
from sonnys_data_client.archive.database import literal
from sonnys_data_client.archive.files import Files
from sonnys_data_client.archive.layouts import select
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.store import Partition, partition_of
from sonnys_data_client.archive.tables import CHANGES, HISTORY, LOCAL_TIME, QUARANTINE, TABLES, Table

FOLDER_COLUMNS = ("account", "date")
"""Columns that come from the names of folders. They stand before all others."""
PARENT_COLUMNS = {
    "id": "trans_id",
    "business_date": "business_date",
    LOCAL_TIME: LOCAL_TIME,
    "hour": "hour",
    "complete_date": "complete_date",
    "location_code": "location_code",
    "type": "type",
    "transaction_status": "transaction_status",
}
"""Columns of a transaction that the views of its items, tenders and discounts have too, and their names there.

Most queries over these views need them.
"""

VIEWS: Mapping[str, str] = {
    **{view: of for table in TABLES.values() for view, of in table.files_of_views.items()},
    CHANGES: CHANGES,
    QUARANTINE: QUARANTINE,
}
"""Every view, and the set of files that it reads.

A set of files is called as the view that shows its rows whole: `sites` is the newest snapshots, `sites_history` all.
"""


def view_queries(paths: Mapping[str, Sequence[str]], mark: Mark) -> dict[str, str]:
    """Write the query of each of the archive's views, by the view's name.

    Args:
        paths: The paths of each set of files, or patterns for them; a set without any has an empty view.
        mark: What `archive.json` says.
    """
    views: dict[str, str] = {}
    for table in TABLES.values():
        for view in table.views:
            views[view] = _named_sites(
                table, _table_query(table.name, columns_in(table), paths.get(view, ()), mark.oldest_layout), mark
            )
        for view, field in table.parts.items():
            parent = ", ".join([*FOLDER_COLUMNS, *(f"{quoted(name)} AS {own}" for name, own in PARENT_COLUMNS.items())])
            views[view] = (
                f"SELECT * EXCLUDE (part), part.* FROM (SELECT {parent}, unnest({quoted(field)}) AS part, "
                f"generate_subscripts({quoted(field)}, 1) AS position FROM ({views[table.name]}))"
            )
    for name, columns in SIDE_COLUMNS.items():
        views[name] = _table_query(name, columns, paths.get(name, ()), mark.oldest_layout)
    return views


def files_of(files: Files, files_set: str) -> list[Partition]:
    """List the partitions that a set of files has now: see `VIEWS`."""
    table = TABLES.get(files_set)
    found = [part for part in map(partition_of, files.names(files_set.removesuffix(HISTORY))) if part is not None]
    if table is None or table.kind != "snapshots":
        return found
    newest: dict[str, Partition] = {}
    for part in sorted(found):
        newest[part.account] = part
    return list(newest.values())


def _named_sites(table: Table, query: str, mark: Mark) -> str:
    """Give sites without a code the name that the archive has for them."""
    if not table.codes:
        return query
    named = ", ".join(f"ifnull({quoted(code)}, {literal(mark.web_shop)}) AS {quoted(code)}" for code in table.codes)
    return f"SELECT * REPLACE ({named}) FROM ({query})"


def _table_query(table: str, columns: Mapping[str, str], paths: Sequence[str], oldest: int) -> str:
    everything = {**{name: OWN[name].kind for name in FOLDER_COLUMNS}, **columns}
    if not paths:
        empty = ", ".join(f"NULL::{kind} AS {quoted(name)}" for name, kind in everything.items())
        return f"SELECT {empty} WHERE false"
    source = (
        f"read_parquet([{', '.join(map(literal, paths))}], hive_partitioning = true, "
        "hive_types = {account: VARCHAR, date: DATE}, union_by_name = true)"
    )
    return select(table, everything, source, oldest=oldest)
