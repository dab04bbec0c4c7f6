"""The date range of a list: its meaning, and how a long range is cut.

`Dates` is for lists without dates. `Moments` are sent as epoch seconds, `Days` as text such as `2026-03-08`.

A range can be cut again while it is read, because a server may find it too long, or fail on a part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.listing import Criteria
from sonnys_data_client.engine.moments import read_moment
from sonnys_data_client.engine.windows import DAY_S, LATEST_ZONE, SKEW_S, Span, Window, read_day, row_second
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
        span: Its first second and the one after its last, epoch seconds UTC; None if the server chooses, or if days
            are sent and the server's time zone for them is not known.
        length_s: Its length in seconds; 0 if it cannot be cut.
        unfinished: Whether it had not ended when the call began, so that rows may still be added.
        name: The range in words, for messages; empty if the server chooses.
        cut: Returns parts of at most so many seconds, in the order in which they are to be read.
    """

    criteria: Criteria = ()
    keep: Callable[[dict[str, Any]], bool] = lambda _: True
    span: tuple[int, int] | None = None
    length_s: int = 0
    unfinished: bool = False
    name: str = ""
    cut: Callable[[int], Sequence[Range]] = field(default=lambda _: (), repr=False, compare=False)

    def halves(self, shortest_s: int) -> Sequence[Range]:
        """The range cut in two; nothing if the halves would be shorter than `shortest_s` seconds."""
        half_s = -(-self.length_s // 2)
        return self.cut(half_s) if half_s >= max(1, shortest_s) and self.length_s > 1 else ()


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
            return [Range(unfinished=True)]
        now = int((yield from look()).wall) - SKEW_S
        longest_s = span.stop - span.start if self.days_max is None else self.days_max * DAY_S
        return self._cut(span, now, longest_s) if span.start < span.stop else []

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

    def _cut(self, span: Span, now: int, longest_s: int) -> Sequence[Range]:
        parts = (span.parts if self.since is None else span.parts_back)(longest_s)
        return [self._range(part, now) for part in parts]

    def _range(self, part: Span, now: int) -> Range:
        def keep(row: dict[str, Any]) -> bool:
            return not self.stamps or row_second(row, *self.stamps) != part.stop

        return Range(
            (("startDate", str(part.start)), ("endDate", str(part.stop))),
            keep,
            (part.start, part.stop),
            part.stop - part.start,
            unfinished=part.stop >= now,
            name=str(Window(part.start, part.stop)),
            cut=lambda longest_s: self._cut(part, now, longest_s),
        )


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
        today = datetime.fromtimestamp(wall, LATEST_ZONE).date()
        if len(days) == 2 and self.ordered:
            first, last = days["startDate"], days["endDate"]
            return self._cut(first, last, today, (last - first).days if self.days_max is None else self.days_max - 1)
        criteria = tuple((name, day.isoformat()) for name, day in days.items())
        name = " and ".join(f"{name} {day}" for name, day in days.items())
        return [Range(criteria, unfinished=self.ordered and days.get("endDate", today) >= today, name=name)]

    def _cut(self, first: date, last: date, today: date, step: int) -> Sequence[Range]:
        """Cut into parts of so many days and the first of the next part."""
        length = (last - first).days
        starts = range(0, max(1, length), max(1, step))
        return [
            self._range(first + timedelta(n), min(first + timedelta(n + max(1, step)), last), today) for n in starts
        ]

    def _range(self, first: date, last: date, today: date) -> Range:
        length = (last - first).days
        return Range(
            (("startDate", first.isoformat()), ("endDate", last.isoformat())),
            length_s=length * DAY_S if length > 1 else 0,  # a server that leaves the last day out must give the first
            unfinished=last >= today,
            name=f"{first} to {last}",
            cut=lambda longest_s: self._cut(first, last, today, longest_s // DAY_S),
        )
