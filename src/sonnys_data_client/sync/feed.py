"""What the archive needs of a client beyond its methods: raw rows of scattered days, counts, and a budget for all."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Generator, Iterator, Sequence
from urllib.parse import urlsplit

from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.drivers.seams import Driver, Shelf
from sonnys_data_client.endpoints.counting import count_transactions, sites_to_count
from sonnys_data_client.endpoints.export import read_windows
from sonnys_data_client.engine.effects import Delivery, Flow, look, pause
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.plan import Plan, expect
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.windows import Span, Window
from sonnys_data_client.resources.inbox import live_handles


def wall_time(client: SonnysClient) -> float:
    """Epoch seconds, by the client's clock. Sends nothing."""

    def flow() -> Flow[float]:
        return (yield from look()).wall

    return client.workings.driver.run(flow())


def rest_after(client: SonnysClient, last_heard_at: float | None) -> None:
    """Wait until requests of a run that died a moment ago are counted no more: this process does not know its slots.

    Args:
        client: Whose throttle it is about.
        last_heard_at: Epoch seconds at which that run last got an answer; None if there was none.
    """
    period_s = client.workings.settings.context.period_s

    def flow() -> Flow[None]:
        moment = yield from look()
        if last_heard_at is not None and 0 <= moment.wall - last_heard_at < period_s:
            yield from pause(moment.now + last_heard_at + period_s - moment.wall)

    client.workings.driver.run(flow())


def counted(client: SonnysClient, spans: Sequence[Span]) -> list[int | None]:
    """How many transactions the server counts in each span: see `endpoints.counting`."""
    workings = client.workings
    return workings.driver.run(count_transactions(workings.settings.context, spans))


def source_mark(client: SonnysClient) -> str:
    """A mark that tells one API ID's data from another's, and from which nobody reads the ID."""
    account = client.workings.settings.account
    host = urlsplit(account.base_url).hostname
    return hashlib.sha256(f"{host} {account.api_id} {account.site_code}".encode()).hexdigest()[:16]


def expected(
    client: SonnysClient,
    windows: Sequence[Window],
    rows_a_day: float | None,
    *,
    spans: Sequence[Span] = (),
    besides: int = 0,
) -> Plan:
    """What reading these windows and counting these spans should cost. Sends nothing.

    Args:
        client: Whose throttle it takes.
        windows: What to read.
        rows_a_day: Rows of a day, as the archive has seen; None to assume a typical site.
        spans: What to count.
        besides: Requests that are spent besides.
    """
    context = client.workings.settings.context
    findings = copy.copy(context.findings)
    findings.rows_a_day = findings.rows_a_day if rows_a_day is None else rows_a_day
    counts = len(spans) * sites_to_count(context)
    return expect(windows, findings, context.slots, context.period_s, besides=counts + besides)


class Feed:
    """Raw rows of any windows, as one export.

    Iterating gives deliveries: a `Deliver` has rows of a window, and a `Settle` the reports of a span, once all its
    windows are settled. Rows that were withdrawn by then have come before: `WindowReport.holds` tells them.

    Args:
        client: Whose rows.
        windows: What to read, in this order as far as possible.
        shelf: Where jobs are kept, and what they bring.
        timeout: Longest time for one job, in seconds.

    Attributes:
        progress: Live counters.
        report: What became of every window; None before the end.
    """

    def __init__(
        self, client: SonnysClient, windows: Sequence[Window], shelf: Shelf, *, timeout: float = 300.0
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
            lookahead=workings.lookahead(),
        )
        self._steps = self._stream(workings.driver.with_shelf(shelf), flow)

    def _stream(self, driver: Driver, flow: Flow[Report]) -> Generator[Delivery]:
        self.report = yield from driver.stream(flow)

    def __iter__(self) -> Iterator[Delivery]:
        return self._steps

    def close(self) -> None:
        """End it early. Nothing is left running; jobs in flight stay on the shelf."""
        self._steps.close()
