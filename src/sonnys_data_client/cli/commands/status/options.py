"""`sonnys status`: which days the archive has. The options and the help; `run` does the work."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.session import Given

__all__ = ["status"]


def status(
    *,
    account: str | None = None,
    when: str | None = None,
    warn_days: int = 14,
    json: Annotated[bool, Parameter(negative=(), show_default=False)] = False,
    session: Given,
) -> None:
    """Show which days the archive has, and which the server will soon forget.

    Needs no account and sends nothing. The exit code is 3 if the server will soon forget a day that is not complete, or
    if a person is to decide about rows that the server no longer returns. So a scheduler can raise an alarm.

    Args:
        account: Only this account of the archive.
        when: Only these UTC days, such as last-month; all that the archive or the server has if left out.
        warn_days: How many days before the server forgets a day to warn of it.
        json: Print every day as JSON, with the evidence for it.
        session: The archive.

    Examples:
        sonnys status
        sonnys status --when last-month --json
        sonnys status --archive /data/acme --account acme
    """
    from sonnys_data_client.cli.commands.status.run import run

    run(session, account=account, when=when, warn_days=warn_days, as_json=json)
