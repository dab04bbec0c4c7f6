"""Rows that were delivered, and are withdrawn at the server before their window is proved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.wire import Outcome, Request
from sonnys_data_client.sandbox import Faults, Quirks, Scripted
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from tests.engine.rig import FETCH, SUBMIT, EngineRig, changed, data, day
from tests.sandbox.rig import NOW, SITES, wash

DAY = day()
BETWEEN = NOW + 0.18
"""A moment after the server has read the first page of a window, and before it reads the others."""


class Losing(ListWorld):
    """25 rows of one day, some of which are withdrawn at a moment."""

    def __init__(self, *numbers: int, at: float) -> None:
        rows = [wash(number, DAY.start + number * 3000) for number in range(25)]
        self.lost = frozenset(rows[number].id for number in numbers)
        self._at = at
        super().__init__(SITES, rows)

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        found = super().transactions(start, stop, site=site, as_of=as_of)
        return [row for row in found if as_of < self._at or row.id not in self.lost]


def export(world: Losing, **rig: Any) -> tuple[Report, list[str]]:
    here = EngineRig(world, job_s=3, **rig)
    return here.export(DAY), here.ids


def test_a_row_that_was_delivered_and_is_in_no_reading_that_proves_the_window_is_named() -> None:
    """The first page is read before two of its rows are withdrawn, the others after that: so halves are read."""
    world = Losing(1, 2, at=BETWEEN)
    report, ids = export(world)
    (window,) = report.windows
    assert report.complete
    assert window.rereads
    assert world.lost <= set(ids)
    assert window.withdrawn == world.lost
    assert (window.rows, window.total) == (25, 23), "what was delivered, and what the server counts"


def test_by_site_each_window_names_its_own() -> None:
    world = Losing(1, at=NOW + 0.3)
    report, ids = export(world, quirks=Quirks(site_required=True))
    assert world.lost <= set(ids)
    assert [window.withdrawn for window in report.windows] == [world.lost, frozenset(), frozenset()]


def test_a_window_with_a_gap_names_none() -> None:
    """Nobody knows what is in the part that cannot be read."""

    def sick(request: Request) -> bool:
        start, stop = (int(dict(request.query)[name]) for name in ("startDate", "endDate"))
        return start == DAY.start and stop < DAY.stop

    world = Losing(1, at=BETWEEN)
    report, ids = export(world, faults=Faults(script=(Scripted("job_fail", SUBMIT, sick, times=10**6),)))
    assert world.lost <= set(ids)
    assert report.gaps
    assert report.windows[0].withdrawn == frozenset()


def test_a_row_without_an_id_is_never_withdrawn() -> None:
    def bare(request: Request, outcome: Outcome) -> Outcome:
        if request.path != FETCH or not (rows := data(outcome).get("data")):
            return outcome
        return changed(outcome, data=[{**row, "id": None} if row["number"] == 1 else row for row in rows])

    world = Losing(1, at=BETWEEN)
    report, ids = export(world, meddle=bare)
    assert None in ids
    assert (report.complete, report.windows[0].withdrawn) == (True, frozenset())
