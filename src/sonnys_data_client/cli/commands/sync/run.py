"""How `sonnys sync` goes: plan, read, and say what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

from rich.console import Console

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.cli.dates import read_when
from sonnys_data_client.cli.errors import Failure, Stopped
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.progress import View, doublings, shown, view_of
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.config import read_timezone
from sonnys_data_client.sync import SyncProgress, SyncReport, SyncSettings
from sonnys_data_client.words import plural

__all__ = ["run", "view_of_sync"]

_SHOWN_GAPS_MAX = 3
_ASK = "sonnys sql 'FROM {}'"


def run(
    session: Session, settings: SyncSettings, *, since: str | None, members_since: str | None, plan_only: bool
) -> None:
    """Sync, or say what a sync would do.

    Raises:
        ValidationError: A setting cannot be right; nothing was spent.
        ArchiveError: The archive cannot be used, or another run works on it.
        APIError: The API refused or could not be reached. What came is safe.
        Failure: Some days or tables could not be read whole.
        Stopped: Ctrl-C. What came is safe.
    """
    settings = replace(settings, timezone=read_timezone(session.profile.timezone))
    if since is not None:
        settings = replace(settings, start=read_when(since, session.now(UTC)).start.date())
    if members_since is not None:
        settings = replace(settings, members_since=read_when(members_since, session.now(UTC)).start.date())
    archive = Archive(session.archive_address)
    talk, progress = screen(), SyncProgress()
    with session.client() as client:
        plan = sync.plan(client, archive, settings)
        if plan_only:
            print(plan)
            return
        say(talk, f"Syncing {settings.account} into {archive.address}.")
        for line in str(plan).splitlines():
            say(talk, line)
        try:
            with shown(lambda: view_of_sync(progress), talk, note=_days(progress)):
                report = sync.run(client, archive, settings, progress=progress)
        except KeyboardInterrupt:
            kept = f"{progress.days_done} of {progress.days} days are put away, and what came of the others is kept"
            raise Stopped(kept, session.command) from None
    _tell(report, session, talk)


def view_of_sync(progress: SyncProgress) -> View:
    """The view of a sync: of its transactions, and then of the other tables, whose rows nobody knows beforehand."""
    done, tables, rows = progress.tables_done, progress.tables, progress.rows
    if not tables:
        return view_of(progress.export)
    phrases = [
        f"{done} of {tables} other tables",
        f"{rows:,} rows",
        f"{progress.budget.spent:,} requests in all",
        *([f"now {progress.table.replace('_', ' ')}"] if done < tables else []),
    ]
    return View(done / tables, phrases, step=(1, done, doublings(rows)))


def _days(progress: SyncProgress) -> Callable[[], str]:
    def words() -> str:
        if not progress.days:
            return ""
        changed = f"; {progress.changes:,} changes of what was read before" if progress.changes else ""
        return f"{progress.days_done} of {progress.days} days are put away{changed}."

    return words


def _tell(report: SyncReport, session: Session, talk: Console) -> None:
    days = f"{len(report.days)} of {report.days_due} days put away: {report.rows:,} transactions"
    if not report.days_due:
        days = "No day was due"
    rows = Counter[str]()
    for landed in report.other_partitions:
        rows[landed.partition.table] += landed.rows
    others = "".join(f", {count:,} {table.replace('_', ' ')}" for table, count in rows.items())
    requests = plural(report.requests, "request")
    say(talk, f"{days}{others}; {report.requests:,} {requests}.", style="bold")
    if report.days_recounted:
        say(talk, _recounted(report))
    if report.changes:
        say(talk, f"{len(report.changes):,} changes of what was read before; {_ASK.format('changes')} shows them.")
    if forgotten := report.forgotten_by_server:
        say(talk, f"{forgotten:,} rows that the server gives no more are kept: it seems to have forgotten them.")
    if report.quarantined:
        say(talk, f"{report.quarantined:,} rows fit no column; {_ASK.format('quarantine')} shows them.")
    for warning in report.warnings:
        say(talk, f"Warning: {warning}.", style="yellow")
    if report.stopped is not None:
        say(talk, f"Stopped: {report.stopped} Go on with: {session.command}")
    _check_whole(report)


def _recounted(report: SyncReport) -> str:
    days = f"{report.days_recounted:,} closed days were counted again: the server counts"
    changed = len(report.count_mismatches)
    return f"{days} other rows in {changed:,} of them, now due." if changed else f"{days} what is here."


def _check_whole(report: SyncReport) -> None:
    gaps = [gap for landed in report.incomplete_days for gap in landed.gaps]
    more = f" and {len(gaps) - _SHOWN_GAPS_MAX} more" if len(gaps) > _SHOWN_GAPS_MAX else ""
    missing = [f"{len(report.incomplete_days)} days ({'; '.join(gaps[:_SHOWN_GAPS_MAX])}{more})"] if gaps else []
    missing += [f"{table} ({why.rstrip('.')})" for table, why in report.failed_tables.items()]
    if missing:
        raise Failure(
            f"Not read whole: {'; '.join(missing)}. What came is put away, and the next sync reads them again; "
            "--table leaves out what you cannot have."
        )
