"""The product, broken on purpose: mistakes that the simulation must notice.

Each mutation is one mistake, in one place, that somebody could make or has made. While it is in force the real flows
run with it. `tests/sim/test_mutations.py` shows that the oracle complains within a few hundred seeds.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.call import Attempt
from sonnys_data_client.engine.effects import Flow, strike
from sonnys_data_client.engine.export import board, flow, schedule, state
from sonnys_data_client.engine.export.board import Board
from sonnys_data_client.engine.export.endings import Endings
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.export.pages import SchedulePolicy
from sonnys_data_client.engine.export.state import ExportState
from sonnys_data_client.engine.export.window_read import WindowRead
from sonnys_data_client.engine.jobs import JobAnswer, Page
from sonnys_data_client.engine.pace import Pace
from sonnys_data_client.engine.sites import site_codes
from sonnys_data_client.engine.throttle import Grant, ThrottleLedger, ThrottleLimits
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Request

Mutation = Callable[[], AbstractContextManager[Any]]
MUTATIONS: dict[str, Mutation] = {}
"""Mistakes that somebody could make, by what is wrong."""
ONCE: dict[str, Mutation] = {}
"""Mistakes that were in the product until the simulation found them. `test_regressions.py` names the seeds."""


def mutation(wrong: str, into: dict[str, Mutation] = MUTATIONS) -> Callable[[Mutation], Mutation]:
    """Register a mutation."""

    def enter(make: Mutation) -> Mutation:
        into[wrong] = make
        return make

    return enter


def _swap(owner: Any, **new: Any) -> AbstractContextManager[Any]:
    swap: AbstractContextManager[Any] = patch.multiple(owner, **new)
    return swap


# -- the throttle -----------------------------------------------------------------------------------------------


@mutation("the ledger records no slot")
def _no_slots() -> AbstractContextManager[Any]:
    return _swap(ThrottleLedger, reserve=lambda self, now: Grant(0, now))


@mutation("the ledger forgets a request 15 s after its start, whenever its reply came")
def _naive_ledger() -> AbstractContextManager[Any]:
    def turn_over(self: Any, now: float) -> None:
        self._members = {token: m for token, m in self._members.items() if m.sent_at + 15.0 > now}

    return _swap(ThrottleLedger, _turn_over=turn_over)


@mutation("the ledger takes the period for 14 s long")
def _short_period() -> AbstractContextManager[Any]:
    real = ThrottleLedger.__init__
    return _swap(ThrottleLedger, __init__=lambda self, limits: real(self, ThrottleLimits(20, 14.0, limits.guard_s)))


@mutation("the ledger lets 21 through")
def _one_more() -> AbstractContextManager[Any]:
    real = ThrottleLedger.__init__
    return _swap(ThrottleLedger, __init__=lambda self, limits: real(self, ThrottleLimits(21, 15.0, limits.guard_s)))


@mutation("a 429 blocks nothing")
def _deaf_to_429() -> AbstractContextManager[Any]:
    real = ThrottleLedger.record_end

    def record_end(self: ThrottleLedger, token: int, now: float, **told: Any) -> None:
        real(self, token, now, **{**told, "refused": False})

    return _swap(ThrottleLedger, record_end=record_end)


# -- windows and pages ------------------------------------------------------------------------------------------


@mutation("the last second is not asked for")
def _short_range() -> AbstractContextManager[Any]:
    real = Page.submission

    def submission(self: Page, method: str) -> Request:
        return real(
            replace(self, window=replace(self.window, stop=max(self.window.start, self.window.stop - 1))), method
        )

    return _swap(Page, submission=submission)


@mutation("rows of the edge second are kept by both windows")
def _no_edge() -> AbstractContextManager[Any]:
    return _swap(Window, owns=lambda self, second: True)


@mutation("the halves of a window leave a second out")
def _gap_between_halves() -> AbstractContextManager[Any]:
    real = Window.halves

    def halves(self: Window) -> tuple[Window, Window]:
        first, second = real(self)
        return first, replace(second, start=second.start + 1)

    return _swap(Window, halves=halves)


@mutation("whatever came is taken for whole")
def _never_torn() -> AbstractContextManager[Any]:
    return _swap(WindowRead, torn=lambda self: None)


@mutation("the last page is skipped")
def _no_last_page() -> AbstractContextManager[Any]:
    real = WindowRead._learn_pages

    def learn(self: WindowRead, total: int | None) -> None:
        real(self, total)
        if self.end_known:
            self.pages_known = max(1, self.pages_known - 1)

    return _swap(WindowRead, _learn_pages=learn)


@mutation("only the first page is read")
def _one_page() -> AbstractContextManager[Any]:
    def learn(self: WindowRead, total: int | None) -> None:
        self.pages_known, self.end_known = 1, True

    return _swap(WindowRead, _learn_pages=learn)


@mutation("a full page without a total is taken for the last")
def _full_page_ends() -> AbstractContextManager[Any]:
    real = WindowRead._learn_pages

    def learn(self: WindowRead, total: int | None) -> None:
        real(self, total)
        if not self.end_known and 1 in self.passed:
            self.pages_known, self.end_known = max(self.passed), True

    return _swap(WindowRead, _learn_pages=learn)


@mutation("rows that were delivered come again when their window is read again")
def _no_dedupe() -> AbstractContextManager[Any]:
    real = WindowRead.accept

    def accept(self: WindowRead, *page: Any) -> list[Any]:
        self.scope.delivered.clear()
        return real(self, *page)

    return _swap(WindowRead, accept=accept)


@mutation("one site is forgotten when jobs must name theirs")
def _lost_site() -> AbstractContextManager[Any]:
    def codes(*args: Any) -> Flow[list[str]]:
        return (yield from site_codes(*args))[1:]

    return _swap(flow, site_codes=codes)


# -- jobs -------------------------------------------------------------------------------------------------------


@mutation("a failed job is taken for an empty one")
def _failed_is_empty() -> AbstractContextManager[Any]:
    real = jobs.read_answer

    def read(request: Request, body: dict[str, Any]) -> JobAnswer:
        answer = real(request, body)
        return JobAnswer(jobs.PASSED, [], None, answer.body) if answer.status == jobs.FAILED else answer

    return _swap(jobs, read_answer=read)


@mutation("a job whose result expired is not submitted again")
def _expired_is_lost() -> AbstractContextManager[Any]:
    def hear(self: Any, work: Any, handle: Any, error: Exception, now: float) -> Flow[None]:
        yield from self._state.drop([work])

    return _swap(Board, _hear_denied_poll=hear)


@mutation("a job is dropped now and then")
def _lost_job() -> AbstractContextManager[Any]:
    real = Board._hear_submission

    def hear(self: Any, work: Any, *rest: Any) -> Flow[None]:
        yield from real(self, work, *rest)
        in_flight = self._state.in_flight
        if len(in_flight) % 5 == 4:
            in_flight.remove(work)

    return _swap(Board, _hear_submission=hear)


def _policy(**changes: Any) -> AbstractContextManager[Any]:
    """Run exports with other settings than the caller's."""
    real = ExportState.begin

    def begin(windows: Any, policy: SchedulePolicy, *rest: Any) -> ExportState:
        return real(windows, replace(policy, **changes), *rest)

    return _swap(ExportState, begin=begin)


@mutation("jobs are polled every tenth of a second")
def _hasty_repolls() -> AbstractContextManager[Any]:
    eager = _swap(schedule, scout_gap_s=lambda *_: 0.1, repoll_share_max=lambda _: 0.0)
    return _both(_policy(poll_interval_s=0.1), eager)


@mutation("jobs are polled long before they can be done")
def _hasty_polls() -> AbstractContextManager[Any]:
    return _swap(Pace, age_s=lambda self, odds, working_age_s=0.0: working_age_s + 0.1)


@mutation("the caller's limit on jobs in flight is ignored")
def _no_limit() -> AbstractContextManager[Any]:
    return _policy(max_in_flight=None)


# -- handles ----------------------------------------------------------------------------------------------------


def _unsaid(*_: Any) -> Flow[None]:
    """Ask nothing, in the place of an ask."""
    yield from ()


@mutation("handles are never struck out")
def _never_struck() -> AbstractContextManager[Any]:
    return _both(_swap(state, strike=_unsaid), _swap(board, strike=_unsaid, collect=_unsaid))


@mutation("handles are never kept")
def _never_kept() -> AbstractContextManager[Any]:
    return _swap(board, store=_unsaid)


@mutation("kept handles are ignored at the start")
def _handles_ignored() -> AbstractContextManager[Any]:
    real = Board.take_up
    return _swap(Board, take_up=lambda self, handles, moment: real(self, (), moment))


@mutation("a handle is struck out as soon as its job is submitted")
def _struck_early() -> AbstractContextManager[Any]:
    real = Board._hear_submission

    def hear(self: Any, work: Any, *rest: Any) -> Flow[None]:
        yield from real(self, work, *rest)
        if work.handle is not None:
            yield from strike(work.handle.to_dict())

    return _swap(Board, _hear_submission=hear)


# -- the report -------------------------------------------------------------------------------------------------


@mutation("the report forgets its gaps")
def _no_gaps() -> AbstractContextManager[Any]:
    return _swap(Report, gaps=property(lambda self: []))


@mutation("the report always calls itself complete")
def _always_complete() -> AbstractContextManager[Any]:
    return _swap(Report, complete=property(lambda self: True))


@contextmanager
def _both(one: AbstractContextManager[Any], other: AbstractContextManager[Any]) -> Generator[None, None, None]:
    with one, other:
        yield


# -- mistakes that were once in the product, and that the simulation found -----------------------------------------


@mutation("pages are dropped once one is in, whether or not the last is known", ONCE)
def _guess_dropped() -> AbstractContextManager[Any]:
    wanted = property(lambda self: self.pages_known if self.passed else max(self.pages_known, self.pages_guessed))
    return _swap(WindowRead, pages_wanted=wanted)


@mutation("pages that contradict one another are waited for, though some were dropped", ONCE)
def _contradiction_ignored() -> AbstractContextManager[Any]:
    return _swap(WindowRead, contradicted=property(lambda self: False))


@mutation("a restart forgets that jobs must name their site, and strikes out those that do", ONCE)
def _site_forgotten() -> AbstractContextManager[Any]:
    return _swap(flow, _were_asked_by_site=lambda windows, kept: False)


@mutation("a refusal that comes after trouble is taken for more trouble", ONCE)
def _denial_after_trouble() -> AbstractContextManager[Any]:
    real = Attempt.read

    def read(self: Attempt, *heard: Any) -> Any:
        try:
            return real(self, *heard)
        except Exception:
            self.exhausted = self.troubled_since is not None
            raise

    return _swap(Attempt, read=read)


@mutation("a job asked for by the wrong method before the right one was known is refused for good", ONCE)
def _old_method() -> AbstractContextManager[Any]:
    real = Board._hear_denied_submission

    def hear(self: Any, work: Any, error: Any, method: str) -> Flow[None]:
        yield from real(self, work, error, self._state.findings.submit_method)

    return _swap(Board, _hear_denied_submission=hear)


@mutation("every window with a late job is read by halves, though the server is only busy", ONCE)
def _queue_flooded() -> AbstractContextManager[Any]:
    real = Board._hear_working

    def hear(self: Any, work: Any, *rest: Any) -> Flow[None]:
        self._gave_up_at = float("-inf")
        work.blamed_from = work.born_at
        yield from real(self, work, *rest)

    return _swap(Board, _hear_working=hear)


@mutation("jobs beyond the caller's limit are submitted when a slot is free", ONCE)
def _limit_stretched() -> AbstractContextManager[Any]:
    return _swap(ExportState, submitted=property(lambda self: len(self.in_flight)))


@mutation("a server that refuses the web shop's empty code stops a restart whose other jobs are all kept", ONCE)
def _shop_stops_all() -> AbstractContextManager[Any]:
    real = Board._hear_denied_submission

    def hear(self: Any, work: Any, error: Any, method: str) -> Flow[None]:
        if not self._state.findings.submit_proved and work.read.window.site == "":
            raise error
        yield from real(self, work, error, method)

    return _swap(Board, _hear_denied_submission=hear)


@mutation("the halves of a window are read once more when another of its requests fails late", ONCE)
def _given_up_twice() -> AbstractContextManager[Any]:
    real = Endings.fail

    def fail(self: Any, work: Any, *rest: Any) -> Flow[None]:
        if not work.read.live:
            work.read.scope.waiting += work.read.window.halves()
            self._state.open_reads(work.read.scope)
        yield from real(self, work, *rest)

    return _swap(Endings, fail=fail)
