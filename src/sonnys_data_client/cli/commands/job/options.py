"""`sonnys job`: one batch job by hand. Its options; `jobs` does it."""

from __future__ import annotations

from pathlib import Path

from sonnys_data_client.cli.family import Family
from sonnys_data_client.cli.session import Given

__all__ = ["JOB"]


def submit(
    when: str,
    /,
    *,
    site: str | None = None,
    page: int = 1,
    limit: int = 100,
    timezone: str | None = None,
    session: Given,
) -> None:
    """Submit the job for one page, and print its handle: a line of JSON.

    A job covers at most a day, and a page of it. Costs one request, or two where the zone must be asked for.

    Args:
        when: Such as yesterday, or 2026-03-08T06:00..2026-03-08T12:00.
        site: Only this site, by its code.
        page: Which page, from 1.
        limit: Rows a page, at most 100.
        timezone: Zone whose days are meant; if left out, the profile's, else that of most sites.
        session: The account.

    Examples:
        sonnys job submit yesterday --site MAIN > job.json
        sonnys job submit yesterday --page 2
    """
    from sonnys_data_client.cli.commands.job.run import submit_page

    submit_page(session, when, site=site, page=page, limit=limit, timezone=timezone)


def status(hash: str | None = None, /, *, handle: Path | None = None, session: Given) -> None:
    """Ask once how a job is, and print it: working, pass or fail.

    Args:
        hash: The job's hash.
        handle: A file with what `submit` printed, instead of the hash.
        session: The account.

    Examples:
        sonnys job status --handle job.json
    """
    from sonnys_data_client.cli.commands.job.run import print_status

    print_status(session, hash, handle)


def result(hash: str | None = None, /, *, handle: Path | None = None, wait: float = 300.0, session: Given) -> None:
    """Print the rows of a job's page, a line of JSON each.

    Given a handle, it waits until the job has passed, and submits it again if its 20 minutes are over. Given a bare
    hash it asks once.

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


JOB = Family("job", "One batch job by hand: submit it, ask how it is, read its rows.", (submit, status, result))
