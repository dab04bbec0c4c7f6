"""Counting closed days again: does the server still count of them what the archive has?

A terminal that was offline for a week brings its sales late; a row may be withdrawn, or move to another day. No sync
reads such a day any more. But a list names its total without being read, so one request tells whether a month of
closed days is still what it was. Where it is not, its halves are counted, down to the days, and those are read again.

A list may count what jobs do not give. A day that was read again for nothing, twice and not within the time for which
the server repeats itself, keeps the difference in mind (`Evidence.surplus`), and is not read for it a third time.

A count does not show that a row has changed. That one came to a day and another left a day is shown on the nights on
which a border lies between the two: the borders move by a day a day. Pure: it is told how to count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sonnys_data_client.archive.evidence import Evidence, closed, day_of, day_start
from sonnys_data_client.engine.windows import CACHE_S, DAY_S, LIST_DAYS_MAX, Span, history_start
from sonnys_data_client.sync.planning import SyncSettings
from sonnys_data_client.words import plural

DAYS_MAX = 8
"""Most days to find in one run, the oldest first. A server whose lists count otherwise than its jobs would have all
days read again, and that takes hours."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days on end that are closed, oldest first, as many as one list covers."""

    days: tuple[tuple[date, Evidence], ...]

    @property
    def span(self) -> Span:
        """What to count: the same bounds as were sent to read these days."""
        return Span(day_start(self.days[0][0]), day_start(self.days[-1][0]) + DAY_S, one_day=False)

    def difference(self, count: int) -> int:
        """Rows that the server counts more than is to be expected; below 0 if it counts fewer.

        A server that counts both ends of a range counts what the next day's first second holds, too, as it did when
        the last day was read.
        """
        _, last = self.days[-1]
        return count - last.edge - sum(known.rows + known.quarantined + known.surplus for _, known in self.days)

    def halves(self) -> tuple[Stretch, Stretch]:
        """The stretch cut in two. It has more than one day."""
        middle = len(self.days) // 2
        return Stretch(self.days[:middle]), Stretch(self.days[middle:])


@dataclass(frozen=True, slots=True)
class Off:
    """A day of which the server counts something else.

    Attributes:
        day: The UTC day.
        difference: Rows that the server counts more than was to be expected; below 0 if it counts fewer.
        surplus: The same beyond the rows that the archive has.
    """

    day: date
    difference: int
    surplus: int

    @property
    def why(self) -> str:
        """In a clause."""
        count = abs(self.difference)
        return f"the server counts {count} {plural(count, 'row')} {'more' if self.difference > 0 else 'fewer'}"


def stretches(known: Mapping[date, Evidence], settings: SyncSettings, now: float) -> list[Stretch]:
    """The days to count again, oldest first, cut where the day's number and today's say it.

    Those are left out that are not closed, for they are read again anyway; of which the server named no total; that it
    begins to forget; and that were read a moment ago: it might only repeat what it said.

    Args:
        known: What the archive has, by UTC day.
        settings: How to sync.
        now: Epoch seconds.
    """
    oldest = history_start(now) + DAY_S  # tomorrow's edge is too near: a run may take long
    found: list[list[tuple[date, Evidence]]] = []
    for day, evidence in sorted(known.items()):
        chosen = (settings.start or day) <= day <= (settings.stop or day)
        at_rest = closed(evidence, day, settings.rule, now) and now - evidence.read_at >= CACHE_S
        if not chosen or not at_rest or evidence.total is None or day_start(day) < oldest:
            continue
        goes_on = bool(found) and found[-1][-1][0] == day - timedelta(days=1)
        if not goes_on or (day.toordinal() + day_of(now).toordinal()) % LIST_DAYS_MAX == 0:
            found.append([])
        found[-1].append((day, evidence))
    return [Stretch(tuple(days)) for days in found]


def days_off(suspects: Sequence[Stretch], count: Callable[[Sequence[Span]], Sequence[int | None]]) -> list[Off]:
    """Find the days of which the server counts something else: at most `DAYS_MAX`, oldest first.

    Args:
        suspects: Where to look.
        count: Asks the server for its counts, of several spans at once; None where it does not say.
    """
    found: list[Off] = []
    while suspects:
        counts = count([stretch.span for stretch in suspects])
        differing = [
            (stretch, difference)
            for stretch, counted in zip(suspects, counts, strict=True)
            if counted is not None and (difference := stretch.difference(counted))
        ]
        found += _single(differing)
        suspects = [half for stretch, _ in differing if len(stretch.days) > 1 for half in stretch.halves()]
        suspects = suspects[: 2 * DAYS_MAX]
    return sorted(found, key=lambda off: off.day)[:DAYS_MAX]


def _single(differing: Sequence[tuple[Stretch, int]]) -> Iterator[Off]:
    for stretch, difference in differing:
        if len(stretch.days) == 1:
            ((day, known),) = stretch.days
            yield Off(day, difference, known.surplus + difference)
