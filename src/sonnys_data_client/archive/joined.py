"""Fill a column from another list of the API. Pure.

Rows of jobs carry no `transactionStatus` (seen live), and a list does: `/transaction/version-2`. So the archive joins
the two by id: the column `transaction_status` has the word of the list, and `raw` stays the job's row as it came.

A row's own value wins, because columns are made again from `raw`. The file is the only place that keeps a joined value.
So whoever writes a partition again takes the values over from the file that it replaces (`taken_over`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from sonnys_data_client.archive.changes import Change
from sonnys_data_client.archive.rows import EncodedRow, ParsedRows
from sonnys_data_client.archive.tables import Table


def is_silent(table: Table, row: EncodedRow) -> bool:
    """Tell whether a row itself says nothing in the column that another list fills."""
    # Only a member of the object can look so: inside a text, each quotation mark has a backslash before it.
    return table.joined is not None and f'"{table.joined}":null'.encode() in row.columns


def taken_over(table: Table, parsed: ParsedRows, values: Mapping[str, str]) -> ParsedRows:
    """Return rows with the values of another list in the column that it fills.

    Args:
        table: Their table.
        parsed: The rows, freshly encoded.
        values: The list's values, by key.
    """
    if table.joined is None or not values:
        return parsed
    return ParsedRows([_filled(table, row, values.get(row.key)) for row in parsed.rows], parsed.unparsed)


def _filled(table: Table, row: EncodedRow, value: str | None) -> EncodedRow:
    if value is None or not is_silent(table, row):
        return row
    columns: dict[str, Any] = json.loads(row.columns)
    columns[table.joined or ""] = value
    return row._replace(columns=json.dumps(columns, ensure_ascii=False, separators=(",", ":")).encode())


def changed_values(
    table: Table,
    parsed: ParsedRows,
    before: Mapping[str, str],
    after: Mapping[str, str],
    *,
    seen_at: float,
    version: int,
) -> Iterator[Change]:
    """Yield the values of the other list that differ from those of its last reading; a first value is no change.

    Args:
        table: The table.
        parsed: The partition's rows, freshly encoded.
        before: The values so far, by key.
        after: The values now, by key.
        seen_at: Epoch seconds of the reading that brought them.
        version: Version of the partition that will have them.
    """
    silent = {row.key for row in parsed.rows if is_silent(table, row)}
    for key in sorted(silent & before.keys()):
        was, now = before[key], after.get(key)
        if was != now:
            yield Change(key, table.joined or "", json.dumps(was), json.dumps(now), seen_at, version)
