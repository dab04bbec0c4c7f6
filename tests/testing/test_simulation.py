"""The simulated driver: virtual time, latency, timeouts, kills, and faults thrown into the flow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sonnys_data_client.engine.effects import (
    Ask,
    Deliver,
    Flow,
    Moment,
    Store,
    deliver,
    look,
    pause,
    reserve,
    send,
    store,
)
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Fault, FaultKind, Request, Response
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.testing.simulation import Network, Process, Simulation
from sonnys_data_client.throttles.process import ProcessThrottle

GET = Request("GET", "/site/list")
OK = Response(200, b"{}")


@dataclass
class Said:
    outcome: Response | Fault = OK
    hold_s: float = 0.0


@dataclass
class Echo:
    said: Said = field(default_factory=Said)
    seen: list[tuple[float, Mapping[str, str]]] = field(default_factory=list)

    def handle(self, request: Request, now: float) -> Said:
        self.seen.append((now, request.headers))
        return self.said


def simulation(server: Echo, **network: float) -> Simulation:
    return Simulation(server, network=Network(**{"latency_s": 1.0, "spread": 0.0, **network}), start=1_000.0)


def throttle() -> ProcessThrottle:
    return ProcessThrottle(ThrottleLimits())


def one_request() -> Flow[tuple[float, Any]]:
    slot = yield from reserve()
    assert slot.token is not None
    yield from send(7, GET, slot.token)
    woken = yield from pause(None)
    (reply,) = woken.replies
    assert (reply.tag, reply.sent_at) == (7, 0.0)
    return reply.at, reply.outcome


def test_a_reply_takes_its_latency_and_the_servers_time() -> None:
    server = Echo(Said(hold_s=4.0))
    world = simulation(server)
    process = world.process(one_request(), throttle(), headers={"x-sonnys-api-id": "me"})
    world.run()
    assert process.result == (5.0, OK)
    assert server.seen == [(1_000.5, {"x-sonnys-api-id": "me"})]
    assert process.ended_at == world.now == 5.0


def test_a_reply_that_takes_too_long_is_a_fault() -> None:
    world = simulation(Echo(Said(hold_s=40.0)), request_timeout_s=30.0)
    process = world.process(one_request(), throttle())
    world.run()
    assert process.result == (30.0, Fault(FaultKind.TIMED_OUT, "simulated"))


def test_pauses_cost_no_time_but_virtual() -> None:
    def flow() -> Flow[list[float]]:
        start = yield from look()
        late = yield from pause(10.0)
        past = yield from pause(5.0)
        end = yield from pause(3_600.0)
        return [start.now, late.now, past.now, end.now]

    world = simulation(Echo())
    process = world.process(flow(), throttle())
    world.run()
    assert process.result == [0.0, 10.0, 10.0, 3_600.0]


def test_what_breaks_in_the_driver_is_thrown_into_the_flow() -> None:
    class Full(MemoryShelf):
        def store(self, handle: Mapping[str, Any]) -> None:
            raise OSError("no space left")

    def flow() -> Flow[str]:
        try:
            yield from store({"hash": "h"})
        except OSError as problem:
            return str(problem)
        return "kept"

    world = simulation(Echo())
    process = world.process(flow(), throttle(), shelf=Full())
    world.run()
    assert process.result == "no space left"


def test_an_error_ends_the_process_and_is_kept() -> None:
    def flow() -> Flow[None]:
        yield from look()
        raise ValueError("no")

    world = simulation(Echo())
    ended: list[Process[Any]] = []
    process = world.process(flow(), throttle())
    process.on_end = ended.append
    world.run()
    assert isinstance(process.error, ValueError)
    assert ended == [process]


def test_a_killed_process_hears_nothing_more_but_the_server_does() -> None:
    server = Echo()
    world = simulation(server)
    process = world.process(one_request(), throttle())
    world.at(0.1, process.kill)
    world.run()
    assert (process.result, process.error, process.ended_at) == (None, None, 0.1)
    assert len(server.seen) == 1


def test_a_kill_between_two_steps_leaves_the_second_undone() -> None:
    def flow() -> Flow[None]:
        yield from store({"hash": "one"})
        yield from store({"hash": "two"})

    def kill_second(process: Process[Any]) -> None:
        if process.steps == 1:
            process.kill()

    world = simulation(Echo())
    shelf = MemoryShelf()
    process = world.process(flow(), throttle(), shelf=shelf)
    process.on_step = kill_second
    world.run()
    assert [handle["hash"] for handle in shelf.live()] == ["one"]
    assert process.done


def test_deliveries_and_the_trace_are_kept() -> None:
    window = Window(0, 10)

    def flow() -> Flow[None]:
        yield from deliver([{"id": "1"}], window)
        yield from store({"hash": "h"})

    trace: list[tuple[Ask, Moment]] = []
    world = simulation(Echo())
    process = world.process(flow(), throttle(), trace=lambda ask, answer: trace.append((ask, answer)))
    world.run()
    assert process.deliveries == [Deliver([{"id": "1"}], window)]
    assert trace[1][0] == Store({"hash": "h"})
    assert [answer.wall for _, answer in trace] == [1_000.0, 1_000.0]


def test_processes_share_the_clock() -> None:
    def flow(wait_s: float) -> Flow[float]:
        return (yield from pause(wait_s)).now

    world = simulation(Echo())
    late, early = world.process(flow(9.0), throttle()), world.process(flow(3.0), throttle())
    world.run(until=5.0)
    assert (early.result, late.done) == (3.0, False)
    world.run()
    assert late.result == 9.0
    assert not world.step()
