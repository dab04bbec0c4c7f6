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
    no_recount: Annotated[bool, _Switch] = False,
    warn_days: int = 14,
    max_requests: int | None = None,
    max_minutes: float | None = None,
    table: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False)] = (),
    only_transactions: Annotated[bool, _Switch] = False,
    members_since: str | None = None,
    account: str | None = None,
    adopt: Annotated[bool, _Switch] = False,
    plan: Annotated[bool, _Switch] = False,
    session: Given,
) -> None:
    """Bring the archive up to date: run it nightly, or once a year within six months.

    Reads what is missing or may have changed, proves each day of transactions complete, and puts it away; then members,
    customers and all else that is due. May be stopped or killed at any moment: the next run goes on where it was.

    Args:
        since: First day to read, such as 2026-06-01 or last-3-months; all that the server has if left out.
        reread_days: Days for which rows may still change: days so young are read again each time.
        no_recount: Do not have the server count closed days again, which shows rows that came or went later.
        warn_days: How many days before the server forgets a day that is not complete it comes first.
        max_requests: Stop after so many requests, and go on there next time.
        max_minutes: Stop after so many minutes, and go on there next time.
        table: Besides transactions, read only this table; may be repeated. All tables if left out.
        only_transactions: Read no other table.
        members_since: How far back sign-ups are looked for; 2015 if left out.
        account: What the account is called in the archive; as the profile, if left out.
        adopt: Go on although the account was filled with another API ID or site code.
        plan: Say what would be read and what it would cost, and stop. Spends nothing.
        session: The account and the archive.

    Examples:
        sonnys sync
        sonnys sync --plan
        sonnys sync --since last-month --max-minutes 30
        sonnys sync --table customers --table recurring_accounts
        sonnys sync --profile acme --archive /data/acme
    """
    from sonnys_data_client.cli.commands.sync.run import run
    from sonnys_data_client.cli.errors import Refusal
    from sonnys_data_client.sync import SyncSettings

    if table and only_transactions:
        raise Refusal("--only-transactions reads no other table: leave --table out.")

    settings = SyncSettings(
        account=session.profile.name if account is None else account,
        reread_days=reread_days,
        recount=not no_recount,
        warn_days=warn_days,
        max_requests=max_requests,
        max_minutes=max_minutes,
        tables=() if only_transactions else table or None,
        adopt=adopt,
    )
    run(session, settings, since=since, members_since=members_since, plan_only=plan)
