"""The state of one export: where every window, page and job is.

Three classes make one machine. `ExportState` holds what the other two share, the `Scheduler` (`schedule`) says what to
send next, and the `Board` (`board`) says what each reply means.

```text
scope       one window of the plan             open --> settled, with or without gaps
read        one attempt to read a window       live --> proved whole, or given up and replaced by its halves
page        waiting in the queue --> in flight (it has a job) --> in
```
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sonnys_data_client.engine.call import Attempt, Check
from sonnys_data_client.engine.effects import Flow, strike
from sonnys_data_client.engine.export.homes import Homes
from sonnys_data_client.engine.export.pages import Count, SchedulePolicy, Work
from sonnys_data_client.engine.export.queue import PageQueue
from sonnys_data_client.engine.export.window_read import Scope, WindowRead
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.jobs import SUBMIT_PATH, Handle, Page, check_answer, read_hash
from sonnys_data_client.engine.mismatch import mismatch_error
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import CACHE_S, Window
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError

_FAILURES_FACTOR = 4
"""How many times as many jobs may come to nothing once a part of the window has come: finding one bad row takes ten."""
_BURST_PERIODS = 2
"""How many periods' requests may go into the pages of one window on the server's word alone: 40 pages.

Fewer delay a busy day's last pages. With 20, a month of jobs of a minute takes 1.17 times the bound instead of 1.10.
"""
_PROBES_MAX = 2
"""How many reads of a window may be open at once, until a part of it has come."""


@dataclass(slots=True, eq=False)
class ExportState:
    """All windows, pages and jobs of one export.

    Attributes:
        policy: The export's settings.
        findings: What is known of the server; the export learns more.
        progress: Live counters.
        scopes: The plan's windows, each with what became of it.
        homes: Says which window of the plan a row belongs to.
        queue: Pages that wait to be submitted.
        in_flight: Pages with a job that was submitted and not collected yet.
        asked: The page of each job submitted lately, by its hash, oldest first.
        on_wire: What each request on the wire is about, by its tag.
        uncounted: Reads of which it is unknown how many pages they have.
        all_s: Seconds of all windows.
        sized_s: Seconds of the windows whose number of pages is known or guessed.
        sized_pages: Their pages.
        unproved_empty: The 404 by which a window counts as empty, though no submission has been served yet.
        settled: How many scopes are settled.
        oldest_open: Index of the oldest scope that is not settled.
    """

    policy: SchedulePolicy
    findings: Findings
    progress: Progress
    scopes: Sequence[Scope]
    homes: Homes
    queue: PageQueue
    in_flight: list[Work] = field(default_factory=list)
    asked: dict[str, tuple[Page, float]] = field(default_factory=dict)
    on_wire: dict[int, Work | Count] = field(default_factory=dict)
    uncounted: list[WindowRead] = field(default_factory=list)
    all_s: int = 0
    sized_s: int = 0
    sized_pages: int = 0
    unproved_empty: APIError | None = None
    settled: int = 0
    oldest_open: int = 0

    @classmethod
    def begin(
        cls, windows: Sequence[Window], policy: SchedulePolicy, findings: Findings, progress: Progress
    ) -> ExportState:
        """Make the state of an export that has sent nothing yet."""
        failures = _FAILURES_FACTOR * policy.failures_max
        scopes = [Scope(WindowReport(window), i, failures, [window]) for i, window in enumerate(windows)]
        state = cls(policy, findings, progress, scopes, Homes(windows), PageQueue(policy.lookahead))
        progress.windows = len(scopes)
        state.all_s = sum(window.length_s for window in windows)
        for scope in scopes:
            state.open_reads(scope)
        return state

    @property
    def finished(self) -> bool:
        """Whether every window is settled."""
        return self.settled == len(self.scopes)

    @property
    def submitted(self) -> int:
        """Jobs in flight, those included whose submission is on the wire."""
        on_wire = sum(isinstance(item, Work) and item.handle is None for item in self.on_wire.values())
        return len(self.in_flight) + on_wire

    def open_reads(self, scope: Scope) -> None:
        """Begin to read the windows that wait in a scope.

        While nothing of it has come, only two at once: a server that fails everything alike would fail them all.
        """
        scope.waiting = [part for window in scope.waiting for part in self._accepted(window)]
        most = len(scope.waiting)
        if not scope.came:
            left = min(_PROBES_MAX, self.policy.failures_max - scope.fruitless) - len(scope.live)
            most = max(0, left)
        begun, scope.waiting = scope.waiting[:most], scope.waiting[most:]
        for window in begun:
            self._open_read(scope, window)

    def _accepted(self, window: Window) -> Iterator[Window]:
        """Cut a window until it is as short as the server wants a job's."""
        longest_s = self.findings.longest_range_s.get(SUBMIT_PATH)
        if longest_s is None or window.length_s <= longest_s:
            yield window
        else:
            for half in window.halves():
                yield from self._accepted(half)

    def _open_read(self, scope: Scope, window: Window) -> None:
        """Begin to read a window: queue its first page, and note that its size is unknown."""
        read = WindowRead(scope, window, self.policy.rows_a_page, _BURST_PERIODS * self.policy.slots, queued={1})
        scope.live.append(read)
        if not scope.fruitless:  # where jobs come to nothing, more pages of them are not worth a count
            self.uncounted.append(read)
        self.queue.add(Work(read, 1))
        read.pages_counted = 1
        self.progress.pages_known += 1

    def attempt(self, work: Work) -> Attempt:
        """The request that moves this page on: its submission, or a poll of its job."""
        if work.attempt is None:
            method = self.findings.submit_method
            if work.handle is None:
                request = work.page.submission(method)
                check: Check = partial(self._check_submission, request, work.page)
            else:
                request = work.handle.poll()
                check = partial(check_answer, request, work.handle.hash, work.number)
            work.attempt = Attempt(request, self.policy.call, check)
        return work.attempt

    def _check_submission(self, request: Request, page: Page, body: dict[str, Any]) -> None:
        """Check that a submission's reply has a hash, and not that of another page's job.

        Raises:
            MismatchError: Another page has this hash.
            UnexpectedResponseError: It has none.
        """
        hash_ = read_hash(request, body)
        other, _ = self.asked.get(hash_, (page, 0.0))
        if other != page:
            raise mismatch_error(request, f"the hash of {page}", f"the hash of {other}")

    def note_job(self, handle: Handle, now: float) -> None:
        """Note whose hash this is, and forget those that the server has forgotten."""
        self.asked.pop(handle.hash, None)
        self.asked[handle.hash] = handle.page, now
        while (oldest := next(iter(self.asked))) != handle.hash and now - self.asked[oldest][1] >= CACHE_S:
            del self.asked[oldest]

    def resize(self, read: WindowRead) -> Flow[None]:
        """Queue newly known pages, and drop the jobs of pages that turned out not to exist."""
        wanted = read.pages_wanted
        for number in range(1, wanted + 1):
            if number not in read.queued:
                read.queued.add(number)
                self.queue.add(Work(read, number))
        self.progress.pages_known += wanted - read.pages_counted
        if read.sized or read.end_known or read.pages_guessed > 1:
            self.sized_pages += wanted - (read.pages_counted if read.sized else 0)
            self.sized_s += 0 if read.sized else read.window.length_s
            read.sized = True
        read.pages_counted = wanted
        yield from self.drop([work for work in self.in_flight if not work.wanted])

    def drop(self, works: Iterable[Work]) -> Flow[None]:
        """Take pages out of flight whose jobs are of no more use, and strike out their handles."""
        for work in works:
            self.in_flight.remove(work)
            if work.handle is not None:
                yield from strike(work.handle.to_dict())

    def abandon(self, read: WindowRead) -> Flow[None]:
        """End a read that cannot succeed, if that has not been done: its pages that did not come are not known ones."""
        if read.live:
            self.progress.pages_known += len(read.passed) - read.pages_counted
            yield from self.close_read(read)

    def close_read(self, read: WindowRead) -> Flow[None]:
        """End a read, whichever way it went: its other jobs are of no more use."""
        read.live = False
        read.scope.live.remove(read)
        read.ids.clear()  # reads live as long as the export, and a year has many ids
        yield from self.drop([work for work in self.in_flight if work.read is read])

    def pages_ahead(self) -> int:
        """How many more pages to expect than are known: of windows that are as dense as those whose size is known."""
        if not self.sized_s:
            return 0
        return max(0, round(self.sized_pages * self.all_s / self.sized_s) - self.progress.pages_known)

    def count_settled(self) -> None:
        """Count one more settled scope, and find the oldest that is not."""
        self.settled += 1
        self.progress.windows_done = self.settled
        while self.oldest_open < len(self.scopes) and self.scopes[self.oldest_open].closed:
            self.oldest_open += 1
