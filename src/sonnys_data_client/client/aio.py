"""The async client: the same facade over the same flows. `client.sync` says in full what each method does."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack

from sonnys_data_client.client.export import AsyncExport
from sonnys_data_client.client.exporting import OnGap
from sonnys_data_client.client.loading import attach_rows, in_order
from sonnys_data_client.client.settings import ClientBase, Settings
from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Shelf
from sonnys_data_client.endpoints import sites, transactions
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.exports import ExportAsk
from sonnys_data_client.endpoints.transactions import JobParams, ListParams, PageParams
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.single import ask
from sonnys_data_client.engine.windows import DateLike
from sonnys_data_client.models import (
    JobData,
    Site,
    Transaction,
    TransactionJobItem,
    TransactionListItem,
    TransactionListItemV2,
    parse_rows,
)
from sonnys_data_client.transport.http import AsyncHttpTransport

T = TypeVar("T")


class AsyncSonnysClient(ClientBase):
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
    sites: AsyncSites
    """The account's sites."""

    def _open(self, settings: Settings) -> None:
        self._transport = AsyncHttpTransport(settings.account, settings.timeout_s)
        driver = AsyncDriver(self._transport, settings.seams)
        self.transactions = AsyncTransactions(driver, settings.context)
        self.sites = AsyncSites(driver, settings.context)

    async def close(self) -> None:
        """Close all connections. The client cannot be used again."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()


class _AsyncResource:
    def __init__(self, driver: AsyncDriver, context: Context) -> None:
        self._driver = driver
        self._context = context

    async def _run(self, flow: Flow[T]) -> T:
        return await self._driver.run(flow)


class AsyncTransactions(_AsyncResource):
    """`client.transactions`: as `client.sync.Transactions`, to be awaited."""

    async def list(self, **params: Unpack[ListParams]) -> builtins.list[TransactionListItem]:
        """List transactions: number, id, total and time of each. See `SonnysClient.transactions.list`."""
        return await self._run(transactions.list_transactions(self._context, params))

    async def list_by_type(self, item_type: str, **params: Unpack[ListParams]) -> builtins.list[TransactionListItem]:
        """List the transactions that hold items of a type. See `SonnysClient.transactions.list_by_type`."""
        return await self._run(transactions.list_by_type(self._context, item_type, params))

    async def list_v2(self, **params: Unpack[ListParams]) -> builtins.list[TransactionListItemV2]:
        """List transactions with customer, status and plan flags. See `SonnysClient.transactions.list_v2`."""
        return await self._run(transactions.list_v2(self._context, params))

    async def get(self, transaction_id: str) -> Transaction:
        """Read one transaction whole. See `SonnysClient.transactions.get`."""
        return await self._run(transactions.get_transaction(self._context, transaction_id))

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
        flow = transactions.load(self._context, params, poll_interval=poll_interval, timeout=timeout, progress=counters)
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

    async def submit_job(self, **params: Unpack[PageParams]) -> AsyncJob:
        """Submit the job for one page, and return at once. See `SonnysClient.transactions.submit_job`."""
        return AsyncJob(self._driver, self._context, await self._run(transactions.submit(self._context, params)))

    def job(self, handle: Mapping[str, Any]) -> AsyncJob:
        """Go on with a job from what its `to_dict` gave. See `SonnysClient.transactions.job`."""
        return AsyncJob(self._driver, self._context, Handle.from_dict(handle))

    async def get_job_data(self, hash: str) -> JobData:
        """Ask once how a job is. See `SonnysClient.transactions.get_job_data`."""
        return await self._run(transactions.job_data(self._context, hash))


class AsyncSites(_AsyncResource):
    """`client.sites`: the account's sites."""

    async def list(self) -> builtins.list[Site]:
        """List all sites, with their time zones. See `SonnysClient.sites.list`."""
        return await self._run(sites.list_sites(self._context))


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
        flow = transactions.collect_job(self._context, self._handle, poll_interval=poll_interval, timeout=timeout)
        self._handle, answer = await self._driver.run(flow)
        return parse_rows(TransactionJobItem, answer.rows, method="GET", path=jobs.POLL_PATH)

    def to_dict(self) -> dict[str, Any]:
        """The job as plain JSON-ready data, for `client.transactions.job`. Holds no secret."""
        return self._handle.to_dict()

    def __repr__(self) -> str:
        return f"AsyncJob({self.hash!r}, {self._handle.page})"
