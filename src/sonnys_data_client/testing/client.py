"""A client in virtual time whose API is a sandbox in the same process.

It exports a month in a second.

The flows, the throttle and the rows are the real ones; only the driver is simulated. So your test can run a job of
60 s, or a 429 caused by a rival, without a server, a socket or a sleep.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TypeVar, Unpack, cast

from sonnys_data_client.client.settings import ClientOptions, Settings
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.config import Account
from sonnys_data_client.drivers.seams import TAKEN_OFF, NoShelf, Shelf, Throttle
from sonnys_data_client.drivers.sync import result_of
from sonnys_data_client.engine.effects import Delivery, Flow
from sonnys_data_client.engine.throttle import LINGER_S, Grant, ThrottleLimits
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.sandbox import API_ID, API_KEY, Sandbox
from sonnys_data_client.testing.simulation import Network, Simulation
from sonnys_data_client.throttles.process import ProcessThrottle

T = TypeVar("T")

_ADDRESS = "http://localhost/v1"


class SimulatedDriver:
    """Runs flows in a simulation, one at a time. Its clock stands still between calls.

    Args:
        simulation: Clock, network and server.
        account: The account that sends the requests.
        throttle: Grants the slots.
        shelf: Where job handles are kept.
    """

    def __init__(self, simulation: Simulation, account: Account, throttle: Throttle, shelf: Shelf) -> None:
        self._simulation = simulation
        self._account = account
        self._throttle = throttle
        self._shelf = shelf

    def with_shelf(self, shelf: Shelf) -> SimulatedDriver:
        """Return the same driver with another shelf."""
        return SimulatedDriver(self._simulation, self._account, self._throttle, shelf)

    def with_throttle(self, wrap: Callable[[Throttle], Throttle]) -> SimulatedDriver:
        """Return the same driver with its throttle wrapped."""
        return SimulatedDriver(self._simulation, self._account, wrap(self._throttle), self._shelf)

    def run(self, flow: Flow[T]) -> T:
        """Run a flow to its end; what it delivers is dropped."""
        return result_of(self.stream(flow))

    def stream(self, flow: Flow[T]) -> Generator[Delivery, None, T]:
        """Run a flow, yielding its deliveries; closing this generator closes the flow."""
        slots = _Slots(self._throttle)
        headers = self._account.headers()
        process = self._simulation.process(flow, slots, shelf=self._shelf, headers=headers)
        try:
            while not process.done:
                if not self._simulation.step():
                    raise RuntimeError("The flow waits, but no reply and no time is due: it would wait for ever.")
                deliveries, process.deliveries = process.deliveries, []
                yield from deliveries
            # Whoever takes a delivery may run another flow meanwhile. Its steps are those of this one, too.
            yield from process.deliveries
        finally:
            if not process.done:
                process.kill()
            slots.take_off(self._simulation)
        if process.error is not None:
            raise process.error
        return cast("T", process.result)


class _Slots:
    """The slots of one flow.

    When the flow is closed, slots without a reply are settled as in `drivers.aio`.
    """

    def __init__(self, throttle: Throttle) -> None:
        self._throttle = throttle
        self._out: set[int] = set()

    def reserve(self, now: float, asker: Asker) -> Grant:
        grant = self._throttle.reserve(now, asker)
        if grant.token is not None:
            self._out.add(grant.token)
        return grant

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        self._out.discard(token)
        self._throttle.record_end(token, outcome, now, wall)

    def take_off(self, simulation: Simulation) -> None:
        for token in sorted(self._out):
            self._throttle.record_end(token, TAKEN_OFF, simulation.now + LINGER_S, simulation.wall)


class SimulatedClient(SonnysClient):
    """A `SonnysClient` that talks to a sandbox in the same process, in virtual time.

    ```python
    sandbox = Sandbox(SandboxConfig(job_s=60))
    client = SimulatedClient(sandbox, start=1_774_000_000)
    rows = client.transactions.load_job(startDate="2026-03-08", endDate="2026-03-08")
    ```

    Args:
        sandbox: The API.
        start: Epoch second at which its time begins.
        api_id: API ID of one of the sandbox's accounts; by default the default account's.
        api_key: That account's key.
        site_code: As for `SonnysClient`.
        network: Latency and its spread; by default 0.15 s and half of it.
        seed: Decides latencies and jitter.
        **options: As for `SonnysClient`.

    Attributes:
        simulation: Its clock, network and server. `simulation.now` is the number of seconds that have passed.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        start: float,
        api_id: str = API_ID,
        api_key: str = API_KEY,
        site_code: str | None = None,
        network: Network | None = None,
        seed: int = 0,
        **options: Unpack[ClientOptions],
    ) -> None:
        self.simulation = Simulation(sandbox, network=network, start=start, seed=seed)
        throttle = options.get("throttle")
        if throttle is None or isinstance(throttle, ThrottleLimits):
            # Not the shared throttle, because that one counts real seconds.
            options["throttle"] = ProcessThrottle(throttle or ThrottleLimits())
        super().__init__(api_id, api_key, site_code, base_url=_ADDRESS, **options)

    def _open(self, settings: Settings) -> None:
        self.simulation.network = replace(self.simulation.network, request_timeout_s=settings.timeout_s)
        driver = SimulatedDriver(self.simulation, settings.account, settings.seams.throttle, NoShelf())
        self._bind(driver, settings)

    def _close(self) -> None:
        """Close nothing, because nothing is open."""
