"""A sync: read the days that are due, and put each away as soon as it is whole."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, date, tzinfo
from zoneinfo import ZoneInfo

from sonnys_data_client.archive.archive import Archive
from sonnys_data_client.archive.evidence import Evidence, day_of, day_start
from sonnys_data_client.archive.filling import (
    Calendars,
    JobShelf,
    Landed,
    Partition,
    PartitionRead,
    Writer,
    raw_text,
    read_text,
)
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.engine.effects import Deliver, Settle
from sonnys_data_client.engine.windows import CACHE_S, DAY_S, Window, history_start
from sonnys_data_client.errors import (
    APIError,
    APIStatusError,
    ArchiveError,
    AuthenticationError,
    BudgetSpentError,
    IncompleteError,
    Remedy,
    UnexpectedResponseError,
)
from sonnys_data_client.sync.budget import Budget, within
from sonnys_data_client.sync.feed import Feed, counted, expected, rest_after, source_mark, wall_time
from sonnys_data_client.sync.lists import Part, parts_due, read_part, requests_expected
from sonnys_data_client.sync.planning import DueDay, SyncPlan, SyncSettings, closing_history, due_days, rows_a_day
from sonnys_data_client.sync.recount import days_off, stretches
from sonnys_data_client.sync.report import SyncProgress, SyncReport
from sonnys_data_client.types import Site


def plan(client: SonnysClient, archive: Archive, settings: SyncSettings | None = None) -> SyncPlan:
    """Say what a sync would read now, and what it should cost. Spends nothing, and writes nothing.

    Raises:
        ValidationError: A setting makes no sense.
        ArchiveError: The archive is damaged.
    """
    chosen = settings or SyncSettings()
    Budget(chosen.max_requests, chosen.max_minutes)  # one that makes no sense is said so before all else
    return _plan(client, archive, chosen, _known(archive, chosen))


def run(
    client: SonnysClient,
    archive: Archive,
    settings: SyncSettings | None = None,
    *,
    progress: SyncProgress | None = None,
) -> SyncReport:
    """Bring an archive up to date. May be killed at any moment; the next run goes on where it was.

    Args:
        client: The account.
        archive: Where to.
        settings: How; the defaults if not given.
        progress: Counters to watch from another thread.

    Returns:
        What was done; also when the budget was spent before the end.

    Raises:
        ArchiveHeldError: Another run works on this archive.
        ArchiveError: The archive cannot be written, or holds another account's rows under this name.
        APIError: The API refuses every request or cannot be reached. What came is safe.

    Cost: one request for the sites, one for each month of closed days that are counted again, about two for each 100
    rows of the days that are due.
    """
    chosen, counters = settings or SyncSettings(), progress or SyncProgress()
    budget = counters.budget = Budget(chosen.max_requests, chosen.max_minutes)
    report = SyncReport()
    with archive.writing() as writer:
        known = _by_day(writer.evidence(TRANSACTIONS.name, chosen.account))
        source = _check_source(client, writer, known, chosen)
        due = due_days(known, chosen, wall_time(client))
        report.due = counters.days = len(due)
        try:
            rest_after(client, writer.shelf(chosen.account).last_heard_at())
            metered = within(client, budget)
            sites = metered.sites.list()
            _check_adopted(archive, sites, chosen)
            calendars, doubts = _calendars(sites, chosen)
            report.warnings += doubts
            here = _Run(metered, archive, writer, chosen, calendars, source, report, counters)
            here.read_days(due)
            here.read_days(here.changed_in_number())
            here.read_days(here.moved_from())
            here.read_others()
        except BudgetSpentError as spent:
            lost = f" Only {counters.table} begins anew." if counters.tables_done < counters.tables else ""
            report.stopped = f"{spent.problem}{lost}"
        finally:
            report.requests = budget.spent
        report.warnings += _warnings(archive, chosen, wall_time(client))
        try:
            archive.write_views()
        except ArchiveError as problem:  # nothing of the archive hangs on it
            report.warnings.append(str(problem))
    return report


@dataclass(frozen=True, slots=True)
class _Run:
    """A sync that has begun: what all its parts need.

    Attributes:
        client: The account, within the budget.
        archive: Where to.
        writer: Writes it.
        settings: How.
        calendars: The sites'.
        source: Mark of the account.
        report: What was done so far.
        counters: The same, for who watches.
    """

    client: SonnysClient
    archive: Archive
    writer: Writer
    settings: SyncSettings
    calendars: Calendars
    source: str
    report: SyncReport
    counters: SyncProgress

    def read_days(self, due: Sequence[DueDay]) -> None:
        """Read days of transactions, and put each away as soon as it is whole."""
        if not due:
            return
        shelf = self.writer.shelf(self.settings.account)
        feed = Feed(self.client, [day.window for day in due], shelf, timeout=self.settings.timeout)
        self.counters.export = feed.progress
        with closing(feed):
            for day in _whole_days(feed, shelf, lambda: wall_time(self.client)):
                landed = self._put(TRANSACTIONS.name, day.day, day.reading)
                shelf.clear(*day.span)
                self.report.landed.append(landed)
                self.counters.days_done += 1
                self.counters.changes += len(landed.changes)

    def moved_from(self) -> Sequence[DueDay]:
        """The days to read again because rows of theirs have come with another day, too; nobody else would notice."""
        if not self.archive.is_local:
            return []  # all of it would have to be fetched: `check` looks
        try:
            found = self.archive.doubtful(self.settings.account)
        except ArchiveError as problem:  # a partition that has nothing to do with what was read
            self.report.warnings.append(str(problem))
            return []
        now = wall_time(self.client)
        known = self._known()
        days: set[date] = set()
        for partition, ids in found.items():
            if day_start(partition.day) < history_start(now):
                lost = "count twice: another day has them, too, and the server has forgotten this one"
                self.report.warnings.append(f"{len(ids)} rows of {partition} {lost}")
            elif now - known[partition.day].read_at >= CACHE_S:  # before that, the server might repeat itself
                why = f"rows of it were found on another day since ({len(ids)})"
                self.writer.doubt(partition, why, shared=ids)
                days.add(partition.day)
        return self._again(days)

    def changed_in_number(self) -> Sequence[DueDay]:
        """The closed days to read again because the server counts other rows of them by now."""
        if not self.settings.recount:
            return []
        suspects = stretches(self._known(), self.settings, wall_time(self.client))
        try:
            found = days_off(suspects, lambda spans: counted(self.client, spans))
        except AuthenticationError:
            raise
        except APIError as problem:  # a licence may have jobs, and no lists; and jobs may work while lists do not
            self.report.warnings.append(f"closed days could not be counted again: {problem.problem}")
            return []
        self.report.recounted = sum(len(stretch.days) for stretch in suspects)
        self.report.off += found
        for off in found:
            partition = Partition(TRANSACTIONS.name, self.settings.account, off.day)
            self.writer.doubt(partition, off.why, surplus=off.surplus)
        return self._again({off.day for off in found})

    def _again(self, days: Collection[date]) -> Sequence[DueDay]:
        """Those of the days that are due by now, for we have said so."""
        if not days:
            return []
        due = due_days(self._known(), self.settings, wall_time(self.client))
        again = [day for day in due if day.day in days]
        for day in again:  # what a run that died had kept of them is what is in doubt
            self.writer.shelf(self.settings.account).clear(day_start(day.day), day_start(day.day) + DAY_S)
        self.report.due += len(again)
        self.counters.days += len(again)
        return again

    def read_others(self) -> None:
        """Read the other tables that are due; one that is refused costs no other."""
        counters, settings = self.counters, self.settings

        def seen(rows: int) -> None:
            counters.rows += rows

        now = wall_time(self.client)
        due = {name: parts for name in settings.others if (parts := _parts(name, self._known(name), settings, now))}
        for done, (name, parts) in enumerate(due.items()):
            # In this order: whoever sees that there is a new table must not take the one before for it.
            counters.table, counters.tables_done, counters.tables = name, done, len(due)
            for part in parts:
                spent = counters.budget.spent
                try:
                    readings = read_part(self.client, part, now, seen)
                except (APIStatusError, UnexpectedResponseError, IncompleteError) as problem:
                    self.report.refused[name] = problem.problem  # by this server, or this licence
                    break
                took = counters.budget.spent - spent
                self.report.others += [
                    self._put(name, day, replace(reading, requests=took)) for day, reading in readings.items()
                ]
        counters.tables_done = len(due)

    def _known(self, table: str = TRANSACTIONS.name) -> dict[date, Evidence]:
        """What is known of a table's partitions by now."""
        return _by_day(self.writer.evidence(table, self.settings.account))

    def _put(self, table: str, day: date, reading: PartitionRead) -> Landed:
        partition = Partition(table, self.settings.account, day)
        return self.writer.put(partition, replace(reading, source=self.source), self.calendars)


def _parts(name: str, known: Mapping[date, Evidence], settings: SyncSettings, now: float) -> list[Part]:
    start, since, reread_days = settings.start, settings.since, settings.reread_days
    return list(parts_due(name, known, start=start, since=since, reread_days=reread_days, now=now))


@dataclass(frozen=True, slots=True)
class _Day:
    """A day that was read."""

    day: date
    span: tuple[int, int]
    reading: PartitionRead


def _whole_days(feed: Feed, shelf: JobShelf, wall: Callable[[], float]) -> Iterator[_Day]:
    """Gather the rows of each day until it is settled, and leave out those that were withdrawn by then."""
    texts: dict[Window, list[str]] = {}
    for delivery in feed:
        if isinstance(delivery, Deliver):
            texts.setdefault(delivery.window, []).extend(raw_text(row) for row in delivery.rows)
            continue
        span = delivery.span
        now, as_of = wall(), shelf.oldest(*span)
        reading = _reading(delivery, _rows(delivery, texts), now if as_of is None else as_of, now)
        yield _Day(day_of(span[0]), span, reading)


def _rows(settled: Settle, texts: dict[Window, list[str]]) -> list[str]:
    """Take the rows of settled windows out, and leave those behind that the server has withdrawn."""
    rows: list[str] = []
    for window in settled.reports:
        came = texts.pop(window.window, [])
        rows += [text for text in came if window.holds(read_text(text))] if window.withdrawn else came
    return rows


def _reading(settled: Settle, texts: Sequence[str], as_of: float, now: float) -> PartitionRead:
    totals = [window.total for window in settled.reports]
    known = [total for total in totals if total is not None]
    gaps = [str(gap) for window in settled.reports for gap in window.gaps]
    return PartitionRead(
        texts=texts,
        total=sum(known) if len(known) == len(totals) else None,
        through=settled.span[1],
        proved_as_of=None if gaps else as_of,
        read_at=now,
        gaps=gaps,
    )


def _known(archive: Archive, settings: SyncSettings, table: str = TRANSACTIONS.name) -> dict[date, Evidence]:
    return _by_day(archive.evidence(table, settings.account)) if archive.exists() else {}


def _by_day(evidence: Mapping[Partition, Evidence]) -> dict[date, Evidence]:
    return {partition.day: found for partition, found in evidence.items()}


def _plan(client: SonnysClient, archive: Archive, settings: SyncSettings, known: dict[date, Evidence]) -> SyncPlan:
    now = wall_time(client)
    days = due_days(known, settings, now)
    suspects = stretches(known, settings, now) if settings.recount else []
    others = dict(_others_due(archive, settings, now))
    cost = expected(
        client,
        [day.window for day in days],
        rows_a_day(known),
        spans=[stretch.span for stretch in suspects],
        besides=sum(filter(None, others.values())),
    )
    recounted = sum(len(stretch.days) for stretch in suspects)
    warnings = _warnings(archive, settings, now)
    return SyncPlan(days, recounted, others, cost.pages, cost.requests, cost.minutes, cost.learnt, warnings)


def _others_due(archive: Archive, settings: SyncSettings, now: float) -> Iterator[tuple[str, int | None]]:
    for name in settings.others:
        known = _known(archive, settings, name)
        parts = _parts(name, known, settings, now)
        if parts:
            yield name, requests_expected(len(parts), known)


def _warnings(archive: Archive, settings: SyncSettings, now: float) -> list[str]:
    if not archive.exists():
        return []
    coverage = archive.coverage(settings.account, start=settings.start, rule=settings.rule, now=now)
    return closing_history(coverage, settings.warn_days)


def _check_source(client: SonnysClient, writer: Writer, known: Mapping[date, Evidence], settings: SyncSettings) -> str:
    """See to it that an account's name stands for one API ID, and an API ID for one name: else rows count twice."""
    source = source_mark(client)
    if settings.adopt:
        return source
    last = max(known.values(), key=lambda evidence: evidence.read_at, default=None)
    if last is not None and last.source not in {"", source}:
        raise ArchiveError(
            f"The rows of account {settings.account!r} in this archive came with another API ID or site code.",
            remedy=Remedy.ADOPT_SOURCE,
        )
    everybody = writer.evidence(TRANSACTIONS.name)
    others = {partition.account for partition, evidence in everybody.items() if evidence.source == source}
    if last is None and others:
        (other, *_) = sorted(others)
        raise ArchiveError(
            f"The rows of this API ID are in this archive as account {other!r}, and would be there twice.",
            remedy=Remedy.SAME_NAME,
            details={"account": other},
        )
    return source


def _check_adopted(archive: Archive, sites: Sequence[Site], settings: SyncSettings) -> None:
    """See to it that an account that is adopted sees all sites: the rows of others would be taken for withdrawn."""
    if not settings.adopt:
        return
    query = "SELECT DISTINCT coalesce(location_code, '') FROM transactions WHERE account = ? ORDER BY ALL"
    with archive.sql(query, [settings.account]) as answer:
        seen = {site.code or "" for site in sites}
        unseen = [code or "the one without a code" for (code,) in answer if code not in seen]
    if unseen:
        raise ArchiveError(
            f"This account does not see all sites whose rows are here ({', '.join(unseen)}), so it cannot take over.",
            remedy=Remedy.OTHER_NAME,
        )


def _calendars(sites: Sequence[Site], settings: SyncSettings) -> tuple[Calendars, list[str]]:
    """The sites' calendars, and a line for each site whose zone nobody knows."""
    default = settings.timezone or UTC
    zones: dict[str, tzinfo] = {}
    doubts: list[str] = []
    for site in sites:
        zone = _zone(site.timezone)
        if zone is not None:
            zones[site.code or ""] = zone
        elif site.timezone is not None:
            where = f"site {site.code or site.name} names no time zone that is known ({site.timezone})"
            doubts.append(f"{where}: its business dates are those of {default}")
    return Calendars(zones, default), doubts


def _zone(name: str | None) -> tzinfo | None:
    """A site's zone; None where it names none that is known."""
    try:
        return None if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
