"""What an export will ask for, and what it should cost."""

from __future__ import annotations

import pytest

from sonnys_data_client.engine.plan import cut, expect
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


def test_an_empty_span_has_no_windows_and_costs_nothing() -> None:
    plan = expect(cut(span(0), None), 15, None, 20, 15.0)
    assert (plan.windows, plan.pages, plan.requests, plan.minutes) == ([], 0, 0, 0.0)


def test_what_is_expected_is_two_requests_a_page_at_the_throttles_pace() -> None:
    plan = expect(cut(span(30), None), 15, 130.0, 20, 15.0)
    assert (plan.pages, plan.requests, plan.learnt) == (30 * 20, 1200, True)
    assert plan.minutes == pytest.approx(15 * 59 / 60)


def test_a_named_site_counts_for_itself() -> None:
    assert expect(cut(span(1), ["MAIN"]), 15, 130.0, 20, 15.0).pages == 2


def test_a_part_of_a_day_has_a_part_of_its_rows() -> None:
    assert expect(cut(span(0.5), None), 1, 400.0, 20, 15.0).pages == 2


def test_a_plan_reads_as_a_sentence() -> None:
    assert str(expect(cut(span(1), None), 1, None, 20, 15.0)) == (
        "1 windows, about 5 pages, 10 requests, 0.0 min (450 rows a site and day, assumed)"
    )
    assert "(130 rows a site and day, seen before)" in str(expect(cut(span(1), None), 1, 130.0, 20, 15.0))
