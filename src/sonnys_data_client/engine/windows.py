"""Ranges of time: how callers name them, and how they are cut into windows.

The rule for dates, written once
--------------------------------
A caller names a range by a start and an end. Each may be epoch seconds, an ISO 8601 text, a `datetime` or a `date`:
`moments` has the list.

* An *instant* (epoch seconds, a `datetime`, an ISO text with a time) means the whole second it falls in, at both
  ends: rows of the end's own second belong to the range.
* A *bare date* (`date`, or a text such as `2026-03-08`) means that whole calendar day, as a start and as an end.
  So the same date twice is one day: 24 hours, or 23 or 25 where the clocks change.
* Bare dates and instants without an offset are read in the range's time zone: the client's `timezone`, else the
  site's own when one site is asked for, else that of most sites. An export or load of all sites delivers each
  site's own days where their zones differ (`local_days`).
* A missing start or end means today, as it does for the API.
* An end in the future is moved to now (less `SKEW_S`, for the server's clock may be behind ours). A range that is
  still being written to cannot be read whole.

Inside the package, a range is half-open: whole UTC seconds from `start` up to but without `stop`. On the wire `endDate`
is `stop`, because nobody knows whether the server includes its end. If it does, rows of the second `stop` come along,
and `Window.owns` leaves them out: they belong to the next window.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import MAXYEAR, MINYEAR, UTC, date, datetime, time, timedelta, timezone, tzinfo
from typing import Any

from sonnys_data_client.engine.moments import FIRST_DAY, DateLike, read_moment, told
from sonnys_data_client.engine.rows import id_of
from sonnys_data_client.errors import Remedy, ValidationError

DAY_S = 86_400
CACHE_S = 20 * 60
"""For so long the server keeps a job's result, and repeats it for the same criteria (spec)."""
SKEW_S = 5
"""By how much the server's clock may be behind ours."""
LIST_DAYS_MAX = 31
"""The longest range of the transaction list (spec)."""
HISTORY_MONTHS = 6
"""How far back transactions go (spec)."""
LATEST_ZONE, EARLIEST_ZONE = timezone(timedelta(hours=-12)), timezone(timedelta(hours=14))
"""The zones where a day begins last, and first."""
_FIRST_S = datetime.combine(FIRST_DAY, time(), UTC).timestamp()


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """A range of at most 24 h, of one site or of all: what one job may ask for.

    Attributes:
        start: First second, epoch seconds UTC.
        stop: The second after the last.
        site: Site code, or None for all sites that the credentials may read.
    """

    start: int
    stop: int
    site: str | None = None

    def owns(self, second: int | None) -> bool:
        """Whether a row completed in `second` belongs here and not to the next window.

        Only the edge second is ever left out. A row whose own time is unknown, or outside the window, is kept: the
        server says that it belongs here, and leaving it out could lose it.
        """
        return second != self.stop

    def covers(self, second: int | None) -> bool:
        """Whether a second is known and in the window."""
        return second is not None and self.start <= second < self.stop

    def halves(self) -> tuple[Window, Window]:
        """The window cut in two, at a whole second."""
        middle = (self.start + self.stop) // 2
        return replace(self, stop=middle), replace(self, start=middle)

    @property
    def length_s(self) -> int:
        """Length in seconds."""
        return self.stop - self.start

    @property
    def span(self) -> tuple[int, int]:
        """The first second and the one after the last, without the site."""
        return self.start, self.stop

    def __str__(self) -> str:
        where = "" if self.site is None else f" at site {self.site}" if self.site else " at the site without a code"
        return f"{_stamp(self.start)} to {_stamp(self.stop)}{where}"


@dataclass(frozen=True, slots=True)
class Span:
    """A range of any length and of no site, in whole UTC seconds, as the caller meant it.

    Attributes:
        start: First second, epoch seconds UTC.
        stop: The second after the last; never later than now.
        one_day: Both ends were the same bare date.
    """

    start: int
    stop: int
    one_day: bool

    def windows(self, site: str | None = None) -> Iterator[Window]:
        """Cut into windows of at most 24 h, oldest first; none if the span is empty."""
        for start in range(self.start, self.stop, DAY_S):
            yield Window(start, min(start + DAY_S, self.stop), site)

    def check_job(self, start: DateLike | None = None, end: DateLike | None = None) -> None:
        """Check that one job can cover it: at most 24 h, or one calendar day.

        Args:
            start: What the caller gave as the start, for the message.
            end: What the caller gave as the end.

        Raises:
            ValidationError: It is longer.
        """
        if self.one_day or self.stop - self.start <= DAY_S + 1:
            return
        first, last = (None if at is None else read_moment("", at) for at in (start, end))
        if not isinstance(first, datetime | None) and last == first + timedelta(days=1):
            raise ValidationError(
                f"The range has two days, {first} and {last}, because a date as its end means the whole of that day. "
                "One job covers at most 24 hours or one calendar day.",
                remedy=Remedy.ONE_DAY,
                details={"day": str(first)},
            )
        raise ValidationError(
            f"The range is {_length(self.stop - self.start)} long, but one job covers at most 24 hours or one "
            "calendar day.",
            remedy=Remedy.ONE_JOB,
        )

    def parts(self, longest_s: int) -> Iterator[Span]:
        """Cut into spans of at most `longest_s` seconds, oldest first; none if the span is empty."""
        for start in range(self.start, self.stop, longest_s):
            yield Span(start, min(start + longest_s, self.stop), one_day=False)

    def parts_back(self, longest_s: int) -> Iterator[Span]:
        """Cut likewise, but from the end: newest first, and the oldest is the remainder."""
        for stop in range(self.stop, self.start, -longest_s):
            yield Span(max(self.start, stop - longest_s), stop, one_day=False)


def needs_zone(start: DateLike | None, end: DateLike | None, start_name: str = "startDate") -> bool:
    """Whether a time zone is needed to read a range: it has a bare date, an instant without offset or a missing start.

    A missing end needs none, because it means now in every zone.

    Raises:
        ValidationError: A value cannot be read.
    """
    if start is None:
        return True
    ends = [read_moment(start_name, start), *([] if end is None else [read_moment("endDate", end)])]
    return not all(isinstance(at, datetime) and at.tzinfo is not None for at in ends)


def read_span(
    start: DateLike | None,
    end: DateLike | None,
    zone: tzinfo,
    wall: float,
    *,
    history: bool = True,
    start_name: str = "startDate",
) -> Span:
    """Read a caller's range by the rule above.

    Args:
        start: First day or instant; None for today.
        end: Last day or instant; None for today.
        zone: Time zone for bare dates and instants without an offset.
        wall: Epoch seconds now.
        history: Whether the rows asked for are kept for six months only, as transactions are.
        start_name: What the caller calls the start.

    Raises:
        ValidationError: A value cannot be read, the range ends before it starts, begins in the future or before the
            year 2000, or begins before the six months of history that the API keeps.
    """
    begin, stop, one_day = _read_ends(start, end, zone, wall, start_name)
    if begin > wall + SKEW_S:
        raise ValidationError(
            "is in the future, where nothing can be read yet", parameter=start_name, value=told(start)
        )
    check_first_day(start_name, start, begin)
    if stop <= begin:
        raise ValidationError(
            f"is before the start, {'today' if start is None else start}",
            parameter="endDate",
            value="today" if end is None else told(end),
            remedy=Remedy.BOTH_ENDS if start is None or end is None else "Swap the two.",
        )
    oldest = history_start(wall)
    if history and begin < oldest - DAY_S:
        raise ValidationError(
            "is more than six months ago, and the API keeps no older history",
            parameter=start_name,
            value=told(start),
            allowed=f"{_stamp(oldest)[:10]} or later",
        )
    return _up_to_now(begin, stop, wall, one_day=one_day)


def span_at(start: DateLike | None, end: DateLike | None, zone: tzinfo, wall: float) -> Span:
    """Read in another zone a range that `read_span` has found to make sense; empty where it has not begun there."""
    begin, stop, one_day = _read_ends(start, end, zone, wall, "startDate")
    return _up_to_now(begin, stop, wall, one_day=one_day)


def _read_ends(
    start: DateLike | None, end: DateLike | None, zone: tzinfo, wall: float, start_name: str
) -> tuple[int, int, bool]:
    """Return a range's first second, the one after its last, and whether both ends are the same bare date."""
    today = datetime.fromtimestamp(wall, zone).date()
    first = today if start is None else read_moment(start_name, start)
    last = today if end is None else read_moment("endDate", end)
    one_day = first == last and not isinstance(first, datetime)
    return _first_second(first, zone), _second_after(last, zone), one_day


def _up_to_now(begin: int, stop: int, wall: float, *, one_day: bool) -> Span:
    return Span(begin, max(begin, min(stop, int(wall) - SKEW_S)), one_day)


def check_first_day(name: str, value: DateLike | None, begin: float) -> None:
    """Refuse a range that begins before the year 2000: what was meant is something else, such as `20260308.5`.

    Args:
        name: What the caller calls the start.
        value: The start as the caller gave it.
        begin: Its first second.

    Raises:
        ValidationError: It begins too early.
    """
    if begin < _FIRST_S - DAY_S:  # a day less: it may be a day in a zone where it begins earlier
        raise ValidationError(
            "is before the year 2000, so it is not the date that was meant",
            parameter=name,
            value=told(value),
            remedy="Write a day as text, such as '2026-03-08'.",
        )


def history_start(wall: float) -> int:
    """The oldest second that the API still has: six calendar months before now, in epoch seconds."""
    now = datetime.fromtimestamp(wall, UTC)
    year, month = divmod(now.year * 12 + now.month - 1 - HISTORY_MONTHS, 12)
    for day in range(now.day, 27, -1):
        try:
            return int(now.replace(year=year, month=month + 1, day=day).timestamp())
        except ValueError:  # 31 August has no counterpart in February
            continue
    return int(now.replace(year=year, month=month + 1).timestamp())


def first_whole_day(wall: float, zone: tzinfo) -> date:
    """The first day of which the API still has every second, in a time zone."""
    oldest = datetime.fromtimestamp(history_start(wall), zone)
    return oldest.date() + timedelta(days=oldest.time() != time())


def read_day(name: str, value: DateLike, zone: tzinfo, wall: float) -> date:
    """Read a date that goes over the wire as a day: a bare date as it is, an instant as its day in `zone`.

    Raises:
        ValidationError: It cannot be read, or is a day that has not begun in any zone yet.
    """
    parsed = read_moment(name, value)
    check_first_day(name, value, _first_second(parsed, zone))
    day = _aware(parsed, zone).astimezone(zone).date() if isinstance(parsed, datetime) else parsed
    if day > datetime.fromtimestamp(wall, EARLIEST_ZONE).date():
        raise ValidationError("is in the future", parameter=name, value=told(value), allowed="a day up to today")
    return day


def row_id(row: Any) -> str | None:
    """What tells a raw transaction from all others; None if it does not say."""
    return id_of(row, "id")


def row_second(row: dict[str, Any], *fields: str) -> int | None:
    """The UTC second of a raw row, or None if the row has no readable time.

    Both formats seen live are read; a text without an offset is UTC (spec). The first and the last year of the calendar
    are no time: .NET writes a date that was never set as `0001-01-01`, and some day of theirs is in no calendar.

    Args:
        row: The row.
        fields: Fields that may hold its time, the likeliest first. By default those of transactions: `completeDate`
            in details and jobs, `date` in lists.
    """
    text = next((row[name] for name in fields or ("completeDate", "date") if name in row), None)
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if moment.year in (MINYEAR, MAXYEAR):
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() // 1)


def _first_second(value: date | datetime, zone: tzinfo) -> int:
    if isinstance(value, datetime):
        return int(_aware(value, zone).timestamp() // 1)
    return int(datetime.combine(value, time(), zone).timestamp())


def _second_after(value: date | datetime, zone: tzinfo) -> int:
    if isinstance(value, datetime):
        return _first_second(value, zone) + 1
    try:
        return _first_second(value + timedelta(days=1), zone)
    except OverflowError:
        raise ValidationError(f"The end, {value}, is later than any date that can be read.") from None


def _aware(value: datetime, zone: tzinfo) -> datetime:
    return value if value.tzinfo is not None else value.replace(tzinfo=zone)


def _stamp(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%d %H:%M:%SZ")


def _length(seconds: int) -> str:
    return f"{seconds / DAY_S:.1f} days" if seconds >= 2 * DAY_S else f"{seconds / 3600:.2f} hours"
