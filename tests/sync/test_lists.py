"""All tables but transactions: when each is due, and that the archive ends with the rows that the API has."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.dispute import Dispute
from sonnys_data_client.archive.evidence import Evidence, day_end, day_start
from sonnys_data_client.archive.filling import Partition
from sonnys_data_client.archive.rows import Calendars, read_text
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.client.catalog import find
from sonnys_data_client.endpoints.clock import SECONDS_DAYS_MAX
from sonnys_data_client.endpoints.list_reader import ListPage
from sonnys_data_client.engine.rows import encode
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.errors import (
    APIError,
    AuthenticationError,
    IncompleteError,
    RowError,
    ServerError,
    UnparsedRow,
    ValidationError,
)
from sonnys_data_client.sandbox import Faults, Sandbox, SandboxConfig, Scripted
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from sonnys_data_client.sandbox.world.accounts import RecurringAccount, StatusChange
from sonnys_data_client.sandbox.world.histories import ClockEntry, Employee, Outcome
from sonnys_data_client.sandbox.world.listed import ListedRecords, ListWorld
from sonnys_data_client.sync import SyncProgress, SyncReport, SyncSettings, lists, runner
from sonnys_data_client.sync.lists import CALL_DAYS_MAX, SOURCES, TableCall, calls_due, read_list
from sonnys_data_client.sync.planning import due_calls
from sonnys_data_client.types import parse_one
from tests.client.rig import Tampered
from tests.sync.rig import NOON, SITES, archive_in, client_of, sandbox_of

TODAY = date(2026, 4, 1)
SINCE = date(2024, 1, 1)
START = date(2026, 3, 30)
EVENTS = [name for name in SOURCES if TABLES[name].kind == "events"]


def read_whole(day: date, *, at: float | None = None) -> Evidence:
    end = day_end(day)
    return Evidence(5, 0, None, end if at is None else at, end if at is None else at)


def due(name: str, known: dict[date, Evidence], *, start: date | None = None, now: float = NOON) -> list[TableCall]:
    return list(calls_due(name, known, start=start, members_since=SINCE, reread_days=3, now=now))


def test_every_table_has_its_source_and_every_source_its_operation_and_model() -> None:
    assert set(SOURCES) == set(TABLES) - {"transactions"}
    for name, source in SOURCES.items():
        entry = find(source.resource, source.method)
        assert entry.gives_rows
        assert entry.model is TABLES[name].record, name


def test_a_snapshot_is_taken_again_when_the_last_one_is_old_enough() -> None:
    (part,) = due("customers", {})
    assert (part.first, part.last, dict(part.params)) == (TODAY, TODAY, {})
    assert due("customers", {TODAY - timedelta(days=6): read_whole(TODAY)}) == []
    assert len(due("customers", {TODAY - timedelta(days=7): read_whole(TODAY)})) == 1
    assert due("sites", {TODAY: read_whole(TODAY)}) == []
    assert len(due("sites", {TODAY - timedelta(days=1): read_whole(TODAY)})) == 1


def test_what_is_disputed_is_due_again() -> None:
    dispute = Dispute("no row came", 5, 0, NOON, ("a",))
    assert due("customers", {TODAY: read_whole(TODAY)}) == []
    assert len(due("customers", {TODAY: replace(read_whole(TODAY), dispute=dispute)})) == 1
    day = date(2026, 3, 20)
    known = {day + timedelta(days=number): read_whole(day + timedelta(days=number)) for number in range(13)}
    assert due("status_changes", known, start=day)[0].first == date(2026, 3, 25)
    known[day] = replace(known[day], dispute=dispute)
    assert due("status_changes", known, start=day)[0].first == day


def test_a_snapshot_of_the_future_is_a_wrong_clock_s() -> None:
    assert len(due("sites", {TODAY + timedelta(days=3): read_whole(TODAY)})) == 1


def test_a_row_that_fits_no_record_belongs_to_the_day_that_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    dated = {"status_date": "2026-03-31T10:00:00Z"}
    unset = [{"status_date": "0001-01-01T00:00:00+14:00"}, {"status_date": "9999-12-31T23:00:00-12:00"}]
    unparsed = [UnparsedRow(raw, "why") for raw in (dated, {"status_date": "?"}, "text", *unset)]

    def pages(*_: object, **__: object) -> Iterator[Any]:
        yield ListPage([], [], 1, 3, unparsed=unparsed)
        raise RowError("3 rows", rows=(), unparsed=unparsed, method="GET", path="/")

    monkeypatch.setattr(lists, "find", lambda *_: SimpleNamespace(pages=pages))
    part = TableCall(TABLES["status_changes"], date(2026, 3, 29), TODAY, {})
    with client_of(sandbox()) as client:
        readings = read_list(client, part, Calendars(), NOON, lambda _: None)
    texts = {day: [row.raw for row in found.rows.unparsed] for day, found in readings.items() if found.rows.unparsed}
    assert texts == {
        date(2026, 3, 31): [encode(dated)],
        part.first: ['{"status_date":"?"}', '"text"', *map(encode, unset)],
    }


def test_snapshots_over_dates_say_how_far_back() -> None:
    assert due("recurring_accounts", {})[0].params == {"since": SINCE}
    assert due("giftcards", {})[0].params == {"startDate": date(2025, 10, 2), "endDate": TODAY}


def test_events_are_read_in_parts_from_six_months_ago() -> None:
    parts = due("status_changes", {})
    assert (parts[0].first, parts[-1].last) == (date(2025, 10, 2), TODAY)
    assert all((part.last - part.first).days < CALL_DAYS_MAX for part in parts)
    assert all(later.first == earlier.last + timedelta(days=1) for earlier, later in itertools.pairwise(parts))
    first = parts[0].params
    assert first == {"startDate": day_start(parts[0].first), "endDate": day_end(parts[0].last) - 1}
    assert parts[-1].params["endDate"] == int(NOON) - 5


def test_events_of_days_that_were_read_are_read_again_only_while_they_may_change() -> None:
    known = {START - timedelta(days=back): read_whole(START - timedelta(days=back)) for back in range(-2, 60)}
    known[TODAY] = read_whole(TODAY, at=NOON - 3600)
    first = {name: due(name, known, start=date(2026, 2, 1))[0].first for name in EVENTS}
    assert first == {
        "clock_entries": date(2026, 3, 19),
        "sales_outcomes": date(2026, 3, 18),
        "status_changes": date(2026, 3, 25),
    }
    (part,) = due("clock_entries", known, start=date(2026, 2, 1))
    span = int(part.params["endDate"]) - int(part.params["startDate"])
    assert span <= SECONDS_DAYS_MAX * DAY_S, "so it takes one request for each employee"
    assert due("clock_entries", known, start=date(2026, 5, 1)) == []


def test_a_day_that_was_read_before_its_end_is_due() -> None:
    half = date(2026, 3, 1)
    known = {date(2026, 3, 1) + timedelta(days=n): read_whole(date(2026, 3, 1) + timedelta(days=n)) for n in range(28)}
    known[half] = read_whole(half, at=day_start(half) + 60.0)
    assert due("sales_outcomes", known, start=half)[0].first == half


@cache
def world() -> BelievableWorld:
    """A small operator with few members."""
    return BelievableWorld(WorldConfig(seed=5, sites=3, cars_per_day=12))


def sandbox(faults: Faults | None = None) -> Sandbox:
    return Sandbox(SandboxConfig(job_s=2, faults=faults or Faults()), world())


SETTINGS = SyncSettings(start=START, members_since=SINCE)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path)


def test_every_table_ends_as_the_api_has_it(archive: Archive) -> None:
    client = client_of(sandbox())
    report = sync.run(client, archive, SETTINGS)
    assert report.complete, report.failed_tables
    assert {landed.partition.table for landed in report.other_partitions} == set(SOURCES)
    for name, source in SOURCES.items():
        table = TABLES[name]
        (held, *others) = list(due(name, {}, start=START, now=NOON))
        assert not others
        pages = find(source.resource, source.method).pages(client_of(sandbox(), timezone="UTC"), **held.params)
        truth = sorted(encode(row) for page in pages for row in page.raw)
        raws = sorted(raw for (raw,) in archive.sql(f'SELECT raw FROM "{name}"').fetchall())  # noqa: S608
        assert raws, name
        assert raws == truth, name
        records = [parse_one(table.record, read_text(raw), method="-", path="-") for raw in raws]
        if table.moment is not None:
            days = archive.sql(f'SELECT date, "{table.moment}" FROM "{name}"').fetchall()  # noqa: S608
            assert all(moment.astimezone(UTC).date() == day for day, moment in days)
        assert len(records) == len(raws)
    assert archive.check() == []
    (todo,) = [sync.plan(client, archive, SETTINGS)]
    assert set(todo.other_tables) == set(EVENTS)


def test_the_counters_tell_which_table_is_read_and_how_far_it_is(archive: Archive) -> None:
    shop = sandbox()
    client = client_of(shop)
    sync.run(client, archive, replace(SETTINGS, tables=("sites",)))
    progress, told = Watched(), len(shop.log)
    report = sync.run(client, archive, replace(SETTINGS, tables=("sites", "items", "clock_entries")), progress=progress)
    assert (progress.tables, progress.tables_done) == (2, 2), "sites have a snapshot of today"
    assert progress.rows == sum(landed.rows for landed in report.other_partitions)
    assert progress.budget.spent == report.requests == len(shop.log) - told
    assert progress.seen[:2] == [("items", 0, 1), ("items", 0, 2)], "each row is counted when it comes"
    items = sum(landed.rows for landed in report.other_partitions if landed.partition.table == "items")
    assert progress.seen[items - 1 : items + 1] == [("items", 0, items), ("clock_entries", 1, items + 1)]


def test_the_plan_knows_what_the_tables_cost_the_last_time(archive: Archive) -> None:
    shop = sandbox()
    client = client_of(shop)
    first = sync.plan(client, archive, SETTINGS)
    assert set(first.other_tables.values()) == {None}
    sync.run(client, archive, SETTINGS)
    later = client_of(shop, at=NOON + 8 * DAY_S)
    plan = sync.plan(later, archive, SETTINGS)
    assert None not in plan.other_tables.values()
    spent = len(shop.log)
    report = sync.run(later, archive, SETTINGS)
    assert report.complete
    assert report.requests == len(shop.log) - spent == pytest.approx(plan.requests, rel=0.25)
    took = {landed.partition.table: archive.evidence(landed.partition.table) for landed in report.other_partitions}
    assert all(evidence.requests > 0 for known in took.values() for evidence in known.values())


def test_a_budget_that_ends_within_a_list_is_said_to_cost_that_list(archive: Archive) -> None:
    client = client_of(sandbox())
    sync.run(client, archive, replace(SETTINGS, tables=()))
    report = sync.run(client, archive, replace(SETTINGS, tables=("sites", "customers"), max_requests=3))
    assert report.stopped == (
        "The budget of 3 requests is spent. What came is safe. The next run reads customers from its beginning."
    )
    assert [landed.partition.table for landed in report.other_partitions] == ["sites"]


def test_a_table_that_is_refused_is_done_with_too(archive: Archive) -> None:
    fault = Scripted("html_502", "/item", times=10**6)
    client = client_of(sandbox(Faults(script=(fault,))), call_timeout=20.0)
    progress = SyncProgress()
    sync.run(client, archive, replace(SETTINGS, tables=("items", "employees")), progress=progress)
    assert (progress.tables, progress.tables_done) == (2, 2)


class Watched(SyncProgress):
    """Counters that record table, tables done and rows each time a row comes."""

    seen: list[tuple[str, int, int]]

    def __setattr__(self, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name == "rows" and value:
            self.seen = [*getattr(self, "seen", ()), (self.table, self.tables_done, self.rows)]


def test_events_that_change_late_are_logged_and_snapshots_are_dated(archive: Archive) -> None:
    settings = replace(SETTINGS, tables=("sites", "clock_entries"))
    shop = sandbox()
    sync.run(client_of(shop), archive, settings)
    report = sync.run(client_of(shop, at=NOON + DAY_S), archive, settings)
    days = archive.sql("SELECT date, count(*) FROM sites_history GROUP BY ALL ORDER BY ALL").fetchall()
    assert [day for day, _ in days] == [TODAY, TODAY + timedelta(days=1)]
    assert not [
        change for landed in report.other_partitions if landed.partition.table == "sites" for change in landed.changes
    ]


def test_a_table_that_the_server_will_not_give_costs_no_other(archive: Archive) -> None:
    fault = Scripted("html_502", "/item", times=10**6)
    client = client_of(sandbox(Faults(script=(fault,))), call_timeout=20.0)
    report = sync.run(client, archive, replace(SETTINGS, tables=("sites", "items", "employees")))
    assert set(report.failed_tables) == {"items"}
    assert "502" in report.failed_tables["items"]
    assert not report.complete
    assert {landed.partition.table for landed in report.other_partitions} == {"sites", "employees"}


RECENT = date(2025, 12, 1)
LOSSES = {
    "items": b'"sku":"',
    "customers": b'"customerId":"',
    "washbooks": b'"id":"',
    "recurring_accounts": b'"id":"',
    "clock_entries": b'"clockIn":"',
}
"""Tables with a field of theirs, whose value in some row the server fails on."""


@cache
def losses() -> frozenset[bytes]:
    """For each of these tables, the text that one of its rows has, and hardly another."""
    found: set[bytes] = set()
    for name, start in LOSSES.items():
        source, (call,) = SOURCES[name], calls_due(name, {}, start=START, members_since=RECENT, reread_days=3, now=NOON)
        raws = [
            raw
            for page in find(source.resource, source.method).pages(client_of(sandbox()), **call.params)
            for raw in page.raw
        ]
        text = encode(raws[len(raws) // 2]).encode()
        at = text.index(start)
        found.add(re.split(b"[,}]", text[at:])[0])
    return frozenset(found)


def failing(request: Request, response: Response) -> Response:
    """Fail on every page that has one of these rows."""
    return Response(500, b"<html>") if any(text in response.body for text in losses()) else response


def test_one_bad_row_costs_itself_in_every_table_is_written_down_and_is_had_the_next_time(archive: Archive) -> None:
    settings = replace(SETTINGS, members_since=RECENT, tables=tuple(LOSSES))
    bad = Tampered(SandboxConfig(job_s=2), world())
    bad.tamper = failing
    report = sync.run(client_of(bad, max_retries=0), archive, settings)
    assert set(report.failed_tables) == set(LOSSES)
    reasons = list(report.failed_tables.values())
    assert [why for why in reasons if not why.startswith("not all of it could be read: ")] == []
    assert not report.complete
    lost = {name: rows_of(archive, name) for name in LOSSES}
    assert [name for name in LOSSES if not any(known.gaps for known in archive.evidence(name).values())] == []
    again = sync.run(client_of(sandbox()), archive, settings)
    assert again.complete, again.failed_tables
    for name in LOSSES:
        whole = rows_of(archive, name)
        assert 0 < whole - lost[name] <= 6, name
        assert not any(known.gaps for known in archive.evidence(name).values())


def rows_of(archive: Archive, name: str) -> int:
    return sum(known.rows for known in archive.evidence(name).values())


def test_a_gap_belongs_to_the_days_that_it_may_lie_in(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = day_start(date(2026, 3, 30)) + 43_200

    def pages(*_: object, **__: object) -> Iterator[Any]:
        yield ListPage([], [], 1, 3)
        raise IncompleteError("Oh.", gaps=["one", "two"], spans=spans)

    monkeypatch.setattr(lists, "find", lambda *_: SimpleNamespace(pages=pages))
    part = TableCall(TABLES["status_changes"], date(2026, 3, 29), TODAY, {})
    spans: list[Any] = [(noon, noon + 1), (noon, noon + DAY_S)]
    with client_of(sandbox()) as client:
        readings = read_list(client, part, Calendars(), NOON, lambda _: None)
        assert [list(reading.gaps) for reading in readings.values()] == [[], ["one", "two"], ["two"], []]
        assert [reading.proved_as_of for reading in readings.values()] == [NOON, None, None, NOON]
        spans = [None, (0, 1)]
        readings = read_list(client, part, Calendars(), NOON, lambda _: None)
        assert [list(reading.gaps) for reading in readings.values()] == [["one"]] * 4


def test_what_was_read_with_a_gap_is_due_again() -> None:
    gapped = replace(read_whole(TODAY), gaps=("why",))
    assert len(due("customers", {TODAY: gapped})) == 1
    old = date(2026, 3, 1)
    known = {old + timedelta(days=n): read_whole(old + timedelta(days=n)) for n in range(32)}
    known[old] = replace(known[old], gaps=("why",))
    assert due("clock_entries", known, start=old)[0].first == old


@pytest.mark.parametrize(
    ("outcomes", "read"),
    [("..", 2), ("x..", 3), (".x.x.", 5), ("xx..", 2), (".xx.", 3), ("d..", 1)],
)
def test_two_parts_that_fail_end_a_table_and_one_does_not(
    outcomes: str, read: int, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[TableCall] = []

    def fake(_client: object, call: TableCall, *_: object) -> dict[date, Any]:
        outcome = outcomes[len(made)]
        made.append(call)
        kind = {"x": ServerError, "d": AuthenticationError}.get(outcome)
        if kind is not None:
            raise kind("Not now.", method="GET", path="/", status=500)
        return {}

    calls = [TableCall(TABLES["items"], TODAY, TODAY, {})] * len(outcomes)
    monkeypatch.setattr(runner, "due_calls", lambda *_: calls)
    monkeypatch.setattr(runner, "read_list", fake)
    report = sync.run(client_of(sandbox_of([])), archive, replace(SETTINGS, start=TODAY, tables=("items",)))
    assert len(made) == read
    assert report.failed_tables == ({} if set(outcomes) == {"."} else {"items": "Not now."})


def test_no_network_ends_the_sync(archive: Archive) -> None:
    fault = Scripted("unreachable", "/item", times=10**6)
    client = client_of(sandbox(Faults(script=(fault,))), call_timeout=20.0)
    with pytest.raises(APIError):
        sync.run(client, archive, replace(SETTINGS, tables=("items",)))


def test_unknown_tables_are_refused_with_those_there_are() -> None:
    with pytest.raises(
        ValidationError,
        match=r"tables='prices' is not a table that can be read besides transactions; it must be one of sites, items",
    ):
        SyncSettings(tables=("prices",))


def test_noon_is_noon() -> None:
    assert datetime.fromtimestamp(NOON, UTC).date() == TODAY


# -- events that change late ------------------------------------------------------------------------------------------

WHO = Employee(7, "Ann", "Lee", 1, "MAIN", date(2024, 1, 1), None, None, None, "", 1500)
WORKED = date(2026, 3, 20)
PAYROLL = datetime(2026, 3, 20, 12, tzinfo=UTC).timestamp()


def shift(begun: float, hours: float | None, *, seen: float | None = None, modified: bool = False) -> ClockEntry:
    """Return a shift as the server knows it from a moment on, or from its beginning on."""
    known_from = begun if seen is None else seen
    end = None if hours is None else int((begun + hours * 3600) * 1000)
    return ClockEntry(
        7, "MAIN", int(begun * 1000), end, 1500, int(known_from * 1000) if modified else None, modified, known_from
    )


def shop_of(**records: Any) -> Sandbox:
    return Sandbox(SandboxConfig(job_s=2), ListWorld(SITES, [], ListedRecords(all_employees=(WHO,), **records)))


def nightly(archive: Archive, shop: Sandbox, days: Sequence[float], name: str) -> list[SyncReport]:
    """Sync one table some days after `PAYROLL`."""
    settings = replace(SETTINGS, start=WORKED, end=WORKED, tables=(name,), statuses=False)
    return [sync.run(client_of(shop, at=PAYROLL + day * DAY_S), archive, settings) for day in days]


def test_shifts_are_corrected_closed_and_added_late(archive: Archive) -> None:
    morning, noon, evening = (day_start(WORKED) + hours * 3600.0 for hours in (6, 12, 17))
    late = PAYROLL + 10 * DAY_S
    entries = [
        shift(morning, 8),
        shift(noon, None),
        shift(morning, 7.5, seen=late, modified=True),
        shift(noon, 4, seen=late, modified=True),
        shift(evening, 3, seen=late),
    ]
    shop = shop_of(all_clock_entries=entries)
    nightly(archive, shop, [1, 9], "clock_entries")
    assert archive.evidence("clock_entries")[PARTITION].unsettled, "a shift is open"
    (report,) = nightly(archive, shop, [11], "clock_entries")
    fields = {(change.field, change.before, change.after) for change in report.changes if change.field != "(row)"}
    assert ("clock_out", "null", f'"{iso(noon + 4 * 3600)}"') in fields
    assert ("clock_out", f'"{iso(morning + 8 * 3600)}"', f'"{iso(morning + 7.5 * 3600)}"') in fields
    assert not [field for field, _, _ in fields if field.startswith("week_total")]
    (added,) = [change for change in report.changes if change.field == "(row)"]
    assert (added.before, iso(evening)[:16] in str(added.after)) == (None, True)
    rows = archive.sql("SELECT clock_in, clock_out FROM clock_entries ORDER BY 1").fetchall()
    assert [(out - begun).total_seconds() / 3600 for begun, out in rows] == [7.5, 4, 3]


def test_a_shift_that_stays_open_is_looked_at_once_a_week_for_six_weeks(archive: Archive) -> None:
    noon = day_start(WORKED) + 12 * 3600.0
    shop = shop_of(all_clock_entries=[shift(noon, None), shift(noon, 4, seen=PAYROLL + 20 * DAY_S)])
    nightly(archive, shop, [13], "clock_entries")
    nights = range(14, 29)
    asked: list[int] = []
    for night in nights:
        settings = replace(SETTINGS, start=WORKED, end=WORKED, tables=("clock_entries",))
        if any(call.first == WORKED for call in due_calls("clock_entries", known_of(archive), settings, at(night))):
            asked += [night]
            nightly(archive, shop, [night], "clock_entries")
    assert [later - earlier for earlier, later in itertools.pairwise(asked)] == [7] * (len(asked) - 1)
    assert archive.sql("SELECT count(*) FROM clock_entries WHERE clock_out IS NULL").fetchall() == [(0,)]


def at(night: float) -> float:
    return PAYROLL + night * DAY_S


def known_of(archive: Archive) -> dict[date, Evidence]:
    return {partition.day: found for partition, found in archive.evidence("clock_entries").items()}


def iso(second: float) -> str:
    return datetime.fromtimestamp(second, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


PARTITION = Partition("clock_entries", "main", WORKED)


def outcome(hour: int, *, converted: bool = False, seen: float = -math.inf) -> Outcome:
    moment = int((day_start(WORKED) + hour * 3600) * 1000)
    item = ("1:9", "Plan") if converted else ("1:1", "Wash")
    return Outcome(moment, WHO, 1, "Site 1", converted, *item, 1000, "Lane 1", seen)


def test_an_offer_that_is_taken_days_later_is_a_change_of_its_row(archive: Archive) -> None:
    shop = shop_of(all_outcomes=[outcome(8), outcome(9), outcome(8, converted=True, seen=PAYROLL + 9 * DAY_S)])
    nightly(archive, shop, [1], "sales_outcomes")
    (report,) = nightly(archive, shop, [10], "sales_outcomes")
    assert {(change.field, change.before, change.after) for change in report.changes} == {
        ("is_converted", "false", "true"),
        ("item_id", '"1:1"', '"1:9"'),
        ("item_name", '"Wash"', '"Plan"'),
    }
    rows = archive.sql("SELECT is_converted FROM sales_outcomes ORDER BY timestamp").fetchall()
    assert rows == [(True,), (False,)]


@pytest.mark.parametrize("name", ["sales_outcomes", "status_changes"])
def test_an_event_that_arrives_after_its_window_is_found_by_a_count(archive: Archive, name: str) -> None:
    late = PAYROLL + 60 * DAY_S
    shop = shop_of(
        all_outcomes=[outcome(8), outcome(9, seen=late)],
        all_accounts=[account_with(change(8), change(9, seen=late))],
    )
    nightly(archive, shop, [1], name)
    (quiet,) = nightly(archive, shop, [50], name)
    assert quiet.changes == []
    told = len(shop.log)
    (report,) = nightly(archive, shop, [61], name)
    (came,) = report.changes
    assert (came.field, came.before) == ("(row)", None)
    assert archive.sql(f'SELECT count(*) FROM "{name}"').fetchall() == [(2,)]  # noqa: S608
    assert {mismatch.why for mismatch in report.event_mismatches[name]} == {"the server counts 1 row more"}
    assert len(shop.log) - told <= 5, "the sites, the counts, and the day"
    (rest,) = nightly(archive, shop, [62], name)
    assert rest.event_mismatches == {}
    (last,) = nightly(archive, shop, [63], name)
    assert last.requests == 4, "the sites, a count of transactions, one of these events, and the young days"


def change(hour: int, seen: float = -math.inf) -> StatusChange:
    moment = int((day_start(WORKED) + hour * 3600) * 1000)
    return StatusChange("1:1", "5", moment, "Active", "Suspended", "Ann", "MAIN", seen)


def account_with(*changes: StatusChange) -> RecurringAccount:
    known = next(each for each in world().records.accounts(0, int(NOON), as_of=NOON))
    return replace(known, signed_up_ms=0, kept_until_ms=None, status_changes=changes)
