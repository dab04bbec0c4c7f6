"""One run of a scenario: real exports against the real sandbox, in virtual time.

Every account exports in one process after the other. A process that is killed, or ends with an error, is followed by
one that starts from the kept handles, until an export has come to its end or too many have failed. All that happened
(each ask and its answer, each row, the server's log) is kept for the oracle to judge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from bench.sim.scenario import START, Export, Kill, Scenario
from sonnys_data_client.engine.effects import Ask, Deliver, Delivery, Moment
from sonnys_data_client.engine.export.flow import Report, export
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.sandbox import Sandbox
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.testing.simulation import Process, Simulation
from sonnys_data_client.throttles.process import ProcessThrottle

STEPS_MAX = 40_000
VIRTUAL_S_MAX = 4 * 3600.0
_RESTARTS_MAX = 8
_REST_AFTER_ERROR_S = 60.0


@dataclass(slots=True, eq=False)
class Life:
    """One process of an account.

    Attributes:
        began_at: Virtual second at which it began.
        kept: Handles that it started from.
        process: The process.
        trace: Every ask and its answer.
        rows: Raw rows delivered, in order.
        killed: Whether it was killed.
        left: Handles on the shelf when it ended.
    """

    began_at: float
    kept: Sequence[Handle]
    process: Process[Report]
    trace: list[tuple[Ask, Moment]]
    rows: list[dict[str, Any]] = field(default_factory=list)
    killed: bool = False
    left: Sequence[Handle] = ()


@dataclass(slots=True, eq=False)
class History:
    """What happened to one account's export: its processes, one after the other.

    Attributes:
        export: What it exports.
        lives: Its processes, in order.
        shelf: Where their handles are kept.
        throttle: The ledger of the process that runs, or ran last.
    """

    export: Export
    lives: list[Life] = field(default_factory=list)
    shelf: MemoryShelf = field(default_factory=MemoryShelf)
    throttle: ProcessThrottle = field(default_factory=lambda: ProcessThrottle(ThrottleLimits()))

    @property
    def last(self) -> Life:
        """The last process."""
        return self.lives[-1]


@dataclass(slots=True)
class Run:
    """A scenario that was played.

    Attributes:
        scenario: The scenario.
        sandbox: The server, with its log.
        histories: One for each account.
    """

    scenario: Scenario
    sandbox: Sandbox
    histories: list[History]


def play(scenario: Scenario) -> Run:
    """Run a scenario until every export has ended, or for `VIRTUAL_S_MAX`."""
    sandbox = Sandbox(scenario.config, scenario.world)
    simulation = Simulation(sandbox, network=scenario.network, start=float(START), seed=scenario.seed)
    histories = [History(export_) for export_ in scenario.exports]
    for history in histories:
        _Keeper(scenario, simulation, history).begin_at(history.export.begins_s)
    simulation.run(until=VIRTUAL_S_MAX)
    return Run(scenario, sandbox, histories)


class _Keeper:
    """Starts an account's processes, kills them on time, and starts the next."""

    def __init__(self, scenario: Scenario, simulation: Simulation, history: History) -> None:
        self._scenario = scenario
        self._simulation = simulation
        self._history = history
        self._kills = list(scenario.kills)

    def begin_at(self, at: float) -> None:
        self._simulation.at(at, self._begin)

    def _begin(self) -> None:
        history, scenario = self._history, self._scenario
        if history.lives and not scenario.ledger_survives:
            history.throttle = ProcessThrottle(ThrottleLimits())
        kept = [Handle.from_dict(handle) for handle in history.shelf.live()]
        flow = export(history.export.windows(), scenario.policy, Findings(), Progress(), kept)
        trace: list[tuple[Ask, Moment]] = []
        process = self._simulation.process(
            flow,
            history.throttle,
            shelf=history.shelf,
            headers={
                "x-sonnys-api-id": history.export.account.api_id,
                "x-sonnys-api-key": history.export.account.api_key,
            },
            trace=lambda ask, answer: trace.append((ask, answer)),
        )
        life = Life(self._simulation.now, kept, process, trace)
        history.lives.append(life)
        kill = self._kills.pop(0) if self._kills else None
        process.on_step = lambda running: self._step(life, running, kill)
        process.on_delivery = lambda delivery: _receive(life, delivery)
        process.on_end = lambda ended: self._ended(life, ended, kill)

    def _step(self, life: Life, process: Process[Any], kill: Kill | None) -> None:
        if process.steps >= STEPS_MAX or (kill is not None and process.steps >= kill.steps):
            life.killed = kill is not None and process.steps >= kill.steps
            process.kill()

    def _ended(self, life: Life, process: Process[Any], kill: Kill | None) -> None:
        life.left = [Handle.from_dict(handle) for handle in self._history.shelf.live()]
        if life.killed and kill is not None:
            self.begin_at(self._simulation.now + kill.rest_s)
        elif process.error is not None and len(self._history.lives) <= _RESTARTS_MAX:
            self.begin_at(self._simulation.now + _REST_AFTER_ERROR_S)


def _receive(life: Life, delivery: Delivery) -> None:
    if isinstance(delivery, Deliver):
        life.rows.extend(delivery.rows)
