"""Encode the API's rows for DuckDB: parsed by the models, with their raw form beside them.

A row becomes one line of JSON with one member for each column. Besides the model's fields it has

```text
raw             the row as it came, as JSON text: null, "" and absent told apart, unknown fields included
business_date   the day in the calendar of its site (in tables with a time and a site)
```

Columns are for questions, and `raw` is the truth: what a later version of the models parses differently can be parsed
again. `raw` gives back every value that the API sent, with two exceptions: it has no white space between values, and
it keeps a number of more than about 17 digits, which no double can hold, as text with all its digits.

A row that cannot be parsed goes to quarantine, raw and with the reason. It does not affect any other row.
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
from sonnys_data_client.errors import UnparsedRow
from sonnys_data_client.types import Record, as_json, read_rows

_CHUNK = 50
"""Rows that are decoded and parsed together. So few stay in the processor's cache, which saves a fifth of the time."""
QUARTER_S = 900
"""Clocks change at full quarters of an hour only, so all instants of one quarter have the same date."""


class EncodedRow(NamedTuple):
    """One row, ready to be written.

    Attributes:
        key: The row's key. A row without one has its raw form for a key, with a number if several rows are equal.
        raw: Its raw form, as JSON text.
        json: The line of JSON, without a line break.
    """

    key: str
    raw: str
    json: bytes


class Calendars:
    """The calendars of an account's sites: which date an instant has at a site.

    Args:
        zones: Time zone by site code; the code of a site without one is `""`.
        default: Time zone of all other sites.
        known: Dates that are known already, by site code and quarter of an hour since the epoch.
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
        """Return the date that a site's calendar shows at an instant, as ISO text."""
        quarter = (code, int(moment.timestamp()) // QUARTER_S)
        found = self._known.get(quarter)
        if found is None:
            zone = self._zones.get(code or "", self._default)
            found = self._known[quarter] = moment.astimezone(zone).date().isoformat()
        return found


_decode = json.JSONDecoder(parse_float=Decimal).decode  # as the client decodes replies


def raw_text(row: Any) -> str:
    """Encode a decoded row as JSON text."""
    return encode(row)


def read_text(raw: str) -> Any:
    """Decode a row that `raw_text` encoded."""
    return _decode(raw)


def numbering() -> Callable[[str], str]:
    """Make a function that names rows without a key: by their raw form, and equal rows by their number as well."""
    seen: Counter[str] = Counter()

    def name(raw: str) -> str:
        seen[raw] += 1
        return raw if seen[raw] == 1 else f"{raw} ({seen[raw]})"

    return name


@dataclass(slots=True)
class ParsedRows:
    """The rows of one partition.

    Attributes:
        rows: The rows that could be parsed.
        unparsed: Those that could not; `raw` of each is JSON text.
        name: Names the rows that have no key.
    """

    rows: list[EncodedRow] = field(default_factory=list[EncodedRow])
    unparsed: list[UnparsedRow] = field(default_factory=list[UnparsedRow])
    name: Callable[[str], str] = field(default_factory=numbering)


def encode_rows(table: Table, texts: Sequence[str], calendars: Calendars) -> ParsedRows:
    """Parse raw rows and encode them.

    Args:
        table: Their table.
        texts: The rows as `raw_text` wrote them.
        calendars: The sites' calendars.
    """
    parsed = ParsedRows()
    with _no_collector():
        for start in range(0, len(texts), _CHUNK):
            _encode_chunk(parsed, table, texts[start : start + _CHUNK], calendars)
    return parsed


@contextmanager
def _no_collector() -> Generator[None]:
    """Switch the garbage collector off: it would scan thousands of records again and again, and none is garbage."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _encode_chunk(parsed: ParsedRows, table: Table, texts: Sequence[str], calendars: Calendars) -> None:
    raws: list[Any] = _decode(f"[{','.join(texts)}]")
    for text, row in zip(texts, read_rows(table.record, raws), strict=True):
        if isinstance(row, UnparsedRow):
            parsed.unparsed.append(UnparsedRow(text, row.reason))
            continue
        try:
            line = _line(table, row, text, calendars)
        except ValueError:
            parsed.unparsed.append(UnparsedRow(text, "text that is not Unicode"))
        else:
            parsed.rows.append(EncodedRow(table.key_of(row) or parsed.name(text), text, line))


def _line(table: Table, row: Record, raw: str, calendars: Calendars) -> bytes:
    if table.moment is None or table.site is None:
        return as_json(row, raw=raw)
    day = calendars.date(getattr(row, table.site), getattr(row, table.moment))
    return as_json(row, raw=raw, business_date=day)
