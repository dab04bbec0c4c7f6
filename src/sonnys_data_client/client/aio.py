"""The async client: the same facade over the same flows. `client.sync` says in full what each method does."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sonnys_data_client.client.settings import ClientBase, Settings
from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.resources import Resources
from sonnys_data_client.resources.transactions import AsyncTransactions
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
        self._transport = AsyncHttpTransport(settings.account, settings.timeout_s, settings.max_body_bytes)
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
