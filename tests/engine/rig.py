"""What the tests of exports share: the sandbox in virtual time, and a function that may change any of its replies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sonnys_data_client.engine.effects import Ask, Deliver, Delivery, Moment
from sonnys_data_client.engine.export.flow import Report, export
from sonnys_data_client.engine.export.pages import SchedulePolicy
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request, Response
from sonnys_data_client.sandbox import Faults, Quirks, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.log import LogEntry
from sonnys_data_client.sandbox.world.listed import ListWorld
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.testing.simulation import Network, Process, Simulation
from sonnys_data_client.throttles.process import ProcessThrottle
from tests.sandbox.rig import DAY, FETCH, KEYS, NOW, SUBMIT, TODAY, YESTERDAY, wash, world_of

__all__ = [
    "FETCH",
    "LIST",
    "SUBMIT",
    "TODAY",
    "YESTERDAY",
    "AnswerShelf",
    "EngineRig",
    "changed",
    "data",
    "day",
    "rows_at",
    "said",
]

LIST = "/transaction"
PAGE_ROWS = 10
"""Rows a page: few, so that many pages cost little."""

Meddler = Callable[[Request, Outcome], Outcome]
"""Gets a request and the sandbox's reply to it, and returns what the client gets instead."""


def day(back: int = 1, site: str | None = None) -> Window:
    """The UTC day so many days before today."""
    return Window(TODAY - back * DAY, TODAY - (back - 1) * DAY, site)


def rows_at(window: Window, count: int) -> ListWorld:
    """A world with so many rows, spread evenly over a window, the first in its first second."""
    step = window.length_s / count
    return world_of([wash(number, window.start + number * step) for number in range(count)])


def said(data: Any, status: int = 200) -> Response:
    """A reply with this `data`, or with this error."""
    return Response(status, json.dumps({"data": data} if status == 200 else data).encode())


def data(outcome: Outcome) -> Any:
    """The `data` of a reply."""
    assert isinstance(outcome, Response)
    return json.loads(outcome.body)["data"]


def changed(outcome: Outcome, **changes: Any) -> Response:
    """The same reply with other values in its `data`."""
    return said({**data(outcome), **changes})


@dataclass(frozen=True)
class _Answer:
    outcome: Outcome
    hold_s: float


class AnswerShelf(MemoryShelf):
    """A shelf that keeps the answers of jobs."""

    def answered(self, handle: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        self.store({**handle, "answer": answer})


class EngineRig:
    """A sandbox, a virtual clock, a shelf and what the client has learnt; exports run one after the other.

    Attributes:
        sandbox: What answers.
        shelf: Where handles are kept.
        findings: What the client knows of the server.
        progress: Counters of the last export.
        asks: Every ask of the last export and its answer.
        ids: Ids that the last export delivered.
    """

    def __init__(
        self,
        world: ListWorld,
        meddle: Meddler | None = None,
        *,
        quirks: Quirks | None = None,
        faults: Faults | None = None,
        **config: Any,
    ) -> None:
        self.sandbox = Sandbox(SandboxConfig(quirks=quirks or Quirks(), faults=faults or Faults(), **config), world)
        self._meddle = meddle
        self._simulation = Simulation(self, network=Network(0.1), start=NOW, seed=3)
        self._throttle = ProcessThrottle(ThrottleLimits())
        self.shelf = MemoryShelf()
        self.findings = Findings()
        self.progress = Progress()
        self.asks: list[tuple[Ask, Moment]] = []
        self.ids: list[str] = []

    def handle(self, request: Request, now: float) -> _Answer:
        reply = self.sandbox.handle(request, now)
        outcome: Outcome = reply.outcome
        if self._meddle is not None:
            outcome = self._meddle(request, outcome)
        return _Answer(outcome, reply.hold_s)

    def start(self, windows: Sequence[Window], **policy: Any) -> Process[Report]:
        """Begin an export that goes on with what is on the shelf."""
        self.progress, self.asks, self.ids = Progress(), [], []
        settings = replace(SchedulePolicy(rows_a_page=PAGE_ROWS), **policy)
        kept = [Handle.from_dict(handle) for handle in self.shelf.live()]
        process = self._simulation.process(
            export(windows, settings, self.findings, self.progress, kept),
            self._throttle,
            shelf=self.shelf,
            headers=dict(KEYS),
            trace=lambda ask, moment: self.asks.append((ask, moment)),
        )
        process.on_delivery = self._take
        return process

    def _take(self, delivery: Delivery) -> None:
        if isinstance(delivery, Deliver):
            self.ids.extend(row["id"] for row in delivery.rows)

    def run(self, *, for_s: float | None = None) -> None:
        """Let time pass: so many seconds, or until nothing happens any more."""
        until = float("inf") if for_s is None else self._simulation.now + for_s
        if for_s is not None:
            self._simulation.at(until, lambda: None)  # so that the clock gets there, whether or not anything happens
        self._simulation.run(until=until)

    def export(self, *windows: Window, **policy: Any) -> Report:
        """Export to the end, and return the report or raise what the export raised."""
        process = self.start(windows, **policy)
        self.run()
        if process.error is not None:
            raise process.error
        assert process.result is not None
        return process.result

    @property
    def log(self) -> list[LogEntry]:
        """What the server saw."""
        return self.sandbox.log

    def requests(self) -> Counter[str]:
        """Requests by path."""
        return Counter(entry.path for entry in self.log)

    def all_came_once(self, *windows: Window) -> bool:
        """Whether exactly the rows of these windows were delivered, each once."""
        truth = [
            row.id for window in windows for row in self.sandbox.truth(window.start, window.stop, site=window.site)
        ]
        return sorted(self.ids) == sorted(truth)
