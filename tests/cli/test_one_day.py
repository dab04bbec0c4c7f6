"""One date is one day: the command line, Python and the archive give each site the same total for it."""

from __future__ import annotations

import json
from collections import Counter as Sums
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.cli import main
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.sandbox import Quirks
from sonnys_data_client.testing.client import SimulatedClient
from tests.cli.conftest import Counter
from tests.sandbox.rig import NOW

YESTERDAY = date(2026, 11, 22)
ZONES = {"MAIN": "America/Chicago", "NORTH": "America/New_York", "SOUTH": "America/Denver", "": "America/Chicago"}

Totals = dict[str, Decimal]


def totals(rows: Iterable[tuple[str | None, Any]]) -> Totals:
    sums: Sums[str] = Sums()
    for code, total in rows:
        sums[code or ""] += round(Decimal(total) * 100)
    return {code: Decimal(cents) / 100 for code, cents in sums.items()}


def client_of(world: Counter, **options: Any) -> SimulatedClient:
    """A client that goes on when the one before stopped."""
    world.clients.append(SimulatedClient(world.sandbox, start=world.wall, **options))
    return world.clients[-1]


def loaded(client: SonnysClient, **where: Any) -> Totals:
    rows = client.transactions.load_job(startDate=YESTERDAY, endDate=YESTERDAY, **where)
    return totals((row.location_code, row.total) for row in rows)


@pytest.fixture(params=[Quirks(), Quirks(site_required=True)], ids=["all at once", "site by site"])
def world(
    counter: Callable[..., Counter],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Counter:
    """A server that gives all sites at once, and one that wants to be asked site by site."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SONNYS_ARCHIVE", str(tmp_path / "archive"))
    return counter(cars_per_day=25, sites=3, quirks=request.param)


def truth(world: Counter) -> Totals:
    """Each site's rows from its own midnight to its own midnight."""
    found: list[tuple[str, Decimal]] = []
    for code, zone in ZONES.items():
        start, stop = (
            int(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).timestamp())
            for day in (YESTERDAY, YESTERDAY + timedelta(days=1))
        )
        found += [(code, Decimal(row.total_cents) / 100) for row in world.sandbox.truth(start, stop, code, as_of=NOW)]
    return totals(found)


def test_yesterday_is_one_day_for_the_command_line_for_python_and_for_the_archive(world: Counter) -> None:
    day = truth(world)
    assert {"MAIN", "NORTH", "SOUTH"} <= day.keys()
    assert loaded(client_of(world, timezone="UTC")) != day, "or else this test shows nothing"
    assert loaded(client_of(world)) == day
    for code in ("MAIN", "NORTH", "SOUTH"):
        assert loaded(client_of(world), site=code) == {code: day[code]}

    assert main(["export", "yesterday", "--out", "day.ndjson"]) == 0
    rows = [json.loads(line, parse_float=Decimal) for line in Path("day.ndjson").read_text().splitlines()]
    assert totals((row.get("locationCode"), row["total"]) for row in rows) == day

    assert main(["sync", "--since", "yesterday", "--only-transactions"]) == 0
    archive = Archive("archive")
    query = "SELECT location_code, total FROM transactions WHERE business_date = ?"
    assert totals(archive.sql(query, [YESTERDAY]).fetchall()) == day


def test_the_report_says_which_days_came_and_counts_the_rows_of_other_days(world: Counter) -> None:
    with client_of(world).transactions.export(YESTERDAY, YESTERDAY) as export:
        rows = list(export)
    assert totals((row.location_code, row.total) for row in rows) == truth(world)
    report = export.report
    assert export.progress.rows == report.rows == len(rows)
    assert all(each.rows + each.other_days + each.doubles == each.total for each in report.windows)
    assert sum(each.other_days for each in report.windows) > 0
    assert report.days == export.progress.days
    assert report.days == "2026-11-22 (each site by its clock: America/Chicago, America/New_York, America/Denver)"
    named = client_of(world).transactions.export(YESTERDAY, YESTERDAY, sites=["north", "MAIN"])
    found = totals((row.location_code, row.total) for row in named)
    assert found == {code: total for code, total in truth(world).items() if code in ("NORTH", "MAIN")}
    assert {window.site for window in named.plan().windows} == {"NORTH", "MAIN"}


@pytest.mark.parametrize(("zone", "days"), [("Pacific/Kiritimati", 3), ("America/Chicago", 2)])
def test_since_covers_the_whole_local_day(
    zone: str, days: int, world: Counter, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """On Kiritimati the day begins at 10:00 UTC of the day before."""
    monkeypatch.setenv("SONNYS_TIMEZONE", zone)
    assert main(["sync", "--since", "2026-11-22", "--only-transactions", "--plan"]) == 0
    assert capsys.readouterr().out.startswith(f"{days} days to read: ")
