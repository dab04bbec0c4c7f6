"""How lists are bounded in time: what a start and an end mean, and how a range is cut for the server.

`Dates` is for lists without; `Moments` go over the wire as epoch seconds, `Days` as `2026-03-08`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, timedelta
from typing import Any

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.paging import Criteria
from sonnys_data_client.engine.windows import Span, read_day, row_second
from sonnys_data_client.errors import ValidationError


@dataclass(frozen=True, slots=True)
class Range:
    """One range to ask the server for.

    Attributes:
        criteria: It, as query parameters.
        keep: Whether a row that came belongs to it.
    """

    criteria: Criteria = ()
    keep: Callable[[dict[str, Any]], bool] = lambda _: True


@dataclass(frozen=True)
class Dates:
    """A list without dates: all of it.

    Attributes:
        days_max: Longest range of one request, in days; None if any is good.
    """

    days_max: int | None = None

    def ranges(self, context: Context, values: Mapping[str, Any]) -> Flow[Sequence[Range]]:
        """Return what to ask for, in order.

        Raises:
            ValidationError: The caller's range makes no sense.
        """
        del context, values
        yield from ()
        return [Range()]


@dataclass(frozen=True)
class Moments(Dates):
    """Epoch seconds. A range longer than `days_max` is cut; the parts share their edge second.

    Attributes:
        stamps: Fields of a row that may say when it was, the likeliest first: an edge's row is given in the later
            part. Where rows do not say, only rows that came already are left out.
        history: Whether only six months are kept.
        today: Whether a range that is left out means today; else it is the server's own choice.
        since: First day where the caller names none, for lists of everything; these are read from now backwards, so
            that a server that refuses old dates has given the rest before.
    """

    stamps: tuple[str, ...] = ()
    history: bool = False
    today: bool = True
    since: date | None = None

    def ranges(self, context: Context, values: Mapping[str, Any]) -> Flow[Sequence[Range]]:
        """Return what to ask for: see `Dates.ranges`."""
        span = yield from self.span(context, values)
        if span is None:
            return [Range()]
        if self.days_max is None:
            parts = [span] if span.start < span.stop else []
        else:
            parts = [*(span.parts if self.since is None else span.parts_back)(self.days_max)]
        return [self._range(part) for part in parts]

    def span(self, context: Context, values: Mapping[str, Any]) -> Flow[Span | None]:
        """Return the range as the caller meant it; None to leave it to the server.

        Raises:
            ValidationError: It makes no sense.
        """
        site = values.get("site")
        if self.since is not None:
            start = values.get("since", self.since)
            return (yield from context.span(start, None, site, history=self.history, start_name="since"))
        start, end = values.get("startDate"), values.get("endDate")
        if not self.today and start is None:
            if end is not None:
                raise ValidationError("endDate alone is no range: give startDate too.")
            return None
        return (yield from context.span(start, end, site, history=self.history))

    def _range(self, part: Span) -> Range:
        def keep(row: dict[str, Any]) -> bool:
            return not self.stamps or row_second(row, *self.stamps) != part.stop

        return Range((("startDate", str(part.start)), ("endDate", str(part.stop))), keep)


@dataclass(frozen=True)
class Days(Dates):
    """Whole days, one of which or none may be given. An instant stands for its day in the client's time zone.

    A range longer than `days_max` is cut. The parts share a day, for the server may leave the last one out: rows that
    come in both are given once.

    Attributes:
        ordered: Whether the end must not lie before the start. Those of customers are about different things.
    """

    ordered: bool = True

    def ranges(self, context: Context, values: Mapping[str, Any]) -> Flow[Sequence[Range]]:
        """Return what to ask for: see `Dates.ranges`."""
        wall = (yield from look()).wall
        days = {
            name: read_day(name, values[name], context.zone or UTC, wall)
            for name in ("startDate", "endDate")
            if name in values
        }
        if self.ordered and len(days) == 2 and days["endDate"] < days["startDate"]:
            raise ValidationError(
                f"endDate ({days['endDate']}) lies before startDate ({days['startDate']}): swap them."
            )
        if len(days) < 2 or self.days_max is None:
            return [Range(tuple((name, day.isoformat()) for name, day in days.items()))]
        first, last = days["startDate"], days["endDate"]
        step = self.days_max - 1
        starts = range(0, max(1, (last - first).days), step)
        parts = [(first + timedelta(n), min(first + timedelta(n + step), last)) for n in starts]
        return [Range((("startDate", str(start)), ("endDate", str(end)))) for start, end in parts]
