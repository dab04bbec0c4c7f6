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
have ended, and the next round gets no more slots than the last one had served. The first round without a refusal wins
one back, and each one after it doubles them: whoever it was may have gone.

The ledger is a value. `dump` and `load` carry it between the processes that share an API ID, so that their requests are
counted together; `turns` says which of them is next. Each slot is under its holder's name, because a process may die
with requests on the wire. What it sent may still be counted by the server for `LINGER_S`, and then its slots have
ended.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sonnys_data_client.engine.turns import LOOK_S, TURN_S, Asker, Turns
from sonnys_data_client.errors import ValidationError

SLOTS = 20
"""Requests that the API serves in a period, for one API ID."""
PERIOD_S = 15.0
"""Length of the API's period."""
LINGER_S = 2.0
"""For how many seconds a request that was taken off the wire may still reach the server."""
ALONE = Asker()
"""The only holder of a ledger that nobody shares."""
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
    holder: str
    ended_at: float | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """What `ThrottleLedger.reserve` says: a token, or the time from which asking again makes sense.

    Attributes:
        token: The slot's number; None if there is none now.
        retry_at: The time from which asking again makes sense.
        share: How many slots of a period the asker may count on, as things are. None if that is not known.
    """

    token: int | None
    retry_at: float
    share: float | None = None


@dataclass(frozen=True, slots=True)
class HolderState:
    """One of those that share an API ID's requests, as `sonnys throttle` shows it.

    Attributes:
        name: Its name.
        taken: Requests of this period.
        waits: Whether it waits for a slot.
        interactive: Whether somebody sat and waited for one of its last requests.
        served: All its requests that were answered.
        refused: All its requests that were answered with a 429.
        idle_s: Seconds since it last asked for a slot.
    """

    name: str
    taken: int
    waits: bool
    interactive: bool
    served: int
    refused: int
    idle_s: float


@dataclass(frozen=True, slots=True)
class ThrottleState:
    """What a ledger knows at one moment.

    Attributes:
        limit: Requests that the API serves in a period.
        allowed: Requests that may start in this one: fewer after a 429.
        taken: Those that have started.
        frees_in_s: Seconds until the next slot is free; 0 if there is one now.
        holders: Who shares the requests, those with the most first.
    """

    limit: int
    allowed: int
    taken: int
    frees_in_s: float
    holders: tuple[HolderState, ...]


class ThrottleLedger:
    """The slots of one API ID: pure bookkeeping, told the time by its owner.

    Times are seconds on any clock that never goes back, the same for all calls.

    Args:
        limits: How many requests may start in how long.
        first_token: The number of the first slot.
    """

    def __init__(self, limits: ThrottleLimits, first_token: int = 0) -> None:
        self._limits = limits
        self._length_s = limits.period_s + limits.guard_s
        self._starts: deque[float] = deque(maxlen=limits.limit)
        self._members: dict[int, _Member] = {}
        self._opened = 0.0
        self._proved: float | None = None
        self._served = 0
        self._refused = False
        self._calm = 0
        self._allowed = limits.limit
        self._blocked_until = float("-inf")
        self._next_token = first_token
        self._turns = Turns()

    def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
        """Take a slot and record it, in one step, or learn when to ask again."""
        self._turn_over(now)
        self._turns.heard(asker, now)
        allowed, spare = self._allowed, min(self._turns.spare(now), self._allowed - 1)
        if not asker.interactive:
            allowed -= spare
        share = self._turns.share(asker, now, self._allowed - spare, self._length_s)
        free_at = self._free_at(now, allowed)
        if free_at <= now and self._turns.must_wait(asker, now, allowed):
            free_at = min(now + LOOK_S, self._turns.began_at + TURN_S)
        if free_at > now:
            self._turns.told_to_wait(asker, free_at)
            return Grant(None, free_at, share)
        token = self._next_token
        self._next_token += 1
        if not self._members:
            self._opened = now
        self._members[token] = _Member(now, fresh=True, holder=asker.holder)
        self._starts.append(now)
        self._turns.given(asker, now)
        return Grant(token, now, share)

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
            if counted:
                self._turns.answered(member.holder, refused=refused)
        if refused:
            self._refused = True
            wait_s = self._length_s if retry_after_s is None else retry_after_s
            self._blocked_until = max(self._blocked_until, now + wait_s)
        elif counted:
            self._served += 1

    def bury(self, holders: Collection[str], now: float) -> None:
        """End the requests of holders that have died, which will never tell: the server may count them for a while."""
        for member in self._members.values():
            if member.ended_at is None and member.holder in holders:
                member.ended_at = now + LINGER_S
        self._turns.bury(holders)

    def block_until(self, time: float) -> None:
        """Start nothing before a time."""
        self._blocked_until = max(self._blocked_until, time)

    @property
    def last_start(self) -> float:
        """When the last request started; long ago if there was none."""
        return self._starts[-1] if self._starts else float("-inf")

    @property
    def holders(self) -> Collection[str]:
        """The names of those that hold slots or have asked for some of late."""
        waiting = {member.holder for member in self._members.values() if member.ended_at is None}
        return waiting | self._turns.holders.keys()

    def look(self, now: float) -> ThrottleState:
        """Say what is known. Nothing is changed but what time has changed."""
        self._turn_over(now)
        return ThrottleState(
            self._limits.limit,
            self._allowed,
            len(self._members),
            self._free_at(now, self._allowed) - now,
            tuple(
                sorted(
                    (
                        HolderState(
                            name,
                            holder.taken,
                            now < holder.wants_until,
                            holder.is_person(now),
                            holder.served,
                            holder.refused,
                            now - holder.asked_at,
                        )
                        for name, holder in self._turns.holders.items()
                    ),
                    key=lambda state: (-state.taken, -state.served, state.name),
                )
            ),
        )

    def dump(self) -> list[Any]:
        """Return all that the ledger knows, ready for JSON."""
        members = [[t, m.sent_at, m.fresh, m.holder, m.ended_at] for t, m in self._members.items()]
        return [
            list(self._starts),
            members,
            self._opened,
            self._proved,
            self._served,
            self._refused,
            self._calm,
            self._allowed,
            None if self._blocked_until == float("-inf") else self._blocked_until,
            self._next_token,
            self._turns.dump(),
        ]

    @classmethod
    def load(cls, limits: ThrottleLimits, dumped: list[Any]) -> ThrottleLedger:
        """Return the ledger that `dump` was given, under these limits."""
        starts, members, opened, proved, served, refused, calm, allowed, blocked_until, next_token, turns = dumped
        ledger = cls(limits, next_token)
        ledger._starts.extend(starts)
        ledger._members = {token: _Member(*fields) for token, *fields in members}
        ledger._opened, ledger._proved, ledger._served = opened, proved, served
        ledger._refused, ledger._calm, ledger._allowed = refused, calm, min(allowed, limits.limit)
        ledger._blocked_until = float("-inf") if blocked_until is None else blocked_until
        ledger._turns = Turns.load(turns)
        return ledger

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
        ended = bool(self._members) and not kept
        self._members = kept
        if over or ended:
            self._turns.begin_round(now)
        if not over:
            return
        self._proved = None
        if kept:
            self._opened = max(ended_by, min(member.sent_at for member in kept.values()))
            for member in kept.values():
                member.fresh = False
        if self._refused:
            self._calm = 0
            self._allowed = max(1, min(self._allowed, self._served))
        else:
            self._calm += 1
            won_back = 1 if self._calm == 1 else self._allowed
            self._allowed = min(self._limits.limit, self._allowed + won_back)
        self._refused = False
        self._served = 0

    def _free_at(self, now: float, allowed: int) -> float:
        free_at = max(now, self._blocked_until)
        if len(self._starts) == self._limits.limit:
            free_at = max(free_at, self._starts[0] + self._length_s)
        if len(self._members) >= allowed:
            ends = [member.ended_at for member in self._members.values() if member.ended_at is not None]
            known = [end + self._length_s for end in ends]
            if self._proved is not None:
                known.append(self._proved + self._length_s)
            free_at = max(free_at, min(known) if known else now + _UNANSWERED_RECHECK_S)
        return free_at
