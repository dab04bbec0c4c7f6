"""Whose rows a page holds: the window's that asked for them, or another's of the plan."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sonnys_data_client.engine.export.homes import Homes, misplaced
from sonnys_data_client.engine.jobs import Handle, JobAnswer, Page
from sonnys_data_client.engine.windows import DAY_S, Window

START = 1_794_268_800  # 2026-11-10 00:00 UTC
MONDAY, TUESDAY = Window(START, START + DAY_S), Window(START + DAY_S, START + 2 * DAY_S)
PLAN = Homes([TUESDAY, MONDAY])


def row(second: int | None, site: str | None = None) -> dict[str, Any]:
    date = None if second is None else datetime.fromtimestamp(second, UTC).isoformat()
    return {"completeDate": date, "locationCode": site}


def test_most_of_the_rows_decide() -> None:
    here, away = row(START + 60), row(START + DAY_S + 60)
    assert not PLAN.are_elsewhere([here, here, away], MONDAY)
    assert not PLAN.are_elsewhere([here, away], MONDAY)
    assert PLAN.are_elsewhere([here, away, away], MONDAY)
    assert PLAN.are_elsewhere([here], TUESDAY)


@pytest.mark.parametrize(
    "found", [[], [None, "text", {}], [row(None)], [row(START - 60)], [row(START + 2 * DAY_S + 60)]]
)
def test_rows_that_are_at_home_nowhere_say_nothing(found: list[Any]) -> None:
    assert not PLAN.are_elsewhere(found, MONDAY)


def test_rows_of_the_edge_second_come_with_both_windows() -> None:
    assert not PLAN.are_elsewhere([row(MONDAY.stop)] * 3, MONDAY)


def test_a_row_of_the_other_half_is_elsewhere() -> None:
    early, late = MONDAY.halves()
    assert not PLAN.are_elsewhere([row(early.start)], early)
    assert PLAN.are_elsewhere([row(late.start + 60)], early)
    assert PLAN.are_elsewhere([row(TUESDAY.start + 60)], late)


def test_a_row_that_names_another_site_of_the_plan_is_that_sites() -> None:
    plan = Homes([Window(START, START + DAY_S, code) for code in ("MAIN", "north", "")])
    main, shop = Window(START, START + DAY_S, "MAIN"), Window(START, START + DAY_S, "")
    assert plan.are_elsewhere([row(START, "NORTH")], main)
    assert not plan.are_elsewhere([row(START, " main ")], main)
    assert not plan.are_elsewhere([row(START, None), row(START, "SOUTH")], main), "no site of the plan"
    assert plan.are_elsewhere([row(START, "MAIN")], shop)
    assert not Homes([MONDAY]).are_elsewhere([row(START, "NORTH")], MONDAY), "a window of all sites"


def test_what_is_wrong_with_a_page() -> None:
    def wrong(window: Window, second: int) -> str | None:
        answer = JobAnswer("pass", [row(second)], 1, {})
        found = misplaced(Handle("h", Page(window), 0.0), answer, PLAN)
        return None if found is None else f"{found.asked}: {found.answered}"

    asked = f"rows from {MONDAY}"
    assert wrong(MONDAY, START) is None
    assert wrong(MONDAY, START + DAY_S + 1) == f"{asked}: rows of another window of this export"
    assert wrong(MONDAY, START + 9 * DAY_S) == f"{asked}: a row of 2026-11-19"
