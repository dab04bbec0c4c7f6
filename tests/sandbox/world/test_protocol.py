"""The promises of `World`, which the believable world and a world made of a list keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from sonnys_data_client.sandbox.world import (
    BelievableWorld,
    ListedRecords,
    Records,
    Site,
    Transaction,
    World,
    WorldConfig,
)

NOW = 1_795_392_000  # 2026-11-23 UTC
ROWS = BelievableWorld().transactions(NOW - 4 * 3600, NOW, as_of=NOW + 10**6)


@dataclass(frozen=True)
class ListWorld:
    """A world of a handful of rows, as a test would make one."""

    sites: tuple[Site, ...]
    rows: tuple[Transaction, ...]
    records: Records = ListedRecords()  # noqa: RUF009 - frozen

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        known = (row for row in self.rows if row.visible_from <= as_of and site in {None, row.site_code})
        inside = (row for row in known if start * 1000 <= row.completed_ms < stop * 1000)
        return sorted(inside, key=lambda row: (row.completed_ms, row.id))

    def transaction(self, id: str, *, as_of: float) -> Transaction | None:
        return next((row for row in self.rows if row.id == id and row.visible_from <= as_of), None)


WORLDS: dict[str, World] = {
    "believable": BelievableWorld(WorldConfig()),
    "list": ListWorld(BelievableWorld().sites, tuple(reversed(ROWS))),
}


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_answers_by_range_site_and_id(name: str) -> None:
    world = WORLDS[name]
    start, stop, as_of = NOW - 3 * 3600, NOW - 3600, float(NOW + 10**6)
    rows = world.transactions(start, stop, as_of=as_of)
    assert rows
    assert list(rows) == [row for row in ROWS if start * 1000 <= row.completed_ms < stop * 1000]
    by_site = [row for site in world.sites for row in world.transactions(start, stop, site=site.code, as_of=as_of)]
    assert sorted(by_site, key=lambda row: (row.completed_ms, row.id)) == list(rows)
    assert world.transaction(rows[0].id, as_of=as_of) == rows[0]
    assert world.transaction("1:1", as_of=as_of) is None


@pytest.mark.parametrize("name", WORLDS)
def test_a_world_tells_nothing_before_it_knows(name: str) -> None:
    row = ROWS[len(ROWS) // 2]
    assert WORLDS[name].transaction(row.id, as_of=row.completed_ms / 1000) is None
