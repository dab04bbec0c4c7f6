"""The world that is a list: ranges, sites, versions."""

from __future__ import annotations

from sonnys_data_client.sandbox.world.protocol import World
from sonnys_data_client.testing.world import ListWorld, make_row, make_site

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
