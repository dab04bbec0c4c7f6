"""Exports as a whole: the report, and servers that want every job to name its site."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client import errors
from sonnys_data_client.engine.effects import Deliver, Settle
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.report import Gap, WindowReport
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Outcome, Request
from sonnys_data_client.sandbox import Faults, Quirks, Scripted
from sonnys_data_client.sandbox.world.listed import ListWorld
from tests.engine.rig import SUBMIT, YESTERDAY, AnswerShelf, EngineRig, day, rows_at, said
from tests.sandbox.rig import SITES, wash, world_of

SITE_LIST = "/site/list"
DAY = day()


def three_sites() -> ListWorld:
    """12 rows at each of two sites, 3 in the web shop, whose code is empty."""
    counts = zip(SITES, (12, 12, 3), strict=True)
    return world_of([wash(n, YESTERDAY + 60 + n * 600, site) for site, count in counts for n in range(count)])


def sites_named(rig: EngineRig) -> list[str | None]:
    """The sites of the submitted jobs, each once, in order; None for a job that names none."""
    return list(dict.fromkeys(dict(entry.query).get("site") for entry in rig.log if entry.path == SUBMIT))


def test_a_report_adds_its_windows_up() -> None:
    late, early = Gap(day(1), "its job failed"), Gap(day(2), "its job failed")
    report = Report([WindowReport(day(2), rows=3, gaps=[early]), WindowReport(day(1), rows=4, gaps=[late])])
    assert (report.rows, report.gaps, report.complete) == (7, [early, late], False)
    assert Report([WindowReport(day(1))]).complete
    assert Report().complete


def test_a_report_shows_its_counts_in_one_line() -> None:
    gaps = [Gap(day(number), "<its> job failed") for number in range(1, 6)]
    report = Report([WindowReport(day(1), rows=1200, gaps=gaps), WindowReport(day(2), rows=34, quarantined=2)], 620, 1)
    assert repr(report) == "Report(2 windows, 1,234 rows, 5 gaps, 620 requests)"
    assert repr(Report([WindowReport(day(1), rows=1)], 2)) == "Report(1 window, 1 row, complete, 2 requests)"
    html = report._repr_html_()
    assert "<th>of these in quarantine</th><td>2</td>" in html
    assert html.count("&lt;its&gt; job failed") == 3
    assert "and 2 more" in html


def test_windows_are_reported_in_the_plans_order() -> None:
    rig = EngineRig(three_sites())
    report = rig.export(day(3), day(2), day(1))
    assert [window.window for window in report.windows] == [day(3), day(2), day(1)]
    assert report.requests == len(rig.log)


def test_a_server_that_takes_jobs_without_a_site_is_not_asked_by_site() -> None:
    rig = EngineRig(three_sites())
    assert rig.export(DAY).rows == 27
    assert sites_named(rig) == [None]
    assert rig.requests()[SITE_LIST] == 0


@pytest.mark.parametrize("blank_code", ["empty", "null"])
def test_a_server_that_wants_sites_is_asked_for_each_the_web_shop_included(blank_code: Any) -> None:
    rig = EngineRig(three_sites(), quirks=Quirks(site_required=True, blank_code=blank_code))
    report = rig.export(DAY)
    assert sites_named(rig) == [None, "MAIN", "NORTH", ""]
    assert report.complete
    assert rig.all_came_once(DAY)
    assert [window.window.site for window in report.windows] == ["MAIN", "NORTH", ""]
    assert rig.progress.pages_known == rig.progress.pages_done
    assert rig.progress.windows == 3


def test_that_sites_are_wanted_is_found_out_once() -> None:
    rig = EngineRig(three_sites(), quirks=Quirks(site_required=True))
    rig.export(DAY)
    rig.export(day(2), DAY)
    assert [entry.status for entry in rig.log].count(422) == 1
    assert rig.requests()[SITE_LIST] == 1


def test_a_web_shop_that_cannot_be_asked_for_is_a_gap_that_names_it() -> None:
    rig = EngineRig(three_sites(), quirks=Quirks(site_required=True, empty_site="ignored"))
    report = rig.export(DAY)
    [gap] = report.gaps
    assert str(gap) == (
        "2026-11-22 00:00:00Z to 2026-11-23 00:00:00Z at the site without a code: the server refused its job"
    )
    assert isinstance(gap.error, errors.PayloadValidationError)
    assert rig.all_came_once(day(site="MAIN"), day(site="NORTH"))


def test_windows_that_name_a_site_stay_as_they_are() -> None:
    rig = EngineRig(three_sites(), quirks=Quirks(site_required=True))
    rig.findings.site_required = True
    report = rig.export(day(site="NORTH"), day(2))
    windows = [(window.window.start == DAY.start, window.window.site) for window in report.windows]
    assert windows == [(True, "NORTH"), (False, "MAIN"), (False, "NORTH"), (False, "")]


def test_a_complaint_about_the_named_site_is_no_reason_to_ask_by_site() -> None:
    rig = EngineRig(three_sites())
    with pytest.raises(errors.PayloadValidationError, match="site is not the code of a site"):
        rig.export(day(site="NOWHERE"))
    assert len(rig.log) == 1


def test_a_site_list_that_cannot_be_read_ends_the_export() -> None:
    def no_list(request: Request, outcome: Outcome) -> Outcome:
        return said({"places": [1]}) if request.path == SITE_LIST else outcome

    rig = EngineRig(three_sites(), no_list, quirks=Quirks(site_required=True))
    with pytest.raises(errors.UnexpectedResponseError, match="a list `sites` was due"):
        rig.export(DAY)


def test_jobs_that_named_their_site_are_gone_on_with() -> None:
    rig = EngineRig(three_sites(), quirks=Quirks(site_required=True), job_s=30.0)
    killed = rig.start([DAY])
    rig.run(for_s=10.0)
    killed.kill()
    submitted = [entry.hash for entry in rig.log if entry.path == SUBMIT and entry.hash]
    assert len(submitted) >= 3
    report = rig.export(DAY)
    assert report.complete
    assert rig.all_came_once(DAY)
    assert {entry.hash for entry in rig.log if entry.path == SUBMIT and entry.hash} >= set(submitted)
    assert len({entry.hash for entry in rig.log if entry.path == SUBMIT and entry.hash}) == 5
    assert rig.shelf.live() == []


def settled_spans(rig: EngineRig) -> list[list[Window]]:
    """The windows of each settled span, in order; asserts that none of its rows came afterwards."""
    spans: list[list[Window]] = []
    for ask, _ in rig.asks:
        if isinstance(ask, Deliver):
            assert ask.window.span not in {windows[0].span for windows in spans}
        if isinstance(ask, Settle):
            assert ask.span not in {windows[0].span for windows in spans}
            spans.append([report.window for report in ask.reports])
    return spans


def test_each_span_is_announced_once_when_all_its_windows_are_settled() -> None:
    rig = EngineRig(three_sites())
    rig.export(DAY, day(2))
    assert sorted(settled_spans(rig)) == [[day(2)], [DAY]]
    rig = EngineRig(three_sites(), quirks=Quirks(site_required=True))
    rig.export(DAY, day(2))
    codes = ["MAIN", "NORTH", ""]
    assert sorted(settled_spans(rig)) == [[day(back, code) for code in codes] for back in (2, 1)]


def test_a_span_with_a_gap_is_announced_too() -> None:
    rig = EngineRig(three_sites(), faults=Faults(job_fail=1.0))
    rig.export(DAY)
    assert settled_spans(rig) == [[DAY]]


def test_pages_that_were_kept_with_their_handles_are_taken_in_without_a_request() -> None:
    rig = EngineRig(rows_at(DAY, 95), job_s=3)
    rig.shelf = AnswerShelf()
    process = rig.start([DAY])
    while not process.done and sum("answer" in kept for kept in rig.shelf.live()) < 6:
        rig.run(for_s=0.05)
    process.kill()
    rig.run(for_s=900)
    answered = [kept["hash"] for kept in rig.shelf.live() if "answer" in kept]
    assert 0 < len(answered) < 10
    spent = len(rig.log)
    report = rig.export(DAY)
    assert report.complete
    assert rig.all_came_once(DAY)
    assert not {entry.hash for entry in rig.log[spent:]} & set(answered)
    assert len(rig.log) - spent <= 2 * (10 - len(answered)) + 2


def test_an_export_all_of_whose_pages_were_kept_sends_nothing() -> None:
    rig = EngineRig(rows_at(DAY, 95))
    rig.shelf = AnswerShelf()
    rig.export(DAY)
    spent = len(rig.log)
    report = rig.export(DAY)
    assert (len(rig.log), report.requests, report.rows) == (spent, 0, 95)
    assert settled_spans(rig) == [[DAY]]


def test_kept_pages_that_contradict_one_another_are_read_again_by_halves() -> None:
    rig = EngineRig(rows_at(DAY, 95))
    rig.shelf = AnswerShelf()
    rig.export(DAY)
    first, *_ = rig.shelf.live()
    rig.shelf.answered(first, {**first["answer"], "total": 96})
    report = rig.export(DAY)
    assert report.complete
    assert report.windows[0].rereads >= 2
    assert rig.all_came_once(DAY)


def test_a_window_that_was_read_by_halves_has_the_total_of_one_that_was_read_at_once() -> None:
    middle = YESTERDAY + 43_200
    world = world_of([wash(n, at) for n, at in enumerate([middle - 1, middle, middle, middle + 1, DAY.stop, DAY.stop])])
    whole = EngineRig(world).export(DAY)

    def sick(request: Request) -> bool:
        query = dict(request.query)
        return (int(query["startDate"]), int(query["endDate"])) == DAY.span

    faults = Faults(script=(Scripted("job_fail", SUBMIT, sick, times=10**6),))
    halved = EngineRig(world, faults=faults).export(DAY)
    assert halved.windows[0].rereads > whole.windows[0].rereads
    assert (whole.windows[0].rows, whole.windows[0].total) == (4, 6)
    assert (halved.windows[0].rows, halved.windows[0].total) == (4, 6)


def test_kept_pages_of_no_window_of_the_plan_are_struck_out() -> None:
    rig = EngineRig(rows_at(DAY, 15))
    rig.shelf = AnswerShelf()
    rig.export(DAY)
    rig.export(day(2))
    assert {kept["start"] for kept in rig.shelf.live()} == {day(2).start}
