"""How one value of the API becomes a Python value.

There is one reader for each kind of value, and one field type for each reader. A reader takes anything that decoded
JSON can hold. It returns the value, or None for nothing. It refuses what it cannot read without loss; the message
names the problem and never the value, which may be somebody's name.

```text
type              nothing (None)   reads                                     refuses
Text              null, blank      text as it is; a number as its digits     true, false, lists, objects
...Word (open)    null, blank      as Text; a known word as its member       as Text
Whole             null, blank      12, "12", 12.0                            12.5, true
Money             null, blank      12.1, "12.10", "1,234.50"                 "1,23", NaN, infinities, true
Flag              null, blank      true, 1, "true", "yes", and opposites     any other number or word
Hours             null, blank      as Money, every digit kept                as Money
Instant           null, blank      ISO text with a time of day, epoch s      a day without its time
Day               null, blank      "2020-01-31", or that day's midnight      any other time
LooseText         null, blank      as Text; anything else as its JSON        -
Id                -                as Text                                   as Text, and nothing
NumericId         -                as Whole                                  as Whole, and nothing
RequiredMoney     -                as Money                                  as Money, and nothing
RequiredInstant   -                as Instant                                as Instant, and nothing
```

"Blank" is text of white space only. Pydantic's own readers do not serve: they take true for 1 and a day for its
midnight, and refuse spellings that the API uses. Each reader tests the usual case first, because one page of rows
calls them about four thousand times.
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
    "Day",
    "DepartmentWord",
    "Flag",
    "Hours",
    "Id",
    "Instant",
    "LooseText",
    "ModificationWord",
    "Money",
    "NumericId",
    "RecurringStatusWord",
    "RequiredInstant",
    "RequiredMoney",
    "StatusWord",
    "TenderSubTypeWord",
    "TenderWord",
    "Text",
    "TransactionTypeWord",
    "Whole",
    "empty_if_nothing",
    "is_nothing",
    "none_if_nothing",
    "write_instant",
]

T = TypeVar("T")

UNPARSABLE = "unparsable"
"""Type of every error raised here. The message never holds the value."""

_CENT = Decimal("0.01")
_TO_CENTS = Context(prec=40, traps=[Inexact, InvalidOperation])
"""Rounds nothing: it quantizes exactly, or raises. Amounts of more than 40 digits stay as they came."""
_WIDE = Context(prec=40, traps=[])
"""Our own context, because a program may set the default one to round or to raise."""

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+|(?=\.\d))(?:\.\d*)?(?:[eE][+-]?\d{1,4})?", re.ASCII)
_DIGITS = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_WHOLE_DIGITS_MAX = 100
"""Because a short text with an exponent, such as 1e999999999, can have more digits than memory can hold."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_S_MIN = -62_135_596_800
_EPOCH_S_MAX = 253_402_300_799
"""First and last second that a `datetime` can hold."""

_YES = frozenset({"true", "yes", "y", "1"})
_NO = frozenset({"false", "no", "n", "0"})


def _unparsable(problem: str) -> PydanticCustomError:
    return PydanticCustomError(UNPARSABLE, problem)  # pyright: ignore[reportArgumentType]  (wants a literal)


def read_text(value: object) -> str | None:
    """Read text; a number gives its digits."""
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
        raise _unparsable(problem)
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
    raise _unparsable("neither true nor false")


def read_instant(value: object) -> datetime | None:
    """Read an instant as an aware datetime in UTC; text without a zone is taken as UTC."""
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
    # Because `fromisoformat` alone would read a bare day as its midnight, and digits as a day.
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
"""How MySQL writes a day that was never set."""


def read_day(value: object) -> date | None:
    """Read a calendar day. A time of day is refused unless it is midnight: it would be lost."""
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
    """Write a UTC instant as the API does: milliseconds, or microseconds where there are any."""
    digits = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.isoformat(timespec=digits).removesuffix("+00:00") + "Z"


def _required(read: Callable[[object], T | None]) -> Callable[[object], T]:
    """Make the reader of a required value from the reader of an optional one."""

    def read_required(value: object) -> T:
        result = read(value)
        if result is None:
            raise _unparsable("empty")
        return result

    return read_required


def is_nothing(value: object) -> bool:
    """Return whether a value is null or an empty text, list or object."""
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
Hours = Annotated[Decimal | None, PlainValidator(read_number)]
Instant = Annotated[datetime | None, PlainValidator(read_instant)]
Day = Annotated[date | None, PlainValidator(read_day)]
LooseText = Annotated[str | None, PlainValidator(read_loose_text)]

Id = Annotated[str, PlainValidator(_required(read_text))]
NumericId = Annotated[int, PlainValidator(_required(read_whole))]
RequiredMoney = Annotated[Decimal, PlainValidator(_required(read_money))]
RequiredInstant = Annotated[datetime, PlainValidator(_required(read_instant))]

TransactionTypeWord = Annotated[TransactionType | str | None, PlainValidator(read_words(TransactionType))]
StatusWord = Annotated[TransactionStatus | str | None, PlainValidator(read_words(TransactionStatus))]
TenderWord = Annotated[TenderType | str | None, PlainValidator(read_words(TenderType))]
TenderSubTypeWord = Annotated[TenderSubType | str | None, PlainValidator(read_words(TenderSubType))]
DepartmentWord = Annotated[Department | str | None, PlainValidator(read_words(Department))]
AccountStatusWord = Annotated[AccountStatus | str | None, PlainValidator(read_words(AccountStatus))]
RecurringStatusWord = Annotated[RecurringStatus | str | None, PlainValidator(read_words(RecurringStatus))]
ModificationWord = Annotated[ModificationType | str | None, PlainValidator(read_words(ModificationType))]

empty_if_nothing = BeforeValidator(_read_list)
"""Marks a tuple of records: null, "", {} and [] give an empty one."""


def _read_optional(value: object) -> object:
    return None if is_nothing(value) else value


none_if_nothing = BeforeValidator(_read_optional)
"""Marks an optional record: null, "", {} and [] give None."""
