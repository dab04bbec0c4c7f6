"""The sync client: a facade. Every method hands a flow to the driver; nothing is decided here."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sonnys_data_client.client.settings import ClientBase, Settings
from sonnys_data_client.drivers.seams import Driver
from sonnys_data_client.drivers.sync import SyncDriver
from sonnys_data_client.engine.export.pages import LOOKAHEAD_WINDOWS
from sonnys_data_client.resources import Resources
from sonnys_data_client.resources.transactions import Transactions
from sonnys_data_client.transport.http import HttpTransport


@dataclass(frozen=True, slots=True)
class Workings:
    """What a client is made of, for the rooms that build on it (`sync.feed`, and through it `sync`).

    Attributes:
        driver: Runs its flows.
        settings: Its arguments, checked.
        over: Makes the same client over another driver; it shares the connections.
        lookahead: Says how many windows of an export may be begun ahead of the oldest one that is open.
    """

    driver: Driver
    settings: Settings
    over: Callable[[Driver], SonnysClient]
    lookahead: Callable[[], int] = lambda: LOOKAHEAD_WINDOWS


class SonnysClient(Resources[Driver], ClientBase):
    """One account's way to the Data API. Safe to share between threads. Its arguments are `ClientBase`'s.

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
        twin._bind(driver, self.workings.settings)  # noqa: SLF001  (one of us)
        return twin

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
