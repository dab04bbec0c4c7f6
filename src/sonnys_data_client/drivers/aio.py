"""The async driver: carries out asks with tasks. It decides nothing.

Each request on the wire is a task. A flow that ends early, by an error or by cancellation, cancels its tasks, and
nothing is left running. The server may still count a request that was taken off the wire, a little later. So its slot
ends like that of a connection that breaks a little later.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Generic, TypeVar

from sonnys_data_client.drivers.seams import AsyncTransport, Seams, Shelf, check_open, check_process
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
from sonnys_data_client.engine.throttle import Grant
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.per_process import PerProcess, this_process

T = TypeVar("T")


class AsyncDriver:
    """Runs flows in one event loop, that of the first flow, any number at a time.

    Args:
        transport: Sends requests.
        seams: The other side effects.
    """

    def __init__(self, transport: AsyncTransport, seams: Seams, home: Home | None = None) -> None:
        self._transport = transport
        self._seams = seams
        self._home = home or Home()

    def with_shelf(self, shelf: Shelf) -> AsyncDriver:
        """The same driver, keeping handles on another shelf."""
        return AsyncDriver(self._transport, replace(self._seams, shelf=shelf), self._home)

    async def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; what it delivers is dropped."""
        run = self.start(flow)
        try:
            while await run.next_delivery() is not None:
                pass
            return run.result
        finally:
            await run.close()

    def start(self, flow: Flow[T]) -> AsyncRun[T]:
        """Begin a flow whose deliveries are wanted. Close what this returns.

        Raises:
            SonnysError: Flows have run in another event loop before.
        """
        self._home.check()
        return AsyncRun(flow, self._transport, self._seams)


class Home:
    """The event loop that a transport's connections belong to: in each process that of the first call."""

    def __init__(self) -> None:
        self._loop = PerProcess(asyncio.get_running_loop)

    def check(self) -> None:
        """Raise `SonnysError` in any other loop: a connection of a loop that has ended would never answer."""
        if self._loop.get() is not asyncio.get_running_loop():
            raise SonnysError("This client belongs to another event loop: make a client of its own in each loop.")


class AsyncRun(Generic[T]):
    """A running flow. It is closed explicitly; an async generator would leave that to the garbage collector.

    Attributes:
        result: What the flow returned; only after `next_delivery` has said None.
    """

    result: T

    def __init__(self, flow: Flow[T], transport: AsyncTransport, seams: Seams) -> None:
        self._flow = flow
        self._transport = transport
        self._seams = seams
        self._asked: Ask | None = None
        self._tasks: set[asyncio.Task[Outcome]] = set()
        self._replies: list[Reply] = []
        self._problem: Exception | None = None
        self._arrival = asyncio.Event()
        self._turn = asyncio.Lock()
        self._ended = False
        self._closed = False
        self._process = this_process()

    async def next_delivery(self) -> Delivery | None:
        """Go on until the next delivery; None once the flow has ended. Tasks that ask at the same time take turns.

        Raises:
            SonnysError: The run or its client was closed, or began in another process.
        """
        check_process(self._process)
        async with self._turn:
            check_open(self._transport)
            while not self._ended:
                step = await self._next_step()
                if self._closed:
                    raise SonnysError("This was closed before its end.")
                try:
                    self._asked = step()
                except StopIteration as end:
                    self._ended = True
                    self.result = end.value
                    break
                if isinstance(self._asked, Delivery):
                    return self._asked
            return None

    async def _next_step(self) -> Callable[[], Ask]:
        """Carry out what the flow asked for; returns the call that gives it the answer."""
        if self._asked is None:
            return partial(next, self._flow)
        try:
            answer = await self._carry_out(self._asked)
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the flow's to hear
            return partial(self._flow.throw, problem)
        if self._seams.trace is not None:
            self._seams.trace(self._asked, answer)
        return partial(self._flow.send, answer)

    async def close(self) -> None:
        """Close the flow and take its requests off the wire."""
        self._closed = True
        self._flow.close()
        if self._process != this_process():  # the tasks belong to the parent's event loop
            return
        self._arrival.set()
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
                task = asyncio.create_task(self._transport.exchange(ask.request))
                self._tasks.add(task)
                task.add_done_callback(partial(self._take_end, ask, seams.monotonic()))
            case Reserve():
                return await self._reserve(ask)
            case Store() | Collect() | Strike():
                seams.put(ask)
            case Deliver() | Settle():
                pass
        return seams.moment()

    async def _reserve(self, ask: Reserve) -> Slot:
        seams = self._seams
        now, asker = seams.moment(), seams.asker(ask)
        if seams.bookkeeper is None:
            grant = seams.throttle.reserve(now.now, asker)
        else:
            granting = seams.bookkeeper().submit(seams.throttle.reserve, now.now, asker)
            try:
                grant = await asyncio.wrap_future(granting)
            except asyncio.CancelledError:
                granting.add_done_callback(self._give_back)  # it may be granted all the same
                raise
            now = seams.moment()
        return Slot(now.now, now.wall, now.draw, grant.token, grant.retry_at, grant.share)

    def _give_back(self, granting: Future[Grant]) -> None:
        """End the slot that nobody will use. Runs in the bookkeeper's thread."""
        if not granting.cancelled() and granting.exception() is None and (token := granting.result().token) is not None:
            self._seams.abandon(token)

    def _take_end(self, send: Send, sent_at: float, task: asyncio.Task[Outcome]) -> None:
        """Take in a request's end. A callback, because a task that is cancelled early enough never runs at all."""
        self._tasks.discard(task)
        seams = self._seams
        problem = None if task.cancelled() else task.exception()
        try:
            if task.cancelled() or problem is not None:
                self._tell(partial(seams.abandon, send.slot))
            else:
                now = seams.monotonic()
                self._tell(partial(seams.throttle.record_end, send.slot, task.result(), now, seams.wall()))
                self._replies.append(Reply(send.tag, task.result(), sent_at, now))
        except Exception as error:  # noqa: BLE001 - the flow's to hear, when it next waits
            problem = error
        if isinstance(problem, Exception):
            self._problem = problem
        self._arrival.set()

    def _tell(self, tell: Callable[[], None]) -> None:
        """Tell the throttle of an end. The event loop does not wait for a throttle that waits for a disk."""
        if self._seams.bookkeeper is None:
            tell()
        else:
            self._seams.bookkeeper().submit(tell)

    async def _pause(self, until: float | None) -> Woken:
        if not self._replies and self._problem is None and not self._closed:
            self._arrival.clear()
            wait_s = None if until is None else until - self._seams.monotonic()
            if wait_s is None or wait_s > 0:
                # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with what it waits for.
                with suppress(TimeoutError):
                    async with asyncio.timeout(wait_s):
                        await self._arrival.wait()
        problem, self._problem = self._problem, None
        if problem is not None:
            raise problem
        replies, self._replies = tuple(self._replies), []
        now = self._seams.moment()
        return Woken(now.now, now.wall, now.draw, replies)
