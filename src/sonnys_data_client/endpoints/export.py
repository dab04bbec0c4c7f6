"""Exports: from the caller's range and sites to a plan and a flow."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from sonnys_data_client.endpoints.context import Context
from sonnys_data_client.endpoints.params import check_seconds, whole_number
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.export.flow import Report, export
from sonnys_data_client.engine.export.pages import FAILURES_MAX, LOOKAHEAD_WINDOWS, SchedulePolicy
from sonnys_data_client.engine.jobs import Handle
from sonnys_data_client.engine.local_days import LocalDays, only_own
from sonnys_data_client.engine.moments import DateLike
from sonnys_data_client.engine.plan import Plan, expect, remember
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.sites import fold
from sonnys_data_client.engine.windows import Window
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
            object.__setattr__(self, "sites", check_sites(self.sites))


def check_sites(sites: Sequence[str]) -> tuple[str, ...]:
    """Check a list of site codes, as far as that needs no site list.

    Raises:
        ValidationError: It is no list, or is empty, or names a site twice, or not by a text.
    """
    if isinstance(sites, str) or not isinstance(sites, Iterable):
        raise ValidationError(parameter="sites", value=sites, allowed="a list of site codes", remedy=Remedy.SITES_ALL)
    codes = tuple(sites)
    if not codes:
        raise ValidationError(
            parameter="sites", value=codes, allowed="a list of one site code or more", remedy=Remedy.SITES_ALL
        )
    for code in codes:
        if not isinstance(code, str):
            raise ValidationError("is not a site code", parameter="sites", value=code, remedy=Remedy.SITES)
    if len({fold(code) for code in codes}) != len(codes):
        raise ValidationError(
            "names a site twice, and would bring its rows twice",
            parameter="sites",
            value=codes,
            remedy="Name each site once.",
        )
    return codes


def plan_export(context: Context, ask: ExportAsk) -> Flow[Plan]:
    """Cut the range into windows, and estimate what reading them costs.

    Costs one request the first time, for the site list: it has the number of sites, their time zones and codes.

    Raises:
        ValidationError: The range makes no sense, or a site is not on the site list.
        APIError: The site list cannot be read, and a bare date needs it.
    """
    days, sites = yield from _days(context, ask)
    if sites is None:
        yield from _learn_sites(context)
    plan = expect(days.windows(sites), context.findings, context.slots, context.period_s)
    return replace(plan, days=str(days))


def _days(context: Context, ask: ExportAsk) -> Flow[tuple[LocalDays, list[str] | None]]:
    """Read the range and the sites: which days of which sites, with their codes as the site list has them."""
    days = yield from context.days(ask.start, ask.end, ask.sites)
    if ask.sites is None:
        return days, None
    return days, (yield from context.listed_sites("sites", ask.sites))


def _learn_sites(context: Context) -> Flow[None]:
    """Read the site list, if it is not known: how much there is to read depends on the number of sites."""
    findings = context.findings
    if findings.sites is None and findings.rows_a_day is None and context.site_code is None:
        yield from context.sites_if_allowed()


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
    days, sites = yield from _days(context, ask)
    progress.days = str(days)
    flow = read_windows(
        context,
        days.windows(sites),
        progress,
        live,
        timeout=ask.timeout,
        max_in_flight=ask.max_in_flight,
        max_failures=ask.max_failures,
    )
    return (yield from only_own(flow, days, progress))


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
    yield from context.settle_site_header()
    report = yield from export(windows, policy, context.findings, progress, live())
    remember(report.windows, context.findings)
    return report
