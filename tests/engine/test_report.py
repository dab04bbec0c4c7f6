"""Reports of windows."""

from __future__ import annotations

from sonnys_data_client.engine.report import Gap, WindowReport
from sonnys_data_client.engine.windows import Window

WINDOW = Window(1_772_928_000, 1_773_014_400)


def test_a_window_is_complete_when_nothing_is_missing() -> None:
    report = WindowReport(WINDOW, total=3, rows=3)
    assert report.complete
    report.gaps.append(Gap(WINDOW, "its job failed"))
    assert not report.complete


def test_a_gap_says_where_and_why() -> None:
    gap = Gap(WINDOW, "its job failed")
    assert str(gap) == "2026-03-08 00:00:00Z to 2026-03-09 00:00:00Z: its job failed"


def test_reports_share_no_gaps() -> None:
    WindowReport(WINDOW).gaps.append(Gap(WINDOW, "its job failed"))
    assert WindowReport(WINDOW).gaps == []


def test_a_withdrawn_row_is_held_no_more_and_every_other_is() -> None:
    report = WindowReport(WINDOW, withdrawn=frozenset({"7", "8"}))
    rows = [{"id": "7"}, {"id": 8}, {"id": "8"}, {"id": ["7"]}, {"id": None}, {"id": ""}, {}, "7", None]
    assert [report.holds(row) for row in rows] == [False, False, False] + [True] * 6
