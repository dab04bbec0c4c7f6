"""The board: what each reply means for the export.

A page's life, seen from the board:

```text
waiting --submit--> in flight --poll: pass--> in
   ^                  |  |  ^---- working ---'
   '-- fail, expired -'  '-- fails again --> its reading is given up, and its halves are read instead
```
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.call import Attempt
from sonnys_data_client.engine.effects import Flow, Moment, Reply, emit, keep
from sonnys_data_client.engine.export.pages import Count, Work
from sonnys_data_client.engine.export.schedule import Scheduler
from sonnys_data_client.engine.jobs import Handle, JobAnswer
from sonnys_data_client.engine.pace import repoll_share_max, scout_gap_s
from sonnys_data_client.engine.sites import is_about_site
from sonnys_data_client.engine.wire import Request, Response

_EXPIRIES_MAX = 4
_DENIALS_MAX = 4
"""Jobs of different windows that may be refused before any was taken: then it is not about the windows."""
_SILENCE_S_MAX = jobs.CACHE_S
_SURE_SHARE = 0.6


class SiteRequiredError(Exception):
    """The server refused the first job because it named no site. Caught by the flow that holds the board."""


class Board(Scheduler):
    """All jobs of one export: what to send next, and what each reply means."""

    def take_up(self, handles: Iterable[Handle], moment: Moment) -> Flow[None]:
        """Go on with what an earlier process left: jobs in flight, and pages that had come but were not put away."""
        for work in (yield from self.resume(handles, moment)):
            if work.handle is None or work.handle.answer is None:
                continue
            if work.wanted:
                yield from self._accept(work, work.handle, work.handle.answer)
            else:
                yield from keep(work.handle.to_dict(), live=False)

    def hear(self, reply: Reply, moment: Moment) -> Flow[None]:
        """Take a reply in, and deliver or keep what follows from it.

        Raises:
            APIError: The server denied what every further request would be denied too, or answers nothing at all.
            SiteRequiredError: Jobs have to name a site.
        """
        item = self._wire.pop(reply.tag)
        refused = isinstance(reply.outcome, Response) and reply.outcome.status == 429
        self.progress.refusals += refused
        if isinstance(item, Count):
            yield from self._hear_count(item, reply, moment)
            return
        item.on_wire = False
        attempt = self._attempt(item)
        try:
            result = attempt.read(reply, moment.wall, moment.draw)
        except errors.APIError as error:
            item.attempt = None
            yield from self._hear_error(item, error, reply, attempt)
            return
        if not isinstance(result, dict):
            item.due_at = result
            if item.handle is None:
                self._line.add_again(item)
            return
        item.attempt = None
        self._served_at = reply.at
        if item.handle is None:
            yield from self._hear_submission(item, attempt.request, result, reply, moment)
        else:
            yield from self._hear_poll(item, item.handle, attempt.request, result, reply)
        self._estimate(reply.at)

    def _hear_submission(
        self, work: Work, request: Request, body: dict[str, Any], reply: Reply, moment: Moment
    ) -> Flow[None]:
        self._findings.submit_proved = True
        hash_ = jobs.read_hash(request, body)
        if not work.wanted:
            return
        work.handle = Handle(hash_, work.page, moment.wall - (moment.now - reply.sent_at))
        work.born_at = work.blamed_from = reply.sent_at
        work.working_age_s = 0.0
        self._flying.append(work)
        if self._findings.pace.scouting:
            self._scout_at = self._next_scout_at(reply.at, 0.0)
        yield from keep(work.handle.to_dict(), live=True)

    def _hear_poll(
        self, work: Work, handle: Handle, request: Request, body: dict[str, Any], reply: Reply
    ) -> Flow[None]:
        if work not in self._flying:
            return
        answer = jobs.read_answer(request, body)
        age_s = reply.sent_at - work.born_at
        if answer.status == jobs.WORKING:
            yield from self._hear_working(work, handle, age_s, reply.at)
            return
        if answer.status == jobs.FAILED:
            error = jobs.job_failed(handle, answer)
            yield from self._fail(work, "its job failed", error, reply.at)
            return
        self._learn_pass(work, age_s, reply.at)
        self._failures_in_row = 0
        self._passed_at = reply.at
        self._flying.remove(work)
        for other in self._flying:
            if other.born_at > work.born_at:
                other.blamed_from = reply.at  # it may have queued behind this one until now
        yield from self._accept(work, handle, answer)

    def _learn_pass(self, work: Work, age_s: float, now: float) -> None:
        pace, in_flight = self._findings.pace, self._findings.in_flight
        pace.passed(age_s, work.working_age_s)
        self._newest_passed_at = max(self._newest_passed_at, work.born_at)
        in_flight.passed(self._submitted(), binding=self._tight(now))

    def _hear_working(self, work: Work, handle: Handle, age_s: float, now: float) -> Flow[None]:
        policy = self._policy
        pace = self._findings.pace
        pace.working(age_s, work.working_age_s)
        if work.born_at > self._newest_passed_at:
            self._findings.in_flight.queued(work.crowd, age_s, pace.shortest_s)
        work.working_age_s = max(age_s, 1e-9)
        if now - work.blamed_from < policy.job_timeout_s:
            left = self._rivals()
            gap_s = scout_gap_s(age_s, policy.poll_interval_s, left)
            if pace.scouting:
                self._scout_at = self._next_scout_at(now, gap_s)
            else:
                ripe_s = pace.age_s(self._odds(), age_s) - age_s
                gap_s = max(policy.poll_interval_s, min(ripe_s, age_s * repoll_share_max(left)))
            work.due_at = now + gap_s
            return
        error = jobs.job_overdue(handle, policy.job_timeout_s)
        if not policy.split_overdue or now - self._passed_at >= _SILENCE_S_MAX:
            raise error
        self._blame(work.reading, error, now)
        if self._passed_at < self._gave_up_at and now - self._gave_up_at < policy.job_timeout_s:
            # Nothing passes at all. If the server is merely busy, reading all windows by halves would only lengthen
            # its queue: one is tried, and the others wait.
            work.blamed_from = now
            work.due_at = now + scout_gap_s(age_s, policy.poll_interval_s, 1)
            return
        self._gave_up_at = now
        yield from self._give_up(work.reading, f"a job was still working after {policy.job_timeout_s:g} s", error)

    def _accept(self, work: Work, handle: Handle, answer: JobAnswer) -> Flow[None]:
        reading = work.reading
        rows = reading.accept(work.number, answer.rows, answer.total, self._strays)
        self.progress.pages_done += 1
        self.progress.rows += len(rows)
        if rows:
            yield from emit(rows, reading.scope.report.window)
        yield from keep(handle.to_dict(), live=False, answer=answer.to_dict())
        yield from self._size(reading)
        if not (reading.all_in or reading.contradicted):
            return
        torn = reading.torn()
        if torn is None:
            reading.conclude()
            yield from self._settle(reading)
        else:
            reading.scope.failures_left -= 1
            yield from self._give_up(reading, torn, None)

    def _hear_error(self, work: Work, error: errors.APIError, reply: Reply, attempt: Attempt) -> Flow[None]:
        """A request came to nothing: denied, or in trouble for as long as it may be tried."""
        if work.handle is not None and work not in self._flying:
            return
        outage = attempt.exhausted and attempt.troubled_since is not None and attempt.troubled_since >= self._served_at
        if work.handle is not None and isinstance(error, errors.ServerError):
            outage = False  # it may be this job alone: submitting it again will tell
        if outage or isinstance(error, errors.RateLimitError | errors.UnexpectedResponseError):
            raise error
        if attempt.exhausted:
            yield from self._fail(work, "its requests kept failing", error, reply.at)
        elif work.handle is not None:
            yield from self._hear_denied_poll(work, work.handle, error, reply.at)
        else:
            yield from self._hear_denied_submission(work, error, attempt.request.method)

    def _hear_denied_poll(self, work: Work, handle: Handle, error: errors.APIError, now: float) -> Flow[None]:
        if not isinstance(error, errors.NotFoundError):
            raise error
        work.expiries += 1
        if work.expiries > _EXPIRIES_MAX:
            yield from self._fail(work, "its results kept expiring", jobs.job_expired(handle, error), now)
            return
        in_flight = self._findings.in_flight
        in_flight.queued(work.crowd, now - work.born_at, self._findings.pace.shortest_s)
        in_flight.hurt(now)
        yield from self._submit_again(work)

    def _hear_denied_submission(self, work: Work, error: errors.APIError, method: str) -> Flow[None]:
        findings = self._findings
        about_method = isinstance(error, errors.APIStatusError) and error.status in {404, 405}
        if about_method and method != findings.submit_method:
            self._line.add_again(work)  # asked for before another page's reply taught us the other method
            return
        about_site = is_about_site(error)
        # A server may refuse the web shop's empty code and take all others: that is its windows' loss alone.
        if findings.submit_proved or (about_site and work.reading.window.site == ""):
            whole_account = isinstance(error, errors.AuthenticationError)
            if whole_account and not isinstance(error, errors.SiteAuthorizationError):
                raise error
            yield from self._lose(work, error)
            return
        if about_method:
            findings.submit_method = findings.other_method()
            if self._method_denied is not None:
                raise self._method_denied
            self._method_denied = error
            self._line.add_again(work)
            return
        if about_site and work.reading.window.site is None:
            raise SiteRequiredError
        self._windows_denied += 1
        if about_site or not self._may_be_about_the_window(error):
            raise error
        yield from self._lose(work, error)

    def _lose(self, work: Work, error: errors.APIError) -> Flow[None]:
        """Give a window up, whose halves would be refused, too."""
        work.reading.scope.failures_left = 0
        yield from self._give_up(work.reading, "the server refused its job", error)

    def _may_be_about_the_window(self, error: errors.APIError) -> bool:
        """Whether other windows may be had: a server whose clock is ahead of ours has forgotten the first of them."""
        few = self._windows_denied < min(_DENIALS_MAX, len(self.scopes))
        return few and isinstance(error, errors.PayloadValidationError)

    def _hear_count(self, item: Count, reply: Reply, moment: Moment) -> Flow[None]:
        """A count is only a hint: whatever goes wrong with it, the jobs will tell."""
        try:
            body = item.attempt.read(reply, moment.wall, moment.draw)
        except errors.APIError:
            return
        data = body.get("data") if isinstance(body, dict) else None
        total = data.get("total") if isinstance(data, dict) else None
        if not isinstance(total, int) or total <= 0:
            return
        share = 1.0 if len(item.readings) == 1 else _SURE_SHARE / len(item.readings)
        if total <= len(item.readings) * self._policy.rows_a_page:
            self._uncounted.clear()  # windows of one page each: nothing to learn by counting more of them
        for reading in item.readings:
            if reading.live and not reading.passed:
                pages = total * share / reading.limit
                guess = math.ceil(pages) if share == 1.0 else int(pages)
                reading.pages_guessed = max(reading.pages_guessed, guess)
                yield from self._size(reading)
