"""What a single value of the API means in Python.

One reader for each kind of value, and one field type for each reader. A reader takes whatever decoded JSON
can hold and returns the value, or None for nothing; what it cannot read without loss it refuses, naming the
problem and never the value, which may be somebody's name.

```text
type              nothing (None)   reads                                     refuses
Text              null, blank      text as it is; a number as its digits     true, false, lists, objects
Words (open)      null, blank      as Text; a known word as its member       as Text
Whole             null, blank      12, "12", 12.0                            12.5, true
Money             null, blank      12.1, "12.10", "1,234.50"                 "1,23", NaN, infinities, true
Flag              null, blank      true, 1, "true", "yes", and opposites     any other number or word
Number            null, blank      as Money, every digit kept                as Money
Instant           null, blank      ISO text with a time of day, epoch s      a day without its time
Day               null, blank      "2020-01-31", or that day's midnight      any other time
Scrap             null, blank      as Text; anything else as its JSON        -
Id, Key           -                as Text, Whole                            and nothing
Amount, When      -                as Money, Instant                         and nothing
```

"Blank" is text of white space only. The readers are plain functions and not pydantic's own because they are
stricter where it matters (pydantic takes true for 1, and a day for midnight) and looser where the API is.
Each looks for the usual case first: a page of rows calls them some four thousand times.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Context, Decimal, DecimalException, Inexact, InvalidOperation
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator, PlainValidator
from pydantic_core import PydanticCustomError

from sonnys_data_client.types.enums import (
    AccountStatus,
    Department,
    ModificationType,
    RecurringStatus,
    TenderSubType,
    TenderType,
    TransactionStatus,
    TransactionType,
)

__all__ = [
    "UNPARSABLE",
    "AccountStatusWord",
    "Amount",
    "Day",
    "DepartmentWord",
    "Flag",
    "Id",
    "Instant",
    "Key",
    "ModificationWord",
    "Money",
    "Number",
    "RecurringStatusWord",
    "Scrap",
    "StatusWord",
    "TenderSubTypeWord",
    "TenderWord",
    "Text",
    "TransactionTypeWord",
    "When",
    "Whole",
    "each",
    "is_nothing",
    "maybe",
    "write_instant",
]

T = TypeVar("T")

UNPARSABLE = "unparsable"
"""The type of every error that is raised here; its message holds no data."""

_CENT = Decimal("0.01")
_TO_CENTS = Context(prec=40, traps=[Inexact, InvalidOperation])
"""Quantizes exactly or not at all. Amounts of more than 40 digits stay as they came."""
_WIDE = Context(prec=40, traps=[])
"""Our own, since a program may set the default one to round or to raise."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d*)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_DIGITS = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_WHOLE_DIGITS_MAX = 100
"""A number written with an exponent may be short and yet have more digits than memory can hold."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_S_MIN = -62_135_596_800
_EPOCH_S_MAX = 253_402_300_799
"""The first and the last second that a `datetime` can name."""

_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0"})


def _unparsable(problem: str) -> PydanticCustomError:
    return PydanticCustomError(UNPARSABLE, problem)  # pyright: ignore[reportArgumentType]  (wants a literal)


def read_text(value: object) -> str | None:
    """Read text that may be missing; a number is taken by its digits."""
    if isinstance(value, str):
        return value if value and not value.isspace() else None
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise _unparsable("not text")
    try:
        return str(value)
    except ValueError:  # Python writes no int of more than 4300 digits
        raise _unparsable("too many digits") from None


def read_scrap(value: object) -> str | None:
    """Read text whose form nobody vouches for, and refuse nothing."""
    try:
        return read_text(value)
    except PydanticCustomError:
        pass
    try:
        return json.dumps(value, default=str)
    except (TypeError, ValueError, RecursionError):  # nothing that a reply can hold
        return None


def read_words(kind: type[StrEnum]) -> Callable[[object], Any]:
    """Make a reader of an open enumeration: a member of `kind`, or the text that came instead."""
    known: Mapping[str, StrEnum] = {member.value: member for member in kind}

    def read(value: object) -> str | None:
        text = read_text(value)
        return None if text is None else known.get(text, text)

    return read


def _decimal(value: object, problem: str) -> Decimal | None:
    """Read a finite number exactly, whichever way it is written."""
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    number: Decimal | None = None
    if isinstance(value, Decimal):
        number = value
    elif isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value)
    elif isinstance(value, float):
        number = Decimal(repr(value))  # 12.1 is meant, not the binary fraction nearest to it
    elif isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        number = Decimal(value.strip().replace(",", ""))
    if number is None or not number.is_finite():
        raise _unparsable(problem)
    return number


def read_money(value: object) -> Decimal | None:
    """Read an amount of money to the cent, keeping further digits where there are any."""
    if type(value) is Decimal and value.is_finite():
        number: Decimal | None = value
    else:
        number = _decimal(value, "not an amount of money")
    if number is None:
        return None
    try:
        return number.quantize(_CENT, None, _TO_CENTS)
    except DecimalException:
        return number


def read_number(value: object) -> Decimal | None:
    """Read a number with all its digits."""
    return _decimal(value, "not a number")


def read_whole(value: object) -> int | None:
    """Read a whole number."""
    if type(value) is int:
        return value
    number = _decimal(value, "not a whole number")
    if number is None:
        return None
    if number.adjusted() > _WHOLE_DIGITS_MAX or number != number.to_integral_value():
        raise _unparsable("not a whole number")
    return int(number)


def read_flag(value: object) -> bool | None:
    """Read yes or no; None means that the API did not say."""
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
    raise _unparsable("neither true nor false")


def read_instant(value: object) -> datetime | None:
    """Read a moment as an aware datetime in UTC; text that names no zone is UTC already."""
    if isinstance(value, datetime) and value.tzinfo is None:
        raise _unparsable("a datetime without a time zone")
    try:
        if isinstance(value, str):
            return _instant_of_text(value)
        if isinstance(value, datetime):
            return value.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _unparsable("not a date and time") from None
    seconds = _decimal(value, "not a date and time")
    return None if seconds is None else _instant_of_epoch(seconds)


def _instant_of_text(text: str) -> datetime | None:
    text = text.strip()
    # Without these checks `fromisoformat` would take a bare day for its midnight, and digits for days.
    if len(text) < 16 or text[4] != "-":
        if not text:
            return None
        if _DIGITS.fullmatch(text):
            return _instant_of_epoch(Decimal(text))
        raise _unparsable("not a date and time")
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        return moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC)


def _instant_of_epoch(seconds: Decimal) -> datetime:
    if not _EPOCH_S_MIN <= seconds <= _EPOCH_S_MAX:
        raise _unparsable("not a date and time")
    return _EPOCH + timedelta(microseconds=int(_WIDE.multiply(seconds, 1_000_000)))


_NO_DAY = "0000-00-00"
"""How databases of a certain kind write a day that was never set."""


def read_day(value: object) -> date | None:
    """Read a day of the calendar. A time of day is taken only if it is midnight: otherwise it means something."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if value is None:
        return None
    text = value.strip() if isinstance(value, str) else "not a day"
    if not text or text.startswith(_NO_DAY):
        return None
    try:
        moment = datetime.fromisoformat(text) if text[4:5] == "-" else None
    except ValueError:
        moment = None
    if moment is None or moment.time() != time():
        raise _unparsable("not a day")
    return moment.date()


def write_instant(moment: datetime) -> str:
    """Write a UTC moment the way the API does, with as many digits as it has and no fewer than three."""
    digits = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=digits).removesuffix("+00:00") + "Z"


def _surely(read: Callable[[object], T | None]) -> Callable[[object], T]:
    """Turn the reader of an optional value into that of a value that must be there."""

    def read_surely(value: object) -> T:
        result = read(value)
        if result is None:
            raise _unparsable("empty")
        return result

    return read_surely


def is_nothing(value: object) -> bool:
    """Tell whether this stands where a list or a value might have been."""
    return value is None or value in ("", [], {}, ())


def _read_list(value: object) -> object:
    if isinstance(value, (list, tuple)):
        return value
    if is_nothing(value):
        return ()
    raise _unparsable("not a list")


Text = Annotated[str | None, PlainValidator(read_text)]
Whole = Annotated[int | None, PlainValidator(read_whole)]
Money = Annotated[Decimal | None, PlainValidator(read_money)]
Flag = Annotated[bool | None, PlainValidator(read_flag)]
Number = Annotated[Decimal | None, PlainValidator(read_number)]
Instant = Annotated[datetime | None, PlainValidator(read_instant)]
Day = Annotated[date | None, PlainValidator(read_day)]
Scrap = Annotated[str | None, PlainValidator(read_scrap)]

Id = Annotated[str, PlainValidator(_surely(read_text))]
Key = Annotated[int, PlainValidator(_surely(read_whole))]
Amount = Annotated[Decimal, PlainValidator(_surely(read_money))]
When = Annotated[datetime, PlainValidator(_surely(read_instant))]

TransactionTypeWord = Annotated[TransactionType | str | None, PlainValidator(read_words(TransactionType))]
StatusWord = Annotated[TransactionStatus | str | None, PlainValidator(read_words(TransactionStatus))]
TenderWord = Annotated[TenderType | str | None, PlainValidator(read_words(TenderType))]
TenderSubTypeWord = Annotated[TenderSubType | str | None, PlainValidator(read_words(TenderSubType))]
DepartmentWord = Annotated[Department | str | None, PlainValidator(read_words(Department))]
AccountStatusWord = Annotated[AccountStatus | str | None, PlainValidator(read_words(AccountStatus))]
RecurringStatusWord = Annotated[RecurringStatus | str | None, PlainValidator(read_words(RecurringStatus))]
ModificationWord = Annotated[ModificationType | str | None, PlainValidator(read_words(ModificationType))]

each = BeforeValidator(_read_list)
"""Marks a tuple of records that may come as nothing at all."""


def _read_maybe(value: object) -> object:
    return None if is_nothing(value) else value


maybe = BeforeValidator(_read_maybe)
"""Marks a record that may come as nothing at all, an empty list included."""
