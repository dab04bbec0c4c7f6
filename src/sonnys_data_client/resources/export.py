"""Exports, sync and async: context managers that give rows one by one.

They need constant memory.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator, Iterator
from threading import RLock
from types import TracebackType
from typing import Self

from sonnys_data_client.drivers.aio import AsyncDriver, AsyncRun
from sonnys_data_client.drivers.seams import Driver, NoShelf, Shelf
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.export import ExportAsk, plan_export, run_export
from sonnys_data_client.engine.effects import Delivery, Flow
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.plan import Plan
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.notebook import facts
from sonnys_data_client.per_process import PerProcess
from sonnys_data_client.resources.inbox import Inbox, OnGap, QuarantinedRow, live_handles
from sonnys_data_client.types import TransactionJobItem
from sonnys_data_client.words import counted, plural

_SHOWN_SITES_MAX = 3


class _Asked:
    """What both exports share: arguments, counters, and rows that wait to be taken.

    Attributes:
        progress: Live counters: rows, pages done and known, requests, 429s, jobs in flight, time left.
    """

    def __init__(self, context: Context, ask: ExportAsk, on_gap: OnGap, shelf: Shelf | None) -> None:
        self._context = context
        self._ask = ask
        self._shelf = NoShelf() if shelf is None else shelf
        self._inbox = Inbox(on_gap)
        self._ended = False
        self.progress = Progress()

    def _take(self) -> TransactionJobItem | None:
        """Return the next row that has come, or None.

        Raises:
            SonnysError: The export ended before its last row. Without this error a loop would end as if all rows had
                come.
        """
        if self._ended and not self._inbox.ended:
            raise SonnysError(
                "This export has ended before its last row, by close(), the end of its `with` block or an error: make "
                "a new one."
            )
        return self._inbox.take()

    def _flow(self) -> Flow[Report]:
        return run_export(self._context, self._ask, self.progress, lambda: live_handles(self._shelf))

    @property
    def report(self) -> Report:
        """What happened to every window. Available after the last row.

        Raises:
            SonnysError: The export has not ended yet.
        """
        return self._inbox.report()

    @property
    def quarantine(self) -> list[QuarantinedRow]:
        """Rows that could not be parsed, raw and with the reason.

        Iteration leaves them out.
        """
        return self._inbox.quarantine

    @property
    def _range(self) -> str:
        return f"{self._ask.start} to {self._ask.end}"

    @property
    def _sites(self) -> str:
        sites = self._ask.sites
        if sites is None:
            return "all sites"
        if len(sites) > _SHOWN_SITES_MAX:
            return f"{len(sites)} sites"
        return f"{plural(len(sites), 'site')} {', '.join(map(repr, sites))}"

    @property
    def _state(self) -> str:
        """How far the export has come: in words, from its counters."""
        if self._inbox.ended:
            return f"ended, {self._inbox.report().outcome}"
        if self._ended:
            return "ended before its last row"
        return "running" if self.progress.windows else "not begun"

    def __repr__(self) -> str:
        done = self.progress
        rows = f", {counted(done.rows, 'row')}, {done.pages_done:,} of {counted(done.pages_known, 'page')}"
        return f"{type(self).__name__}({self._range}, {self._sites}: {self._state}{rows if done.windows else ''})"

    def _repr_html_(self) -> str:
        done = self.progress
        return facts(
            "Export of transactions",
            {
                "range": self._range,
                "sites": self._sites,
                "state": self._state,
                "rows": f"{done.rows:,}",
                "pages": f"{done.pages_done:,} of {done.pages_known:,} known",
                "windows": f"{done.windows_done:,} of {done.windows:,}",
                "requests": f"{done.requests:,}",
                "in quarantine": f"{len(self.quarantine):,}",
            },
        )


class Export(_Asked):
    """A stream of all transactions of a range. Made by `client.transactions.export`.

    ```python
    with client.transactions.export("2026-03-01", "2026-03-31") as export:
        for row in export:
            ...
    assert export.report.complete
    ```

    Rows come in no particular order, each once. If the server withdraws a
    row while its window is read, the row may have come already; then the window's report names its id (`withdrawn`).
    Leaving the `with` block early ends the export, and nothing is left running. Making an export sends nothing.

    Threads may share an export: each row goes to one of them. It works in a notebook as anywhere; the cell waits for
    rows, so use `AsyncSonnysClient` and `async for` where the notebook is to go on meanwhile.
    """

    def __init__(self, driver: Driver, context: Context, ask: ExportAsk, on_gap: OnGap, shelf: Shelf | None) -> None:
        super().__init__(context, ask, on_gap, shelf)
        self._driver = driver.with_shelf(self._shelf)
        self._steps: Generator[Delivery, None, Report] | None = None
        self._turn = PerProcess(RLock)  # a generator cannot be advanced by two threads at once

    def plan(self) -> Plan:
        """Return the expected number of windows, pages, requests and minutes.

        It says which days are read and in which time zones. Costs one request the first time, for the site list: it
        has the number of sites, their time zones and codes.
        """
        return self._driver.run(plan_export(self._context, self._ask))

    def __iter__(self) -> Iterator[TransactionJobItem]:
        return self

    def __next__(self) -> TransactionJobItem:
        with self._turn.get():
            while True:
                row = self._take()
                if row is not None:
                    return row
                if self._ended:
                    raise StopIteration
                self._advance()

    def _advance(self) -> None:
        if self._steps is None:
            self._steps = self._driver.stream(self._flow())
        try:
            self._inbox.put(next(self._steps))
        except StopIteration as end:
            self._ended = True
            self._inbox.end(end.value)
        except BaseException:
            self._ended = True
            raise

    def close(self) -> None:
        """End the export.

        Nothing is left running; jobs in flight stay on the shelf, if there is one. If another thread waits for a row,
        this waits until that thread has one.
        """
        with self._turn.get():
            self._ended = True
            if self._steps is not None:
                self._steps.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncExport(_Asked):
    """The same for asyncio: `async with`, `async for`.

    Cancelling the task leaves nothing running.
    """

    def __init__(
        self, driver: AsyncDriver, context: Context, ask: ExportAsk, on_gap: OnGap, shelf: Shelf | None
    ) -> None:
        super().__init__(context, ask, on_gap, shelf)
        self._driver = driver.with_shelf(self._shelf)
        self._run: AsyncRun[Report] | None = None

    async def plan(self) -> Plan:
        """Return the expected number of windows, pages, requests and minutes.

        It says which days are read and in which time zones. Costs one request the first time, for the site list: it
        has the number of sites, their time zones and codes.
        """
        return await self._driver.run(plan_export(self._context, self._ask))

    def __aiter__(self) -> AsyncIterator[TransactionJobItem]:
        return self

    async def __anext__(self) -> TransactionJobItem:
        while True:
            row = self._take()
            if row is not None:
                return row
            if self._ended:
                raise StopAsyncIteration
            await self._advance()

    async def _advance(self) -> None:
        if self._run is None:
            self._run = self._driver.start(self._flow())
        try:
            delivery = await self._run.next_delivery()
        except BaseException:
            self._ended = True
            await self._run.close()
            raise
        if delivery is not None:
            self._inbox.put(delivery)
            return
        self._ended = True
        await self._run.close()  # replies to a count or to a superseded job may still be on the wire
        self._inbox.end(self._run.result)

    async def close(self) -> None:
        """End the export.

        Nothing is left running; jobs in flight stay on the shelf, if there is one.
        """
        self._ended = True
        if self._run is not None:
            await self._run.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
