"""The async driver: many requests at once, and no task left behind, however a flow ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import Any, TypeVar

import pytest

from sonnys_data_client import per_process
from sonnys_data_client.drivers.aio import AsyncDriver, AsyncRun
from sonnys_data_client.drivers.seams import NoShelf, Seams, Shelf, Throttle
from sonnys_data_client.engine.effects import (
    Ask,
    Deliver,
    Delivery,
    Flow,
    Moment,
    Reply,
    deliver,
    look,
    pause,
    reserve,
    send,
    store,
    strike,
)
from sonnys_data_client.engine.throttle import ALONE, LINGER_S, Grant, ThrottleLimits
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request, Response
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.throttles.process import ProcessThrottle
from tests.waiting import PATIENCE_S

T = TypeVar("T")

REQUEST = Request("GET", "/site/list")
SERVED = Response(200, b"{}")
WINDOW = Window(0, 86_400)
HANDLE = {"hash": "abc"}


class Wire:
    """A transport whose requests are answered by a coroutine of the test."""

    def __init__(self, meet: Callable[[], Awaitable[Outcome]]) -> None:
        self.meet = meet
        self.sent = 0
        self.on_wire = 0
        self.most_on_wire = 0
        self.closed = False
        self._arrived = asyncio.Condition()

    async def exchange(self, request: Request) -> Outcome:
        self.sent += 1
        self.on_wire += 1
        self.most_on_wire = max(self.most_on_wire, self.on_wire)
        try:
            async with self._arrived:
                self._arrived.notify_all()
            return await self.meet()
        finally:
            self.on_wire -= 1

    async def carries(self, count: int) -> None:
        """Wait until so many requests are, or were, on the wire at once."""
        async with self._arrived:
            await self._arrived.wait_for(lambda: self.most_on_wire >= count)


class Slots:
    """A throttle that grants every slot, and records how requests ended."""

    def __init__(self) -> None:
        self.granted: list[int] = []
        self.ended: dict[int, Outcome] = {}

    def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
        self.granted.append(len(self.granted))
        return Grant(self.granted[-1], now)

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        assert token not in self.ended
        self.ended[token] = outcome


async def at_once() -> Outcome:
    return SERVED


async def never() -> Outcome:
    await asyncio.Event().wait()
    return SERVED


def burst(count: int, ended: list[str] | None = None) -> Flow[list[Reply]]:
    """Send so many requests, then wait for all replies; note in `ended` that the flow was closed."""
    try:
        for tag in range(count):
            slot = yield from reserve()
            assert slot.token is not None
            yield from send(tag, REQUEST, slot.token)
        replies: list[Reply] = []
        while len(replies) < count:
            replies += (yield from pause(None)).replies
        return replies
    finally:
        if ended is not None:
            ended.append("closed")


def delivering(*names: str) -> Flow[str]:
    for name in names:
        yield from deliver([{"id": name}], WINDOW)
    return "done"


def driver_of(wire: Wire, throttle: Throttle | None = None, shelf: Shelf | None = None, **seams: Any) -> AsyncDriver:
    return AsyncDriver(wire, Seams(throttle or Slots(), shelf or NoShelf(), **seams))


def play(story: Coroutine[Any, Any, T]) -> T:
    """Run a test's coroutine, which must leave no task behind."""

    async def told() -> T:
        result = await asyncio.wait_for(story, PATIENCE_S)
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return result

    return asyncio.run(told())


def ids(delivery: Delivery | None) -> list[str]:
    assert isinstance(delivery, Deliver)
    return [row["id"] for row in delivery.rows]


def test_a_flow_runs_to_its_result() -> None:
    async def story() -> None:
        replies = await driver_of(Wire(at_once)).run(burst(3))
        assert sorted(reply.tag for reply in replies) == [0, 1, 2]
        assert all(reply.outcome is SERVED and reply.sent_at <= reply.at for reply in replies)

    play(story())


def test_twenty_requests_are_on_the_wire_at_once() -> None:
    async def story() -> None:
        async def meet() -> Outcome:
            await wire.carries(20)
            return SERVED

        wire = Wire(meet)
        assert len(await driver_of(wire).run(burst(20))) == 20
        assert wire.on_wire == 0

    play(story())


def test_batches_come_in_order_and_none_at_the_end() -> None:
    async def story() -> None:
        run = driver_of(Wire(at_once)).start(delivering("a", "b"))
        assert [ids(await run.next_delivery()), ids(await run.next_delivery())] == [["a"], ["b"]]
        assert await run.next_delivery() is None
        assert await run.next_delivery() is None
        assert run.result == "done"
        await run.close()

    play(story())


def test_run_drops_what_is_delivered() -> None:
    assert play(driver_of(Wire(at_once)).run(delivering("a"))) == "done"


def test_a_pause_ends_at_its_time_without_a_reply() -> None:
    def flow() -> Flow[tuple[float, float]]:
        before = yield from look()
        slot = yield from reserve()
        assert slot.token is not None
        yield from send(0, REQUEST, slot.token)
        woken = yield from pause(before.now + 0.02)
        assert woken.replies == ()
        return before.now, woken.now

    before, after = play(driver_of(Wire(never)).run(flow()))
    assert after >= before + 0.019


def test_what_the_shelf_raises_is_thrown_into_the_flow_where_it_asked() -> None:
    class Full(NoShelf):
        def store(self, handle: Mapping[str, Any]) -> None:
            raise OSError("disk full")

    def flow() -> Flow[str]:
        try:
            yield from store(HANDLE)
        except OSError as problem:
            yield from strike(HANDLE)
            return str(problem)
        return "kept"

    assert play(driver_of(Wire(at_once), shelf=Full()).run(flow())) == "disk full"


def test_a_transport_that_raises_ends_the_flow_instead_of_leaving_it_waiting() -> None:
    async def meet() -> Outcome:
        raise RuntimeError("a bug")

    slots = Slots()
    ended: list[str] = []
    with pytest.raises(RuntimeError, match="a bug"):
        play(driver_of(Wire(meet), slots).run(burst(1, ended)))
    assert ended == ["closed"]
    assert set(slots.ended) == {0}


def test_a_throttle_that_raises_ends_the_flow_instead_of_leaving_it_waiting() -> None:
    class Unreachable(Slots):
        def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
            raise ConnectionError("no ledger")

    with pytest.raises(ConnectionError, match="no ledger"):
        play(driver_of(Wire(at_once), Unreachable()).run(burst(1)))


@pytest.mark.parametrize("count", [1, 20])
def test_cancelling_a_call_closes_the_flow_and_takes_its_requests_off_the_wire(count: int) -> None:
    async def story() -> None:
        wire, slots, ended = Wire(never), Slots(), list[str]()
        call = asyncio.create_task(driver_of(wire, slots).run(burst(count, ended)))
        await wire.carries(count)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert ended == ["closed"]
        assert wire.on_wire == 0
        assert sorted(slots.ended) == slots.granted

    play(story())


def test_cancelling_a_timed_pause_closes_the_flow() -> None:
    ended: list[str] = []

    def flow() -> Flow[None]:
        try:
            yield from pause((yield from look()).now + 3600)
        finally:
            ended.append("closed")

    async def story() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(driver_of(Wire(at_once)).run(flow()), 0.01)

    play(story())
    assert ended == ["closed"]


@pytest.mark.parametrize("ticks", range(8))
def test_a_cancellation_that_comes_together_with_a_reply_is_not_lost(ticks: int) -> None:
    async def story() -> None:
        answered = asyncio.Event()

        async def meet() -> Outcome:
            await answered.wait()
            return SERVED

        def flow() -> Flow[None]:
            hour = (yield from look()).now + 3600
            yield from send(0, REQUEST, 0)
            while True:
                yield from pause(hour)

        wire = Wire(meet)
        task = asyncio.create_task(driver_of(wire).run(flow()))
        await wire.carries(1)
        await asyncio.sleep(0)
        answered.set()
        for _ in range(ticks):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=PATIENCE_S)
        assert task.cancelled()

    play(story())


def test_a_request_closed_before_it_began_ends_its_slot() -> None:
    def flow() -> Flow[None]:
        slot = yield from reserve()
        assert slot.token is not None
        yield from send(0, REQUEST, slot.token)
        yield from deliver([{"id": "a"}], WINDOW)

    async def story() -> None:
        wire, slots = Wire(never), Slots()
        run = driver_of(wire, slots).start(flow())
        assert ids(await run.next_delivery()) == ["a"]
        await run.close()
        assert wire.sent == 0
        assert list(slots.ended) == [0]

    play(story())


def test_slots_of_cancelled_requests_come_back_a_window_after_they_may_last_have_been_counted() -> None:
    now = 100.0
    throttle = ProcessThrottle(ThrottleLimits(20, 15.0, guard_s=0.0))

    async def story() -> None:
        wire = Wire(never)
        call = asyncio.create_task(driver_of(wire, throttle, monotonic=lambda: now).run(burst(20)))
        await wire.carries(20)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

    play(story())
    assert throttle.reserve(now + 15.0 + LINGER_S - 0.1).token is None
    assert throttle.reserve(now + 15.0 + LINGER_S).token is not None


def test_a_closed_client_is_one_clear_error_and_sends_nothing() -> None:
    ended: list[str] = []
    wire = Wire(at_once)
    wire.closed = True
    with pytest.raises(SonnysError, match=r"^This client was closed: make a new one"):
        play(driver_of(wire).run(burst(1, ended)))
    assert wire.sent == 0


def an_hour() -> Flow[list[Reply]]:
    return list((yield from pause((yield from look()).now + 3600)).replies)


@pytest.mark.parametrize("flow", [lambda: burst(1), an_hour], ids=["a reply", "a time"])
def test_a_run_that_is_closed_while_a_task_waits_for_it_wakes_that_task(flow: Callable[[], Flow[Any]]) -> None:
    async def story() -> None:
        run = driver_of(Wire(never)).start(flow())
        waiting = asyncio.create_task(run.next_delivery())
        await asyncio.sleep(0)
        await run.close()
        with pytest.raises(SonnysError, match="closed before its end"):
            await waiting
        with pytest.raises(SonnysError, match="closed before its end"):
            await run.next_delivery()

    play(story())


def test_tasks_that_take_batches_of_one_run_take_turns() -> None:
    def flow() -> Flow[None]:
        for name in "abc":
            yield from burst(1)
            yield from deliver([{"id": name}], WINDOW)

    async def story() -> None:
        run = driver_of(Wire(at_once)).start(flow())
        deliveries = await asyncio.gather(
            run.next_delivery(), run.next_delivery(), run.next_delivery(), run.next_delivery()
        )
        assert [ids(delivery) for delivery in deliveries[:3]] == [["a"], ["b"], ["c"]]
        assert deliveries[3] is None
        await run.close()

    play(story())


def test_another_event_loop_is_one_clear_error() -> None:
    driver = driver_of(Wire(at_once))
    play(driver.run(delivering()))
    for again in (driver, driver.with_shelf(MemoryShelf())):
        with pytest.raises(SonnysError, match="belongs to another event loop"):
            play(again.run(delivering()))


def test_in_a_forked_child_the_driver_has_a_home_anew_and_a_run_of_the_parent_does_not_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    driver = driver_of(Wire(at_once))

    async def begin() -> AsyncRun[str]:
        run = driver.start(delivering("a", "b"))
        assert ids(await run.next_delivery()) == ["a"]
        return run

    async def go_on(run: AsyncRun[str]) -> None:
        with pytest.raises(SonnysError, match=r"^This call began in another process"):
            await run.next_delivery()
        await run.close()

    run = play(begin())
    monkeypatch.setattr(per_process, "_forks", 1)
    play(go_on(run))
    assert play(driver.run(delivering())) == "done"


def test_with_shelf_keeps_handles_there() -> None:
    shelf = MemoryShelf()

    def flow() -> Flow[None]:
        yield from store(HANDLE)

    play(driver_of(Wire(at_once)).with_shelf(shelf).run(flow()))
    assert shelf.live() == [HANDLE]


def test_every_ask_and_answer_is_traced_and_a_delivery_is_answered_when_the_taker_comes_back() -> None:
    now = 100.0
    told: list[tuple[str, float]] = []

    def trace(ask: Ask, answer: Moment) -> None:
        told.append((type(ask).__name__, answer.now))

    async def story() -> None:
        nonlocal now
        run = driver_of(Wire(at_once), trace=trace, monotonic=lambda: now).start(delivering("a", "b"))
        await run.next_delivery()
        now += 7
        await run.next_delivery()
        now += 7
        assert await run.next_delivery() is None
        await run.close()

    play(story())
    assert told == [("Deliver", 107.0), ("Deliver", 114.0)]
