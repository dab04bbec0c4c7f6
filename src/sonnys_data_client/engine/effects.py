"""The closed list of what a flow may ask for. Nothing else is ever yielded.

A *flow* is a generator that decides, and asks a driver to act. It reads no clock, never sleeps, draws no random number
and touches no socket or file: it yields one of eight asks and is told the outcome, the time and a draw.

```text
ask       the driver does                                       and answers
Reserve   tries to take one throttle slot, now                  Slot: granted, or when to ask again
Send      puts a request on the wire, without waiting           Moment
Pause     waits until a time or for replies, the earlier        Woken: the replies that arrived
Deliver   hands rows of a window to whoever iterates            Moment
Settle    hands over the reports of a finished span             Moment
Store     stores a submitted job's handle durably               Moment
Collect   keeps a job's answer, or strikes its handle out       Moment
Strike    strikes out the handle of a job that is of no use     Moment
```

`Send` does not wait, so several requests can be on the wire at once, in every driver. Replies come back from `Pause`, a
failed connection as a `Fault` among them. What goes wrong inside the driver itself (a full disk under `Store`) is
thrown into the flow where it asked. A flow never yields inside a `finally`: a driver that stops early closes it, and
cleaning up must not ask for anything.

A *delivery* is a `Deliver` or a `Settle`. Whoever iterates a driver's stream gets deliveries, and no other ask.

The functions below are the only way to yield: each gives its answer's own type, which a bare `yield` would lose.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request

T = TypeVar("T")
A = TypeVar("A", bound="Moment")


@dataclass(frozen=True, slots=True)
class Reserve:
    """Ask for leave to send one request now.

    Attributes:
        interactive: Whether somebody may be sitting and waiting for this request.
    """

    interactive: bool = False


@dataclass(frozen=True, slots=True)
class Send:
    """Put a request on the wire.

    Attributes:
        tag: The flow's own number for it; its reply carries the same.
        request: What to send.
        slot: Token of the slot that was granted for it.
    """

    tag: int
    request: Request
    slot: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait for replies, but not beyond a time.

    Attributes:
        until: Monotonic seconds; None to wait for a reply however long it takes.
    """

    until: float | None


@dataclass(frozen=True, slots=True)
class Deliver:
    """Hand over rows.

    Attributes:
        rows: Raw rows, each delivered once; each an `engine.rows.Row` unless its reply was unusual.
        window: The window of the plan that they belong to.
    """

    rows: Sequence[dict[str, Any]]
    window: Window


@dataclass(frozen=True, slots=True)
class Settle:
    """Hand over the reports of a span: all its windows are settled, and no more rows of it follow.

    Attributes:
        reports: One report for each window of the span: one, or as many as sites were read. Never empty.
    """

    reports: Sequence[WindowReport]

    @property
    def span(self) -> tuple[int, int]:
        """The span's first second and the one after its last."""
        return self.reports[0].window.span


@dataclass(frozen=True, slots=True)
class Store:
    """Store a submitted job's handle beyond this process.

    Attributes:
        handle: The job as plain JSON-ready data; its `hash` identifies it.
    """

    handle: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Collect:
    """Finish with a job whose page is in: keep its answer, or strike its handle out. The shelf says which.

    Attributes:
        handle: The job as plain JSON-ready data; its `hash` identifies it.
        answer: What it brought, for shelves that keep answers.
    """

    handle: dict[str, Any]
    answer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Strike:
    """Strike out the handle of a job that is of no more use.

    Attributes:
        handle: The job as plain JSON-ready data; its `hash` identifies it.
    """

    handle: dict[str, Any]


Delivery = Deliver | Settle
"""What reaches whoever iterates a driver's stream."""
Ask = Reserve | Send | Pause | Delivery | Store | Collect | Strike


@dataclass(frozen=True, slots=True)
class Moment:
    """What every answer carries.

    Attributes:
        now: Monotonic seconds, for deadlines and ages.
        wall: Epoch seconds, for stamps and calendar ranges only.
        draw: A random number in [0, 1) for jitter.
    """

    now: float
    wall: float
    draw: float


@dataclass(frozen=True, slots=True)
class Slot(Moment):
    """Answer to `Reserve`.

    Attributes:
        token: The slot's number when it was granted, else None.
        retry_at: When refused: the monotonic second from which asking again makes sense.
        share: How many slots of a period may be counted on, as things are; None if that is not known.
    """

    token: int | None
    retry_at: float
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """One request's end.

    Attributes:
        tag: The tag it was sent with.
        outcome: The response, or the fault.
        sent_at: Monotonic second at which it was put on the wire.
        at: Monotonic second at which it ended.
    """

    tag: int
    outcome: Outcome
    sent_at: float
    at: float


@dataclass(frozen=True, slots=True)
class Woken(Moment):
    """Answer to `Pause`: the replies that arrived, oldest first; none when time was up."""

    replies: tuple[Reply, ...]


Flow = Generator[Ask, Moment, T]
"""A generator that asks, is answered, and returns a `T`."""


def _ask(ask: Ask, kind: type[A]) -> Flow[A]:
    answer = yield ask
    if not isinstance(answer, kind):
        raise TypeError(f"the driver answered {type(ask).__name__} with {type(answer).__name__}")
    return answer


def altered(flow: Flow[T], alter: Callable[[Ask], Ask]) -> Flow[T]:
    """Run a flow whose asks are altered on their way to the driver.

    Args:
        flow: The flow.
        alter: Takes each ask, and returns what to ask instead.
    """
    try:
        ask = next(flow)
        while True:
            try:
                answer = yield alter(ask)
            except Exception as problem:  # noqa: BLE001 - whatever it is, it is for the flow
                ask = flow.throw(problem)
            else:
                ask = flow.send(answer)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()


def interactive(flow: Flow[T]) -> Flow[T]:
    """Run a flow for somebody who may be waiting for it: see `engine.turns`."""
    return altered(flow, lambda ask: Reserve(interactive=True) if isinstance(ask, Reserve) else ask)


def reserve() -> Flow[Slot]:
    """Try to take a slot, now."""
    return _ask(Reserve(), Slot)


def send(tag: int, request: Request, slot: int) -> Flow[Moment]:
    """Put `request` on the wire under `tag`, spending the slot."""
    return _ask(Send(tag, request, slot), Moment)


def pause(until: float | None) -> Flow[Woken]:
    """Wait for replies, but not beyond `until` (monotonic seconds; None: as long as it takes)."""
    return _ask(Pause(until), Woken)


def deliver(rows: Sequence[dict[str, Any]], window: Window) -> Flow[Moment]:
    """Hand over rows of a window of the plan."""
    return _ask(Deliver(rows, window), Moment)


def settle(reports: Sequence[WindowReport]) -> Flow[Moment]:
    """Hand over the reports of all windows of a span: it is finished."""
    return _ask(Settle(reports), Moment)


def store(handle: dict[str, Any]) -> Flow[Moment]:
    """Store a submitted job's handle durably."""
    return _ask(Store(handle), Moment)


def collect(handle: dict[str, Any], answer: dict[str, Any]) -> Flow[Moment]:
    """Finish with a job whose page is in: keep its answer, or strike its handle out."""
    return _ask(Collect(handle, answer), Moment)


def strike(handle: dict[str, Any]) -> Flow[Moment]:
    """Strike out the handle of a job that is of no more use."""
    return _ask(Strike(handle), Moment)


def look() -> Flow[Woken]:
    """Learn the time without waiting; replies that are already in come along."""
    return pause(float("-inf"))
