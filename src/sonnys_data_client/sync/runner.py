"""Run a sync: read the days and tables that are due, and store each as soon as it is whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from sonnys_data_client.archive.archive import Archive
from sonnys_data_client.archive.dispute import LossLimits
from sonnys_data_client.archive.evidence import Evidence, day_end, day_start
from sonnys_data_client.archive.filling import (
    Calendars,
    Landed,
    Lease,
    Partition,
    PartitionRead,
    Writer,
)
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.engine.sites import SITES_CACHE_S, read_sites
from sonnys_data_client.engine.windows import CACHE_S, history_start
from sonnys_data_client.errors import (
    APIError,
    APIStatusError,
    ArchiveError,
    AuthenticationError,
    BudgetSpentError,
    UnexpectedResponseError,
)
from sonnys_data_client.sync.account import (
    in_utc_days,
    requests_a_minute,
    sites_zones,
    wait_out_throttle_period,
    wall_time,
)
from sonnys_data_client.sync.audit import due_lists
from sonnys_data_client.sync.budget import Budget, with_budget
from sonnys_data_client.sync.counting import count_events, count_fewer_days, count_spans, days_a_count
from sonnys_data_client.sync.feed import Feed, whole_days
from sonnys_data_client.sync.lists import TableCall, calls_for, read_list
from sonnys_data_client.sync.planning import DueDay, SyncSettings, due_calls, due_days
from sonnys_data_client.sync.preview import archive_warnings
from sonnys_data_client.sync.recount import CountMismatch, days_to_recount, events_to_recount, find_mismatches
from sonnys_data_client.sync.report import SyncProgress, SyncReport
from sonnys_data_client.sync.short_lists import ShortLists
from sonnys_data_client.sync.source import check_sites_seen, checked_source, site_codes_of
from sonnys_data_client.words import counted


def run(
    client: SonnysClient,
    archive: Archive,
    settings: SyncSettings | None = None,
    *,
    progress: SyncProgress | None = None,
    budget: Budget | None = None,
    lease: Lease | None = None,
    views: bool = True,
) -> SyncReport:
    """Bring an account of an archive up to date. May be killed at any moment: the next run goes on from there.

    Args:
        client: The account.
        archive: The archive to fill; it is made if it does not exist.
        settings: How to sync; the defaults if not given.
        progress: Counters to watch from another thread.
        budget: A budget of which some may be spent already, such as on `plan`; that of the settings if not given.
        lease: The account's lease, if several machines share the accounts: see `leases`.
        views: Whether to write `archive.duckdb` at the end. A fleet does that once for all accounts.

    Returns:
        What was done; also when the budget was spent before the end.

    Raises:
        ValidationError: A setting makes no sense.
        ArchiveHeldError: Another run works on this account, or on the whole archive; or the lease is lost.
        ArchiveError: The archive cannot be written, or holds another account's rows under this name.
        APIError: The API refuses every request or cannot be reached. Days and pages that came before are kept.

    Cost: one request for the sites, one for each month of closed days and events that are counted again, about three
    for each 100 rows of the days that are due (two without statuses), one for each 100 rows of the closed days whose
    audit is due, and those of the other tables that are due.
    """
    chosen, counters = settings or SyncSettings(), progress or SyncProgress()
    counters.budget = budget = budget or Budget(chosen.max_requests, chosen.max_minutes, stop=counters.stop)
    report = SyncReport()
    archive.check_account(chosen.account)
    with archive.writing(chosen.account, lease) as writer, ExitStack() as claims:
        writer.privacy.hide(chosen.account, chosen.redact)
        known = _known(writer, chosen.account)
        source = client.workings.settings.account.fingerprint
        claims.enter_context(checked_source(source, archive, known, chosen))
        try:
            wait_out_throttle_period(client, writer.shelf(client.workings.settings.account.owner).last_heard_at())
            metered = with_budget(client, budget)
            context = metered.workings.settings.context
            rows = metered.workings.driver.run(read_sites(context.policy, context.findings, age_s_max=SITES_CACHE_S))
            check_sites_seen(archive, rows, chosen)
            zones = sites_zones(client, chosen)
            report.warnings += zones.warnings()
            calendars = Calendars(zones.zones, zones.zone(None))
            chosen = in_utc_days(client, chosen)
            due = due_days(known, chosen, wall_time(client))
            report.days_due = counters.days = len(due)
            seen, short_lists = site_codes_of(rows), ShortLists(metered, writer, chosen.account, report)
            this_run = _Run(metered, archive, writer, chosen, calendars, source, seen, report, counters, short_lists)
            this_run.read_days(due)
            this_run.read_days(this_run.recount())
            this_run.read_days(this_run.find_moved_rows())
            this_run.read_other_tables()
            this_run.recount_events()
            this_run.read_days(this_run.read_short_lists())
        except BudgetSpentError as spent:
            unfinished = counters.tables_done < counters.tables
            lost = f" The next run reads {counters.table} from its beginning." if unfinished else ""
            report.stopped = f"{spent.problem}{lost}"
        finally:
            report.requests = budget.spent
        report.warnings += archive_warnings(archive, chosen, wall_time(client))
        report.disputes = archive.disputes(chosen.account, rule=chosen.rule)
        if views:
            report.warnings += write_views(archive)
    return report


def write_views(archive: Archive) -> list[str]:
    """Write the views for BI tools. Return what went wrong: the archive is whole without them."""
    try:
        archive.write_views()
    except ArchiveError as problem:
        return [str(problem)]
    return []


@dataclass(frozen=True, slots=True)
class _Run:
    """A sync that has begun: what all its steps need.

    Attributes:
        client: The account; its requests count against the budget.
        archive: The archive to fill.
        writer: Writes the archive.
        settings: How to sync.
        calendars: The sites' calendars.
        source: Fingerprint of the account (`Account.fingerprint`).
        sites: Codes of the sites on the site list; None if it is empty, which says nothing.
        report: What was done so far.
        counters: Live counters for whoever watches.
        short_lists: Reads the statuses of transactions, and audits closed days.
    """

    client: SonnysClient
    archive: Archive
    writer: Writer
    settings: SyncSettings
    calendars: Calendars
    source: str
    sites: Collection[str] | None
    report: SyncReport
    counters: SyncProgress
    short_lists: ShortLists

    def read_days(self, due: Sequence[DueDay]) -> None:
        """Read days of transactions, and store each as soon as it is whole."""
        if not due:
            return
        shelf = self.writer.shelf(self.client.workings.settings.account.owner, self.settings.account)
        feed = Feed(
            self.client,
            [day.window for day in due],
            shelf,
            timeout=self.settings.timeout,
            lookahead=self.counters.budget.lookahead(requests_a_minute(self.client)),
        )
        self.counters.export, limits = feed.progress, self._limits(TRANSACTIONS.name)
        with closing(feed):
            for day in whole_days(feed, shelf, self.calendars, lambda: wall_time(self.client)):
                landed = self._store(TRANSACTIONS.name, day.day, day.reading, limits)
                shelf.clear(*day.span)
                self.report.days.append(landed)
                self._join_statuses(landed)
                self.counters.days_done += 1
                self.counters.changes += len(landed.changes)

    def _join_statuses(self, landed: Landed) -> None:
        """Give a day that was just read the statuses of its rows, unless they came with it."""
        day, known = landed.partition.day, landed.evidence
        wanted = self.settings.statuses or day in self.short_lists.differing
        if wanted and known.joined_at is None and not known.gaps:
            self.short_lists.join(day, known.through)

    def read_short_lists(self) -> Sequence[DueDay]:
        """Read the statuses that are missing, and audit closed days. Return the days that differ: they are due again.

        Cost: one request for each 100 rows of these days.
        """
        for due in due_lists(_known(self.writer, self.settings.account), self.settings, wall_time(self.client)):
            self.short_lists.read(due)
        return self._due_again([*self.short_lists.differing])

    def find_moved_rows(self) -> Sequence[DueDay]:
        """Find rows that are in two days. Mark the day that was read earlier, and return it: it is due.

        Such a row has moved to another day after its first one was closed. No other step notices that. Sends nothing.
        """
        if not self.archive.is_local:
            return []  # every file would have to be fetched; `Archive.check` looks for such rows there
        try:
            doubtful = self.archive.doubtful(self.settings.account)
        except ArchiveError as problem:  # a damaged partition, which this run need not have touched
            self.report.warnings.append(str(problem))
            return []
        now = wall_time(self.client)
        known = _known(self.writer, self.settings.account)
        days: set[date] = set()
        for partition, ids in doubtful.items():
            rows, one = counted(len(ids), "row"), len(ids) == 1
            if day_start(partition.day) < history_start(now):
                twice = "counts twice: another day has it" if one else "count twice: another day has them"
                self.report.warnings.append(
                    f"{rows} of {partition} {twice}, too, and the server has forgotten this day"
                )
            elif now - known[partition.day].read_at >= CACHE_S:  # before that, the server might repeat its answer
                why = f"{rows} of it {'was' if one else 'were'} found on another day since"
                self.writer.doubt(partition, why, shared=ids)
                days.add(partition.day)
        return self._due_again(days)

    def recount(self) -> Sequence[DueDay]:
        """Have the server count closed days again. Mark those whose count has changed, and return them: they are due.

        Cost: about one request for each month of closed days, and some ten for each day whose count has changed.
        """
        if not self.settings.recount:
            return []
        context, known = self.client.workings.settings.context, _known(self.writer, self.settings.account)
        suspects = days_to_recount(known, self.settings, wall_time(self.client), days_a_count(context))
        try:
            mismatches = find_mismatches(suspects, lambda spans: count_spans(self.client, spans))
        except AuthenticationError:
            raise
        except APIError as problem:  # a licence may allow jobs and no lists; and lists may fail while jobs work
            if count_fewer_days(context, problem):
                return self.recount()
            self.report.warnings.append(f"closed days could not be counted again: {problem.problem}")
            return []
        self.report.days_recounted = sum(len(suspect.days) for suspect in suspects)
        self.report.count_mismatches += mismatches
        self._doubt(TRANSACTIONS.name, mismatches)
        return self._due_again({mismatch.day for mismatch in mismatches})

    def _due_again(self, days: Collection[date]) -> Sequence[DueDay]:
        """Return the due days among those just marked in the archive: counted as due, and ready to be read afresh."""
        if not days:
            return []
        due = due_days(_known(self.writer, self.settings.account), self.settings, wall_time(self.client))
        again = [day for day in due if day.day in days]
        for day in again:  # pages that a crashed run kept of the day hold the very rows that are in doubt
            self.writer.shelf(self.client.workings.settings.account.owner).clear(day_start(day.day), day_end(day.day))
        self.report.days_due += len(again)
        self.counters.days += len(again)
        return again

    def read_other_tables(self) -> None:
        """Read the other tables that are due. One that fails does not stop the rest."""
        counters, now = self.counters, wall_time(self.client)
        names = self.settings.other_tables
        due = {
            name: calls
            for name in names
            if (calls := due_calls(name, _known(self.writer, self.settings.account, name), self.settings, now))
        }
        for done, (name, calls) in enumerate(due.items()):
            # In this order: a thread that sees the new number of tables must see the new table's name, too.
            counters.table, counters.tables_done, counters.tables = name, done, len(due)
            self._read_table(name, calls, now)
        counters.tables_done = len(due)

    def recount_events(self) -> None:
        """Have the server count events that no sync reads any more. Read the days whose count has changed.

        Cost: one request for each four weeks of a table that names its total, and some ten for each such day.
        """
        for name in self.settings.other_tables if self.settings.recount else ():
            now = wall_time(self.client)
            suspects = events_to_recount(name, _known(self.writer, self.settings.account, name), self.settings, now)
            try:
                mismatches = find_mismatches(suspects, partial(count_events, self.client, name))
            except (APIStatusError, UnexpectedResponseError) as problem:
                self.report.warnings.append(f"{name} could not be counted again: {problem.problem}")
                continue
            if mismatches:
                self.report.event_mismatches[name] = mismatches
            self._doubt(name, mismatches)
            self._read_table(name, calls_for(name, [mismatch.day for mismatch in mismatches], now), now)

    def _doubt(self, table: str, mismatches: Sequence[CountMismatch]) -> None:
        for mismatch in mismatches:
            partition = Partition(table, self.settings.account, mismatch.day)
            self.writer.doubt(partition, mismatch.why, surplus=mismatch.surplus)

    def _read_table(self, name: str, calls: Sequence[TableCall], now: float) -> None:
        """Read the parts of a table that are due. One that fails does not stop the others; two in a row do."""
        failed_in_row = 0
        for call in calls:
            try:
                self._read_list(call, now)
                failed_in_row = 0
            except (APIStatusError, UnexpectedResponseError) as problem:
                self.report.failed_tables.setdefault(name, problem.problem)
                failed_in_row += 1
                if failed_in_row > 1 or isinstance(problem, AuthenticationError):
                    break  # this server or this licence does not give the table

    def _read_list(self, call: TableCall, now: float) -> None:
        """Make one call of another table, and store the days that it brings."""

        def count_rows(rows: int) -> None:
            self.counters.rows += rows

        spent = self.counters.budget.spent
        readings = read_list(self.client, call, self.calendars, now, count_rows)
        requests = self.counters.budget.spent - spent
        gaps = dict.fromkeys(gap for reading in readings.values() for gap in reading.gaps)
        if gaps:
            more = f" and {counted(len(gaps) - 1, 'more gap')}" if len(gaps) > 1 else ""
            self.report.failed_tables.setdefault(
                call.table.name, f"not all of it could be read: {next(iter(gaps))}{more}"
            )
        name, limits = call.table.name, self._limits(call.table.name)
        self.report.other_partitions += [
            self._store(name, day, replace(reading, requests=requests), limits) for day, reading in readings.items()
        ]

    def _limits(self, table: str) -> LossLimits:
        return self.settings.limits(_known(self.writer, self.settings.account, table).values())

    def _store(self, table: str, day: date, reading: PartitionRead, limits: LossLimits) -> Landed:
        partition = Partition(table, self.settings.account, day)
        told = replace(reading, source=self.source, sites=self.sites)
        return self.writer.put(partition, told, self.calendars, limits)


def _known(writer: Writer, account: str, table: str = TRANSACTIONS.name) -> dict[date, Evidence]:
    """What the archive knows of an account's partitions of a table by now."""
    return {partition.day: known for partition, known in writer.evidence(table, account).items()}
