"""The closed list of what a flow may ask for. Nothing else is ever yielded.

A *flow* is a generator that decides, and asks a driver to act. It reads no clock, sleeps never, draws no random
number and touches no socket or file: it yields one of five asks and is told the outcome, the time and a draw.

```text
ask       the driver does                                     and answers
Reserve   tries to take one throttle slot, now                Slot: granted, or when to ask again
Send      puts a request on the wire, without waiting         Moment
Pause     waits until a time or for replies, the earlier      Woken: the replies that arrived
Emit      hands finished rows to whoever is waiting for them  Moment
Keep      stores a job's handle durably, or strikes it out    Moment
```

`Send` does not wait, so several requests can be on the wire at once, in every driver; replies come back from
`Pause`, a failed connection as a `Fault` among them. What goes wrong inside the driver itself (a full disk under
`Keep`) is thrown into the flow where it asked. A flow never yields inside a `finally`: a driver that
stops early closes it, and cleaning up must not ask for anything.

The functions below are the only way to yield: each gives its answer's own type, which a bare `yield` would lose.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request

T = TypeVar("T")
A = TypeVar("A", bound="Moment")


@dataclass(frozen=True, slots=True)
class Reserve:
    """Ask for leave to send one request now."""


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
class Emit:
    """Hand over finished rows.

    Attributes:
        rows: Raw rows as decoded JSON objects, each delivered once.
        window: The window of the plan that they belong to.
        settled: The reports of all windows of this span, of several sites perhaps, once the last of them is settled:
            no rows of the span follow. Empty before.
    """

    rows: Sequence[dict[str, Any]]
    window: Window
    settled: Sequence[WindowReport] = ()


@dataclass(frozen=True, slots=True)
class Keep:
    """Remember a live job beyond this process, or strike it out.

    Attributes:
        handle: The job as plain JSON-ready data; its `hash` identifies it.
        live: True to store it, False once it was collected or is of no more use.
        answer: What was collected, for shelves that keep that, too; None if it is of no use.
    """

    handle: dict[str, Any]
    live: bool
    answer: dict[str, Any] | None = None


Ask = Reserve | Send | Pause | Emit | Keep


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
    """

    token: int | None
    retry_at: float


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


def reserve() -> Flow[Slot]:
    """Try to take a slot, now."""
    return _ask(Reserve(), Slot)


def send(tag: int, request: Request, slot: int) -> Flow[Moment]:
    """Put `request` on the wire under `tag`, spending the slot."""
    return _ask(Send(tag, request, slot), Moment)


def pause(until: float | None) -> Flow[Woken]:
    """Wait for replies, but not beyond `until` (monotonic seconds; None: as long as it takes)."""
    return _ask(Pause(until), Woken)


def emit(rows: Sequence[dict[str, Any]], window: Window, settled: Sequence[WindowReport] = ()) -> Flow[Moment]:
    """Hand over finished rows of a window of the plan, or the news that its span is settled."""
    return _ask(Emit(rows, window, settled), Moment)


def keep(handle: dict[str, Any], *, live: bool, answer: dict[str, Any] | None = None) -> Flow[Moment]:
    """Store a job's handle durably (`live`), or strike it out, perhaps with what was collected."""
    return _ask(Keep(handle, live, answer), Moment)


def look() -> Flow[Woken]:
    """Learn the time without waiting; replies that are already in come along."""
    return pause(float("-inf"))
