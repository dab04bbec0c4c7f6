"""Encode the API's rows for DuckDB: parsed by the models, with their raw text beside them.

A row becomes one line of JSON with one member for each column. Besides the model's fields it has

```text
raw                     the row's JSON text as it came: null, "" and absent told apart, unknown fields included
business_date           the day in the calendar of its site (in tables with a time and a site)
transaction_local_time  the time by the clock of its site, and the `hour` of it (in transactions)
```

Columns are for questions, and `raw` is the truth: what a later version of the models parses differently can be parsed
again. A row is decoded once, when its reply comes, and `raw` is the text that it was decoded from
(`engine.rows.Row`). A row that has no such text, because its reply had several lines or was changed on the way, is
encoded again: then a number of more than about 17 digits, which no double can hold, becomes text with all its digits.

A server may send the same row with other spaces, or its members in another order. So texts are never compared as they
are: `canonical` makes equal what means the same.

A row that cannot be parsed goes to quarantine, raw and with the reason. It does not affect any other row. A value that
cannot be parsed leaves its column NULL, and is counted. Whatever is parsed fits its column (`types.fields`).
"""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any, NamedTuple, TypeVar

from sonnys_data_client.archive.tables import LOCAL_TIME, Table
from sonnys_data_client.engine.rows import decode_rows, encode, text_of
from sonnys_data_client.engine.sites import fold
from sonnys_data_client.errors import UnparsedRow
from sonnys_data_client.types import Record, api_name, as_json, read_rows

T = TypeVar("T")

_CHUNK = 50
"""Rows that are decoded and parsed together. So few stay in the processor's cache, which saves a fifth of the time."""
QUARTER_S = 900
"""Clocks change at full quarters of an hour only, so all instants of one quarter have the same date."""


class EncodedRow(NamedTuple):
    """One row, ready to be written.

    Attributes:
        key: The row's key; in a table without a key, what `name_of` says.
        raw: Its JSON text, on one line.
        columns: Its columns but `raw`, as a JSON object.
        unparsed_fields: Its fields whose values could not be parsed: see `Record.unparsed_fields`.
    """

    key: str
    raw: str
    columns: bytes
    unparsed_fields: tuple[str, ...] = ()

    @property
    def line(self) -> bytes:
        """All its columns, as a JSON object."""
        raw = json.dumps(self.raw, ensure_ascii=False).encode()
        return b'%b,"raw":%b}' % (self.columns[:-1], raw)


class LocalQuarter(NamedTuple):
    """What the clock of a site shows in one quarter of an hour.

    Attributes:
        date: The date, as ISO text.
        offset_s: Seconds by which the clock is ahead of UTC; None if that is not known.
    """

    date: str
    offset_s: int | None


class Calendars:
    """The calendars and clocks of an account's sites: which date and time an instant has at a site.

    Args:
        zones: Time zone by site code; the code of a site without one is `""`. Codes are compared without case.
        default: Time zone of all other sites.
        known: Quarters that are known already, by site code and quarter of an hour since the epoch.
    """

    def __init__(
        self,
        zones: Mapping[str, tzinfo] | None = None,
        default: tzinfo = UTC,
        known: Mapping[tuple[str | None, int], LocalQuarter] | None = None,
    ) -> None:
        self._zones = {fold(code): zone for code, zone in (zones or {}).items()}
        self._default = default
        self._known = dict(known or {})

    def date(self, code: str | None, moment: datetime) -> str:
        """Return the date that a site's calendar shows at an instant, as ISO text."""
        return self._quarter(code, moment).date

    def time(self, code: str | None, moment: datetime) -> datetime | None:
        """Return the time that a site's clock shows at an instant, without a zone; None if its zone is not known."""
        offset_s = self._quarter(code, moment).offset_s
        return None if offset_s is None else moment.astimezone(UTC).replace(tzinfo=None) + timedelta(seconds=offset_s)

    def _quarter(self, code: str | None, moment: datetime) -> LocalQuarter:
        quarter = (code, int(moment.timestamp()) // QUARTER_S)
        found = self._known.get(quarter)
        if found is None:
            local = moment.astimezone(self._zones.get(fold(code), self._default))
            offset = local.utcoffset() or timedelta()
            found = self._known[quarter] = LocalQuarter(local.date().isoformat(), round(offset.total_seconds()))
        return found


def read_text(raw: str) -> Any:
    """Decode the JSON text of a row."""
    (row,) = decode_rows(f"[{raw}]")
    return row


def canonical(raw: str) -> str:
    """Return a row's JSON text as it is compared: without spaces, members in order, numbers in one form."""
    return encode(_in_order(read_text(raw)))


def _in_order(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _in_order(value[name]) for name in sorted(value)}
    if isinstance(value, list):
        return [_in_order(part) for part in value]
    return value


def name_of(table: Table, raw: Any) -> str:
    """Return what tells a decoded row of a table without a key from others: the fields that name it.

    Without such fields, or where the row has no moment, it is the canonical text of the whole row.
    """
    if table.named_by and isinstance(raw, dict) and raw.get(api_name(table.record, table.moment or "")) is not None:
        return encode([raw.get(field) for field in table.named_by])
    return encode(_in_order(raw))


def keyed(table: Table, rows: Iterable[tuple[str, T]]) -> dict[str, T]:
    """Return rows by their keys; of several with one key, the last counts.

    In a table without a key, rows are told apart by what `name_of` says, and rows that are alike in that by their
    number besides, in the order of their texts.

    Args:
        table: Their table.
        rows: Each row's key or name, and the row: its raw text, or what has it in `raw`.
    """
    if table.key is not None:
        return dict(rows)
    named: dict[str, list[T]] = {}
    for name, row in rows:
        named.setdefault(name, []).append(row)
    return {
        name if number == 1 else f"{name} ({number})": row
        for name, alike in named.items()
        for number, row in enumerate(sorted(alike, key=_raw), 1)
    }


def _raw(row: Any) -> str:
    return str(getattr(row, "raw", row))


@dataclass(slots=True)
class ParsedRows:
    """The rows of one partition, or some of them.

    Attributes:
        rows: The rows that could be parsed.
        unparsed: Those that could not; `raw` of each is JSON text.
    """

    rows: list[EncodedRow] = field(default_factory=list[EncodedRow])
    unparsed: list[UnparsedRow] = field(default_factory=list[UnparsedRow])

    @property
    def unparsed_values(self) -> dict[str, int]:
        """Values in the rows that could not be parsed, by field."""
        return dict(Counter(name for row in self.rows for name in row.unparsed_fields))

    def extend(self, more: ParsedRows) -> None:
        """Add further rows."""
        self.rows += more.rows
        self.unparsed += more.unparsed

    def where(self, holds: Callable[[Any], bool]) -> ParsedRows:
        """Return some of the rows.

        Args:
            holds: Tells of a decoded row whether to return it.
        """
        return ParsedRows(
            [row for row in self.rows if holds(read_text(row.raw))],
            [row for row in self.unparsed if holds(read_text(row.raw))],
        )


def encode_rows(table: Table, rows: Sequence[Any], calendars: Calendars) -> ParsedRows:
    """Parse decoded rows and encode them.

    Args:
        table: Their table.
        rows: The rows as a reply brought them.
        calendars: The sites' calendars.
    """
    encoded = ParsedRows()
    with _no_collector():
        for raw, row in zip(rows, read_rows(table.record, rows), strict=True):
            text = text_of(raw)
            if isinstance(row, UnparsedRow):
                encoded.unparsed.append(UnparsedRow(text, row.reason))
                continue
            key = table.key_of(row) or name_of(table, raw)
            encoded.rows.append(EncodedRow(key, text, _columns(table, row, calendars), row.unparsed_fields))
    return encoded


def encode_texts(table: Table, texts: Sequence[str], calendars: Calendars) -> ParsedRows:
    """Parse rows that an archive has, and encode them.

    Args:
        table: Their table.
        texts: The rows' JSON texts.
        calendars: The sites' calendars.
    """
    encoded = ParsedRows()
    for start in range(0, len(texts), _CHUNK):
        rows = decode_rows(f"[{','.join(texts[start : start + _CHUNK])}]")
        encoded.extend(encode_rows(table, rows, calendars))
    return encoded


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


def _columns(table: Table, row: Record, calendars: Calendars) -> bytes:
    if table.moment is None or table.site is None:
        return as_json(row)
    code, moment = getattr(row, table.site), getattr(row, table.moment)
    more: dict[str, str | int | None] = {"business_date": calendars.date(code, moment)}
    if table.kind == "days":
        local = calendars.time(code, moment)
        more |= (
            {LOCAL_TIME: None, "hour": None} if local is None else {LOCAL_TIME: local.isoformat(), "hour": local.hour}
        )
    return as_json(row, **more)
