"""The plan of an export: its windows, and what they should cost."""

from __future__ import annotations

import pytest

from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.plan import Plan, cut, expect, remember
from sonnys_data_client.engine.report import Gap, WindowReport
from sonnys_data_client.engine.windows import DAY_S, Span, Window

START = 20_454 * DAY_S


def span(days: float) -> Span:
    return Span(START, START + int(days * DAY_S), one_day=False)


def test_all_sites_together_take_one_window_a_day() -> None:
    assert cut(span(2.5), None) == [
        Window(START, START + DAY_S),
        Window(START + DAY_S, START + 2 * DAY_S),
        Window(START + 2 * DAY_S, START + int(2.5 * DAY_S)),
    ]


def test_sites_take_turns_day_by_day() -> None:
    windows = cut(span(2), ["WEST", "EAST"])
    assert [(window.start, window.site) for window in windows] == [
        (START, "EAST"),
        (START, "WEST"),
        (START + DAY_S, "EAST"),
        (START + DAY_S, "WEST"),
    ]


def plan(windows: list[Window], *, site_day: float | None = None, day: float | None = None, sites: int = 0) -> Plan:
    findings = Findings(rows_a_site_day=site_day, rows_a_day=day, sites=[{}] * sites if sites else None)
    return expect(windows, findings, 20, 15.0)


def test_an_empty_span_has_no_windows_and_costs_nothing() -> None:
    nothing = plan(cut(span(0), None))
    assert (nothing.windows, nothing.pages, nothing.requests, nothing.minutes) == ([], 0, 0, 0.0)


def test_what_is_expected_is_two_requests_a_page_at_the_throttles_pace() -> None:
    month = plan(cut(span(30), None), day=1950.0)
    assert (month.pages, month.requests, month.learnt) == (30 * 20, 1200, True)
    assert month.minutes == pytest.approx(15 * 59 / 60)


def test_requests_that_come_besides_are_part_of_the_cost() -> None:
    cost = expect(cut(span(1), None), Findings(rows_a_day=1000.0), 20, 15.0, besides=6)
    assert (cost.pages, cost.requests, cost.minutes) == (10, 26, 0.25)


def test_a_named_site_counts_for_itself_and_all_sites_for_as_many_as_there_are() -> None:
    assert plan(cut(span(1), ["MAIN"]), site_day=130.0, sites=15).pages == 2
    assert plan(cut(span(1), None), site_day=130.0, sites=15).pages == 20


def test_what_was_seen_of_all_sites_together_does_not_depend_on_how_many_there_are() -> None:
    assert plan(cut(span(1), None), day=450.0, sites=15).pages == 5


def test_a_part_of_a_day_has_a_part_of_its_rows() -> None:
    assert plan(cut(span(0.5), None), day=400.0).pages == 2


def test_a_plan_reads_as_a_sentence() -> None:
    assert str(plan(cut(span(1), None))) == (
        "1 window, about 5 pages, 10 requests, 0.0 min (assuming 450 rows a site and day)"
    )
    assert str(plan(cut(span(1), None), day=130.0)).endswith("(as seen before)")


def test_only_complete_windows_teach() -> None:
    findings = Findings()
    torn = WindowReport(Window(START, START + DAY_S), rows=7, gaps=[Gap(Window(START, START + DAY_S), "torn")])
    half = WindowReport(Window(START, START + DAY_S // 2), rows=300)
    site = WindowReport(Window(START, START + DAY_S, "MAIN"), rows=200)
    remember([torn, half, site], findings)
    assert (findings.rows_a_day, findings.rows_a_site_day) == (600.0, 200.0)
    remember([torn], findings)
    assert (findings.rows_a_day, findings.rows_a_site_day) == (600.0, 200.0)


def test_a_plan_shows_its_figures_in_one_line() -> None:
    one = Plan([Window(START, START + DAY_S)], 1, 2, 0.0, learnt=True)
    assert repr(one) == "Plan(1 window, about 1 page, 2 requests, 0.0 min (as seen before))"
    html = Plan([Window(START, START + DAY_S)], 1200, 2400, 30.0, learnt=False)._repr_html_()
    assert "<th>requests, about</th><td>2,400</td>" in html
    assert "450 rows a site and day" in html
