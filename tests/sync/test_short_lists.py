"""Statuses are joined to transactions, and closed days are compared with the server's list."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.archive.filling import Partition
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import Faults, Sandbox, SandboxConfig, Scripted
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from sonnys_data_client.sync import SyncReport
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

LAST = FIRST + timedelta(days=1)
JOINED = replace(SETTINGS, statuses=True, end=LAST)
JOBS = replace(SETTINGS, end=LAST)
AUDITED = replace(JOINED, audit="now")
LATER = NOON + 10 * DAY_S
DAY = LAST
LIST = "/transaction/version-2"
NUMBER = 1 + 12 + 5
"""Number of a sale of that day."""


def few() -> list[Transaction]:
    """Return 12 sales on each of two days, both of which are closed at `NOON`."""
    return sales(days=2, a_day=12)


def version(number: int, seen_from: float, **changes: Any) -> Transaction:
    """Return a sale of `few` as the server knows it from a moment on."""
    (row,) = [each for each in few() if each.number == number]
    return replace(row, visible_from=seen_from, **changes)


def run(archive: Archive, sandbox: Sandbox, at: float, settings: sync.SyncSettings = JOINED) -> SyncReport:
    return sync.run(client_of(sandbox, at=at), archive, settings)


def statuses(archive: Archive) -> dict[int, str | None]:
    return dict(archive.sql("SELECT number, transaction_status FROM transactions ORDER BY number").fetchall())


def requests(sandbox: Sandbox, path: str, since: int = 0) -> int:
    return sum(entry.path == path for entry in sandbox.log[since:])


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path)


def test_an_incomplete_ticket_can_be_told_and_raw_stays_as_it_came(archive: Archive) -> None:
    rows = [replace(row, status="Incomplete") if row.number == NUMBER else row for row in few()]
    report = run(archive, sandbox_of(rows), NOON)
    assert report.complete
    found = statuses(archive)
    assert {number for number, status in found.items() if status == "Incomplete"} == {NUMBER}
    assert {status for number, status in found.items() if number != NUMBER} == {"Completed"}
    raws = archive.sql("SELECT raw FROM transactions").fetchall()
    assert not any("Incomplete" in raw or "transactionStatus" in raw for (raw,) in raws)
    assert report.changes == [], "a first status is no change"
    assert archive.check() == []


def test_statuses_cost_one_request_for_two_of_jobs(archive: Archive, tmp_path: Path) -> None:
    many = sales(days=2, a_day=101)
    with_statuses, without = sandbox_of(many), sandbox_of(many)
    run(archive, with_statuses, NOON)
    run(archive_in(tmp_path / "without"), without, NOON, JOBS)
    assert requests(with_statuses, LIST) == 2 * 2, "two days of two pages, which take eight requests of jobs"
    assert len(with_statuses.log) == len(without.log) + 4
    assert requests(without, LIST) == 0


def test_a_status_survives_compact_a_doubt_and_a_second_reading(archive: Archive) -> None:
    rows = [replace(row, status="Voided") if row.number == NUMBER else row for row in few()]
    run(archive, sandbox_of(rows), NOON)
    before = statuses(archive)
    partition = Partition("transactions", "main", DAY)
    with archive.writing() as writer:
        writer.doubt(partition, "somebody asked")
    assert statuses(archive) == before
    run(archive, sandbox_of(rows), LATER, JOBS)
    assert statuses(archive) == before, "also where this reading joins none"
    assert archive.evidence()[partition].joined_at is None


def test_a_day_without_statuses_is_due_for_them(archive: Archive) -> None:
    sandbox = sandbox_of(few())
    run(archive, sandbox, NOON, JOBS)
    assert set(statuses(archive).values()) == {None}
    assert [evidence.joined_at for evidence in archive.evidence().values()] == [None] * 2
    plan = sync.plan(client_of(sandbox, at=LATER), archive, JOINED)
    assert (plan.days_to_list, plan.requests) == (2, 2 + 1), "and one count"
    told = len(sandbox.log)
    report = run(archive, sandbox, LATER)
    assert set(statuses(archive).values()) == {"Completed"}
    assert (report.complete, report.days, requests(sandbox, LIST, told)) == (True, [], 2), "no job is run for it"
    assert sync.plan(client_of(sandbox, at=LATER + HOUR), archive, JOINED).days_to_list == 0


def test_a_status_that_changes_on_a_recent_day_is_logged(archive: Archive) -> None:
    """It came late: the sale of yesterday was voided after the first sync."""
    yesterday = FIRST + timedelta(days=7)
    (row,) = (each for each in sales() if each.number == 1 + 7 * 120)
    sandbox = sandbox_of([row, replace(row, visible_from=NOON + HOUR, status="Voided")])
    settings = replace(JOINED, start=yesterday, end=yesterday)
    run(archive, sandbox, NOON, settings)
    (change,) = run(archive, sandbox, NOON + 2 * HOUR, settings).changes
    assert (change.id, change.field) == (row.id, "transaction_status")
    assert (change.before, change.after) == ('"Completed"', '"Voided"')
    assert archive.sql("SELECT id, field, date FROM changes").fetchall() == [(row.id, change.field, yesterday)]


def test_the_audit_sees_what_keeps_the_count_of_a_closed_day(archive: Archive) -> None:
    """A void on one day, and another total on the other; then a sale comes as one goes."""
    void = version(NUMBER, NOON + 5 * DAY_S, status="Voided")
    cheaper = version(1, NOON + 5 * DAY_S, total_cents=1, device="Lane 2")
    sandbox = sandbox_of([*few(), void, cheaper])
    run(archive, sandbox, NOON)
    blind = run(archive, sandbox, LATER)
    assert (blind.changes, blind.count_mismatches) == ([], [])
    report = run(archive, sandbox, LATER + HOUR, AUDITED)
    assert (report.days_audited, list(report.list_mismatches)) == (2, [FIRST, DAY])
    assert [day.partition.day for day in report.days] == [FIRST, DAY], "they are read again by jobs"
    assert {change.id for change in report.changes} == {void.id, cheaper.id}
    assert statuses(archive)[NUMBER] == "Voided"
    assert held(archive) == truth(sandbox, as_of=LATER)
    gone = [row for row in (*few(), void, cheaper) if row.number != 2]
    swapped = sandbox_of([*gone, sold(9001, day_start(FIRST) + 5 * HOUR)])
    again = run(archive, swapped, LATER + 2 * HOUR, AUDITED)
    assert (again.days_audited, list(again.list_mismatches), again.count_mismatches) == (2, [FIRST], [])
    assert held(archive) == truth(swapped, as_of=LATER)
    assert archive.check() == []


def without_one(request: Request, response: Response) -> Response:
    """Leave one row out of the list that has statuses."""
    if request.path != LIST:
        return response
    said = json.loads(response.body)
    said["data"]["transactions"] = [row for row in said["data"]["transactions"] if row["transNumber"] != NUMBER]
    said["data"]["total"] = len(said["data"]["transactions"])
    return replace(response, body=json.dumps(said).encode())


def test_a_difference_that_a_second_reading_does_not_end_is_told_and_left(archive: Archive) -> None:
    sandbox = Tampered(SandboxConfig(job_s=3.0), ListWorld(SITES, few()))
    sandbox.tamper = without_one
    run(archive, sandbox, NOON)
    first = run(archive, sandbox, LATER, AUDITED)
    assert [day.partition.day for day in first.days] == [DAY]
    second = run(archive, sandbox, LATER + HOUR, AUDITED)
    assert second.days == []
    assert second.warnings == [f"{DAY}: the server's list differs in 1 row, and its jobs say the same as before"]
    assert held(archive) == truth(sandbox, as_of=LATER)


def test_a_list_that_the_server_refuses_costs_no_rows(archive: Archive) -> None:
    script = (Scripted("html_502", "/transaction/version-2", times=10**6),)
    sandbox = sandbox_of(few(), faults=Faults(script=script))
    report = sync.run(client_of(sandbox, at=NOON, call_timeout=20.0), archive, JOINED)
    assert held(archive) == truth(sandbox, as_of=NOON)
    assert len([line for line in report.warnings if line.startswith("statuses could not be read")]) == 1
    assert report.complete
    healed = run(archive, sandbox_of(few()), NOON + HOUR)
    assert healed.warnings == []
    assert set(statuses(archive).values()) == {"Completed"}


def test_a_budget_that_ends_in_the_audit_loses_nothing(archive: Archive) -> None:
    late = version(NUMBER, NOON + 5 * DAY_S, status="Voided")
    sandbox = sandbox_of([*few(), late])
    run(archive, sandbox, NOON)
    stopped = run(archive, sandbox, LATER, replace(AUDITED, max_requests=4))
    assert stopped.stopped is not None
    run(archive, sandbox, LATER + HOUR)
    assert statuses(archive)[NUMBER] == "Voided", "the day was marked, so the next run reads it"
    assert archive.check() == []
