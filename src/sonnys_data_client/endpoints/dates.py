"""The date range of a list: its meaning, and how a long range is cut.

`Dates` is for lists without dates. `Moments` are sent as epoch seconds, `Days` as text such as `2026-03-08`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.moments import read_moment
from sonnys_data_client.engine.paging import Criteria
from sonnys_data_client.engine.windows import Span, read_day, row_second
from sonnys_data_client.errors import Remedy, ValidationError

TODAY = "today"
"""A missing range means today: the client asks for it."""
SERVER_CHOOSES = "a range that the server chooses"
"""A missing range is left to the server."""


@dataclass(frozen=True, slots=True)
class Range:
    """One range to ask the server for.

    Attributes:
        criteria: The range as query parameters.
        keep: Returns whether a row belongs to the range.
    """

    criteria: Criteria = ()
    keep: Callable[[dict[str, Any]], bool] = lambda _: True


@dataclass(frozen=True)
class Dates:
    """A list without dates, which is always read whole.

    Attributes:
        days_max: Longest range of one request, in days; None for any length.
        history: Whether the server keeps only six months.
        unasked: What a missing range means, in words; empty if it means everything.
    """

    days_max: int | None = None
    history: bool = False
    unasked: str = ""

    def ranges(self, context: Context, values: Mapping[str, Any]) -> Flow[Sequence[Range]]:
        """Return the ranges to ask for, in order.

        Raises:
            ValidationError: The caller's range makes no sense.
        """
        del context, values
        yield from ()
        return [Range()]


@dataclass(frozen=True)
class Moments(Dates):
    """Epoch seconds.

    A range longer than `days_max` is cut into parts, which share their edge second.

    Attributes:
        stamps: Fields of a row that may hold its time, the likeliest first. A row of an edge second is given with the
            later part. Without such a field, a row is left out if it came before.
        since: First day if the caller names none, for lists of everything. They are read from now backwards, so that a
            server that refuses old dates has given all newer rows before.
    """

    unasked: str = TODAY
    stamps: tuple[str, ...] = ()
    since: date | None = None

    def ranges(self, context: Context, values: Mapping[str, Any]) -> Flow[Sequence[Range]]:
        """Return the ranges to ask for: see `Dates.ranges`."""
        span = yield from self.span(context, values)
        if span is None:
            return [Range()]
        if self.days_max is None:
            parts = [span] if span.start < span.stop else []
        else:
            parts = [*(span.parts if self.since is None else span.parts_back)(self.days_max)]
        return [self._range(part) for part in parts]

    def span(self, context: Context, values: Mapping[str, Any]) -> Flow[Span | None]:
        """Return the caller's range; None to leave it to the server.

        Raises:
            ValidationError: The range makes no sense.
        """
        site = values.get("site")
        if self.since is not None:
            # Without the caller's day the first instant will do, in any zone: finding the zone would cost a request.
            start = values.get("since", datetime.combine(self.since, time(), UTC))
            return (yield from context.span(start, None, site, history=self.history, start_name="since"))
        start, end = values.get("startDate"), values.get("endDate")
        if self.unasked != TODAY and start is None:
            if end is not None:
                raise ValidationError("alone names no range", parameter="endDate", remedy=Remedy.START_TOO)
            return None
        return (yield from context.span(start, end, site, history=self.history))

    def _range(self, part: Span) -> Range:
        def keep(row: dict[str, Any]) -> bool:
            return not self.stamps or row_second(row, *self.stamps) != part.stop

        return Range((("startDate", str(part.start)), ("endDate", str(part.stop))), keep)


@dataclass(frozen=True)
class Days(Dates):
    """Whole days.

    Either or both may be left out. An instant means its day in the client's time zone, else in that of most sites.

    A range longer than `days_max` is cut into parts. Neighbours share a day, because the server may leave the last day
    out. Rows that come in both are given once.

    Attributes:
        ordered: Whether the end must not be before the start. The two dates of customers are about different things.
    """

    ordered: bool = True

    def ranges(self, context: Context, values: Mapping[str, Any]) -> Flow[Sequence[Range]]:
        """Return the ranges to ask for: see `Dates.ranges`."""
        wall = (yield from look()).wall
        given = {name: values[name] for name in ("startDate", "endDate") if name in values}
        days = {name: read_day(name, value, context.zone or UTC, wall) for name, value in given.items()}
        if any(isinstance(read_moment(name, value), datetime) for name, value in given.items()):
            zone = yield from context.zone_of(values.get("site"))
            days = {name: read_day(name, value, zone, wall) for name, value in given.items()}
        if self.ordered and len(days) == 2 and days["endDate"] < days["startDate"]:
            raise ValidationError(
                f"is before the start, {days['startDate']}",
                parameter="endDate",
                value=str(days["endDate"]),
                remedy="Swap the two.",
            )
        if len(days) < 2 or self.days_max is None:
            return [Range(tuple((name, day.isoformat()) for name, day in days.items()))]
        first, last = days["startDate"], days["endDate"]
        step = self.days_max - 1
        starts = range(0, max(1, (last - first).days), step)
        parts = [(first + timedelta(n), min(first + timedelta(n + step), last)) for n in starts]
        return [Range((("startDate", str(start)), ("endDate", str(end)))) for start, end in parts]
