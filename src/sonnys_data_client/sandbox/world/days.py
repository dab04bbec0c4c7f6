"""Local days in UTC.

Each site has its own calendar: a day begins at local midnight and lasts 24 hours, or 23 or 25 when the clocks
change. Rows are generated day by day. A question in UTC is answered from the few local days that it touches.
"""

from __future__ import annotations

from calendar import isleap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

UTC_DAY_MS = 86_400_000
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


@dataclass(frozen=True, slots=True)
class LocalDay:
    """One calendar day of one zone.

    Attributes:
        on: The date.
        zone: The time zone.
        start_ms: Its first millisecond, since the epoch.
        end_ms: The next day's first millisecond.
    """

    on: date
    zone: ZoneInfo
    start_ms: int
    end_ms: int

    @classmethod
    def of(cls, day: date, zone: ZoneInfo) -> LocalDay:
        """Return the day `day` in `zone`."""
        return cls(day, zone, _midnight_ms(day, zone), _midnight_ms(day + timedelta(days=1), zone))

    def at_ms(self, hour: int, minute: int = 0) -> int:
        """Return the instant, in epoch milliseconds, when the wall clock shows `hour:minute`."""
        wall = datetime(self.on.year, self.on.month, self.on.day, hour, minute, tzinfo=self.zone)
        return int(wall.timestamp()) * 1000

    def utc_midnights_ms(self) -> range:
        """Return the starts of UTC days within this local day, in epoch milliseconds."""
        first = -(-self.start_ms // UTC_DAY_MS) * UTC_DAY_MS
        return range(first, self.end_ms, UTC_DAY_MS)


def dates_touched(start: int, stop: int, zone: ZoneInfo) -> Iterator[date]:
    """Return the local dates that share an instant with `[start, stop)` (epoch seconds)."""
    if start >= stop:
        return
    day = datetime.fromtimestamp(start, zone).date()
    last = datetime.fromtimestamp(stop - 1, zone).date()
    while day <= last:
        yield day
        day += timedelta(days=1)


def month_after(day: date, months: int) -> date:
    """Return the same day `months` later, or earlier if negative.

    In a shorter month it is the month's last day.
    """
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, min(day.day, month_length(year, month0 + 1)))


def month_length(year: int, month: int) -> int:
    """Return the number of days in a month."""
    return 29 if month == 2 and isleap(year) else _MONTH_LENGTHS[month - 1]


@lru_cache(maxsize=16_384)
def _midnight_ms(day: date, zone: ZoneInfo) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=zone).timestamp()) * 1000
