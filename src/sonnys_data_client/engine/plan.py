"""The plan of an export: which windows, and about how many pages, requests and minutes, before anything is spent."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sonnys_data_client.engine.windows import DAY_S, Span, Window

ROWS_A_SITE_DAY = 450.0
"""Rows of a typical site and day, when nothing better is known: about 310 washes and what is sold besides."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What an export will ask for, and what it should cost.

    Attributes:
        windows: Windows to read, oldest first.
        pages: Expected pages of 100 rows.
        requests: Expected requests: two a page.
        minutes: Expected minutes at the pace that the throttle permits.
        rows_a_site_day: The rows per site and day that the expectation assumes.
        learnt: Whether that is what this client has seen, not a typical site's figure.
    """

    windows: Sequence[Window]
    pages: int
    requests: int
    minutes: float
    rows_a_site_day: float
    learnt: bool

    def __str__(self) -> str:
        source = "seen before" if self.learnt else "assumed"
        return (
            f"{len(self.windows)} windows, about {self.pages} pages, {self.requests} requests, {self.minutes:.1f} min "
            f"({self.rows_a_site_day:.0f} rows a site and day, {source})"
        )


def cut(span: Span, sites: Sequence[str] | None) -> list[Window]:
    """Cut a span into windows of at most 24 h, oldest first: of each site, or of all together."""
    codes: Sequence[str | None] = [None] if sites is None else sites
    return sorted(
        (window for code in codes for window in span.windows(code)),
        key=lambda window: (window.start, window.site or ""),
    )


def expect(
    windows: Sequence[Window], sites_together: int, rows_a_site_day: float | None, slots: int, window_s: float
) -> Plan:
    """Say what reading these windows should cost.

    Args:
        windows: The windows.
        sites_together: How many sites a window without a site covers.
        rows_a_site_day: Rows per site and day as seen before; None if nothing was.
        slots: Requests that the throttle admits in a window.
        window_s: The throttle's window in seconds.
    """
    rows = ROWS_A_SITE_DAY if rows_a_site_day is None else rows_a_site_day
    pages = 0
    for window in windows:
        sites = 1 if window.site is not None else sites_together
        pages += max(1, math.ceil(window.length_s / DAY_S * rows * sites / 100))
    requests = 2 * pages
    seconds = window_s * max(0, math.ceil(requests / slots) - 1)
    return Plan(windows, pages, requests, seconds / 60, rows, rows_a_site_day is not None)
