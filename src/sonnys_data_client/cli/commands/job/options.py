"""`sonnys job`: one batch job by hand. The options and the help; `run` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from sonnys_data_client.cli.family import Family
from sonnys_data_client.cli.session import Given
from sonnys_data_client.cli.wording import StandsFor

__all__ = ["JOB"]


def submit(
    when: Annotated[str, StandsFor("startDate", "endDate")],
    /,
    *,
    site: str | None = None,
    page: Annotated[int, StandsFor("offset")] = 1,
    limit: int = 100,
    timezone: str | None = None,
    session: Given,
) -> None:
    """Submit the job for one page, and print its handle: a line of JSON.

    A job covers one page of at most one day. Costs one request, or two if the sites must be asked for their time zone.

    Args:
        when: A range of at most a day, such as yesterday or 2026-03-08T06:00..2026-03-08T12:00.
        site: Code of the only site to read; all sites if left out.
        page: The page, from 1.
        limit: Rows a page, at most 100.
        timezone: Time zone of the days; if left out, the profile's, else the site's own or that of most sites.
        session: The account.

    Examples:
        sonnys job submit yesterday --site MAIN > job.json
        sonnys job submit yesterday --page 2
    """
    from sonnys_data_client.cli.commands.job.run import submit_page

    submit_page(session, when, site=site, page=page, limit=limit, timezone=timezone)


def status(hash: str | None = None, /, *, handle: Path | None = None, session: Given) -> None:
    """Ask once for a job's status, and print it: working, pass or fail.

    Args:
        hash: The job's hash.
        handle: A file with what `submit` printed, instead of the hash.
        session: The account.

    Examples:
        sonnys job status --handle job.json
    """
    from sonnys_data_client.cli.commands.job.run import print_status

    print_status(session, hash, handle)


def result(
    hash: str | None = None,
    /,
    *,
    handle: Path | None = None,
    wait: Annotated[float, StandsFor("timeout")] = 300.0,
    session: Given,
) -> None:
    """Print the rows of a job's page, a line of JSON each.

    With a handle, waits until the job has passed, and submits it again if its 20 minutes are over. With a hash, asks
    once.

    Args:
        hash: The job's hash.
        handle: A file with what `submit` printed, instead of the hash.
        wait: Longest time to wait, in seconds.
        session: The account.

    Examples:
        sonnys job result --handle job.json > page.ndjson
    """
    from sonnys_data_client.cli.commands.job.run import print_result

    print_result(session, hash, handle, wait_s=wait)


JOB = Family(
    "job", "Run one batch job by hand: submit it, ask for its status, read its rows.", (submit, status, result)
)
