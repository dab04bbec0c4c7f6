"""The async client: the same facade over the same flows. `client.sync` says in full what each method does."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, Unpack

from sonnys_data_client.client.export import AsyncExport
from sonnys_data_client.client.exporting import OnGap
from sonnys_data_client.client.loading import attach_rows, in_order
from sonnys_data_client.client.resources import Resources
from sonnys_data_client.client.settings import ClientBase, Settings
from sonnys_data_client.client.transactions import TransactionLists
from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Shelf
from sonnys_data_client.endpoints import jobs
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.exports import ExportAsk
from sonnys_data_client.endpoints.jobs import JobPageParams, JobParams
from sonnys_data_client.engine.jobs import POLL_PATH, Handle
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.single import ask
from sonnys_data_client.engine.windows import DateLike
from sonnys_data_client.models import JobData, TransactionJobItem, parse_rows
from sonnys_data_client.transport.http import AsyncHttpTransport


class AsyncSonnysClient(Resources[AsyncDriver], ClientBase):
    """One account's way to the Data API for asyncio, in one event loop. Its arguments are `ClientBase`'s.

    The surface is `SonnysClient`'s. Cancelling a task that waits for a call leaves nothing of the call running.

    ```python
    async with AsyncSonnysClient.from_env() as client:
        async with client.transactions.export("2026-03-01", "2026-03-31") as export:
            async for row in export:
                ...
    ```
    """

    transactions: AsyncTransactions
    """Lists, details, batch jobs and exports."""

    def _open(self, settings: Settings) -> None:
        self._transport = AsyncHttpTransport(settings.account, settings.timeout_s)
        self._bind(AsyncDriver(self._transport, settings.seams), settings)

    def _bind(self, driver: AsyncDriver, settings: Settings) -> None:
        self.transactions = AsyncTransactions(driver, settings.context)
        self._bind_resources(driver, settings.context)

    async def close(self) -> None:
        """Close all connections. The client cannot be used again."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


class AsyncTransactions(TransactionLists[AsyncDriver]):
    """`client.transactions`: as `client.sync.Transactions`, to be awaited."""

    async def load_job(
        self,
        *,
        poll_interval: float = 2.0,
        timeout: float = 300.0,  # noqa: ASYNC109 - bounds one job, by the engine's clock; not this call
        progress: Progress | None = None,
        **params: Unpack[JobParams],
    ) -> builtins.list[TransactionJobItem]:
        """Read up to a day of transactions in full, by batch jobs. See `SonnysClient.transactions.load_job`."""
        counters = progress or Progress()
        flow = jobs.load(self._context, params, poll_interval=poll_interval, timeout=timeout, progress=counters)
        raw: builtins.list[dict[str, Any]] = []
        run = self._driver.start(flow)
        try:
            with attach_rows(raw):
                while (batch := await run.next_batch()) is not None:
                    raw.extend(batch.rows)
                return in_order(raw)
        finally:
            await run.close()

    def export(
        self,
        start: DateLike,
        end: DateLike,
        *,
        sites: Sequence[str] | None = None,
        timeout: float = 300.0,
        max_in_flight: int | None = None,
        on_gap: OnGap = "raise",
        shelf: Shelf | None = None,
    ) -> AsyncExport:
        """Stream all transactions of any range within six months. See `SonnysClient.transactions.export`."""
        asked = ExportAsk(start, end, sites, timeout, max_in_flight)
        return AsyncExport(self._driver, self._context, asked, on_gap, shelf)

    async def submit_job(self, **params: Unpack[JobPageParams]) -> AsyncJob:
        """Submit the job for one page, and return at once. See `SonnysClient.transactions.submit_job`."""
        return AsyncJob(self._driver, self._context, await self._driver.run(jobs.submit(self._context, params)))

    def job(self, handle: Mapping[str, Any]) -> AsyncJob:
        """Go on with a job from what its `to_dict` gave. See `SonnysClient.transactions.job`."""
        return AsyncJob(self._driver, self._context, Handle.from_dict(handle))

    async def get_job_data(self, hash: str) -> JobData:
        """Ask once how a job is. See `SonnysClient.transactions.get_job_data`."""
        return await self._driver.run(jobs.job_data(self._context, hash))


class AsyncJob:
    """One page's job, submitted and perhaps not yet collected. From `submit_job` or `job`.

    Attributes:
        hash: The server's name for it.
    """

    def __init__(self, driver: AsyncDriver, context: Context, handle: Handle) -> None:
        self._driver = driver
        self._context = context
        self._handle = handle

    @property
    def hash(self) -> str:
        """The server's name for it."""
        return self._handle.hash

    async def status(self) -> str:
        """Ask once: `"working"`, `"pass"` or `"fail"`. See `Job.status`."""
        return (await self._driver.run(ask(self._handle, self._context.policy))).status

    async def result(
        self,
        *,
        poll_interval: float = 2.0,
        timeout: float = 300.0,  # noqa: ASYNC109 - as for load_job
    ) -> builtins.list[TransactionJobItem]:
        """Wait until it has passed, and return its page's rows. See `Job.result`."""
        flow = jobs.collect_job(self._context, self._handle, poll_interval=poll_interval, timeout=timeout)
        self._handle, answer = await self._driver.run(flow)
        return parse_rows(TransactionJobItem, answer.rows, method="GET", path=POLL_PATH)

    def to_dict(self) -> dict[str, Any]:
        """The job as plain JSON-ready data, for `client.transactions.job`. Holds no secret."""
        return self._handle.to_dict()

    def __repr__(self) -> str:
        return f"AsyncJob({self.hash!r}, {self._handle.page})"
