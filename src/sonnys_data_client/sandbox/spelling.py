"""How values are written under one set of quirks: money, dates and None.

The world holds cents, milliseconds and None. Every quirk that changes how a single value is written is applied here
and nowhere else.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.shape import OMITTED, Field, Format, NoneAs, Schema

__all__ = ["Spelling", "iso", "number_of", "spaced", "text_of"]

_DAY_MS = 86_400_000
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_NONE_AS = {"null": NoneAs(None), "empty": NoneAs(""), "absent": NoneAs(OMITTED)}

TEXT = Format({"type": "string"})
FLAG = Format({"type": "boolean"})
WHOLE = Format({"type": "integer"})
NUMBER = Format({"type": "number"})
DAY = Format({"type": "string", "format": "date"}, date.isoformat)
WHOLE_AS_TEXT = Format({"type": "string", "pattern": r"^\d+$"}, str)

COUNT: Schema = {"type": "integer", "minimum": 0}


class Spelling:
    """The formats that depend on quirks.

    Attributes:
        money: An amount in cents.
        price: An amount in cents that is always text. A quirk decides whether it has thousands commas.
        instant: An instant on a transaction.
        moment: An instant elsewhere that S shows as `2018-05-19T05:32:32.000Z`.
        stamp: An instant elsewhere that S shows as `2020-05-19 08:45:00`.
        null: None, where S allows null.
        nobody: A missing customer, plate, cashier or greeter of a transaction.
        total: Schema of a list's row count.
        unset: None, in a field that S says is always there.
    """

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks
        as_text = Format({"type": "string"}, text_of)
        self.money = as_text if quirks.money == "string" else Format({"type": "number"}, number_of)
        self.price = as_text if quirks.price_commas else Format({"type": "string"}, _plain_text_of)
        with_zone = Format({"type": "string", "format": "date-time"}, iso)
        with_blank = Format({"type": "string"}, spaced)
        self.instant = with_zone if quirks.date_format == "iso" else with_blank
        swapped = quirks.record_dates == "swapped"
        self.moment = with_blank if swapped else with_zone
        self.stamp = with_zone if swapped else with_blank
        self.total: Schema = COUNT if quirks.totals == "number" else {"type": "null"}
        self.null = NoneAs(None)
        self.nobody = _NONE_AS[quirks.none_as]
        self.unset = _NONE_AS[quirks.unset_as]

    def unheard_of(self, key: str, value: Any) -> Sequence[Field[Any]]:
        """Return a field that the contract does not know, or no field, depending on the quirks."""
        if not self._quirks.extra_fields:
            return ()
        return (Field(key, Format({}), lambda _fact: value),)

    def is_novel(self, number: int) -> bool:
        """Return whether the row with this number has words that the contract does not list."""
        return self._quirks.unknown_enums and number % 5 == 0

    def word(self, word: str, strange: str, id: str) -> str:
        """Return a word of an enumeration, or a strange one instead for every fifth id."""
        return strange if self.is_novel(int(id.partition(":")[0])) else word


def number_of(cents: int) -> float:
    """Return dollars.

    JSON writes the shortest decimal for it, which is exact to the cent.
    """
    return cents / 100


def text_of(cents: int) -> str:
    """Return dollars as text with two decimals and thousands commas."""
    whole, rest = divmod(abs(cents), 100)
    return f"{'-' if cents < 0 else ''}{whole:,}.{rest:02d}"


def _plain_text_of(cents: int) -> str:
    return text_of(cents).replace(",", "")


@lru_cache(maxsize=512)
def _day_text(day: int) -> str:
    return date.fromordinal(_EPOCH_ORDINAL + day).isoformat()


def iso(at_ms: int) -> str:
    """Return an instant as `2018-05-19T05:32:32.000Z`."""
    day, rest = divmod(at_ms, _DAY_MS)
    seconds, ms = divmod(rest, 1000)
    minutes, second = divmod(seconds, 60)
    hour, minute = divmod(minutes, 60)
    return f"{_day_text(day)}T{hour:02d}:{minute:02d}:{second:02d}.{ms:03d}Z"


def spaced(at_ms: int) -> str:
    """Return an instant as `2020-05-19 08:45:00`, UTC."""
    return iso(at_ms)[:19].replace("T", " ")
