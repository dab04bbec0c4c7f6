"""A sync stops, and goes on after the server's rows have changed: each stored day is as it was at one moment."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox import Quirks, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from tests.sync.rig import FIRST, HOUR, NOON, SETTINGS, Withdrawing, archive_in, client_of, sales, sold

ONE_DAY = replace(SETTINGS, end=FIRST)


def ids_at(world: ListWorld, moment: float, *, day: int = 0) -> set[str]:
    start = day_start(FIRST) + day * DAY_S
    return {row.id for row in world.transactions(start, start + DAY_S, as_of=moment)}


def ids_in(archive: Archive, *, day: int = 0) -> set[str]:
    return {id for date, id in archive.sql("SELECT date, id FROM transactions") if date == FIRST + timedelta(days=day)}


@pytest.mark.parametrize("max_requests", range(3, 7))
def test_a_page_of_days_ago_proves_no_day_of_today(tmp_path: Path, max_requests: int) -> None:
    """One row of the kept page is withdrawn, and another comes late. So the total agrees by chance."""
    rows = [sold(1 + number, day_start(FIRST) + 100 + number * 60) for number in range(150)]
    late = sold(9000, day_start(FIRST) + 9070, known_from=NOON + DAY_S)
    world = Withdrawing([*rows, late], {rows[5].id: NOON + DAY_S})
    sandbox, archive = Sandbox(SandboxConfig(job_s=3.0), world), archive_in(tmp_path)
    assert sync.run(client_of(sandbox), archive, replace(ONE_DAY, max_requests=max_requests)).stopped is not None
    at = NOON + 2 * DAY_S
    assert sync.run(client_of(sandbox, at=at), archive, ONE_DAY).complete
    assert ids_in(archive) == ids_at(world, at)
    (evidence,) = archive.evidence().values()
    assert evidence.proved_last is not None
    assert evidence.proved_last >= at, "a proof is as old as the pages that it rests on"


@pytest.mark.parametrize(
    ("quirks", "gone_s"), [(Quirks(), 0.4), (Quirks(site_required=True), 0.6)], ids=["all sites", "site by site"]
)
def test_a_row_that_is_withdrawn_while_its_day_is_read_is_left_out(
    tmp_path: Path, quirks: Quirks, gone_s: float
) -> None:
    """Its page was delivered before. So the day is read again by halves, and proved complete without the row."""
    rows = [sold(1 + 3 * number, day_start(FIRST) + 100 + number * 60) for number in range(150)]
    world = Withdrawing(rows, {rows[3].id: NOON + gone_s})
    sandbox, archive = Sandbox(SandboxConfig(job_s=1.0, quirks=quirks), world), archive_in(tmp_path)
    assert sync.run(client_of(sandbox), archive, ONE_DAY).complete
    parts = {dict(entry.query)["endDate"] for entry in sandbox.log if entry.path == "/transaction/load-job"}
    assert len(parts) > 1, "it was read by halves"
    (evidence,) = archive.evidence().values()
    assert (evidence.rows, evidence.total) == (149, 149)
    assert ids_in(archive) == ids_at(world, NOON + HOUR)


@pytest.mark.parametrize("max_requests", [20, 26])
def test_a_small_budget_every_night_fills_the_archive_with_days_as_they_were(tmp_path: Path, max_requests: int) -> None:
    """Some days become whole each night, although every day loses a row and gets a late one between two nights."""
    rows, days, nights = sales(4, 250), 4, 8
    gone: dict[str, float] = {}
    late: list[Transaction] = []
    for night in range(1, nights):
        for day in range(days):
            moment = NOON + night * DAY_S - HOUR
            gone[rows[day * 250 + 7 * night].id] = moment
            second = day_start(FIRST) + day * DAY_S + 70_000 + night
            late.append(sold(20_000 + 100 * day + night, second, known_from=moment))
    world = Withdrawing([*rows, *late], gone)
    sandbox, archive = Sandbox(SandboxConfig(job_s=3.0), world), archive_in(tmp_path)
    settings = replace(
        SETTINGS, end=FIRST + timedelta(days=days - 1), recount=False, reread_days=0, max_requests=max_requests
    )
    moments = [NOON + night * DAY_S for night in range(nights)]
    for moment in moments:
        sync.run(client_of(sandbox, at=moment), archive, settings)
    for day in range(days):
        assert ids_in(archive, day=day) in [ids_at(world, moment, day=day) for moment in moments]
