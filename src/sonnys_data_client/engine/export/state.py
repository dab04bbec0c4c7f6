"""The table that the board plays on: where every piece of an export lies, and the moves that do not ask anything.

Three layers make one machine, each knowing those below it: the `Table` (here) holds the pieces, the `Scheduler`
(`schedule`) says what to send next, and the `Board` (`board`) takes replies in.

```text
scope       one window of the plan             open --> settled, with or without gaps
reading     one attempt to read a window       live --> proved whole, or given up for its halves
page        waiting in line --> in flight (a job) --> in
```
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Sequence
from itertools import count
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine.effects import Flow, Moment, emit, keep
from sonnys_data_client.engine.export.pages import Count, SchedulePolicy, Work
from sonnys_data_client.engine.export.queue import Line
from sonnys_data_client.engine.export.resume import sift
from sonnys_data_client.engine.export.window_read import SPLIT_S_MIN, Reading, Scope
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.report import Gap, WindowReport
from sonnys_data_client.engine.windows import Window

_FAILURES_PER_WINDOW = 24
_FAILURES_IN_ROW_MAX = 60  # more than one window alone can have


class Table:
    """All pages, jobs and windows of one export.

    Attributes:
        scopes: The plan's windows, with what became of each.
        progress: Live counters.
    """

    def __init__(
        self, windows: Sequence[Window], policy: SchedulePolicy, findings: Findings, progress: Progress
    ) -> None:
        self.progress = progress
        self._policy = policy
        self._findings = findings
        self._line = Line(policy.lookahead)
        self._flying: list[Work] = []
        self._wire: dict[int, Work | Count] = {}
        self._uncounted: list[Reading] = []
        self._strays: set[Any] = set()
        self._tags = count()
        self._settled = 0
        self._oldest_open = 0
        self._served_at = float("-inf")
        self._passed_at = float("-inf")
        self._newest_passed_at = float("-inf")  # when the youngest job that has passed was submitted
        self._gave_up_at = float("-inf")
        self._scout_at = float("-inf")
        self._limited_at = float("-inf")
        self._idle = False
        self._sent_at: deque[float] = deque(maxlen=policy.slots)
        self._failures_in_row = 0
        self._method_denied: errors.APIError | None = None
        self._windows_denied = 0
        self.scopes = [Scope(WindowReport(window), i, _FAILURES_PER_WINDOW) for i, window in enumerate(windows)]
        self._spans: dict[tuple[int, int], list[Scope]] = defaultdict(list)
        for scope in self.scopes:
            self._spans[scope.report.window.span].append(scope)
        progress.windows = len(self.scopes)
        for scope in self.scopes:
            self._open(scope, scope.report.window)

    def _open(self, scope: Scope, window: Window) -> None:
        """Begin a reading: its first page waits to be submitted, and its size is unknown."""
        reading = Reading(scope, window, self._policy.rows_a_page, lined={1}, pages_sized=1)
        self._uncounted.append(reading)
        self._line.add(Work(reading, 1))
        self.progress.pages_known += 1

    def resume(self, handles: Iterable[Handle], moment: Moment) -> Flow[list[Work]]:
        """Take up jobs that an earlier process left, and strike out those that are of no more use: see `kept`.

        Returns:
            The pages whose answer was kept with the handle: the server need not be asked for them.
        """
        self._passed_at = moment.now
        leads = {work.page.window: work for work in self._line.first_pages()}
        kept = sift(handles, {window: lead.reading.limit for window, lead in leads.items()}, moment.wall)
        for handle in kept.useless:
            yield from keep(handle.to_dict(), live=False)
        answered: list[Work] = []
        for handle in kept.useful:
            lead = leads[handle.page.window]
            work = lead if handle.page.number == 1 else Work(lead.reading, handle.page.number)
            lead.reading.pages_guessed = max(lead.reading.pages_guessed, work.number)
            lead.reading.lined.add(work.number)
            work.handle, work.born_at = handle, moment.now - (moment.wall - handle.submitted_at)
            work.blamed_from = moment.now
            (self._flying if handle.answer is None else answered).append(work)
        self._line.drop_submitted()
        for lead in leads.values():
            yield from self._size(lead.reading)
        return answered

    @property
    def finished(self) -> bool:
        """Whether every window is settled."""
        return self._settled == len(self.scopes)

    def _size(self, reading: Reading) -> Flow[None]:
        """Put newly known pages in line, and forget those that turned out not to exist."""
        wanted = reading.pages_wanted
        for number in range(1, wanted + 1):
            if number not in reading.lined:
                reading.lined.add(number)
                self._line.add(Work(reading, number))
        self.progress.pages_known += wanted - reading.pages_sized
        reading.pages_sized = wanted
        yield from self._forget([work for work in self._flying if not work.wanted])

    def _forget(self, works: list[Work]) -> Flow[None]:
        for work in works:
            self._flying.remove(work)
            if work.handle is not None:
                yield from keep(work.handle.to_dict(), live=False)

    def _fail(self, work: Work, reason: str, error: errors.APIError, now: float) -> Flow[None]:
        """A job came to nothing. Submit it once more; if that fails too, read its window by halves."""
        self._blame(work.reading, error, now)
        work.failures += 1
        if work.failures == 1 and work.reading.scope.failures_left > 0:
            yield from self._submit_again(work)
        else:
            yield from self._give_up(work.reading, reason, error)

    def _blame(self, reading: Reading, error: errors.APIError, now: float) -> None:
        """Count a job that came to nothing: against its window, and against the server if nothing else succeeds."""
        self._findings.in_flight.hurt(now)
        if reading.failed:
            return  # what fails one page of a window fails its others too: that is one failure
        reading.failed = True
        reading.scope.failures_left -= 1
        self._failures_in_row += 1
        if self._failures_in_row >= _FAILURES_IN_ROW_MAX:
            raise error

    def _submit_again(self, work: Work) -> Flow[None]:
        if work.handle is not None:
            yield from self._forget([work])
            work.handle = None
        work.due_at = float("-inf")
        self._line.add_again(work)

    def _give_up(self, reading: Reading, reason: str, error: Exception | None) -> Flow[None]:
        """End a reading that cannot succeed: read its halves instead, or call it a gap."""
        self.progress.pages_known += len(reading.passed) - reading.pages_sized
        scope, window = reading.scope, reading.window
        if window.length_s >= 2 * SPLIT_S_MIN and scope.failures_left > 0:
            for half in window.halves():
                scope.open_readings += 1
                scope.report.rereads += 1
                self._open(scope, half)
        else:
            scope.report.gaps.append(Gap(window, reason, error))
        yield from self._settle(reading)

    def _settle(self, reading: Reading) -> Flow[None]:
        """End a reading, whichever way: its other jobs are of no more use, and its scope may have waited for it."""
        reading.live = False
        reading.ids.clear()  # a reading may be known for long after, and a year has many ids
        yield from self._forget([work for work in self._flying if work.reading is reading])
        scope = reading.scope
        scope.open_readings -= 1
        if scope.open_readings:
            return
        scope.report.withdrawn = scope.withdrawn(self._strays)
        scope.delivered.clear()
        scope.proved.clear()
        self._settled += 1
        self.progress.windows_done = self._settled
        while self._oldest_open < len(self.scopes) and not self.scopes[self._oldest_open].open_readings:
            self._oldest_open += 1
        window = scope.report.window
        together = self._spans[window.span]
        if not any(other.open_readings for other in together):
            yield from emit((), window, [other.report for other in together])
