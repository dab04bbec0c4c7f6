"""`sonnys archive`: check, repair and compact the archive, write its views, and decide what is disputed.

Here are the options and the help; `run` does the work.
"""

from __future__ import annotations

from typing import Annotated

from cyclopts import Parameter

from sonnys_data_client.cli.family import Family
from sonnys_data_client.cli.session import Given

__all__ = ["ARCHIVE"]

_Json = Annotated[bool, Parameter(negative=(), show_default=False)]


def check(*, json: _Json = False, session: Given) -> None:
    """Read every file of the archive, and compare it with the ledger. Changes nothing.

    The exit code is 1 if there is any problem, and 3 if there is none but a day or a snapshot is disputed.

    Args:
        json: Print the problems as JSON.
        session: The archive.

    Examples:
        sonnys archive check
        sonnys archive check --archive /data/acme --json
    """
    from sonnys_data_client.cli.commands.archive.run import run_check

    run_check(session, as_json=json)


def repair(*, session: Given) -> None:
    """Repair what can be repaired here, and have the next sync read the other days again.

    Sets damaged files aside, and leaves all others as they are.

    Args:
        session: The archive.

    Examples:
        sonnys archive repair
    """
    from sonnys_data_client.cli.commands.archive.run import run_repair

    run_repair(session)


def compact(*, session: Given) -> None:
    """Rewrite the files of earlier versions of this program, and free the disk space that nothing needs.

    Args:
        session: The archive.

    Examples:
        sonnys archive compact
    """
    from sonnys_data_client.cli.commands.archive.run import run_compact

    run_compact(session)


def accept(when: str, /, *, table: str | None = None, account: str | None = None, session: Given) -> None:
    """Let go of the rows of disputed days that the server no longer returns.

    They leave the tables, and the view "changes" has each of them from then on. Nothing is sent.

    Args:
        when: The UTC days: 2026-06-01, 2026-06-01..2026-06-30, last-month. Of a snapshot, its date.
        table: Only this table; all if left out.
        account: Only this account of the archive; the only one if left out.
        session: The archive.

    Examples:
        sonnys archive accept 2026-06-01
        sonnys archive accept 2026-06-01..2026-06-30 --table transactions
    """
    from sonnys_data_client.cli.commands.archive.run import run_accept

    run_accept(session, when, table=table, account=account)


def keep(when: str, /, *, table: str | None = None, account: str | None = None, session: Given) -> None:
    """Keep the rows of disputed days that the server no longer returns, for good.

    Later syncs leave them alone, and do not dispute again that they do not come. Nothing is sent.

    Args:
        when: The UTC days: 2026-06-01, 2026-06-01..2026-06-30, last-month. Of a snapshot, its date.
        table: Only this table; all if left out.
        account: Only this account of the archive; the only one if left out.
        session: The archive.

    Examples:
        sonnys archive keep 2026-06-01
        sonnys archive keep last-week --table customers
    """
    from sonnys_data_client.cli.commands.archive.run import run_keep

    run_keep(session, when, table=table, account=account)


def views(*, session: Given) -> None:
    """Write the views for BI tools anew, which are in archive.duckdb. Needs no account.

    Their paths are those of this machine. So do this for a copy of the archive, and after it was moved. Every sync does
    it, too.

    Args:
        session: The archive.

    Examples:
        sonnys archive views
        sonnys archive views --archive /mnt/acme
    """
    from sonnys_data_client.cli.commands.archive.run import run_views

    run_views(session)


def web_shop(code: str, /, *, session: Given) -> None:
    """Set the code by which queries call a site without one, such as a web shop. It is WEB until you choose another.

    So a join of sales with sites keeps the sales of the web shop. No file of the archive changes.

    Args:
        code: The code. No site may have it.
        session: The archive.

    Examples:
        sonnys archive web-shop ONLINE
    """
    from sonnys_data_client.cli.commands.archive.run import run_web_shop

    run_web_shop(session, code=code)


def redact(what: str | None = None, /, *, account: str | None = None, session: Given) -> None:
    """Take personal data out of all files of the archive, and leave it out of what is written from now on.

    It cannot be undone: the server forgets, too. Prints a receipt as JSON. Backups and exports are not reached. Sends
    nothing.

    Args:
        what: Some of names,plates,phones,emails, each with =hash for a text that is the same for the same person; none
            to leave nothing out from now on. What was said before, once more, if left out: after a backup was restored.
        account: Only this account of the archive; the only one if left out.
        session: The archive.

    Examples:
        sonnys archive redact names,plates=hash
        sonnys archive redact
    """
    from sonnys_data_client.cli.commands.archive.run import run_redact

    run_redact(session, what, account=account)


def forget(*, customer: str, account: str | None = None, session: Given) -> None:
    """Erase a customer from all files of the archive, and from what later syncs bring. It cannot be undone.

    The row in customers leaves. Sales and memberships stay without name, plate and card, so that sums do. Prints a
    receipt as JSON, without personal data. Backups and exports are not reached. Sends nothing.

    Args:
        customer: The customer's id, as customer_id has it, such as 1:234.
        account: Only this account of the archive; the only one if left out.
        session: The archive.

    Examples:
        sonnys archive forget --customer 1:234
        sonnys archive forget --customer 1:234 --account acme
    """
    from sonnys_data_client.cli.commands.archive.run import run_forget

    run_forget(session, customer, account=account)


ARCHIVE = Family(
    "archive",
    "Maintain the archive: check it, repair it, compact it, write its views, decide about disputed days, erase.",
    (check, repair, compact, views, web_shop, accept, keep, redact, forget),
)
