"""Exports against a server, or a gateway before it, that answers other questions, fails everything, or counts wrong.

Each check of the product is also broken on purpose (`BROKEN`): then the scenario that rests on it must fail.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest

from sonnys_data_client import errors
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.effects import Deliver
from sonnys_data_client.engine.export import board, homes, state
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.export.window_read import WindowRead
from sonnys_data_client.engine.windows import Window, row_second
from sonnys_data_client.engine.wire import Outcome, Request, Response
from sonnys_data_client.sandbox import Faults, Quirks, Scripted
from sonnys_data_client.sandbox.world.listed import ListWorld
from tests.engine.gateway import Gateway
from tests.engine.rig import FETCH, PAGE_ROWS, SUBMIT, YESTERDAY, EngineRig, Meddler, changed, data, day, rows_at, said
from tests.sandbox.rig import SITES, wash, world_of

DAY, BEFORE = day(1), day(2)


def rows_of_days(*counts: int, back: int = 1) -> ListWorld:
    """So many rows in each of the last days, the latest day first."""
    windows = [(day(number), count) for number, count in enumerate(counts, back)]
    return world_of(
        [wash(window.start + n, window.start + 60 + n * 700) for window, count in windows for n in range(count)]
    )


def passes(outcome: Outcome) -> bool:
    return isinstance(outcome, Response) and outcome.status == 200 and data(outcome).get("status") == "pass"


def fault(report: Report) -> errors.MismatchError:
    """The error behind the only gap."""
    assert len(report.gaps) == 1
    error = report.gaps[0].error
    assert isinstance(error, errors.MismatchError)
    return error


# -- another job, page or time -----------------------------------------------------------------------------------


@dataclass
class Lying:
    """Changes the passed polls of a page: the first `times` of them."""

    times: int
    changes: dict[str, Any]
    page: int = 1
    met: int = 0

    def __call__(self, request: Request, outcome: Outcome) -> Outcome:
        if request.path == FETCH and passes(outcome) and data(outcome)["offset"] == self.page and self.met < self.times:
            self.met += 1
            return changed(outcome, **self.changes)
        return outcome


LIES: list[dict[str, Any]] = [{"hash": "0f" * 16}, {"offset": 7}]


@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize("times", [1, 2, 3])
def test_an_answer_about_another_job_is_refused_and_asked_for_again(lie: dict[str, Any], times: int) -> None:
    lying = Lying(times, {**lie, "data": [], "total": 0})
    rig = EngineRig(rows_at(DAY, 35), lying)
    report = rig.export(DAY)
    assert lying.met == times
    assert report.complete
    assert rig.all_came_once(DAY)
    assert rig.shelf.live() == []


@pytest.mark.parametrize(
    ("lie", "asked", "answered"),
    [(LIES[0], "hash [0-9a-f]{32}", "hash (0f){16}"), (LIES[1], "offset 1", "offset 7")],
)
def test_an_answer_that_stays_wrong_is_a_gap_that_names_both(lie: dict[str, Any], asked: str, answered: str) -> None:
    rig = EngineRig(rows_at(DAY, 5), Lying(10**6, lie), job_s=0.0)
    report = rig.export(DAY)
    error = fault(report)
    assert report.gaps[0].reason == "the replies about its job make no sense"
    assert re.fullmatch(asked, error.asked)
    assert re.fullmatch(answered, error.answered)
    assert rig.ids == []
    assert rig.requests()[SUBMIT] + rig.requests()[FETCH] <= 16
    assert rig.shelf.live() == []


def of_days_before(request: Request, outcome: Outcome, met: list[Any] | None = None, most: int = 10**6) -> Outcome:
    """Another week's rows instead of the window's, the first `most` times."""
    found = [] if met is None else met
    if request.path == FETCH and passes(outcome) and len(found) < most:
        found.append(request)
        rows = [
            {**row, "id": f"old:{row['id']}", "completeDate": "2026-11-01T10:00:00.000Z"}
            for row in data(outcome)["data"]
        ]
        return changed(outcome, data=rows)
    return outcome


def test_rows_of_days_outside_the_window_are_asked_for_again() -> None:
    met: list[Any] = []
    rig = EngineRig(rows_at(DAY, 5), lambda request, outcome: of_days_before(request, outcome, met, 1))
    report = rig.export(DAY)
    assert (len(met), report.complete, report.windows[0].rereads) == (1, True, 0)
    assert rig.all_came_once(DAY)
    assert rig.requests()[SUBMIT] == 2, "the hash itself may be another job's"
    assert rig.shelf.live() == []


def test_rows_of_days_outside_the_window_are_never_delivered() -> None:
    rig = EngineRig(rows_at(DAY, 5), of_days_before, job_s=0.0)
    report = rig.export(DAY)
    error = fault(report)
    assert (error.asked.startswith("rows from 2026-11-2"), error.answered) == (True, "a row of 2026-11-01")
    assert report.gaps[0].reason == "its rows belong to another window"
    assert report.gaps[0].window == DAY
    assert rig.ids == []
    assert rig.requests()[SUBMIT] + rig.requests()[FETCH] <= 12
    assert rig.shelf.live() == []


def with_a_row_at(instant: str) -> tuple[EngineRig, str]:
    """A server of 40 rows that says another time for one of them, and that row's id."""

    def redated(request: Request, outcome: Outcome) -> Outcome:
        if request.path == FETCH and passes(outcome):
            rows = [{**row, "completeDate": instant} if row["id"] == odd else row for row in data(outcome)["data"]]
            return changed(outcome, data=rows)
        return outcome

    world = rows_at(DAY, 40)
    odd = world.rows[17].id
    return EngineRig(world, redated), odd


def test_one_row_of_another_time_costs_minutes_and_not_the_day() -> None:
    rig, odd = with_a_row_at("2026-06-01T10:00:00.000Z")
    report = rig.export(DAY)
    assert sum(gap.window.length_s for gap in report.gaps) < 400
    assert sorted(rig.ids) == sorted(row.id for row in rig.sandbox.truth(DAY.start, DAY.stop) if row.id != odd)


def test_rows_a_little_outside_the_window_are_the_servers_to_decide() -> None:
    rig, _ = with_a_row_at("2026-11-21T20:00:00.000Z")
    assert rig.export(DAY, BEFORE).complete
    assert rig.all_came_once(DAY)
    assert rig.requests()[SUBMIT] == 5


# -- one hash for two windows, one reply for two questions --------------------------------------------------------


def judge(rig: EngineRig, report: Report, *windows: Window) -> None:
    """Assert that no row is missing unless a gap says where, and that a complete report has each row once."""
    gaps = [gap.window for gap in report.gaps]
    for window in windows:
        for row in rig.sandbox.truth(window.start, window.stop):
            second = row.completed_ms // 1000
            assert row.id in rig.ids or any(gap.start <= second < gap.stop for gap in gaps), f"row {row.id} is lost"
    if report.complete:
        assert len(rig.ids) == len(set(rig.ids)), "rows came twice"


@pytest.mark.parametrize("keeps_hash", [True, False])
@pytest.mark.parametrize("seed", range(12))
def test_a_gateway_that_mixes_replies_up_loses_nothing_without_a_word(seed: int, keeps_hash: bool) -> None:
    gateway = Gateway(seed, 0.12, keeps_hash=keeps_hash)
    # An empty reply that says nothing of its hash could be anybody's. So no day is empty then.
    rig = EngineRig(rows_of_days(8, 8, 8, 17, 0 if keeps_hash else 3), gateway, job_s=1.0)
    windows = [day(back) for back in range(5, 0, -1)]
    report = rig.export(*windows)
    judge(rig, report, *windows)


@pytest.mark.parametrize("keeps_hash", [True, False])
def test_most_of_what_a_gateway_mixes_up_is_read_right_again(keeps_hash: bool) -> None:
    whole, mixed = 0, 0
    for seed in range(20, 30):
        gateway = Gateway(seed, 0.1, keeps_hash=keeps_hash)
        rig = EngineRig(rows_of_days(8, 8, 8), gateway)
        whole += rig.export(day(3), day(2), day(1)).complete
        mixed += gateway.mixed
    assert mixed >= 3
    assert whole >= 9


def test_two_windows_with_one_hash_are_told_apart() -> None:
    hashes: list[Outcome] = []

    def doubled(request: Request, outcome: Outcome) -> Outcome:
        if request.path == SUBMIT:
            hashes.append(outcome)
            return hashes[0] if len(hashes) == 2 else outcome
        return outcome

    rig = EngineRig(rows_of_days(8, 8), doubled, job_s=0.0)
    report = rig.export(BEFORE, DAY)
    assert report.complete
    assert rig.all_came_once(BEFORE, DAY)
    assert (rig.requests()[SUBMIT], rig.requests()[FETCH]) == (3, 2), "no poll was spent on another window's job"


def test_two_windows_whose_hashes_changed_places_are_read_right() -> None:
    others = {BEFORE.start: DAY, DAY.start: BEFORE}

    def meddle(request: Request, outcome: Outcome) -> Outcome:
        other = others.pop(int(dict(request.query).get("startDate", 0)), None) if request.path == SUBMIT else None
        if other is None:
            return outcome
        asked = replace(request, query=jobs.Page(other, 1, PAGE_ROWS).submission("POST").query)
        return rig.sandbox.handle(asked, rig.log[-1].at).outcome

    rig = EngineRig(rows_of_days(8, 8), meddle)
    report = rig.export(BEFORE, DAY)
    assert others == {}
    assert report.complete
    assert rig.all_came_once(BEFORE, DAY)
    assert all(
        ask.window.covers(row_second(row)) for ask, _ in rig.asks if isinstance(ask, Deliver) for row in ask.rows
    )


def test_replies_about_two_sites_of_one_day_are_told_apart() -> None:
    windows = [day(site=code) for code in ("MAIN", "NORTH")]
    polls: list[Outcome] = []

    def meddle(request: Request, outcome: Outcome) -> Outcome:
        if request.path != FETCH or not passes(outcome):
            return outcome
        polls.append(said({name: value for name, value in data(outcome).items() if name != "hash"}))
        return polls[0] if len(polls) == 2 else polls[-1]

    rig = EngineRig(world_of([wash(n, YESTERDAY + 60 + n * 60, SITES[n % 2]) for n in range(12)]), meddle)
    report = rig.export(*windows)
    assert len(polls) > 2
    assert report.complete
    assert rig.all_came_once(*windows)


# -- submissions whose replies make no sense ----------------------------------------------------------------------

NONSENSE = [
    said({}),
    said({"hash": ""}),
    said({"hash": None}),
    said({"hash": 5}),
    said(None),
    said([]),
    said(7),
    Response(200, b"[]"),
    Response(200, b"null"),
    Response(200, b"5"),
    Response(200, b'"hash"'),
    Response(200, b"{}"),
    Response(200, b"<html>Please log in</html>"),
    Response(200, b""),
]


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_a_submission_without_a_hash_is_asked_for_again(nonsense: Response) -> None:
    met: list[Request] = []

    def meddle(request: Request, outcome: Outcome) -> Outcome:
        if request.path == SUBMIT and len(met) < 2:
            met.append(request)
            return nonsense
        return outcome

    rig = EngineRig(rows_at(DAY, 5), meddle)
    assert rig.export(DAY).complete
    assert rig.all_came_once(DAY)


@pytest.mark.parametrize("nonsense", NONSENSE, ids=range(len(NONSENSE)))
def test_a_window_whose_submissions_make_no_sense_is_a_gap_and_costs_no_other(nonsense: Response) -> None:
    def meddle(request: Request, outcome: Outcome) -> Outcome:
        start = int(dict(request.query).get("startDate", 0))
        return nonsense if request.path == SUBMIT and DAY.start <= start < DAY.stop else outcome

    rig = EngineRig(rows_of_days(8, 8, 8), meddle)
    report = rig.export(BEFORE, DAY, day(3))
    assert [gap.window for gap in report.gaps] == [DAY]
    assert rig.all_came_once(BEFORE, day(3))
    assert rig.shelf.live() == []


@pytest.mark.parametrize("nonsense", [said({}), said([]), Response(200, b"5")], ids=["no hash", "a list", "a number"])
def test_so_it_is_if_it_is_the_first_window_or_the_only_one(nonsense: Response) -> None:
    rig = EngineRig(
        rows_at(DAY, 5), lambda request, outcome: nonsense if request.path == SUBMIT else outcome, job_s=0.0
    )
    report = rig.export(DAY)
    assert [(gap.window, gap.reason) for gap in report.gaps] == [(DAY, "the replies to its submission make no sense")]
    assert isinstance(report.gaps[0].error, errors.UnexpectedResponseError)
    assert rig.requests()[SUBMIT] <= 12


# -- a server that fails everything alike ------------------------------------------------------------------------


def jobs_of(rig: EngineRig) -> int:
    """Requests spent on jobs."""
    return rig.requests()[SUBMIT] + rig.requests()[FETCH]


@pytest.mark.parametrize("sticky", [True, False])
def test_a_server_that_fails_every_job_is_given_up_after_twelve_requests(sticky: bool) -> None:
    rig = EngineRig(rows_at(DAY, 5), job_s=0.0, faults=Faults(job_fail=1.0), quirks=Quirks(sticky_failures=sticky))
    report = rig.export(DAY)
    assert [gap.window for gap in report.gaps] == [DAY]
    assert isinstance(report.gaps[0].error, errors.JobFailedError)
    assert jobs_of(rig) == 12
    assert rig.shelf.live() == []
    assert rig.progress.pages_known == rig.progress.pages_done == 0


def test_more_effort_is_a_setting() -> None:
    spent = []
    for failures_max in (1, 6, 12, 24):
        rig = EngineRig(rows_at(DAY, 5), job_s=0.0, faults=Faults(job_fail=1.0))
        rig.export(DAY, failures_max=failures_max)
        spent.append(jobs_of(rig))
    assert spent[:2] == [4, 12]
    assert 20 <= spent[2] <= 30
    assert 40 <= spent[3] <= 60


def mock(hashes: bool, date: str) -> Meddler:
    """A static mock: one reply for all questions, 22 rows counted, one row. Or with hashes that differ."""

    def meddle(request: Request, outcome: Outcome) -> Outcome:
        if request.path == SUBMIT:
            return outcome if hashes else said({"hash": "1aabac6d068eef6a7bad3fdf50a05cc8"})
        if request.path == FETCH:
            name = dict(request.query)["hash"]
            row = {"id": "45678:1001", "completeDate": date, "total": 5}
            return said({"hash": name, "status": "pass", "data": [row], "offset": 1, "limit": 100, "total": 22})
        return outcome

    return meddle


@pytest.mark.parametrize(
    ("hashes", "date", "most"),
    [
        (False, "2018-05-19T05:32:32.000Z", 12),
        (False, "2026-11-22T05:32:32.000Z", 12),
        (True, "2018-05-19T05:32:32.000Z", 12),
        (True, "2026-11-22T05:32:32.000Z", 20),
    ],
)
def test_a_static_mock_is_given_up_after_about_twelve_requests(hashes: bool, date: str, most: int) -> None:
    rig = EngineRig(rows_at(DAY, 5), mock(hashes, date), job_s=0.0)
    report = rig.export(DAY)
    assert [gap.window for gap in report.gaps] == [DAY]
    assert jobs_of(rig) <= most
    assert len(rig.ids) <= 1


@pytest.mark.parametrize("bad_rows", [(0,), (39,), (17,), (3, 36), (0, 1), (11, 33)])
def test_bad_rows_are_isolated_all_the_same(bad_rows: tuple[int, ...]) -> None:
    world = rows_at(DAY, 40)
    bad = [world.rows[n].completed_ms // 1000 for n in bad_rows]

    def holds_one(request: Request) -> bool:
        query = dict(request.query)
        return any(int(query["startDate"]) <= second <= int(query["endDate"]) for second in bad)

    faults = Faults(script=(Scripted("job_fail", SUBMIT, holds_one, times=10**6),))
    rig = EngineRig(world, faults=faults, quirks=Quirks(sticky_failures=True))
    report = rig.export(DAY)
    assert sum(gap.window.length_s for gap in report.gaps) <= 400 * len(bad)
    assert sorted(rig.ids) == sorted(row.id for n, row in enumerate(world.rows) if n not in bad_rows)
    assert jobs_of(rig) < 130


# -- jobs that are too long ------------------------------------------------------------------------------------------


class Short:
    """A server that takes no job of more than so many hours."""

    def __init__(self, hours: int) -> None:
        self.hours = hours
        self.refused = 0

    def __call__(self, request: Request, outcome: Outcome) -> Outcome:
        asked = dict(request.query)
        if request.path != SUBMIT or int(asked["endDate"]) - int(asked["startDate"]) <= self.hours * 3600 + 1:
            return outcome
        self.refused += 1
        words = f"The date range must not be longer than {self.hours} hours."
        return said({"type": "PayloadValidationError", "messages": [words]}, 422)


@pytest.mark.parametrize(("hours", "refused"), [(12, 3), (8, 6), (1, 30)])
def test_jobs_that_are_too_long_are_halved_and_the_length_is_remembered(hours: int, refused: int) -> None:
    server = Short(hours)
    rig = EngineRig(rows_of_days(30, 20, 12), server)
    days = [day(3), BEFORE, DAY]
    for most in (refused, 0):
        server.refused = 0
        report = rig.export(*days)
        assert report.complete
        assert rig.all_came_once(*days)
        assert rig.shelf.live() == []
        assert server.refused <= most


def test_a_server_that_finds_every_job_too_long_is_not_asked_for_ever() -> None:
    server = Short(0)
    rig = EngineRig(rows_at(DAY, 12), server)
    with pytest.raises(errors.PayloadValidationError, match="must not be longer"):
        rig.export(DAY)
    assert rig.ids == []
    assert server.refused <= 24


# -- totals ------------------------------------------------------------------------------------------------------


def totals(make: Callable[[dict[str, Any]], Any]) -> Meddler:
    def meddle(request: Request, outcome: Outcome) -> Outcome:
        return changed(outcome, total=make(data(outcome))) if request.path == FETCH and passes(outcome) else outcome

    return meddle


@pytest.mark.parametrize("total", [10**12, 10**99, 10**6, 2**63])
@pytest.mark.parametrize("rows", [3, 10, 25])
def test_an_absurd_total_costs_a_few_requests(total: int, rows: int) -> None:
    rig = EngineRig(rows_at(DAY, rows), totals(lambda found: total if found["data"] else None))
    report = rig.export(DAY)
    assert not report.complete
    assert rig.all_came_once(DAY)
    assert jobs_of(rig) <= 140
    assert len(str(report.gaps[0])) < 200


def test_a_total_of_four_hundred_digits_is_no_number_that_a_reply_may_hold() -> None:
    rig = EngineRig(rows_at(DAY, 5), totals(lambda _: 10**400))
    with pytest.raises(errors.UnexpectedResponseError, match="a number has more than 100 digits"):
        rig.export(DAY)


@pytest.mark.parametrize("total", [-1, -(10**12), None, "", "many", 2.5, True, [], "9" * 400])
@pytest.mark.parametrize("rows", [0, 3, 10, 25])
def test_a_total_that_no_count_can_be_says_nothing(total: Any, rows: int) -> None:
    rig = EngineRig(rows_at(DAY, rows) if rows else world_of([]), totals(lambda _: total))
    report = rig.export(DAY)
    assert report.complete
    assert rig.all_came_once(DAY)


def test_a_total_that_changes_with_every_page_is_a_gap_and_no_row_is_lost() -> None:
    dice = random.Random(1)
    rig = EngineRig(rows_at(DAY, 35), totals(lambda found: dice.choice([found["total"] or 0, 10**12, 7, 41])))
    report = rig.export(DAY, BEFORE)
    assert jobs_of(rig) <= 300
    assert not report.complete
    assert set(rig.ids) == {row.id for row in rig.sandbox.truth(*DAY.span)}


@pytest.mark.parametrize("total", [0, 1, 9])
def test_a_total_below_the_rows_of_its_own_page_is_a_contradiction(total: int) -> None:
    rig = EngineRig(rows_at(DAY, 25), totals(lambda _: total))
    report = rig.export(DAY)
    assert not report.complete
    assert jobs_of(rig) <= 120


def test_a_window_of_many_pages_is_asked_for_in_bursts() -> None:
    rig = EngineRig(rows_at(DAY, 1200), job_s=2.0)
    assert rig.export(DAY).complete
    assert rig.requests()[SUBMIT] == 120
    assert rig.all_came_once(DAY)


# -- what is empty, and in which shape rows come -----------------------------------------------------------------


def not_found(request: Request, outcome: Outcome) -> Outcome:
    """A server that answers an inquiry without results as the contract says: with a 404."""
    if request.path == SUBMIT:
        query = dict(request.query)
        if not any(rig_rows(int(query["startDate"]), int(query["endDate"]))):
            return said({"type": "EntityNotFoundError", "message": "No results."}, 404)
    return outcome


WORLD = rows_of_days(0, 12, 0)


def rig_rows(start: int, stop: int) -> list[Any]:
    return [row for row in WORLD.rows if start <= row.completed_ms // 1000 < stop]


@pytest.mark.parametrize("windows", [(day(3),), (day(3), BEFORE, DAY), (BEFORE, DAY), (DAY, day(3))])
@pytest.mark.parametrize("method", ["post", "get", "both"])
@pytest.mark.parametrize("wrong", ["404", "405"])
def test_a_404_to_a_submission_is_a_window_without_rows(windows: tuple[Window, ...], method: Any, wrong: Any) -> None:
    rig = EngineRig(WORLD, not_found, quirks=Quirks(submit_method=method, wrong_submit=wrong))
    report = rig.export(*windows)
    assert report.complete
    assert rig.all_came_once(*windows)
    assert [window.total for window in report.windows] == [12 if window == BEFORE else 0 for window in windows]
    assert rig.progress.pages_known == rig.progress.pages_done


def test_a_404_to_everything_is_a_wrong_address() -> None:
    gone = said({"type": "EntityNotFoundError", "message": "Gone."}, 404)
    rig = EngineRig(WORLD, lambda request, outcome: gone)
    with pytest.raises(errors.NotFoundError, match=r"^(POST|GET) /transaction/load-job answered 404"):
        rig.export(DAY)
    assert [entry.path for entry in rig.log] == [SUBMIT, SUBMIT, "/site/list"]


@pytest.mark.parametrize("nothing", [None, {}, [], "absent"])
def test_nothing_where_rows_are_due_is_no_rows(nothing: Any) -> None:
    def meddle(request: Request, outcome: Outcome) -> Outcome:
        if request.path != FETCH or not passes(outcome) or data(outcome)["data"]:
            return outcome
        if nothing == "absent":
            return said({name: value for name, value in data(outcome).items() if name != "data"})
        return changed(outcome, data=nothing)

    rig = EngineRig(rows_at(DAY, 10), meddle)
    assert rig.export(BEFORE, DAY).complete
    assert rig.all_came_once(BEFORE, DAY)


def test_a_list_that_php_wrote_as_an_object_is_that_list() -> None:
    def php(request: Request, outcome: Outcome) -> Outcome:
        if request.path == FETCH and passes(outcome):
            return changed(outcome, data={str(n): row for n, row in enumerate(data(outcome)["data"], 1)})
        return outcome

    rig = EngineRig(rows_at(DAY, 25), php)
    assert rig.export(DAY).complete
    assert rig.all_came_once(DAY)


# -- page sizes of the server's own ------------------------------------------------------------------------------


def granting(size: int, *, named: Any, total: bool, rows: int) -> EngineRig:
    """A server that grants fewer rows a page than are asked for.

    Args:
        size: Rows a page that it grants.
        named: What it names as `limit`: `"size"`, `"asked"`, or nothing.
        total: Whether it names a total.
        rows: How many rows it has.
    """
    ids = [row.id for row in sorted(rows_at(DAY, rows).rows, key=lambda row: row.completed_ms)]
    asked: dict[str, dict[str, str]] = {}

    def meddle(request: Request, outcome: Outcome) -> Outcome:
        if request.path == SUBMIT:
            asked[data(outcome)["hash"]] = dict(request.query)
        if request.path != FETCH or not passes(outcome):
            return outcome
        query = asked[data(outcome)["hash"]]
        start, stop, page = (int(query[name]) for name in ("startDate", "endDate", "offset"))
        within = [row for row in world.rows if start <= row.completed_ms // 1000 <= stop]
        shown = within[(page - 1) * size : page * size]
        raw = [{"id": row.id, "completeDate": stamp(row.completed_ms // 1000), "total": 1} for row in shown]
        limit = {"size": size, "asked": PAGE_ROWS}.get(named)
        return changed(outcome, data=raw, limit=limit, offset=page, total=len(within) if total else None)

    world = rows_at(DAY, rows)
    assert len(ids) == rows
    return EngineRig(world, meddle, job_s=0.0)


def stamp(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat()


@pytest.mark.parametrize("size", [1, 5, 9, 10])
@pytest.mark.parametrize("rows", [1, 5, 9, 10, 11, 25])
@pytest.mark.parametrize("named", ["size", "asked", "nothing"])
def test_a_short_page_is_the_last_only_by_the_size_that_the_server_applied(size: int, rows: int, named: str) -> None:
    rig = granting(size, named=named, total=False, rows=rows)
    report = rig.export(DAY)
    assert report.complete
    assert rig.all_came_once(DAY)
    assert jobs_of(rig) <= 2 * (-(-rows // size) + 1)


@pytest.mark.parametrize(("rows", "pages"), [(9, 2), (10, 2), (25, 3), (30, 4)])
def test_a_size_that_another_page_has_borne_out_costs_no_page_more(rows: int, pages: int) -> None:
    rig = granting(PAGE_ROWS, named="size", total=False, rows=rows)
    assert rig.export(DAY).complete
    assert rig.requests()[SUBMIT] == pages


@pytest.mark.parametrize("size", [1, 5, 9, 10, 25, 40])
@pytest.mark.parametrize("rows", [1, 5, 9, 10, 11, 25])
@pytest.mark.parametrize("named", ["size", "asked", "nothing"])
def test_with_a_total_the_servers_page_size_is_taken(size: int, rows: int, named: str) -> None:
    rig = granting(size, named=named, total=True, rows=rows)
    report = rig.export(DAY)
    assert report.complete
    assert report.windows[0].rereads == 0
    assert rig.all_came_once(DAY)
    assert jobs_of(rig) <= 2 * -(-rows // min(size, PAGE_ROWS))


def test_a_server_that_gives_one_page_for_all_numbers_comes_to_an_end() -> None:
    def stuck(request: Request, outcome: Outcome) -> Outcome:
        if request.path != FETCH or not passes(outcome):
            return outcome
        rows = [{"id": f"1:{n}", "completeDate": stamp(YESTERDAY + n), "total": 1} for n in range(10)]
        return said({"status": "pass", "data": rows, "total": None})

    rig = EngineRig(rows_at(DAY, 10), stuck, job_s=0.0)
    report = rig.export(DAY)
    assert report.gaps[0].reason in {
        "the rows of page 1 had all come before",
        "the rows of page 2 had all come before",
        "its rows belong to another window",
    }
    assert not report.complete
    assert jobs_of(rig) <= 30
    assert len(rig.ids) == 10


# -- each check, broken ------------------------------------------------------------------------------------------


def _nothing(*_: Any) -> None:
    """Check nothing."""


def more_effort(failures_max: int) -> AbstractContextManager[Any]:
    """Run exports with another limit than they were given."""
    real = state.ExportState.begin

    def begin(windows: Any, policy: Any, *rest: Any) -> Any:
        return real(windows, replace(policy, failures_max=failures_max), *rest)

    return patch.object(state.ExportState, "begin", begin)


BROKEN: dict[str, tuple[Callable[[], AbstractContextManager[Any]], Callable[[], None]]] = {
    "a poll's hash is not looked at": (
        lambda: patch.object(jobs, "check_hash", _nothing),
        lambda: test_an_answer_about_another_job_is_refused_and_asked_for_again(LIES[0], 1),
    ),
    "a poll's page is not looked at": (
        lambda: patch.object(jobs, "check_page", _nothing),
        lambda: test_an_answer_about_another_job_is_refused_and_asked_for_again(LIES[1], 1),
    ),
    "rows of another week are taken": (
        lambda: patch.object(homes, "check_rows", _nothing),
        test_rows_of_days_outside_the_window_are_never_delivered,
    ),
    "rows of another window of the plan are taken": (
        lambda: patch.object(homes.Homes, "are_elsewhere", lambda *_: False),
        test_two_windows_whose_hashes_changed_places_are_read_right,
    ),
    "rows of another site are taken": (
        lambda: patch.object(homes.Homes, "are_elsewhere", lambda *_: False),
        test_replies_about_two_sites_of_one_day_are_told_apart,
    ),
    "two windows may have one hash, and rows of the other": (
        lambda: patch.multiple(state.ExportState, _check_submission=_nothing, note_job=_nothing),
        test_two_windows_with_one_hash_are_told_apart,
    ),
    "a submission without a hash is taken": (
        lambda: patch.object(state, "read_hash", _nothing),
        lambda: test_a_submission_without_a_hash_is_asked_for_again(NONSENSE[0]),
    ),
    "a server that fails everything is asked on": (
        lambda: more_effort(24),
        lambda: test_a_server_that_fails_every_job_is_given_up_after_twelve_requests(True),
    ),
    "a total is believed": (
        lambda: patch.object(WindowRead, "pages_wanted", property(lambda self: min(self.pages_known, 10**4))),
        lambda: test_an_absurd_total_costs_a_few_requests(10**6, 10),
    ),
    "a 404 to a submission is a refusal": (
        lambda: patch.object(board, "is_no_results", lambda _: False),
        lambda: test_a_404_to_a_submission_is_a_window_without_rows((DAY,), "post", "405"),
    ),
    "a page that is not as full as asked for is the last": (
        lambda: patch.object(WindowRead, "_is_last", lambda self, number: self.passed[number] < self.limit),
        lambda: test_a_short_page_is_the_last_only_by_the_size_that_the_server_applied(5, 25, "nothing"),
    ),
    "a size that is named is the size applied": (
        lambda: patch.object(WindowRead, "_is_last", lambda self, number: self.passed[number] < self.sizes[number]),
        lambda: test_a_short_page_is_the_last_only_by_the_size_that_the_server_applied(5, 25, "asked"),
    ),
    "the size asked for is the size applied": (
        lambda: patch.object(WindowRead, "_size", lambda self, _: self.limit),
        lambda: test_with_a_total_the_servers_page_size_is_taken(5, 25, "asked"),
    ),
}


@pytest.mark.parametrize("wrong", BROKEN)
def test_a_broken_check_is_noticed(wrong: str) -> None:
    breaking, scenario = BROKEN[wrong]
    scenario()
    with breaking(), pytest.raises((AssertionError, errors.SonnysError, TypeError)):
        scenario()
