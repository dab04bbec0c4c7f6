"""Whether a process behaves: towards the server, and with the handles of its jobs. A part of the oracle.

```text
throttle   while nobody else spends its API ID's requests, and as long as it remembers its slots, the server never
           counts more than 20 of its requests in a period and never answers 429; where others spend requests, too,
           nothing is sent into a period that has refused one
polls      no job is polled before its handle is stored, after it is struck out, or again too soon after `working`
handles    a handle is stored before anything else is sent; it is struck out when the job's result is in or of no more
           use, and not before; a finished export leaves none; a restart polls kept jobs, and does not submit them again
expiry     no result is lost because its 20 minutes are over
```

All of it is read from two records: the process's trace of asks and answers, and the server's log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.sim.scenario import START
from bench.sim.simulate import History, Life, Run
from sonnys_data_client.engine.effects import Collect, Moment, Pause, Reply, Reserve, Send, Store, Strike, Woken
from sonnys_data_client.engine.jobs import POLL_PATH, SUBMIT_PATH, Handle
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.wire import Request, Response

_SLOTS = 20
_FRESH_S = 1000.0
"""A kept handle younger than this must be used. The engine's own limit is a little higher."""
_HASH = re.compile(rb'"hash":"([^"]+)"')
_HEAD = 120
"""The first bytes of a poll's reply, which hold its status: to parse thousands of whole replies again takes long."""


def conduct(run: Run, history: History, life: Life) -> Iterator[str]:
    """Name what a process did that it must not do, one line each."""
    yield from _throttle(run, history, life)
    walk = _Walk(run, history, life)
    yield from walk.complaints()
    if life.process.result is not None and life.left:
        yield f"{len(life.left)} handles are left on the shelf of a finished export"


# -- throttle ---------------------------------------------------------------------------------------------------


def _throttle(run: Run, history: History, life: Life) -> Iterator[str]:
    scenario = run.scenario
    api_id = history.export.account.api_id
    began, ended = START + life.began_at, START + life.process.ended_at
    mine = [p for p in run.sandbox.periods() if p.api_id == api_id and began <= p.start <= ended]
    # A stalled first reply opens the period late: only the server knows when it ends.
    if not scenario.rival and not scenario.config.faults.stall:
        remembers = scenario.ledger_survives or len(history.lives) == 1
        yield from (
            f"the server counted {period.ours} requests in a period and refused {period.refused}"
            for period in mine
            if remembers and (period.ours > _SLOTS or period.refused)
        )
    if scenario.config.faults.stall:
        return
    slack_s = scenario.network.latency_s  # a leg takes half of it, and up to twice as long
    entries = [entry for entry in run.sandbox.log if entry.api_id == api_id and began <= entry.at <= ended]
    arrivals = [entry.at for entry in entries]
    refused_at = [entry.at for entry in entries if entry.status == 429]
    for heard_at in _refusals_heard(life):
        # A late reply may arrive in the next period, and says nothing about that one.
        period = next(
            (p for p in mine if any(p.start <= at <= START + heard_at < p.resets_at for at in refused_at)), None
        )
        if period is not None:
            late = [at for at in arrivals if START + heard_at + slack_s < at < period.resets_at]
            if late:
                yield f"{len(late)} requests went into a period that had refused one"
                return


def _refusals_heard(life: Life) -> Iterator[float]:
    for _, answer in life.trace:
        if isinstance(answer, Woken):
            for reply in answer.replies:
                if isinstance(reply.outcome, Response) and reply.outcome.status == 429:
                    yield reply.at


# -- polls and handles ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Known:
    """What is known of one job at a point of the trace.

    Attributes:
        window: The window that its page is part of.
        submitted_at: Epoch second of its submission.
        kept: Whether its handle is on the shelf.
        working_at: When the poll was sent that last found it working.
    """

    window: Window
    submitted_at: float
    kept: bool = True
    working_at: float = float("-inf")


@dataclass(slots=True)
class _Walk:
    """Follows a trace, and keeps what the process must know at each point."""

    run: Run
    history: History
    life: Life
    jobs: dict[str, _Known] = field(default_factory=dict)
    pages: dict[int, Handle] = field(default_factory=dict)
    polls: dict[int, str] = field(default_factory=dict)
    owed: dict[str, Window] = field(default_factory=dict)
    moved_on: set[Window] = field(default_factory=set)
    """Windows whose jobs may be of no more use: a page is in, or something went wrong."""

    def complaints(self) -> Iterator[str]:
        """Follow the trace, and name what is wrong."""
        for handle in self.life.kept:
            self.jobs[handle.hash] = _Known(handle.page.window, handle.submitted_at)
        usable = {_criteria_of(handle): handle.hash for handle in self.life.kept if self._usable(handle)}
        for ask, answer in self.life.trace:
            match ask:
                case Reserve():
                    yield from self._unkept()
                case Send(request=request) if request.path == SUBMIT_PATH:
                    yield from self._submit(ask, usable)
                case Send(request=request) if request.path == POLL_PATH:
                    yield from self._poll(ask, answer)
                case Store():
                    yield from self._store(Handle.from_dict(ask.handle))
                case Collect() | Strike():
                    yield from self._strike(Handle.from_dict(ask.handle))
                case Pause() if isinstance(answer, Woken):
                    for reply in answer.replies:
                        yield from self._hear(reply, answer)
                case _:
                    pass

    def _submit(self, ask: Send, usable: dict[_Criteria, str]) -> Iterator[str]:
        hash_ = usable.get(_criteria(ask.request))
        if hash_ is not None and self.jobs[hash_].window not in self.moved_on:
            yield f"a page was submitted again whose job {hash_[:6]} had been kept"
        self.pages[ask.tag] = _handle(ask.request)

    def _store(self, handle: Handle) -> Iterator[str]:
        self.owed.pop(handle.hash, None)
        self.jobs[handle.hash] = _Known(handle.page.window, handle.submitted_at)
        yield from self._too_many()

    def _too_many(self) -> Iterator[str]:
        """Complain if more jobs are in flight than the caller allows; an earlier process may have left more."""
        allowed = self.run.scenario.policy.max_in_flight
        in_flight = sum(known.kept for known in self.jobs.values())
        if allowed is not None and in_flight > max(allowed, len(self.life.kept)):
            yield f"{in_flight} jobs are in flight, where {allowed} are allowed"

    def _unkept(self) -> Iterator[str]:
        for hash_, window in self.owed.items():
            if window not in self.moved_on:
                yield f"job {hash_[:6]} was submitted and not kept"
        self.owed.clear()

    def _poll(self, ask: Send, answer: Moment) -> Iterator[str]:
        hash_ = dict(ask.request.query)["hash"]
        self.polls[ask.tag] = hash_
        known = self.jobs.get(hash_)
        if known is None or not known.kept:
            yield f"job {hash_[:6]} was polled though it was {'not kept' if known is None else 'struck out'}"
            return
        rest_s = answer.now - known.working_at
        if rest_s < self.run.scenario.policy.poll_interval_s - 1e-6:
            yield f"job {hash_[:6]} was asked {rest_s:.2f} s after the poll that found it working"

    def _strike(self, handle: Handle) -> Iterator[str]:
        known = self.jobs.get(handle.hash)
        if known is None:
            yield f"job {handle.hash[:6]} was struck out and had never been kept"
            return
        if known.kept and known.window not in self.moved_on and self._usable(handle):
            yield f"job {handle.hash[:6]} was struck out while its result was still wanted"
        known.kept = False

    def _hear(self, reply: Reply, answer: Moment) -> Iterator[str]:
        page, hash_ = self.pages.pop(reply.tag, None), self.polls.pop(reply.tag, None)
        known = None if hash_ is None else self.jobs.get(hash_)
        window = page.page.window if page is not None else known.window if known is not None else None
        if window is None:
            return
        outcome = reply.outcome
        if not isinstance(outcome, Response) or outcome.status != 200 or not _is_whole(outcome.body):
            if not isinstance(outcome, Response) or outcome.status != 429:
                self.moved_on.add(window)
            if hash_ is not None and isinstance(outcome, Response) and outcome.status == 404 and self._may_not_expire():
                yield f"the result of job {hash_[:6]} was lost to its 20 minutes"
            return
        if page is not None:
            found = _HASH.search(outcome.body)
            if found is not None:
                self.owed[found[1].decode()] = window
        elif known is not None:
            overdue = answer.wall - known.submitted_at >= self.run.scenario.policy.job_timeout_s - 1.0
            if b'"status":"working"' in outcome.body[:_HEAD]:
                known.working_at = reply.sent_at
                if not overdue:
                    return
            self.moved_on.add(window)

    def _may_not_expire(self) -> bool:
        scenario = self.run.scenario
        first = self.life is self.history.lives[0]
        return first and not scenario.config.faults.early_expiry and not scenario.slow

    def _usable(self, handle: Handle) -> bool:
        """Whether a handle is for a page of the plan, and young enough to be used."""
        if START + self.life.began_at - handle.submitted_at > _FRESH_S:
            return False
        window = handle.page.window
        plan = self.history.export.windows()
        unnamed = Window(window.start, window.stop)
        by_site = self.run.scenario.config.quirks.site_required and unnamed in plan
        return (window in plan or by_site) and handle.page.limit == self.run.scenario.policy.rows_a_page


_Criteria = tuple[tuple[str, str], ...]


def _criteria(request: Request) -> _Criteria:
    return tuple(sorted(request.query))


def _criteria_of(handle: Handle) -> _Criteria:
    return _criteria(handle.page.submission("POST"))


def _handle(request: Request) -> Handle:
    asked = dict(request.query)
    return Handle.from_dict(
        {
            "hash": "unknown yet",
            "start": int(asked["startDate"]),
            "stop": int(asked["endDate"]),
            "site": asked.get("site"),
            "page": int(asked["offset"]),
            "limit": int(asked["limit"]),
            "submitted_at": 0.0,
            "owner": "",
        }
    )


def _is_whole(body: bytes) -> bool:
    """Whether a reply's JSON object is complete, not cut off."""
    return body.endswith(b"}}") and body.count(b"{") == body.count(b"}")
