"""Exports: from the caller's range and sites to a plan and a flow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.params import check_seconds, check_site, whole_number
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.export.flow import Report, export
from sonnys_data_client.engine.export.pages import FAILURES_MAX, LOOKAHEAD_WINDOWS, SchedulePolicy
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.plan import Plan, cut, expect, remember
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.windows import DateLike, Window
from sonnys_data_client.errors import Remedy, ValidationError


@dataclass(frozen=True, slots=True)
class ExportAsk:
    """The arguments of an export.

    Attributes:
        start: First day or instant.
        end: Last day or instant.
        sites: Site codes; None for all sites together.
        timeout: Longest time for one job, in seconds.
        max_in_flight: Most unfinished jobs at once; None adapts to the server.
        max_failures: Jobs of a window that may come to nothing before any part of it has come.
    """

    start: DateLike
    end: DateLike
    sites: Sequence[str] | None
    timeout: float
    max_in_flight: int | None
    max_failures: int = FAILURES_MAX

    def __post_init__(self) -> None:
        check_seconds(timeout=self.timeout)
        whole_number("max_failures", self.max_failures, 1, None)
        if self.max_in_flight is not None:
            whole_number("max_in_flight", self.max_in_flight, 1, None, Remedy.NO_BOUND)
        if self.sites is not None:
            object.__setattr__(self, "sites", _site_codes(self.sites))


def _site_codes(sites: Sequence[str]) -> tuple[str, ...]:
    if isinstance(sites, str) or not isinstance(sites, Iterable):
        raise ValidationError(parameter="sites", value=sites, allowed="a list of site codes", remedy=Remedy.SITES_ALL)
    codes = tuple(sites)
    if not codes:
        raise ValidationError(
            parameter="sites", value=codes, allowed="a list of one site code or more", remedy=Remedy.SITES_ALL
        )
    for code in codes:
        if not isinstance(code, str) or code != code.strip():
            raise ValidationError("is not a site code", parameter="sites", value=code, remedy=Remedy.SITES)
    if len(set(codes)) != len(codes):
        raise ValidationError(
            "names a site twice, and would bring its rows twice",
            parameter="sites",
            value=codes,
            remedy="Name each site once.",
        )
    return codes


def plan_export(context: Context, ask: ExportAsk) -> Flow[Plan]:
    """Cut the range into windows, and estimate what reading them costs.

    Sends nothing, except one request for the site list if a bare date needs the site's own time zone.

    Raises:
        ValidationError: The range makes no sense, or a site is not on the site list, if that has been read.
    """
    site = ask.sites[0] if ask.sites is not None and len(ask.sites) == 1 else None
    span = yield from context.span(ask.start, ask.end, site)
    for code in filter(None, ask.sites or ()):
        check_site("sites", code, context.findings.sites)
    return expect(cut(span, ask.sites), context.findings, context.slots, context.period_s)


def run_export(
    context: Context, ask: ExportAsk, progress: Progress, live: Callable[[], Sequence[Handle]]
) -> Flow[Report]:
    """Read the whole range: delivers the raw rows of each page as it comes in.

    Args:
        context: The client's settings and memory.
        ask: What to read.
        progress: Counters to move.
        live: Gives the handles that an earlier process left behind; asked once.

    Raises:
        APIError: Every further request would fail too.
    """
    plan = yield from plan_export(context, ask)
    return (
        yield from read_windows(
            context,
            plan.windows,
            progress,
            live,
            timeout=ask.timeout,
            max_in_flight=ask.max_in_flight,
            max_failures=ask.max_failures,
        )
    )


def read_windows(
    context: Context,
    windows: Sequence[Window],
    progress: Progress,
    live: Callable[[], Sequence[Handle]],
    *,
    timeout: float,
    max_in_flight: int | None = None,
    max_failures: int = FAILURES_MAX,
    lookahead: int = LOOKAHEAD_WINDOWS,
) -> Flow[Report]:
    """Read any windows whole: delivers as `run_export` does.

    Args:
        context: The client's settings and memory.
        windows: What to read, in this order as far as possible.
        progress: Counters to move.
        live: Gives the handles that an earlier process left behind; asked once.
        timeout: Longest time for one job, in seconds.
        max_in_flight: Most unfinished jobs at once; None adapts to the server.
        max_failures: Jobs of a window that may come to nothing before any part of it has come.
        lookahead: How many windows may be begun after the oldest unfinished one.

    Raises:
        APIError: Every further request would fail too.
    """
    policy = SchedulePolicy(
        call=context.policy,
        job_timeout_s=timeout,
        max_in_flight=max_in_flight,
        slots=context.slots,
        period_s=context.period_s,
        lookahead=lookahead,
        failures_max=max_failures,
        owner=context.owner,
    )
    report = yield from export(windows, policy, context.findings, progress, live())
    remember(report.windows, context.findings)
    return report
