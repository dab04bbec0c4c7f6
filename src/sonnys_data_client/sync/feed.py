"""Read the raw rows of any days as one export, and put the days together."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sonnys_data_client.archive.evidence import day_of
from sonnys_data_client.archive.filling import Calendars, JobShelf, ParsedRows, PartitionRead, encode_rows
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.drivers.seams import Driver, Shelf
from sonnys_data_client.endpoints.export import read_windows
from sonnys_data_client.engine.effects import Deliver, Delivery, Flow, Settle
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.export.pages import LOOKAHEAD_WINDOWS
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.resources.inbox import live_handles


class Feed:
    """Stream the raw rows of windows, which need not follow one another.

    Iterating gives deliveries: a `Deliver` has rows of a window, and a `Settle` the reports of a span, once all its
    windows are settled. A row may be withdrawn at the server after it was given here: `WindowReport.holds` tells which
    rows are left.

    Args:
        client: Whose rows.
        windows: What to read, in this order as far as possible.
        shelf: Where the handles of jobs are kept, and the pages that they brought.
        timeout: Longest time for one job, in seconds.
        lookahead: How many windows may be begun ahead of the oldest one that is open; see `Budget.lookahead`.

    Attributes:
        progress: Live counters.
        report: What became of every window; None before the end.
    """

    def __init__(
        self,
        client: SonnysClient,
        windows: Sequence[Window],
        shelf: Shelf,
        *,
        timeout: float = 300.0,
        lookahead: int = LOOKAHEAD_WINDOWS,
    ) -> None:
        self.progress = Progress()
        self.report: Report | None = None
        workings = client.workings
        flow = read_windows(
            workings.settings.context,
            windows,
            self.progress,
            lambda: live_handles(shelf),
            timeout=timeout,
            lookahead=lookahead,
        )
        self._steps = self._stream(workings.driver.with_shelf(shelf), flow)

    def _stream(self, driver: Driver, flow: Flow[Report]) -> Generator[Delivery]:
        self.report = yield from driver.stream(flow)

    def __iter__(self) -> Iterator[Delivery]:
        return self._steps

    def close(self) -> None:
        """Stop before the end. Nothing is left running; the handles of jobs in flight stay on the shelf."""
        self._steps.close()


@dataclass(frozen=True, slots=True)
class WholeDay:
    """A day that was read to its end.

    Attributes:
        day: The UTC day.
        span: The range that was read: its first second, and the second after its last.
        reading: What came, for the archive.
    """

    day: date
    span: tuple[int, int]
    reading: PartitionRead


def whole_days(feed: Feed, shelf: JobShelf, calendars: Calendars, wall: Callable[[], float]) -> Iterator[WholeDay]:
    """Yield each day once all its rows have come, without rows that the server has withdrawn meanwhile.

    Args:
        feed: Brings the rows.
        shelf: Knows how old the pages are that make up a day.
        calendars: The sites' calendars.
        wall: Returns the time, in epoch seconds.
    """
    rows: dict[Window, ParsedRows] = {}
    for delivery in feed:
        if isinstance(delivery, Deliver):
            # Parsed now, while the rows are decoded: what is kept until the day is whole is a third of their size.
            rows.setdefault(delivery.window, ParsedRows()).extend(encode_rows(TRANSACTIONS, delivery.rows, calendars))
            continue
        span = delivery.span
        now, as_of = wall(), shelf.oldest(*span)
        reading = _reading(delivery, _rows(delivery, rows), now if as_of is None else as_of, now)
        yield WholeDay(day_of(span[0]), span, reading)


def _rows(settled: Settle, came: dict[Window, ParsedRows]) -> ParsedRows:
    """Remove the rows of settled windows from `came`, and return those that the server has not withdrawn."""
    rows = ParsedRows()
    for report in settled.reports:
        found = came.pop(report.window, ParsedRows())
        rows.extend(found.where(report.holds) if report.withdrawn else found)
    return rows


def _reading(settled: Settle, rows: ParsedRows, as_of: float, now: float) -> PartitionRead:
    totals = [window.total for window in settled.reports]
    known = [total for total in totals if total is not None]
    gaps = [str(gap) for window in settled.reports for gap in window.gaps]
    return PartitionRead(
        rows=rows,
        total=sum(known) if len(known) == len(totals) else None,
        through=settled.span[1],
        proved_as_of=None if gaps else as_of,
        read_at=now,
        gaps=gaps,
    )
