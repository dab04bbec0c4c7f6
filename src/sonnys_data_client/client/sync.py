"""The sync client.

Each method passes a flow to the driver; nothing is decided here.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from sonnys_data_client.client.settings import ClientBase, Settings
from sonnys_data_client.drivers.seams import Driver
from sonnys_data_client.drivers.sync import SyncDriver
from sonnys_data_client.endpoints.any_request import Method, QueryParams, any_request, send_any
from sonnys_data_client.engine.effects import interactive
from sonnys_data_client.resources import Resources
from sonnys_data_client.resources.transactions import Transactions
from sonnys_data_client.transport.http import HttpTransport


@dataclass(frozen=True, slots=True)
class Workings:
    """A client's parts, for the packages that build on it, such as `sync`.

    Attributes:
        driver: Runs its flows.
        settings: Its arguments, checked.
        over: Makes the same client with another driver. Both share the connections.
    """

    driver: Driver
    settings: Settings
    over: Callable[[Driver], SonnysClient]


class SonnysClient(Resources[Driver], ClientBase):
    """A client of the Data API for one account.

    Threads may share it. Its arguments are `ClientBase`'s.

    ```python
    with SonnysClient.from_env() as client:
        rows = client.transactions.load_job(startDate="2026-03-08", endDate="2026-03-08", site="MAIN")
    ```
    """

    transactions: Transactions
    """Lists, details, batch jobs and exports."""

    def _open(self, settings: Settings) -> None:
        self._transport = HttpTransport(settings.account, settings.timeout_s, settings.max_body_bytes)
        self._bind(SyncDriver(self._transport, settings.seams), settings)

    def _bind(self, driver: Driver, settings: Settings) -> None:
        self.workings = Workings(driver, settings, self._over)
        self.transactions = Transactions(driver, settings.context)
        self._bind_resources(driver, settings.context)

    def _over(self, driver: Driver) -> Self:
        twin = copy.copy(self)
        twin._bind(driver, self.workings.settings)  # noqa: SLF001  (the same class)
        return twin

    def request(self, method: Method, path: str, params: QueryParams | None = None) -> dict[str, Any]:
        """Send any request that the API takes, for operations that have no method here.

        It goes out like every other: through the throttle, with the client's credentials and site code in headers,
        retried after a 5xx, a 429, a web page or no reply. A POST is sent again, too, so it may reach the server twice.

        ```python
        client.request("GET", "/transaction", {"startDate": 1772928000, "endDate": 1773014400, "limit": 100})
        ```

        Args:
            method: `"GET"` or `"POST"`.
            path: Path below `base_url`, beginning with a slash. It goes to the client's own server only.
            params: Query parameters by the API's names, as text or numbers; dates as the API wants them, usually epoch
                seconds. One that is None is left out.

        Returns:
            The decoded JSON object, usually with `data` in it. Numbers with a decimal point are exact `Decimal`s.
            Nothing of it is checked, and no further page is read.

        Raises:
            ValidationError: An argument is not allowed, or holds the API key; nothing was sent.
            APIStatusError: The API refused, by a 4xx, or by a 5xx or 429 that retries did not cure.
            UnexpectedResponseError: The reply is JSON, but not an object.
            APIConnectionError: No reply came.

        Cost: one request, and one for each retry.
        """
        request = any_request(method, path, params, self._account.api_key)
        return self.workings.driver.run(interactive(send_any(self.workings.settings.context, request)))

    def close(self) -> None:
        """Close all connections. The client cannot be used again."""
        self._close()

    def _close(self) -> None:
        self._transport.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
