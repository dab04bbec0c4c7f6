"""Read dates as people write them: two moments. Pure: it is told the time.

| written                                   | means                                              |
|-------------------------------------------|----------------------------------------------------|
| `today`, `yesterday`, `monday`, `3-days-ago` | that day; a weekday is the last one before today |
| `2026-03-08`, `2026-03`, `2026-W10`, `2026` | that day, month, week, year                      |
| `this-week`, `last-week`, `this-month`, `last-month`, `this-year` | weeks begin on Monday      |
| `last-30-days`, `last-2-weeks`, `last-3-months` | 30 days up to yesterday; whole weeks; whole months |
| `2026-03-08T14:30`, `2026-03-08T14:30-05:00`, `1772998200` | that second; a number is in epoch seconds |
| `A..B`, `A..`, `..B`                      | from the first second of A to the last of B; to now; from the oldest |

The last moment of a range is its last whole second, which belongs to it.

A range whose first day nobody typed, such as `last-6-months`, may begin before anything that there is. Then it means
what there is of it: `When.from_oldest`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial

from sonnys_data_client.engine.moments import FIRST_DAY, hint_for
from sonnys_data_client.errors import ValidationError

__all__ = ["When", "read_when"]

EXAMPLES = "yesterday, 2026-03-08, 2026-03, last-30-days, last-month, 2026-03-08..2026-03-14"

_DAY = timedelta(days=1)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTED = re.compile(r"last-(\d{1,4})-(day|week|month)s?", re.ASCII)
_AGO = re.compile(r"(\d{1,4})-days?-ago", re.ASCII)
_WEEK = re.compile(r"\d{4}-?w\d{2}", re.ASCII)
_EPOCH = re.compile(r"\d{9,11}", re.ASCII)
_YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """A range of time.

    Attributes:
        start: Its first second, aware.
        end: Its last second, aware; not before `start`.
        first: Its start as it was meant: a day, or the same as `start`.
        last: Its end as it was meant, likewise.
        open_start: Whether nobody typed its first day or second.
    """

    start: datetime
    end: datetime
    first: date | datetime
    last: date | datetime
    open_start: bool = False

    def from_oldest(self, oldest: date) -> When:
        """Return the range from a day on, if it begins before that, does not end before, and nobody typed its start."""
        if not self.open_start or not self.start.date() < oldest <= self.end.date():
            return self
        return replace(self, start=datetime.combine(oldest, time(), self.start.tzinfo), first=oldest)

    def __str__(self) -> str:
        first, last = (
            f"{at:%Y-%m-%d %H:%M:%S}" if isinstance(at, datetime) else str(at) for at in (self.first, self.last)
        )
        return first if first == last else f"{first} to {last}"


def read_when(text: str, now: datetime, parameter: str = "startDate") -> When:
    """Read a range of time.

    Args:
        text: One of the forms above, in upper or lower case.
        now: An aware moment. Days are those of its zone.
        parameter: Name of the Python parameter that the range is for, for errors.

    Raises:
        ValidationError: The text is none of the forms, or ends before it starts.
    """
    first, dots, last = (part.strip().lower() for part in text.partition(".."))
    try:
        when = _read(first, now) if first or not dots else _everything(now)
        if dots:
            until = _read(last, now) if last else _instant(now)
            when = replace(when, end=until.end, last=until.last)
    except (ValueError, OverflowError):
        hint = next(filter(None, map(hint_for, (first, last))), "")
        allowed = f"a date or range such as {EXAMPLES}"
        raise ValidationError(parameter=parameter, value=text, allowed=allowed, remedy=hint) from None
    if when.end < when.start:
        raise ValidationError("ends before it starts", parameter=parameter, value=text, remedy="Swap its ends.")
    return when


def _read(word: str, now: datetime) -> When:
    """Read one end of a range, or all of one.

    Raises:
        ValueError, OverflowError: It is not a date.
    """
    days = _days("-".join(word.split()), now.date())  # `3 days ago` means `3-days-ago`
    if days is None and _EPOCH.fullmatch(word):
        return _instant(datetime.fromtimestamp(int(word), now.tzinfo))
    if days is None:
        moment = datetime.fromisoformat(word.upper())
        return _instant(moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo))
    first, last = days
    return _whole_days(first, last, now, open_start=first != last)


def _instant(moment: datetime) -> When:
    second = moment.replace(microsecond=0)
    return When(second, second, second, second)


def _everything(now: datetime) -> When:
    """The range from the first day on which there can be anything; its end is left to be replaced."""
    return _whole_days(FIRST_DAY, FIRST_DAY, now, open_start=True)


def _whole_days(first: date, last: date, now: datetime, *, open_start: bool) -> When:
    midnight, after = (datetime.combine(day, time(), now.tzinfo) for day in (first, last + _DAY))
    # Subtract in epoch seconds: where clocks change at midnight, wall-clock arithmetic would be off by an hour.
    end = datetime.fromtimestamp(after.timestamp() - 1, now.tzinfo)
    return When(midnight, end, first, last, open_start)


def _days(word: str, today: date) -> tuple[date, date] | None:
    """Return the first and the last day; None if the word may be an instant."""
    if word in _NAMED:
        return _NAMED[word](today)
    if match := _COUNTED.fullmatch(word):
        return _last(int(match[1]), match[2], today)
    if match := _AGO.fullmatch(word):
        return _one(today - int(match[1]) * _DAY)
    if match := _YEAR_OR_MONTH.fullmatch(word):
        first = date(int(match[1]), int(match[2] or 1), 1)
        return _month(first) if match[2] else (first, first.replace(month=12, day=31))
    with suppress(ValueError):
        first = date.fromisoformat(word.upper())
        return first, first + (6 * _DAY if _WEEK.fullmatch(word) else 0 * _DAY)
    return None


def _one(day: date) -> tuple[date, date]:
    return day, day


def _weekday(place: int, today: date) -> tuple[date, date]:
    return _one(today - ((today.weekday() - place) % 7 or 7) * _DAY)


def _month(first: date) -> tuple[date, date]:
    return first, (first.replace(day=28) + 4 * _DAY).replace(day=1) - _DAY


def _months_before(first: date, months: int) -> date:
    year, month = divmod(first.year * 12 + first.month - 1 - months, 12)
    return date(year, month + 1, 1)


def _last(count: int, unit: str, today: date) -> tuple[date, date]:
    """Return the last `count` whole days, weeks or months. Today is not over, so it is in none of them."""
    if count < 1:
        raise ValueError("a range of no days")
    if unit == "day":
        return today - count * _DAY, today - _DAY
    if unit == "week":
        monday = today - today.weekday() * _DAY
        return monday - 7 * count * _DAY, monday - _DAY
    first = today.replace(day=1)
    return _months_before(first, count), first - _DAY


_NAMED: dict[str, Callable[[date], tuple[date, date]]] = {
    "today": _one,
    "yesterday": lambda today: _one(today - _DAY),
    "this-week": lambda today: (today - today.weekday() * _DAY, today),
    "last-week": lambda today: _last(1, "week", today),
    "this-month": lambda today: (today.replace(day=1), today),
    "last-month": lambda today: _last(1, "month", today),
    "this-year": lambda today: (date(today.year, 1, 1), today),
} | {weekday: partial(_weekday, place) for place, weekday in enumerate(_WEEKDAYS)}
