"""From the API's rows to lines that DuckDB reads: validated by the models, with their raw form beside them.

A row has one line, a JSON object with one member a column. Besides the model's fields under their own names it has

```text
raw             the row as it came, as JSON text: null, "" and absent told apart, unknown fields included
business_date   the day it belongs to in its site's calendar (tables with a time and a site)
```

So columns are for questions, and `raw` is the truth: what a later version of the models reads differently can be read
again. `raw` gives back every value that the API sent. Two things it does not: white space between values, and a number
of more than about 17 digits, which no double can hold, is kept as text with all its digits.

A row that does not fit its model goes to quarantine, raw and with the reason, and costs no other row anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from decimal import Decimal
from typing import Any

from sonnys_data_client.archive.tables import Table
from sonnys_data_client.errors import RowError
from sonnys_data_client.models import Record, as_json, parse_rows

_QUARTER_S = 900
"""Clocks change at full quarters of an hour, so all moments of one quarter have one date."""


@dataclass(frozen=True, slots=True)
class Misfit:
    """A row that has no place in its table.

    Attributes:
        raw: The row as it came, as JSON text.
        reason: What does not fit, without the value.
    """

    raw: str
    reason: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row, ready to be written.

    Attributes:
        row: The record.
        raw: Its raw form, as JSON text.
        json: The line.
    """

    row: Record
    raw: str
    json: bytes


class Calendars:
    """Which day it is where: the calendars of an account's sites.

    Args:
        zones: Time zone by site code; the site without a code is `""`.
        default: Zone of the sites that have none, UTC unless given.
    """

    def __init__(self, zones: Mapping[str, tzinfo] | None = None, default: tzinfo = UTC) -> None:
        self._zones = dict(zones or {})
        self._default = default
        self._known: dict[tuple[str | None, int], str] = {}

    def date(self, code: str | None, moment: datetime) -> str:
        """The date, as ISO text, that a site's calendar shows at a moment."""
        quarter = (code, int(moment.timestamp()) // _QUARTER_S)
        found = self._known.get(quarter)
        if found is None:
            zone = self._zones.get(code or "", self._default)
            found = self._known[quarter] = moment.astimezone(zone).date().isoformat()
        return found


def raw_text(row: Any) -> str:
    """A decoded row as JSON text again."""
    return json.dumps(row, separators=(",", ":"), default=_number)


def read_text(raw: str) -> Any:
    """The row that `raw_text` wrote, decoded as the client decodes replies."""
    return json.loads(raw, parse_float=Decimal)


def _number(value: Any) -> float | str:
    if not isinstance(value, Decimal):
        raise TypeError(f"a {type(value).__name__} is no part of a JSON reply")
    number = float(value)
    return number if Decimal(repr(number)) == value else str(value)


@dataclass(slots=True)
class Batch:
    """Rows of one partition, told apart.

    Attributes:
        lines: Those that fit.
        misfits: Those that do not.
    """

    lines: list[Line] = field(default_factory=list[Line])
    misfits: list[Misfit] = field(default_factory=list[Misfit])


def read_batch(table: Table, texts: Sequence[str], calendars: Calendars) -> Batch:
    """Validate raw rows and make their lines.

    Args:
        table: Where they belong.
        texts: The rows as `raw_text` wrote them.
        calendars: The sites' calendars.
    """
    raws = [read_text(text) for text in texts]
    batch = Batch()
    bad: dict[int, str] = {}
    try:
        rows: Iterable[Record] = parse_rows(table.record, raws, method="-", path=table.name)
    except RowError as error:
        rows = error.rows
        bad = {id(raw): reason for raw, reason in error.bad}
    good = iter(rows)
    for text, raw in zip(texts, raws, strict=True):
        reason = bad.get(id(raw))
        if reason is None:
            _add(batch, table, next(good), text, calendars)
        else:
            batch.misfits.append(Misfit(text, reason))
    return batch


def _add(batch: Batch, table: Table, row: Record, raw: str, calendars: Calendars) -> None:
    try:
        columns = as_json(row)
    except ValueError:
        batch.misfits.append(Misfit(raw, "text that is no Unicode"))
        return
    head = f'"raw":{json.dumps(raw)}'
    if table.moment is not None and table.site is not None:
        day = calendars.date(getattr(row, table.site), getattr(row, table.moment))
        head = f'"business_date":"{day}",{head}'
    batch.lines.append(Line(row, raw, b"{" + head.encode() + b"," + columns[1:] + b"\n"))


def utc_day(moment: datetime) -> date:
    """The UTC day of a moment."""
    return moment.astimezone(UTC).date()
