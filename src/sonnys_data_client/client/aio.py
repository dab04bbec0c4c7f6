"""The async client.

Its methods are the sync client's, and their full docstrings are there.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

from sonnys_data_client.client.settings import ClientBase, Settings
from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.endpoints.any_request import Method, QueryParams, any_request, send_any
from sonnys_data_client.engine.effects import interactive
from sonnys_data_client.resources import Resources
from sonnys_data_client.resources.transactions import AsyncTransactions
from sonnys_data_client.transport.http import AsyncHttpTransport


class AsyncSonnysClient(Resources[AsyncDriver], ClientBase):
    """A client of the Data API for one account, for asyncio and one event loop.

    Its arguments are `ClientBase`'s.

    It has the same methods as `SonnysClient`. If a task that waits for a call is cancelled, the call stops entirely.

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
        self._driver = driver
        self._context = settings.context
        self.transactions = AsyncTransactions(driver, settings.context)
        self._bind_resources(driver, settings.context)

    async def request(self, method: Method, path: str, params: QueryParams | None = None) -> dict[str, Any]:
        """Send any request that the API takes, for operations without a method. See `SonnysClient.request`."""
        request = any_request(method, path, params, self._account.api_key)
        return await self._driver.run(interactive(send_any(self._context, request)))

    async def close(self) -> None:
        """Close all connections. The client cannot be used again."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
