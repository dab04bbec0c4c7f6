"""Jobs and pages that an earlier run left behind: which of them are used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from sonnys_data_client.engine.export.resume import sift
from sonnys_data_client.engine.jobs import PASSED, Handle, JobAnswer, Page
from sonnys_data_client.engine.windows import CACHE_S, Window
from sonnys_data_client.sandbox import Quirks
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from tests.engine.rig import PAGE_ROWS, SUBMIT, AnswerShelf, EngineRig, day
from tests.sandbox.rig import NOW, SITES, wash

DAY, WALL = day(), 1_000_000.0
STALE = WALL - CACHE_S
GONE = 3


class Moving(ListWorld):
    """15 rows of one day. An hour from now the fourth is withdrawn, and one more comes late."""

    def __init__(self, site: int = 0) -> None:
        rows = [wash(number, DAY.start + number * 600, SITES[site]) for number in range(15)]
        self.gone = rows[GONE].id
        self.late = wash(99, DAY.start + 80_000, SITES[site], visible_from=NOW + 3600)
        super().__init__(SITES, [*rows, self.late])

    def transactions(self, start: int, stop: int, *, site: str | None = None, as_of: float) -> Sequence[Transaction]:
        found = super().transactions(start, stop, site=site, as_of=as_of)
        return [row for row in found if row.id != self.gone or as_of < NOW + 3600]


def stopped_after(rig: EngineRig, pages: int, *windows: Window) -> None:
    """Run an export and kill it once so many of its pages are kept."""
    rig.shelf = AnswerShelf()
    process = rig.start(windows)
    while not process.done and answers(rig) < pages:
        rig.run(for_s=0.05)
    process.kill()


def answers(rig: EngineRig) -> int:
    return sum("answer" in kept for kept in rig.shelf.live())


def handle(
    number: int, rows: Sequence[int] | None, at: float, *, total: int | None = 15, window: Window = DAY
) -> Handle:
    """The handle of a page with these ids, submitted at `at`; None for a job without an answer."""
    answer = None if rows is None else JobAnswer(PASSED, [{"id": id} for id in rows], total, {})
    return Handle(f"{number} of {window} at {at}", Page(window, number, PAGE_ROWS), at, "ours", answer)


def test_a_page_of_hours_ago_is_not_put_beside_a_fresh_one() -> None:
    world = Moving()
    rig = EngineRig(world, job_s=3)
    stopped_after(rig, 1, DAY)
    assert answers(rig) == 1
    rig.run(for_s=2 * 3600)
    report = rig.export(DAY)
    assert report.complete
    assert world.gone not in rig.ids
    assert world.late.id in rig.ids
    assert len(rig.ids) == 15
    assert answers(rig) == 2, "the shelf has forgotten the old page"


def test_a_page_that_the_server_itself_would_repeat_is_taken() -> None:
    rig = EngineRig(Moving(), job_s=3)
    stopped_after(rig, 1, DAY)
    rig.run(for_s=CACHE_S - 60)
    report = rig.export(DAY)
    assert report.complete
    assert report.requests == 2


def test_pages_of_hours_ago_that_settle_their_window_are_taken_however_old() -> None:
    rig = EngineRig(Moving(), job_s=3)
    stopped_after(rig, 2, DAY)
    rig.run(for_s=2 * 3600)
    report = rig.export(DAY)
    assert (report.requests, report.rows, report.complete) == (0, 15, True)


def test_each_site_s_window_is_judged_by_itself() -> None:
    world = Moving(site=1)
    rig = EngineRig(world, job_s=3, quirks=Quirks(site_required=True))
    stopped_after(rig, 3, DAY)
    assert answers(rig) == 3, "those of the two empty sites, and one of the two pages of the other"
    spent = rig.requests()[SUBMIT]
    rig.run(for_s=2 * 3600)
    report = rig.export(DAY)
    assert report.complete
    assert rig.requests()[SUBMIT] - spent == 2, "the empty sites were settled"
    assert world.gone not in rig.ids
    assert world.late.id in rig.ids


OLD_FIRST, OLD_LAST = handle(1, range(10), STALE), handle(2, range(10, 15), STALE - 1)


@pytest.mark.parametrize(
    ("handles", "useful"),
    [
        ([OLD_FIRST, OLD_LAST], [OLD_FIRST, OLD_LAST]),
        ([OLD_FIRST], []),
        ([OLD_FIRST, fresh := handle(2, range(10, 15), STALE + 1)], [OLD_FIRST, fresh]),
        ([OLD_FIRST, fresh := handle(2, range(10, 14), STALE + 1)], [fresh]),
        ([OLD_FIRST, handle(2, range(10, 15), STALE, total=16)], []),
        ([OLD_FIRST, handle(2, range(9, 14), STALE)], []),
        ([OLD_FIRST, waiting := handle(2, None, WALL - 60)], [waiting]),
        ([OLD_FIRST, handle(2, None, STALE)], []),
        ([handle(1, range(10), WALL + 60), handle(2, range(10, 15), WALL + 60)], []),
    ],
    ids=[
        "settled",
        "a page lacks",
        "settled, one fresh",
        "one fresh",
        "torn total",
        "torn ids",
        "unanswered",
        "lost",
        "from the future",
    ],
)
def test_old_answers_are_of_use_together_or_not_at_all(handles: list[Handle], useful: list[Handle]) -> None:
    found = sift(handles, {DAY: PAGE_ROWS}, WALL, "ours")
    assert found.useful == useful
    assert found.useless == [handle for handle in handles if handle not in useful]


def test_a_part_of_a_window_is_no_window_of_the_plan() -> None:
    early, late = DAY.halves()
    parts = [handle(1, [1], WALL - 5, total=1, window=early), handle(1, [2], STALE, total=1, window=late)]
    assert sift(parts, {DAY: PAGE_ROWS}, WALL, "ours").useless == parts
    assert sift([OLD_FIRST, OLD_LAST], {DAY: 100}, WALL, "ours").useful == [], "pages of another size"


def test_the_jobs_of_another_account_are_of_no_use_and_not_to_be_struck_out() -> None:
    theirs = [replace(handle, owner="theirs") for handle in (OLD_FIRST, OLD_LAST)]
    assert sift([*theirs, OLD_FIRST], {DAY: PAGE_ROWS}, WALL, "ours") == ([], [OLD_FIRST])
    assert sift(theirs, {DAY: PAGE_ROWS}, WALL, "theirs").useful == theirs
    assert sift(theirs, {DAY: PAGE_ROWS}, WALL, "") == ([], [])
