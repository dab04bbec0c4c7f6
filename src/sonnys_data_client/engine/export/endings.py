"""How reads and windows end: whole, read by halves, or with a gap.

A job that fails is submitted once more. If that fails too, its read is given up, and the halves of its window are read
instead: other criteria are other jobs. While everything of a window fails alike, the window itself and both halves and
the quarters, it is given up after `SchedulePolicy.failures_max` jobs, because more requests would teach nothing. Once a
part has come, there is something to isolate, and four times as many jobs may fail.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from sonnys_data_client import errors
from sonnys_data_client.engine.effects import Flow, settle
from sonnys_data_client.engine.export.pages import Work
from sonnys_data_client.engine.export.state import ExportState
from sonnys_data_client.engine.export.window_read import SPLIT_S_MIN, Scope, WindowRead
from sonnys_data_client.engine.jobs import SUBMIT_PATH
from sonnys_data_client.engine.report import Gap

_FAILURES_IN_ROW_MAX = 60  # more than one window alone can have


class Endings:
    """Ends reads, and settles windows and spans.

    Args:
        state: The export.

    Attributes:
        strays: Ids delivered of rows that carry no time inside their window.
        failures_in_row: Windows that failed since a page last came.
    """

    def __init__(self, state: ExportState) -> None:
        self._state = state
        self.strays: set[Any] = set()
        self.failures_in_row = 0
        self._spans: dict[tuple[int, int], list[Scope]] = defaultdict(list)
        for scope in state.scopes:
            self._spans[scope.report.window.span].append(scope)

    def judge(self, read: WindowRead) -> Flow[None]:
        """End a read that is whole, or that no further page can prove whole; go on with any other."""
        yield from self._state.resize(read)
        if not (read.all_in or read.contradicted):
            return
        torn = read.torn()
        if torn is None:
            read.conclude()
            yield from self._state.close_read(read)
            yield from self._go_on(read.scope)
        else:
            read.scope.failures_left -= 1
            # Rows that move cost one read. A server that counts wrong will do so again, and has cost two pages.
            read.scope.fruitless += 2 if read.overcounted or read.repeated else 1
            yield from self.give_up(read, torn, None)

    def fail(self, work: Work, reason: str, error: errors.APIError, now: float) -> Flow[None]:
        """A job came to nothing. Submit it once more; if that fails too, read its window by halves.

        Nothing follows if nobody waits for it any more: its read has ended, and its halves may be under way already.
        """
        if not work.wanted:
            return
        read, scope = work.read, work.read.scope
        second = read.failed and not read.passed  # two of its jobs have failed, and none has passed
        self.blame(read, error, now)
        work.failures += 1
        scope.fruitless += second
        # While everything fails alike, a part is not tried twice: its own parts will tell more.
        worthwhile = scope.came or read.window == scope.report.window
        if work.failures == 1 and not second and scope.failures_left > 0 and worthwhile:
            yield from self.submit_again(work)
        else:
            yield from self.give_up(read, reason, error)

    def blame(self, read: WindowRead, error: errors.APIError, now: float) -> None:
        """Count a job that came to nothing: against its window, and against the server if nothing else succeeds."""
        self._state.findings.in_flight_limit.hurt(now)
        if read.failed:
            return  # what fails one page of a window fails its others too: that is one failure
        read.failed = True
        read.scope.failures_left -= 1
        read.scope.fruitless += 1
        self.failures_in_row += 1
        if self.failures_in_row >= _FAILURES_IN_ROW_MAX:
            raise error

    def submit_again(self, work: Work) -> Flow[None]:
        """Queue a page for another submission, and strike its job out."""
        if work.handle is not None:
            yield from self._state.drop([work])
            work.handle = None
        work.due_at = float("-inf")
        self._state.queue.add_again(work)

    def lose(self, work: Work, error: errors.APIError) -> Flow[None]:
        """Give a window up whose halves would be refused, too."""
        work.read.scope.failures_left = 0
        yield from self.give_up(work.read, "the server refused its job", error)

    def give_up(self, read: WindowRead, reason: str, error: Exception | None) -> Flow[None]:
        """End a read that cannot succeed: read its halves instead, or report a gap. A read ends once."""
        if not read.live:
            return
        scope, window = read.scope, read.window
        if error is not None and not isinstance(error, errors.UnexpectedResponseError):
            scope.came = scope.came or bool(read.passed)
        if scope.hopeless(self._state.policy.failures_max):
            scope.waiting.clear()
            scope.report.gaps = [Gap(scope.report.window, reason, error)]
            for other in scope.live.copy():
                yield from self._state.abandon(other)
        elif window.length_s >= 2 * SPLIT_S_MIN and scope.failures_left > 0:
            scope.waiting += window.halves()
            scope.report.rereads += 2
        else:
            scope.report.gaps.append(Gap(window, reason, error))
        yield from self._state.abandon(read)
        yield from self._go_on(scope)

    def shorten(self, work: Work) -> Flow[None]:
        """The server takes no job of such a length: read this window, and others as long, by halves.

        The length is remembered. Nothing counts as failed, because nothing was tried.
        """
        state, window = self._state, work.read.window
        if not work.wanted:
            return
        state.findings.longest_range_s[SUBMIT_PATH] = longest_s = (window.length_s + 1) // 2
        begun = [other.read for other in state.in_flight]
        for scope in state.scopes[state.oldest_open :]:
            too_long = [read for read in scope.live if read.window.length_s > longest_s and read not in begun]
            for read in too_long:
                scope.waiting.append(read.window)
                yield from state.abandon(read)
            if too_long:
                yield from self._go_on(scope)

    def _go_on(self, scope: Scope) -> Flow[None]:
        """After the end of a read, begin others of its scope, or settle that, and perhaps its span."""
        state = self._state
        state.open_reads(scope)
        if not scope.closed:
            return
        scope.report.withdrawn = scope.withdrawn(self.strays)
        scope.delivered.clear()
        scope.proved.clear()
        state.count_settled()
        together = self._spans[scope.report.window.span]
        if all(other.closed for other in together):
            yield from settle([other.report for other in together])
