"""When to poll, and how many jobs to keep in flight: learned while running, per account.

Nobody knows how long a job takes. A poll that finds `working` is a slot burnt; a poll that comes late costs
nothing while other work waits for slots, and is all the delay there is once none does.

*Pace* keeps one number, the target age: how old a job should be before its first poll. Until a job has passed
there is none, and one job at a time is polled as a *scout*, at ages that grow by a fixed share. The first pass
sets the target. After that a first poll that finds `working` raises it, and passes lower it again, but not below
the oldest age that was lately seen working: for durations that never vary, the target comes to rest just above
them and polls stop failing. *Trust* bounds how many first polls may be on the wire together: it doubles with a
pass and starts again from one with a `working`, so that a target that is too low costs one slot, not twenty.

*InFlight* is the limit on unfinished jobs. It grows by one for every pass while it is the limit that binds, and
halves when jobs fail, expire or run over time, or when they take far longer than they used to, which is what a
server that queues them looks like from here.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

_FIRST_SCOUT_AGE_S = 1.0
_TARGET_DECAY = 0.97
_TARGET_RAISE = 1.25
_ABOVE_WORKING = 1.03
_REMEMBERED = 64
_HURT_EVERY_S = 15.0


@dataclass(slots=True)
class Pace:
    """What is known of how long jobs take.

    Attributes:
        target_s: Age at which a first poll should find the job passed; None before any has.
        trust: How many first polls may be on the wire together.
    """

    target_s: float | None = None
    trust: float = 1.0
    _working: deque[float] = field(default_factory=lambda: deque(maxlen=_REMEMBERED), repr=False)

    def passed(self, age_s: float, *, first_poll: bool) -> None:
        """A poll at this age found the job done."""
        self.trust = min(self.trust * 2.0, 64.0)
        if self.target_s is None:
            self.target_s = age_s
        elif first_poll:
            self._working.append(0.0)
            floor_s = max(self._working, default=0.0) * _ABOVE_WORKING
            # A poll that the throttle delayed says nothing about the target; only one near it does.
            if age_s <= self.target_s * 1.1:
                self.target_s = max(floor_s, self.target_s * _TARGET_DECAY)
            elif age_s < floor_s:
                self.target_s = max(self.target_s, floor_s)

    def working(self, age_s: float, *, first_poll: bool) -> None:
        """A poll at this age found the job unfinished."""
        self.trust = 1.0
        self._working.append(age_s)
        if self.target_s is not None and first_poll:
            self.target_s = max(self.target_s, age_s * _TARGET_RAISE)

    def first_poll_age_s(self) -> float:
        """The age at which a job is first worth a poll."""
        return _FIRST_SCOUT_AGE_S if self.target_s is None else self.target_s


@dataclass(slots=True)
class InFlight:
    """The limit on unfinished jobs.

    Attributes:
        limit: How many jobs may be unfinished at once.
        ceiling: What it never exceeds.
    """

    limit: float = 64.0
    ceiling: float = 600.0
    _halved_at: float = field(default=float("-inf"), repr=False)

    def passed(self) -> None:
        """A job passed while the limit was reached."""
        self.limit = min(self.ceiling, self.limit + 1.0)

    def hurt(self, now: float) -> None:
        """Jobs fail, expire or slow down. Halves at most once in 15 s: one cause is felt many times."""
        if now - self._halved_at >= _HURT_EVERY_S:
            self._halved_at = now
            self.limit = max(4.0, self.limit / 2.0)


def repoll_gap_s(age_s: float, poll_interval_s: float, jobs_left: int) -> float:
    """How long to wait before a job of this age is polled again.

    A share of its age, and no less than `poll_interval_s`. With few jobs left the budget is idle, and the share is
    all the delay that a caller sees; with many, other work waits for slots.
    """
    share = 0.15 if jobs_left <= 2 else 0.17 if jobs_left <= 20 else 0.25
    return max(poll_interval_s, age_s * share)
