"""`sonnys sync`: fill the archive. The options and the help; `run` does the work."""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.session import Given
from sonnys_data_client.cli.wording import StandsFor

__all__ = ["sync"]

_Switch = Parameter(negative=(), show_default=False)


def sync(
    *,
    since: Annotated[str | None, StandsFor("start")] = None,
    reread_days: float = 3.0,
    no_recount: Annotated[bool, _Switch] = False,
    no_statuses: Annotated[bool, _Switch] = False,
    audit: Annotated[bool, _Switch] = False,
    no_audit: Annotated[bool, _Switch] = False,
    audit_days: int = 35,
    warn_days: int = 14,
    max_requests: int | None = None,
    max_minutes: float | None = None,
    table: Annotated[tuple[str, ...], Parameter(negative=(), show_default=False), StandsFor("tables")] = (),
    only_transactions: Annotated[bool, _Switch] = False,
    members_since: str | None = None,
    account: str | None = None,
    adopt: Annotated[bool, _Switch] = False,
    loss_rows: int = 10,
    loss_share: float = 0.02,
    snapshot_loss_share: float = 0.2,
    plan: Annotated[bool, _Switch] = False,
    all: Annotated[bool, _Switch] = False,
    jobs: int | None = None,
    lease: str | None = None,
    session: Given,
) -> None:
    """Bring the archive up to date: run it nightly, or at least every six months.

    Reads the days of transactions that are missing or may have changed, proves each of them complete, and archives it.
    Then reads members, customers and the other tables that are due. It may be stopped or killed at any moment: the next
    run goes on where this one stopped. The exit code is 3 if the server returned so many rows fewer than before that a
    person is to decide about them; until then they stay.

    Args:
        since: First day to read, by the sites' clocks: 2026-06-01 or last-3-months. All there is if left out.
        reread_days: Days for which rows may still change. Days as young as that are read again each time.
        no_recount: Do not have the server count closed days again. Counting finds rows that came or went later.
        no_statuses: Do not read the statuses of transactions, such as Incomplete. They cost a third of the requests.
        audit: Compare all closed days of the last --audit-days with the server's list now, not a seventh each night.
        no_audit: Do not compare closed days with the server's list. Comparing finds sales that were voided later.
        audit_days: Days for which a closed day is compared, once a week.
        warn_days: An incomplete day comes first if the server will forget it within this many days.
        max_requests: Stop after this many requests, besides one for the plan; the next run goes on from there.
        max_minutes: Stop after this many minutes; the next run goes on from there.
        table: Besides transactions, read only this table; may be repeated. All tables if left out.
        only_transactions: Read no other table.
        members_since: First day of the sign-ups to look for; 2015 if left out.
        account: Name of the account in the archive; that of the profile if left out.
        adopt: Go on although the rows of this account came with another API ID or site code.
        loss_rows: Dispute a day if more rows than this did not come again, and more than --loss-share. They stay.
        loss_share: The same, as a share of the day's rows.
        snapshot_loss_share: The same for lists such as customers, as a share of the last snapshot's rows.
        plan: Say what would be read and what it would cost, and stop. Costs one request.
        all: Sync the accounts of all profiles. --profile 'west-*' names some of them. Of these options, --max-requests
            holds for each account, and --max-minutes for all together.
        jobs: How many accounts to sync at once; 16 if left out.
        lease: Share the accounts with workers on other machines, through Redis: redis://host:6379/0. SONNYS_LEASE says
            the same, and is the better place for a password.
        session: The account and the archive.

    Examples:
        sonnys sync
        sonnys sync --plan
        sonnys sync --since last-month --max-minutes 30
        sonnys sync --table customers --table recurring_accounts
        sonnys sync --profile acme --archive /data/acme
        sonnys sync --all --jobs 40
        sonnys sync --profile 'west-*' --max-minutes 120
    """
    from sonnys_data_client.cli.commands.sync.fleet import names_of, run_all
    from sonnys_data_client.cli.commands.sync.run import SyncWish, run
    from sonnys_data_client.cli.errors import Refusal
    from sonnys_data_client.sync import SyncSettings

    if table and only_transactions:
        raise Refusal("--only-transactions and --table exclude each other.", "Leave one of the two out.")

    if audit and no_audit:
        raise Refusal("--audit and --no-audit exclude each other.", "Leave one of the two out.")

    names = names_of(session, everyone=all)
    if names is None and (jobs is not None or lease is not None):
        raise Refusal("--jobs and --lease are for several accounts.", "Add --all, or --profile with a pattern.")
    if names is not None and account is not None:
        raise Refusal("--account is for one account.", "Leave it out: each account is called what its profile is.")

    settings = SyncSettings(
        account=(session.profile.name if names is None else "main") if account is None else account,
        reread_days=reread_days,
        recount=not no_recount,
        statuses=not no_statuses,
        audit="now" if audit else "off" if no_audit else "weekly",
        audit_days=audit_days,
        warn_days=warn_days,
        max_requests=max_requests,
        max_minutes=max_minutes,
        tables=() if only_transactions else table or None,
        adopt=adopt,
        loss_rows=loss_rows,
        loss_share=loss_share,
        snapshot_loss_share=snapshot_loss_share,
    )
    if names is None:
        run(session, SyncWish(settings, since, members_since), plan_only=plan)
    else:
        wish = SyncWish(settings, since, members_since)
        run_all(session, names, wish, jobs=jobs, lease=lease, plan_only=plan)
