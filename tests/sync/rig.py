"""What the tests of sync share: a small operator, its archive, and what must be in it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld, make_row, make_site
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.testing.client import SimulatedClient

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp()
FIRST = date(2026, 3, 24)
SETTINGS = SyncSettings(start=FIRST, tables=(), statuses=False, audit="off")
"""Jobs only: `test_short_lists` is about statuses and the audit, and `test_lists` about other tables."""
HOUR = 3600
SITES = (make_site(1, "MAIN"), make_site(2, "WEST"), make_site(9, ""))


class Withdrawing(ListWorld):
    """A world that withdraws some of its rows, each at a moment that `gone` gives."""

    def __init__(self, rows: Sequence[Transaction], gone: dict[str, float]) -> None:
        super().__init__(SITES, rows)
        self.gone = gone

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        found = super().transactions(start, stop, site=site, as_of=as_of)
        return [row for row in found if as_of < self.gone.get(row.id, float("inf"))]


def sold(number: int, second: float, cents: int = 1000, *, known_from: float | None = None) -> Transaction:
    """Return a sale; the number decides the site. The server knows of it at once, or from `known_from` on."""
    site = SITES[number % len(SITES)]
    return make_row(number, site, int(second * 1000), cents, second if known_from is None else known_from)


def sales(days: int = 8, a_day: int = 120) -> list[Transaction]:
    """Return `a_day` sales on each of `days` days from `FIRST`, evenly spaced; the first is in the first second."""
    start = day_start(FIRST)
    return [
        sold(1 + day * a_day + number, start + day * DAY_S + number * (DAY_S // a_day))
        for day in range(days)
        for number in range(a_day)
    ]


def sandbox_of(rows: Sequence[Transaction], **settings: Any) -> Sandbox:
    """Return a sandbox whose world is these rows."""
    settings.setdefault("job_s", 3.0)
    return Sandbox(SandboxConfig(**settings), ListWorld(SITES, rows))


def client_of(sandbox: Sandbox, *, at: float = NOON, **options: Any) -> SimulatedClient:
    """Return a client in virtual time."""
    return SimulatedClient(sandbox, start=at, **options)


def archive_in(folder: Path) -> Archive:
    """Return an archive in a folder that does not exist yet."""
    return Archive(folder / "archive")


def held(archive: Archive) -> list[tuple[str, int]]:
    """Return ids and cents of all transactions in an archive, in order."""
    query = "SELECT id, (total * 100)::BIGINT FROM transactions ORDER BY complete_date, id"
    return archive.sql(query).fetchall()


def truth(sandbox: Sandbox, *, as_of: float, start: date = FIRST, stop: float | None = None) -> list[tuple[str, int]]:
    """Return ids and cents of the rows that the server knew at `as_of`, up to the last full ten minutes before."""
    last = int(as_of - 5) // 600 * 600 if stop is None else int(stop)
    rows = sandbox.truth(day_start(start), last, as_of=as_of)
    return [(row.id, row.total_cents) for row in sorted(rows, key=lambda row: (row.completed_ms, row.id))]


__all__ = [
    "FIRST",
    "HOUR",
    "NOON",
    "SETTINGS",
    "SITES",
    "Withdrawing",
    "archive_in",
    "client_of",
    "held",
    "sales",
    "sandbox_of",
    "sold",
    "truth",
]
