"""An export: the flow that drives the export machine, and the report it ends with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sonnys_data_client.engine.effects import Flow, Moment, Reply, Woken, look, pause, reserve, send
from sonnys_data_client.engine.export.board import Board, SiteRequiredError
from sonnys_data_client.engine.export.pages import Rest, SchedulePolicy
from sonnys_data_client.engine.export.schedule import Scheduler
from sonnys_data_client.engine.export.state import ExportState
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.report import Gap, WindowReport
from sonnys_data_client.engine.sites import check_address, site_codes
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.notebook import facts
from sonnys_data_client.words import counted, tallied

_SHOWN_GAPS_MAX = 3


@dataclass(frozen=True, slots=True)
class Report:
    """What an export delivered, window by window.

    Attributes:
        windows: One report for each window of the plan, oldest first.
        requests: Requests spent.
        refusals: 429s among their replies.
        unparsed_values: Values of rows that could not be parsed, by field such as `items.quantity`. Each is None in
            its row, and `row.unparsed` has it as it came.
        days: Which days were read and in which time zones, in words; empty for windows that stand for no days.
    """

    windows: Sequence[WindowReport] = field(default=())
    requests: int = 0
    refusals: int = 0
    unparsed_values: Mapping[str, int] = field(default_factory=dict[str, int])
    days: str = ""

    @property
    def complete(self) -> bool:
        """Whether every window was shown to be complete."""
        return all(window.complete for window in self.windows)

    @property
    def gaps(self) -> list[Gap]:
        """What is missing, oldest first."""
        return sorted((gap for window in self.windows for gap in window.gaps), key=lambda gap: gap.window.start)

    @property
    def rows(self) -> int:
        """Rows delivered, those included that are named as withdrawn since."""
        return sum(window.rows for window in self.windows)

    @property
    def outcome(self) -> str:
        """In words: `complete`, or how many gaps there are."""
        return counted(len(self.gaps), "gap") if self.gaps else "complete"

    def __repr__(self) -> str:
        return (
            f"Report({counted(len(self.windows), 'window')}, {counted(self.rows, 'row')}, {self.outcome}, "
            f"{counted(self.requests, 'request')})"
        )

    def _repr_html_(self) -> str:
        gaps = self.gaps
        shown = [str(gap) for gap in gaps[:_SHOWN_GAPS_MAX]]
        more = [f"and {len(gaps) - len(shown)} more"] if len(gaps) > len(shown) else []
        return facts(
            "Report of an export",
            {
                **({"days": self.days} if self.days else {}),
                "windows": f"{len(self.windows):,}",
                "rows": f"{self.rows:,}",
                "of these in quarantine": f"{sum(window.quarantined for window in self.windows):,}",
                "values not parsed": tallied(self.unparsed_values),
                "outcome": self.outcome,
                "gaps": "; ".join([*shown, *more]),
                "requests": f"{self.requests:,}",
                "refused (429)": f"{self.refusals:,}",
            },
        )


def export(
    windows: Sequence[Window],
    policy: SchedulePolicy,
    findings: Findings,
    progress: Progress,
    kept: Sequence[Handle] = (),
) -> Flow[Report]:
    """Read all windows whole: delivers rows as pages come in, stores handles of live jobs, returns the report.

    Args:
        windows: What to read; adjacent ones of a site share their edge second.
        policy: How.
        findings: What is known of the server; learns more.
        progress: Counters to move.
        kept: Handles that an earlier process left behind.

    Raises:
        APIError: Every further request would fail too. Rows delivered before stay good, and live jobs stay on the
            shelf.
    """
    if findings.site_required or _were_asked_by_site(windows, kept):
        findings.site_required = True
        windows = yield from _by_site(windows, policy, findings)
    state = ExportState.begin(windows, policy, findings, progress)
    try:
        yield from _play(state, kept)
    except SiteRequiredError:
        findings.site_required = True
        state = ExportState.begin((yield from _by_site(windows, policy, findings)), policy, findings, progress)
        progress.pages_known -= len(windows)
        yield from _play(state, kept)
    if state.unproved_empty is not None and not findings.submit_proved:
        yield from check_address(state.unproved_empty, policy.call, findings)
    reports = [scope.report for scope in state.scopes]
    return Report(reports, progress.requests, progress.refusals)


def _play(state: ExportState, kept: Sequence[Handle]) -> Flow[None]:
    scheduler = Scheduler(state)
    board = Board(state, scheduler)
    moment: Moment = yield from look()
    yield from board.take_up(kept, moment)
    while True:
        for reply in _replies(moment):
            yield from board.hear(reply, moment)
        if state.finished:
            return
        move = scheduler.choose(moment.now)
        if isinstance(move, Rest):
            moment = yield from pause(move.until)
            continue
        slot = yield from reserve()
        scheduler.heard_share(slot.share)
        if slot.token is None:
            moment = yield from pause(slot.retry_at)
        else:
            moment = yield from send(scheduler.dispatch(move, slot.now), move.request, slot.token)


def _replies(moment: Moment) -> tuple[Reply, ...]:
    return moment.replies if isinstance(moment, Woken) else ()


def _were_asked_by_site(windows: Sequence[Window], kept: Sequence[Handle]) -> bool:
    """Whether an earlier process had learnt that jobs must name a site: its handles are of these windows, site by site.

    Asking again without a site would cost a refusal, and its jobs.
    """
    named = (handle.page.window for handle in kept if handle.page.window.site is not None)
    return not {replace(window, site=None) for window in named}.isdisjoint(windows)


def _by_site(windows: Sequence[Window], policy: SchedulePolicy, findings: Findings) -> Flow[list[Window]]:
    """The same windows, one for each site: for a server that wants every job to name its site.

    A server that refuses the web shop's empty code, but takes the others, leaves a gap of each of its windows.
    """
    codes = yield from site_codes(policy.call, findings)
    named = [window for window in windows if window.site is not None]
    unnamed = [window for window in windows if window.site is None]
    return named + [Window(window.start, window.stop, code) for window in unnamed for code in codes]
