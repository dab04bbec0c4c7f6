"""One flow, three drivers, one trace: the sync, async and simulated driver ask and answer alike, step by step.

The flow is a whole export with faults in it. The transport is a sandbox behind a scripted network. Time is a number.
For the two real drivers a *stage* is put between flow and driver. It knows which requests are on the wire, so at every
pause it moves the clock to the next event. If that is a reply, it lets that one exchange end, and the driver waits for
it. If it is the pause's own end, the driver has nothing to wait for. Threads and tasks are real, and yet nothing
depends on which is faster.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import pytest

from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Seams
from sonnys_data_client.drivers.sync import SyncDriver
from sonnys_data_client.engine.effects import Ask, Flow, Moment, Pause, Send
from sonnys_data_client.engine.export.flow import Report, export
from sonnys_data_client.engine.export.pages import SchedulePolicy
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request
from sonnys_data_client.sandbox import API_ID, API_KEY, Faults, Quirks, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.listed import ListWorld, make_row, make_site
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.testing.simulation import Network, Simulation
from sonnys_data_client.throttles.process import ProcessThrottle
from tests.waiting import PATIENCE_S

T = TypeVar("T")
Trace = list[tuple[Ask, Moment]]

LATENCY_S = 0.3
START = 1_775_044_800
DAY_S = 86_400
DRAW = 0.25
HEADERS = {"x-sonnys-api-id": API_ID, "x-sonnys-api-key": API_KEY}
CASES = {
    "as things are": SandboxConfig(job_s=8.0, jitter=0.4),
    "with faults": SandboxConfig(job_s=8.0, jitter=0.4, faults=Faults(reset_after=0.1, html_502=0.1, truncated=0.1)),
    "with jobs that fail and a rival": SandboxConfig(job_s=1.0, faults=Faults(job_fail=0.2, rival=12.0)),
    "site by site": SandboxConfig(job_s=3.0, quirks=Quirks(site_required=True, submit_method="get")),
    "without totals": SandboxConfig(job_s=3.0, quirks=Quirks(totals="null", end="exclusive")),
}


@dataclass(frozen=True)
class Said:
    outcome: Outcome
    hold_s: float


class Server:
    """A sandbox that takes a different time for each reply: replies come out of order, and no two events coincide."""

    def __init__(self, config: SandboxConfig) -> None:
        self._sandbox = sandbox(config)

    def handle(self, request: Request, now: float) -> Said:
        reply = self._sandbox.handle(request, now)
        number = len(self._sandbox.log)
        return Said(reply.outcome, reply.hold_s + 0.037 * (number * 7 % 11) + 0.00007 * number)


def sandbox(config: SandboxConfig) -> Sandbox:
    sites = [make_site(1, "MAIN"), make_site(2, "WEST")]
    rows = [make_row(n, sites[n % 2], (START - 3 * DAY_S + n * 2_000) * 1000 + n, n) for n in range(120)]
    return Sandbox(config, ListWorld(sites, rows))


def flow() -> Flow[Report]:
    windows = [Window(START - day * DAY_S, START - (day - 1) * DAY_S) for day in (3, 2, 1)]
    return export(windows, SchedulePolicy(rows_a_page=10), Findings(), Progress())


@dataclass
class Underway:
    """A request on the wire: its outcome, when it is due, and whether it may end."""

    request: Request
    outcome: Outcome
    due_at: float
    released: threading.Event = field(default_factory=threading.Event)
    released_to_task: asyncio.Event = field(default_factory=asyncio.Event)
    taken: bool = False


class Stage:
    """The clock, the network and the server of the two real drivers, between their flow and them."""

    def __init__(self, server: Server) -> None:
        self.now = 0.0
        self.trace: Trace = []
        self._server = server
        self._underway: list[Underway] = []
        self._lock = threading.Lock()

    def seams(self) -> Seams:
        return Seams(
            ProcessThrottle(ThrottleLimits()),
            shelf=MemoryShelf(),
            monotonic=lambda: self.now,
            wall=lambda: START + self.now,
            dice=lambda: DRAW,
        )

    def direct(self, inner: Flow[T]) -> Flow[T]:
        """Wrap a flow so that the stage moves the clock."""
        step: Callable[[], Ask] = partial(next, inner)
        while True:
            try:
                ask = step()
            except StopIteration as end:
                result: T = end.value
                return result
            if isinstance(ask, Send):
                self._depart(ask.request)
            answer = yield self._stage(ask) if isinstance(ask, Pause) else ask
            self.trace.append((ask, answer))
            step = partial(inner.send, answer)

    def _depart(self, request: Request) -> None:
        sent = replace(request, headers=HEADERS)
        # Requests depart in order. As the way there takes equally long for all, they arrive in order, too.
        arrives_at = self.now + LATENCY_S / 2
        said = self._server.handle(sent, START + arrives_at)
        self._underway.append(Underway(request, said.outcome, arrives_at + said.hold_s + LATENCY_S / 2))

    def _stage(self, ask: Pause) -> Pause:
        """Move the clock to the next event, and return the pause for the driver."""
        coming = [item for item in self._underway if not item.released.is_set()]
        first = min(coming, key=lambda item: item.due_at, default=None)
        if first is None or (ask.until is not None and ask.until <= first.due_at):
            assert ask.until is not None, "a flow waits for a reply, and nothing is on the wire"
            self.now = max(self.now, ask.until)
            return Pause(float("-inf"))
        self.now = first.due_at
        first.released.set()
        first.released_to_task.set()
        return Pause(None)

    def claim(self, request: Request) -> Underway:
        with self._lock:
            found = next(item for item in self._underway if item.request is request and not item.taken)
            found.taken = True
            return found


class ThreadTransport:
    closed = False

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    def exchange(self, request: Request) -> Outcome:
        item = self._stage.claim(request)
        assert item.released.wait(PATIENCE_S), "the stage never let this exchange end"
        return item.outcome

    def close(self) -> None:
        pass


class TaskTransport:
    closed = False

    def __init__(self, stage: Stage) -> None:
        self._stage = stage

    async def exchange(self, request: Request) -> Outcome:
        item = self._stage.claim(request)
        await asyncio.wait_for(item.released_to_task.wait(), PATIENCE_S)
        return item.outcome

    async def close(self) -> None:
        pass


def in_threads(config: SandboxConfig) -> Trace:
    stage = Stage(Server(config))
    SyncDriver(ThreadTransport(stage), stage.seams()).run(stage.direct(flow()))
    return stage.trace


def in_tasks(config: SandboxConfig) -> Trace:
    async def main() -> Trace:
        stage = Stage(Server(config))
        await AsyncDriver(TaskTransport(stage), stage.seams()).run(stage.direct(flow()))
        return stage.trace

    return asyncio.run(main())


def in_simulation(config: SandboxConfig) -> Trace:
    class Dice:
        def random(self) -> float:
            return DRAW

    trace: Trace = []
    simulation = Simulation(Server(config), network=Network(LATENCY_S, 0.0), start=START)
    throttle = ProcessThrottle(ThrottleLimits())
    process = simulation.process(
        flow(), throttle, shelf=MemoryShelf(), headers=HEADERS, trace=lambda ask, answer: trace.append((ask, answer))
    )
    process.dice = Dice()  # type: ignore[assignment]  # a process calls no other method of its dice
    simulation.run()
    assert process.error is None
    assert process.result is not None
    return trace


@pytest.mark.parametrize("name", CASES)
def test_three_drivers_give_one_trace(name: str) -> None:
    config = CASES[name]
    simulated = in_simulation(config)
    assert sum(isinstance(ask, Send) for ask, _ in simulated) > 30
    for real in (in_threads, in_tasks):
        trace = real(config)
        steps = enumerate(zip(simulated, trace, strict=False))
        parted = next((at for at, (one, other) in steps if one != other), None)
        assert parted is None, f"{real.__name__} parts at step {parted}: {trace[parted]} for {simulated[parted]}"
        assert len(trace) == len(simulated)
