"""What a driver needs from outside: one seam for each side effect, all passed to its constructor."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from sonnys_data_client.engine.effects import Ask, Collect, Delivery, Flow, Moment, Reserve, Store, Strike
from sonnys_data_client.engine.throttle import LINGER_S, Grant
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.per_process import ProcessId, this_process

T = TypeVar("T")

TAKEN_OFF = Fault(FaultKind.BROKEN, "taken off the wire")
"""The outcome of a request that nobody waits for any more."""


class Transport(Protocol):
    """Sends one request and waits for its end. Never raises for a failure of the network: that is a `Fault`."""

    def exchange(self, request: Request) -> Outcome:
        """Send `request`; return the response or the fault."""
        ...

    @property
    def closed(self) -> bool:
        """Whether it was closed, so that it sends nothing any more."""
        ...


class AsyncTransport(Protocol):
    """The same for asyncio."""

    async def exchange(self, request: Request) -> Outcome:
        """Send `request`; return the response or the fault."""
        ...

    @property
    def closed(self) -> bool:
        """Whether it was closed, so that it sends nothing any more."""
        ...


class Driver(Protocol):
    """Runs flows for a sync client."""

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; what it delivers is dropped."""
        ...

    def stream(self, flow: Flow[T]) -> Generator[Delivery, None, T]:
        """Run a flow, yielding its deliveries; closing the generator closes the flow."""
        ...

    def with_shelf(self, shelf: Shelf) -> Driver:
        """The same driver, keeping handles on another shelf."""
        ...

    def with_throttle(self, wrap: Callable[[Throttle], Throttle]) -> Driver:
        """The same driver, with its throttle wrapped, such as by a budget."""
        ...


def check_open(transport: Transport | AsyncTransport) -> None:
    """Raise `SonnysError` if the client was closed, instead of trying to connect for a while."""
    if transport.closed:
        raise SonnysError("This client was closed: make a new one, or make the call before its `with` block ends.")


def check_process(began_in: ProcessId) -> None:
    """Raise `SonnysError` in a process that was forked while a call was running: its requests stayed behind."""
    if began_in != this_process():
        raise SonnysError(
            "This call began in another process, before a fork: make the call again in this one. The client may stay."
        )


class Throttle(Protocol):
    """Holds the slot ledger of one API ID. Safe from any thread. No failure of what it is kept in reaches a caller."""

    def reserve(self, now: float, asker: Asker) -> Grant:
        """Take a slot and record it, in one step, or learn when to ask again (monotonic seconds)."""
        ...

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        """Tell how the request that spent a slot ended, at monotonic `now` and epoch second `wall`."""
        ...


class Shelf(Protocol):
    """Where handles of live jobs are stored, so that another process can go on with them."""

    def store(self, handle: Mapping[str, Any]) -> None:
        """Store a handle durably, under its `hash` and `owner`: the jobs of several accounts may lie side by side."""
        ...

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Strike a handle out, by its `hash` and `owner`; not an error if it is not there."""
        ...

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """A job's page is in: strike its handle out, or keep the answer, which `live` then gives as `answer`."""
        ...

    def live(self) -> Sequence[Mapping[str, Any]]:
        """The handles that were stored and not struck out, oldest first: those of any owner, as they were stored."""
        ...


class NoShelf:
    """A shelf that keeps nothing: a load that is killed starts from scratch."""

    def live(self) -> Sequence[Mapping[str, Any]]:
        """Nothing."""
        return ()

    def store(self, handle: Mapping[str, Any]) -> None:
        """Keep nothing."""

    def strike(self, handle: Mapping[str, Any]) -> None:
        """Strike nothing out."""

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        """Keep nothing."""


@dataclass(frozen=True, slots=True)
class Seams:
    """The side effects that the drivers have in common.

    Attributes:
        throttle: The slot ledger.
        shelf: Where handles are kept.
        monotonic: Seconds that never go back.
        wall: Epoch seconds.
        dice: Draws from [0, 1) for jitter.
        holder: Who asks for slots: a name that no other client of this process has.
        bookkeeper: Gives threads that call a throttle which may wait for a disk or a network, so that no event loop
            does. None for a throttle that never waits.
        trace: Told every ask and its answer; None for nobody.
    """

    throttle: Throttle
    shelf: Shelf = field(default_factory=NoShelf)
    monotonic: Callable[[], float] = time.monotonic
    wall: Callable[[], float] = time.time
    dice: Callable[[], float] = random.random
    holder: str = ""
    bookkeeper: Callable[[], Executor] | None = None
    trace: Callable[[Ask, Moment], None] | None = None

    def moment(self) -> Moment:
        """Now, as an answer."""
        return Moment(self.monotonic(), self.wall(), self.dice())

    def asker(self, ask: Reserve) -> Asker:
        """Who wants the slot that a flow asks for."""
        return Asker(self.holder, ask.interactive)

    def abandon(self, slot: int) -> None:
        """End the slot of a request that nobody waits for any more.

        The request may still reach the server, and be counted there, for `LINGER_S`.
        """
        self.throttle.record_end(slot, TAKEN_OFF, self.monotonic() + LINGER_S, self.wall())

    def put(self, ask: Store | Collect | Strike) -> None:
        """Carry out an ask that is about a handle."""
        put_on(self.shelf, ask)


def put_on(shelf: Shelf, ask: Store | Collect | Strike) -> None:
    """Carry out an ask that is about a handle on a shelf."""
    match ask:
        case Store():
            shelf.store(ask.handle)
        case Collect():
            shelf.answered(ask.handle, ask.answer)
        case Strike():
            shelf.strike(ask.handle)
