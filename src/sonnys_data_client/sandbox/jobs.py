"""Batch jobs: a page is ordered, built, and can be fetched until it expires.

Everything about a job is decided when it is submitted: when a worker will be free for it, how long it will run, how
it will end, and when it expires. Nothing happens in the background. A job's status follows from these times and the
time of the question.

| state   | from                          | seen as                                                  |
|---------|-------------------------------|----------------------------------------------------------|
| queued  | submission                    | `working`                                                |
| running | a worker is free              | `working`; the rows are those known at this moment       |
| passed  | its duration later            | `pass`                                                   |
| failed  | its duration later            | `fail`                                                   |
| expired | `job_life_s` after submission | 404                                                      |

The same criteria get the same job until it expires, and then a new one with a new hash. A failed job is replaced
at once, unless failures are sticky.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass
from hashlib import blake2b
from heapq import heappop, heappush
from typing import Literal, NamedTuple

from sonnys_data_client.engine.wire import Request
from sonnys_data_client.sandbox.config import SandboxConfig
from sonnys_data_client.sandbox.dice import bell
from sonnys_data_client.sandbox.faults import FaultDice, JobFate

__all__ = ["Criteria", "Job", "JobTable", "Status"]

Status = Literal["working", "pass", "fail"]


class Criteria(NamedTuple):
    """What makes two submissions the same.

    Attributes:
        api_id: The account's API ID.
        start: `startDate`, epoch seconds.
        end: `endDate`, epoch seconds.
        sites: Codes of the sites; None means all sites.
        limit: Rows a page.
        page: Page number, from 1.
    """

    api_id: str
    start: int
    end: int
    sites: tuple[str, ...] | None
    limit: int
    page: int


@dataclass(frozen=True, slots=True)
class Job:
    """One job. All times are epoch seconds, decided at submission.

    Attributes:
        hash: Its public name, 32 hexadecimal digits.
        criteria: The criteria of its submission.
        submitted: When it was first submitted.
        starts: When a worker takes it. Its rows are those that the server knows then.
        ends: When it passes or fails.
        expires: When its hash expires.
        fate: What goes wrong with it.
    """

    hash: str
    criteria: Criteria
    submitted: float
    starts: float
    ends: float
    expires: float
    fate: JobFate

    def status(self, now: float) -> Status:
        """Return the status at `now` of a job that has not expired."""
        if now < self.ends:
            return "working"
        return "fail" if self.fate.fails else "pass"


class JobTable:
    """The jobs of all accounts that have not expired, and the pool of workers."""

    def __init__(self, config: SandboxConfig, dice: FaultDice) -> None:
        self._config = config
        self._dice = dice
        self._by_hash: dict[str, Job] = {}
        self._newest: dict[Criteria, Job] = {}
        self._generations: dict[Criteria, int] = {}
        self._by_age: deque[Job] = deque()
        self._free_at: list[float] = [-math.inf] * (config.workers or 0)

    def submit(self, criteria: Criteria, request: Request, now: float) -> Job:
        """Return the job for `criteria`: the last one if it is still good, else a new one."""
        self._forget_expired(now)
        known = self._newest.get(criteria)
        if known is None or now >= known.expires:
            return self._make(criteria, request, now)
        if known.status(now) == "fail" and not self._config.quirks.sticky_failures:
            return self._make(criteria, request, now)
        return known

    def find(self, api_id: str, hash: str, now: float) -> Job | None:
        """Return this account's job `hash`; None if it is unknown or expired."""
        job = self._by_hash.get(hash)
        if job is None or job.criteria.api_id != api_id or now >= job.expires:
            return None
        return job

    def _make(self, criteria: Criteria, request: Request, now: float) -> Job:
        generation = self._generations.get(criteria, 0)
        self._generations[criteria] = generation + 1
        name = blake2b(repr((tuple(criteria), generation)).encode(), digest_size=16).hexdigest()
        starts = max(now, heappop(self._free_at)) if self._free_at else now
        ends = starts + self._duration_s(name)
        if self._config.workers:
            heappush(self._free_at, ends)
        fate = self._dice.fate(request, name, now)
        expires = now + fate.life * self._config.job_life_s
        job = Job(name, criteria, now, starts, ends, expires, fate)
        self._by_hash[name] = job
        self._newest[criteria] = job
        self._by_age.append(job)
        return job

    def _duration_s(self, name: str) -> float:
        config = self._config
        if not config.jitter:
            return config.job_s
        return config.job_s * math.exp(config.jitter * bell(config.seed, "duration", name))

    def _forget_expired(self, now: float) -> None:
        life_s = self._config.job_life_s
        while self._by_age and now >= self._by_age[0].submitted + life_s:
            job = self._by_age.popleft()
            del self._by_hash[job.hash]
            if self._newest.get(job.criteria) is job:
                del self._newest[job.criteria]
