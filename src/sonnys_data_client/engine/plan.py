"""The plan of an export: its windows, and what they should cost, before any request is sent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.report import WindowReport
from sonnys_data_client.engine.windows import DAY_S, Window
from sonnys_data_client.notebook import facts
from sonnys_data_client.words import counted

ROWS_A_SITE_DAY = 450.0
"""Rows a day of a typical site, where nothing better is known: about 310 washes and what is sold besides."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export will ask for, and what it should cost.

    Attributes:
        windows: Windows to read, oldest first.
        pages: Expected pages of 100 rows.
        requests: Expected requests: two a page, and those for other things.
        minutes: Expected minutes, at the throttle's pace.
        learnt: Whether rows a day are what this client has seen, and not those of a typical site.
        sites: How many sites are read; None if that is not known, and one was assumed.
        days: Which days and in which time zones, in words; empty for windows that stand for no days.
    """

    windows: Sequence[Window]
    pages: int
    requests: int
    minutes: float
    learnt: bool
    sites: int | None = None
    days: str = ""

    def __str__(self) -> str:
        days = f"{self.days}: " if self.days else ""
        return (
            f"{days}{counted(len(self.windows), 'window')}, about {counted(self.pages, 'page')}, "
            f"{counted(self.requests, 'request')}, {_duration(self.minutes)} ({self._basis})"
        )

    def __repr__(self) -> str:
        return f"Plan({self})"

    @property
    def _basis(self) -> str:
        if self.learnt:
            return "as seen before"
        sites = "1 site, as their number is not known" if self.sites is None else counted(self.sites, "site")
        return f"assuming {ROWS_A_SITE_DAY:.0f} rows a day of {sites}"

    def _repr_html_(self) -> str:
        return facts(
            "Plan of an export",
            {
                **({"days": self.days} if self.days else {}),
                "windows": f"{len(self.windows):,}",
                "pages, about": f"{self.pages:,}",
                "requests, about": f"{self.requests:,}",
                "minutes, about": f"{self.minutes:.1f}",
                "rows a day": self._basis,
            },
        )


def expect(windows: Sequence[Window], findings: Findings, slots: int, period_s: float, *, besides: int = 0) -> Plan:
    """Say what reading these windows should cost.

    Args:
        windows: The windows.
        findings: How many rows a day has had so far, and which sites there are, as far as is known.
        slots: Requests that the throttle admits in a period.
        period_s: The throttle's period in seconds.
        besides: Requests for other things.
    """
    of_site = ROWS_A_SITE_DAY if findings.rows_a_site_day is None else findings.rows_a_site_day
    of_all = of_site * len(findings.sites or [None]) if findings.rows_a_day is None else findings.rows_a_day
    pages = 0
    for window in windows:
        rows_a_day = of_all if window.site is None else of_site
        pages += max(1, math.ceil(window.length_s / DAY_S * rows_a_day / 100))
    requests = 2 * pages + besides
    seconds = period_s * max(0, math.ceil(requests / slots) - 1)
    together = any(window.site is None for window in windows)
    learnt = (findings.rows_a_day if together else findings.rows_a_site_day) is not None
    named = {window.site for window in windows}
    sites = len(named) if not together else len(findings.sites) if findings.sites else None
    return Plan(windows, pages, requests, seconds / 60, learnt, sites)


def remember(reports: Sequence[WindowReport], findings: Findings) -> None:
    """Learn from an export how many rows a day has: of one site, and of all together."""
    whole = [report for report in reports if report.complete]
    for_site = [report for report in whole if report.window.site is not None]
    for_all = [report for report in whole if report.window.site is None]
    if for_site:
        findings.rows_a_site_day = _rows_a_day(for_site)
    if for_all:
        findings.rows_a_day = _rows_a_day(for_all)


def _rows_a_day(reports: Sequence[WindowReport]) -> float:
    return sum(report.rows for report in reports) * DAY_S / sum(report.window.length_s for report in reports)


def _duration(minutes: float) -> str:
    return f"{minutes:.1f} min" if minutes < 120 else f"{minutes / 60:.1f} h"
