"""Syncs against the sandbox, in virtual time: the archive ends with the rows that the server has."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.changes import ROW
from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.engine.jobs import POLL_PATH
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.errors import APIError, ArchiveError, ArchiveHeldError, ValidationError
from sonnys_data_client.sandbox import ApiAccount, Faults, Quirks, Sandbox, SandboxConfig, Scripted
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from sonnys_data_client.sync import SyncProgress, SyncSettings
from tests.client.rig import Tampered
from tests.sync.rig import (
    FIRST,
    HOUR,
    NOON,
    SETTINGS,
    SITES,
    archive_in,
    client_of,
    held,
    sales,
    sandbox_of,
    sold,
    truth,
)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path)


def states(archive: Archive, now: float = NOON) -> list[str]:
    return [day.state for day in archive.coverage(start=FIRST, now=now)]


def test_a_sync_brings_every_day_and_says_what_it_did(archive: Archive) -> None:
    sandbox = sandbox_of(sales())
    progress = SyncProgress()
    report = sync.run(client_of(sandbox), archive, SETTINGS, progress=progress)
    assert report.complete
    assert (report.days_due, len(report.days), report.rows, report.quarantined) == (9, 9, 960, 0)
    assert report.requests == len(sandbox.log)
    assert held(archive) == truth(sandbox, as_of=NOON)
    assert (progress.days, progress.days_done, progress.export.rows) == (9, 9, 960)
    assert report.changes == []
    assert archive.check() == []


def test_old_days_are_complete_at_once_and_recent_ones_by_a_second_count(archive: Archive) -> None:
    sandbox = sandbox_of(sales())
    sync.run(client_of(sandbox), archive, SETTINGS)
    assert states(archive) == ["complete"] * 5 + ["partial"] * 4
    sync.run(client_of(sandbox, at=NOON + 5 * HOUR), archive, SETTINGS)
    assert states(archive) == ["complete"] * 5 + ["partial"] * 4, "the counts are less than six hours apart"
    sync.run(client_of(sandbox, at=NOON + 7 * HOUR), archive, SETTINGS)
    assert states(archive, NOON + 8 * HOUR) == ["complete"] * 8 + ["partial"]


def test_late_edits_are_found_and_the_log_names_exactly_those(archive: Archive) -> None:
    rows = sales()
    edited, gone_late = rows[900], rows[940]
    later = NOON + 2 * HOUR
    rows.append(replace(edited, total_cents=0, status="Voided", visible_from=later))
    rows.append(sold(5000, gone_late.completed_ms / 1000, 777, known_from=later))
    too_old = replace(rows[10], total_cents=1, visible_from=later)
    rows.append(too_old)
    sandbox = sandbox_of(rows)
    sync.run(client_of(sandbox), archive, SETTINGS)
    report = sync.run(client_of(sandbox, at=NOON + DAY_S), archive, SETTINGS)
    assert {(change.id, change.field) for change in report.changes} == {(edited.id, "total"), ("5000:9", ROW)}
    assert archive.sql("SELECT id, field FROM changes ORDER BY ALL").fetchall() == [
        ("5000:9", ROW),
        (edited.id, "total"),
    ]
    sync.run(client_of(sandbox, at=NOON + DAY_S + HOUR), archive, replace(SETTINGS, reread_days=9))
    assert held(archive) == truth(sandbox, as_of=NOON + DAY_S)


def test_a_row_that_the_server_returns_no_more_leaves_the_archive_and_is_logged_whole(archive: Archive) -> None:
    rows = sales()
    sync.run(client_of(sandbox_of(rows)), archive, SETTINGS)
    gone = rows.pop(900)
    report = sync.run(client_of(sandbox_of(rows), at=NOON + DAY_S), archive, SETTINGS)
    ((change),) = report.changes
    assert (change.id, change.field, change.after) == (gone.id, ROW, None)
    assert change.before is not None
    assert gone.id in change.before
    assert gone.id not in dict(held(archive))


@pytest.mark.parametrize("quirks", [Quirks(site_required=True), Quirks(totals="null"), Quirks(end="exclusive")])
def test_whatever_the_server_is_like_the_archive_holds_the_truth(archive: Archive, quirks: Quirks) -> None:
    sandbox = sandbox_of(sales(), quirks=quirks)
    report = sync.run(client_of(sandbox), archive, SETTINGS)
    assert report.complete
    assert held(archive) == truth(sandbox, as_of=NOON)
    assert states(archive)[:5] == ["complete"] * 5


def test_a_budget_of_requests_is_kept_and_the_next_run_goes_on_without_paying_twice(archive: Archive) -> None:
    undisturbed = sandbox_of(sales())
    sync.run(client_of(undisturbed), archive_in(Path(archive.address).parent / "other"), SETTINGS)
    sandbox = sandbox_of(sales())
    at, runs = NOON, 0
    while True:
        runs += 1
        spent = len(sandbox.log)
        report = sync.run(client_of(sandbox, at=at), archive, replace(SETTINGS, max_requests=12))
        assert len(sandbox.log) - spent == report.requests <= 12
        at += 120
        if report.stopped is None:
            break
        assert "12 requests" in report.stopped
        assert not report.complete
    assert runs > 3
    assert held(archive) == truth(sandbox, as_of=NOON)
    sites_lists = runs - 1
    assert len(sandbox.log) - sites_lists <= 1.2 * len(undisturbed.log)


def test_a_budget_of_minutes_is_kept(archive: Archive) -> None:
    client = client_of(sandbox_of(sales(a_day=900)))
    report = sync.run(client, archive, replace(SETTINGS, max_minutes=1))
    assert report.stopped is not None
    assert "1 minutes" in report.stopped
    assert client.simulation.now < 100


def test_a_part_that_cannot_be_read_is_a_gap_that_the_next_sync_fills(archive: Archive) -> None:
    sick = day_start(date(2026, 3, 25))
    fault = Scripted(
        "job_fail",
        "/transaction/load-job",
        when=lambda request: sick <= int(dict(request.query)["startDate"]) < sick + 1800,
        times=10**6,
    )
    sandbox = sandbox_of(sales(), faults=Faults(script=(fault,), until=NOON + 20 * HOUR))
    report = sync.run(client_of(sandbox), archive, SETTINGS)
    (landed,) = report.incomplete_days
    assert landed.partition.day == date(2026, 3, 25)
    assert not report.complete
    assert states(archive)[1] == "partial"
    assert 0 < len(held(archive)) < 960
    report = sync.run(client_of(sandbox, at=NOON + DAY_S), archive, SETTINGS)
    assert report.complete
    assert [change for change in report.changes if change.id in {row.id for row in sales()[120:240]}] == []
    assert held(archive) == truth(sandbox, as_of=NOON + DAY_S)


def test_rows_that_do_not_fit_are_counted_and_cost_no_other(archive: Archive) -> None:
    sandbox = sandbox_of(sales(), faults=Faults(bad_row=0.2))
    report = sync.run(client_of(sandbox), archive, SETTINGS)
    assert report.quarantined > 0
    assert report.rows + report.quarantined == 960
    assert len(archive.table("quarantine").fetchall()) == report.quarantined


def tampered(rows: Sequence[Transaction], changes: Mapping[str, Mapping[str, Any]]) -> Tampered:
    """Return a sandbox that changes rows of its jobs, by their ids."""

    def tamper(request: Request, response: Response) -> Response:
        if request.path != POLL_PATH:
            return response
        body = json.loads(response.body)
        for row in body["data"].get("data") or ():
            row.update(changes.get(row["id"], {}))
        return Response(response.status, json.dumps(body).encode())

    made = Tampered(SandboxConfig(job_s=3.0), ListWorld(SITES, rows))
    made.tamper = tamper
    return made


IMPOSSIBLE: tuple[Mapping[str, Any], ...] = (
    {"completeDate": "0001-01-01T00:00:00"},  # an unset date, as .NET writes it
    {"completeDate": "0001-01-01T00:00:00+14:00"},
    {"completeDate": "0000-00-00 00:00:00"},
    {"completeDate": "9999-12-31T23:59:59Z"},
    {"total": 10**15},
)


@pytest.mark.parametrize("zone", ["America/Chicago", "Asia/Tokyo"])
def test_rows_that_no_archive_can_hold_go_to_quarantine_and_end_no_sync(zone: str, archive: Archive) -> None:
    rows = sales(days=1, a_day=8)
    sandbox = tampered(rows, dict(zip((row.id for row in rows), IMPOSSIBLE, strict=False)))
    settings = replace(SETTINGS, timezone=ZoneInfo(zone), tables=("sites",))
    for hour in range(2):
        report = sync.run(client_of(sandbox, at=NOON + hour * HOUR), archive, settings)
        assert report.complete
        assert len(report.other_partitions) == 1 - hour, "the table after it is reached"
    assert [row for (row,) in archive.sql("SELECT id FROM transactions ORDER BY id").fetchall()] == [
        row.id for row in rows[len(IMPOSSIBLE) :]
    ]
    assert len(archive.table("quarantine").fetchall()) == len(IMPOSSIBLE)


def test_odd_values_cost_no_row_and_are_counted(archive: Archive) -> None:
    rows = sales(days=1, a_day=6)
    odd = {"id": "a\ud800", "number": 2**63, "items": [{"quantity": 0.5}, {"quantity": "many"}]}
    report = sync.run(client_of(tampered(rows, {rows[3].id: odd})), archive, SETTINGS)
    assert (report.complete, report.rows, report.quarantined) == (True, len(rows), 0)
    assert report.unparsed_values == {"transactions.number": 1, "transactions.items.quantity": 1}
    found = archive.sql("SELECT quantity FROM transaction_items WHERE trans_id = ?", ["a\\ud800"])
    assert found.fetchall() == [(Decimal("0.5"),), (None,)]


def test_what_came_before_an_error_is_safe(archive: Archive) -> None:
    fault = Scripted("unreachable", nth=20, times=10**6)
    sandbox = sandbox_of(sales(), faults=Faults(script=(fault,), until=NOON + HOUR))
    with pytest.raises(APIError):
        sync.run(client_of(sandbox, call_timeout=30.0), archive, SETTINGS)
    spent = len([entry for entry in sandbox.log if entry.status == 200])
    report = sync.run(client_of(sandbox, at=NOON + HOUR), archive, SETTINGS)
    assert report.complete
    assert spent > 10
    assert report.requests <= 3 * 18 - spent + 10
    assert held(archive) == truth(sandbox, as_of=NOON)


def test_wrong_credentials_are_said_so_and_leave_an_empty_archive(archive: Archive) -> None:
    with pytest.raises(APIError, match="403"):
        sync.run(client_of(sandbox_of([]), api_key="wrong"), archive, SETTINGS)
    assert archive.evidence() == {}


def test_two_runs_at_once_are_one_too_many(archive: Archive) -> None:
    sandbox = sandbox_of(sales())
    with archive.writing(), pytest.raises(ArchiveHeldError):
        sync.run(client_of(sandbox), archive, SETTINGS)
    assert len(sandbox.log) == 0


def test_another_accounts_rows_do_not_replace_this_ones(archive: Archive) -> None:
    rows = sales()
    accounts = (ApiAccount(), ApiAccount("other-id"))
    sync.run(client_of(sandbox_of(rows, accounts=accounts)), archive, SETTINGS)
    other = client_of(sandbox_of(rows, accounts=accounts), api_id="other-id", at=NOON + DAY_S)
    with pytest.raises(ArchiveError, match="another API ID"):
        sync.run(other, archive, SETTINGS)
    assert sync.run(other, archive, replace(SETTINGS, account="second")).complete
    with pytest.raises(ArchiveError, match="in this archive as account 'second', and would be there twice"):
        sync.run(other, archive, replace(SETTINGS, account="third"))
    assert sync.run(other, archive, replace(SETTINGS, adopt=True)).complete
    assert archive.accounts() == ["main", "second"]
    later = client_of(sandbox_of(rows, accounts=accounts), api_id="other-id", at=NOON + 2 * DAY_S)
    assert sync.run(later, archive, SETTINGS).complete, "adopt=True is needed once only"


def test_an_account_that_does_not_see_all_sites_takes_over_nothing(archive: Archive) -> None:
    rows = sales()
    sync.run(client_of(sandbox_of(rows)), archive, SETTINGS)
    whole = held(archive)
    accounts = (ApiAccount(), ApiAccount("other-id"))
    few = Sandbox(SandboxConfig(job_s=3.0, accounts=accounts), ListWorld(SITES[:1], rows[::3]))
    other = client_of(few, api_id="other-id", at=NOON + DAY_S)
    with pytest.raises(
        ArchiveError, match=r"does not see all sites whose rows are here \(the one without a code, WEST\)"
    ):
        sync.run(other, archive, replace(SETTINGS, adopt=True))
    assert held(archive) == whole


def test_business_dates_follow_the_sites_zones_and_the_setting(archive: Archive) -> None:
    zoned = [replace(SITES[0], timezone="America/Los_Angeles"), replace(SITES[1], timezone=None), SITES[2]]
    start = day_start(FIRST)
    rows = [sold(number, start + 3600 + number) for number in range(6)]
    sandbox = Sandbox(SandboxConfig(job_s=1.0), ListWorld(zoned, rows))
    sync.run(client_of(sandbox), archive, SETTINGS)
    query = "SELECT DISTINCT location_code, business_date, hour FROM transactions ORDER BY ALL"
    assert archive.sql(query).fetchall() == [("MAIN", date(2026, 3, 23), 18), ("WEB", FIRST, 1), ("WEST", FIRST, 1)]


def test_an_unknown_time_zone_is_warned_of_and_read_as_utc(archive: Archive) -> None:
    site = replace(SITES[0], timezone="Mars/Olympus")
    rows = [sold(number, day_start(FIRST) + number) for number in range(0, 9, 3)]
    sandbox = Sandbox(SandboxConfig(job_s=1.0), ListWorld((site,), rows))
    report = sync.run(client_of(sandbox), archive, SETTINGS)
    assert report.rows == 3
    assert report.warnings == [
        "site 'MAIN' has an unknown time zone, 'Mars/Olympus', so its days are those of UTC",
        "no site names its time zone, so days are those of UTC",
    ]
    assert archive.sql("SELECT DISTINCT business_date FROM transactions").fetchall() == [(FIRST,)]


def test_views_that_cannot_be_written_fail_no_sync(archive: Archive) -> None:
    Path(archive.address, "archive.duckdb").mkdir(parents=True)
    Path(archive.address, "archive.json").write_text('{"format": 1}')
    report = sync.run(client_of(sandbox_of(sales(1))), archive, SETTINGS)
    assert report.complete
    assert "archive.duckdb cannot be written" in report.warnings[-1]


def test_days_about_to_be_forgotten_are_warned_of(archive: Archive) -> None:
    sandbox = sandbox_of([])
    client = client_of(sandbox)
    report = sync.run(client, archive, SyncSettings(max_requests=2, tables=()))
    assert report.stopped is not None
    (warning,) = report.warnings
    assert warning == "main: the server forgets 2025-10-02 today, and it and 13 later days are not complete"
    assert sync.plan(client, archive, SyncSettings(tables=())).warnings == [warning]


def test_settings_that_make_no_sense_are_refused_before_anything_is_made(archive: Archive) -> None:
    wrong: dict[str, Any] = {"max_requests": 0}
    with pytest.raises(ValueError, match="max_requests=0"):
        sync.run(client_of(sandbox_of([])), archive, replace(SETTINGS, **wrong))
    assert not archive.exists()


def test_a_new_account_whose_name_looks_like_a_value_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    sandbox, archive = sandbox_of(sales()), archive_in(tmp_path)
    for begin in (sync.run, sync.plan):
        with pytest.raises(ValidationError, match="looks like a number"):
            begin(client_of(sandbox), archive, replace(SETTINGS, account="2026-11-01"))
    assert sandbox.log == []
    assert not Path(archive.address).exists()
