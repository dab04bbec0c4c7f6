"""What the proofs share: a small operator, one day of it, and the rows that a load of that day must return."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import cache

from sonnys_data_client.sandbox import Sandbox
from sonnys_data_client.sandbox.world import BelievableWorld, Transaction, WorldConfig
from sonnys_data_client.types import TransactionJobItem

START = datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp()
DAY = "2026-03-09"
FIRST = int(datetime(2026, 3, 9, tzinfo=UTC).timestamp())


@cache
def world() -> BelievableWorld:
    """Return three sites and a web shop. A little over 300 rows a day are enough for pages, edges and ties."""
    return BelievableWorld(WorldConfig(seed=3, sites=3, cars_per_day=70))


@cache
def day() -> dict[str, Transaction]:
    """Return the day's true rows by id."""
    return {row.id: row for row in world().transactions(FIRST, FIRST + 86_400, as_of=START)}


def assert_exact(rows: Sequence[TransactionJobItem]) -> None:
    """Assert that the rows are exactly the day's: every id once, and the money to the cent."""
    truth = day()
    assert len(rows) == len({row.id for row in rows}), "an id came twice"
    missing = truth.keys() - {row.id for row in rows}
    surplus = {row.id for row in rows} - truth.keys()
    assert not missing, f"{len(missing)} rows are missing"
    assert not surplus, f"{len(surplus)} rows do not belong to the day"
    assert sum((row.total for row in rows), Decimal()) * 100 == sum(row.total_cents for row in truth.values())


def assert_throttled(sandbox: Sandbox, *, refusals: bool = False) -> None:
    """Assert that the server counted at most 20 requests in each period, and refused none unless `refusals`."""
    for period in sandbox.periods():
        assert period.ours <= 20
        assert refusals or not period.refused
