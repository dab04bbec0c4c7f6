"""One page's batch job as an object, for each client.

It is submitted now and collected later by any process.
"""

from __future__ import annotations

import builtins
from datetime import UTC, datetime
from typing import Any, Generic

from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Driver
from sonnys_data_client.endpoints import jobs
from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.engine.effects import interactive
from sonnys_data_client.engine.jobs import POLL_PATH, Handle
from sonnys_data_client.engine.single import ask
from sonnys_data_client.notebook import facts
from sonnys_data_client.resources.calls import D
from sonnys_data_client.types import TransactionJobItem, parse_rows


class SubmittedJob(Generic[D]):
    """What the jobs of both clients share: everything that asks the server nothing."""

    def __init__(self, driver: D, context: Context, handle: Handle) -> None:
        self._driver = driver
        self._context = context
        self._handle = handle

    @property
    def hash(self) -> str:
        """The server's name for it."""
        return self._handle.hash

    def to_dict(self) -> dict[str, Any]:
        """Return the job as plain JSON-ready data, for `client.transactions.job`.

        Holds no secret.
        """
        return self._handle.to_dict()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.hash!r}, {self._handle.page})"

    def _repr_html_(self) -> str:
        page = self._handle.page
        submitted = datetime.fromtimestamp(self._handle.submitted_at, UTC).isoformat(sep=" ", timespec="seconds")
        return facts(
            "Batch job",
            {
                "hash": self.hash,
                "window": page.window,
                "page": page.number,
                "rows a page": page.limit,
                "submitted": submitted,
            },
        )


class Job(SubmittedJob[Driver]):
    """One page's job, which has been submitted. Made by `submit_job` or `job`."""

    def status(self) -> str:
        """Ask once: `"working"`, `"pass"` or `"fail"`. Costs one request.

        Raises:
            JobExpiredError: Its 20 minutes are over.
            UnexpectedResponseError: The API gave another status.
            APIError: The API refused or could not be reached.
        """
        return self._driver.run(interactive(ask(self._handle, self._context.policy))).status

    def result(self, *, poll_interval: float = 2.0, timeout: float = 300.0) -> builtins.list[TransactionJobItem]:
        """Wait until the job has passed, and return its page's rows.

        Submits it again if it has expired.

        Args:
            poll_interval: Shortest time between two polls, in seconds.
            timeout: Longest time to wait from now, in seconds.

        Raises:
            ValidationError: An argument is not allowed; nothing was sent.
            JobFailedError: The job failed at the server.
            MismatchError: The replies are about another job or page, or the rows are of other days.
            JobTimeoutError: The job was still working after `timeout`.
            RowError: Rows could not be parsed. The error holds them, raw, and the parsed ones.
            APIError: The API refused or could not be reached.
        """
        flow = jobs.collect_job(self._context, self._handle, poll_interval=poll_interval, timeout=timeout)
        self._handle, answer = self._driver.run(flow)
        return parse_rows(TransactionJobItem, answer.rows, method="GET", path=POLL_PATH)


class AsyncJob(SubmittedJob[AsyncDriver]):
    """One page's job, which has been submitted. Made by `submit_job` or `job`."""

    async def status(self) -> str:
        """Ask once: `"working"`, `"pass"` or `"fail"`. See `Job.status`."""
        return (await self._driver.run(interactive(ask(self._handle, self._context.policy)))).status

    async def result(
        self,
        *,
        poll_interval: float = 2.0,
        timeout: float = 300.0,  # noqa: ASYNC109 - as for load_job
    ) -> builtins.list[TransactionJobItem]:
        """Wait until the job has passed, and return its page's rows. See `Job.result`."""
        flow = jobs.collect_job(self._context, self._handle, poll_interval=poll_interval, timeout=timeout)
        self._handle, answer = await self._driver.run(flow)
        return parse_rows(TransactionJobItem, answer.rows, method="GET", path=POLL_PATH)
