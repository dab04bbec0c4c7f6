"""What every endpoint needs besides its own parameters."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.sites import site_zone
from sonnys_data_client.engine.throttle import PERIOD_S, SLOTS
from sonnys_data_client.engine.windows import EARLIEST_ZONE, LATEST_ZONE, DateLike, Span, needs_zone, read_span
from sonnys_data_client.errors import ValidationError


def _any_length(_span: Span) -> None:
    """No span is too long."""


@dataclass(frozen=True, slots=True)
class Context:
    """One client's settings and memory, as its endpoints see them.

    Attributes:
        policy: How hard each request tries.
        slots: Requests that the throttle admits in a period.
        period_s: The throttle's period in seconds.
        site_code: The site that the credentials are restricted to, or None.
        zone: The client's time zone, or None for "the site's own, else UTC".
        findings: What the server has taught us.
    """

    policy: CallPolicy
    slots: int = SLOTS
    period_s: float = PERIOD_S
    site_code: str | None = None
    zone: tzinfo | None = None
    findings: Findings = field(default_factory=Findings)

    def span(
        self,
        start: DateLike | None,
        end: DateLike | None,
        site: str | None,
        check: Callable[[Span], None] = _any_length,
        *,
        history: bool = True,
        start_name: str = "startDate",
    ) -> Flow[Span]:
        """Read a caller's range: `engine.windows` states the rule. May cost one request, for the site list.

        Args:
            start: First day or instant; None for today.
            end: Last day or instant; None for today.
            site: The site that is asked for, or None.
            check: Raises `ValidationError` if the span is too long; any length is good unless given.
            history: Whether what is asked for is kept for six months only.
            start_name: What the caller calls the start.

        Raises:
            ValidationError: The range makes no sense. Nothing was sent, unless only the site's own zone could tell.
        """
        zone: tzinfo | None = self.zone
        place = site if site is not None else self.site_code

        def read(zone: tzinfo, wall: float) -> Span:
            span = read_span(start, end, zone, wall, history=history, start_name=start_name)
            check(span)
            return span

        if zone is None and place is not None and needs_zone(start, end, start_name):
            _check_somewhere(read, (yield from look()).wall)
            zone = yield from site_zone(place, self.policy, self.findings)
        return read(zone or UTC, (yield from look()).wall)


def _check_somewhere(read: Callable[[tzinfo, float], Span], wall: float) -> None:
    """Refuse a range that is wrong in the first of all time zones and in the last, and so in each between."""
    with suppress(ValidationError):
        read(EARLIEST_ZONE, wall)
        return
    read(LATEST_ZONE, wall)
