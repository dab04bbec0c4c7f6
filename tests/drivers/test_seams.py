"""The seams, and what every driver must do: the same answers, every slot ended, every flow closed."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, TypeVar

import pytest

from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import TAKEN_OFF, NoShelf, Seams, Shelf, Throttle, check_open
from sonnys_data_client.drivers.sync import SyncDriver
from sonnys_data_client.engine.effects import Collect, Flow, Store, Strike, deliver, look, pause, reserve, send, store
from sonnys_data_client.engine.throttle import ALONE, LINGER_S, Grant
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request, Response
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.shelves import MemoryShelf
from tests.waiting import PATIENCE_S

T = TypeVar("T")

REQUEST = Request("GET", "/site/list")
SERVED = Response(200, b"{}")
HANDLE = {"hash": "abc"}


class Slots:
    """A throttle that grants every slot, and records which slots ended."""

    def __init__(self) -> None:
        self.granted = 0
        self.ended: list[int] = []
        self.all_ended = threading.Event()

    def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
        self.granted += 1
        return Grant(self.granted, now)

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        self.ended.append(token)
        if len(self.ended) == self.granted:
            self.all_ended.set()


class Wire:
    """A sync transport whose requests wait for an event, and then may raise a problem."""

    def __init__(self, problem: BaseException | None = None) -> None:
        self.closed = False
        self.problem = problem
        self.gate = threading.Event()
        self.gate.set()

    def exchange(self, request: Request) -> Outcome:
        assert self.gate.wait(PATIENCE_S)
        if self.problem is not None:
            raise self.problem
        return SERVED


class AsyncWire:
    def __init__(self, problem: BaseException | None = None) -> None:
        self.closed = False
        self.problem = problem

    async def exchange(self, request: Request) -> Outcome:
        if self.problem is not None:
            raise self.problem
        return SERVED


class BrokenSlots(Slots):
    def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
        raise ConnectionError("no ledger")


class ForgetfulSlots(Slots):
    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        raise ConnectionError("no ledger any more")


class BrokenShelf(NoShelf):
    def store(self, handle: Mapping[str, Any]) -> None:
        raise OSError("disk full")


def run_sync(flow: Flow[T], seams: Seams, problem: BaseException | None = None) -> T:
    return SyncDriver(Wire(problem), seams).run(flow)


def run_async(flow: Flow[T], seams: Seams, problem: BaseException | None = None) -> T:
    return asyncio.run(AsyncDriver(AsyncWire(problem), seams).run(flow))


both_drivers = pytest.mark.parametrize("run", [run_sync, run_async])


def send_one(tag: int = 0) -> Flow[None]:
    slot = yield from reserve()
    assert slot.token is not None
    yield from send(tag, REQUEST, slot.token)


def rows_while_on_wire(count: int, ended: list[str]) -> Flow[None]:
    """Delivers a row while so many requests are on the wire."""
    try:
        for tag in range(count):
            yield from send_one(tag)
        yield from deliver([{"id": "a"}], Window(0, 60))
        yield from pause(None)
    finally:
        ended.append("closed")


def hear_all(count: int, ended: list[str]) -> Flow[None]:
    """Puts so many requests on the wire, and waits for all replies."""
    try:
        for tag in range(count):
            yield from send_one(tag)
        heard = 0
        while heard < count:
            heard += len((yield from pause(None)).replies)
    finally:
        ended.append("closed")


# -- the seams themselves -----------------------------------------------------------------------------------------


def test_a_moment_is_read_from_all_three_seams() -> None:
    seams = Seams(Slots(), monotonic=lambda: 1.0, wall=lambda: 2.0, dice=lambda: 0.5)
    moment = seams.moment()
    assert (moment.now, moment.wall, moment.draw) == (1.0, 2.0, 0.5)


def test_the_default_clocks_are_the_real_ones() -> None:
    moment = Seams(Slots()).moment()
    assert abs(moment.now - time.monotonic()) < 1
    assert abs(moment.wall - time.time()) < 1
    assert 0 <= moment.draw < 1


class AnswerShelf(MemoryShelf):
    """A shelf that keeps answers."""

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        self.store({**handle, "answer": answer})


def test_put_stores_handles_collects_answers_and_strikes_out() -> None:
    shelf = AnswerShelf()
    seams = Seams(Slots(), shelf)
    seams.put(Store(HANDLE))
    assert shelf.live() == [HANDLE]
    seams.put(Collect(HANDLE, {"rows": []}))
    assert shelf.live() == [{**HANDLE, "answer": {"rows": []}}]
    seams.put(Strike(HANDLE))
    assert shelf.live() == []


def test_a_shelf_that_keeps_no_answers_strikes_a_collected_job_out() -> None:
    shelf = MemoryShelf()
    seams = Seams(Slots(), shelf)
    seams.put(Store(HANDLE))
    seams.put(Collect(HANDLE, {"rows": []}))
    assert shelf.live() == []


def test_no_shelf_keeps_nothing() -> None:
    shelf: Shelf = NoShelf()
    shelf.store(HANDLE)
    assert shelf.live() == ()
    shelf.strike(HANDLE)


def test_check_open_tells_what_to_do() -> None:
    wire = Wire()
    check_open(wire)
    wire.closed = True
    with pytest.raises(SonnysError, match=r"^This client was closed: make a new one, or make the call before"):
        check_open(wire)


def test_an_abandoned_slot_counts_as_spent_a_little_longer() -> None:
    told: list[tuple[int, Outcome, float, float]] = []

    class Listening(Slots):
        def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
            told.append((token, outcome, now, wall))

    Seams(Listening(), monotonic=lambda: 50.0, wall=lambda: 1e9).abandon(7)
    assert told == [(7, TAKEN_OFF, 50.0 + LINGER_S, 1e9)]


# -- what both drivers must do ------------------------------------------------------------------------------------


@both_drivers
def test_a_reply_carries_its_tag_and_times_and_ends_its_slot(run: Any) -> None:
    clock = SimpleNamespace(now=50.0)

    def flow() -> Flow[Any]:
        yield from send_one(tag=7)
        clock.now = 53.0
        return (yield from pause(None)).replies

    slots = Slots()
    (reply,) = run(flow(), Seams(slots, monotonic=lambda: clock.now))
    assert (reply.tag, reply.outcome, reply.sent_at, reply.at) == (7, SERVED, 50.0, 53.0)
    assert slots.ended == [1]


@both_drivers
@pytest.mark.parametrize(
    ("throttle", "shelf", "problem"), [(BrokenSlots(), NoShelf(), "no ledger"), (Slots(), BrokenShelf(), "disk full")]
)
def test_what_a_seam_raises_is_the_flows_to_hear(run: Any, throttle: Throttle, shelf: Shelf, problem: str) -> None:
    def flow() -> Flow[str]:
        try:
            yield from reserve()
            yield from store(HANDLE)
        except OSError as heard:
            yield from look()  # a flow that hears of a problem may go on asking
            return str(heard)
        return "nothing"

    assert run(flow(), Seams(throttle, shelf)) == problem


@both_drivers
@pytest.mark.parametrize("count", [1, 3])
def test_a_transport_that_raises_is_the_flows_to_hear_and_leaves_no_slot(run: Any, count: int) -> None:
    slots, ended = Slots(), list[str]()
    with pytest.raises(RuntimeError, match="a bug"):
        run(hear_all(count, ended), Seams(slots), RuntimeError("a bug"))
    assert ended == ["closed"]
    assert slots.all_ended.wait(PATIENCE_S)


@both_drivers
@pytest.mark.parametrize("count", [1, 3])
def test_a_throttle_that_fails_is_the_flows_to_hear(run: Any, count: int) -> None:
    with pytest.raises(ConnectionError, match="no ledger any more"):
        run(hear_all(count, []), Seams(ForgetfulSlots()))


@both_drivers
def test_what_a_flow_raises_comes_out_and_it_is_closed(run: Any) -> None:
    ended: list[str] = []

    def flow() -> Flow[None]:
        try:
            yield from look()
            raise LookupError("mine")
        finally:
            ended.append("closed")

    with pytest.raises(LookupError, match="mine"):
        run(flow(), Seams(Slots()))
    assert ended == ["closed"]


# -- the sync driver's threads ------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 20])
def test_leaving_a_stream_early_closes_the_flow_and_its_threads_finish_by_themselves(count: int) -> None:
    wire, slots, ended = Wire(), Slots(), list[str]()
    wire.gate.clear()
    before = set(threading.enumerate())
    stream = SyncDriver(wire, Seams(slots)).stream(rows_while_on_wire(count, ended))
    next(stream)
    threads = set(threading.enumerate()) - before
    assert len(threads) == count
    assert all(thread.daemon for thread in threads)
    stream.close()
    assert ended == ["closed"]
    wire.gate.set()
    assert slots.all_ended.wait(PATIENCE_S)
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sorted(slots.ended) == list(range(1, count + 1))


def test_ctrl_c_during_a_call_closes_the_flow_and_gives_its_slot_back() -> None:
    slots, ended = Slots(), list[str]()
    with pytest.raises(KeyboardInterrupt):
        run_sync(hear_all(1, ended), Seams(slots), KeyboardInterrupt())
    assert ended == ["closed"]
    assert slots.ended == [1]


def test_a_request_that_was_never_begun_gives_its_slot_back() -> None:
    def flow() -> Flow[None]:
        yield from send_one()
        raise LookupError("mine")

    slots = Slots()
    with pytest.raises(LookupError):
        run_sync(flow(), Seams(slots))
    assert slots.ended == [1]


def test_one_driver_serves_many_threads_at_once() -> None:
    wire, slots = Wire(), Slots()
    driver = SyncDriver(wire, Seams(slots))
    results: list[int] = []

    def flow(tag: int) -> Flow[int]:
        yield from send_one(tag)
        (reply,) = (yield from pause(None)).replies
        return reply.tag

    threads = [threading.Thread(target=lambda tag=tag: results.append(driver.run(flow(tag)))) for tag in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert sorted(results) == list(range(8))
