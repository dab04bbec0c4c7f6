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

import gc
import json
from collections import Counter
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from decimal import Decimal
from typing import Any, NamedTuple

from sonnys_data_client.archive.tables import Table
from sonnys_data_client.engine.rows import encode
from sonnys_data_client.types import Record, UnparsedRow, as_json, read_rows

_CHUNK = 50
"""Rows that are decoded and validated together: few enough to stay in the processor's cache, which a fifth of the time
hangs on."""
QUARTER_S = 900
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


class Line(NamedTuple):
    """One row, ready to be written.

    Attributes:
        key: The row's key; where it has none its raw form, numbered where several are alike.
        raw: Its raw form, as JSON text.
        json: The line, without its end.
    """

    key: str
    raw: str
    json: bytes


class Calendars:
    """Which day it is where: the calendars of an account's sites.

    Args:
        zones: Time zone by site code; the site without a code is `""`.
        default: Zone of the sites that have none, UTC unless given.
        known: Dates by site and quarter of an hour since the epoch, where they are known already.
    """

    def __init__(
        self,
        zones: Mapping[str, tzinfo] | None = None,
        default: tzinfo = UTC,
        known: Mapping[tuple[str | None, int], str] | None = None,
    ) -> None:
        self._zones = dict(zones or {})
        self._default = default
        self._known = dict(known or {})

    def date(self, code: str | None, moment: datetime) -> str:
        """The date, as ISO text, that a site's calendar shows at a moment."""
        quarter = (code, int(moment.timestamp()) // QUARTER_S)
        found = self._known.get(quarter)
        if found is None:
            zone = self._zones.get(code or "", self._default)
            found = self._known[quarter] = moment.astimezone(zone).date().isoformat()
        return found


_decode = json.JSONDecoder(parse_float=Decimal).decode  # as the client decodes replies


def raw_text(row: Any) -> str:
    """A decoded row as JSON text again."""
    return encode(row)


def read_text(raw: str) -> Any:
    """The row that `raw_text` wrote."""
    return _decode(raw)


def numbering() -> Callable[[str], str]:
    """A way to name rows that have no key: by their raw form, and alike ones by their number, too."""
    seen: Counter[str] = Counter()

    def name(raw: str) -> str:
        seen[raw] += 1
        return raw if seen[raw] == 1 else f"{raw} ({seen[raw]})"

    return name


@dataclass(slots=True)
class Batch:
    """Rows of one partition, told apart.

    Attributes:
        lines: Those that fit.
        misfits: Those that do not.
        number: Names the rows that have no key.
    """

    lines: list[Line] = field(default_factory=list[Line])
    misfits: list[Misfit] = field(default_factory=list[Misfit])
    number: Callable[[str], str] = field(default_factory=numbering)


def read_batch(table: Table, texts: Sequence[str], calendars: Calendars) -> Batch:
    """Validate raw rows and make their lines.

    Args:
        table: Where they belong.
        texts: The rows as `raw_text` wrote them.
        calendars: The sites' calendars.
    """
    batch = Batch()
    with _no_collector():
        for start in range(0, len(texts), _CHUNK):
            _read_chunk(batch, table, texts[start : start + _CHUNK], calendars)
    return batch


@contextmanager
def _no_collector() -> Generator[None]:
    """Let the collector rest: it would look through thousands of records again and again, and none is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _read_chunk(batch: Batch, table: Table, texts: Sequence[str], calendars: Calendars) -> None:
    raws: list[Any] = _decode(f"[{','.join(texts)}]")
    for text, row in zip(texts, read_rows(table.record, raws), strict=True):
        if isinstance(row, UnparsedRow):
            batch.misfits.append(Misfit(text, row.reason))
            continue
        try:
            line = _line(table, row, text, calendars)
        except ValueError:
            batch.misfits.append(Misfit(text, "text that is no Unicode"))
        else:
            batch.lines.append(Line(table.key_of(row) or batch.number(text), text, line))


def _line(table: Table, row: Record, raw: str, calendars: Calendars) -> bytes:
    if table.moment is None or table.site is None:
        return as_json(row, raw=raw)
    day = calendars.date(getattr(row, table.site), getattr(row, table.moment))
    return as_json(row, raw=raw, business_date=day)
