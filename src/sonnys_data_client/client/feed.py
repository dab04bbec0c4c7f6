"""What the archive needs of a client beyond its methods: raw rows of scattered days, counts, and a budget for all."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from sonnys_data_client.client.exporting import live_handles
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.drivers.seams import Driver, Shelf, Throttle
from sonnys_data_client.endpoints.counting import count_transactions, sites_to_count
from sonnys_data_client.endpoints.exports import read_windows
from sonnys_data_client.engine.effects import Emit, Flow, look, pause
from sonnys_data_client.engine.export import Report
from sonnys_data_client.engine.plan import Plan, expect
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.throttle import Grant
from sonnys_data_client.engine.windows import Span, Window
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.engine.work import LOOKAHEAD_WINDOWS
from sonnys_data_client.errors import BudgetSpentError, ValidationError

_WAIT_S = 1.0
_BEGUN_SHARE = 80


@dataclass(slots=True)
class Budget:
    """How much a run may spend. One budget may go through several calls of one client.

    It has to suffice for two days at least, some three requests for each 100 rows: what has come of a day that is not
    whole is of no use to a run that begins more than 20 minutes later.

    Attributes:
        max_requests: Most requests to send; None for no bound.
        max_minutes: Most minutes from the first request to the last; None for no bound.
        spent: Requests sent.
    """

    max_requests: int | None = None
    max_minutes: float | None = None
    spent: int = 0
    _began_at: float | None = None
    _out: set[int] = field(default_factory=set[int])

    def __post_init__(self) -> None:
        for name, value in (("max_requests", self.max_requests), ("max_minutes", self.max_minutes)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value > 0):
                raise ValidationError(f"{name}={value!r} must be a number above 0, or None for no bound.")

    def reserve(self, throttle: Throttle, now: float) -> Grant:
        """Take a slot, if the budget has one left; else wait for the replies that are still to come, and then stop.

        Raises:
            BudgetSpentError: It is spent, and nothing is on the wire any more.
        """
        if self._began_at is None:
            self._began_at = now
        minutes = (now - self._began_at) / 60
        what = ""
        if self.max_requests is not None and self.spent >= self.max_requests:
            what = f"{self.max_requests} requests"
        elif self.max_minutes is not None and minutes >= self.max_minutes:
            what = f"{self.max_minutes:g} minutes"
        if what and not self._out:
            raise BudgetSpentError(f"The budget of {what} is spent. What came is safe; the next run goes on from here.")
        grant = Grant(None, now + _WAIT_S) if what else throttle.reserve(now)
        if grant.token is not None:
            self.spent += 1
            self._out.add(grant.token)
        return grant

    def lookahead(self, requests_a_minute: float) -> int:
        """How many windows may be begun ahead of the oldest one that is open.

        With all of them begun, a small budget would be spent before one is whole, in this run and in the next. So no
        more than an eightieth of it goes to windows that are only begun, at two requests each; but one is begun always,
        lest nothing be done while a job is.
        """
        left: list[float] = [2 * _BEGUN_SHARE * LOOKAHEAD_WINDOWS]
        if self.max_requests is not None:
            left.append(self.max_requests - self.spent)
        if self.max_minutes is not None:
            left.append(self.max_minutes * requests_a_minute)
        return max(1, int(min(left) / (2 * _BEGUN_SHARE)))

    def settle(self, token: int) -> None:
        """A request has ended."""
        self._out.discard(token)


class _Within:
    """A throttle within a budget."""

    def __init__(self, throttle: Throttle, budget: Budget) -> None:
        self._throttle = throttle
        self._budget = budget

    def reserve(self, now: float) -> Grant:
        return self._budget.reserve(self._throttle, now)

    def settle(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        self._budget.settle(token)
        self._throttle.settle(token, outcome, now, wall)


def within(client: SonnysClient, budget: Budget) -> SonnysClient:
    """The same client, all of whose requests count against a budget. It shares the connections: close the other."""
    workings = client.workings
    context = workings.settings.context
    metered = workings.over(workings.driver.with_throttle(lambda throttle: _Within(throttle, budget)))
    requests_a_minute = 60 * context.slots / context.window_s
    metered.workings = replace(metered.workings, lookahead=lambda: budget.lookahead(requests_a_minute))
    return metered


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
    window_s = client.workings.settings.context.window_s

    def flow() -> Flow[None]:
        moment = yield from look()
        if last_heard_at is not None and 0 <= moment.wall - last_heard_at < window_s:
            yield from pause(moment.now + last_heard_at + window_s - moment.wall)

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
    return expect(windows, findings, context.slots, context.window_s, besides=counts + besides)


class Feed:
    """Raw rows of any windows, as one export.

    Iterating gives `Emit`s: rows of a window, and for each span the reports of its windows once all are settled. Rows
    that were withdrawn by then have come before: `WindowReport.holds` tells them.

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

    def _stream(self, driver: Driver, flow: Flow[Report]) -> Generator[Emit]:
        self.report = yield from driver.stream(flow)

    def __iter__(self) -> Iterator[Emit]:
        return self._steps

    def close(self) -> None:
        """End it early. Nothing is left running; jobs in flight stay on the shelf."""
        self._steps.close()
