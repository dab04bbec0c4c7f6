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

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sonnys_data_client.engine.call import Attempt
from sonnys_data_client.engine.effects import Flow, strike
from sonnys_data_client.engine.export.pages import Count, SchedulePolicy, Work
from sonnys_data_client.engine.export.queue import PageQueue
from sonnys_data_client.engine.export.window_read import Scope, WindowRead
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import Window

_FAILURES_PER_WINDOW = 24


@dataclass(slots=True, eq=False)
class ExportState:
    """All windows, pages and jobs of one export.

    Attributes:
        policy: The export's settings.
        findings: What is known of the server; the export learns more.
        progress: Live counters.
        scopes: The plan's windows, each with what became of it.
        queue: Pages that wait to be submitted.
        in_flight: Pages with a job that was submitted and not collected yet.
        on_wire: What each request on the wire is about, by its tag.
        uncounted: Reads of which it is unknown how many pages they have.
        all_s: Seconds of all windows.
        sized_s: Seconds of the windows whose number of pages is known or guessed.
        sized_pages: Their pages.
        settled: How many scopes are settled.
        oldest_open: Index of the oldest scope that is not settled.
    """

    policy: SchedulePolicy
    findings: Findings
    progress: Progress
    scopes: Sequence[Scope]
    queue: PageQueue
    in_flight: list[Work] = field(default_factory=list)
    on_wire: dict[int, Work | Count] = field(default_factory=dict)
    uncounted: list[WindowRead] = field(default_factory=list)
    all_s: int = 0
    sized_s: int = 0
    sized_pages: int = 0
    settled: int = 0
    oldest_open: int = 0

    @classmethod
    def begin(
        cls, windows: Sequence[Window], policy: SchedulePolicy, findings: Findings, progress: Progress
    ) -> ExportState:
        """Make the state of an export that has sent nothing yet."""
        scopes = [Scope(WindowReport(window), i, _FAILURES_PER_WINDOW) for i, window in enumerate(windows)]
        state = cls(policy, findings, progress, scopes, PageQueue(policy.lookahead))
        progress.windows = len(scopes)
        state.all_s = sum(window.length_s for window in windows)
        for scope in scopes:
            state.open_read(scope, scope.report.window)
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

    def open_read(self, scope: Scope, window: Window) -> None:
        """Begin to read a window: queue its first page, and note that its size is unknown."""
        read = WindowRead(scope, window, self.policy.rows_a_page, queued={1}, pages_counted=1)
        self.uncounted.append(read)
        self.queue.add(Work(read, 1))
        self.progress.pages_known += 1

    def attempt(self, work: Work) -> Attempt:
        """The request that moves this page on: its submission, or a poll of its job."""
        if work.attempt is None:
            method = self.findings.submit_method
            request = work.page.submission(method) if work.handle is None else work.handle.poll()
            work.attempt = Attempt(request, self.policy.call)
        return work.attempt

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

    def close_read(self, read: WindowRead) -> Flow[None]:
        """End a read, whichever way it went: its other jobs are of no more use."""
        read.live = False
        read.ids.clear()  # reads live as long as the export, and a year has many ids
        yield from self.drop([work for work in self.in_flight if work.read is read])
        read.scope.open_reads -= 1

    def pages_ahead(self) -> int:
        """How many more pages to expect than are known: of windows that are as dense as those whose size is known."""
        if not self.sized_s:
            return 0
        return max(0, round(self.sized_pages * self.all_s / self.sized_s) - self.progress.pages_known)

    def count_settled(self) -> None:
        """Count one more settled scope, and find the oldest that is not."""
        self.settled += 1
        self.progress.windows_done = self.settled
        while self.oldest_open < len(self.scopes) and not self.scopes[self.oldest_open].open_reads:
            self.oldest_open += 1
