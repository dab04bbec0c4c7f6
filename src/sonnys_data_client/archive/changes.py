"""The change log: what differs between two readings of a day, by row and field.

Rows change late: a sale is voided an hour later, a terminal was offline. So every sync reads the last days again and
logs what differs. There is one entry for each field that changed, and one for a row that was added or withdrawn. For
such a row `field` is `(row)`, and the raw row is in `after` or `before`. Of a row that a person let go of after a
dispute (`dispute`), `field` is `(row, accepted)`.

The log of a day has a file of its own, which is written just before the day's partition. Each entry has the version of
the partition that it belongs to. An entry with a later version than the partition was left by a run that was killed
between the two files; it is dropped when the day is written again.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sonnys_data_client.archive.rows import read_text
from sonnys_data_client.archive.tables import Table
from sonnys_data_client.errors import RowError
from sonnys_data_client.types import as_json, parse_one

ROW = "(row)"
ACCEPTED = "(row, accepted)"
QUARANTINED = "(quarantine)"
"""What an entry names in place of the id of a row that could not be parsed."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change.

    Attributes:
        id: The row's key.
        field: The column; the API's name of a field without a column; `(row)`; or `(row, accepted)`.
        before: The value before, as JSON; None if the row is new.
        after: The value now, as JSON; None if the row is gone.
        seen_at: Epoch seconds of the reading that showed the change, which happened some time before.
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
    """Yield the differences between the rows of two readings.

    Args:
        table: The rows' table.
        before: Raw rows of the first reading, by key.
        after: Raw rows of the second reading, by key.
        seen_at: Epoch seconds of the second reading.
        version: Version of the partition that will hold its rows.
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
            if was != now and field not in table.of_reply:
                yield Change(key, field, _text(was), _text(now), seen_at, version)


def withdrawn(log: Iterable[Change], there: Collection[str]) -> int:
    """Count the rows that readings took away for good, other than those that a person let go of.

    Args:
        log: The change log of a partition.
        there: Keys of its rows.
    """
    gone = set[str]()
    for change in log:
        if change.field == ROW and change.after is None:
            gone.add(change.id)
        elif change.field in {ROW, ACCEPTED}:  # it came again, or a person let go of it after it had
            gone.discard(change.id)
    return len(gone - {QUARANTINED} - set(there))


def _fields(table: Table, raw: str) -> Mapping[str, Any]:
    """Return a row's fields as parsed, so that two spellings of one amount are equal."""
    decoded = read_text(raw)
    try:
        row = parse_one(table.record, decoded, method="-", path=table.name)
        return {**(row.model_extra or {}), **json.loads(as_json(row))}
    except RowError:
        return decoded if isinstance(decoded, dict) else {ROW: decoded}


def _text(value: Any) -> str:
    return json.dumps(value, default=str)
