"""If a server forgets rows sooner than it should, the archive keeps them."""

from __future__ import annotations

from collections.abc import Sequence
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
from sonnys_data_client.sync import SyncReport
from tests.sync.rig import FIRST, HOUR, NOON, SETTINGS, SITES, archive_in, client_of, held, sales, sold

KEPT_DAYS = 20
LATER = NOON + 16 * DAY_S
"""At this time the server has forgotten the first five days, and the sixth up to noon."""


class Forgetful(ListWorld):
    """A world that forgets each sale `KEPT_DAYS` after it, to the second, without saying so."""

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        oldest = int(as_of - KEPT_DAYS * DAY_S)
        return super().transactions(max(start, oldest), stop, site=site, as_of=as_of)


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path)


def sync_at(at: float, archive: Archive, rows: Sequence[Transaction], quirks: Quirks | None = None) -> SyncReport:
    sandbox = Sandbox(SandboxConfig(job_s=3.0, quirks=quirks or Quirks()), Forgetful(SITES, rows))
    return sync.run(client_of(sandbox, at=at), archive, SETTINGS)


@pytest.mark.parametrize("quirks", [Quirks(), Quirks(end="exclusive"), Quirks(site_required=True)])
def test_what_is_here_stays_and_each_day_is_asked_for_once_more(quirks: Quirks, archive: Archive) -> None:
    rows = sales()
    sync_at(NOON, archive, rows, quirks)
    sync_at(NOON + 7 * DAY_S, archive, rows, quirks)
    whole = held(archive)
    assert len(whole) == 960
    report = sync_at(LATER, archive, rows, quirks)
    assert held(archive) == whole
    assert report.complete
    assert report.changes == []
    days = archive.coverage(start=FIRST, end=FIRST + timedelta(days=7), rule=SETTINGS.rule, now=LATER)
    assert {day.state for day in days} == {"complete"}
    assert report.forgotten_by_server == 541
    again = sync_at(LATER + HOUR, archive, rows, quirks)
    assert held(archive) == whole
    assert len(again.count_mismatches) <= 1, "only the day that is being forgotten may differ"
    assert archive.check() == []


def test_a_day_of_which_not_all_had_come_keeps_what_had(archive: Archive) -> None:
    rows = sales()
    sync_at(NOON, archive, rows)
    with archive.writing() as writer:
        (partition, *_) = archive.evidence()
        writer.doubt(partition, "it is in doubt")
    report = sync_at(LATER, archive, rows)
    assert len(held(archive)) == 960
    (day,) = archive.coverage(start=FIRST, end=FIRST, rule=SETTINGS.rule, now=LATER)
    assert day.rows == 120
    assert report.changes == []


def test_a_row_that_was_withdrawn_leaves_though_it_is_old(archive: Archive) -> None:
    rows = [*sales(), sold(5000, day_start(FIRST) + 2 * DAY_S + 30_000, 555)]
    sync_at(NOON, archive, rows)
    gone = rows.pop()
    report = sync_at(NOON + 9 * DAY_S, archive, rows)
    assert gone.id not in dict(held(archive))
    assert [(change.id, change.after) for change in report.changes] == [(gone.id, None)]


def test_of_a_recent_day_the_first_row_may_be_withdrawn(archive: Archive) -> None:
    rows = sales()
    first = min(
        (row for row in rows if row.completed_ms >= (day_start(FIRST) + 6 * DAY_S) * 1000),
        key=lambda row: row.completed_ms,
    )
    sync_at(NOON, archive, rows)
    rows.remove(first)
    report = sync_at(NOON + DAY_S, archive, rows)
    assert first.id not in dict(held(archive))
    assert [change.id for change in report.changes] == [first.id]
