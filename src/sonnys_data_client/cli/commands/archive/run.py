"""What `sonnys archive` does."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Protocol

from sonnys_data_client.archive import Archive, Problem, Receipt
from sonnys_data_client.archive.landed import Landed
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.archive.views import NAME
from sonnys_data_client.cli.dates import read_when
from sonnys_data_client.cli.errors import Alarm, Failure, Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import DECIDE, say, screen
from sonnys_data_client.cli.wording import quoted
from sonnys_data_client.redaction import Redaction
from sonnys_data_client.words import counted, plural

__all__ = ["run_accept", "run_check", "run_compact", "run_keep", "run_repair", "run_views", "run_web_shop"]


def run_check(session: Session, *, as_json: bool) -> None:
    """Print the problems of the archive, and what is disputed in it.

    Raises:
        Failure: There are problems.
        Alarm: There is none, but something is disputed.
    """
    archive = session.open_archive()
    problems = archive.check()
    if as_json:
        names = ("what", "damaged", "disputed")
        print(json.dumps([{name: getattr(problem, name) for name in names} for problem in problems], indent=1))
    else:
        for problem in problems:
            print(problem)
    wrong = [problem for problem in problems if not problem.disputed]
    if not wrong and problems:
        disputed = f"{counted(len(problems), 'disputed reading waits', 'disputed readings wait')} for a person"
        raise Alarm(f"The archive at {archive.address} has no problems, but {disputed}.", DECIDE)
    if wrong:
        amount = counted(len(wrong), "problem")
        raise Failure(f"The archive at {archive.address} has {amount}.", _advice(wrong))
    say(screen(), f"The archive at {archive.address} has no problems.")


def _advice(problems: Sequence[Problem]) -> str:
    if all(problem.stranger for problem in problems):
        return "Move away what is not the archive's."
    if all(problem.too_open for problem in problems):
        return "Run sonnys archive repair, which closes it; sonnys sync --shared lets its group read."
    return "Run sonnys archive repair, and then sonnys sync."


def run_repair(session: Session) -> None:
    """Repair the archive, say what was done, and write its views anew.

    Raises:
        ArchiveError: It cannot be repaired, or the views cannot be written.
    """
    archive = session.open_archive()
    repair = archive.repair()
    talk = screen()
    for problem in repair.problems:
        print(problem)
    if repair.reread:
        days = plural(len(repair.reread), "day")
        say(talk, f"{len(repair.reread)} {days} must be read again, as far as the server still has the rows.")
    say(talk, f"The ledger of {archive.address} was rebuilt; {_removed(repair.removed)}.")
    if repair.closed:
        files = counted(repair.closed, "file or folder is", "files and folders are")
        say(talk, f"{files} closed to other users now.")
    if repair.reread:
        say(talk, "hint: Run sonnys sync, which reads them.")
    archive.write_views()


def run_views(session: Session) -> None:
    """Write the views for BI tools anew.

    Raises:
        Refusal: There is no archive, or it is at an address that no BI tool opens.
        ArchiveError: They cannot be written, or a file cannot be read.
    """
    archive = session.open_archive()
    if not archive.is_local:
        raise Refusal(
            f"{archive.address} has no views for BI tools: they are for archives in a folder.",
            "Query it with sonnys sql.",
        )
    archive.write_views()
    say(screen(), f"The views in {archive.address}/{NAME} were written anew.")


def run_compact(session: Session) -> None:
    """Compact the archive, and say what was done."""
    archive = session.open_archive()
    done = archive.compact()
    rewritten = f"{counted(len(done.rewritten), 'file was', 'files were')} rewritten"
    say(screen(), f"{archive.address}: {rewritten}; {_removed(done.removed)}.")


def run_web_shop(session: Session, *, code: str) -> None:
    """Set what queries call the web shop, and say so."""
    archive = session.open_archive()
    archive.name_web_shop(code)
    say(screen(), f"Queries of {archive.address} call a site without a code {code.strip()} from now on.")


def run_accept(session: Session, when: str, *, table: str | None, account: str | None) -> None:
    """Let go of the rows that disputed readings lacked.

    Raises:
        ValidationError: `when` is wrong.
        Refusal: There is no such table or account, or nothing is disputed there.
        ArchiveError: Another run works on the archive, or it cannot be written.
    """
    archive = session.open_archive()
    landed = _decided(archive, archive.accept, session.now(UTC), when, table=table, account=account)
    gone = sum(len(each.changes) for each in landed)
    say(screen(), f"{_accepted(landed)}; {counted(gone, 'row has', 'rows have')} left, and the view changes has them.")


def run_keep(session: Session, when: str, *, table: str | None, account: str | None) -> None:
    """Keep the rows that disputed readings lacked.

    Raises:
        ValidationError: `when` is wrong.
        Refusal: There is no such table or account, or nothing is disputed there.
        ArchiveError: Another run works on the archive, or it cannot be written.
    """
    archive = session.open_archive()
    landed = _decided(archive, archive.keep, session.now(UTC), when, table=table, account=account)
    say(screen(), f"{_accepted(landed)}; every row stays.")


def run_redact(session: Session, what: str | None, *, account: str | None) -> None:
    """Hide personal data in the archive, and print the receipt.

    Raises:
        ValidationError: `what` is wrong.
        Refusal: There is no such account.
        ArchiveError: Another run works on the archive, or a file is damaged or cannot be written.
    """
    archive = session.open_archive()
    redaction = None if what is None else Redaction.read(what, parameter="what")
    _give(archive.redact(redaction, account=_account_of(archive, account)))


def run_forget(session: Session, customer: str, *, account: str | None) -> None:
    """Erase a customer, and print the receipt. Arguments and errors: see `run_redact`."""
    archive = session.open_archive()
    _give(archive.forget(customer, account=_account_of(archive, account)))


def _give(receipt: Receipt) -> None:
    print(json.dumps(receipt.to_dict(), indent=1))
    removed, emptied = sum(each.removed for each in receipt.erased), sum(each.emptied for each in receipt.erased)
    changed = f"{counted(removed, 'row was', 'rows were')} removed, and {counted(emptied, 'row')} emptied in part"
    say(screen(), f"{changed}, of {counted(len(receipt.erased), 'partition')}. Backups and exports were not reached.")


def _account_of(archive: Archive, account: str | None) -> str:
    return next(iter(_accounts_meant(archive, account)), "main")


def _accounts_meant(archive: Archive, account: str | None) -> list[str]:
    """Return the accounts of the archive, once it is clear which one is meant.

    Raises:
        Refusal: There is no such account, or several, and none was named.
    """
    accounts = archive.accounts()
    if account is not None and account not in accounts:
        raise Refusal(f"--account {quoted(account)} is not an account of the archive; {_one_of(accounts)}.")
    if account is None and len(accounts) > 1:
        raise Refusal(f"The archive has several accounts; {_one_of(accounts)}.", "Name one with --account.")
    return accounts if account is None else [account]


def _accepted(landed: Sequence[Landed]) -> str:
    return (
        f"{counted(len(landed), 'dispute')} of {', '.join(sorted({each.partition.table for each in landed}))} decided"
    )


class _Decide(Protocol):
    def __call__(self, start: date, end: date, /, *, account: str | None, table: str | None) -> list[Landed]: ...


def _decided(
    archive: Archive, decide: _Decide, now: datetime, when: str, *, table: str | None, account: str | None
) -> list[Landed]:
    """Decide about what is disputed in a range of days.

    Raises:
        ValidationError: `when` is wrong.
        Refusal: There is no such table or account, or nothing is disputed there.
    """
    span = read_when(when, now, "when")
    if table is not None and table not in TABLES:
        raise Refusal(f"--table {quoted(table)} is not a table; it must be one of {', '.join(TABLES)}.")
    _accounts_meant(archive, account)
    landed = decide(span.start.date(), span.end.date(), account=account, table=table)
    if not landed:
        raise Refusal(f"Nothing is disputed in {when}.", "sonnys archive check lists what is disputed.")
    return landed


def _one_of(accounts: Sequence[str]) -> str:
    return f"it must be one of {', '.join(accounts)}" if accounts else "it has none yet"


def _removed(files: int) -> str:
    return f"{counted(files, 'file')} of killed runs {plural(files, 'was', 'were')} removed"
