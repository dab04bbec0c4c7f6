"""One export in virtual time: the real flow, the real sandbox and its throttle, and what it took against its bound.

An export of `P` pages is compared with one that knows everything beforehand and takes

    B = max(15 (⌈2P/20⌉ - 1),  longest job,  15 (⌈P/20⌉ - 1) + shortest job) + 2 latencies

seconds. It sends two requests a page at 20 in 15 s. A job takes its time. The last page is submitted with the P-th
request. A submission and a poll take a latency each; a lucky poll saves a part of it, so a short export may show less
than 1. If the server runs only so many jobs at once, its work, spread evenly, is a bound, too. If somebody else spends
requests of the API ID, only what is left of the 20 counts.

`B` counts the periods as 15 s long. The server's period begins somewhere between a request's arrival and its reply,
so a client that must never meet a 429 needs up to a latency more for each: at 2 s, that alone is 8 %.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

from bench.rig.world import SalesWorld
from sonnys_data_client.engine.effects import Deliver, Delivery, Flow
from sonnys_data_client.engine.export.flow import export
from sonnys_data_client.engine.export.pages import SchedulePolicy
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import DAY_S, Window
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.config import API_ID, API_KEY
from sonnys_data_client.sandbox.dice import bell
from sonnys_data_client.sandbox.faults import Faults
from sonnys_data_client.testing.simulation import Network, Simulation
from sonnys_data_client.throttles.process import ProcessThrottle

TODAY = 20_454
"""1 January 2026, in days since the epoch: the first day that is not exported."""
_HEADERS = {"x-sonnys-api-id": API_ID, "x-sonnys-api-key": API_KEY}


@dataclass(frozen=True, slots=True)
class Load:
    """What is exported.

    Attributes:
        name: Its name in the table.
        days: How many days, one window each.
        week: Rows of a Monday, ..., of a Sunday.
    """

    name: str
    days: int
    week: tuple[int, ...]

    def rows(self, day: int) -> int:
        """Rows of a day, counted from the epoch."""
        return self.week[(day + 3) % 7]  # the epoch began on a Thursday

    def windows(self, today: int = TODAY) -> list[Window]:
        """One window a day, the last of them before the day `today`, counted from the epoch."""
        return [Window(day * DAY_S, (day + 1) * DAY_S) for day in range(today - self.days, today)]

    def rows_all(self, today: int = TODAY) -> int:
        """Rows of all days."""
        return sum(self.rows(window.start // DAY_S) for window in self.windows(today))

    def pages(self, today: int = TODAY) -> int:
        """Pages of all days."""
        return sum(max(1, -(-self.rows(window.start // DAY_S) // 100)) for window in self.windows(today))


WEEKDAYS = (0.77, 0.77, 0.84, 0.91, 1.12, 1.40, 1.19)
"""How busy Monday to Sunday are against the week's average."""
MONTH = Load("a month of 15 sites", 30, tuple(round(1960 * share) for share in WEEKDAYS))
TWO_MONTHS = Load("60 days of a small site", 60, tuple(round(62 * share) for share in WEEKDAYS))
BUSY_DAY = Load("a busy day", 1, (1243,) * 7)
QUIET_DAY = Load("a quiet day", 1, (71,) * 7)


@dataclass(frozen=True, slots=True)
class Setting:
    """One cell of the table: a load and the server that it is read from.

    Attributes:
        load: What is exported.
        job_s: Median duration of a job in seconds.
        sigma: Log-normal spread of durations; 0: all alike.
        latency_s: Mean time there and back, each leg ±50 %.
        workers: Jobs that the server runs at once; None: all.
        rival: Requests a period that somebody else sends with the same API ID.
    """

    load: Load
    job_s: float
    sigma: float = 0.0
    latency_s: float = 0.15
    workers: int | None = None
    rival: float = 0.0


@dataclass(slots=True)
class Run:
    """What one export took.

    Attributes:
        pages: Pages of the load.
        requests: Requests that the server saw.
        time_s: Virtual seconds from the first request to the last reply.
        bound_s: The least time possible.
        refusals: 429s.
        jobs_end_s: When the last job was done, if none had to wait for another.
        in_flight_max: Most jobs submitted and not yet collected at any moment.
        lost: Results that the server had dropped when they were polled.
    """

    pages: int
    requests: int
    time_s: float
    bound_s: float
    refusals: int
    jobs_end_s: float
    in_flight_max: int
    lost: int

    @property
    def requests_a_page(self) -> float:
        """Requests a page: 2 is the least."""
        return self.requests / self.pages

    @property
    def of_bound(self) -> float:
        """Time as a multiple of the bound."""
        return self.time_s / self.bound_s

    @property
    def late_s(self) -> float:
        """Seconds from the end of the last job to the end of the export."""
        return self.time_s - self.jobs_end_s


@dataclass(slots=True)
class _Watch:
    """Reads the sandbox's log: when each job was made and found done."""

    made_at: dict[str, float] = field(default_factory=dict)
    in_flight: set[str] = field(default_factory=set)
    in_flight_max: int = 0

    def read(self, sandbox: Sandbox) -> None:
        for entry in sandbox.log:
            if entry.hash is None:
                continue
            if entry.job_status is None:
                self.made_at.setdefault(entry.hash, entry.at)
                self.in_flight.add(entry.hash)
                self.in_flight_max = max(self.in_flight_max, len(self.in_flight))
            elif entry.job_status == "pass":
                self.in_flight.discard(entry.hash)


def duration_s(config: SandboxConfig, hash: str) -> float:
    """How long the sandbox's job with this hash runs once it has a worker."""
    return config.job_s * math.exp(config.jitter * bell(config.seed, "duration", hash))


def ours(windows: Sequence[Window]) -> Flow[Any]:
    """The client's own export."""
    return export(windows, SchedulePolicy(job_timeout_s=3600.0), Findings(), Progress())


def run(setting: Setting, seed: int, flow: Callable[[Sequence[Window]], Flow[Any]] = ours) -> Run:
    """Export in virtual time.

    Raises:
        RuntimeError: Not every row came exactly once: then nothing was measured.
    """
    load = setting.load
    config = SandboxConfig(
        seed=seed,
        job_s=setting.job_s,
        jitter=setting.sigma,
        workers=setting.workers,
        faults=Faults(rival=setting.rival),
    )
    sandbox = Sandbox(config, SalesWorld(load.rows))
    simulation = Simulation(sandbox, network=Network(setting.latency_s), start=TODAY * DAY_S + 60.0, seed=seed)
    ids: list[str] = []
    process = simulation.process(flow(load.windows()), ProcessThrottle(ThrottleLimits()), headers=_HEADERS)
    process.on_delivery = lambda delivery: ids.extend(_ids(delivery))
    simulation.run()
    if process.error is not None:
        raise process.error
    if not len(ids) == len(set(ids)) == load.rows_all():
        raise RuntimeError(f"{load.name}: {len(ids)} rows came, {len(set(ids))} different, of {load.rows_all()}")
    watch = _Watch()
    watch.read(sandbox)
    durations = [duration_s(config, hash) for hash in watch.made_at]
    ends = [at - simulation.start + s for at, s in zip(watch.made_at.values(), durations, strict=True)]
    return Run(
        pages=load.pages(),
        requests=len(sandbox.log),
        time_s=process.ended_at,
        bound_s=bound_s(load.pages(), durations, setting),
        refusals=sum(entry.status == 429 for entry in sandbox.log),
        jobs_end_s=max(ends),
        in_flight_max=watch.in_flight_max,
        lost=sum(entry.status == 404 for entry in sandbox.log),
    )


def _ids(delivery: Delivery) -> list[str]:
    return [row["id"] for row in delivery.rows] if isinstance(delivery, Deliver) else []


def bound_s(pages: int, durations: Sequence[float], setting: Setting) -> float:
    """The least time that reading so many pages can take; see the module's text."""
    slots = 20 - setting.rival
    throttle_s = 15.0 * (math.ceil(2 * pages / slots) - 1)
    last_job_s = 15.0 * (math.ceil(pages / slots) - 1) + min(durations)
    server_s = pages * fmean(durations) / setting.workers if setting.workers else 0.0
    return max(throttle_s, last_job_s, server_s, *durations) + 2 * setting.latency_s
