"""The async driver: interprets asks with tasks. It decides nothing.

Each request on the wire is a task of its own; a flow that ends early, by an error or by cancellation, takes them
along, and nothing is left running.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
from typing import Generic, TypeVar

from sonnys_data_client.drivers.seams import AsyncTransport, Seams, Shelf, check_open
from sonnys_data_client.engine.effects import Ask, Emit, Flow, Keep, Moment, Pause, Reply, Reserve, Send, Slot, Woken

T = TypeVar("T")


class AsyncDriver:
    """Runs flows in the running event loop, any number at a time.

    Args:
        transport: Sends requests.
        seams: The other side effects.
    """

    def __init__(self, transport: AsyncTransport, seams: Seams) -> None:
        self._transport = transport
        self._seams = seams

    def with_shelf(self, shelf: Shelf) -> AsyncDriver:
        """The same driver, keeping handles on another shelf."""
        return AsyncDriver(self._transport, replace(self._seams, shelf=shelf))

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; what it emits is dropped."""
        run = self.start(flow)
        try:
            while await run.next_batch() is not None:
                pass
            return run.result
        finally:
            await run.close()

    def start(self, flow: Flow[T]) -> AsyncRun[T]:
        """Begin a flow whose emissions are wanted. Close what this returns."""
        return AsyncRun(flow, self._transport, self._seams)


class AsyncRun(Generic[T]):
    """A flow on its way: an object with an explicit end, where an async generator would leave that to the collector.

    Attributes:
        result: What the flow returned; only after `next_batch` has said None.
    """

    result: T

    def __init__(self, flow: Flow[T], transport: AsyncTransport, seams: Seams) -> None:
        self._flow = flow
        self._transport = transport
        self._seams = seams
        self._tasks: set[asyncio.Task[None]] = set()
        self._replies: list[Reply] = []
        self._arrival = asyncio.Event()
        self._answer: Moment | None = None
        self._ended = False

    async def next_batch(self) -> Emit | None:
        """Go on until the flow emits rows; None once it has ended."""
        check_open(self._transport)
        while not self._ended:
            try:
                ask = next(self._flow) if self._answer is None else self._flow.send(self._answer)
                while True:
                    try:
                        self._answer = await self._carry_out(ask)
                        break
                    except Exception as problem:  # noqa: BLE001 - whatever it is, it is the flow's to hear
                        ask = self._flow.throw(problem)
            except StopIteration as end:
                self._ended = True
                self.result = end.value
                break
            if self._seams.trace is not None:
                self._seams.trace(ask, self._answer)
            if isinstance(ask, Emit):
                return ask
        return None

    async def close(self) -> None:
        """Close the flow and take its requests off the wire."""
        self._ended = True
        self._flow.close()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _carry_out(self, ask: Ask) -> Moment:
        seams = self._seams
        match ask:
            case Pause():
                return await self._pause(ask.until)
            case Send():
                task = asyncio.get_running_loop().create_task(self._exchange(ask, seams.monotonic()))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            case Reserve():
                now = seams.moment()
                grant = seams.throttle.reserve(now.now)
                return Slot(now.now, now.wall, now.draw, grant.token, grant.retry_at)
            case Keep():
                seams.put(ask)
            case Emit():
                pass
        return seams.moment()

    async def _exchange(self, send: Send, sent_at: float) -> None:
        outcome = await self._transport.exchange(send.request)
        now = self._seams.monotonic()
        self._seams.throttle.settle(send.slot, outcome, now, self._seams.wall())
        self._replies.append(Reply(send.tag, outcome, sent_at, now))
        self._arrival.set()

    async def _pause(self, until: float | None) -> Woken:
        if not self._replies:
            self._arrival.clear()
            wait_s = None if until is None else until - self._seams.monotonic()
            if wait_s is None or wait_s > 0:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._arrival.wait(), wait_s)
        replies, self._replies = tuple(self._replies), []
        now = self._seams.moment()
        return Woken(now.now, now.wall, now.draw, replies)
