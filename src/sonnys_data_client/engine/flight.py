"""How many jobs to keep in flight: learned while running, per account.

What is submitted early is done early, and a job that takes for ever is not the last to begin. But a server may run
only so many jobs at once and queue the others, and a result is lost 20 minutes after its submission, queueing
included. Nobody says which kind of server it is, so the limit is found as a network's is:

*Start.* Until a job has passed nothing is known, and nearly all that the throttle admits is in flight. The first pass
stops that flood at what is in flight by then, but not so low that jobs of a minute would leave slots unused.

*Growth.* While it is the limit that binds, every pass raises it: by three at first, by one above a limit that keeps
the throttle busy in any case, and by one after the first sign of a queue or of harm.

*Queue.* A job that is still working when it is far older than others were when they passed, and that none has
overtaken, waits for those before it. From how many there were and how old it grew follows how many would have been
young.

*Harm.* The limit halves when jobs fail, expire or run over time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

_FIRST = 150.0
"""What the throttle admits in nearly two minutes: with jobs of up to that, no slot goes unused before the first is
done."""
_STARTED = 120.0
"""What the first pass leaves at the least."""
_AMPLE = 180.0
"""A limit that keeps the throttle busy in any case; above it there is no hurry to grow."""
_LEAST = 4.0
_HURT_EVERY_S = 15.0
_QUEUED_S_MIN = 120.0
_QUEUED_FACTOR = 3.0


@dataclass(slots=True)
class InFlightLimit:
    """The limit on unfinished jobs.

    Attributes:
        jobs: How many jobs may be unfinished at once.
        ceiling: What it never exceeds.
    """

    jobs: float = _FIRST
    ceiling: float = 600.0
    _started: bool = False
    _growth: float = 3.0
    _hurt_until: float = field(default=-math.inf, repr=False)

    def passed(self, in_flight: int, *, binding: bool) -> None:
        """A job passed, one of `in_flight`; `binding`: others waited for the limit."""
        if not self._started:
            self._started = True
            self.jobs = min(self.jobs, max(in_flight, _STARTED))
        elif binding:
            self.jobs = min(self.ceiling, self.jobs + (self._growth if self.jobs < _AMPLE else 1.0))

    def saw_queue(self, crowd: int, age_s: float, shortest_s: float) -> None:
        """A job that was submitted as one of `crowd` is working at an age, or lost its result, and none overtook it.

        Little's law: a server that finishes `crowd` jobs in `age_s` finishes proportionally fewer in less. No job is
        thought to be queueing that is not far older than the youngest that ever passed, at `shortest_s`. A crowd of
        0 means that another process submitted it, which tells nothing.
        """
        age_s_max = max(_QUEUED_S_MIN, _QUEUED_FACTOR * shortest_s)
        if crowd and age_s > age_s_max:
            self._growth = 1.0
            self.jobs = max(_LEAST, min(self.jobs, crowd * age_s_max / age_s))

    def hurt(self, now: float) -> None:
        """Jobs fail, expire or run over time. Halves once in a while: one cause is felt many times."""
        if now >= self._hurt_until:
            self._hurt_until = now + _HURT_EVERY_S
            self._growth = 1.0
            self.jobs = max(_LEAST, self.jobs / 2.0)
