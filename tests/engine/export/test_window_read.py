"""How a window is read whole: pages in, rows out, and the proof."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.engine.export.window_read import Scope, WindowRead
from sonnys_data_client.engine.report import Gap, WindowReport
from sonnys_data_client.engine.windows import Window

WINDOW = Window(1_767_225_600, 1_767_312_000)  # 1 January 2026
INSIDE, EDGE = "2026-01-01T10:00:00.000Z", "2026-01-02T00:00:00.700Z"


def row(id: Any, at: str | None = INSIDE) -> dict[str, Any]:
    return {"id": id, "completeDate": at}


def rows(*ids: int) -> list[dict[str, Any]]:
    return [row(id) for id in ids]


def new_read(limit: int = 3) -> WindowRead:
    return WindowRead(Scope(WindowReport(WINDOW), 0, 9), WINDOW, limit)


def test_a_window_is_proved_by_its_total() -> None:
    one = new_read()
    assert not one.all_in
    assert one.accept(1, rows(1, 2, 3), 5, set()) == rows(1, 2, 3)
    assert (one.pages_known, one.all_in) == (2, False)
    assert one.accept(2, rows(4, 5), 5, set()) == rows(4, 5)
    assert one.all_in
    assert (one.total, one.torn()) == (5, None)
    assert (one.scope.report.rows, one.scope.report.doubles) == (5, 0)


def test_a_part_s_edge_second_counts_for_the_next_part() -> None:
    scope, (early, late) = Scope(WindowReport(WINDOW), 0, 9), WINDOW.halves()
    middle, stop = "2026-01-01T12:00:00.000Z", "2026-01-02T00:00:00.000Z"
    first, second = WindowRead(scope, early, 9), WindowRead(scope, late, 9)
    first.accept(1, [row(1), row(2, middle)], 2, set())
    second.accept(1, [row(2, middle), row(3, "2026-01-01T22:00:00.000Z"), row(4, stop)], 3, set())
    assert (first.total_share, second.total_share) == (1, 3), "the window's own edge is counted, as in one read"
    assert (first.torn(), second.torn()) == (None, None)
    unsaid = WindowRead(scope, early, 9)
    unsaid.accept(1, [row(2, middle)], None, set())
    assert unsaid.total_share is None


def test_an_empty_window_passes_with_nulls() -> None:
    one = new_read()
    assert one.accept(1, [], None, set()) == []
    assert (one.pages_known, one.all_in, one.total, one.torn()) == (1, True, 0, None)


def test_without_totals_a_page_that_is_not_full_is_the_last() -> None:
    one = new_read()
    one.accept(1, rows(1, 2, 3), None, set(), 3)
    assert (one.pages_known, one.all_in) == (2, False)
    one.accept(2, rows(4), None, set(), 3)
    assert one.all_in
    assert (one.total, one.torn()) == (None, None)


def test_without_totals_a_full_last_page_is_followed_by_an_empty_one() -> None:
    one = new_read()
    one.accept(1, rows(1, 2, 3), None, set())
    one.accept(2, [], None, set())
    assert (one.all_in, one.torn()) == (True, None)


def test_without_totals_pages_may_come_in_any_order() -> None:
    one = new_read()
    one.pages_guessed = 3
    one.accept(3, rows(7), None, set(), 3)
    assert not one.all_in
    one.accept(1, rows(1, 2, 3), None, set(), 3)
    one.accept(2, rows(4, 5, 6), None, set(), 3)
    assert (one.pages_known, one.all_in, one.torn()) == (3, True, None)


def test_a_page_past_the_end_contradicts_nothing() -> None:
    one = new_read()
    one.pages_guessed = 3
    one.accept(3, [], None, set())
    one.accept(1, rows(1, 2), 2, set())
    assert (one.all_in, one.torn()) == (True, None)


def test_a_hint_of_too_many_pages_is_dropped_with_the_first_answer() -> None:
    one = new_read()
    one.pages_guessed = 9
    assert one.pages_wanted == 9
    one.accept(1, rows(1, 2, 3), 4, set())
    assert one.pages_wanted == 2


@pytest.mark.parametrize(
    ("pages", "reason"),
    [
        ([(rows(1, 2, 3), 5), (rows(4, 5), 6)], "its pages disagree about the total (5, 6)"),
        ([(rows(1, 2, 3), 5), (rows(4, 5), None)], "its pages disagree about the total (5, None)"),
        ([(rows(1, 2, 3), 5), (rows(3, 4), 5)], "the server counts 5 rows and 4 different ones came"),
        ([(rows(1, 2, 3), 4), (rows(4, 5), 4)], "the server counts 4 rows and 5 different ones came"),
        ([(rows(1, 2, 3), None), (rows(3, 4), None)], "5 rows came and only 4 of them differ"),
    ],
)
def test_rows_that_moved_between_pages_are_noticed(pages: list[tuple[list[Any], int | None]], reason: str) -> None:
    one = new_read()
    for number, (found, total) in enumerate(pages, 1):
        one.accept(number, found, total, set(), 3)
    assert one.all_in
    assert one.torn() == reason


def test_a_total_that_shrinks_and_grows_is_torn_however_the_rows_add_up() -> None:
    one = new_read()
    one.accept(1, rows(1, 2, 3), 7, set())
    one.accept(2, rows(4, 5, 6), 6, set())
    assert one.all_in
    assert one.torn() is not None


def test_the_edge_second_counts_for_the_proof_and_is_left_to_the_next_window() -> None:
    one = new_read()
    fresh = one.accept(1, [row(1), row(2, EDGE)], 2, set())
    assert fresh == [row(1)]
    assert (one.torn(), one.scope.report.rows, one.scope.report.doubles) == (None, 1, 1)


def test_what_one_read_delivered_the_next_leaves_out() -> None:
    first = new_read()
    first.accept(1, rows(1, 2), 3, set())
    again = WindowRead(first.scope, WINDOW.halves()[0], 3)
    assert again.accept(1, rows(2, 3), 2, set()) == rows(3)
    assert (first.scope.report.rows, first.scope.report.doubles) == (3, 1)


def test_two_rows_without_an_id_are_two_rows() -> None:
    bare: list[Any] = [{"completeDate": INSIDE}, {"completeDate": INSIDE}, row(""), row(None), row([1]), "text"]
    one = new_read(limit=10)
    assert one.accept(1, bare, 6, set()) == bare
    assert one.torn() is None


def test_a_row_without_a_readable_time_is_delivered_once_in_the_whole_export() -> None:
    strays: set[Any] = set()
    one, next_day = new_read(), WindowRead(Scope(WindowReport(WINDOW), 1, 9), WINDOW, 3)
    lost = row(1, None)
    assert one.accept(1, [lost], 1, strays) == [lost]
    assert next_day.accept(1, [lost, row(2)], 2, strays) == [row(2)]
    assert next_day.torn() is None


def test_the_same_id_at_a_time_inside_is_no_stray() -> None:
    strays: set[Any] = {1}
    assert new_read().accept(1, rows(1), 1, strays) == rows(1)


def given_up(*found: dict[str, Any], strays: set[Any] | None = None) -> Scope:
    """A scope whose first read has delivered these rows, and was given up for its halves."""
    first = new_read(limit=99)
    first.accept(1, list(found), len(found) + 1, set() if strays is None else strays)
    first.scope.report.rereads = 2
    return first.scope


def proved(scope: Scope, *parts: list[dict[str, Any]]) -> None:
    """Prove the halves of a scope with these rows."""
    for window, part in zip(WINDOW.halves(), parts, strict=True):
        half = WindowRead(scope, window, 99)
        half.accept(1, part, len(part), set())
        assert half.torn() is None
        half.conclude()


MIDDLE, EVENING = "2026-01-01T12:00:00.000Z", "2026-01-01T20:00:00.000Z"


def test_what_was_delivered_and_no_proof_rests_on_is_withdrawn() -> None:
    scope = given_up(*rows(1, 2), row(3, EVENING))
    proved(scope, rows(2, 5), [row(3, EVENING)])
    assert scope.withdrawn(set()) == {1}
    assert (scope.report.rows, scope.report.total) == (4, 3)


def test_a_row_of_a_part_s_edge_second_is_the_next_part_s_to_prove() -> None:
    scope = given_up(row(1, MIDDLE), row(2, MIDDLE))
    proved(scope, [row(1, MIDDLE), row(2, MIDDLE)], [row(2, MIDDLE)])
    assert scope.withdrawn(set()) == {1}


def test_rows_without_an_id_and_rows_that_may_have_been_left_out_elsewhere_are_not_withdrawn() -> None:
    strays: set[Any] = set()
    scope = given_up(row(None), row(""), row(7, None), strays=strays)
    proved(scope, [], [])
    assert strays == {7}
    assert scope.withdrawn(strays) == frozenset()


def test_nothing_is_withdrawn_from_a_window_with_a_gap() -> None:
    scope = given_up(*rows(1, 2))
    proved(scope, rows(2), [])
    scope.report.gaps.append(Gap(WINDOW, "its job failed"))
    assert scope.withdrawn(set()) == frozenset()


def test_a_window_that_is_read_once_keeps_no_ids_for_it() -> None:
    one = new_read()
    one.accept(1, rows(1, 2), 2, set())
    one.conclude()
    assert (one.scope.report.total, one.scope.proved) == (2, set())
    assert one.scope.withdrawn(set()) == frozenset()


def test_a_report_without_gaps_is_complete() -> None:
    report = WindowReport(WINDOW)
    assert report.complete
    report.gaps.append(Gap(WINDOW, "its job failed"))
    assert not report.complete
    assert str(report.gaps[0]) == "2026-01-01 00:00:00Z to 2026-01-02 00:00:00Z: its job failed"
