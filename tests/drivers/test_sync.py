"""The sync driver: threads only where they are needed, replies in order, pauses that end on time.

`test_seams` shows what every driver must do; here is what only the sync driver does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest

from sonnys_data_client import per_process
from sonnys_data_client.drivers.seams import TAKEN_OFF, Seams
from sonnys_data_client.drivers.sync import SyncDriver, _Wire
from sonnys_data_client.engine.effects import (
    Ask,
    Deliver,
    Flow,
    Moment,
    Pause,
    Reply,
    Reserve,
    Send,
    deliver,
    look,
    pause,
    reserve,
    send,
    store,
)
from sonnys_data_client.engine.throttle import ALONE, Grant, ThrottleLimits
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.throttles.process import ProcessThrottle
from tests.waiting import PATIENCE_S, wait_until

WINDOW = Window(0, 60)
SERVED = Response(200, b"{}")


def request(number: int) -> Request:
    return Request("GET", f"/{number}")


class Wire:
    """A transport that remembers which thread sent what."""

    def __init__(self, meet: Callable[[Request], Outcome] = lambda _: SERVED) -> None:
        self.meet = meet
        self.closed = False
        self.threads: dict[str, threading.Thread] = {}

    def exchange(self, request: Request) -> Outcome:
        self.threads[request.path] = threading.current_thread()
        return self.meet(request)


class Slots:
    """A throttle that grants every slot some seconds after the first was asked for, and counts."""

    def __init__(self, after_s: float = 0.0) -> None:
        self.granted = 0
        self.outcomes: list[Outcome] = []
        self._after_s = after_s
        self._asked_at: float | None = None

    def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
        self._asked_at = now if self._asked_at is None else self._asked_at
        if now < self._asked_at + self._after_s:
            return Grant(None, self._asked_at + self._after_s)
        self.granted += 1
        return Grant(self.granted, now)

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        self.outcomes.append(outcome)


def driver(wire: Wire, slots: Slots | None = None, **seams: Any) -> SyncDriver:
    return SyncDriver(wire, Seams(slots or Slots(), **seams))


def send_some(count: int) -> Flow[None]:
    for tag in range(count):
        slot = yield from reserve()
        assert slot.token is not None
        yield from send(tag, request(tag), slot.token)


def hear_all(count: int) -> Flow[list[Reply]]:
    replies: list[Reply] = []
    while len(replies) < count:
        replies += (yield from pause(None)).replies
    return replies


def test_a_request_that_is_alone_runs_in_the_callers_thread() -> None:
    wire = Wire()

    def flow() -> Flow[list[Reply]]:
        yield from send_some(1)
        return (yield from hear_all(1))

    (reply,) = driver(wire).run(flow())
    assert (reply.tag, reply.outcome) == (0, SERVED)
    assert list(wire.threads.values()) == [threading.current_thread()]


def test_requests_that_are_not_alone_are_on_the_wire_together_in_daemon_threads() -> None:
    together = threading.Barrier(20)

    def meet(_: Request) -> Outcome:
        together.wait(PATIENCE_S)
        return SERVED

    def flow() -> Flow[list[Reply]]:
        yield from send_some(20)
        return (yield from hear_all(20))

    wire = Wire(meet)
    replies = driver(wire).run(flow())
    assert sorted(reply.tag for reply in replies) == list(range(20))
    assert len(set(wire.threads.values())) == 20
    assert all(thread.daemon for thread in wire.threads.values())


def test_a_timed_pause_ends_with_the_first_reply_or_on_time() -> None:
    gate = threading.Event()

    def meet(asked: Request) -> Outcome:
        if asked.path == "/1":
            gate.wait(PATIENCE_S)
        return SERVED

    def flow() -> Flow[None]:
        before = yield from look()
        yield from send_some(2)
        woken = yield from pause(before.now + 5.0)
        assert [reply.tag for reply in woken.replies] == [0]
        assert woken.now < before.now + 1.0
        again = yield from pause(woken.now + 0.05)
        assert again.replies == ()
        assert woken.now + 0.05 <= again.now
        gate.set()
        last = yield from pause(None)
        assert [reply.tag for reply in last.replies] == [1]

    driver(Wire(meet)).run(flow())


def test_a_look_never_waits_and_brings_what_is_in_oldest_first() -> None:
    turns = [threading.Event() for _ in range(3)]

    def meet(asked: Request) -> Outcome:
        number = int(asked.path[1:])
        if number:
            turns[number].wait(PATIENCE_S)
        return SERVED

    wire = Wire(meet)

    def flow() -> Flow[None]:
        yield from send_some(3)
        assert (yield from pause(None)).replies[0].tag == 0
        assert (yield from look()).replies == ()
        for number in (2, 1):
            turns[number].set()
            wait_until(lambda: f"/{number}" in wire.threads)  # noqa: B023 - asked before the next turn
            wire.threads[f"/{number}"].join(PATIENCE_S)  # whose last act is to hand its reply over
        assert [reply.tag for reply in (yield from look()).replies] == [2, 1]

    driver(wire).run(flow())


def test_requests_go_out_while_rows_are_handed_over() -> None:
    sent = threading.Event()

    def meet(_: Request) -> Outcome:
        sent.set()
        return SERVED

    def flow() -> Flow[str]:
        yield from send_some(1)
        yield from deliver([{"id": "1:1"}], WINDOW)
        yield from hear_all(1)
        return "done"

    steps = driver(Wire(meet)).stream(flow())
    assert next(steps) == Deliver([{"id": "1:1"}], WINDOW)
    assert sent.wait(PATIENCE_S)
    with pytest.raises(StopIteration) as end:
        next(steps)
    assert end.value.value == "done"


def test_run_drops_the_rows_and_returns_the_result() -> None:
    def flow() -> Flow[int]:
        yield from deliver([{}], WINDOW)
        return 7

    assert driver(Wire()).run(flow()) == 7


def test_a_slot_is_waited_for_as_the_throttle_says() -> None:
    def flow() -> Flow[float]:
        first = yield from reserve()
        assert first.token is None
        yield from pause(first.retry_at)
        second = yield from reserve()
        assert second.token is not None
        return second.now - first.now

    assert driver(Wire(), Slots(after_s=0.1)).run(flow()) >= 0.1


def test_a_fault_is_a_reply_like_any_other_and_ends_its_slot() -> None:
    fault = Fault(FaultKind.BROKEN, "reset by peer")
    slots = Slots()

    def flow() -> Flow[list[Reply]]:
        yield from send_some(1)
        return (yield from hear_all(1))

    (reply,) = driver(Wire(lambda _: fault), slots).run(flow())
    assert reply.outcome is fault
    assert slots.outcomes == [fault]


def test_the_trace_hears_every_ask_with_its_answer() -> None:
    heard: list[tuple[Ask, Moment]] = []

    def flow() -> Flow[None]:
        yield from reserve()
        yield from pause(0.0)

    driver(Wire(), trace=lambda ask, answer: heard.append((ask, answer))).run(flow())
    assert [ask for ask, _ in heard] == [Reserve(), Pause(0.0)]
    assert heard[0][1].now <= heard[1][1].now


def test_another_shelf_is_another_driver_with_the_same_seams() -> None:
    kept, other = MemoryShelf(), MemoryShelf()
    first = driver(Wire(), shelf=kept)
    second = first.with_shelf(other)

    def flow() -> Flow[None]:
        yield from store({"hash": "h"})

    second.run(flow())
    assert (list(kept.live()), list(other.live())) == ([], [{"hash": "h"}])


def test_something_around_the_throttle_is_another_driver_with_the_same_seams() -> None:
    granted: list[Grant] = []

    class Counted(ProcessThrottle):
        def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
            granted.append(super().reserve(now, asker))
            return granted[-1]

    first = driver(Wire())
    second = first.with_throttle(lambda throttle: Counted(ThrottleLimits()))

    def flow() -> Flow[None]:
        yield from reserve()

    first.run(flow())
    assert granted == []
    second.run(flow())
    assert len(granted) == 1


def test_a_closed_client_is_one_clear_error_and_sends_nothing() -> None:
    wire = Wire()
    wire.closed = True
    with pytest.raises(SonnysError, match=r"^This client was closed: make a new one"):
        driver(wire).run(send_some(1))
    assert wire.threads == {}


def test_a_call_that_was_forked_is_one_clear_error_in_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = Slots()

    def flow() -> Flow[None]:
        yield from deliver([{"id": "a"}], WINDOW)
        yield from send_some(1)
        yield from pause(None)

    calls = driver(Wire(), slots)
    begun = calls.stream(flow())
    next(begun)
    monkeypatch.setattr(per_process, "_forks", 1)
    with pytest.raises(SonnysError, match=r"^This call began in another process"):
        next(begun)
    assert (slots.granted, slots.outcomes) == (0, [])


def test_a_child_gives_no_slots_of_its_parent_back(monkeypatch: pytest.MonkeyPatch) -> None:
    slots = Slots()
    begun = _Wire(Wire(), Seams(slots))
    begun.answer(Send(0, request(1), 7))
    monkeypatch.setattr(per_process, "_forks", 1)
    begun.abandon()
    assert slots.outcomes == []
    monkeypatch.undo()
    begun.abandon()
    assert slots.outcomes == [TAKEN_OFF]


def test_an_error_of_a_lone_request_is_heard_by_the_flow() -> None:
    def meet(_: Request) -> Outcome:
        raise LookupError("a bug")

    def flow() -> Flow[str]:
        yield from send_some(1)
        try:
            yield from pause(None)
        except LookupError as bug:
            return str(bug)
        return "nothing"

    assert driver(Wire(meet)).run(flow()) == "a bug"
