"""Rows of several sites, and the two caches."""

from __future__ import annotations

from sonnys_data_client.sandbox import Quirks
from tests.sandbox.rig import NOW, SITES, YESTERDAY, SandboxRig, wash, world_of


def test_rows_of_some_sites_come_in_one_order() -> None:
    rows = [wash(n, YESTERDAY + n // 2, SITES[n % 3]) for n in range(30)]
    world = world_of(rows)
    for quirks, turned in ((Quirks(), False), (Quirks(order="newest"), True)):
        office = SandboxRig(world, quirks=quirks).sandbox._office
        expected = [r for r in world.transactions(YESTERDAY, YESTERDAY + 60, as_of=NOW) if r.site_code != "NORTH"]
        found = office.rows(["MAIN", ""], YESTERDAY, YESTERDAY + 59, as_of=NOW)
        assert list(found) == (expected[::-1] if turned else expected)


def test_bodies_at_hand_are_bounded() -> None:
    office = SandboxRig().sandbox._office
    for number in range(200):
        office.keep_body(str(number), b"x")
    assert office.body_of("199") == b"x"
    assert office.body_of("0") is None
    assert len(office._bodies) <= 64


def test_answers_are_repeated_until_they_expire() -> None:
    office = SandboxRig().sandbox._office
    office.cache(("a",), b"1", NOW + 600)
    office.cache(("b",), b"2", NOW + 3600)
    assert office.cached(("a",), NOW + 599.9) == b"1"
    assert office.cached(("a",), NOW + 600) is None
    assert office.cached(("b",), NOW + 600) == b"2"
    assert office.cached(("c",), NOW) is None


def test_answers_at_hand_are_bounded() -> None:
    office = SandboxRig().sandbox._office
    for number in range(1000):
        office.cache((number,), b"x", NOW + 600)
    assert office.cached((999,), NOW) == b"x"
    assert office.cached((0,), NOW) is None
    assert len(office._cache) <= 256
