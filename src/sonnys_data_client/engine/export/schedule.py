"""The scheduler: which request to send next, over all jobs of an export. A pure state machine.

The throttle is the only scarce thing. A page costs two requests at the least, a submission and one poll, so a
slot is spent where it buys most, in this order:

1. a poll, if a job's result would soon be lost (the server keeps it for 20 minutes)
2. a submission, while fewer jobs are in flight than the server bears
3. a poll of the job most likely to be done (see `pace`), first of all one that reveals how many pages a window has
4. one count by the plain list, when there is nothing else to send and page counts are unknown
5. nothing: wait for a reply, or for the next job to ripen

While nothing is known of durations, a long export sends a few polls ahead of submissions: a slow queue is noticed
before it is flooded. While the limit keeps pages out and slots go unused, jobs found working are asked again in turn.

The first request of an account goes out alone: what it teaches (POST or GET, site or none, are we let in at all)
would otherwise be learnt twenty times over.
"""

from __future__ import annotations

from sonnys_data_client.engine.call import Attempt
from sonnys_data_client.engine.export.pages import LOOKAHEAD_WINDOWS, Count, Move, Rest, Work
from sonnys_data_client.engine.export.state import Table
from sonnys_data_client.engine.jobs import CACHE_S
from sonnys_data_client.engine.pace import poll_odds, repoll_share_max
from sonnys_data_client.engine.windows import DAY_S, LIST_DAYS_MAX, Window
from sonnys_data_client.engine.wire import Request

LIST_PATH = "/transaction"
_COLLECT_AGE_S = 600.0
_ONE_BY_ONE = 3
_COUNT_PAYS_S = 3.0
_UNUSED = 1.25
"""Slots go unused when the last 20 requests took so many windows."""
_TURN_SHARE = 0.25
"""The least share of its age that a job waits for its turn, however few there are."""
_LONG_PAGES = 100
_SCOUT_S = 60.0


class Scheduler(Table):
    """Says which request to send next."""

    def choose(self, now: float) -> Move | Rest:
        """Say what to send next, or how long to wait."""
        if self._wire and not self._findings.submit_proved:
            return Rest(None)
        self._idle = self._slots_go_unused(now)
        work = self._ripest(now, _COLLECT_AGE_S) or self._early_scout(now) or self._next_submission(now)
        work = work or self._ripest(now)
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

    def _early_scout(self, now: float) -> Work | None:
        """In a long export: a poll ahead of submissions, so that a slow queue is noticed before it is flooded.

        Few of them, since each is a page that comes later: the age at which a job is asked again doubles.
        """
        if not self._findings.pace.scouting or self._rivals() <= _LONG_PAGES:
            return None
        scout = self._ripest(now)
        return scout if scout is not None and now - scout.born_at >= max(_SCOUT_S, 2 * scout.working_age_s) else None

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
        else:
            # What was a fair wait when it was found working is too long if it is among the last by now.
            gap_s = work.working_age_s * repoll_share_max(self._rivals())
            gap_s = min(gap_s, (CACHE_S - work.working_age_s) / 4)  # its result is lost when that time is over
            patience_ends_at = work.born_at + work.working_age_s + max(gap_s, self._policy.poll_interval_s)
            due_at = min(work.due_at, patience_ends_at)
            if self._idle:  # asking costs nothing: all in turn, with a third of the slots
                turn_s = 3 * len(self._flying) * self._policy.window_s / self._policy.slots
                gap_s = max(turn_s, work.working_age_s * _TURN_SHARE)
                due_at = min(due_at, work.born_at + work.working_age_s + gap_s)
        return min(due_at, max(work.due_at, work.blamed_from + self._policy.job_timeout_s))

    def _odds(self) -> float:
        return poll_odds(self._rivals())

    def _rivals(self) -> int:
        """Pages that compete for the slots: one alone where slots go unused, because the limit keeps the others out."""
        return 1 if self._idle else len(self._flying) + len(self._line)

    def _slots_go_unused(self, now: float) -> bool:
        """Whether the limit keeps pages out while slots are left over: the last windowful took longer than it must."""
        spent = len(self._sent_at) == self._policy.slots and now - self._sent_at[0] < _UNUSED * self._policy.window_s
        return self._tight(now) and not spent

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
        """A count of windows whose size is unknown, if their first pages will not tell it soon.

        It only hastens: a run that may begin few windows at once has requests to save, not time.
        """
        if self._policy.lookahead < LOOKAHEAD_WINDOWS:
            return None
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

    def _estimate(self, now: float) -> None:
        """Move the counters that follow from all others; slots come in bursts, a window of them at a time."""
        progress, policy = self.progress, self._policy
        progress.in_flight = len(self._flying)
        if not progress.pages_done:
            return
        needed = 2 * max(0, progress.pages_known - progress.pages_done) - len(self._flying)
        beyond = needed - self._slots_left(now)
        if beyond <= 0:
            progress.seconds_left = self._findings.pace.age_s(0.5) if self._flying else 0.0
            return
        opened = next((sent_at for sent_at in self._sent_at if sent_at > now - policy.window_s), now)
        more_windows = -(-beyond // policy.slots) - 1
        progress.seconds_left = opened + policy.window_s - now + more_windows * policy.window_s


def count_request(window: Window, limit: int = 1) -> Request:
    """The plain list's question that costs one request and tells how many rows a range of up to a month has."""
    site = (("site", window.site),) if window.site is not None else ()
    dates = (("startDate", str(window.start)), ("endDate", str(window.stop)))
    return Request("GET", LIST_PATH, (*dates, *site, ("limit", str(limit)), ("offset", "1")))
