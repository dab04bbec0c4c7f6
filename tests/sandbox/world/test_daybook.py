"""A finished day: numbering, late rows and changed rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import cache

import pytest

from sonnys_data_client.sandbox.world import Population, Transaction, WorldConfig
from sonnys_data_client.sandbox.world.daybook import DayBook, RowAddress
from sonnys_data_client.sandbox.world.days import LocalDay
from sonnys_data_client.sandbox.world.prepaid import PrepaidGoods
from sonnys_data_client.sandbox.world.sites import found_plants
from sonnys_data_client.sandbox.world.trade import day_of_trade

CONFIG = WorldConfig()
PLANT = found_plants(CONFIG)[0]
PEOPLE = Population(CONFIG.seed, PLANT)
GOODS = PrepaidGoods(CONFIG.seed, PLANT)
DAY = LocalDay.of(date(2026, 9, 12), PLANT.zone)
FOREVER = 1e12
TWO_DAYS_S = 48 * 3600


@cache
def book(late_share: float = 0.0, edit_share: float = 0.0, hours: float | None = None) -> DayBook:
    config = replace(CONFIG, late_share=late_share, edit_share=edit_share)
    if hours is not None:
        config = replace(config, late_hours=hours, edit_hours=hours)
    tickets = day_of_trade(config, PLANT, PEOPLE, GOODS, DAY)
    return DayBook(config, PLANT.site, DAY.on, tickets)


def first_versions(each: DayBook) -> list[Transaction]:
    """Every row as it first became known."""
    found: list[Transaction] = []
    for index in range(len(each)):
        last = each.row(index, FOREVER)
        assert last is not None
        earlier = each.row(index, last.visible_from - 0.001)
        found.append(earlier or last)
    return found


def last_versions(each: DayBook) -> list[Transaction]:
    return list(each.slice(DAY.start_ms, DAY.end_ms, FOREVER))


def without_hearsay(row: Transaction) -> Transaction:
    return replace(row, visible_from=0.0)


def test_rows_are_numbered_in_order_of_completion() -> None:
    rows = last_versions(book())
    assert [row.completed_ms for row in rows] == sorted(row.completed_ms for row in rows)
    assert [row.number for row in rows] == list(range(rows[0].number, rows[0].number + len(rows)))
    assert [row.id for row in rows] == sorted(row.id for row in rows)


def test_an_id_leads_to_its_row() -> None:
    each = book()
    for index, row in enumerate(last_versions(each)):
        address = RowAddress.parse(row.id)
        assert address == RowAddress(PLANT.site.id, DAY.on, index)
        assert each.row(index, FOREVER) is row


def test_an_ids_digits_are_not_the_ticket_number() -> None:
    assert not {row.id.split(":")[0] for row in last_versions(book())} & {
        str(row.number) for row in last_versions(book())
    }


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "1",
        "1:1",
        "999:999",
        "73987100000",
        "x:1",
        "073987100000:1",
        "٣:1",
        "9" * 15 + ":1",
        "9" * 99,
    ],
)
def test_what_is_no_id_leads_nowhere(text: str) -> None:
    assert RowAddress.parse(text) is None


def test_a_row_out_of_the_book_is_none() -> None:
    each = book()
    assert each.row(len(each), FOREVER) is None


def test_a_slice_is_half_open() -> None:
    each, rows = book(), last_versions(book())
    at = rows[100].completed_ms
    assert at < rows[150].completed_ms
    cut = each.slice(at, rows[150].completed_ms, FOREVER)
    assert cut == [row for row in rows if at <= row.completed_ms < rows[150].completed_ms]


def test_prompt_rows_are_known_within_seconds_and_not_before_they_happen() -> None:
    for row in last_versions(book()):
        assert 0 < row.visible_from - row.completed_ms / 1000 < 5


def test_late_rows_come_hours_to_two_days_after() -> None:
    for row in last_versions(book(late_share=1.0)):
        assert 2 * 3600 <= row.visible_from - row.completed_ms / 1000 <= TWO_DAYS_S


def test_a_late_row_is_missing_until_it_comes() -> None:
    each = book(late_share=0.1)
    rows = last_versions(each)
    end = DAY.end_ms / 1000 + 60
    known = each.slice(DAY.start_ms, DAY.end_ms, end)
    assert list(known) == [row for row in rows if row.visible_from <= end]
    assert 0 < len(rows) - len(known) < 0.15 * len(rows)
    assert each.slice(DAY.start_ms, DAY.end_ms, DAY.end_ms / 1000 + TWO_DAYS_S) == rows


def test_an_edited_row_changes_later_and_keeps_its_place() -> None:
    each = book(edit_share=1.0)
    firsts, lasts = first_versions(each), last_versions(each)
    for first, last in zip(firsts, lasts, strict=True):
        assert (first.id, first.number, first.completed_ms) == (last.id, last.number, last.completed_ms)
        assert 300 <= last.visible_from - first.visible_from <= 24 * 3600
        assert without_hearsay(first) != without_hearsay(last)
    kinds = {(first.status, last.status) for first, last in zip(firsts, lasts, strict=True)}
    assert kinds >= {("Completed", "Voided"), ("Suspended", "Completed")}


def test_how_late_rows_and_changes_come_can_be_set() -> None:
    late, edited = book(late_share=1.0, hours=240), book(edit_share=1.0, hours=240)
    delays = [row.visible_from - row.completed_ms / 1000 for row in last_versions(late)]
    assert 230 * 3600 < max(delays) <= 240 * 3600
    waits = [
        last.visible_from - first.visible_from
        for first, last in zip(first_versions(edited), last_versions(edited), strict=True)
    ]
    assert min(waits) < 6 * 3600
    assert 230 * 3600 < max(waits) <= 240 * 3600


def test_what_moved_an_account_is_never_voided_afterwards() -> None:
    lasts = last_versions(book(edit_share=1.0))
    moved = [row for row in lasts if row.is_recurring_payment or row.is_plan_sale_v2 or row.is_prepaid_sale]
    moved += [row for row in lasts if row.is_prepaid_redemption]
    assert len(moved) > 30
    assert {row.status for row in moved} == {"Completed"}


def test_an_edited_void_is_struck_out() -> None:
    for row in last_versions(book(edit_share=1.0)):
        if row.status == "Voided":
            assert (row.total_cents, row.discounts) == (0, ())
            assert all(item.is_voided for item in row.items)
            assert sum(tender.total_cents for tender in row.tenders) == 0


def test_a_book_tells_the_version_of_the_moment() -> None:
    each = book(late_share=0.2, edit_share=0.5)
    moment = DAY.end_ms / 1000 - 3600
    told = {row.id: row for row in each.slice(DAY.start_ms, DAY.end_ms, moment)}
    for index, (first, last) in enumerate(zip(first_versions(each), last_versions(each), strict=True)):
        expected = last if last.visible_from <= moment else first if first.visible_from <= moment else None
        assert told.get(first.id) == expected == each.row(index, moment)


def test_lateness_and_edits_change_nothing_else() -> None:
    calm, late, edited = book(), book(late_share=1.0), book(edit_share=0.3)
    rows = [without_hearsay(row) for row in last_versions(calm)]
    assert [without_hearsay(row) for row in last_versions(late)] == rows
    same = sum(without_hearsay(a) == b for a, b in zip(last_versions(edited), rows, strict=True))
    assert 0.7 <= same / len(rows) < 0.95


def test_an_empty_day_has_no_rows() -> None:
    empty = DayBook(CONFIG, PLANT.site, DAY.on, [])
    assert len(empty) == 0
    assert empty.slice(0, 10**15, FOREVER) == []
