"""What `sonnys sync` does: plan, read, and report the result."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rich.console import Console

from sonnys_data_client import SonnysClient, sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.cli.errors import Alarm, Failure, Stopped
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.progress import View, doublings, shown, view_of
from sonnys_data_client.cli.show.screen import DECIDE, disputes_in_words, say, screen, values_not_parsed
from sonnys_data_client.errors import BudgetSpentError
from sonnys_data_client.sync import SyncProgress, SyncReport, SyncSettings
from sonnys_data_client.sync.budget import Budget, with_budget
from sonnys_data_client.words import counted, plural

__all__ = ["SyncWish", "check_whole", "notes", "read_in_words", "run", "view_of_sync"]

_SHOWN_GAPS_MAX = 3
_ASK = "sonnys sql 'FROM {}'"


@dataclass(frozen=True, slots=True)
class SyncWish:
    """What was typed.

    Attributes:
        settings: How to sync, but for the days.
        since: First day to read, in words; None for all there is.
        members_since: First day of sign-ups, in words; None for the default.
        shared: Whether the group of the archive's folder may read it; None for as it is.
    """

    settings: SyncSettings
    since: str | None = None
    members_since: str | None = None
    shared: bool | None = None

    def for_client(self, session: Session, client: SonnysClient) -> SyncSettings:
        """Return the settings with what the profile redacts, and with the days as the account's clock has them.

        May cost a request, for the site list.

        Raises:
            ValidationError: A day cannot be read.
            APIError: The site list cannot be read.
        """
        settings = self.settings
        if settings.redact is None:
            settings = replace(settings, redact=session.profile.redact)
        if self.since is not None:
            settings = replace(settings, start=session.when(self.since, client, parameter="start").start.date())
        if self.members_since is not None:
            members_from = session.when(self.members_since, client, parameter="members_since").start.date()
            settings = replace(settings, members_since=members_from)
        return settings


def run(session: Session, wish: SyncWish, *, plan_only: bool) -> None:
    """Sync, or say what a sync would do.

    Raises:
        ValidationError: An option is wrong. Nothing was sent, unless only the server could tell.
        ArchiveError: The archive cannot be used, or another run works on it.
        APIError: The API refused or could not be reached. What came is safe.
        Failure: Some days or tables could not be read whole.
        Alarm: All were, but something is disputed.
        Stopped: Ctrl-C. What came is safe.
    """
    archive = Archive(session.archive_address, shared=wish.shared)
    archive.check_address()
    archive.check_account(wish.settings.account)
    talk, progress = screen(), SyncProgress()
    with session.client(timezone=session.named_zone(None)) as client:
        # What comes before the first day, such as a slow list of sites, is within the bounds, too.
        budget = Budget(wish.settings.max_requests, wish.settings.max_minutes, stop=progress.stop)
        metered = with_budget(client, budget)
        try:
            settings = wish.for_client(session, metered)
            plan = sync.plan(metered, archive, settings)
        except BudgetSpentError as spent:
            _tell(SyncReport(stopped=spent.problem, requests=budget.spent), session, talk)
            return
        if plan_only:
            print(plan)
            return
        say(talk, f"Syncing {settings.account} into {archive.address}.")
        for line in str(plan).splitlines():
            say(talk, line)
        try:
            with shown(lambda: view_of_sync(progress), talk, note=_days(progress)):
                report = sync.run(client, archive, settings, progress=progress, budget=budget)
        except KeyboardInterrupt:
            kept = f"{_days_archived(progress)}, and what came of other days is kept"
            raise Stopped(kept, session.command) from None
    _tell(report, session, talk)


def view_of_sync(progress: SyncProgress) -> View:
    """Return the view of a sync: first of its transactions, then of the other tables, whose sizes are not known."""
    done, tables, rows = progress.tables_done, progress.tables, progress.rows
    if not tables:
        return view_of(progress.export)
    spent = progress.budget.spent
    phrases = [
        f"{done} of {tables} other {plural(tables, 'table')}",
        f"{counted(rows, 'row')}",
        f"{counted(spent, 'request')} in all",
        *([f"now {progress.table.replace('_', ' ')}"] if done < tables else []),
    ]
    return View(done / tables, phrases, step=(1, done, doublings(rows)))


def _days(progress: SyncProgress) -> Callable[[], str]:
    def words() -> str:
        if not progress.days:
            return ""
        changed = f"; {_changes(progress.changes)}" if progress.changes else ""
        return f"{_days_archived(progress)}{changed}."

    return words


def _days_archived(progress: SyncProgress) -> str:
    return f"{progress.days_done} of {counted(progress.days, 'day is', 'days are')} archived"


def _changes(count: int) -> str:
    return f"{counted(count, 'value has', 'values have')} changed since an earlier sync"


def _tell(report: SyncReport, session: Session, talk: Console) -> None:
    say(talk, f"{read_in_words(report)}.", style="bold")
    for line in notes(report):
        say(talk, line)
    for warning in report.warnings:
        say(talk, f"Warning: {warning}.", style="yellow")
    if report.stopped is not None:
        say(talk, f"Stopped: {report.stopped}")
        say(talk, f"hint: Go on with: {session.command}")
    check_whole(report, talk)


def read_in_words(report: SyncReport) -> str:
    """Return a clause about what a sync has read."""
    transactions, due = plural(report.rows, "transaction"), report.days_due
    days = f"{len(report.days)} of {counted(due, 'day')} archived: {report.rows:,} {transactions}"
    if not due:
        days = "No day was due"
    others_read = Counter[str]()
    for landed in report.other_partitions:
        others_read[landed.partition.table] += landed.rows
    others = "".join(f", {count:,} {table.replace('_', ' ')}" for table, count in others_read.items())
    return f"{days}{others}; {report.requests:,} {plural(report.requests, 'request')}"


def notes(report: SyncReport) -> Iterator[str]:
    """Say what else a sync has found, a line for each kind."""
    yield from _compared(report)
    if report.changes:
        shows = f"{_ASK.format('changes')} shows {plural(len(report.changes), 'it', 'them')}"
        yield f"{_changes(len(report.changes))}; {shows}."
    if forgotten := report.forgotten_by_server:
        rows = plural(forgotten, "row is", "rows are")
        yield f"{forgotten:,} {rows} kept that the server no longer returns: it seems to have forgotten them."
    if report.quarantined:
        shows = f"{_ASK.format('quarantine')} shows {plural(report.quarantined, 'it', 'them')}"
        yield f"{counted(report.quarantined, 'row')} could not be parsed; {shows}."
    if report.unparsed_values:
        yield values_not_parsed(report.unparsed_values, "the column raw has")


def _compared(report: SyncReport) -> Iterator[str]:
    """Say what the server was asked about days that are here already."""
    if report.days_recounted:
        yield _recounted(report)
    for table, mismatches in report.event_mismatches.items():
        days = counted(len(mismatches), "day was", "days were")
        yield f"{table.replace('_', ' ')}: {days} read again, because the server counts other numbers of rows."
    if report.days_audited:
        yield _audited(report)


def _recounted(report: SyncReport) -> str:
    recounted, changed = report.days_recounted, len(report.count_mismatches)
    counted = f"{recounted:,} closed {plural(recounted, 'day was', 'days were')} counted again"
    if not changed:
        return f"{counted}: the server has as many rows as the archive."
    due = f"{changed:,} of them, which {plural(changed, 'is', 'are')} now due"
    return f"{counted}: the server has other numbers of rows in {due}."


def _audited(report: SyncReport) -> str:
    audited, differ = report.days_audited, len(report.list_mismatches)
    compared = f"{audited:,} closed {plural(audited, 'day was', 'days were')} compared with the server's list"
    if not differ:
        return f"{compared}: nothing has changed."
    return f"{compared}: {differ:,} {plural(differ, 'differs', 'differ')}, and {plural(differ, 'is', 'are')} now due."


def check_whole(report: SyncReport, talk: Console) -> None:
    """End the command as its report says.

    Raises:
        Failure: Some days or tables could not be read whole.
        Alarm: All were, but something is disputed.
    """
    disputed = f"No row has left the archive, but {disputes_in_words(report.disputes)}." if report.disputes else ""
    gaps = [gap for landed in report.incomplete_days for gap in landed.gaps]
    more = f" and {len(gaps) - _SHOWN_GAPS_MAX} more" if len(gaps) > _SHOWN_GAPS_MAX else ""
    days = counted(len(report.incomplete_days), "day")
    missing = [f"{days} ({'; '.join(gaps[:_SHOWN_GAPS_MAX])}{more})"] if gaps else []
    missing += [f"{table} ({why.rstrip('.')})" for table, why in report.failed_tables.items()]
    if disputed and not missing:
        raise Alarm(disputed, DECIDE)
    if disputed:
        say(talk, disputed, style="yellow")
    if missing:
        raise Failure(
            f"Not read whole: {'; '.join(missing)}. The rows that came are archived.",
            "Run it again later: the next sync reads these again."
            + (
                " To leave out a table that the server refuses, name the others with --table."
                if report.failed_tables
                else ""
            ),
        )
