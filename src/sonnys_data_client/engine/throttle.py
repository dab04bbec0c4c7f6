"""When the next request may start, so that the server never refuses one that is ours alone.

The server's rule (spec): the first reply opens a *fixed* period of 15 s with a counter for the API ID. Up to 20
requests in it are served, and once it has ended the next request opens another.

What a client can know of it: a request is counted somewhere between the moment it was sent and the moment its reply
arrived. Two rules follow, and a request starts only when both allow it:

*Starts.* Never more than `limit` starts in any `period_s`. This is what a reader of the client's own log would check.

*Rounds.* A round is the time in which our requests may share one period of the server. That period opened no earlier
than `opened`, the round's first start, and no later than `proved`, the first reply to come in: by then the server had
counted something. So at `proved + period_s` it is over, whatever the latencies were, and a new round begins. Requests
answered by `opened + period_s` were surely counted in the ended period and are forgotten. Later ones may have opened
the next period, so they stay members of the new round. A request that alone outlives all this is forgotten `period_s`
after its own reply, which bounds when it was counted. A request whose end is never told, because its caller was
interrupted between the slot and the reply, counts as ended after ten minutes: slots do not leak for good.

So the safety margin is not a constant. It is the time from the first start of a burst to its first reply, about the
smallest latency of twenty. It costs 0.5 % of the ceiling at a latency of 0.15 s.

A 429 all the same means that somebody else spends this API ID's requests. Then nothing starts until the period must
have ended, and the next round gets no more slots than the last one had served. Every round without a refusal wins one
back.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from sonnys_data_client.errors import ValidationError

SLOTS = 20
"""Requests that the API serves in a period, for one API ID."""
PERIOD_S = 15.0
"""Length of the API's period."""
_UNANSWERED_RECHECK_S = 0.25
_ABANDONED_S = 600.0


@dataclass(frozen=True, slots=True)
class ThrottleLimits:
    """How many requests may start in how long.

    Attributes:
        limit: Requests per period and API ID (the API's own: 20).
        period_s: The period's length in seconds (the API's own: 15).
        guard_s: Added to every period against clock and timer error, in seconds.

    Raises:
        ValidationError: One of them makes no sense.
    """

    limit: int = SLOTS
    period_s: float = PERIOD_S
    guard_s: float = 0.02

    def __post_init__(self) -> None:
        if self.limit < 1 or self.period_s <= 0 or self.guard_s < 0:
            raise ValidationError("ThrottleLimits: limit must be at least 1, period_s above 0, guard_s 0 or more.")


@dataclass(slots=True)
class _Member:
    """A request that may have been counted in the round's period."""

    sent_at: float
    fresh: bool
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What `ThrottleLedger.reserve` says: a token, or the time from which asking again makes sense."""

    token: int | None
    retry_at: float


class ThrottleLedger:
    """The slots of one API ID: pure bookkeeping, told the time by its owner.

    Times are seconds on any clock that never goes back, the same for all calls.
    """

    def __init__(self, limits: ThrottleLimits) -> None:
        self._limits = limits
        self._length_s = limits.period_s + limits.guard_s
        self._starts: deque[float] = deque(maxlen=limits.limit)
        self._members: dict[int, _Member] = {}
        self._opened = 0.0
        self._proved: float | None = None
        self._served = 0
        self._refused = False
        self._allowed = limits.limit
        self._blocked_until = float("-inf")
        self._next_token = 0

    def reserve(self, now: float) -> Grant:
        """Take a slot and record it, in one step, or learn when to ask again."""
        self._turn_over(now)
        free_at = self._free_at(now)
        if free_at > now:
            return Grant(None, free_at)
        token = self._next_token
        self._next_token += 1
        if not self._members:
            self._opened = now
        self._members[token] = _Member(now, fresh=True)
        self._starts.append(now)
        return Grant(token, now)

    def record_end(
        self, token: int, now: float, *, counted: bool, refused: bool, retry_after_s: float | None = None
    ) -> None:
        """Tell how a request ended.

        Args:
            token: From `reserve`.
            now: When its reply, or the fault, arrived.
            counted: The server answered. False for a fault, which proves nothing about its period.
            refused: The answer was a 429.
            retry_after_s: The 429's own `Retry-After`, in seconds, if it had one.
        """
        member = self._members.get(token)
        if member is not None:
            member.ended_at = now
            if member.fresh and counted and self._proved is None:
                self._proved = now
        if refused:
            self._refused = True
            wait_s = self._length_s if retry_after_s is None else retry_after_s
            self._blocked_until = max(self._blocked_until, now + wait_s)
        elif counted:
            self._served += 1

    def _turn_over(self, now: float) -> None:
        """Forget the requests whose period at the server has surely ended."""
        over = self._proved is not None and now >= self._proved + self._length_s
        ended_by = self._opened + self._limits.period_s if over else float("-inf")
        kept: dict[int, _Member] = {}
        for token, member in self._members.items():
            if member.ended_at is None and now >= member.sent_at + _ABANDONED_S:
                member.ended_at = member.sent_at + _ABANDONED_S
            ended_at = member.ended_at
            if ended_at is not None and (ended_at <= ended_by or ended_at + self._length_s <= now):
                continue
            kept[token] = member
        self._members = kept
        if not over:
            return
        self._proved = None
        if kept:
            self._opened = max(ended_by, min(member.sent_at for member in kept.values()))
            for member in kept.values():
                member.fresh = False
        if self._refused:
            self._allowed = max(1, min(self._allowed, self._served))
        else:
            self._allowed = min(self._limits.limit, self._allowed + 1)
        self._refused = False
        self._served = 0

    def _free_at(self, now: float) -> float:
        free_at = max(now, self._blocked_until)
        if len(self._starts) == self._limits.limit:
            free_at = max(free_at, self._starts[0] + self._length_s)
        if len(self._members) >= self._allowed:
            ends = [member.ended_at for member in self._members.values() if member.ended_at is not None]
            known = [end + self._length_s for end in ends]
            if self._proved is not None:
                known.append(self._proved + self._length_s)
            free_at = max(free_at, min(known) if known else now + _UNANSWERED_RECHECK_S)
        return free_at
