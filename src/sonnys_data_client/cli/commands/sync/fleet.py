"""What `sonnys sync --all` does: sync many accounts side by side, and report them together."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace

from rich.console import Console

from sonnys_data_client import SonnysClient, sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.files import shown as without_password
from sonnys_data_client.cli.commands.sync.lines import shown_lines
from sonnys_data_client.cli.commands.sync.run import SyncWish, check_whole, notes, read_in_words, view_of_sync
from sonnys_data_client.cli.errors import Alarm, ExitCode, Failure, Refusal, Stopped, code_of, words_of
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import say, screen
from sonnys_data_client.errors import BudgetSpentError
from sonnys_data_client.profiles import profiles_named
from sonnys_data_client.sync import SyncReport
from sonnys_data_client.sync.budget import Budget, with_budget
from sonnys_data_client.sync.descriptors import raise_limit
from sonnys_data_client.sync.fleet import Fleet, FleetAccount, with_fresh_key
from sonnys_data_client.sync.leases import RedisLease, RedisLeases, lease_name
from sonnys_data_client.sync.runner import write_views
from sonnys_data_client.words import counted

__all__ = ["names_of", "run_all"]

ENV_LEASE = "SONNYS_LEASE"
_JOBS = 16
_WORST_FIRST = (ExitCode.USAGE, ExitCode.FAILED, ExitCode.ALARM)
"""A setting that is wrong is never mended by the next run, and a failure often is."""
_ENDS: Mapping[ExitCode, Callable[[str, str], Exception]] = {
    ExitCode.USAGE: Refusal,
    ExitCode.FAILED: Failure,
    ExitCode.ALARM: Alarm,
}


def names_of(session: Session, *, everyone: bool) -> list[str] | None:
    """Return the profiles that are meant; None if it is one account, named or found as everywhere else.

    Raises:
        Refusal: Both `--all` and `--profile` were given.
        ConfigurationError: The file of profiles is wrong, or has none that fits.
    """
    pattern = session.profile_name
    if everyone and pattern is not None:
        raise Refusal("--all and --profile exclude each other.", "Leave one of the two out.")
    if everyone:
        return profiles_named("*")
    return profiles_named(pattern) if pattern is not None and any(sign in pattern for sign in "*?[") else None


def run_all(
    session: Session, names: Sequence[str], wish: SyncWish, *, jobs: int | None, lease: str | None, plan_only: bool
) -> None:
    """Sync the accounts of many profiles, or say what that would do.

    Raises:
        ValidationError: `--jobs` is too high for this machine.
        ConfigurationError: `--lease` cannot be understood.
        Refusal, Failure, Alarm: An account ended so; of several, the worst. All have been reported.
        Stopped: Ctrl-C. What came is safe.
    """
    at_once = _JOBS if jobs is None else jobs
    if at_once < 1:
        raise Refusal(f"--jobs '{at_once}' must be a whole number above 0.", "Leave it out for 16.")
    sessions = {name: replace(session, profile_name=name) for name in names}
    if plan_only:
        for name, each in sessions.items():
            print(f"{name}: {_plan(each, _for_one(wish, name, wish.settings.max_minutes))}")
        return
    raise_limit(min(at_once, len(names)))
    places = {name: Archive(each.archive_address, shared=wish.shared) for name, each in sessions.items()}
    accounts = [FleetAccount(name, lease_name(archive.address, name)) for name, archive in places.items()]
    talk = screen()

    def work(account: FleetAccount, minutes: float | None, held: RedisLease | None) -> SyncReport:
        return _sync(sessions[account.name], places[account.name], _for_one(wish, account.name, minutes), account, held)

    with ExitStack() as stack:
        url = lease or os.environ.get(ENV_LEASE) or None
        leases = None if url is None else RedisLeases(url)
        if leases is not None:
            stack.callback(leases.close)
        fleet = Fleet(accounts, work, jobs=at_once, max_minutes=wish.settings.max_minutes, leases=leases)
        say(talk, f"Syncing {counted(len(accounts), 'account')}, {min(at_once, len(accounts))} at once.")
        command = without_password(session.command)
        try:
            with shown_lines(accounts, view_of_sync, talk):
                fleet.run()
        except KeyboardInterrupt:
            _finish(accounts, places, talk)
            ended = sum(account.state in {"done", "elsewhere"} for account in accounts)
            raise Stopped(
                f"{ended} of {counted(len(accounts), 'account is', 'accounts are')} synced", command
            ) from None
        _finish(accounts, places, talk)
    _end(accounts, command, talk)


def _for_one(wish: SyncWish, name: str, minutes: float | None) -> SyncWish:
    """Return the wish for one account: under its own name, and within the minutes that are left."""
    return replace(wish, settings=replace(wish.settings, account=name, max_minutes=minutes))


def _plan(session: Session, wish: SyncWish) -> str:
    archive = Archive(session.archive_address)
    archive.check_address()
    with session.client(timezone=session.named_zone(None)) as client:
        return str(sync.plan(client, archive, wish.for_client(session, client)))


def _sync(
    session: Session, archive: Archive, wish: SyncWish, account: FleetAccount, lease: RedisLease | None
) -> SyncReport:
    """Sync one account."""
    archive.check_address()
    archive.check_account(account.name)

    def open_client() -> SonnysClient:
        fresh = replace(session)  # which reads the profile anew, and so its key
        return fresh.client(timezone=fresh.named_zone(None))

    def work(client: SonnysClient) -> SyncReport:
        progress, bounds = account.progress, wish.settings
        budget = Budget(bounds.max_requests, bounds.max_minutes, stop=progress.stop)
        try:
            settings = wish.for_client(session, with_budget(client, budget))
        except BudgetSpentError as spent:
            return SyncReport(stopped=spent.problem, requests=budget.spent)
        return sync.run(client, archive, settings, progress=progress, budget=budget, lease=lease, views=False)

    return with_fresh_key(open_client, work)


def _finish(accounts: Sequence[FleetAccount], places: Mapping[str, Archive], talk: Console) -> None:
    """Write the views of each archive once, and report the accounts, a line or more for each."""
    touched = {places[account.name].address: places[account.name] for account in accounts if account.report is not None}
    warnings = [warning for archive in touched.values() for warning in write_views(archive)]
    for account in accounts:
        for line in _lines(account):
            say(talk, f"{account.name}: {line}")
    for warning in warnings:
        say(talk, f"Warning: {warning}", style="yellow")


def _lines(account: FleetAccount) -> list[str]:
    if account.state == "elsewhere":
        return ["synced by another worker within the last hour."]
    if account.problem is not None:
        said = words_of(account.problem)
        return [said.sentence, *([f"hint: {said.hint}"] if said.hint else [])]
    if account.report is None:
        return ["not begun."]
    report = account.report
    stopped = [f"Stopped: {report.stopped}"] if report.stopped is not None else []
    return [f"{read_in_words(report)}.", *notes(report), *(f"Warning: {each}." for each in report.warnings), *stopped]


def _end(accounts: Sequence[FleetAccount], command: str, talk: Console) -> None:
    """End the command as the worst account did.

    Raises:
        Refusal, Failure, Alarm: An account ended so.
    """
    bad: list[tuple[ExitCode, str, str]] = []
    for account in accounts:
        problem = account.problem or _ending(account, talk)
        if problem is not None:
            code = code_of(problem)
            if code is None:  # a bug in this program keeps its traceback
                raise problem
            bad.append((code, account.name, words_of(problem).hint))
    if any(account.state == "stopped" for account in accounts):
        say(talk, f"hint: Go on with: {command}")
    if not bad:
        return
    worst = min((code for code, _, _ in bad), key=_WORST_FIRST.index)
    hints = {hint for _, _, hint in bad}
    raise _ENDS[worst](
        f"{len(bad)} of {counted(len(accounts), 'account')} did not end well: {', '.join(name for _, name, _ in bad)}.",
        hints.pop() if len(hints) == 1 else "The lines above say what to do about each.",
    )


def _ending(account: FleetAccount, talk: Console) -> Exception | None:
    """Return how the command would have ended with this account alone, and say it; None if well."""
    try:
        if account.report is not None:
            check_whole(account.report, talk)
    except (Failure, Alarm) as ending:
        say(talk, f"{account.name}: {ending}", style="yellow")
        return ending
    return None
