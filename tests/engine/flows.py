"""A driver for tests: gives a flow the outcomes of a test, in virtual time, and records what it asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Generic, TypeVar

from sonnys_data_client.engine.effects import (
    Ask,
    Collect,
    Deliver,
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
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response

T = TypeVar("T")

NOON = 1_795_435_200.0
"""2026-11-23 12:00:00 UTC, the wall time at which plays begin."""
LATENCY_S = 0.1

UNREACHABLE = Fault(FaultKind.UNREACHABLE, "connection refused")
BROKEN = Fault(FaultKind.BROKEN, "reset by peer")
TIMED_OUT = Fault(FaultKind.TIMED_OUT, "30 s")


@dataclass
class Play(Generic[T]):
    """One flow's run.

    Attributes:
        sent: Each request with the virtual second at which it was sent.
        slots: The slot that each request spent.
        kept: Handles stored (True), or collected or struck out (False), in order.
        delivered: All rows, in order.
        now: The virtual second.
        result: What the flow returned, once it has.
        error: What it raised instead.
    """

    sent: list[tuple[float, Request]] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    kept: list[tuple[str, bool]] = field(default_factory=list)
    delivered: list[dict[str, Any]] = field(default_factory=list)
    now: float = 0.0
    result: T | None = None
    error: Exception | None = None

    @property
    def requests(self) -> list[Request]:
        """What was sent, in order."""
        return [request for _, request in self.sent]

    def gaps_s(self) -> list[float]:
        """Seconds from each reply to the next request."""
        times = [at for at, _ in self.sent]
        return [later - earlier - LATENCY_S for earlier, later in pairwise(times)]

    def got(self) -> T:
        """The flow's result; raises the flow's error."""
        if self.error is not None:
            raise self.error
        assert self.result is not None
        return self.result


Server = Callable[[Request, float], Outcome]
Answers = Iterable[Outcome] | Server


def play(flow: Flow[T], answers: Answers, *, draw: float = 0.5, closed_until: float = 0.0) -> Play[T]:
    """Run a flow to its end.

    Args:
        flow: The flow.
        answers: The outcome of each request in order, or a server: a function of request and virtual second.
        draw: Every draw of the dice.
        closed_until: The virtual second before which no slot is granted.
    """
    run: Play[T] = Play()
    stage = _Stage(run, answers if callable(answers) else _in_order(answers), draw, closed_until)
    try:
        ask = next(flow)
        while True:
            ask = flow.send(stage.answer(ask))
    except StopIteration as end:
        run.result = end.value
    except Exception as problem:  # noqa: BLE001 - the flow's own end, for the test to judge
        run.error = problem
    return run


def _in_order(outcomes: Iterable[Outcome]) -> Server:
    given = iter(outcomes)
    return lambda _request, _now: next(given)


class _Stage(Generic[T]):
    """Answers a flow's asks."""

    def __init__(self, run: Play[T], server: Server, draw: float, closed_until: float) -> None:
        self._run = run
        self._server = server
        self._draw = draw
        self._closed_until = closed_until
        self._on_wire: list[Reply] = []

    def answer(self, ask: Ask) -> Moment:
        run = self._run
        match ask:
            case Reserve():
                token = len(run.slots) if run.now >= self._closed_until else None
                return Slot(run.now, NOON + run.now, self._draw, token, max(run.now, self._closed_until))
            case Send():
                outcome = self._server(ask.request, run.now)
                run.sent.append((run.now, ask.request))
                run.slots.append(ask.slot)
                self._on_wire.append(Reply(ask.tag, outcome, run.now, run.now + LATENCY_S))
            case Pause():
                return self._pause(ask.until)
            case Deliver():
                run.delivered.extend(ask.rows)
            case Settle():
                pass
            case Store():
                run.kept.append((ask.handle["hash"], True))
            case Collect() | Strike():
                run.kept.append((ask.handle["hash"], False))
        return Moment(run.now, NOON + run.now, self._draw)

    def _pause(self, until: float | None) -> Woken:
        run = self._run
        times = [reply.at for reply in self._on_wire] + ([] if until is None else [until])
        assert times, "the flow waits for ever"
        run.now = max(run.now, min(times))
        replies = tuple(reply for reply in self._on_wire if reply.at <= run.now)
        self._on_wire = [reply for reply in self._on_wire if reply.at > run.now]
        return Woken(run.now, NOON + run.now, self._draw, replies)


def served(data: Any) -> Response:
    """A 200 with this below `data`."""
    return Response(200, json.dumps({"data": data}).encode())


def refused(status: int, type: str, *messages: str, headers: Mapping[str, str] | None = None) -> Response:
    """An error as the API writes it."""
    said: dict[str, Any] = {"message": messages[0]} if len(messages) == 1 else {"messages": list(messages)}
    return Response(status, json.dumps({"type": type, **said}).encode(), headers or {})


def too_many(**headers: str) -> Response:
    """A 429; `retry_after="3"` becomes its header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return refused(429, "RequestRateExceedError", "Slow down", headers=named)


HTML = Response(502, b"<html><body>Bad Gateway</body></html>", {"content-type": "text/html"})
