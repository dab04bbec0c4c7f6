"""How one value of the API becomes a Python value: a reader for each kind.

A reader takes anything that decoded JSON can hold. It returns the value, or None for nothing. It refuses what it cannot
read without loss; the message names the problem and never the value, which may be somebody's name. `fields` lists what
each of them reads, and what it refuses.

What is read fits every file that is written from it: Unicode text, 64 bits for a whole number, 14 digits before the
point for an amount. An instant is at least a day away from both ends of the calendar, so it exists in every time zone.

Each reader tests the usual case first, because one page of rows calls them about four thousand times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from enum import StrEnum
from typing import Any

from pydantic_core import PydanticCustomError

from sonnys_data_client.text import encodable

__all__ = [
    "UNPARSABLE",
    "as_list",
    "escaped",
    "is_nothing",
    "read_count",
    "read_day",
    "read_flag",
    "read_instant",
    "read_loose_text",
    "read_money",
    "read_number",
    "read_text",
    "read_unknown",
    "read_whole",
    "read_words",
    "unparsable",
    "write_instant",
]

UNPARSABLE = "unparsable"
"""Type of every error raised here. The message never holds the value."""

_CENT = Decimal("0.01")
_TO_CENTS = Context(prec=16, traps=[Inexact, InvalidOperation])
"""Rounds nothing: it quantizes exactly, or raises. So an amount that needs another look costs the others nothing."""
_WIDE = Context(prec=40, traps=[])
"""Our own context, because a program may set the default one to round or to raise."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d*)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_DIGITS = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_COUNT_DIGITS_MAX = 100
"""Because a short text with an exponent, such as 1e999999999, can have more digits than memory can hold."""
_WHOLE_MIN, _WHOLE_MAX = -(2**63), 2**63 - 1
"""What a column of whole numbers holds, in Parquet as in other databases."""
_AMOUNT_END = Decimal("99999999999999.99995")
"""The first amount that a column does not hold, after rounding: `DECIMAL(18, 4)`, see `archive.columns`."""
_AMOUNT_WHOLE_END = 10**14
_AMOUNT_EXPONENT = 13
"""Power of ten from which on an amount may be that large."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_S_MIN = -62_135_596_800
_EPOCH_S_MAX = 253_402_300_799
"""First and last second that a `datetime` can hold."""
_FIRST = datetime(1, 1, 2, tzinfo=UTC)
_LAST = datetime(9999, 12, 31, tzinfo=UTC)
"""Between these two, the local time of every zone is in the calendar: no zone is 24 hours away from UTC."""

_INDEX = re.compile(r"\d+", re.ASCII)

_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0"})


def unparsable(problem: str) -> PydanticCustomError:
    """Make the error of a reader. The problem is a few words, without the value."""
    return PydanticCustomError(UNPARSABLE, problem)  # pyright: ignore[reportArgumentType]  (wants a literal)


def read_text(value: object) -> str | None:
    """Read text; a number gives its digits."""
    if isinstance(value, str):
        if value.isascii() or encodable(value) == value:
            return value if value and not value.isspace() else None
        raise unparsable("text that is not Unicode")
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise unparsable("not text")
    try:
        return str(value)
    except ValueError:  # Python writes no int of more than 4300 digits
        raise unparsable("too many digits") from None


def read_unknown(value: object) -> object:
    """Return any decoded JSON as it is. Refuse one in which a text is not Unicode, because nothing could write it."""
    if isinstance(value, str):
        if encodable(value) != value:
            raise unparsable("text that is not Unicode")
    elif isinstance(value, dict):
        for name, part in value.items():
            read_unknown(name)
            read_unknown(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            read_unknown(part)
    return value


def escaped(value: Any) -> Any:
    """Return decoded JSON with the halves of surrogate pairs as their escape sequences: the rest is as it was."""
    if isinstance(value, str):
        return encodable(value)
    if isinstance(value, dict):
        return {escaped(name): escaped(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [escaped(part) for part in value]
    return value


def read_loose_text(value: object) -> str | None:
    """Read text of any form, and refuse nothing."""
    try:
        return read_text(value)
    except PydanticCustomError:
        pass
    try:
        return json.dumps(value, default=str)
    except (TypeError, ValueError, RecursionError):  # no JSON reply can hold such a value
        return None


def read_words(kind: type[StrEnum]) -> Callable[[object], Any]:
    """Make the reader of an open word list: it returns a member of `kind`, or the text as it came."""
    known: Mapping[str, StrEnum] = {member.value: member for member in kind}

    def read(value: object) -> str | None:
        text = read_text(value)
        return None if text is None else known.get(text, text)

    return read


def _decimal(value: object, problem: str) -> Decimal | None:
    """Read a finite number exactly, in any spelling."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    number: Decimal | None = None
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value)
    elif isinstance(value, float):
        number = Decimal(repr(value))  # 12.1 means 12.1, not the nearest binary fraction
    elif isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = Decimal(value.strip().replace(",", ""))
    if number is None or not number.is_finite():
        raise unparsable(problem)
    return number


def _fitting(number: Decimal) -> Decimal:
    """Refuse a number that does not fit a column of amounts."""
    if number.adjusted() >= _AMOUNT_EXPONENT and number.copy_abs() >= _AMOUNT_END:
        raise unparsable("too large")
    return number


def read_money(value: object) -> Decimal | None:
    """Read an amount of money: two decimals, or more where the value has more."""
    if type(value) is Decimal and value.is_finite():
        number: Decimal | None = value
    else:
        number = _decimal(value, "not an amount of money")
    if number is None:
        return None
    try:
        return number.quantize(_CENT, None, _TO_CENTS)
    except DecimalException:
        return _fitting(number)


def read_number(value: object) -> Decimal | None:
    """Read a number with all its digits."""
    if type(value) is int and -_AMOUNT_WHOLE_END < value < _AMOUNT_WHOLE_END:
        return Decimal(value)
    number = _decimal(value, "not a number")
    return None if number is None else _fitting(number)


def read_whole(value: object) -> int | None:
    """Read a whole number of at most 64 bits."""
    number = value if type(value) is int else read_count(value)
    if number is not None and not _WHOLE_MIN <= number <= _WHOLE_MAX:
        raise unparsable("too large")
    return number


def read_count(value: object) -> int | None:
    """Read a whole number of any size."""
    if type(value) is int:
        return value
    number = _decimal(value, "not a whole number")
    if number is None:
        return None
    if number.adjusted() > _COUNT_DIGITS_MAX or number != number.to_integral_value():
        raise unparsable("not a whole number")
    return int(number)


def read_flag(value: object) -> bool | None:
    """Read yes or no; None if the API did not say."""
    if value is True or value is False:
        return value
    text = read_text(value)
    if text is None:
        return None
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise unparsable("neither true nor false")


_NO_DATE = re.compile(r"(?:0000-00-00|-0*1-11-30|0001-01-01)(?:[T ].*)?|null", re.IGNORECASE)
"""Dates that were never set, as MySQL, PHP and .NET write them, each with any time of day."""


def read_instant(value: object) -> datetime | None:
    """Read an instant as an aware datetime in UTC; text without a zone is taken as UTC."""
    if isinstance(value, str):
        moment = _instant_of_text(value)
    elif isinstance(value, datetime):
        if value.tzinfo is None:
            raise unparsable("a datetime without a time zone")
        moment = _in_utc(value)
    else:
        seconds = _decimal(value, "not a date and time")
        moment = None if seconds is None else _instant_of_epoch(seconds)
    if moment is not None and not _FIRST <= moment < _LAST:
        raise unparsable("at an end of the calendar")
    return moment


def _instant_of_text(text: str) -> datetime | None:
    text = text.strip()
    # Because `fromisoformat` alone would read a bare day as its midnight, and digits as a day.
    if len(text) < 16 or text[4] != "-" or text[0] in "-0":
        if not text or _NO_DATE.fullmatch(text):
            return None
        if _DIGITS.fullmatch(text):
            return _instant_of_epoch(Decimal(text))
        if len(text) < 16 or text[4] != "-":
            raise unparsable("not a date and time")
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise unparsable("not a date and time") from None
    return _in_utc(moment)


def _in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    try:
        return moment.astimezone(UTC)
    except (OverflowError, ValueError):
        raise unparsable("at an end of the calendar") from None


def _instant_of_epoch(seconds: Decimal) -> datetime | None:
    if seconds == _EPOCH_S_MIN:  # a date that was never set, as .NET counts it
        return None
    if not _EPOCH_S_MIN < seconds <= _EPOCH_S_MAX:
        raise unparsable("not a date and time")
    return _EPOCH + timedelta(microseconds=int(_WIDE.multiply(seconds, 1_000_000)))


def read_day(value: object) -> date | None:
    """Read a calendar day. A time of day is refused unless it is midnight: it would be lost."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else "not a day"
    if not text or _NO_DATE.fullmatch(text):
        return None
    try:
        moment = datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        moment = None
    if moment is None or moment.time() != time():
        raise unparsable("not a day")
    return moment.date()


def write_instant(moment: datetime) -> str:
    """Write a UTC instant as the API does: milliseconds, or microseconds where there are any."""
    digits = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=digits).removesuffix("+00:00") + "Z"


def is_nothing(value: object) -> bool:
    """Return whether a value is null or an empty text, list or object."""
    return value is None or value in ("", [], {}, ())


def as_list(value: object) -> list[Any] | tuple[Any, ...]:
    """Read a list: nothing is an empty one, and an object whose names are numbers is a list, as PHP writes it."""
    if isinstance(value, (list, tuple)):
        return value
    if is_nothing(value):
        return ()
    if isinstance(value, dict) and all(isinstance(name, str) and _INDEX.fullmatch(name) for name in value):
        return list(value.values())
    raise unparsable("not a list")
