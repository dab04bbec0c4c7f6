"""What every endpoint needs besides its own parameters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.sites import site_zone
from sonnys_data_client.engine.windows import DateLike, Span, needs_zone, read_span


@dataclass(frozen=True, slots=True)
class Context:
    """One client's settings and memory, as its endpoints see them.

    Attributes:
        policy: How hard each request tries.
        throttle_pace: Requests a second that the throttle admits.
        site_code: The site that the credentials are restricted to, or None.
        zone: The client's time zone, or None for "the site's own, else UTC".
        findings: What the server has taught us.
    """

    policy: CallPolicy
    throttle_pace: float
    site_code: str | None = None
    zone: tzinfo | None = None
    findings: Findings = field(default_factory=Findings)

    def span(self, start: DateLike | None, end: DateLike | None, site: str | None) -> Flow[Span]:
        """Read a caller's range: `engine.windows` states the rule. May cost one request, for the site list.

        Raises:
            ValidationError: The range makes no sense.
        """
        zone: tzinfo | None = self.zone
        place = site if site is not None else self.site_code
        if zone is None and place is not None and needs_zone(start, end):
            zone = yield from site_zone(place, self.policy, self.findings)
        moment = yield from look()
        return read_span(start, end, zone or UTC, moment.wall)
