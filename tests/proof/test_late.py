"""Rows come late and change late: nightly syncs end with the true rows, and the change log names exactly the changes.

The operator is believable, but has many more late rows and edits than a real one. They come within two days, so
`reread_days=3` finds them all. The world itself, not the archive, tells what the server knew at each moment.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_end, day_start
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from sonnys_data_client.sync import SyncSettings
from tests.sync.rig import client_of

FIRST = date(2026, 3, 20)
NIGHTS = 7
WORLD = WorldConfig(seed=11, sites=2, cars_per_day=60, late_share=0.05, late_hours=24, edit_share=0.08, edit_hours=24)
SETTINGS = SyncSettings(start=FIRST, tables=())


def known(world: BelievableWorld, day: date, as_of: float, until: float) -> dict[str, object]:
    """Return, by id, what the server knew at `as_of` of a day's rows before the second `until`.

    It is what a job shows, and the status.
    """
    stop = min(day_end(day), int(until))
    rows = world.transactions(day_start(day), stop, as_of=as_of) if stop > day_start(day) else ()
    return {row.id: (row.total_cents, row.items, row.tenders, row.discounts, row.status) for row in rows}


def differing(world: BelievableWorld, day: date, earlier: float, later: float) -> set[str]:
    """Return the ids of rows that came or changed between two moments, of a day up to the earlier moment."""
    before, after = known(world, day, earlier, earlier), known(world, day, later, earlier)
    return {id for id in before.keys() | after.keys() if before.get(id) != after.get(id)}


def test_a_week_of_nightly_syncs_ends_with_the_truth_and_the_log_names_what_changed(tmp_path: Path) -> None:
    world = BelievableWorld(WORLD)
    sandbox = Sandbox(SandboxConfig(job_s=2), world)
    archive = Archive(tmp_path / "archive")
    runs: list[tuple[float, float]] = []
    for night in range(NIGHTS):
        begins = day_start(FIRST + timedelta(days=2 + night)) + 3 * 3600.0
        client = client_of(sandbox, at=begins)
        assert sync.run(client, archive, SETTINGS).complete
        runs.append((begins, client.simulation.wall))
    ended = runs[-1][1]

    # These days were read last three days after their end, when no row of them could change any more.
    settled = [FIRST + timedelta(days=number) for number in range(NIGHTS - 2)]
    logged: dict[date, set[str]] = {day: set() for day in settled}
    for id, day in archive.sql("SELECT id, date FROM changes").fetchall():
        if day in logged:
            logged[day].add(id)
    found = 0
    for day in settled:
        query = "SELECT id, (total * 100)::BIGINT FROM transactions WHERE date = ? ORDER BY id"
        rows = world.transactions(day_start(day), day_end(day), as_of=ended)
        assert archive.sql(query, [day]).fetchall() == sorted((row.id, row.total_cents) for row in rows), day
        # A sync takes some seconds. Rows that change in these seconds may be in its log, or in that of the next.
        surely, perhaps = set[str](), set[str]()
        for one, two in pairwise(runs):
            surely |= differing(world, day, one[1], two[0]) - differing(world, day, one[0], one[1])
            perhaps |= differing(world, day, one[0], two[1])
        assert surely <= logged[day] <= perhaps, day
        found += len(logged[day])
    assert found > 30, "a world without late changes shows nothing"
    assert datetime.fromtimestamp(ended, UTC).date() == FIRST + timedelta(days=NIGHTS + 1)
