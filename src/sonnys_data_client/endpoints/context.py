"""What every operation needs besides its parameters: the client's settings and memory."""

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
    """Accept a span of any length."""


@dataclass(frozen=True, slots=True)
class Context:
    """One client's settings and memory.

    Attributes:
        policy: Retries and timeout of each call.
        slots: Requests that the throttle admits in a period.
        period_s: The throttle's period in seconds.
        site_code: The site that the credentials are restricted to, or None.
        zone: The client's time zone; None means the site's own, or UTC if no single site is asked for.
        owner: Digest of the account (`Account.owner`), which every job carries that is kept.
        findings: What has been learnt about the server.
    """

    policy: CallPolicy
    slots: int = SLOTS
    period_s: float = PERIOD_S
    site_code: str | None = None
    zone: tzinfo | None = None
    owner: str = ""
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
        """Read a caller's range by the rule that `engine.windows` states.

        May cost one request, for the site list.

        Args:
            start: First day or instant; None for today.
            end: Last day or instant; None for today.
            site: The site that is asked for, or None.
            check: Raises `ValidationError` if the span is too long; by default any length is allowed.
            history: Whether the server keeps these rows for six months only.
            start_name: The name of the caller's parameter for the start.

        Raises:
            ValidationError: The range makes no sense. Nothing was sent, unless this depended on the site's time zone.
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
    """Refuse a range that is wrong in every time zone.

    It is wrong in all if it is wrong in the easternmost and the westernmost.
    """
    with suppress(ValidationError):
        read(EARLIEST_ZONE, wall)
        return
    read(LATEST_ZONE, wall)
