"""What the export machine moves: pages, counts and moves, and the settings of one export."""

from __future__ import annotations

from dataclasses import dataclass, field

from sonnys_data_client.engine.call import Attempt, CallPolicy
from sonnys_data_client.engine.export.window_read import WindowRead
from sonnys_data_client.engine.jobs import PAGE_ROWS_MAX, Handle, Page
from sonnys_data_client.engine.throttle import PERIOD_S, SLOTS
from sonnys_data_client.engine.wire import Request

LOOKAHEAD_WINDOWS = 250
FAILURES_MAX = 6
"""About 12 requests: a window, its halves and the first quarters, each submitted and polled, the window twice."""


@dataclass(frozen=True, slots=True)
class SchedulePolicy:
    """Settings of one load or export.

    Attributes:
        call: How hard each request is tried.
        job_timeout_s: How old a job may grow before it counts as failed.
        poll_interval_s: Shortest time between two polls of one job.
        max_in_flight: Upper bound on unfinished jobs; None to leave it to what the server bears.
        rows_a_page: Rows a page.
        split_overdue: Whether a window whose job is overdue is read by halves; otherwise the overdue job ends the
            load.
        slots: Requests that the throttle admits in a period.
        period_s: The throttle's period in seconds.
        lookahead: How many windows may be begun ahead of the oldest one that is open.
        failures_max: How many jobs of a window may come to nothing before any part of it has come. Then the rest of it
            is given up. Once a part has come, it is four times as many.
        owner: Digest of the account (`Account.owner`): whose jobs these are, and which kept ones may be gone on with.
    """

    call: CallPolicy = field(default_factory=CallPolicy)
    job_timeout_s: float = 300.0
    poll_interval_s: float = 2.0
    max_in_flight: int | None = None
    rows_a_page: int = PAGE_ROWS_MAX
    split_overdue: bool = True
    slots: int = SLOTS
    period_s: float = PERIOD_S
    lookahead: int = LOOKAHEAD_WINDOWS
    failures_max: int = FAILURES_MAX
    owner: str = ""


@dataclass(slots=True, eq=False)
class Work:
    """One page on its way.

    Attributes:
        read: The window read it is part of.
        number: Its page number.
        handle: Its job, once submitted.
        born_at: Monotonic second at which the job was submitted.
        blamed_from: Monotonic second from which the job timeout counts: its submission, or the last time that an older
            job passed. A server that queues jobs has not begun it before.
        crowd: Jobs in flight when it was submitted, itself included; 0 if another process submitted it.
        working_age_s: Its age at the last poll that found it working; 0 before.
        due_at: Monotonic second before which its next request makes no sense.
        attempt: The request that is being tried, on the wire or waiting for another try.
        on_wire: Whether a request for it is on the wire.
        failures: Jobs of this page that failed.
        expiries: Jobs of this page whose result was lost.
    """

    read: WindowRead
    number: int
    handle: Handle | None = None
    born_at: float = 0.0
    blamed_from: float = 0.0
    crowd: int = 0
    working_age_s: float = 0.0
    due_at: float = float("-inf")
    attempt: Attempt | None = None
    on_wire: bool = False
    failures: int = 0
    expiries: int = 0

    @property
    def page(self) -> Page:
        """What it asks for."""
        return self.read.page(self.number)

    @property
    def wanted(self) -> bool:
        """False once its read was closed, or turned out to have fewer pages."""
        return self.read.live and self.number <= self.read.pages_wanted

    @property
    def reveals(self) -> bool:
        """Whether its rows will tell how many pages the window has."""
        return not self.read.passed

    def never_polled(self) -> bool:
        """Whether no poll of its job has been answered yet."""
        return self.working_age_s == 0.0


@dataclass(slots=True, eq=False)
class Count:
    """A question to the plain list: how many rows do these windows have together?

    Attributes:
        reads: The reads whose windows the question covers.
        attempt: The request.
    """

    reads: list[WindowRead]
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Move:
    """Send this request for this piece of work."""

    work: Work | Count
    request: Request


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to send before this monotonic second unless a reply comes; None: only a reply can help."""

    until: float | None
