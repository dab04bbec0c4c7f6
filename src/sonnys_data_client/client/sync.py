"""The sync client: a facade. Every method hands a flow to the driver; nothing is decided here."""

from __future__ import annotations

import builtins
import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self, Unpack

from sonnys_data_client.client.export import Export
from sonnys_data_client.client.exporting import OnGap
from sonnys_data_client.client.loading import attach_rows, in_order
from sonnys_data_client.client.resources import Resources
from sonnys_data_client.client.settings import ClientBase, Settings
from sonnys_data_client.client.transactions import TransactionLists
from sonnys_data_client.drivers.seams import Driver, Shelf
from sonnys_data_client.drivers.sync import SyncDriver
from sonnys_data_client.endpoints import jobs
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.exports import ExportAsk
from sonnys_data_client.endpoints.jobs import JobPageParams, JobParams
from sonnys_data_client.engine.jobs import POLL_PATH, Handle
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.single import ask
from sonnys_data_client.engine.windows import DateLike
from sonnys_data_client.engine.work import LOOKAHEAD_WINDOWS
from sonnys_data_client.models import JobData, TransactionJobItem, parse_rows
from sonnys_data_client.transport.http import HttpTransport


@dataclass(frozen=True, slots=True)
class Workings:
    """What a client is made of, for the rooms that build on it (`client.feed`, and through it `sync`).

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
        self._transport = HttpTransport(settings.account, settings.timeout_s)
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


class Transactions(TransactionLists[Driver]):
    """`client.transactions`: lists, details and batch jobs.

    Dates: `startDate` and `endDate` take epoch seconds, ISO 8601 text, `date` or `datetime`. A bare date means that
    whole calendar day, as a start and as an end, in the client's time zone; so the same date twice is one day. An
    instant means its whole second, at both ends. `engine.windows` states the rule in full. Reading a bare date in a
    site's own time zone costs one request for the site list, once for a client.
    """

    def load_job(
        self,
        *,
        poll_interval: float = 2.0,
        timeout: float = 300.0,
        progress: Progress | None = None,
        **params: Unpack[JobParams],
    ) -> builtins.list[TransactionJobItem]:
        """Read up to a day of transactions in full, by batch jobs.

        Submits a job for every page of 100 rows, polls until they have passed, and returns the rows when their ids
        add up to the server's own total. Pages that disagree are read again with other criteria; so are those of a
        job that fails twice.

        The server takes at most 24 hours a job and keeps a result for 20 minutes: the same criteria within that time
        give the same, old rows (spec). So a second call soon after the first shows no new transactions.

        Args:
            poll_interval: Shortest time between two polls of one job, in seconds. Polls and submissions share the
                20 requests that the API allows in 15 s, so the time between polls grows with the job's age.
            timeout: Longest time for one job, in seconds, on a clock that never jumps.
            progress: Counters to watch from another thread while it runs.
            **params: `startDate`, `endDate` (24 hours or one calendar day at most; today if left out) and `site`.

        Returns:
            All rows, each once, oldest first.

        Raises:
            ValidationError: A parameter is not allowed, or the span too long; nothing was sent.
            JobFailedError: The server failed a job again and again.
            JobTimeoutError: A job was still working after `timeout`; go on with the error's `handle`.
            IncompleteError: Rows kept moving while they were read.
            RowError: Rows do not fit the model; the error holds the good ones and the raw bad ones.
            APIError: The API refused or could not be reached.
            Whatever it is, the rows that had been read are in the error's `rows`.

        Cost: two requests a page (a submission and a poll), one for the count of a longer day, and a few early polls
        while there is nothing else to do: one page with a job of 20 s takes some ten, a day of 13 pages about 36.
        """
        counters = progress or Progress()
        flow = jobs.load(self._context, params, poll_interval=poll_interval, timeout=timeout, progress=counters)
        raw: list[dict[str, Any]] = []
        with attach_rows(raw):
            for batch in self._driver.stream(flow):
                raw.extend(batch.rows)
            return in_order(raw)

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
    ) -> Export:
        """Stream all transactions of any range within six months, as fast as the throttle permits.

        The range is cut into windows of 24 hours, each page of 100 rows is a job, and many jobs are in flight at once.
        Every window is shown to be complete, by the server's own count, or reported as a gap.

        Args:
            start: First day or instant; the rule for dates is the class's.
            end: Last day or instant; an end in the future is moved to now.
            sites: Site codes, each read by itself; None reads all sites together, in fewer requests.
            timeout: Longest time for one job, in seconds; then its window is read by halves.
            max_in_flight: Most unfinished jobs at once; None leaves it to what the server bears.
            on_gap: `"raise"`: after the last row, raise `IncompleteExportError` if there are gaps; `"report"`: leave
                it to `export.report`.
            shelf: Where to keep handles of jobs in flight, such as a `FileShelf`: an export that was killed then goes
                on with them instead of submitting them again.

        Returns:
            A context manager to iterate over. Nothing is sent before the first row is asked for.

        Raises:
            ValidationError: An argument is not allowed. (A range that cannot be is refused at the first row, or by
                `plan`, because it takes the clock.)

        While iterating: IncompleteExportError after everything that could be had; APIError when nothing more can be.
        Rows that do not fit the model are in `export.quarantine`, raw.

        Cost: two requests a page, and a few more: about 2.02 a page for a month of 15 sites.
        """
        asked = ExportAsk(start, end, sites, timeout, max_in_flight)
        return Export(self._driver, self._context, asked, on_gap, shelf)

    def submit_job(self, **params: Unpack[JobPageParams]) -> Job:
        """Submit the job for one page, and return at once.

        Args:
            **params: As for `load_job`, with `offset` (page number from 1) and `limit` (rows a page, at most 100).

        Returns:
            The job. It knows its rows are one page of several only from their number: ask for the next page while a
            page comes back full. A page comes as the server cut it, perhaps with rows of the one second after the
            range, which `load_job` and lists leave out.

        Raises:
            ValidationError: A parameter is not allowed; nothing was sent.
            APIError: The API refused or could not be reached.

        Cost: one request.
        """
        return Job(self._driver, self._context, self._driver.run(jobs.submit(self._context, params)))

    def job(self, handle: Mapping[str, Any]) -> Job:
        """Go on with a job from what its `to_dict` gave, perhaps in another process. Sends nothing.

        Raises:
            ValidationError: It is no job's handle.
        """
        return Job(self._driver, self._context, Handle.from_dict(handle))

    def get_job_data(self, hash: str) -> JobData:
        """Ask once how a job is.

        Args:
            hash: The job's hash, from `submit_job`.

        Returns:
            Its status, and if it has passed its raw rows.

        Raises:
            JobExpiredError: The server does not have it, or no longer.
            APIError: The API refused or could not be reached.

        Cost: one request.
        """
        return self._driver.run(jobs.job_data(self._context, hash))


class Job:
    """One page's job, submitted and perhaps not yet collected. From `submit_job` or `job`.

    Attributes:
        hash: The server's name for it.
    """

    def __init__(self, driver: Driver, context: Context, handle: Handle) -> None:
        self._driver = driver
        self._context = context
        self._handle = handle

    @property
    def hash(self) -> str:
        """The server's name for it."""
        return self._handle.hash

    def status(self) -> str:
        """Ask once: `"working"`, `"pass"` or `"fail"`. Costs one request.

        Raises:
            JobExpiredError: Its 20 minutes are over.
            UnexpectedResponseError: The API named another status.
            APIError: The API refused or could not be reached.
        """
        return self._driver.run(ask(self._handle, self._context.policy)).status

    def result(self, *, poll_interval: float = 2.0, timeout: float = 300.0) -> builtins.list[TransactionJobItem]:
        """Wait until it has passed, and return its page's rows. Submits it again if it has expired.

        Args:
            poll_interval: Shortest time between two polls, in seconds.
            timeout: Longest time to wait from now, in seconds.

        Raises:
            ValidationError: An argument is not allowed; nothing was sent.
            JobFailedError: The server failed it.
            JobTimeoutError: It was still working after `timeout`.
            RowError: Rows do not fit the model; the error holds the good ones and the raw bad ones.
            APIError: The API refused or could not be reached.
        """
        flow = jobs.collect_job(self._context, self._handle, poll_interval=poll_interval, timeout=timeout)
        self._handle, answer = self._driver.run(flow)
        return parse_rows(TransactionJobItem, answer.rows, method="GET", path=POLL_PATH)

    def to_dict(self) -> dict[str, Any]:
        """The job as plain JSON-ready data, for `client.transactions.job`. Holds no secret."""
        return self._handle.to_dict()

    def __repr__(self) -> str:
        return f"Job({self.hash!r}, {self._handle.page})"
