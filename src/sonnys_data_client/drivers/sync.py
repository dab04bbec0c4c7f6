"""The sync driver: interprets asks with threads and a queue. It decides nothing.

A request that is alone on the wire runs in the caller's own thread. When a flow goes on after `Send` instead of
waiting for the reply, each request gets a daemon thread, so an abandoned one never keeps the interpreter alive.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Generator
from dataclasses import replace
from typing import TypeVar

from sonnys_data_client.drivers.seams import Seams, Shelf, Transport, check_open
from sonnys_data_client.engine.effects import Ask, Emit, Flow, Keep, Moment, Pause, Reply, Reserve, Send, Slot, Woken

T = TypeVar("T")


class SyncDriver:
    """Runs flows in the calling thread. One driver serves any number of threads.

    Args:
        transport: Sends requests.
        seams: The other side effects.
    """

    def __init__(self, transport: Transport, seams: Seams) -> None:
        self._transport = transport
        self._seams = seams

    def with_shelf(self, shelf: Shelf) -> SyncDriver:
        """The same driver, keeping handles on another shelf."""
        return SyncDriver(self._transport, replace(self._seams, shelf=shelf))

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; what it emits is dropped."""
        steps = self.stream(flow)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                result: T = end.value
                return result

    def stream(self, flow: Flow[T]) -> Generator[Emit, None, T]:
        """Run a flow, yielding what it emits; closing this generator closes the flow."""
        wire = _Wire(self._transport, self._seams)
        try:
            check_open(self._transport)
            ask = next(flow)
            while True:
                if isinstance(ask, Emit):
                    wire.start()
                    yield ask
                try:
                    answer = wire.answer(ask)
                except Exception as problem:  # noqa: BLE001 - whatever it is, it is the flow's to hear
                    ask = flow.throw(problem)
                    continue
                if self._seams.trace is not None:
                    self._seams.trace(ask, answer)
                ask = flow.send(answer)
        except StopIteration as end:
            result: T = end.value
            return result
        finally:
            flow.close()


class _Wire:
    """The requests of one running flow."""

    def __init__(self, transport: Transport, seams: Seams) -> None:
        self._transport = transport
        self._seams = seams
        self._unsent: list[tuple[Send, float]] = []
        self._running = 0
        self._replies: queue.SimpleQueue[Reply] = queue.SimpleQueue()

    def answer(self, ask: Ask) -> Moment:
        seams = self._seams
        match ask:
            case Pause():
                return self._pause(ask.until)
            case Send():
                self._unsent.append((ask, seams.monotonic()))
                return seams.moment()
            case Reserve():
                self.start()
                now = seams.moment()
                grant = seams.throttle.reserve(now.now)
                return Slot(now.now, now.wall, now.draw, grant.token, grant.retry_at)
            case Keep():
                self.start()
                seams.put(ask)
                return seams.moment()
            case Emit():
                return seams.moment()

    def start(self) -> None:
        """Give every request that was asked for and not begun a thread of its own."""
        for send, sent_at in self._unsent:
            self._running += 1
            threading.Thread(target=self._exchange, args=(send, sent_at), daemon=True).start()
        self._unsent.clear()

    def _exchange(self, send: Send, sent_at: float) -> None:
        outcome = self._transport.exchange(send.request)
        now = self._seams.monotonic()
        self._seams.throttle.settle(send.slot, outcome, now, self._seams.wall())
        self._replies.put(Reply(send.tag, outcome, sent_at, now))

    def _pause(self, until: float | None) -> Woken:
        if until is None and len(self._unsent) == 1 and not self._running:
            self._running += 1
            self._exchange(*self._unsent.pop())
        self.start()
        found = self._wait(until)
        while found is not None:
            replies = [found]
            while (more := self._wait(float("-inf"))) is not None:
                replies.append(more)
            now = self._seams.moment()
            return Woken(now.now, now.wall, now.draw, tuple(replies))
        now = self._seams.moment()
        return Woken(now.now, now.wall, now.draw, ())

    def _wait(self, until: float | None) -> Reply | None:
        timeout_s = None if until is None else max(0.0, until - self._seams.monotonic())
        try:
            reply = self._replies.get(timeout=timeout_s) if timeout_s != 0.0 else self._replies.get_nowait()
        except queue.Empty:
            return None
        self._running -= 1
        return reply
