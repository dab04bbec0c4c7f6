"""How `sonnys sync` goes: plan, read, and say what became of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC

from rich.console import Console

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.cli.dates import read_when
from sonnys_data_client.cli.errors import Failure, Stopped
from sonnys_data_client.cli.progress import shown
from sonnys_data_client.cli.screen import say, screen
from sonnys_data_client.cli.session import Session
from sonnys_data_client.config import read_timezone
from sonnys_data_client.sync import SyncProgress, SyncReport, SyncSettings

__all__ = ["run"]

_SHOWN_GAPS_MAX = 3
_ASK = "sonnys sql 'FROM {}'"


def run(session: Session, settings: SyncSettings, *, since: str | None, plan_only: bool) -> None:
    """Sync, or say what a sync would do.

    Raises:
        ValidationError: A setting cannot be right; nothing was spent.
        ArchiveError: The archive cannot be used, or another run works on it.
        APIError: The API refused or could not be reached. What came is safe.
        Failure: Some days could not be read whole.
        Stopped: Ctrl-C. What came is safe.
    """
    start = None if since is None else read_when(since, session.now(UTC)).start.date()
    settings = replace(settings, start=start, timezone=read_timezone(session.profile.timezone))
    archive = Archive.open(session.archive_address)
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
            with shown(lambda: progress.export, talk, note=_days(progress)):
                report = sync.run(client, archive, settings, progress=progress)
        except KeyboardInterrupt:
            kept = f"{progress.days_done} of {progress.days} days are put away, and what came of the others is kept"
            raise Stopped(kept, session.command) from None
    _tell(report, session, talk)


def _days(progress: SyncProgress) -> Callable[[], str]:
    def words() -> str:
        if not progress.days:
            return ""
        changed = f"; {progress.changes:,} changes of what was read before" if progress.changes else ""
        return f"{progress.days_done} of {progress.days} days are put away{changed}."

    return words


def _tell(report: SyncReport, session: Session, talk: Console) -> None:
    changes = len(report.changes)
    say(
        talk,
        f"{len(report.landed)} of {report.due} days put away: {report.rows:,} rows, {report.requests:,} requests.",
        style="bold",
    )
    if changes:
        say(talk, f"{changes:,} changes of what was read before; {_ASK.format('changes')} shows them.")
    if report.quarantined:
        say(talk, f"{report.quarantined:,} rows fit no column; {_ASK.format('quarantine')} shows them.")
    for warning in report.warnings:
        say(talk, f"Warning: {warning}.", style="yellow")
    if report.stopped is not None:
        say(talk, f"Stopped: {report.stopped} Go on with: {session.command}")
    if report.incomplete:
        gaps = [gap for landed in report.incomplete for gap in landed.gaps]
        more = f" and {len(gaps) - _SHOWN_GAPS_MAX} more" if len(gaps) > _SHOWN_GAPS_MAX else ""
        raise Failure(
            f"{len(report.incomplete)} days could not be read whole ({'; '.join(gaps[:_SHOWN_GAPS_MAX])}{more}): "
            "what came is put away, and the next sync reads them again."
        )
