"""The export machine, against the sandbox in virtual time: each way that a page's life can go."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from sonnys_data_client import errors
from sonnys_data_client.engine.effects import Pause, Send, Woken
from sonnys_data_client.engine.export.schedule import count_request
from sonnys_data_client.engine.export.window_read import SPLIT_S_MIN, WindowRead
from sonnys_data_client.engine.jobs import Handle, Page
from sonnys_data_client.engine.windows import CACHE_S, Window
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response
from sonnys_data_client.sandbox import Faults, Quirks
from sonnys_data_client.sandbox.faults import Scripted
from tests.engine.rig import (
    FETCH,
    LIST,
    PAGE_ROWS,
    SUBMIT,
    TODAY,
    YESTERDAY,
    EngineRig,
    Meddler,
    changed,
    data,
    day,
    rows_at,
    said,
)
from tests.sandbox.rig import NOW, wash, world_of

DAY = day()


def covers(gaps: list[Window], window: Window) -> bool:
    """Whether the gaps together cover the window."""
    edge = window.start
    for gap in sorted(gaps):
        if gap.start > edge:
            return False
        edge = max(edge, gap.stop)
    return edge == window.stop


# -- a page's life ------------------------------------------------------------------------------------------------


def test_the_first_request_goes_out_alone() -> None:
    rig = EngineRig(rows_at(DAY, 35))
    rig.export(DAY, day(2), day(3))
    answered_at = next(m.now for ask, m in rig.asks if isinstance(ask, Pause) and isinstance(m, Woken) and m.replies)
    sent = [moment.now for ask, moment in rig.asks if isinstance(ask, Send)]
    assert [at < answered_at for at in sent[:3]] == [True, False, False]


@pytest.mark.parametrize("rows", [0, 1, 9, 10, 11, 35, 100])
@pytest.mark.parametrize("job_s", [0.0, 7.0])
def test_a_window_is_read_whole(rows: int, job_s: float) -> None:
    rig = EngineRig(rows_at(DAY, rows) if rows else world_of([]), job_s=job_s)
    report = rig.export(DAY)
    assert rig.all_came_once(DAY)
    assert report.complete
    assert report.windows[0].total == report.rows == rows
    assert rig.shelf.live() == []


@pytest.mark.parametrize("end", ["inclusive", "exclusive"])
def test_a_row_on_the_edge_of_two_windows_comes_once(end: Any) -> None:
    edge = [wash(1, YESTERDAY - 0.001), wash(2, YESTERDAY), wash(3, YESTERDAY + 0.999), wash(4, TODAY)]
    rig = EngineRig(world_of(edge), quirks=Quirks(end=end))
    report = rig.export(day(2), day(1))
    assert sorted(rig.ids) == ["1:1", "2:1", "3:1"]
    assert report.complete


def test_two_requests_a_page_are_enough_when_durations_are_known() -> None:
    days = [day(back) for back in range(30, 0, -1)]
    rig = EngineRig(world_of([wash(back, TODAY - back * 86_400 + 60) for back in range(1, 31)]), job_s=3.0)
    report = rig.export(*days)
    assert rig.all_came_once(*days)
    assert rig.requests() == {SUBMIT: 30, FETCH: 30}
    assert report.refusals == 0


def test_no_more_jobs_fly_than_asked_for() -> None:
    rig = EngineRig(rows_at(DAY, 95), job_s=6.0)
    rig.export(DAY, max_in_flight=3)
    flying: set[str | None] = set()
    most = 0
    for entry in rig.log:
        if entry.path == SUBMIT:
            flying.add(entry.hash)
        elif entry.job_status == "pass":
            flying.discard(entry.hash)
        most = max(most, len(flying))
    assert most == 3
    assert rig.all_came_once(DAY)


def test_behind_a_queue_fewer_jobs_fly_and_none_outlives_its_result() -> None:
    rig = EngineRig(rows_at(DAY, 800), job_s=10.0, workers=1)
    before = rig.findings.in_flight_limit.jobs
    assert rig.export(DAY).complete
    assert rig.findings.in_flight_limit.jobs < before / 2
    assert 404 not in {entry.status for entry in rig.log}
    assert rig.all_came_once(DAY)


def test_what_a_window_took_is_forgotten_once_it_is_settled() -> None:
    named = [day(back, "MAIN") for back in range(40, 0, -1)]  # no other test's windows
    rows = [wash(window.start + n, window.start + n * 60) for window in named for n in range(60)]
    rig = EngineRig(world_of(rows), job_s=5.0)
    process = rig.start(named)
    while rig.progress.windows_done < 4 and not process.done:
        rig.run(for_s=1.0)
    assert not process.done
    held = [thing for thing in gc.get_objects() if isinstance(thing, WindowRead) and thing.window in named]
    assert any(read.ids for read in held if read.live)
    assert not any(read.ids for read in held if not read.live)
    process.kill()


def test_no_windows_cost_nothing() -> None:
    rig = EngineRig(world_of([]))
    report = rig.export()
    assert report.complete
    assert rig.log == []


def test_the_time_left_is_right_from_the_first_page_on() -> None:
    """Most windows are still of unknown size then: they are expected to be like the known ones."""
    windows = [day(back) for back in range(12, 0, -1)]
    rig = EngineRig(rows_at(Window(windows[0].start, windows[-1].stop), 12 * 95), job_s=10.0)
    process = rig.start(windows)
    while rig.progress.seconds_left is None:
        rig.run(for_s=1.0)
    told, begun = rig.progress.seconds_left, rig.log[-1].at
    rig.run()
    assert process.result is not None
    left = rig.log[-1].at - begun
    assert left / 2 < told < left * 2


def test_the_counters_tell_how_far_it_is() -> None:
    rig = EngineRig(rows_at(DAY, 95), job_s=30.0)
    process = rig.start([DAY])
    assert rig.progress.seconds_left is None
    rig.run(for_s=20.0)
    assert not process.done
    assert 0 < rig.progress.in_flight <= 10
    assert rig.progress.pages_known == 10
    rig.run()
    progress = rig.progress
    assert (progress.rows, progress.pages_done, progress.pages_known) == (95, 10, 10)
    assert (progress.windows_done, progress.windows, progress.in_flight, progress.seconds_left) == (1, 1, 0, 0.0)
    assert progress.requests == len(rig.log)


# -- how jobs are submitted ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", ["404", "405"])
def test_a_server_that_wants_get_is_asked_by_post_once(wrong: Any) -> None:
    rig = EngineRig(rows_at(DAY, 25), quirks=Quirks(submit_method="get", wrong_submit=wrong))
    assert rig.export(DAY).complete
    assert rig.all_came_once(DAY)
    assert rig.findings.submit_method == "GET"
    rig.export(day(2))
    assert [entry.method for entry in rig.log].count("POST") == 1


def test_a_server_that_takes_neither_is_given_up_after_two_requests() -> None:
    def no_jobs(request: Request, outcome: Outcome) -> Outcome:
        return Response(404, b"<html>Not Found</html>")

    rig = EngineRig(rows_at(DAY, 5), no_jobs)
    with pytest.raises(errors.NotFoundError, match=r"^POST /transaction/load-job answered 404"):
        rig.export(DAY)
    assert [entry.method for entry in rig.log] == ["POST", "GET"]
    assert rig.findings.submit_method == "POST"


@pytest.mark.parametrize("status", [400, 403])
def test_what_denies_the_first_job_ends_the_export(status: int) -> None:
    rig = EngineRig(rows_at(DAY, 5), lambda request, outcome: said({"type": "Whatever", "message": "No."}, status))
    with pytest.raises(errors.APIStatusError, match="No"):
        rig.export(DAY, day(2))
    assert len(rig.log) == 1


def test_credentials_that_stop_working_end_the_export() -> None:
    def revoke(request: Request, outcome: Outcome) -> Outcome:
        if dict(request.query).get("startDate") == str(day(2).start):
            return said({"type": "NotAuthorizedError", "message": "No."}, 403)
        return outcome

    with pytest.raises(errors.AuthenticationError):
        EngineRig(rows_at(DAY, 5), revoke).export(DAY, day(2))


@pytest.mark.parametrize(
    ("status", "kind"), [(422, "PayloadValidationError"), (400, "UnexpectedFailure"), (403, "BadSiteCredentialsError")]
)
def test_a_window_that_the_server_denies_becomes_a_gap_and_costs_no_other(status: int, kind: str) -> None:
    def deny(request: Request, outcome: Outcome) -> Outcome:
        denied = dict(request.query).get("startDate") == str(day(2).start) and request.path == SUBMIT
        return said({"type": kind, "message": "No."}, status) if denied else outcome

    rig = EngineRig(rows_at(DAY, 25), deny)
    report = rig.export(DAY, day(2), day(3))
    assert [(gap.window, gap.reason) for gap in report.gaps] == [(day(2), "the server refused its job")]
    assert isinstance(report.gaps[0].error, errors.APIStatusError)
    assert rig.all_came_once(DAY)
    assert not report.complete


def before(second: float) -> Meddler:
    """A server that refuses jobs before a second: its clock is ahead of ours."""

    def meddle(request: Request, outcome: Outcome) -> Outcome:
        if request.path == SUBMIT and int(dict(request.query)["startDate"]) < second:
            problem = {"type": "PayloadValidationError", "messages": ["startDate must not be older than 6 months."]}
            return said(problem, 422)
        return outcome

    return meddle


def test_the_first_windows_may_be_refused_and_the_others_are_had() -> None:
    windows = [day(back) for back in (4, 3, 2, 1)]
    rig = EngineRig(rows_at(day(1), 20), meddle=before(day(2).start))
    report = rig.export(*windows)
    assert [gap.window for gap in report.gaps] == windows[:2]
    assert rig.all_came_once(day(2), day(1))


@pytest.mark.parametrize("count", [1, 2, 3, 9])
def test_if_all_windows_are_refused_it_is_not_about_them(count: int) -> None:
    rig = EngineRig(rows_at(day(1), 20), meddle=before(day(0).start + 9e6))
    with pytest.raises(errors.PayloadValidationError, match="6 months"):
        rig.export(*(day(back) for back in range(count, 0, -1)))
    assert [entry.path for entry in rig.log].count(SUBMIT) == min(count, 4)


# -- jobs that come to nothing ------------------------------------------------------------------------------------


def test_a_job_that_failed_is_submitted_again() -> None:
    rig = EngineRig(rows_at(DAY, 5), faults=Faults(script=(Scripted("job_fail", SUBMIT),)))
    report = rig.export(DAY)
    assert report.complete
    assert (report.windows[0].rereads, rig.requests()[SUBMIT]) == (0, 2)
    assert rig.all_came_once(DAY)
    assert rig.shelf.live() == []


def test_a_job_that_keeps_failing_is_read_by_halves() -> None:
    faults = Faults(script=(Scripted("job_fail", SUBMIT),))
    rig = EngineRig(rows_at(DAY, 25), quirks=Quirks(sticky_failures=True), faults=faults)
    report = rig.export(DAY)
    assert report.complete
    assert report.windows[0].rereads == 2
    assert rig.all_came_once(DAY)
    assert rig.shelf.live() == []


def test_rows_that_came_before_the_split_do_not_come_again() -> None:
    def fail_page_2(request: Request, outcome: Outcome) -> Outcome:
        if request.path == FETCH and data(outcome)["status"] == "pass":
            found = data(outcome)
            if found["offset"] == 2 and found["total"] == 25:
                return changed(outcome, status="fail", data=[])
        return outcome

    rig = EngineRig(rows_at(DAY, 25), fail_page_2)
    report = rig.export(DAY)
    assert report.complete
    assert report.windows[0].rereads == 2
    assert rig.all_came_once(DAY)
    assert report.windows[0].doubles >= PAGE_ROWS


def test_what_fails_down_to_minutes_is_a_gap_and_nothing_else_is() -> None:
    bad = YESTERDAY + 40_000

    def fail_around(request: Request, outcome: Outcome) -> Outcome:
        if request.path == FETCH and data(outcome)["status"] == "pass":
            window = asked[data(outcome)["hash"]]
            if window.start <= bad < window.stop:
                return changed(outcome, status="fail", data=[], message="Report  engine\nis down")
        if request.path == SUBMIT:
            query = dict(request.query)
            asked[data(outcome)["hash"]] = Window(int(query["startDate"]), int(query["endDate"]))
        return outcome

    asked: dict[str, Window] = {}
    rig = EngineRig(rows_at(DAY, 200), fail_around)
    report = rig.export(DAY, day(2))
    [gap] = report.gaps
    assert gap.window.start <= bad < gap.window.stop
    assert gap.window.length_s < 2 * SPLIT_S_MIN
    assert gap.reason == "its job failed"
    assert isinstance(gap.error, errors.JobFailedError)
    assert "Report engine is down" in str(gap.error)
    missing = {row.id for row in rig.sandbox.truth(gap.window.start, gap.window.stop)}
    assert {row.id for row in rig.sandbox.truth(DAY.start, DAY.stop)} - set(rig.ids) <= missing
    assert len(rig.ids) == len(set(rig.ids))


def test_a_window_whose_every_job_fails_is_given_up_in_the_end() -> None:
    rig = EngineRig(rows_at(DAY, 25), faults=Faults(job_fail=1.0))
    report = rig.export(DAY)
    assert covers([gap.window for gap in report.gaps], DAY)
    assert report.rows == 0
    assert rig.requests()[SUBMIT] <= 100
    assert rig.shelf.live() == []


def test_when_all_jobs_fail_the_export_says_so_and_stops() -> None:
    rig = EngineRig(rows_at(DAY, 25), faults=Faults(job_fail=1.0))
    with pytest.raises(errors.JobFailedError, match="gave no reason"):
        rig.export(*(day(back) for back in range(30, 0, -1)))
    assert rig.requests()[FETCH] < 200


def test_a_result_that_expired_is_asked_for_again() -> None:
    expired: set[str] = set()

    def expire(request: Request, outcome: Outcome) -> Outcome:
        hash = dict(request.query).get("hash", "")
        if request.path == FETCH and not expired and data(outcome)["status"] == "pass":
            expired.add(hash)
            return said({"type": "EntityNotFoundError", "message": "No such job."}, 404)
        return outcome

    rig = EngineRig(rows_at(DAY, 5), expire)
    report = rig.export(DAY)
    assert report.complete
    assert rig.requests()[SUBMIT] == 2
    assert rig.all_came_once(DAY)


def test_results_that_keep_expiring_become_a_gap() -> None:
    minute = Window(YESTERDAY, YESTERDAY + 60)

    def expire(request: Request, outcome: Outcome) -> Outcome:
        gone = said({"type": "EntityNotFoundError", "message": "No such job."}, 404)
        return gone if request.path == FETCH and data(outcome)["status"] == "pass" else outcome

    rig = EngineRig(rows_at(minute, 5), expire)
    report = rig.export(minute)
    [gap] = report.gaps
    assert gap.reason == "its results kept expiring"
    assert isinstance(gap.error, errors.JobExpiredError)
    assert rig.requests()[SUBMIT] <= 12
    assert rig.shelf.live() == []


def test_a_job_over_time_ends_the_load_where_the_caller_wants_that() -> None:
    rig = EngineRig(rows_at(DAY, 5), job_s=500.0)
    with pytest.raises(errors.JobTimeoutError) as caught:
        rig.export(DAY, job_timeout_s=30.0, split_overdue=False)
    assert Handle.from_dict(caught.value.handle).page == Page(DAY, 1, PAGE_ROWS)
    assert 30.0 <= rig.log[-1].at - rig.log[0].at <= 45.0
    assert list(rig.shelf.live()) == [caught.value.handle]


def test_a_job_over_time_is_read_by_halves() -> None:
    def stuck(request: Request, outcome: Outcome) -> Outcome:
        if request.path == SUBMIT and dict(request.query)["endDate"] == str(DAY.stop) and not hashes:
            hashes.add(data(outcome)["hash"])
        if request.path == FETCH and dict(request.query)["hash"] in hashes:
            return changed(outcome, status="working", data=[])
        return outcome

    hashes: set[str] = set()
    rig = EngineRig(rows_at(DAY, 5), stuck)
    report = rig.export(DAY, job_timeout_s=30.0)
    assert report.complete
    assert report.windows[0].rereads == 2
    assert rig.all_came_once(DAY)


def test_what_is_over_time_down_to_minutes_is_a_gap() -> None:
    short = Window(YESTERDAY, YESTERDAY + 180)
    report = EngineRig(rows_at(short, 5), job_s=500.0).export(short, job_timeout_s=30.0)
    [gap] = report.gaps
    assert (gap.window, gap.reason) == (short, "a job was still working after 30 s")
    assert isinstance(gap.error, errors.JobTimeoutError)


def test_a_job_that_is_done_by_its_deadline_is_still_collected() -> None:
    rig = EngineRig(rows_at(DAY, 5), job_s=29.0)
    report = rig.export(DAY, job_timeout_s=30.0)
    assert report.complete
    assert report.windows[0].rereads == 0


@pytest.mark.parametrize("status", ["paused", "", None, 7])
def test_an_unknown_status_is_loud(status: Any) -> None:
    def odd(request: Request, outcome: Outcome) -> Outcome:
        return changed(outcome, status=status) if request.path == FETCH else outcome

    with pytest.raises(errors.UnexpectedResponseError, match="none of working, pass, fail"):
        EngineRig(rows_at(DAY, 5), odd).export(DAY)


# -- rows that move -----------------------------------------------------------------------------------------------


def test_pages_that_disagree_are_read_again_by_halves() -> None:
    def torn(request: Request, outcome: Outcome) -> Outcome:
        if request.path == FETCH and data(outcome)["status"] == "pass" and data(outcome)["total"] == 35:
            found = data(outcome)
            if found["offset"] == 2:
                return changed(outcome, total=36)
        return outcome

    rig = EngineRig(rows_at(DAY, 35), torn)
    report = rig.export(DAY)
    assert report.complete
    assert report.windows[0].rereads == 2
    assert rig.all_came_once(DAY)


def test_a_row_that_arrives_between_two_pages_is_not_lost() -> None:
    # Pages are made from the rows known when their job starts: an early row that comes late moves one to the next page.
    rows = [wash(number, YESTERDAY + 3600 + number * 60) for number in range(12)]
    late = wash(99, YESTERDAY + 60, visible_from=NOW + 8.0)
    rig = EngineRig(world_of([*rows, late]), job_s=0.0, workers=1, quirks=Quirks(totals="null"))
    report = rig.export(DAY)
    assert report.complete
    assert {row.id for row in rows} <= set(rig.ids)
    assert len(rig.ids) == len(set(rig.ids))


def test_a_total_that_no_read_reaches_is_a_gap_that_says_both_numbers() -> None:
    def one_more(request: Request, outcome: Outcome) -> Outcome:
        if request.path == FETCH and data(outcome)["status"] == "pass":
            return changed(outcome, total=(data(outcome)["total"] or 5) + 1)
        return outcome

    short = Window(YESTERDAY, YESTERDAY + 180)
    rig = EngineRig(rows_at(short, 5), one_more)
    report = rig.export(short)
    assert [gap.reason for gap in report.gaps] == ["the server counts 6 rows and 5 different ones came"]
    assert rig.all_came_once(short)


@pytest.mark.parametrize("rows", [0, 5, 10, 25, 30])
def test_without_totals_windows_are_read_whole_all_the_same(rows: int) -> None:
    rig = EngineRig(rows_at(DAY, rows) if rows else world_of([]), quirks=Quirks(totals="null"))
    report = rig.export(DAY)
    assert report.complete
    assert rig.all_came_once(DAY)
    assert report.windows[0].total == (None if rows else 0)


# -- counts are hints ---------------------------------------------------------------------------------------------


def hinted(total: Any) -> Any:
    def meddle(request: Request, outcome: Outcome) -> Outcome:
        if request.path != LIST:
            return outcome
        return said({"type": "ServerUnexpectedFailure"}, 500) if total == "error" else changed(outcome, total=total)

    return meddle


@pytest.mark.parametrize("total", [0, 1, 34, 36, 90, 10_000, None, "35", -3, 3.5, True, "error"])
def test_a_count_may_be_wrong_in_any_way(total: Any) -> None:
    rig = EngineRig(rows_at(DAY, 35), hinted(total), job_s=20.0)
    report = rig.export(DAY)
    assert rig.requests()[LIST] >= 1, "nothing was asked that could be wrong"
    assert report.complete
    assert rig.all_came_once(DAY)
    assert rig.shelf.live() == []


def test_a_right_count_submits_all_pages_at_once() -> None:
    rig = EngineRig(rows_at(DAY, 95), job_s=20.0)
    rig.export(DAY)
    first_pass = next(entry.at for entry in rig.log if entry.job_status == "pass")
    assert sum(entry.path == SUBMIT and entry.at < first_pass for entry in rig.log) == 10


def test_a_count_of_too_many_leaves_no_job_behind() -> None:
    rig = EngineRig(rows_at(DAY, 15), hinted(80), job_s=20.0)
    report = rig.export(DAY)
    assert report.complete
    assert rig.requests()[SUBMIT] <= 8
    assert {entry.page for entry in rig.log if entry.path == FETCH} <= {1, 2, 3, 4, 5, 6, 7, 8}
    assert rig.progress.pages_known == rig.progress.pages_done
    assert rig.shelf.live() == []


def test_a_count_is_a_cheap_question() -> None:
    request = count_request(Window(60, 120, "MAIN"))
    assert (request.method, request.path) == ("GET", "/transaction")
    assert dict(request.query) == {"startDate": "60", "endDate": "120", "site": "MAIN", "limit": "1", "offset": "1"}
    assert "site" not in dict(count_request(Window(60, 120)).query)


# -- trouble ------------------------------------------------------------------------------------------------------


def test_trouble_that_passes_costs_requests_and_no_rows() -> None:
    faults = Faults(
        unreachable=0.04, reset_before=0.04, reset_after=0.04, error_500=0.04, html_502=0.04, truncated=0.04
    )
    rig = EngineRig(rows_at(DAY, 95), faults=faults)
    report = rig.export(DAY)
    assert len(rig.log) > 20
    assert report.complete
    assert rig.all_came_once(DAY)
    assert rig.shelf.live() == []


def test_a_submission_whose_reply_was_lost_is_repeated_and_meets_the_same_job() -> None:
    rig = EngineRig(rows_at(DAY, 5), faults=Faults(script=(Scripted("reset_after", SUBMIT),)))
    rig.export(DAY)
    assert len({entry.hash for entry in rig.log if entry.path == SUBMIT}) == 1
    assert rig.requests()[SUBMIT] == 2


def test_a_job_that_nobody_answers_for_is_failed_when_others_are_answered() -> None:
    def broken_job(request: Request, outcome: Outcome) -> Outcome:
        if request.path == SUBMIT and dict(request.query)["startDate"] == str(day(2).start):
            broken.add(data(outcome)["hash"])
        if dict(request.query).get("hash") in broken:
            return Response(500, b"oops")
        return outcome

    broken: set[str] = set()
    rig = EngineRig(rows_at(DAY, 400), broken_job, job_s=1.0)
    report = rig.export(day(2), DAY)
    assert rig.all_came_once(DAY)
    assert {gap.reason for gap in report.gaps} <= {"its requests kept failing"}
    assert report.windows[0].rereads >= 2


def test_an_outage_ends_the_export_and_keeps_its_jobs() -> None:
    dead: list[bool] = []

    def die(request: Request, outcome: Outcome) -> Outcome:
        if request.path == FETCH and data(outcome)["status"] == "pass":
            dead.append(True)
        return Fault(FaultKind.UNREACHABLE, "no route") if dead else outcome

    rig = EngineRig(rows_at(DAY, 45), die, job_s=15.0)
    with pytest.raises(errors.APIConnectionError, match="no route"):
        rig.export(DAY)
    kept = {handle["hash"] for handle in rig.shelf.live()}
    assert kept == {entry.hash for entry in rig.log if entry.path == SUBMIT}


def test_requests_of_somebody_else_are_waited_out() -> None:
    rig = EngineRig(rows_at(DAY, 195), faults=Faults(rival=12.0), job_s=1.0)
    report = rig.export(DAY)
    assert report.complete
    assert rig.all_came_once(DAY)
    assert report.refusals == rig.progress.refusals == sum(entry.status == 429 for entry in rig.log)


def test_a_429_that_never_ends_ends_the_export() -> None:
    with pytest.raises(errors.RateLimitError, match="something else is spending"):
        EngineRig(rows_at(DAY, 5), lambda request, outcome: Response(429, b"{}")).export(DAY)


# -- restart ------------------------------------------------------------------------------------------------------


def test_a_killed_export_goes_on_with_the_jobs_it_left() -> None:
    rig = EngineRig(rows_at(DAY, 45), job_s=30.0)
    killed = rig.start([DAY])
    rig.run(for_s=10.0)
    killed.kill()
    submitted = {entry.hash for entry in rig.log if entry.path == SUBMIT}
    assert {handle["hash"] for handle in rig.shelf.live()} == submitted
    assert len(submitted) == 5
    report = rig.export(DAY)
    assert {entry.hash for entry in rig.log if entry.path == SUBMIT} == submitted
    assert rig.requests()[SUBMIT] == 5
    assert report.complete
    assert rig.all_came_once(DAY)
    assert rig.shelf.live() == []


def test_handles_that_are_of_no_use_are_struck_out_and_never_polled() -> None:
    rig = EngineRig(rows_at(DAY, 5))
    for name, page, submitted_at in (
        ("old", Page(DAY, 1, PAGE_ROWS), NOW - CACHE_S),
        ("ahead", Page(DAY, 1, PAGE_ROWS), NOW + 60),
        ("elsewhere", Page(day(2), 1, PAGE_ROWS), NOW - 5),
        ("other size", Page(DAY, 1, 100), NOW - 5),
        ("other site", Page(day(2, site="MAIN"), 1, PAGE_ROWS), NOW - 5),
    ):
        rig.shelf.store(Handle(name, page, submitted_at).to_dict())
    assert rig.export(DAY).complete
    assert rig.shelf.live() == []
    assert rig.requests()[FETCH] >= 1
    assert all(len(dict(entry.query)["hash"]) == 32 for entry in rig.log if entry.path == FETCH)


def test_a_kept_job_that_the_server_has_forgotten_is_submitted_again() -> None:
    rig = EngineRig(rows_at(DAY, 5))
    rig.shelf.store(Handle("forgotten", Page(DAY, 1, PAGE_ROWS), NOW - 60).to_dict())
    assert rig.export(DAY).complete
    assert rig.all_came_once(DAY)
    assert rig.shelf.live() == []
