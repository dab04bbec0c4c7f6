"""What changed between two readings of a day: a log by row and field.

Rows change late at the till: a void an hour later, a terminal that was offline. So the last days are read again, and
what differs is written down: one entry a field that changed, and one entry for a row that came late or is there no
more (`field` is then `(row)`, and the raw row stands before or after).

The log of a day lies in a file of its own and is written just before the day's partition. Each entry carries the
version of the partition that brought it. Entries of a version that the partition has not reached were left by a run
that died in between; they are dropped when the day is written again.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sonnys_data_client.archive.rows import read_text
from sonnys_data_client.archive.tables import Table
from sonnys_data_client.errors import RowError
from sonnys_data_client.types import as_json, parse_one

ROW = "(row)"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that changed.

    Attributes:
        id: The row's key.
        field: The column, or the API's name of an unknown field, or `(row)`.
        before: What stood there, as JSON; None if the row was not there.
        after: What stands there now, as JSON; None if the row is not there any more.
        seen_at: Epoch seconds at which the change was seen: it happened some time before.
        version: Version of the partition that has it.
    """

    id: str
    field: str
    before: str | None
    after: str | None
    seen_at: float
    version: int


def differences(
    table: Table, before: Mapping[str, str], after: Mapping[str, str], *, seen_at: float, version: int
) -> Iterator[Change]:
    """What differs between the rows of two readings.

    Args:
        table: The rows' table.
        before: Raw rows by key, as they were.
        after: Raw rows by key, as they are.
        seen_at: Epoch seconds of the second reading.
        version: Version of the partition that will hold them.
    """
    for key in sorted(before.keys() | after.keys()):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        if old is None or new is None:
            yield Change(key, ROW, old, new, seen_at, version)
            continue
        fields_before, fields_after = _fields(table, old), _fields(table, new)
        for field in sorted(fields_before.keys() | fields_after.keys()):
            was, now = fields_before.get(field), fields_after.get(field)
            if was != now:
                yield Change(key, field, _text(was), _text(now), seen_at, version)


def _fields(table: Table, raw: str) -> Mapping[str, Any]:
    """The fields of a row by their meaning: two spellings of one amount are no change."""
    decoded = read_text(raw)
    try:
        row = parse_one(table.record, decoded, method="-", path=table.name)
        return {**(row.model_extra or {}), **json.loads(as_json(row))}
    except (RowError, ValueError):
        return decoded if isinstance(decoded, dict) else {ROW: decoded}


def _text(value: Any) -> str:
    return json.dumps(value, default=str)
