"""Worlds that are lists: ranges, sites, versions, and the promises of records."""

from __future__ import annotations

from dataclasses import replace

from sonnys_data_client.sandbox.world import ListedRecords, Records
from sonnys_data_client.sandbox.world.listed import ListWorld, make_row, make_site
from sonnys_data_client.sandbox.world.protocol import World
from tests.sandbox.records import (
    ANN,
    BOB,
    BOOK,
    CARD,
    GONE,
    JOINED,
    KIM,
    LOST_CARD,
    NOW_ON,
    PASS,
    PAUSED,
    RECORDS,
    SHIFT,
    SOLD,
    TALK,
    USED_UP,
)
from tests.sandbox.rig import DAY, NOW, TODAY, YESTERDAY

LISTED: Records = RECORDS


def test_without_anything_there_is_nothing() -> None:
    empty: Records = ListedRecords()
    assert not [*empty.items(), *empty.employees(), *empty.customers(as_of=NOW), *empty.accounts(0, TODAY, as_of=NOW)]
    assert empty.customer("41:1", as_of=NOW) is None
    assert empty.account("21:1", as_of=NOW) is None
    assert empty.washbook("61:1", as_of=NOW) is None


def test_ranges_hold_what_began_in_them() -> None:
    assert LISTED.accounts(JOINED, JOINED + DAY, as_of=NOW) == [PAUSED, GONE]
    assert LISTED.accounts(JOINED + DAY, TODAY, as_of=NOW) == []
    assert LISTED.washbooks(JOINED, JOINED + 1, as_of=NOW) == [BOOK, PASS, USED_UP]
    assert LISTED.gift_cards(YESTERDAY, TODAY, as_of=NOW) == [CARD, LOST_CARD]
    assert LISTED.outcomes(YESTERDAY, YESTERDAY + 50_500, as_of=NOW) == [TALK]
    assert LISTED.outcomes(YESTERDAY, TODAY, as_of=NOW) == [TALK, SOLD]
    assert [change.new for change in LISTED.status_changes(YESTERDAY, TODAY + 30 * DAY, as_of=NOW)] == ["Suspended"]
    assert LISTED.modified(YESTERDAY, TODAY, as_of=NOW) == [PAUSED]
    assert LISTED.clock_entries(101, YESTERDAY, TODAY + DAY, as_of=NOW) == [SHIFT, NOW_ON]
    assert LISTED.clock_entries(101, TODAY, TODAY + DAY, as_of=NOW) == [NOW_ON]


def test_nothing_is_known_before_it_happens() -> None:
    before = JOINED - 1
    assert LISTED.customers(as_of=before) == []
    assert LISTED.customer("41:1", as_of=before) is None
    assert LISTED.accounts(0, TODAY, as_of=before) == []
    assert LISTED.washbook("61:1", as_of=before) is None
    assert LISTED.gift_cards(0, TODAY, as_of=before) == []
    assert LISTED.recharges(PAUSED, as_of=before) == []
    assert LISTED.clock_entries(101, 0, TODAY, as_of=YESTERDAY) == []


def test_ids_find_their_own() -> None:
    assert LISTED.customer("42:2", as_of=NOW) == BOB
    assert LISTED.account("25:2", as_of=NOW) == GONE
    assert LISTED.washbook("62:2", as_of=NOW) == PASS
    assert LISTED.customers(as_of=NOW) == [ANN, BOB]
    assert len(LISTED.recharges(PAUSED, as_of=NOW)) == 1
    assert LISTED.recharges(GONE, as_of=NOW) == []
    assert KIM in LISTED.employees()
    assert len(LISTED.items()) == 2


MAIN, SHOP = make_site(1, "MAIN"), make_site(2, "")


def test_a_range_is_half_open_and_in_order() -> None:
    rows = [make_row(3, MAIN, 12_000, 1), make_row(1, MAIN, 10_999, 1), make_row(2, MAIN, 10_000, 1)]
    world: World = ListWorld([MAIN], rows)
    assert [row.id for row in world.transactions(10, 12, as_of=99.0)] == ["2:1", "1:1"]
    assert [row.id for row in world.transactions(12, 13, as_of=99.0)] == ["3:1"]


def test_a_site_has_its_own_rows() -> None:
    world = ListWorld([MAIN, SHOP], [make_row(1, MAIN, 10_000, 1), make_row(1, SHOP, 10_000, 2)])
    assert [row.id for row in world.transactions(0, 99, site="", as_of=0.0)] == ["1:2"]
    assert [row.id for row in world.transactions(0, 99, as_of=0.0)] == ["1:1", "1:2"]
    assert [site.is_virtual for site in world.sites] == [False, True]


def test_the_newest_visible_version_counts() -> None:
    world = ListWorld([MAIN], [make_row(1, MAIN, 10_000, 100, 50.0), make_row(1, MAIN, 10_000, 200, 60.0)])
    assert world.transactions(0, 99, as_of=49.0) == []
    assert [row.total_cents for row in world.transactions(0, 99, as_of=59.0)] == [100]
    assert [row.total_cents for row in world.transactions(0, 99, as_of=60.0)] == [200]
    found = world.transaction("1:1", as_of=60.0)
    assert found is not None
    assert found.total_cents == 200
    assert world.transaction("1:1", as_of=49.0) is None


def test_an_offer_and_a_status_change_are_known_as_the_server_learns_of_them() -> None:
    taken = replace(TALK, is_converted=True, visible_from=NOW - 60.0)
    world = ListedRecords(all_outcomes=[TALK, taken])
    start, stop = TALK.at_ms // 1000, TALK.at_ms // 1000 + 1
    assert world.outcomes(start, stop, as_of=NOW - 61) == [TALK]
    assert world.outcomes(start, stop, as_of=NOW) == [taken]
    late = replace(PAUSED.status_changes[0], visible_from=NOW - 60.0)
    world = ListedRecords(all_accounts=[replace(PAUSED, status_changes=(late,))])
    assert world.status_changes(YESTERDAY, TODAY, as_of=NOW - 61) == []
    assert world.status_changes(YESTERDAY, TODAY, as_of=NOW) == [late]
