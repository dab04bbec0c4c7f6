"""A row that moves to another day, long after its first day was closed, is counted once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_of, day_start
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from tests.sync.rig import FIRST, HOUR, NOON, SITES, archive_in, client_of, held, sales, sold, truth
from tests.sync.rig import SETTINGS as USUAL

SETTINGS = replace(USUAL, recount=False)
"""Without a recount, which would show that the first day has fewer rows now."""
NUMBER = 60
FORGOTTEN = NOON + 180 * DAY_S
ID = sold(NUMBER, 0).id


def moves(at: float, *, later: float = HOUR) -> Sandbox:
    """Return a sandbox in which one sale of the first day moves to `later` seconds after `at`."""
    moved = sold(NUMBER, at + later, known_from=at + later)
    return Sandbox(SandboxConfig(job_s=3.0), ListWorld(SITES, [*sales(), moved]))


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path)


def days_of(archive: Archive) -> list[Any]:
    return [day for (day,) in archive.sql("SELECT date FROM transactions WHERE id = ? ORDER BY date", [ID])]


def test_the_day_that_it_left_is_read_again_in_the_same_run(archive: Archive) -> None:
    sandbox = moves(NOON)
    assert sync.run(client_of(sandbox), archive, SETTINGS).complete
    assert days_of(archive) == [FIRST]
    report = sync.run(client_of(sandbox, at=NOON + DAY_S), archive, SETTINGS)
    assert report.complete
    assert FIRST in [landed.partition.day for landed in report.days]
    assert days_of(archive) == [day_of(NOON)]
    assert held(archive) == truth(sandbox, as_of=NOON + DAY_S)
    assert [(change.id, change.after) for change in report.changes if change.field == "(row)"] == [(ID, None)]
    assert archive.check() == []
    assert FIRST not in [
        due.day for due in sync.plan(client_of(sandbox, at=NOON + DAY_S + HOUR), archive, SETTINGS).days
    ]


@pytest.mark.parametrize("moment", ["before it looks", "after it has marked the day"])
def test_a_run_that_dies_leaves_it_to_the_next(moment: str, archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    sandbox = moves(NOON)
    sync.run(client_of(sandbox), archive, SETTINGS)
    doubt = Writer.doubt

    def die(*about: Any, **more: Any) -> None:
        if moment == "after it has marked the day":
            doubt(*about, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        if moment == "before it looks":
            dying.setattr(Archive, "doubtful", die)
        else:
            dying.setattr(Writer, "doubt", die)
        with pytest.raises(KeyboardInterrupt):
            sync.run(client_of(sandbox, at=NOON + DAY_S), archive, SETTINGS)
    assert len(days_of(archive)) == 2
    (day,) = archive.coverage(start=FIRST, end=FIRST, rule=SETTINGS.rule, now=NOON + DAY_S)
    if moment == "before it looks":
        what = f"transactions/account=main/date={FIRST}/data.parquet has 1 row that another day has too"
        assert [str(finding) for finding in archive.check()] == [what]
        assert day.state == "complete", "the run died before it looked"
    else:
        assert (day.state, day.why) == (
            "partial",
            "1 row of it was found on another day since, so it is to be read again",
        )
    later = NOON + DAY_S + HOUR
    assert sync.run(client_of(sandbox, at=later), archive, SETTINGS).complete
    assert held(archive) == truth(sandbox, as_of=later)
    assert archive.check() == []


def test_the_server_is_not_asked_while_it_may_repeat_what_it_said(archive: Archive) -> None:
    sandbox = moves(NOON, later=60.0)
    sync.run(client_of(sandbox), archive, SETTINGS)
    for minutes, days in ((11, 2), (16, 2), (40, 1)):
        report = sync.run(client_of(sandbox, at=NOON + minutes * 60.0), archive, SETTINGS)
        assert report.complete
        assert len(days_of(archive)) == days, minutes
    assert archive.check() == []


class Both(ListWorld):
    """A world that goes on giving a moved row on its first day, too."""

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        there = [row for row in self.rows if start * 1000 <= row.completed_ms < stop * 1000]
        return [row for row in there if row.visible_from <= as_of and site in {None, row.site_code}]


def test_what_the_server_says_of_both_days_is_kept_and_it_is_not_asked_again_and_again(archive: Archive) -> None:
    moved = sold(NUMBER, NOON + HOUR, known_from=NOON + HOUR)
    sandbox = Sandbox(SandboxConfig(job_s=3.0), Both(SITES, [*sales(), moved]))
    sync.run(client_of(sandbox), archive, SETTINGS)
    for night in range(1, 9):
        sync.run(client_of(sandbox, at=NOON + night * DAY_S), archive, SETTINGS)
        assert days_of(archive) == [FIRST, day_of(NOON)]
    days = [due.day for due in sync.plan(client_of(sandbox, at=NOON + 9 * DAY_S), archive, SETTINGS).days]
    assert not {FIRST, day_of(NOON)} & set(days)
    assert archive.check() == []


def test_a_day_that_the_server_has_forgotten_is_warned_of(archive: Archive) -> None:
    sandbox = moves(FORGOTTEN)
    sync.run(client_of(sandbox), archive, SETTINGS)
    later = replace(SETTINGS, start=day_of(FORGOTTEN))
    for night in (1, 2):
        report = sync.run(client_of(sandbox, at=FORGOTTEN + night * DAY_S), archive, later)
        assert f"1 row of transactions of main on {FIRST} counts twice: another day has it, too" in "\n".join(
            report.warnings
        )
    assert day_start(FIRST) < FORGOTTEN - 180 * DAY_S
