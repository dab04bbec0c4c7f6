"""How many jobs to keep in flight: learned while running, per account.

What is submitted early is done early, and a job that takes very long is then not the last to begin. But a server may
run only so many jobs at once and queue the others, and a result is lost 20 minutes after its submission, the time in
the queue included. Nobody says which kind of server it is, so the limit is found as a network's is:

*Start.* Until a job has passed nothing is known, and nearly all jobs that the throttle admits are in flight. The first
pass limits them to what is in flight by then, but not so few that jobs of a minute would leave slots unused.

*Growth.* While it is the limit that keeps pages out, every pass raises it: by three at first, by one above a limit that
keeps the throttle busy in any case, and by one after the first sign of a queue or of harm.

*Queue.* A job waits behind others at the server if it is still working when it is far older than others were when they
passed, and no later job has passed before it. How many jobs were in flight with it, and how old it grew, tell how many
would have been done in a short time.

*Harm.* The limit halves when jobs fail, expire or run over time.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

_FIRST = 150.0
"""What the throttle admits in nearly two minutes: if jobs take no longer, no slot goes unused before the first is done.
"""
_STARTED = 120.0
"""The first pass does not lower the limit below this."""
_AMPLE = 180.0
"""A limit that keeps the throttle busy in any case: above it, it need not grow fast."""
_LEAST = 4.0
_HURT_EVERY_S = 15.0
"""The limit halves once in so many seconds, for one cause fails many jobs."""
_QUEUED_S_MIN = 120.0
"""No younger job is taken for queued."""
_QUEUED_FACTOR = 3.0
"""Nor is one that is not so many times as old as the youngest that ever passed."""


@dataclass(slots=True)
class InFlightLimit:
    """The limit on unfinished jobs.

    Attributes:
        jobs: How many jobs may be unfinished at once.
        ceiling: What `jobs` never exceeds.
    """

    jobs: float = _FIRST
    ceiling: float = 600.0
    _started: bool = False
    _growth: float = 3.0
    _hurt_until: float = field(default=-math.inf, repr=False)

    def passed(self, in_flight: int, *, binding: bool) -> None:
        """Take in that a job passed.

        Args:
            in_flight: Jobs that were in flight, this one included.
            binding: Whether pages waited for the limit lately.
        """
        if not self._started:
            self._started = True
            self.jobs = min(self.jobs, max(in_flight, _STARTED))
        elif binding:
            self.jobs = min(self.ceiling, self.jobs + (self._growth if self.jobs < _AMPLE else 1.0))

    def saw_queue(self, crowd: int, age_s: float, shortest_s: float) -> None:
        """Take in that a job is working at an age, or lost its result, and that no later job has passed.

        By Little's law, a server that finishes `crowd` jobs in `age_s` finishes proportionally fewer in less time.

        Args:
            crowd: Jobs in flight when it was submitted, itself included; 0 if another process submitted it, which
                tells nothing.
            age_s: Its age.
            shortest_s: The lowest age at which a job was found passed.
        """
        age_s_max = max(_QUEUED_S_MIN, _QUEUED_FACTOR * shortest_s)
        if crowd and age_s > age_s_max:
            self._growth = 1.0
            self.jobs = max(_LEAST, min(self.jobs, crowd * age_s_max / age_s))

    def hurt(self, now: float) -> None:
        """Take in that a job failed, expired or ran over time. Halves the limit once in a while only."""
        if now >= self._hurt_until:
            self._hurt_until = now + _HURT_EVERY_S
            self._growth = 1.0
            self.jobs = max(_LEAST, self.jobs / 2.0)
