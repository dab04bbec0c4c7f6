"""The simulated driver: the real flows, a virtual clock, and a server that is a function.

Nothing here waits. Time jumps from one event to the next: a request arrives at the server half a latency after it
was sent, its reply comes back half a latency after the server sent it, and a pause ends at its time. Any number of
processes share the clock and the server, each with its own flow. A process can be killed between any two steps. The
same seed gives the same run, event for event.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from sonnys_data_client.drivers.seams import NoShelf, Shelf, Throttle, put_on
from sonnys_data_client.engine.effects import (
    Ask,
    Collect,
    Deliver,
    Delivery,
    Flow,
    Moment,
    Pause,
    Reply,
    Reserve,
    Send,
    Settle,
    Slot,
    Store,
    Strike,
    Woken,
)
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request

T = TypeVar("T")


class ServerReply(Protocol):
    """A simulated server's reply: an outcome, and how long the server takes for it."""

    @property
    def outcome(self) -> Outcome:
        """The response, or the fault that the client gets instead."""
        ...

    @property
    def hold_s(self) -> float:
        """Seconds from the request's arrival until the server replies."""
        ...


class Server(Protocol):
    """A server that is a function of request and time, such as `Sandbox`."""

    def handle(self, request: Request, now: float) -> ServerReply:
        """Answer a request that arrives at epoch second `now`.

        Calls come in order of arrival.
        """
        ...


@dataclass(slots=True)
class Network:
    """How long requests and replies travel.

    Attributes:
        latency_s: Mean time to the server and back, without the server's own time.
        spread: Each way varies uniformly by up to this share of its mean.
        request_timeout_s: A reply that takes longer than this becomes a `TIMED_OUT` fault.
    """

    latency_s: float = 0.15
    spread: float = 0.5
    request_timeout_s: float = 30.0

    def leg_s(self, dice: random.Random) -> float:
        """Draw how long one way takes, in seconds."""
        return self.latency_s / 2 * dice.uniform(1 - self.spread, 1 + self.spread)


class Simulation:
    """A virtual clock, a server and the processes that talk to it.

    Args:
        server: Answers requests.
        network: How long requests and replies travel.
        start: Epoch second at which the simulation begins.
        seed: Decides latencies and the processes' draws.
    """

    def __init__(
        self, server: Server, *, network: Network | None = None, start: float = 1_767_225_600.0, seed: int = 0
    ) -> None:
        self.now = 0.0
        self.start = start
        self.network = network or Network()
        self._server = server
        self._dice = random.Random(seed)
        self._seed = seed
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()
        self._processes = count()

    @property
    def wall(self) -> float:
        """The current time in epoch seconds."""
        return self.start + self.now

    def at(self, time: float, event: Callable[[], None]) -> None:
        """Schedule an event at a virtual second; at once if that has passed."""
        heapq.heappush(self._events, (max(time, self.now), next(self._order), event))

    def process(
        self,
        flow: Flow[T],
        throttle: Throttle,
        *,
        shelf: Shelf | None = None,
        headers: dict[str, str] | None = None,
        holder: str = "",
        trace: Callable[[Ask, Moment], None] | None = None,
    ) -> Process[T]:
        """Start a process that runs `flow`. All its requests get `headers`; its slots are the holder's."""
        dice = random.Random(f"{self._seed}/{next(self._processes)}")
        process = Process(self, flow, throttle, shelf or NoShelf(), headers or {}, dice, holder, trace)
        self.at(self.now, process.begin)
        return process

    def run(self, *, until: float = float("inf")) -> None:
        """Run all events up to a virtual second, in order."""
        while self._events and self._events[0][0] <= until:
            self.step()

    def step(self) -> bool:
        """Run the next event, and return whether there was one."""
        if not self._events:
            return False
        self.now, _, event = heapq.heappop(self._events)
        event()
        return True

    def carry(self, request: Request, answer: Callable[[Outcome], None]) -> None:
        """Take a request to the server, and its outcome back to `answer`."""
        sent_at = self.now
        timeout_at = sent_at + self.network.request_timeout_s

        def arrive() -> None:
            reply = self._server.handle(request, self.wall)
            back_at = self.now + reply.hold_s + self.network.leg_s(self._dice)
            outcome: Outcome = reply.outcome
            if back_at > timeout_at:
                outcome, back_at = Fault(FaultKind.TIMED_OUT, "simulated"), timeout_at
            self.at(back_at, lambda: answer(outcome))

        self.at(sent_at + self.network.leg_s(self._dice), arrive)


@dataclass(slots=True, eq=False)
class Process(Generic[T]):
    """One flow that runs in a simulation.

    Attributes:
        steps: Number of asks answered so far.
        deliveries: Its deliveries, in order.
        done: Whether it has ended: returned, raised or killed.
        result: What the flow returned.
        error: The exception that it raised instead.
        ended_at: Virtual second at which it ended.
        on_step: Called before each ask is answered; may kill the process.
        on_delivery: Takes each delivery; by default it is kept in `deliveries`.
        on_end: Called once it has ended: returned, raised or killed.
    """

    simulation: Simulation
    flow: Flow[T]
    throttle: Throttle
    shelf: Shelf
    headers: dict[str, str]
    dice: random.Random
    holder: str
    trace: Callable[[Ask, Moment], None] | None
    steps: int = 0
    deliveries: list[Delivery] = field(default_factory=list)
    done: bool = False
    result: T | None = None
    error: Exception | None = None
    ended_at: float = 0.0
    on_step: Callable[[Process[Any]], None] | None = None
    on_delivery: Callable[[Delivery], None] | None = None
    on_end: Callable[[Process[Any]], None] | None = None
    _replies: list[Reply] = field(default_factory=list)
    _waiting: Pause | None = None
    _pauses: int = 0

    def begin(self) -> None:
        """Run the flow up to its first ask that has to wait."""
        self._advance(lambda: next(self.flow))

    def kill(self) -> None:
        """End it now, as SIGKILL would.

        It does nothing more, but requests on the wire still reach the server.
        """
        self._end()

    def _end(self) -> None:
        self.done = True
        self.ended_at = self.simulation.now
        self._waiting = None
        self.flow.close()
        if self.on_end is not None:
            self.on_end(self)

    def _advance(self, step: Callable[[], Ask]) -> None:
        while not self.done:
            try:
                ask = step()
            except StopIteration as end:
                self.result = end.value
                self._end()
                return
            except Exception as problem:  # noqa: BLE001 - the flow's own end, kept for whoever looks
                self.error = problem
                self._end()
                return
            if self.on_step is not None:
                self.on_step(self)
                if self.done:
                    return
            self.steps += 1
            if isinstance(ask, Pause) and not self._ready(ask):
                self._waiting = ask
                return
            try:
                step = _sender(self.flow, self._answer(ask))
            except Exception as problem:  # noqa: BLE001 - a shelf that is full, say: it is the flow's to hear
                step = _thrower(self.flow, problem)

    def _ready(self, ask: Pause) -> bool:
        if self._replies or (ask.until is not None and ask.until <= self.simulation.now):
            return True
        if ask.until is not None:
            self._pauses += 1
            pause = self._pauses
            self.simulation.at(ask.until, lambda: self._wake(pause))
        return False

    def _wake(self, pause: int | None = None) -> None:
        if self._waiting is None or (pause is not None and pause != self._pauses):
            return
        ask, self._waiting = self._waiting, None
        self._pauses += 1
        self._advance(_sender(self.flow, self._answer(ask)))

    def _answer(self, ask: Ask) -> Moment:
        moment = Moment(self.simulation.now, self.simulation.wall, self.dice.random())
        match ask:
            case Pause():
                replies, self._replies = tuple(self._replies), []
                moment = Woken(moment.now, moment.wall, moment.draw, replies)
            case Reserve():
                grant = self.throttle.reserve(moment.now, Asker(self.holder, ask.interactive))
                moment = Slot(moment.now, moment.wall, moment.draw, grant.token, grant.retry_at, grant.share)
            case Send():
                self._send(ask, moment.now)
            case Store() | Collect() | Strike():
                put_on(self.shelf, ask)
            case Deliver() | Settle():
                (self.on_delivery or self.deliveries.append)(ask)
        if self.trace is not None:
            self.trace(ask, moment)
        return moment

    def _send(self, ask: Send, sent_at: float) -> None:
        def answered(outcome: Outcome) -> None:
            if self.done:
                return
            now = self.simulation.now
            self.throttle.record_end(ask.slot, outcome, now, self.simulation.wall)
            self._replies.append(Reply(ask.tag, outcome, sent_at, now))
            self._wake()

        headers = {**ask.request.headers, **self.headers}
        self.simulation.carry(replace(ask.request, headers=headers), answered)


def _sender(flow: Flow[Any], answer: Moment) -> Callable[[], Ask]:
    return lambda: flow.send(answer)


def _thrower(flow: Flow[Any], problem: Exception) -> Callable[[], Ask]:
    return lambda: flow.throw(problem)
