"""The sync driver: carries out asks with threads and a queue. It decides nothing.

A request that is alone on the wire runs in the caller's thread. When a flow goes on after `Send` instead of waiting for
the reply, each request gets a daemon thread, so that an abandoned request never keeps the interpreter alive.

Threads do not survive a fork, nor do the requests that they wait for. So a child that goes on with a call of its parent
gets an error, instead of waiting for ever. The parent's call is not affected.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TypeVar

from sonnys_data_client.drivers.seams import Seams, Shelf, Throttle, Transport, check_open, check_process
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
from sonnys_data_client.per_process import this_process

T = TypeVar("T")


def result_of(steps: Generator[Delivery, None, T]) -> T:
    """Go through all deliveries of a flow, and return what the flow returns."""
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result: T = end.value
            return result


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

    def with_throttle(self, wrap: Callable[[Throttle], Throttle]) -> SyncDriver:
        """The same driver, with its throttle wrapped."""
        return SyncDriver(self._transport, replace(self._seams, throttle=wrap(self._seams.throttle)))

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; what it delivers is dropped."""
        return result_of(self.stream(flow))

    def stream(self, flow: Flow[T]) -> Generator[Delivery, None, T]:
        """Run a flow, yielding its deliveries; closing this generator closes the flow."""
        wire = _Wire(self._transport, self._seams)
        try:
            check_open(self._transport)
            ask = next(flow)
            while True:
                if isinstance(ask, Delivery):
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
            wire.abandon()
            flow.close()


class _Wire:
    """The requests of one running flow."""

    def __init__(self, transport: Transport, seams: Seams) -> None:
        self._transport = transport
        self._seams = seams
        self._unsent: list[tuple[Send, float]] = []
        self._running = 0
        self._ended: queue.SimpleQueue[Reply | Exception] = queue.SimpleQueue()
        self._process = this_process()

    def answer(self, ask: Ask) -> Moment:
        check_process(self._process)
        seams = self._seams
        match ask:
            case Pause():
                return self._pause(ask.until)
            case Send():
                self._unsent.append((ask, seams.monotonic()))
            case Reserve():
                self.start()
                now = seams.moment()
                grant = seams.throttle.reserve(now.now, seams.asker(ask))
                return Slot(now.now, now.wall, now.draw, grant.token, grant.retry_at, grant.share)
            case Store() | Collect() | Strike():
                self.start()
                seams.put(ask)
            case Deliver() | Settle():
                pass
        return seams.moment()

    def start(self) -> None:
        """Begin every request that was asked for and not begun yet, each in a thread."""
        while self._unsent:
            self._running += 1
            threading.Thread(target=self._in_thread, args=self._unsent.pop(0), daemon=True).start()

    def abandon(self) -> None:
        """Give up requests that were not begun. Those on the wire end by themselves, and their slots with them."""
        while self._unsent and self._process == this_process():  # a slot counts in the ledger of its own process
            self._seams.abandon(self._unsent.pop()[0].slot)

    def _in_thread(self, send: Send, sent_at: float) -> None:
        try:
            self._ended.put(self._exchange(send, sent_at))
        except Exception as problem:  # noqa: BLE001 - whatever it is, it is the flow's to hear
            self._ended.put(problem)

    def _exchange(self, send: Send, sent_at: float) -> Reply:
        seams = self._seams
        try:
            outcome = self._transport.exchange(send.request)
        except BaseException:
            seams.abandon(send.slot)
            raise
        now = seams.monotonic()
        seams.throttle.record_end(send.slot, outcome, now, seams.wall())
        return Reply(send.tag, outcome, sent_at, now)

    def _pause(self, until: float | None) -> Woken:
        if until is None and len(self._unsent) == 1 and not self._running:
            replies = [self._exchange(*self._unsent.pop())]
        else:
            self.start()
            replies = self._wait(until)
        now = self._seams.moment()
        return Woken(now.now, now.wall, now.draw, tuple(replies))

    def _wait(self, until: float | None) -> list[Reply]:
        """Replies to the requests that have ended, oldest first: at least one, unless time is up before."""
        timeout_s = None if until is None else max(0.0, until - self._seams.monotonic())
        replies: list[Reply] = []
        try:
            while True:
                ended = self._ended.get_nowait() if replies or timeout_s == 0.0 else self._ended.get(timeout=timeout_s)
                self._running -= 1
                if isinstance(ended, Exception):
                    raise ended
                replies.append(ended)
        except queue.Empty:
            return replies
