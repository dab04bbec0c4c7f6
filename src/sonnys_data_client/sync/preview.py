"""Say what a sync would read now, and what that should cost."""

from __future__ import annotations

from datetime import date

from sonnys_data_client.archive.archive import Archive
from sonnys_data_client.archive.evidence import Evidence
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.errors import ArchiveError
from sonnys_data_client.sync.account import estimate_cost, in_utc_days, wall_time
from sonnys_data_client.sync.audit import due_lists
from sonnys_data_client.sync.budget import Budget
from sonnys_data_client.sync.lists import expected_requests
from sonnys_data_client.sync.planning import SyncPlan, SyncSettings, due_calls, due_days, expiry_warnings, rows_a_day
from sonnys_data_client.sync.recount import days_to_recount


def plan(client: SonnysClient, archive: Archive, settings: SyncSettings | None = None) -> SyncPlan:
    """Say what a sync would read now, and what that should cost. Writes nothing.

    Costs one request, for the site list, before the first sync and if the settings name a first or last day: the cost
    depends on the number of sites, and the days on their time zones.

    Args:
        client: The account.
        archive: The archive that a sync would fill.
        settings: How to sync; the defaults if not given.

    Raises:
        ValidationError: A setting makes no sense.
        ArchiveError: The archive is damaged.
        APIConnectionError: The API could not be reached.
    """
    chosen = settings or SyncSettings()
    Budget(chosen.max_requests, chosen.max_minutes)  # checks these two settings before the archive is opened
    archive.check_account(chosen.account)
    known = _stored(archive, chosen, TRANSACTIONS.name)
    now = wall_time(client)
    if not known or chosen.start is not None or chosen.end is not None:
        client.workings.driver.run(client.workings.settings.context.sites_if_allowed())
        chosen = in_utc_days(client, chosen)
    days = due_days(known, chosen, now)
    recount = days_to_recount(known, chosen, now) if chosen.recount else []
    other_tables = _other_tables_due(archive, chosen, now)
    due = {day.day for day in days}
    lists = [each for each in due_lists(known, chosen, now) if each.day not in due]
    windows, a_day = [day.window for day in days], rows_a_day(known)
    pages = estimate_cost(client, windows, a_day).pages if chosen.statuses else 0
    cost = estimate_cost(
        client,
        windows,
        a_day,
        counted_spans=[closed_days.span for closed_days in recount],
        other_requests=pages + sum(each.requests for each in lists) + sum(filter(None, other_tables.values())),
    )
    return SyncPlan(
        days=days,
        days_to_recount=sum(len(closed_days.days) for closed_days in recount),
        other_tables=other_tables,
        pages=cost.pages,
        requests=cost.requests,
        minutes=cost.minutes,
        learnt=cost.learnt,
        warnings=archive_warnings(archive, chosen, now),
        days_to_list=len(lists),
    )


def archive_warnings(archive: Archive, settings: SyncSettings, now: float) -> list[str]:
    """Warn of incomplete days that the server is about to forget, and of a site called as the web shop.

    Nothing if there is no archive yet.

    Args:
        archive: The archive.
        settings: How to sync.
        now: Epoch seconds.
    """
    if not archive.exists():
        return []
    coverage = archive.coverage(settings.account, start=settings.start, rule=settings.rule, now=now)
    try:
        named = archive.web_shop_warnings()
    except ArchiveError as problem:  # a damaged file of sites is no reason to fail
        named = [str(problem)]
    return [*expiry_warnings(coverage, settings.warn_days), *named]


def _other_tables_due(archive: Archive, settings: SyncSettings, now: float) -> dict[str, int | None]:
    """Return the other tables that are due, each with the requests to expect; None where that is not known."""
    due: dict[str, int | None] = {}
    for name in settings.other_tables:
        known = _stored(archive, settings, name)
        calls = due_calls(name, known, settings, now)
        if calls:
            due[name] = expected_requests(len(calls), known)
    return due


def _stored(archive: Archive, settings: SyncSettings, table: str) -> dict[date, Evidence]:
    """What the archive knows of a table's partitions; nothing if there is no archive yet."""
    if not archive.exists():
        return {}
    return {partition.day: known for partition, known in archive.evidence(table, settings.account).items()}
