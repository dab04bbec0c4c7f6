"""Transactions: lists and details, written once for both clients.

Batch jobs and exports are written for each client.
"""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Driver, Shelf
from sonnys_data_client.endpoints import jobs
from sonnys_data_client.endpoints.export import ExportAsk
from sonnys_data_client.endpoints.jobs import JobParams
from sonnys_data_client.endpoints.transactions import (
    TRANSACTION,
    TRANSACTIONS,
    TRANSACTIONS_BY_TYPE,
    TRANSACTIONS_V2,
    ItemType,
    TransactionParams,
)
from sonnys_data_client.engine.effects import Deliver, interactive
from sonnys_data_client.engine.export.pages import FAILURES_MAX
from sonnys_data_client.engine.moments import DateLike
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.resources.calls import D, Resource, detail, each, listed, paged
from sonnys_data_client.resources.export import AsyncExport, Export
from sonnys_data_client.resources.inbox import OnGap, attach_rows, in_order
from sonnys_data_client.resources.jobs import AsyncJob, Job
from sonnys_data_client.types import JobData, TransactionJobItem


class TransactionLists(Resource[D]):
    """Lists and details of transactions."""

    @listed(TRANSACTIONS)
    def list(self, **params: Unpack[TransactionParams]) -> None:
        """List transactions: number, id, total and time of each.

        Dates as a range are whole days. So a range up to today includes today, which has not ended, and has the rows
        that there are so far.

        Completeness: as many different `transId`s must come as the server counts (`total`), in each part of the range.
        Where it gives no total (seen live), a page that is not full is the last.

        Args:
            **params: `startDate`, `endDate` (any length within six months, cut into parts of 31 days; today if left
                out), `site`, `region`, `limit` (rows a page, at most 100), `offset` (a page number, to read only that
                page). A date as `endDate` means the whole of that day: `startDate="2026-03-08",
                endDate="2026-03-09"` are two days, and the last one may still be written to.

        Returns:
            All rows, each once, in the server's order.

        Raises:
            ValidationError: A parameter is not allowed; nothing was sent.
            IncompleteError: The server counts more rows than its pages hold, or failed on some. All others were read:
                they are in its `rows`, and its `gaps` name what is missing.
            RowError: Rows could not be parsed. The error holds them, raw, and the parsed ones.
            APIError: The API refused or could not be reached, or failed on everything. The rows of the pages before
                are in its `rows`.

        Example:
            It is 3 March. `list(startDate=date(2026, 3, 2), endDate=date(2026, 3, 3))` gives all rows of the 2nd, and
            those that the 3rd has so far. `pages` marks such a page: its `unfinished` is true. All of yesterday is
            `list(startDate=date(2026, 3, 2), endDate=date(2026, 3, 2))`.

        Cost: one request a page of 100 rows. A page that the server fails on is read by smaller pages, in about 15
        requests for each bad row. A server that fails on everything is asked about a dozen times.
        """

    iter = each(list)
    pages = paged(list)

    @listed(TRANSACTIONS_BY_TYPE)
    def list_by_type(self, item_type: ItemType, **params: Unpack[TransactionParams]) -> None:
        """List the transactions that have items of a type. Otherwise like `list`.

        Completeness: as for `list`, by `transId` and `total`.

        Args:
            item_type: `wash`, `prepaid-wash`, `recurring`, `washbook`, `giftcard`, `merchandise` or
                `house-account` (spec).
            **params: As for `list`.
        """

    iter_by_type = each(list_by_type)
    pages_by_type = paged(list_by_type)

    @listed(TRANSACTIONS_V2)
    def list_v2(self, **params: Unpack[TransactionParams]) -> None:
        """List transactions with customer, status and plan flags. Otherwise like `list`.

        The server caches each page for 10 minutes (spec). `is_recurring_plan_sale` also marks upgrades and switches of
        a plan (seen live). A job row's `is_recurring_sale` marks new sales only.

        Completeness: as for `list`, by `transId` and `total`. A page that the server cached earlier than the next one
        may lack a row that the next one counts; then the list is read again.

        Args:
            **params: As for `list`.
        """

    iter_v2 = each(list_v2)
    pages_v2 = paged(list_v2)

    @detail(TRANSACTION)
    def get(self, trans_id: str) -> None:
        """Read one transaction in full.

        Args:
            trans_id: Such as `"45678:1001"`.

        Raises:
            ValidationError: It is not a transaction id; nothing was sent.
            NotFoundError: There is no such transaction.
            APIError: The API refused or could not be reached.

        Cost: one request.
        """


class Transactions(TransactionLists[Driver]):
    """`client.transactions`: lists, details and batch jobs.

    Dates: `startDate` and `endDate` take epoch seconds, ISO 8601 text, `date` or `datetime`. A bare date means the
    whole calendar day, as a start and as an end; so the same date twice is one day. It is a day of the client's time
    zone, else of the site's own if one site is asked for, else of most sites. If sites lie in several zones,
    `load_job` without `offset` and `export` then give each site's own day. Lists and single pages, whose rows do not
    say their site or come as the server cut them, give the day of most sites. An instant means its whole second, as a
    start and as an end. `engine.windows` states the full rule. Finding out the sites' time zones costs one request for
    the site list, once per client.

    Sites: codes are compared with those on the site list, without case and surrounding space. An unknown one is a
    ValidationError that lists them. The first call that names a site costs one request more, for the list.
    """

    def load_job(
        self,
        *,
        poll_interval: float = 2.0,
        timeout: float = 300.0,
        max_failures: int = FAILURES_MAX,
        progress: Progress | None = None,
        **params: Unpack[JobParams],
    ) -> builtins.list[TransactionJobItem]:
        """Read up to a day of transactions in full, by batch jobs.

        Submits a job for every page of 100 rows, polls until they have passed, and returns the rows when as many ids
        have come as the server counts. Pages that disagree are read again with other criteria, and so is the window of
        a job that fails twice.

        With `offset`, a page number, it reads that page alone, as the server cut it. Then nothing shows whether you
        have all rows: one page proves no total, and rows may move between pages while you read them. The page may hold
        rows of the second after the range, which belong to the next range. A page with fewer rows than `limit` is the
        last one.

        A job covers at most 24 hours. The server keeps a result for 20 minutes, and the same criteria within that time
        give the same, old rows (spec). So a second call soon after the first shows no new transactions.

        Args:
            poll_interval: Shortest time between two polls of one job, in seconds. Polls and submissions share the
                20 requests that the API allows in 15 s, so the time between polls grows with the job's age.
            timeout: Longest time for one job, in seconds of the monotonic clock.
            max_failures: How many jobs may come to nothing, while nothing of the range has come, until the load gives
                up. Each costs two requests or more. Once a part has come, it is four times as many, to find the part
                that cannot be had.
            progress: Counters to watch from another thread while it runs; `progress.days` says which days are read.
            **params: `startDate`, `endDate` (24 hours or one calendar day at most; today if left out), `site`, `limit`
                (rows a page, 1 to 100; 100 if left out), `offset` (a page number from 1: that page alone).

        Returns:
            All rows, each once, oldest first; with `offset`, those of the page.

        Raises:
            ValidationError: A parameter is not allowed, or the range is too long; nothing was sent.
            JobFailedError: A job failed again and again at the server; with `offset`, once.
            MismatchError: The replies belong to another job, page or time, however often they are asked for.
            JobTimeoutError: A job was still working after `timeout`. The error's `handle` lets you go on with it.
            IncompleteError: Rows kept moving while they were read. Never with `offset`.
            RowError: Rows could not be parsed. The error holds them, raw, and the parsed ones.
            APIError: The API refused or could not be reached.
            Each of these errors has the rows read so far in its `rows`.

        Cost: two requests a page (a submission and a poll), one for the count of a longer day, and a few early polls
        while there is nothing else to do. One page with a job of 20 s takes about ten, a day of 13 pages about 36.
        A smaller `limit` makes more pages of the same rows. With `offset`: one submission, and polls until the job has
        passed, two requests at least.
        """
        counters = progress or Progress()
        flow = jobs.load(
            self._context,
            params,
            poll_interval=poll_interval,
            timeout=timeout,
            max_failures=max_failures,
            progress=counters,
        )
        raw: list[dict[str, Any]] = []
        with attach_rows(raw):
            for delivery in self._driver.stream(flow):
                if isinstance(delivery, Deliver):
                    raw.extend(delivery.rows)
            return in_order(raw)

    def export(
        self,
        start: DateLike,
        end: DateLike,
        *,
        sites: Sequence[str] | None = None,
        timeout: float = 300.0,
        max_in_flight: int | None = None,
        max_failures: int = FAILURES_MAX,
        on_gap: OnGap = "raise",
        shelf: Shelf | None = None,
    ) -> Export:
        """Stream all transactions of any range within six months.

        It is as fast as the throttle permits.

        The range is cut into windows of 24 hours, each page of 100 rows is a job, and many jobs are in flight at once.
        Every window either is complete, by the server's own count, or is reported as a gap.

        Args:
            start: First day or instant; see the class for the rule for dates.
            end: Last day or instant; an end in the future is moved to now.
            sites: Site codes in any case, each read by itself; None reads all sites together, in fewer requests.
            timeout: Longest time for one job, in seconds; then its window is read by halves.
            max_in_flight: Most unfinished jobs at once; None adapts to the server.
            max_failures: How many jobs of a window may come to nothing, while nothing of it has come. Then the window
                is a gap. Each costs two requests or more. Once a part has come, it is four times as many, to find
                the part that cannot be had.
            on_gap: `"raise"` raises `IncompleteExportError` after the last row if there are gaps. `"report"` only
                names them in `export.report`.
            shelf: Where to keep handles of jobs in flight, such as a `FileShelf`. If the export is killed, the next
                one goes on with these jobs instead of submitting them again.

        Returns:
            A context manager to iterate over. Nothing is sent before the first row is asked for.

        Raises:
            ValidationError: An argument is not allowed. (A range that makes no sense is refused at the first row or by
                `plan`, because that depends on the time.)

        Iterating may raise IncompleteExportError after all rows that could be read, and APIError when no more can be
        read. Rows that could not be parsed are in `export.quarantine`, raw.

        Cost: two requests a page and a few more: about 2.02 a page for a month of 15 sites.
        """
        asked = ExportAsk(start, end, sites, timeout, max_in_flight, max_failures)
        return Export(self._driver, self._context, asked, on_gap, shelf)

    def submit_job(self, **params: Unpack[JobParams]) -> Job:
        """Submit the job for one page, and return at once.

        Args:
            **params: As for `load_job`; without `offset`, the first page.

        Returns:
            The job. It does not say how many pages there are: ask for the next page as long as a page is full. A page
            comes as the server cut it. So it may have rows of the second after the range, which `load_job` without
            `offset` and lists leave out.

        Raises:
            ValidationError: A parameter is not allowed; nothing was sent.
            NotFoundError: The window has no rows, in the words of some servers. Others give a job without rows.
            APIError: The API refused or could not be reached.

        Cost: one request.
        """
        return Job(self._driver, self._context, self._driver.run(interactive(jobs.submit(self._context, params))))

    def job(self, handle: Mapping[str, Any]) -> Job:
        """Return a job from what its `to_dict` gave, perhaps in another process.

        Sends nothing.

        Raises:
            ValidationError: It is not a job's handle, or the job of another account, site code or server.
        """
        return Job(self._driver, self._context, jobs.own_handle(self._context, handle))

    def get_job_data(self, hash: str) -> JobData:
        """Ask once for a job's status.

        Args:
            hash: The job's hash, from `submit_job`.

        Returns:
            Its status, and its raw rows if it has passed.

        Raises:
            JobExpiredError: The server does not know the job, or no longer.
            MismatchError: The replies are about another job, three times over.
            APIError: The API refused or could not be reached.

        Cost: one request.
        """
        return self._driver.run(interactive(jobs.job_data(self._context, hash)))


class AsyncTransactions(TransactionLists[AsyncDriver]):
    """`client.transactions` of the async client.

    The full docstrings are those of `Transactions`.
    """

    async def load_job(
        self,
        *,
        poll_interval: float = 2.0,
        timeout: float = 300.0,  # noqa: ASYNC109 - bounds one job, by the engine's clock; not this call
        max_failures: int = FAILURES_MAX,
        progress: Progress | None = None,
        **params: Unpack[JobParams],
    ) -> builtins.list[TransactionJobItem]:
        """Read up to a day of transactions in full, by batch jobs.

        See `SonnysClient.transactions.load_job`.
        """
        counters = progress or Progress()
        flow = jobs.load(
            self._context,
            params,
            poll_interval=poll_interval,
            timeout=timeout,
            max_failures=max_failures,
            progress=counters,
        )
        raw: builtins.list[dict[str, Any]] = []
        run = self._driver.start(flow)
        try:
            with attach_rows(raw):
                while (delivery := await run.next_delivery()) is not None:
                    if isinstance(delivery, Deliver):
                        raw.extend(delivery.rows)
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
        max_failures: int = FAILURES_MAX,
        on_gap: OnGap = "raise",
        shelf: Shelf | None = None,
    ) -> AsyncExport:
        """Stream all transactions of any range within six months.

        See `SonnysClient.transactions.export`.
        """
        asked = ExportAsk(start, end, sites, timeout, max_in_flight, max_failures)
        return AsyncExport(self._driver, self._context, asked, on_gap, shelf)

    async def submit_job(self, **params: Unpack[JobParams]) -> AsyncJob:
        """Submit the job for one page, and return at once.

        See `SonnysClient.transactions.submit_job`.
        """
        return AsyncJob(
            self._driver, self._context, await self._driver.run(interactive(jobs.submit(self._context, params)))
        )

    def job(self, handle: Mapping[str, Any]) -> AsyncJob:
        """Return a job from what its `to_dict` gave. See `SonnysClient.transactions.job`."""
        return AsyncJob(self._driver, self._context, jobs.own_handle(self._context, handle))

    async def get_job_data(self, hash: str) -> JobData:
        """Ask once for a job's status. See `SonnysClient.transactions.get_job_data`."""
        return await self._driver.run(interactive(jobs.job_data(self._context, hash)))
