"""Read the raw rows of any days as one export."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.drivers.seams import Driver, Shelf
from sonnys_data_client.endpoints.export import read_windows
from sonnys_data_client.engine.effects import Delivery, Flow
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
