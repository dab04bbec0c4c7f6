"""The board: which request to send next, over all jobs of an export. A pure state machine.

The throttle is the only scarce thing. A page costs two requests at the least, a submission and one poll, so the
board spends a slot where it buys most, in this order:

1. a poll, if a job's result would soon be lost (the server keeps it for 20 minutes)
2. a submission, while fewer jobs are in flight than the server bears
3. a poll of the job most likely to be done (see `pace`), first of all one that reveals how many pages a window has
4. one count by the plain list, when there is nothing else to send and page counts are unknown
5. nothing: wait for a reply, or for the next job to ripen

A page's life, seen from the board:

```text
waiting --submit--> in flight --poll: pass--> in
   ^                  |  |  ^---- working ---'
   '-- fail, expired -'  '-- fails again --> its reading is given up, and its halves are read instead
```

The first request of an account goes out alone: what it teaches (POST or GET, site or none, are we let in at all)
would otherwise be learnt twenty times over.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine import jobs
from sonnys_data_client.engine.call import Attempt
from sonnys_data_client.engine.effects import Flow, Moment, Reply, emit, keep
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.jobs import Handle, JobAnswer
from sonnys_data_client.engine.line import Line
from sonnys_data_client.engine.pace import poll_odds, repoll_share_max, scout_gap_s
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.reading import SPLIT_S_MIN, Gap, Reading, Scope, WindowReport
from sonnys_data_client.engine.windows import DAY_S, LIST_DAYS_MAX, Window
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.engine.work import Count, Move, Rest, SchedulePolicy, Work

LIST_PATH = "/transaction"
_COLLECT_AGE_S = 600.0
_HANDLE_AGE_S_MAX = jobs.CACHE_S - 90.0
_FAILURES_PER_WINDOW = 24
_FAILURES_IN_ROW_MAX = 60  # more than one window alone can have
_EXPIRIES_MAX = 4
_SILENCE_S_MAX = jobs.CACHE_S
_ONE_BY_ONE = 3
_SURE_SHARE = 0.6
_COUNT_PAYS_S = 3.0


class SiteRequiredError(Exception):
    """The server refused the first job because it named no site. Caught by the flow that holds the board."""


class Board:
    """All jobs of one export, and what to do next.

    Attributes:
        scopes: The plan's windows, with what became of each.
        progress: Live counters.
    """

    def __init__(
        self, windows: Sequence[Window], policy: SchedulePolicy, findings: Findings, progress: Progress
    ) -> None:
        self.progress = progress
        self._policy = policy
        self._findings = findings
        self._line = Line()
        self._flying: list[Work] = []
        self._wire: dict[int, Work | Count] = {}
        self._uncounted: list[Reading] = []
        self._strays: set[Any] = set()
        self._tags = count()
        self._settled = 0
        self._oldest_open = 0
        self._served_at = float("-inf")
        self._passed_at = float("-inf")
        self._gave_up_at = float("-inf")
        self._scout_at = float("-inf")
        self._limited_at = float("-inf")
        self._idle = False
        self._sent_at: deque[float] = deque(maxlen=policy.slots)
        self._failures_in_row = 0
        self._method_denied: errors.APIError | None = None
        self.scopes = [Scope(WindowReport(window), i, _FAILURES_PER_WINDOW) for i, window in enumerate(windows)]
        progress.windows = len(self.scopes)
        for scope in self.scopes:
            self._open(scope, scope.report.window)

    def _open(self, scope: Scope, window: Window) -> None:
        """Begin a reading: its first page waits to be submitted, and its size is unknown."""
        reading = Reading(scope, window, self._policy.rows_a_page, lined={1}, pages_sized=1)
        self._uncounted.append(reading)
        self._line.add(Work(reading, 1))
        self.progress.pages_known += 1

    def resume(self, handles: Iterable[Handle], moment: Moment) -> Flow[None]:
        """Take up jobs that an earlier process left in flight, and strike out those that are of no more use."""
        self._passed_at = moment.now
        leads = {work.page.window: work for work in self._line.first_pages()}
        for handle in handles:
            age_s = moment.wall - handle.submitted_at
            lead = leads.get(handle.page.window)
            if lead is None or handle.page.limit != lead.reading.limit or not 0 <= age_s < _HANDLE_AGE_S_MAX:
                yield from keep(handle.to_dict(), live=False)
                continue
            work = lead if handle.page.number == 1 else Work(lead.reading, handle.page.number)
            lead.reading.pages_guessed = max(lead.reading.pages_guessed, work.number)
            lead.reading.lined.add(work.number)
            work.handle, work.born_at = handle, moment.now - age_s
            work.blamed_from = moment.now
            self._flying.append(work)
        self._line.drop_submitted()
        for lead in leads.values():
            yield from self._size(lead.reading)

    # -- choosing ---------------------------------------------------------------------------------------------

    @property
    def finished(self) -> bool:
        """Whether every window is settled."""
        return self._settled == len(self.scopes)

    def choose(self, now: float) -> Move | Rest:
        """Say what to send next, or how long to wait."""
        if self._wire and not self._findings.submit_proved:
            return Rest(None)
        self._idle = self._tight(now) and 2 * self._slots_left(now) > self._policy.slots
        work = self._ripest(now, _COLLECT_AGE_S) or self._next_submission(now) or self._ripest(now)
        if work is not None:
            return Move(work, self._attempt(work).request)
        counting = self._next_count(now)
        if counting is not None:
            return Move(counting, counting.attempt.request)
        return self._rest(now)

    def dispatch(self, move: Move, now: float) -> int:
        """Note that a move is being sent, and name its tag."""
        tag = next(self._tags)
        work = move.work
        self._sent_at.append(now)
        self._wire[tag] = work
        self.progress.requests += 1
        if isinstance(work, Count):
            self._uncounted = [reading for reading in self._uncounted if reading not in work.readings]
        else:
            work.on_wire = True
            if work.handle is None:
                self._line.take(work)
                work.crowd = self._submitted()
        return tag

    def _attempt(self, work: Work) -> Attempt:
        """The request that moves this page on: its submission, or a poll of its job."""
        if work.attempt is None:
            method = self._findings.submit_method
            request = work.page.submission(method) if work.handle is None else work.handle.poll()
            work.attempt = Attempt(request, self._policy.call)
        return work.attempt

    def _next_submission(self, now: float) -> Work | None:
        work = self._line.again(now) or self._line.fresh(self._oldest_open)
        if work is None or self._may_submit():
            return work
        self._limited_at = now
        return None

    def _may_submit(self) -> bool:
        """Whether one more job may be in flight."""
        limit = self._findings.in_flight.limit
        if self._policy.max_in_flight is not None:
            limit = min(limit, self._policy.max_in_flight)
        return self._submitted() < limit

    def _tight(self, now: float) -> bool:
        """Whether pages had to wait for the limit lately."""
        return now - self._limited_at < 2 * self._policy.window_s

    def _submitted(self) -> int:
        """Jobs in flight, those included whose submission is on the wire."""
        on_wire = sum(isinstance(item, Work) and item.handle is None for item in self._wire.values())
        return len(self._flying) + on_wire

    def _due_at(self, work: Work) -> float:
        """When this job's next poll makes sense."""
        if work.attempt is not None:
            return work.due_at
        pace = self._findings.pace
        if pace.scouting:
            due_at = max(work.due_at, self._scout_at, work.born_at + pace.scout_age_s())
        elif work.never_polled():
            due_at = work.born_at + pace.age_s(self._odds())
            if self._idle:  # what a queue has taught would be slow to wear off, and asking costs nothing
                due_at = min(due_at, work.born_at + 2 * pace.shortest_s)
        else:
            # What was a fair wait when it was found working is too long if it is among the last by now.
            gap_s = work.working_age_s * repoll_share_max(self._rivals())
            patience_ends_at = work.born_at + work.working_age_s + max(gap_s, self._policy.poll_interval_s)
            due_at = min(work.due_at, patience_ends_at)
        return min(due_at, max(work.due_at, work.blamed_from + self._policy.job_timeout_s))

    def _odds(self) -> float:
        return poll_odds(self._rivals())

    def _rivals(self) -> int:
        """Pages that compete for the slots: one alone where slots go unused, because the limit keeps the others out."""
        return 1 if self._idle else len(self._flying) + len(self._line)

    def _slots_left(self, now: float) -> int:
        since = now - self._policy.window_s
        return self._policy.slots - sum(sent_at > since for sent_at in self._sent_at)

    def _next_scout_at(self, now: float, gap_s: float) -> float:
        """When to send the next scout: not out of slots that the jobs will need once they are done.

        While pages wait for the limit to let them in, slots go unused, and a scout costs nothing.
        """
        if self._tight(now):
            return now + gap_s
        if self._slots_left(now) >= min(len(self._flying), self._policy.slots):
            return now + gap_s
        first = next(sent_at for sent_at in self._sent_at if sent_at > now - self._policy.window_s)
        return max(now + gap_s, first + self._policy.window_s)

    def _trust_spent(self) -> bool:
        """Whether as many uncertain polls are on the wire as what is known of durations deserves trust."""
        pace = self._findings.pace
        polls = [item for item in self._wire.values() if isinstance(item, Work) and item.handle is not None]
        return sum(pace.scouting or poll.never_polled() for poll in polls) >= pace.trust

    def _held_back(self, work: Work, *, trust_spent: bool) -> bool:
        return work.on_wire or (trust_spent and (self._findings.pace.scouting or work.never_polled()))

    def _ripest(self, now: float, age_s_min: float = 0.0) -> Work | None:
        """The job that is due and most likely done: one that reveals a window's size, else the oldest."""
        spent = self._trust_spent()
        ripe = [
            work
            for work in self._flying
            if not self._held_back(work, trust_spent=spent)
            and now - work.born_at >= age_s_min
            and self._due_at(work) <= now
        ]
        # A scout that was found working may be the job that takes for ever: with slots to spare, ask another.
        fresh_scouts = self._findings.pace.scouting and self._tight(now)
        return min(
            ripe,
            key=lambda work: (not work.reveals, fresh_scouts and not work.never_polled(), work.born_at),
            default=None,
        )

    def _rest(self, now: float) -> Rest:
        spent = self._trust_spent()
        times = [self._due_at(work) for work in self._flying if not self._held_back(work, trust_spent=spent)]
        again_at = self._line.again_at()
        if again_at is not None and self._may_submit():
            times.append(again_at)
        if self._tight(now) and not self._idle:
            times.append(now + self._policy.window_s)  # by then slots may go unused, and polls be cheap
        if not times and not self._wire:
            raise RuntimeError("the board is not finished, but has nothing to send and nothing on the wire")
        return Rest(min(times, default=None))

    def _next_count(self, now: float) -> Count | None:
        """A count of windows whose size is unknown, if their first pages will not tell it soon."""
        self._uncounted = [reading for reading in self._uncounted if reading.live and not reading.passed]
        polling = any(isinstance(item, Work) and item.handle is not None for item in self._wire.values())
        soon = now + _COUNT_PAYS_S
        if (
            not self._uncounted
            or polling
            or (
                not self._findings.pace.scouting
                and any(work.reveals and self._due_at(work) < soon for work in self._flying)
            )
        ):
            return None
        lead = self._uncounted[0]
        covered = [lead]
        if len(self._uncounted) > _ONE_BY_ONE:
            last = lead.window.start + LIST_DAYS_MAX * DAY_S
            same_site = (r for r in self._uncounted[1:] if r.window.site == lead.window.site)
            covered += [r for r in same_site if lead.window.start <= r.window.start and r.window.stop <= last]
        stop = max(reading.window.stop for reading in covered)
        request = count_request(Window(lead.window.start, stop, lead.window.site))
        return Count(covered, Attempt(request, self._policy.call))

    # -- hearing ----------------------------------------------------------------------------------------------

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
        self._estimate()

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
        in_flight = self._findings.in_flight
        if answer.status == jobs.FAILED:
            error = jobs.job_failed(handle, answer)
            yield from self._fail(work, "its job failed", error, reply.at)
            return
        pace = self._findings.pace
        pace.passed(age_s, work.working_age_s)
        if age_s > pace.queue_age_s():
            in_flight.queued(work.crowd, age_s, pace.queue_age_s())
        elif self._tight(reply.at):
            in_flight.passed()
        self._failures_in_row = 0
        self._passed_at = reply.at
        self._flying.remove(work)
        for other in self._flying:
            if other.born_at > work.born_at:
                other.blamed_from = reply.at  # it may have queued behind this one until now
        yield from self._accept(work, handle, answer)

    def _hear_working(self, work: Work, handle: Handle, age_s: float, now: float) -> Flow[None]:
        policy = self._policy
        pace = self._findings.pace
        pace.working(age_s, work.working_age_s)
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
        yield from keep(handle.to_dict(), live=False)
        yield from self._size(reading)
        if not (reading.all_in or reading.contradicted):
            return
        torn = reading.torn()
        if torn is None:
            report = reading.scope.report
            report.total = None if report.total is None or reading.total is None else report.total + reading.total
            yield from self._settle(reading)
        else:
            reading.scope.failures_left -= 1
            yield from self._give_up(reading, torn, None)

    def _size(self, reading: Reading) -> Flow[None]:
        """Put newly known pages in line, and forget those that turned out not to exist."""
        wanted = reading.pages_wanted
        for number in range(1, wanted + 1):
            if number not in reading.lined:
                reading.lined.add(number)
                self._line.add(Work(reading, number))
        self.progress.pages_known += wanted - reading.pages_sized
        reading.pages_sized = wanted
        yield from self._forget([work for work in self._flying if not work.wanted])

    def _forget(self, works: list[Work]) -> Flow[None]:
        for work in works:
            self._flying.remove(work)
            if work.handle is not None:
                yield from keep(work.handle.to_dict(), live=False)

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
        self._findings.in_flight.hurt(now)
        yield from self._submit_again(work)

    def _hear_denied_submission(self, work: Work, error: errors.APIError, method: str) -> Flow[None]:
        findings = self._findings
        about_method = isinstance(error, errors.APIStatusError) and error.status in {404, 405}
        if about_method and method != findings.submit_method:
            self._line.add_again(work)  # asked for before another page's reply taught us the other method
            return
        about_site = isinstance(error, errors.PayloadValidationError) and "site" in " ".join(error.messages).lower()
        # A server may refuse the web shop's empty code and take all others: that is its windows' loss alone.
        if findings.submit_proved or (about_site and work.reading.window.site == ""):
            whole_account = isinstance(error, errors.AuthenticationError)
            if whole_account and not isinstance(error, errors.SiteAuthorizationError):
                raise error
            work.reading.scope.failures_left = 0
            yield from self._give_up(work.reading, "the server refused its job", error)
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
        raise error

    def _fail(self, work: Work, reason: str, error: errors.APIError, now: float) -> Flow[None]:
        """A job came to nothing. Submit it once more; if that fails too, read its window by halves."""
        self._blame(work.reading, error, now)
        work.failures += 1
        if work.failures == 1 and work.reading.scope.failures_left > 0:
            yield from self._submit_again(work)
        else:
            yield from self._give_up(work.reading, reason, error)

    def _blame(self, reading: Reading, error: errors.APIError, now: float) -> None:
        """Count a job that came to nothing: against its window, and against the server if nothing else succeeds."""
        self._findings.in_flight.hurt(now)
        if reading.failed:
            return  # what fails one page of a window fails its others too: that is one failure
        reading.failed = True
        reading.scope.failures_left -= 1
        self._failures_in_row += 1
        if self._failures_in_row >= _FAILURES_IN_ROW_MAX:
            raise error

    def _submit_again(self, work: Work) -> Flow[None]:
        if work.handle is not None:
            yield from self._forget([work])
            work.handle = None
        work.due_at = float("-inf")
        self._line.add_again(work)

    def _give_up(self, reading: Reading, reason: str, error: Exception | None) -> Flow[None]:
        """End a reading that cannot succeed: read its halves instead, or call it a gap."""
        self.progress.pages_known += len(reading.passed) - reading.pages_sized
        scope, window = reading.scope, reading.window
        if window.length_s >= 2 * SPLIT_S_MIN and scope.failures_left > 0:
            for half in window.halves():
                scope.open_readings += 1
                scope.report.rereads += 1
                self._open(scope, half)
        else:
            scope.report.gaps.append(Gap(window, reason, error))
        yield from self._settle(reading)

    def _settle(self, reading: Reading) -> Flow[None]:
        """End a reading, whichever way: its other jobs are of no more use, and its scope may have waited for it."""
        reading.live = False
        reading.ids.clear()  # a reading may be known for long after, and a year has many ids
        yield from self._forget([work for work in self._flying if work.reading is reading])
        scope = reading.scope
        scope.open_readings -= 1
        if scope.open_readings:
            return
        scope.delivered.clear()
        self._settled += 1
        self.progress.windows_done = self._settled
        while self._oldest_open < len(self.scopes) and not self.scopes[self._oldest_open].open_readings:
            self._oldest_open += 1

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

    def _estimate(self) -> None:
        progress = self.progress
        progress.in_flight = len(self._flying)
        if progress.pages_done:
            needed = 2 * max(0, progress.pages_known - progress.pages_done) - len(self._flying)
            progress.seconds_left = max(0.0, needed * self._policy.window_s / self._policy.slots)


def count_request(window: Window) -> Request:
    """The plain list's question that costs one request and tells how many rows a range has."""
    site = (("site", window.site),) if window.site is not None else ()
    dates = (("startDate", str(window.start)), ("endDate", str(window.stop)))
    return Request("GET", LIST_PATH, (*dates, *site, ("limit", "1"), ("offset", "1")))
