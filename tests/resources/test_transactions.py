"""The transaction lists over a long range: cut, joined, and each row once."""

from __future__ import annotations

from tests.client.rig import client_rig
from tests.sandbox.rig import NOW, wash, world_of

DAY_S = 86_400


def test_a_range_of_months_is_cut_and_joined() -> None:
    start = NOW - 100 * DAY_S
    edges = [start, start + 31 * DAY_S, start + 62 * DAY_S, start + 93 * DAY_S, start + 93 * DAY_S + 1]
    rig = client_rig(world=world_of([wash(number, second) for number, second in enumerate(edges)]))
    client = rig.client()
    for rows in (
        client.transactions.list(startDate=start, endDate=NOW - DAY_S),
        client.transactions.list_v2(startDate=start, endDate=NOW - DAY_S),
        client.transactions.list_by_type("wash", startDate=start, endDate=NOW - DAY_S),
    ):
        assert [row.trans_number for row in rows] == [0, 1, 2, 3, 4]
    assert len(rig.paths) == 12
