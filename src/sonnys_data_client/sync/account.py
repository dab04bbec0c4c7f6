"""What a sync needs to know of an account: its clock, throttle, costs and calendars."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from datetime import tzinfo
from zoneinfo import ZoneInfo

from sonnys_data_client.archive.filling import Calendars
from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.engine.effects import Flow, look, pause
from sonnys_data_client.engine.plan import Plan, expect
from sonnys_data_client.engine.windows import Span, Window
from sonnys_data_client.sync.counting import requests_a_count
from sonnys_data_client.types import Site


def wall_time(client: SonnysClient) -> float:
    """Return the time by the client's clock, in epoch seconds. Sends nothing."""

    def flow() -> Flow[float]:
        return (yield from look()).wall

    return client.workings.driver.run(flow())


def wait_out_throttle_period(client: SonnysClient, last_heard_at: float | None) -> None:
    """Wait until the server no longer counts the requests of a run that crashed a moment ago. Sends nothing.

    This process does not know which slots that run took.

    Args:
        client: Whose throttle to wait for.
        last_heard_at: Epoch seconds at which the crashed run got its last answer; None if it got none.
    """
    period_s = client.workings.settings.context.period_s

    def flow() -> Flow[None]:
        moment = yield from look()
        if last_heard_at is not None and 0 <= moment.wall - last_heard_at < period_s:
            yield from pause(moment.now + last_heard_at + period_s - moment.wall)

    client.workings.driver.run(flow())


def requests_a_minute(client: SonnysClient) -> float:
    """Return how many requests the throttle admits in a minute."""
    context = client.workings.settings.context
    return 60 * context.slots / context.period_s


def estimate_cost(
    client: SonnysClient,
    windows: Sequence[Window],
    rows_a_day: float | None,
    *,
    counted_spans: Sequence[Span] = (),
    other_requests: int = 0,
) -> Plan:
    """Estimate what it costs to read windows and to count spans. Sends nothing.

    Args:
        client: Whose throttle paces the requests.
        windows: What to read.
        rows_a_day: Rows in a day, as the archive has seen; None to assume a typical site.
        counted_spans: What to count.
        other_requests: Further requests to add.
    """
    context = client.workings.settings.context
    findings = copy.copy(context.findings)
    findings.rows_a_day = findings.rows_a_day if rows_a_day is None else rows_a_day
    counts = len(counted_spans) * requests_a_count(context)
    return expect(windows, findings, context.slots, context.period_s, besides=counts + other_requests)


def site_calendars(sites: Sequence[Site], default: tzinfo) -> tuple[Calendars, list[str]]:
    """Return the sites' calendars, and a warning for each site whose time zone is unknown.

    Args:
        sites: The account's sites.
        default: Time zone of sites that name none, or an unknown one.
    """
    zones: dict[str, tzinfo] = {}
    warnings: list[str] = []
    for site in sites:
        zone = _zone(site.timezone)
        if zone is not None:
            zones[site.code or ""] = zone
        elif site.timezone is not None:
            unknown = f"site {site.code or site.name} has an unknown time zone, {site.timezone!r}"
            warnings.append(f"{unknown}: its business dates are those of {default}")
    return Calendars(zones, default), warnings


def _zone(name: str | None) -> tzinfo | None:
    """Return the time zone of that name; None if there is none."""
    try:
        return None if name is None else ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return None
