"""A range as each site's own days: which rows belong to it, and what the report says of the others."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.engine.effects import Flow, deliver
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.local_days import LocalDays, only_own
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.sites import SiteZones
from sonnys_data_client.engine.windows import Span, Window, span_at
from tests.engine.flows import NOON, play

ZONES = SiteZones.of([("MAIN", "America/Chicago"), ("SOUTH", "America/Chicago"), ("EAST", "America/New_York")])
CHICAGO, NEW_YORK = ZoneInfo("America/Chicago"), ZoneInfo("America/New_York")


def days(first: str = "2026-11-20", last: str = "2026-11-20") -> LocalDays:
    spans = {code: span_at(first, last, zone, NOON) for code, zone in ZONES.zones.items()}
    return LocalDays.at_sites(spans["main"], spans, ZONES)


def row(code: Any, text: str, zone: Any = UTC) -> dict[str, Any]:
    moment = datetime.fromisoformat(text).replace(tzinfo=zone).astimezone(UTC)
    return {"id": text, "locationCode": code, "completeDate": moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")}


@pytest.mark.parametrize(
    ("code", "text", "zone", "own"),
    [
        ("MAIN", "2026-11-20T00:00:00", CHICAGO, True),
        ("MAIN", "2026-11-20T23:59:59", CHICAGO, True),
        ("MAIN", "2026-11-19T23:59:59", CHICAGO, False),
        ("EAST", "2026-11-20T00:00:00", NEW_YORK, True),
        ("east ", "2026-11-20T23:59:59", NEW_YORK, True),
        ("EAST", "2026-11-21T00:00:00", NEW_YORK, False),
        ("not listed", "2026-11-20T00:00:00", CHICAGO, True),
        (None, "2026-11-19T23:30:00", CHICAGO, False),
        ("EAST", "2026-11-30T00:00:00", NEW_YORK, True),  # far away: the export says what is wrong with it
    ],
)
def test_a_row_belongs_to_the_day_of_its_own_site(code: Any, text: str, zone: Any, own: bool) -> None:
    assert days().owns(row(code, text, zone)) is own


def test_a_row_that_says_no_time_is_kept() -> None:
    assert days().owns({"id": 1})
    assert days().owns("not a row")


def test_the_whole_range_takes_in_every_site_s_day() -> None:
    assert days().span == Span(
        int(datetime(2026, 11, 20, tzinfo=NEW_YORK).timestamp()),
        int(datetime(2026, 11, 21, tzinfo=CHICAGO).timestamp()),
        one_day=True,
    )
    assert len(days().windows(None)) == 2
    assert [window.length_s for window in days().windows(["MAIN", "EAST"])] == [86_400, 86_400]


def test_sites_in_one_zone_are_read_without_looking_at_rows() -> None:
    same = LocalDays.at_sites(days().usual, {"main": days().usual}, ZONES)
    assert same.span == days().usual
    assert same.owns(row("MAIN", "2026-11-19T23:59:59", CHICAGO))


def test_a_day_that_has_not_begun_at_some_site_takes_nothing_of_it() -> None:
    wall = datetime(2026, 11, 20, 0, 30, tzinfo=NEW_YORK).timestamp()
    usual = span_at("2026-11-20", "2026-11-20", NEW_YORK, wall)
    today = LocalDays.at_sites(usual, {"main": span_at("2026-11-20", "2026-11-20", CHICAGO, wall)}, ZONES)
    assert today.span == usual
    assert not today.owns(row("MAIN", "2026-11-20T00:10:00", NEW_YORK))


def test_what_was_left_out_is_counted_and_the_report_says_which_days_it_is_about() -> None:
    window, progress = Window(days().span.start, days().span.stop), Progress(rows=3)
    rows = [row("MAIN", f"2026-11-{text}", CHICAGO) for text in ("20T01:00:00", "20T02:00:00", "19T23:10:00")]

    def export() -> Flow[Report]:
        yield from deliver(rows, window)
        return Report([WindowReport(window, total=3, rows=3)])

    run = play(only_own(export(), days(), progress), [])
    report = run.got()
    assert [each["id"] for each in run.delivered] == ["2026-11-20T01:00:00", "2026-11-20T02:00:00"]
    assert (report.rows, report.windows[0].other_days, report.windows[0].total, progress.rows) == (2, 1, 3, 2)
    assert report.days == "2026-11-20 (each site by its clock: America/Chicago, America/New_York)"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (span_at("2026-11-20", "2026-11-20", CHICAGO, NOON), "2026-11-20 (America/Chicago)"),
        (span_at("2026-11-20", "2026-11-21", CHICAGO, NOON), "2026-11-20 to 2026-11-21 (America/Chicago)"),
        (
            span_at("2026-11-20T06:00", "2026-11-23", CHICAGO, NOON),
            "2026-11-20 06:00:00 to 2026-11-23 05:59:54 (America/Chicago)",
        ),
    ],
)
def test_days_in_words(span: Span, words: str) -> None:
    assert str(LocalDays.everywhere(span, CHICAGO)) == words
