"""`sonnys sync`: fill the archive. Its options; `syncing` does it."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.session import Given

__all__ = ["sync"]

_Switch = Parameter(negative=(), show_default=False)


def sync(
    *,
    since: str | None = None,
    reread_days: float = 3.0,
    warn_days: int = 14,
    max_requests: int | None = None,
    max_minutes: float | None = None,
    account: str | None = None,
    adopt: Annotated[bool, _Switch] = False,
    plan: Annotated[bool, _Switch] = False,
    session: Given,
) -> None:
    """Bring the archive up to date: run it nightly, or once a year within six months.

    Reads what is missing or may have changed, proves each day complete, and puts it away. May be stopped or killed at
    any moment: the next run goes on where it was.

    Args:
        since: First day to read, such as 2026-06-01 or last-3-months; all that the server has if left out.
        reread_days: Days for which rows may still change: days so young are read again each time.
        warn_days: How many days before the server forgets a day that is not complete it comes first.
        max_requests: Stop after so many requests, and go on there next time.
        max_minutes: Stop after so many minutes, and go on there next time.
        account: What the account is called in the archive; as the profile, if left out.
        adopt: Go on although the account was filled with another API ID or site code.
        plan: Say what would be read and what it would cost, and stop. Spends nothing.
        session: The account and the archive.

    Examples:
        sonnys sync
        sonnys sync --plan
        sonnys sync --since last-month --max-minutes 30
        sonnys sync --profile acme --archive /data/acme
    """
    from sonnys_data_client.cli.syncing import run
    from sonnys_data_client.sync import SyncSettings

    settings = SyncSettings(
        account=account or session.profile.name,
        reread_days=reread_days,
        warn_days=warn_days,
        max_requests=max_requests,
        max_minutes=max_minutes,
        adopt=adopt,
    )
    run(session, settings, since=since, plan_only=plan)
