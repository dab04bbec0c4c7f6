"""A range as each site's own days.

Sites of one operator may lie in several time zones. Then the same date is another range of time at each. One reading
takes them all in, from the first second at any site to the last at any. Rows in it that belong to another day of their
own site are left out as they come. So a site that is not on the site list, or a row without a site, is never lost: its
days are those of most sites.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from sonnys_data_client.engine.effects import Ask, Deliver, Flow, altered
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.sites import SiteZones, fold
from sonnys_data_client.engine.windows import Span, Window, row_second

_SHOWN_ZONES_MAX = 3


@dataclass(frozen=True, slots=True)
class LocalDays:
    """A range of time, and which part of it belongs to which site.

    Attributes:
        span: All of it: what is asked for if no site is named.
        zone: Time zone of every site that `own` does not name.
        usual: The part of such sites.
        own: The part of each other site, by its folded code.
        zones: Names of all time zones in it, for people.
    """

    span: Span
    zone: tzinfo
    usual: Span
    own: Mapping[str, Span] = field(default_factory=dict[str, Span])
    zones: Sequence[str] = ()

    @classmethod
    def everywhere(cls, span: Span, zone: tzinfo) -> LocalDays:
        """A range that is the same at every site."""
        return cls(span, zone, span, zones=(str(zone),))

    @classmethod
    def at_sites(cls, usual: Span, spans: Mapping[str, Span], zones: SiteZones) -> LocalDays:
        """A range that is another at some sites.

        Args:
            usual: The range in the zone of most sites.
            spans: The range at each site, by its folded code.
            zones: The sites' zones.
        """
        own = {code: span for code, span in spans.items() if span != usual}
        all_spans = [usual, *(span for span in own.values() if span.start < span.stop)]
        start, stop = min(span.start for span in all_spans), max(span.stop for span in all_spans)
        whole = Span(start, stop, one_day=all(span.one_day for span in all_spans))
        zone = zones.common or UTC
        names = dict.fromkeys([str(zone), *(str(zones.zone(code)) for code in own)])
        return cls(whole, zone, usual, own, tuple(names))

    def of(self, site: str | None) -> Span:
        """The part that belongs to a site; all of it for None."""
        return self.span if site is None else self.own.get(fold(site), self.usual)

    def windows(self, sites: Sequence[str] | None) -> list[Window]:
        """Cut it into windows of at most 24 h, oldest first: of each site, or of all sites together."""
        codes: Sequence[str | None] = [None] if sites is None else sites
        return sorted(
            (window for code in codes for window in self.of(code).windows(code)),
            key=lambda window: (window.start, window.site or ""),
        )

    def owns(self, row: Any) -> bool:
        """Whether a raw transaction belongs to these days at its site.

        Rows whose time is unknown, or outside of the whole range, are not for this to judge: they are kept.
        """
        if not self.own or not isinstance(row, dict):
            return True
        second = row_second(row)
        if second is None or not self.span.start <= second < self.span.stop:
            return True
        span = self.of(row.get("locationCode") or "")
        return span.start <= second < span.stop

    def __str__(self) -> str:
        first, last = (datetime.fromtimestamp(second, self.zone) for second in (self.usual.start, self.usual.stop - 1))
        written = [_written(first, whole=_is_midnight(first)), _written(last, whole=self._ends_a_day)]
        days = written[0] if written[0] == written[1] else " to ".join(written)
        zones = ", ".join(self.zones[:_SHOWN_ZONES_MAX]) + (", ..." if len(self.zones) > _SHOWN_ZONES_MAX else "")
        return f"{days} ({f'each site by its clock: {zones}' if self.own else zones})"

    @property
    def _ends_a_day(self) -> bool:
        return _is_midnight(datetime.fromtimestamp(self.usual.stop, self.zone))


def _is_midnight(moment: datetime) -> bool:
    return (moment.hour, moment.minute, moment.second) == (0, 0, 0)


def _written(moment: datetime, *, whole: bool) -> str:
    return f"{moment:%Y-%m-%d}" if whole else f"{moment:%Y-%m-%d %H:%M:%S}"


def only_own(flow: Flow[Report], days: LocalDays, progress: Progress) -> Flow[Report]:
    """Run an export, and leave out rows that belong to other days of their own site.

    Args:
        flow: The export.
        days: The days that were asked for.
        progress: The export's counters.

    Returns:
        The export's report, whose windows count what was left out.
    """
    left_out = Counter[Window]()

    def keep_own(ask: Ask) -> Ask:
        if not isinstance(ask, Deliver):
            return ask
        rows = [row for row in ask.rows if days.owns(row)]
        left_out[ask.window] += len(ask.rows) - len(rows)
        progress.rows -= len(ask.rows) - len(rows)
        return replace(ask, rows=rows)

    if not days.own:
        return replace((yield from flow), days=str(days))
    report = yield from altered(flow, keep_own)
    windows = [
        replace(window, rows=window.rows - left_out[window.window], other_days=left_out[window.window])
        for window in report.windows
    ]
    return replace(report, windows=windows, days=str(days))
