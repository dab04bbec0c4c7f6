"""The board: what each reply means for the export.

A page's life, seen from the board:

```text
waiting --submit--> in flight --poll: pass--> in
   ^                  |  |  ^---- working ---'
   '-- fail, expired -'  '-- fails again --> its read is given up, and the halves of its window are read instead
```

A page whose rows belong to another window counts as a job that failed. `endings` says what becomes of its read.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.call import Attempt
from sonnys_data_client.engine.effects import Flow, Moment, Reply, collect, deliver, store, strike
from sonnys_data_client.engine.export.endings import Endings
from sonnys_data_client.engine.export.homes import misplaced
from sonnys_data_client.engine.export.pages import Count, Work
from sonnys_data_client.engine.export.resume import sift
from sonnys_data_client.engine.export.schedule import Scheduler
from sonnys_data_client.engine.export.state import ExportState
from sonnys_data_client.engine.export.window_read import SPLIT_S_MIN
from sonnys_data_client.engine.jobs import SUBMIT_PATH, Handle, JobAnswer
from sonnys_data_client.engine.pace import scout_gap_s
from sonnys_data_client.engine.verdicts import (
    is_about_method,
    is_about_site,
    is_no_results,
    may_be_too_long,
    was_refused,
)
from sonnys_data_client.engine.windows import CACHE_S
from sonnys_data_client.engine.wire import Request

_EXPIRIES_MAX = 4
_DENIALS_MAX = 4
"""If the jobs of so many windows are refused before any job was taken, it is not about the windows."""
_SILENCE_S_MAX = CACHE_S
_SURE_SHARE = 0.6
"""Of a count of several windows, the share that is expected to be spread evenly over them."""


class SiteRequiredError(Exception):
    """The server refused the first job because it named no site. Caught by the flow that holds the board."""


class Board:
    """Takes replies in: delivers rows, keeps handles, and moves pages and windows on.

    Args:
        state: The export.
        scheduler: Says what to send, and is told what replies mean for that.
    """

    def __init__(self, state: ExportState, scheduler: Scheduler) -> None:
        self._state = state
        self._scheduler = scheduler
        self._endings = Endings(state)
        self._served_at = float("-inf")  # when a request was last served
        self._passed_at = float("-inf")  # when a job last passed
        self._newest_passed_at = float("-inf")  # when the youngest job that has passed was submitted
        self._gave_up_at = float("-inf")  # when a window was last given up because its job was overdue
        self._method_denied: errors.APIError | None = None
        self._windows_denied = 0

    # -- what an earlier process left -----------------------------------------------------------------------------

    def take_up(self, handles: Iterable[Handle], moment: Moment) -> Flow[None]:
        """Go on with the jobs that an earlier process left, and strike out those of no use: `resume` says which."""
        state = self._state
        self._passed_at = moment.now
        leads = {work.page.window: work for work in state.queue.first_pages()}
        limits = {window: lead.read.limit for window, lead in leads.items()}
        kept = sift(handles, limits, moment.wall, state.policy.owner)
        for handle in kept.useless:
            yield from strike(handle.to_dict())
        answered: list[tuple[Work, Handle, JobAnswer]] = []
        for handle in kept.useful:
            lead = leads[handle.page.window]
            work = lead if handle.page.number == 1 else Work(lead.read, handle.page.number)
            lead.read.expect(work.number)
            lead.read.queued.add(work.number)
            work.handle, work.born_at = handle, moment.now - (moment.wall - handle.submitted_at)
            work.blamed_from = moment.now
            state.note_job(handle, moment.now)
            if handle.answer is None:
                state.in_flight.append(work)
            else:
                answered.append((work, handle, handle.answer))
        state.queue.drop_submitted()
        for lead in leads.values():
            yield from state.resize(lead.read)
        for work, handle, answer in answered:
            if work.wanted:
                yield from self._accept(work, handle, answer, moment.now)
            else:
                yield from strike(handle.to_dict())

    # -- replies --------------------------------------------------------------------------------------------------

    def hear(self, reply: Reply, moment: Moment) -> Flow[None]:
        """Take a reply in, and deliver or keep what follows from it.

        Raises:
            APIError: The server denied what it would deny to every further request, or answers nothing at all.
            SiteRequiredError: Jobs have to name a site.
        """
        state = self._state
        item = state.on_wire.pop(reply.tag)
        state.progress.refusals += was_refused(reply.outcome)
        if isinstance(item, Count):
            yield from self._hear_count(item, reply, moment)
            return
        item.on_wire = False
        attempt = state.attempt(item)
        try:
            result = attempt.read(reply, moment.wall, moment.draw)
        except errors.APIError as error:
            item.attempt = None
            yield from self._hear_error(item, error, reply, attempt)
            return
        if not isinstance(result, dict):
            item.due_at = result
            if item.handle is None:
                state.queue.add_again(item)
            return
        item.attempt = None
        self._served_at = reply.at
        if item.handle is None:
            yield from self._hear_submission(item, attempt.request, result, reply, moment)
        else:
            yield from self._hear_poll(item, item.handle, attempt.request, result, reply)
        self._scheduler.estimate(reply.at)

    def _hear_submission(
        self, work: Work, request: Request, body: dict[str, Any], reply: Reply, moment: Moment
    ) -> Flow[None]:
        state = self._state
        state.findings.submit_proved = True
        hash_ = jobs.read_hash(request, body)
        if not work.wanted:
            return
        work.handle = Handle(hash_, work.page, moment.wall - (moment.now - reply.sent_at), state.policy.owner)
        state.note_job(work.handle, reply.at)
        work.born_at = work.blamed_from = reply.sent_at
        work.working_age_s = 0.0
        state.in_flight.append(work)
        self._scheduler.heard_submitted(reply.at)
        yield from store(work.handle.to_dict())

    def _hear_poll(
        self, work: Work, handle: Handle, request: Request, body: dict[str, Any], reply: Reply
    ) -> Flow[None]:
        in_flight = self._state.in_flight
        if work not in in_flight:
            return
        answer = jobs.read_answer(request, body)
        age_s = reply.sent_at - work.born_at
        if answer.status == jobs.WORKING:
            yield from self._hear_working(work, handle, age_s, reply.at)
            return
        if answer.status == jobs.FAILED:
            error = jobs.job_failed(handle, answer)
            yield from self._endings.fail(work, "its job failed", error, reply.at)
            return
        self._learn_pass(work, age_s, reply.at)
        self._passed_at = reply.at
        in_flight.remove(work)
        for other in in_flight:
            if other.born_at > work.born_at:
                other.blamed_from = reply.at  # it may have queued behind this one until now
        yield from self._accept(work, handle, answer, reply.at)

    def _learn_pass(self, work: Work, age_s: float, now: float) -> None:
        findings = self._state.findings
        findings.pace.passed(age_s, work.working_age_s)
        self._newest_passed_at = max(self._newest_passed_at, work.born_at)
        findings.in_flight_limit.passed(self._state.submitted, binding=self._scheduler.limited(now))

    def _hear_working(self, work: Work, handle: Handle, age_s: float, now: float) -> Flow[None]:
        policy, findings = self._state.policy, self._state.findings
        findings.pace.working(age_s, work.working_age_s)
        if work.born_at > self._newest_passed_at:
            findings.in_flight_limit.saw_queue(work.crowd, age_s, findings.pace.shortest_s)
        work.working_age_s = max(age_s, 1e-9)
        if now - work.blamed_from < policy.job_timeout_s:
            self._scheduler.heard_working(work, age_s, now)
            return
        error = jobs.job_overdue(handle, policy.job_timeout_s)
        if not policy.split_overdue or now - self._passed_at >= _SILENCE_S_MAX:
            raise error
        self._endings.blame(work.read, error, now)
        if self._passed_at < self._gave_up_at and now - self._gave_up_at < policy.job_timeout_s:
            # Nothing passes at all. If the server is merely busy, reading all windows by halves would only lengthen
            # its queue: one is tried, and the others wait.
            work.blamed_from = now
            work.due_at = now + scout_gap_s(age_s, policy.poll_interval_s, 1)
            return
        self._gave_up_at = now
        yield from self._endings.give_up(work.read, f"a job was still working after {policy.job_timeout_s:g} s", error)

    def _accept(self, work: Work, handle: Handle, answer: JobAnswer, now: float) -> Flow[None]:
        read, progress = work.read, self._state.progress
        problem = misplaced(handle, answer, self._state.homes)
        if problem is not None:
            yield from strike(handle.to_dict())
            work.handle = None
            yield from self._endings.fail(work, "its rows belong to another window", problem, now)
            return
        self._endings.failures_in_row = 0
        read.largest = self._state.findings.rows_on_a_page.get(SUBMIT_PATH, 0)
        rows = read.accept(work.number, answer.rows, answer.total, self._endings.strays, answer.size)
        self._state.findings.rows_on_a_page[SUBMIT_PATH] = read.largest
        progress.pages_done += 1
        progress.rows += len(rows)
        if rows:
            yield from deliver(rows, read.scope.report.window)
        yield from collect(handle.to_dict(), answer.to_dict())
        yield from self._endings.judge(read)

    def _hear_count(self, item: Count, reply: Reply, moment: Moment) -> Flow[None]:
        """Take a count in. It is only a hint: whatever goes wrong with it, the jobs will tell."""
        state = self._state
        try:
            body = item.attempt.read(reply, moment.wall, moment.draw)
        except errors.APIError:
            return
        data = body.get("data") if isinstance(body, dict) else None
        total = data.get("total") if isinstance(data, dict) else None
        if not isinstance(total, int) or total <= 0:
            return
        share = 1.0 if len(item.reads) == 1 else _SURE_SHARE / len(item.reads)
        if total <= len(item.reads) * state.policy.rows_a_page:
            state.uncounted.clear()  # windows of one page each: nothing to learn by counting more of them
        for read in item.reads:
            if read.live and not read.passed:
                pages = total * share / read.limit
                guess = math.ceil(pages) if share == 1.0 else int(pages)
                read.pages_guessed = max(read.pages_guessed, guess)
                yield from state.resize(read)

    # -- requests that came to nothing ----------------------------------------------------------------------------

    def _hear_error(self, work: Work, error: errors.APIError, reply: Reply, attempt: Attempt) -> Flow[None]:
        """Take in that a request was denied, or was in trouble for as long as it may be tried."""
        if work.handle is not None and work not in self._state.in_flight:
            return
        outage = attempt.exhausted and attempt.troubled_since is not None and attempt.troubled_since >= self._served_at
        if work.handle is not None and isinstance(error, errors.ServerError):
            outage = False  # it may be this job alone: submitting it again will tell
        unreadable = isinstance(error, errors.ServerError) and error.status == 200 and self._served_at > float("-inf")
        if isinstance(error, errors.UnexpectedResponseError) or unreadable:
            if not attempt.exhausted:
                raise error
            yield from self._hear_misfits(work, error, reply.at)
            return
        if outage or isinstance(error, errors.RateLimitError):
            raise error
        if attempt.exhausted:
            yield from self._endings.fail(work, "its requests kept failing", error, reply.at)
        elif work.handle is not None:
            yield from self._hear_denied_poll(work, work.handle, error, reply.at)
        elif may_be_too_long(error) and work.read.window.length_s >= 2 * SPLIT_S_MIN:
            yield from self._endings.shorten(work)
        else:
            yield from self._hear_denied_submission(work, error, attempt.request.method)

    def _hear_misfits(self, work: Work, error: errors.APIError, now: float) -> Flow[None]:
        """Take in that no reply could be the answer, though the server was asked for it again."""
        if not work.wanted:
            return
        work.read.scope.fruitless += 1  # such a job has cost twice the requests of one that fails
        if work.handle is None:
            self._endings.blame(work.read, error, now)
            yield from self._endings.give_up(work.read, "the replies to its submission make no sense", error)
        else:
            yield from self._endings.fail(work, "the replies about its job make no sense", error, now)

    def _hear_denied_poll(self, work: Work, handle: Handle, error: errors.APIError, now: float) -> Flow[None]:
        if not isinstance(error, errors.NotFoundError):
            raise error
        work.expiries += 1
        if work.expiries > _EXPIRIES_MAX:
            yield from self._endings.fail(work, "its results kept expiring", jobs.job_expired(handle, error), now)
            return
        findings = self._state.findings
        findings.in_flight_limit.saw_queue(work.crowd, now - work.born_at, findings.pace.shortest_s)
        findings.in_flight_limit.hurt(now)
        yield from self._endings.submit_again(work)

    def _hear_denied_submission(self, work: Work, error: errors.APIError, method: str) -> Flow[None]:
        findings, queue = self._state.findings, self._state.queue
        about_method = is_about_method(error)
        if about_method and method != findings.submit_method:
            queue.add_again(work)  # asked for before another page's reply taught us the other method
            return
        if is_no_results(error) and (findings.submit_proved or self._method_denied is not None):
            yield from self._hear_no_results(work, error)
            return
        about_site = is_about_site(error)
        # A server may refuse the web shop's empty code and take all others: that is its windows' loss alone.
        if findings.submit_proved or (about_site and work.read.window.site == ""):
            whole_account = isinstance(error, errors.AuthenticationError)
            if whole_account and not isinstance(error, errors.SiteAuthorizationError):
                raise error
            yield from self._endings.lose(work, error)
            return
        if about_method:
            findings.submit_method = findings.other_method()
            if self._method_denied is not None:
                if not is_no_results(self._method_denied):
                    raise self._method_denied
                yield from self._hear_no_results(work, self._method_denied)
                return
            self._method_denied = error
            queue.add_again(work)
            return
        if about_site and work.read.window.site is None:
            raise SiteRequiredError
        self._windows_denied += 1
        if about_site or not self._may_be_about_the_window(error):
            raise error
        yield from self._endings.lose(work, error)

    def _hear_no_results(self, work: Work, error: errors.APIError) -> Flow[None]:
        """Take in that a page has no rows: a 404 is the contract's answer to an inquiry without results."""
        findings, read = self._state.findings, work.read
        if not findings.submit_proved:
            findings.submit_method, self._method_denied = "POST", None
            self._state.unproved_empty = error
        read.accept(work.number, [], None, self._endings.strays)
        self._state.progress.pages_done += 1
        yield from self._endings.judge(read)

    def _may_be_about_the_window(self, error: errors.APIError) -> bool:
        """Whether to try other windows: a server whose clock is ahead of ours has forgotten the first of them."""
        few = self._windows_denied < min(_DENIALS_MAX, len(self._state.scopes))
        return few and isinstance(error, errors.PayloadValidationError)
