"""Read dates as people write them: two moments. Pure: it is told the time.

| written                                   | means                                              |
|-------------------------------------------|----------------------------------------------------|
| `today`, `yesterday`, `monday`, `3-days-ago` | that day; a weekday is the last one before today |
| `2026-03-08`, `2026-03`, `2026`           | that day, month, year                              |
| `this-week`, `last-week`, `this-month`, `last-month`, `this-year` | weeks begin on Monday      |
| `last-30-days`, `last-2-weeks`, `last-3-months` | 30 days up to yesterday; whole weeks; whole months |
| `2026-03-08T14:30`, `2026-03-08T14:30-05:00` | that second                                     |
| `A..B`, `A..`                             | from the first second of A to the last of B; to now |

The last moment of a range is its last whole second, which belongs to it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import partial

from sonnys_data_client.errors import ValidationError

__all__ = ["When", "read_when"]

EXAMPLES = "yesterday, 2026-03-08, 2026-03, last-30-days, last-month, 2026-03-08..2026-03-14"

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_COUNTED = re.compile(r"last-(\d{1,4})-(day|week|month)s?", re.ASCII)
_AGO = re.compile(r"(\d{1,4})-days?-ago", re.ASCII)
_YEAR_OR_MONTH = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class When:
    """A range of time.

    Attributes:
        start: Its first second, aware.
        end: Its last second, aware; not before `start`.
    """

    start: datetime
    end: datetime

    @property
    def first(self) -> date | datetime:
        """Start, as a date if the range is whole days, else as a moment."""
        return self.start.date() if self._is_days else self.start

    @property
    def last(self) -> date | datetime:
        """End, likewise."""
        return self.end.date() if self._is_days else self.end

    @property
    def _is_days(self) -> bool:
        return self.start.time() == time() and (self.end + _SECOND).time() == time()

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
        start, end = _read(first, now)
        if dots:
            end = _read(last, now)[1] if last else now.replace(microsecond=0)
    except (ValueError, OverflowError):
        raise ValidationError(parameter=parameter, value=text, allowed=f"a date or range such as {EXAMPLES}") from None
    if end < start:
        raise ValidationError("ends before it starts", parameter=parameter, value=text, remedy="Swap its ends.")
    return When(start, end)


def _read(word: str, now: datetime) -> tuple[datetime, datetime]:
    """Read one end of a range; returns its first and its last second.

    Raises:
        ValueError, OverflowError: It is not a date.
    """
    days = _days("-".join(word.split()), now.date())  # `3 days ago` means `3-days-ago`
    if days is None:
        moment = datetime.fromisoformat(word.upper()).replace(microsecond=0)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)
        return moment, moment
    first, last = days
    midnight, after = (datetime.combine(day, time(), now.tzinfo) for day in (first, last + _DAY))
    # Subtract in epoch seconds: where clocks change at midnight, wall-clock arithmetic would be off by an hour.
    return midnight, datetime.fromtimestamp(after.timestamp() - 1, now.tzinfo)


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
        return _one(date.fromisoformat(word.upper()))
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
