"""Ways of writing under one set of quirks: money, dates, and three ways to say that there is nothing.

The world holds cents, milliseconds and None. Whatever a quirk can change about how one value is written is decided
here and only here.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache
from typing import Any

from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.shape import OMITTED, Field, Gap, Schema, Way

__all__ = ["Spelling", "iso", "number_of", "spaced", "text_of"]

_DAY_MS = 86_400_000
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_GAPS = {"null": Gap(None), "empty": Gap(""), "absent": Gap(OMITTED)}

TEXT = Way({"type": "string"})
FLAG = Way({"type": "boolean"})
WHOLE = Way({"type": "integer"})
NUMBER = Way({"type": "number"})
DAY = Way({"type": "string", "format": "date"}, date.isoformat)
WHOLE_AS_TEXT = Way({"type": "string", "pattern": r"^\d+$"}, str)

COUNT: Schema = {"type": "integer", "minimum": 0}


class Spelling:
    """The ways that quirks change.

    Attributes:
        money: An amount in cents.
        price: An amount in cents that is text whatever the quirks say, with or without commas.
        instant: An instant on a transaction.
        moment: An instant elsewhere that S shows as `2018-05-19T05:32:32.000Z`.
        stamp: An instant elsewhere that S shows as `2020-05-19 08:45:00`.
        null: Nothing, where S allows null.
        nobody: No customer, plate, cashier or greeter on a transaction.
        total: Schema of how many rows a list has.
        unset: Nothing, in one of the fields of which S says that they are always there.
    """

    def __init__(self, quirks: Quirks) -> None:
        self._quirks = quirks
        as_text = Way({"type": "string"}, text_of)
        self.money = as_text if quirks.money == "string" else Way({"type": "number"}, number_of)
        self.price = as_text if quirks.price_commas else Way({"type": "string"}, _plain_text_of)
        with_zone, with_blank = Way({"type": "string", "format": "date-time"}, iso), Way({"type": "string"}, spaced)
        self.instant = with_zone if quirks.date_format == "iso" else with_blank
        swapped = quirks.record_dates == "swapped"
        self.moment = with_blank if swapped else with_zone
        self.stamp = with_zone if swapped else with_blank
        self.total: Schema = COUNT if quirks.totals == "number" else {"type": "null"}
        self.null = Gap(None)
        self.nobody = _GAPS[quirks.none_as]
        self.unset = _GAPS[quirks.unset_as]

    def unheard_of(self, key: str, value: Any) -> Sequence[Field[Any]]:
        """A field that the contract does not know, or nothing, as the quirks want it."""
        if not self._quirks.extra_fields:
            return ()
        return (Field(key, Way({}), lambda _fact: value),)

    def is_novel(self, number: int) -> bool:
        """Whether the row with a number has words that nobody has heard of."""
        return self._quirks.unknown_enums and number % 5 == 0

    def word(self, word: str, strange: str, id: str) -> str:
        """A word of an enumeration, or a strange one instead for every fifth id."""
        return strange if self.is_novel(int(id.partition(":")[0])) else word


def number_of(cents: int) -> float:
    """Return dollars; the shortest decimal that JSON writes for it is exact to the cent."""
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
