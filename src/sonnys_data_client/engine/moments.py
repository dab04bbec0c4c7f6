"""One end of a range, as callers write it: a day or an instant.

| written                                            | means                                                    |
|----------------------------------------------------|----------------------------------------------------------|
| a `date`, `'2026-03-08'`, `'20260308'`, `20260308` | that day                                                 |
| a `datetime`, `'2026-03-08T14:30:00-05:00'`        | that instant; without an offset, in the range's time zone |
| `1772994600`, `1772994600.5`, `'1772994600'`       | that instant, in epoch seconds                           |

A whole number of eight digits is a day if it can be one, because as epoch seconds it would be in 1970, and nothing is
older than the year 2000. Values of numpy and pandas are read like those of Python. Neither library is needed.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Any

from sonnys_data_client.errors import ValidationError
from sonnys_data_client.zones import at_its_zone

DateLike = int | float | str | date | datetime
"""What names a start or an end: epoch seconds, ISO 8601 text, `date` or `datetime`."""

FIRST_DAY = date(2000, 1, 1)
"""A day before anything can have been recorded by this API. A range that begins before it is a mistake."""

_EPOCH_S_MAX = 32_503_680_000  # the year 3000: anything above is in milliseconds
_ALLOWED = "epoch seconds, an ISO 8601 text such as '2026-03-08' or '2026-03-08T14:30:00-05:00', a date or a datetime"
_EPOCH = re.compile(r"\d{9,}(?:\.\d+)?", re.ASCII)
_WEEK = re.compile(r"\d{4}-?W\d{2}", re.ASCII | re.IGNORECASE)
_YEAR_LAST = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})", re.ASCII)
_YEAR_FIRST = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})", re.ASCII)


def read_moment(name: str, value: DateLike) -> date | datetime:
    """Read one value: what names a day as a `date`, all else as a `datetime`, aware if it names an instant.

    Args:
        name: The parameter's name.
        value: Its value.

    Raises:
        ValidationError: It cannot be read.
    """
    if isinstance(value, date):
        return _plain(name, value)
    text = str(value) if type(value).__name__ == "datetime64" else value  # numpy's
    if isinstance(text, str):
        return _read_text(name, text.strip())
    number = _number(value)
    if number is None:
        raise ValidationError(parameter=name, value=value, allowed=_ALLOWED)
    return _read_number(name, value, number)


def told(value: DateLike | None) -> DateLike | None:
    """A value as an error shows it: dates as text, which is shorter than their `repr()`."""
    return str(value) if isinstance(value, date) else value


def hint_for(text: str) -> str:
    """What to write instead of a date that is understood by people only; empty if it is none."""
    if found := _YEAR_LAST.fullmatch(text):
        one, other, year = map(int, found.groups())
        month, day = (other, one) if one > 12 else (one, other)  # months come first in the United States
    elif found := _YEAR_FIRST.fullmatch(text):
        year, month, day = map(int, found.groups())
    else:
        return ""
    try:
        return f"Write the year first: {date(year, month, day)}."
    except ValueError:
        return ""


def _plain(name: str, value: date) -> date | datetime:
    """A `date` or `datetime` of Python itself: those of pandas compare and add in ways of their own."""
    if value != value:  # noqa: PLR0124 - pandas' missing time, which is a `datetime` and not equal to itself
        raise ValidationError(parameter=name, value=str(value), allowed=_ALLOWED)
    if not isinstance(value, datetime):
        return value
    if type(value) is not datetime:
        second = (value.hour, value.minute, value.second, value.microsecond)
        value = datetime(value.year, value.month, value.day, *second, tzinfo=value.tzinfo, fold=value.fold)
    return at_its_zone(value)


def _number(value: Any) -> int | float | None:
    """A number of any library as one of Python; None if the value is no number."""
    for method, kind in (("__index__", int), ("__float__", float)):
        if hasattr(value, method) and not isinstance(value, bool):
            try:
                return kind(value)
            except (TypeError, ValueError, OverflowError):
                continue
    return None


def _read_number(name: str, value: DateLike, number: float) -> date | datetime:
    if number == number and abs(number) > _EPOCH_S_MAX:  # noqa: PLR0124 - not a number is not equal to itself
        raise ValidationError(
            parameter=name, value=value, allowed=_ALLOWED, remedy="Milliseconds must be divided by 1,000."
        )
    if not abs(number) <= _EPOCH_S_MAX:
        raise ValidationError(parameter=name, value=value, allowed=_ALLOWED)
    day = _day_of_digits(number)
    return datetime.fromtimestamp(number, UTC) if day is None else day


def _day_of_digits(number: float) -> date | None:
    """The day that eight digits name, such as 20260308; None if they name none."""
    if number != int(number) or not 20_000_101 <= number <= 20_991_231:
        return None
    try:
        return date.fromisoformat(str(int(number)))
    except ValueError:
        return None


def _read_text(name: str, text: str) -> date | datetime:
    if _EPOCH.fullmatch(text):
        return _read_number(name, text, float(text) if "." in text else int(text))
    if _WEEK.fullmatch(text):
        raise ValidationError("is a week", parameter=name, value=text, remedy="Give its first and its last day.")
    for kind in (date, datetime):  # in this order: `datetime` would read a bare date as its midnight
        try:
            return kind.fromisoformat(text)
        except ValueError:
            continue
    raise ValidationError(parameter=name, value=text, allowed=_ALLOWED, remedy=hint_for(text))
