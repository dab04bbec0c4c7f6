"""An async client in virtual time: an event loop whose clock jumps, and the sandbox in the same process.

The driver, the flows and the throttle are the real ones. No socket is open, so nothing races the clock.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any, TypeVar, Unpack

from sonnys_data_client import AsyncSonnysClient, ThrottleLimits
from sonnys_data_client.client.settings import ClientOptions, Settings
from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.engine.wire import Outcome, Request
from sonnys_data_client.sandbox import API_ID, API_KEY, Sandbox
from sonnys_data_client.testing.plugin import START
from sonnys_data_client.throttles.process import ProcessThrottle

T = TypeVar("T")

LATENCY_S = 0.2


class VirtualLoop(asyncio.SelectorEventLoop):
    """A loop that never waits: if nothing is ready, its clock jumps to the next timer."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__()

    def time(self) -> float:
        return self._now

    def _run_once(self) -> None:
        own: Any = self
        if not own._ready:
            if not own._scheduled:
                raise RuntimeError("every task waits for something that never comes")
            # A little later than due, as on every real clock: a sum of seconds may be rounded down, and a wait for
            # what is left of it would add nothing.
            self._now = max(self._now, own._scheduled[0]._when) + 1e-9
        own_super: Any = super()
        own_super._run_once()


class Wire:
    """An async transport that asks a sandbox of this process."""

    def __init__(self, sandbox: Sandbox, headers: dict[str, str]) -> None:
        self.sandbox = sandbox
        self.headers = headers
        self.closed = False

    async def exchange(self, request: Request) -> Outcome:
        await asyncio.sleep(LATENCY_S / 2)
        reply = self.sandbox.handle(replace(request, headers={**self.headers, **request.headers}), now())
        await asyncio.sleep(reply.hold_s + LATENCY_S / 2)
        return reply.outcome

    async def close(self) -> None:
        self.closed = True


class VirtualClient(AsyncSonnysClient):
    """An `AsyncSonnysClient` that talks to a sandbox of this process, in a `VirtualLoop`."""

    def __init__(self, sandbox: Sandbox, site_code: str | None = None, **options: Unpack[ClientOptions]) -> None:
        self._sandbox = sandbox
        options.setdefault("timezone", "UTC")  # the days of the tests; finding out the sites' zones costs a request
        options.setdefault("throttle", ProcessThrottle(ThrottleLimits()))  # not the real seconds' one
        super().__init__(API_ID, API_KEY, site_code, base_url="http://localhost/v1", **options)

    def _open(self, settings: Settings) -> None:
        self.wire = Wire(self._sandbox, settings.account.headers())
        seams = replace(settings.seams, monotonic=lambda: asyncio.get_running_loop().time(), wall=now, dice=lambda: 0.5)
        self._bind(AsyncDriver(self.wire, seams), settings)

    async def close(self) -> None:
        await self.wire.close()


def now() -> float:
    """Epoch seconds in the running virtual loop, which begins at `START`."""
    return START.timestamp() + asyncio.get_running_loop().time()


def play(
    sandbox: Sandbox,
    scenario: Callable[[VirtualClient], Coroutine[Any, Any, T]],
    site_code: str | None = None,
    **options: Unpack[ClientOptions],
) -> T:
    """Run a coroutine in virtual time. It must end within a virtual day, and leave no task behind."""

    async def watched() -> T:
        async with asyncio.timeout(86_400), VirtualClient(sandbox, site_code, **options) as client:
            result = await scenario(client)
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return result

    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(watched())
