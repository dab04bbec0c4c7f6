"""The pytest plugin, with the fixture `sonnys_sandbox` for your own tests.

Installing the package registers it. A client in the same process and in virtual time:

```python
def test_a_month(sonnys_sandbox):
    client = sonnys_sandbox.client(sonnys_sandbox.config(job_s=60, quirks=["end=exclusive"]))
    rows = client.transactions.load_job(startDate="2026-03-08", endDate="2026-03-08")
    assert sonnys_sandbox.sandbox.periods()[0].refused == 0
```

A server on this machine, for code that makes its own client:

```python
def test_my_job(sonnys_sandbox, monkeypatch):
    server = sonnys_sandbox.serve(speed=50)
    monkeypatch.setenv("SONNYS_BASE_URL", server.base_url)
```
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Unpack

import pytest

if TYPE_CHECKING:
    from sonnys_data_client.client.settings import ClientOptions
    from sonnys_data_client.sandbox import Sandbox, SandboxConfig
    from sonnys_data_client.sandbox.http import RunningSandbox
    from sonnys_data_client.testing.client import SimulatedClient

START = datetime(2026, 4, 1, 12, tzinfo=UTC)
"""When the sandbox's virtual time begins. It is the same in every run, so tests do not depend on today's date."""


class SandboxKit:
    """The fixture's value: makes sandboxes, and clients or servers for them.

    Attributes:
        sandbox: The sandbox of the latest `client` or `serve`, with its `log`, `periods()` and `truth()`.
    """

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.sandbox: Sandbox | None = None

    def config(
        self,
        *,
        seed: int = 1,
        sites: int = 1,
        cars_per_day: int = 40,
        job_s: float = 2.0,
        jitter: float = 0.0,
        workers: int | None = None,
        quirks: Sequence[str] = (),
        faults: Sequence[str] = (),
    ) -> SandboxConfig:
        """Return settings of a small sandbox. See `SandboxConfig` for their meaning.

        Args:
            seed: Decides the data, the job durations and the faults.
            sites: Physical sites.
            cars_per_day: Washes a day at a typical site.
            job_s: How long a job runs, in seconds.
            jitter: Spread of job durations; 0 makes all equally long.
            workers: How many jobs run at once; None for no limit.
            quirks: Texts such as `"end=exclusive"`.
            faults: Texts such as `"stall=0.01"`.

        Raises:
            ValueError: A setting, quirk or fault is not allowed.
        """
        from sonnys_data_client.sandbox import Faults, Quirks, SandboxConfig

        return SandboxConfig(
            seed=seed,
            sites=sites,
            cars_per_day=cars_per_day,
            job_s=job_s,
            jitter=jitter,
            workers=workers,
            quirks=Quirks.from_text(quirks),
            faults=Faults.from_text(faults),
        )

    def client(
        self, config: SandboxConfig | None = None, *, start: datetime = START, **options: Unpack[ClientOptions]
    ) -> SimulatedClient:
        """Return a client in virtual time, without a server and without waiting.

        Args:
            config: The sandbox's settings; by default those of `config()`.
            start: When its time begins.
            **options: As for `SonnysClient`.
        """
        from sonnys_data_client.sandbox import Sandbox
        from sonnys_data_client.testing.client import SimulatedClient

        self.sandbox = Sandbox(config or self.config())
        client = SimulatedClient(self.sandbox, start=start.timestamp(), **options)
        return self._stack.enter_context(client)

    def serve(self, config: SandboxConfig | None = None, *, speed: float = 1.0, latency: float = 0.0) -> RunningSandbox:
        """Serve a sandbox on a free port of this machine until the test ends.

        Needs the extra `sandbox`.

        Args:
            config: The sandbox's settings; by default those of `config()`.
            speed: Sandbox seconds in one real second. A client needs a matching throttle:
                `ThrottleLimits(20, 15 / speed)`.
            latency: Sandbox seconds that a request and its reply travel, together.
        """
        from sonnys_data_client.sandbox.http import running_sandbox

        running = self._stack.enter_context(running_sandbox(config or self.config(), speed=speed, latency=latency))
        self.sandbox = running.sandbox
        return running


@pytest.fixture
def sonnys_sandbox() -> Iterator[SandboxKit]:
    """Provide a local Sonny's API.

    `sonnys_sandbox.client()` runs in the same process, `sonnys_sandbox.serve()` over HTTP.
    """
    with ExitStack() as stack:
        yield SandboxKit(stack)
