"""The scheduler: which request to send next, over all jobs of an export. A pure state machine.

The throttle is the only scarce thing. A page costs two requests at the least, a submission and one poll. So a slot is
spent where it buys most, in this order:

1. a poll, if a job's result would soon be lost (the server keeps it for 20 minutes)
2. a submission, while fewer jobs are in flight than the server bears
3. a poll of the job most likely to be done (see `pace`), first of all one that reveals how many pages a window has
4. one count by the plain list, when there is nothing else to send and page counts are unknown
5. nothing: wait for a reply, or until the next poll makes sense

While nothing is known of durations, a long export sends a few polls ahead of submissions: so it notices a slow queue at
the server before it floods it. While the limit on jobs in flight keeps pages out and slots go unused, jobs that were
found working are asked again in turn.

The first request of an account goes out alone. What it teaches (POST or GET, site or none, are we let in at all) would
otherwise be learnt twenty times over.
"""

from __future__ import annotations

from collections import deque
from itertools import count

from sonnys_data_client.engine.call import Attempt
from sonnys_data_client.engine.export.pages import LOOKAHEAD_WINDOWS, Count, Move, Rest, Work
from sonnys_data_client.engine.export.state import ExportState
from sonnys_data_client.engine.pace import poll_odds, repoll_share_max, scout_gap_s
from sonnys_data_client.engine.windows import CACHE_S, DAY_S, LIST_DAYS_MAX, Window
from sonnys_data_client.engine.wire import Request

LIST_PATH = "/transaction"
_COLLECT_AGE_S = 600.0
"""From this age on a job is polled before anything else: half of the time that its result lives."""
_ONE_BY_ONE = 3
"""Up to so many windows of unknown size are counted one by one, and more of them together."""
_COUNT_PAYS_S = 3.0
"""A count is not worth a slot if a poll that reveals a window's size is due within so many seconds."""
_UNUSED = 1.25
"""Slots go unused if sending the last 20 requests, or the share of 20, took so many periods."""
_TURN_SHARE = 0.25
"""The least share of its age that a job waits for its turn, however few there are."""
_LONG_PAGES = 100
"""An export is long if more pages than this are in flight or queued."""
_SCOUT_S = 60.0
"""The age at which a job of a long export is polled ahead of submissions."""


class Scheduler:
    """Says which request to send next.

    Args:
        state: The export.
    """

    def __init__(self, state: ExportState) -> None:
        self._state = state
        self._tags = count()
        self._sent_at: deque[float] = deque(maxlen=state.policy.slots)
        self._slots = state.policy.slots  # of a period, for this export
        self._scout_at = float("-inf")  # when the next scout may go out
        self._limited_at = float("-inf")  # when the limit last kept a page out
        self._idle = False  # whether slots go unused, as of the last choice

    # -- what to send ---------------------------------------------------------------------------------------------

    def choose(self, now: float) -> Move | Rest:
        """Say what to send next, or how long to wait."""
        state = self._state
        if state.on_wire and not state.findings.submit_proved:
            return Rest(None)
        self._idle = self._slots_go_unused(now)
        work = self._ripest(now, _COLLECT_AGE_S) or self._early_scout(now) or self._next_submission(now)
        work = work or self._ripest(now)
        if work is not None:
            return Move(work, state.attempt(work).request)
        counting = self._next_count(now)
        if counting is not None:
            return Move(counting, counting.attempt.request)
        return self._rest(now)

    def dispatch(self, move: Move, now: float) -> int:
        """Note that a move is being sent; returns the tag to send it with."""
        state, work = self._state, move.work
        tag = next(self._tags)
        self._sent_at.append(now)
        state.on_wire[tag] = work
        state.progress.requests += 1
        if isinstance(work, Count):
            state.uncounted = [read for read in state.uncounted if read not in work.reads]
        else:
            work.on_wire = True
            if work.handle is None:
                state.queue.take(work)
                work.crowd = state.submitted
        return tag

    # -- what replies tell the scheduler --------------------------------------------------------------------------

    def heard_submitted(self, now: float) -> None:
        """A job was submitted: it may be the next scout."""
        if self._state.findings.pace.scouting:
            self._scout_at = self._next_scout_at(now, 0.0)

    def heard_working(self, work: Work, age_s: float, now: float) -> None:
        """A poll found a job working at an age: say when to ask again."""
        pace, interval_s = self._state.findings.pace, self._state.policy.poll_interval_s
        rivals = self._rivals()
        gap_s = scout_gap_s(age_s, interval_s, rivals)
        if pace.scouting:
            self._scout_at = self._next_scout_at(now, gap_s)
        else:
            ripe_s = pace.age_s(poll_odds(rivals), age_s) - age_s
            gap_s = max(interval_s, min(ripe_s, age_s * repoll_share_max(rivals)))
        work.due_at = now + gap_s

    def heard_share(self, share: float | None) -> None:
        """The throttle said how many slots of a period this export may count on, beside others."""
        if share is not None:
            self._slots = max(1, min(self._state.policy.slots, int(share)))

    def limited(self, now: float) -> bool:
        """Whether pages had to wait for the limit on jobs in flight within the last two periods."""
        return now - self._limited_at < 2 * self._state.policy.period_s

    def estimate(self, now: float) -> None:
        """Set the counters that follow from all others. Slots come in bursts, a period's worth at a time."""
        state = self._state
        progress, policy = state.progress, state.policy
        progress.in_flight = len(state.in_flight)
        if not progress.pages_done:
            return
        pages = progress.pages_known + state.pages_ahead() - progress.pages_done
        needed = 2 * max(0, pages) - len(state.in_flight)
        beyond = needed - self._slots_left(now)
        if beyond <= 0:
            progress.seconds_left = state.findings.pace.age_s(0.5) if state.in_flight else 0.0
            return
        opened = next((sent_at for sent_at in self._sent_at if sent_at > now - policy.period_s), now)
        more_periods = -(-beyond // self._slots) - 1
        progress.seconds_left = opened + policy.period_s - now + more_periods * policy.period_s

    # -- submissions ----------------------------------------------------------------------------------------------

    def _next_submission(self, now: float) -> Work | None:
        queue = self._state.queue
        work = queue.again(now) or queue.fresh(self._state.oldest_open)
        if work is None or self._may_submit():
            return work
        self._limited_at = now
        return None

    def _may_submit(self) -> bool:
        """Whether one more job may be in flight."""
        limit = self._state.findings.in_flight_limit.jobs
        if self._state.policy.max_in_flight is not None:
            limit = min(limit, self._state.policy.max_in_flight)
        return self._state.submitted < limit

    # -- polls ----------------------------------------------------------------------------------------------------

    def _ripest(self, now: float, age_s_min: float = 0.0) -> Work | None:
        """The job that is due and most likely done: one that reveals a window's size, else the oldest."""
        spent = self._trust_spent()
        ripe = [
            work
            for work in self._state.in_flight
            if not self._held_back(work, trust_spent=spent)
            and now - work.born_at >= age_s_min
            and self._due_at(work) <= now
        ]
        # A scout that was found working may be the job that takes for ever: with slots to spare, ask another.
        fresh_scouts = self._state.findings.pace.scouting and self.limited(now)
        return min(
            ripe,
            key=lambda work: (not work.reveals, fresh_scouts and not work.never_polled(), work.born_at),
            default=None,
        )

    def _early_scout(self, now: float) -> Work | None:
        """In a long export: a poll ahead of submissions, to notice a slow queue at the server before it is flooded.

        Such polls are few, because each delays a page: the age at which a job is asked again doubles.
        """
        if not self._state.findings.pace.scouting or self._rivals() <= _LONG_PAGES:
            return None
        scout = self._ripest(now)
        return scout if scout is not None and now - scout.born_at >= max(_SCOUT_S, 2 * scout.working_age_s) else None

    def _due_at(self, work: Work) -> float:
        """When this job's next poll makes sense."""
        if work.attempt is not None:
            return work.due_at
        policy, pace = self._state.policy, self._state.findings.pace
        if pace.scouting:
            due_at = max(work.due_at, self._scout_at, work.born_at + pace.scout_age_s())
        elif work.never_polled():
            due_at = work.born_at + pace.age_s(poll_odds(self._rivals()))
        else:
            # What was a fair wait when it was found working is too long if it is among the last by now.
            gap_s = work.working_age_s * repoll_share_max(self._rivals())
            gap_s = min(gap_s, (CACHE_S - work.working_age_s) / 4)  # its result is lost when that time is over
            patience_ends_at = work.born_at + work.working_age_s + max(gap_s, policy.poll_interval_s)
            due_at = min(work.due_at, patience_ends_at)
            if self._idle:  # asking costs nothing: all in turn, with a third of the slots
                turn_s = 3 * len(self._state.in_flight) * policy.period_s / self._slots
                gap_s = max(turn_s, work.working_age_s * _TURN_SHARE)
                due_at = min(due_at, work.born_at + work.working_age_s + gap_s)
        return min(due_at, max(work.due_at, work.blamed_from + policy.job_timeout_s))

    def _rivals(self) -> int:
        """Pages competing for slots; 1 while the limit keeps pages out and slots go unused."""
        return 1 if self._idle else len(self._state.in_flight) + len(self._state.queue)

    def _trust_spent(self) -> bool:
        """Whether as many uncertain polls are on the wire as the knowledge of durations deserves."""
        pace = self._state.findings.pace
        polls = [item for item in self._state.on_wire.values() if isinstance(item, Work) and item.handle is not None]
        return sum(pace.scouting or poll.never_polled() for poll in polls) >= pace.trust

    def _held_back(self, work: Work, *, trust_spent: bool) -> bool:
        return work.on_wire or (trust_spent and (self._state.findings.pace.scouting or work.never_polled()))

    def _next_scout_at(self, now: float, gap_s: float) -> float:
        """When to send the next scout: not with slots that the jobs will need once they are done.

        While the limit keeps pages out, slots go unused, and a scout costs nothing.
        """
        policy = self._state.policy
        if self.limited(now) or self._slots_left(now) >= min(len(self._state.in_flight), self._slots):
            return now + gap_s
        first = next(sent_at for sent_at in self._sent_at if sent_at > now - policy.period_s)
        return max(now + gap_s, first + policy.period_s)

    # -- counts, rests and slots ----------------------------------------------------------------------------------

    def _next_count(self, now: float) -> Count | None:
        """A count of windows whose size is unknown, if their first pages will not tell it soon.

        It only saves time. An export that may begin few windows at once has requests to save, and sends none.
        """
        state = self._state
        if state.policy.lookahead < LOOKAHEAD_WINDOWS:
            return None
        state.uncounted = [read for read in state.uncounted if read.live and not read.passed]
        polling = any(isinstance(item, Work) and item.handle is not None for item in state.on_wire.values())
        soon = now + _COUNT_PAYS_S
        if (
            not state.uncounted
            or polling
            or (
                not state.findings.pace.scouting
                and any(work.reveals and self._due_at(work) < soon for work in state.in_flight)
            )
        ):
            return None
        lead = state.uncounted[0]
        covered = [lead]
        if len(state.uncounted) > _ONE_BY_ONE:
            last = lead.window.start + LIST_DAYS_MAX * DAY_S
            same_site = (read for read in state.uncounted[1:] if read.window.site == lead.window.site)
            covered += [
                read for read in same_site if lead.window.start <= read.window.start and read.window.stop <= last
            ]
        stop = max(read.window.stop for read in covered)
        request = count_request(Window(lead.window.start, stop, lead.window.site))
        return Count(covered, Attempt(request, state.policy.call))

    def _rest(self, now: float) -> Rest:
        state = self._state
        spent = self._trust_spent()
        times = [self._due_at(work) for work in state.in_flight if not self._held_back(work, trust_spent=spent)]
        again_at = state.queue.again_at()
        if again_at is not None and self._may_submit():
            times.append(again_at)
        if self.limited(now) and not self._idle:
            times.append(now + state.policy.period_s)  # by then slots may go unused, and polls be cheap
        if not times and not state.on_wire:
            raise RuntimeError("the export is not finished, but has nothing to send and nothing on the wire")
        return Rest(min(times, default=None))

    def _slots_go_unused(self, now: float) -> bool:
        """Whether the limit keeps pages out and slots are left over: the last requests took longer than a period."""
        policy = self._state.policy
        lately = [*self._sent_at][-self._slots :]
        spent = len(lately) == self._slots and now - lately[0] < _UNUSED * policy.period_s
        return self.limited(now) and not spent

    def _slots_left(self, now: float) -> int:
        since = now - self._state.policy.period_s
        return self._slots - sum(sent_at > since for sent_at in self._sent_at)


def count_request(window: Window, limit: int = 1) -> Request:
    """The request to the plain list that tells how many rows a range of up to a month has."""
    site = (("site", window.site),) if window.site is not None else ()
    dates = (("startDate", str(window.start)), ("endDate", str(window.stop)))
    return Request("GET", LIST_PATH, (*dates, *site, ("limit", str(limit)), ("offset", "1")))
