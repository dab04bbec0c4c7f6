"""A snapshot table's name shows the newest snapshot, and a join with the sites keeps every row, once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.rows import Calendars
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.views import NAME
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.sync.preview import archive_warnings
from tests.archive.rig import DAY, NOON, PARTITION, archive_at, file_of, put, rows
from tests.types.rows import job_row

SETTINGS = SyncSettings(account="main", start=DAY + timedelta(days=14))
NIGHTS = [DAY + timedelta(days=night) for night in range(4)]
SITES = [
    {"siteID": 1, "code": "MAIN", "name": "Main Street", "timezone": "America/Chicago"},
    {"siteID": 2, "code": "", "name": "Web Shop", "timezone": None},
]

Ask = Callable[[Archive, str], list[tuple[Any, ...]]]


def by_sql(archive: Archive, query: str) -> list[tuple[Any, ...]]:
    """Ask as Python does."""
    return archive.sql(query).fetchall()


def by_tool(archive: Archive, query: str) -> list[tuple[Any, ...]]:
    """Ask as a BI tool does."""
    archive.write_views()
    with duckdb.connect(str(Path(archive.address, NAME)), read_only=True) as database:
        return database.execute(query).fetchall()


def sites_of(archive: Archive, account: str, night: date, *rows: dict[str, Any]) -> None:
    """Take a snapshot of an account's sites."""
    put(archive, rows, Partition("sites", account, night))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Three sales of a site and two of its web shop, and the sites of four nights."""
    archive = archive_at(tmp_path)
    put(archive, [*rows(3, locationCode="MAIN", total=10), *rows(2, first=10, locationCode="", total=2.5)])
    for night in NIGHTS:
        sites_of(archive, "main", night, *SITES)
    return archive


@pytest.mark.parametrize("ask", [by_sql, by_tool])
def test_four_nights_of_sites_do_not_multiply_revenue_and_the_web_shop_is_in_it(archive: Archive, ask: Ask) -> None:
    join = "transactions JOIN sites ON sites.account = transactions.account AND code = location_code"
    query = f"SELECT name, sum(total) FROM {join} GROUP BY ALL ORDER BY ALL"  # noqa: S608
    assert ask(archive, query) == [("Main Street", Decimal(30)), ("Web Shop", Decimal(5))]
    assert ask(archive, "SELECT sum(total) FROM transactions") == [(Decimal(35),)]


@pytest.mark.parametrize("ask", [by_sql, by_tool])
def test_the_newest_snapshot_is_each_account_s_own_even_an_empty_one(archive: Archive, ask: Ask) -> None:
    sites_of(archive, "other", NIGHTS[0], SITES[0], SITES[1])
    sites_of(archive, "other", NIGHTS[1], SITES[0])
    sites_of(archive, "closed", NIGHTS[0], SITES[0])
    sites_of(archive, "closed", NIGHTS[1])
    archive.accept(NIGHTS[1])  # a site that leaves the list is disputed
    query = "SELECT account, date, count(*) FROM sites GROUP BY ALL ORDER BY ALL"
    assert ask(archive, query) == [("main", NIGHTS[3], 2), ("other", NIGHTS[1], 1)]
    history = "SELECT account, count(*), count(DISTINCT date) FROM sites_history GROUP BY ALL ORDER BY ALL"
    assert ask(archive, history) == [("closed", 1, 1), ("main", 8, 4), ("other", 3, 2)]


def test_a_sync_that_takes_a_snapshot_meanwhile_changes_no_answer(archive: Archive) -> None:
    answer = archive.sql("SELECT count(*) FROM sites")
    sites_of(archive, "main", NIGHTS[3] + timedelta(days=1), *SITES, {"siteID": 3, "code": "NEW", "name": "New"})
    assert answer.fetchall() == [(2,)]
    assert by_sql(archive, "SELECT count(*) FROM sites") == [(3,)]


def test_the_web_shop_has_another_code_if_the_archive_says_so_and_raw_keeps_what_came(archive: Archive) -> None:
    query = "SELECT DISTINCT location_code, raw->>'locationCode' FROM transactions ORDER BY ALL"
    assert by_sql(archive, query) == [("MAIN", "MAIN"), ("WEB", "")]
    archive.name_web_shop("O'Line")
    assert by_sql(archive, query) == [("MAIN", "MAIN"), ("O'Line", "")]
    assert by_sql(archive, "SELECT code, raw->>'code' FROM sites WHERE site_id = 2") == [("O'Line", "")]
    items = "SELECT DISTINCT location_code FROM transaction_items ORDER BY ALL"
    assert by_sql(archive, items) == [("MAIN",), ("O'Line",)]
    archive.compact()
    assert by_tool(archive, query) == [("MAIN", "MAIN"), ("O'Line", "")]


def test_the_time_and_the_hour_by_the_clock_of_the_site_stand_beside_the_business_date(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    calendars = Calendars({"MAIN": ZoneInfo("America/Chicago")}, ZoneInfo("Asia/Kathmandu"))
    raw = [
        job_row(id="1:1", number=1, completeDate="2026-03-09T04:59:59.250Z", locationCode="MAIN"),
        job_row(id="2:1", number=2, completeDate="2026-03-09T20:30:00.000Z", locationCode=None),
    ]
    put(archive, raw, calendars=calendars)
    query = "SELECT business_date, transaction_local_time, hour FROM transactions ORDER BY number"
    expected = [
        (date(2026, 3, 8), datetime(2026, 3, 8, 23, 59, 59, 250000), 23),  # noqa: DTZ001
        (date(2026, 3, 10), datetime(2026, 3, 10, 2, 15), 2),  # noqa: DTZ001
    ]
    assert archive.sql(query).fetchall() == expected
    items = query.replace("transactions", "transaction_items WHERE position = 1").replace("number", "trans_id")
    assert archive.sql(items).fetchall() == expected
    with archive.writing() as writer:  # needs no site list: the file has the clocks
        writer.doubt(PARTITION, "for a reason")
    assert archive.sql(query).fetchall() == expected


def test_an_hour_that_comes_twice_is_told_by_the_instant(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    autumn = replace(PARTITION, day=date(2025, 11, 2))
    raw = [job_row(id=f"{utc}:1", number=utc, completeDate=f"2025-11-02T0{utc}:30:00.000Z") for utc in (6, 7)]
    put(archive, raw, autumn, calendars=Calendars(default=ZoneInfo("America/Chicago")))
    query = "SELECT complete_date, transaction_local_time, hour FROM transactions ORDER BY number"
    at = datetime(2025, 11, 2, 1, 30)  # noqa: DTZ001
    assert archive.sql(query).fetchall() == [(datetime(2025, 11, 2, utc, 30, tzinfo=UTC), at, 1) for utc in (6, 7)]


@pytest.mark.parametrize("code", ["", "  ", "MAIN", " main "])
def test_a_code_that_a_site_has_is_none_for_the_web_shop(archive: Archive, code: str) -> None:
    with pytest.raises(ValidationError):
        archive.name_web_shop(code)
    assert archive.sql("SELECT DISTINCT location_code FROM transactions ORDER BY ALL").fetchall() == [
        ("MAIN",),
        ("WEB",),
    ]


def test_a_site_that_gets_the_code_of_the_web_shop_is_told(archive: Archive) -> None:
    assert archive.web_shop_warnings() == []
    sites_of(archive, "main", NIGHTS[3] + timedelta(days=1), *SITES, {"siteID": 3, "code": "web", "name": "Webster"})
    (warning,) = archive.web_shop_warnings()
    assert "site 'Webster' of main has the code 'WEB'" in warning
    assert warning in map(str, archive.check())
    archive.name_web_shop("ONLINE")
    assert archive.web_shop_warnings() == []
    assert archive.check() == []


def test_a_damaged_list_of_sites_is_a_warning_and_no_failure_of_a_sync(archive: Archive) -> None:
    assert archive_warnings(archive, SETTINGS, NOON) == []
    file_of(archive, Partition("sites", "main", NIGHTS[3])).write_bytes(b"rubbish")
    (warning,) = archive_warnings(archive, SETTINGS, NOON)
    assert "sonnys archive check" in warning
