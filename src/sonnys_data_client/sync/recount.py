"""Find closed days whose rows have changed at the server, by counting them again: of transactions and of events.

A terminal that was offline for a week brings its sales late. A row may be withdrawn, or move to another day. No sync
reads a closed day any more, so it would miss this. But a list names its total without being read: one request tells
whether the server still counts in a month of closed days what the archive has. Where it does not, the halves of the
month are counted, and their halves, down to single days. Those are read again.

A list may count rows that jobs do not return. When two readings of a day, far enough apart that the server does not
repeat itself, bring nothing new, the archive remembers the difference (`Evidence.surplus`), and the day is not read a
third time for it. It remembers likewise how many rows of a day are aged out or kept after a dispute.

A count does not show that a row has changed. Nor does it show that one row came and another went, as long as both
days are in the same range. Because the ranges' borders move by a day each day, some night a border lies between them.

Pure: the caller passes a function that counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sonnys_data_client.archive.evidence import Evidence, closed, day_end, day_of, day_start, oddly_empty
from sonnys_data_client.client.catalog import find
from sonnys_data_client.engine.windows import CACHE_S, DAY_S, LIST_DAYS_MAX, Span, history_start
from sonnys_data_client.sync.lists import CALL_DAYS_MAX, SOURCES
from sonnys_data_client.sync.planning import SyncSettings
from sonnys_data_client.words import counted

DAYS_MAX = 8
"""Most days that one run finds, the oldest first. If a server's lists always count otherwise than its jobs, all days
would be read again, which takes hours."""


@dataclass(frozen=True, slots=True)
class ClosedDays:
    """Consecutive closed days, oldest first, no more than one list covers.

    Attributes:
        days: Each day with what the archive knows of it.
    """

    days: tuple[tuple[date, Evidence], ...]

    @property
    def span(self) -> Span:
        """The range to count, with the bounds that were sent to read these days."""
        return Span(day_start(self.days[0][0]), day_end(self.days[-1][0]), one_day=False)

    def difference(self, count: int) -> int:
        """Return how many rows more than expected the server counts; below 0 if it counts fewer.

        A server that counts both ends of a range counts the rows in the first second of the next day, too. It did so
        when the last day was read: `Evidence.edge`.
        """
        _, last = self.days[-1]
        return count - last.edge - sum(known.rows + known.quarantined + known.surplus for _, known in self.days)

    def halves(self) -> tuple[ClosedDays, ClosedDays]:
        """Cut the days in two. There must be more than one."""
        middle = len(self.days) // 2
        return ClosedDays(self.days[:middle]), ClosedDays(self.days[middle:])


@dataclass(frozen=True, slots=True)
class CountMismatch:
    """A closed day of which the server counts more or fewer rows than expected.

    Attributes:
        day: The UTC day.
        difference: Rows that the server counts more than expected; below 0 if it counts fewer.
        surplus: Rows that the server counts beyond those of the archive: the difference, and the surplus known before.
    """

    day: date
    difference: int
    surplus: int

    @property
    def why(self) -> str:
        """The mismatch as a clause, such as `the server counts 1 row more`."""
        rows = counted(abs(self.difference), "row")
        return f"the server counts {rows} {'more' if self.difference > 0 else 'fewer'}"


def days_to_recount(
    known: Mapping[date, Evidence], settings: SyncSettings, now: float, days_max: int = LIST_DAYS_MAX
) -> list[ClosedDays]:
    """Return the days of transactions to count again, oldest first, in ranges whose borders move by a day each day.

    Four kinds of days are left out: those that are not closed, disputed ones among them, because they are read again
    anyway; those of which the server named no total; those that it begins to forget; and those that were read less than
    20 minutes ago, because the server might only repeat itself.

    Args:
        known: What the archive has, by UTC day.
        settings: How to sync.
        now: Epoch seconds.
        days_max: Most days of one count.
    """
    odd = oddly_empty(known, settings.rule)
    at_rest = {
        day: evidence
        for day, evidence in known.items()
        if closed(evidence, day, settings.rule, now, odd=day in odd)
        and now - evidence.read_at >= CACHE_S
        and evidence.total is not None
    }
    return _in_ranges(at_rest, settings, now, days_max)


def events_to_recount(
    name: str, known: Mapping[date, Evidence], settings: SyncSettings, now: float
) -> list[ClosedDays]:
    """Return the days of an event table to count again: those that are not read again anyway. None if it has no count.

    Args:
        name: The table.
        known: What the archive has of it, by UTC day.
        settings: How to sync.
        now: Epoch seconds.
    """
    source = SOURCES[name]
    if source.counted_by is None:
        return []
    cached_s = find(source.resource, source.method).cached_s
    at_rest = source.rereading.at_rest(known, now, days_min=settings.reread_days, cached_s=cached_s)
    return _in_ranges(at_rest, settings, now, CALL_DAYS_MAX)


def _in_ranges(at_rest: Mapping[date, Evidence], settings: SyncSettings, now: float, days_max: int) -> list[ClosedDays]:
    oldest = history_start(now) + DAY_S  # a day of margin: the server forgets more while the run lasts
    ranges: list[list[tuple[date, Evidence]]] = []
    for day, evidence in sorted(at_rest.items()):
        chosen = (settings.start or day) <= day <= (settings.end or day)
        if not chosen or day_start(day) < oldest:
            continue
        goes_on = bool(ranges) and ranges[-1][-1][0] == day - timedelta(days=1)
        if not goes_on or (day.toordinal() + day_of(now).toordinal()) % days_max == 0:
            ranges.append([])
        ranges[-1].append((day, evidence))
    return [ClosedDays(tuple(days)) for days in ranges]


def find_mismatches(
    suspects: Sequence[ClosedDays], count: Callable[[Sequence[Span]], Sequence[int | None]]
) -> list[CountMismatch]:
    """Find the days of which the server counts more or fewer rows: at most `DAYS_MAX`, oldest first.

    Args:
        suspects: The days to count.
        count: Asks the server for its counts of several spans at once; None where it does not say.
    """
    found: list[CountMismatch] = []
    while suspects:
        counts = count([suspect.span for suspect in suspects])
        differing = [
            (suspect, difference)
            for suspect, rows in zip(suspects, counts, strict=True)
            if rows is not None and (difference := suspect.difference(rows))
        ]
        found += _single_days(differing)
        suspects = [half for suspect, _ in differing if len(suspect.days) > 1 for half in suspect.halves()]
        suspects = suspects[: 2 * DAYS_MAX]
    return sorted(found, key=lambda mismatch: mismatch.day)[:DAYS_MAX]


def _single_days(differing: Sequence[tuple[ClosedDays, int]]) -> Iterator[CountMismatch]:
    for suspect, difference in differing:
        if len(suspect.days) == 1:
            ((day, known),) = suspect.days
            yield CountMismatch(day, difference, known.surplus + difference)
