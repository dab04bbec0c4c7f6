"""The plan of an export: its windows, and what they should cost."""

from __future__ import annotations

import pytest

from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.plan import Plan, expect, remember
from sonnys_data_client.engine.report import Gap, WindowReport
from sonnys_data_client.engine.windows import DAY_S, Span, Window

START = 20_454 * DAY_S


def span(days: float) -> Span:
    return Span(START, START + int(days * DAY_S), one_day=False)


def plan(windows: list[Window], *, site_day: float | None = None, day: float | None = None, sites: int = 0) -> Plan:
    findings = Findings(rows_a_site_day=site_day, rows_a_day=day, sites=[{}] * sites if sites else None)
    return expect(windows, findings, 20, 15.0)


def test_an_empty_span_has_no_windows_and_costs_nothing() -> None:
    nothing = plan([*span(0).windows()])
    assert (nothing.windows, nothing.pages, nothing.requests, nothing.minutes) == ([], 0, 0, 0.0)


def test_what_is_expected_is_two_requests_a_page_at_the_throttles_pace() -> None:
    month = plan([*span(30).windows()], day=1950.0)
    assert (month.pages, month.requests, month.learnt) == (30 * 20, 1200, True)
    assert month.minutes == pytest.approx(15 * 59 / 60)


def test_requests_that_come_besides_are_part_of_the_cost() -> None:
    cost = expect([*span(1).windows()], Findings(rows_a_day=1000.0), 20, 15.0, besides=6)
    assert (cost.pages, cost.requests, cost.minutes) == (10, 26, 0.25)


def test_a_named_site_counts_for_itself_and_all_sites_for_as_many_as_there_are() -> None:
    assert plan([*span(1).windows("MAIN")], site_day=130.0, sites=15).pages == 2
    assert plan([*span(1).windows()], site_day=130.0, sites=15).pages == 20


def test_what_was_seen_of_all_sites_together_does_not_depend_on_how_many_there_are() -> None:
    assert plan([*span(1).windows()], day=450.0, sites=15).pages == 5


def test_a_part_of_a_day_has_a_part_of_its_rows() -> None:
    assert plan([*span(0.5).windows()], day=400.0).pages == 2


def test_a_plan_reads_as_a_sentence() -> None:
    basis = "assuming 450 rows a day of 1 site, as their number is not known"
    assert str(plan([*span(1).windows()])) == f"1 window, about 5 pages, 10 requests, 0.0 min ({basis})"
    assert str(plan([*span(1).windows()], day=130.0)).endswith("(as seen before)")


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
    assert "assuming 450 rows a day of 1 site" in html


def test_fifteen_sites_take_as_long_as_they_do() -> None:
    """Half a year of 15 sites is hours, and not the minutes of one site."""
    half_a_year = plan([*span(181).windows()], sites=15)
    assert str(half_a_year).endswith("5.1 h (assuming 450 rows a day of 15 sites)")
    assert plan([*span(181).windows()]).minutes < half_a_year.minutes / 13
