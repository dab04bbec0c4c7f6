"""What a sync needs to know of an account: its clock, throttle, costs and calendars."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.engine.effects import Flow, look, pause
from sonnys_data_client.engine.plan import Plan, expect
from sonnys_data_client.engine.sites import SiteZones
from sonnys_data_client.engine.windows import Span, Window
from sonnys_data_client.sync.counting import requests_a_count
from sonnys_data_client.sync.planning import SyncSettings


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


def sites_zones(client: SonnysClient, settings: SyncSettings) -> SiteZones:
    """Return the time zones of the account's sites. Sends nothing: a site list that was not read counts as empty.

    Args:
        client: The account.
        settings: Whose `timezone`, else the client's, goes to sites that name none, or an unknown one.
    """
    context = client.workings.settings.context
    sites = [row for row in context.findings.sites or () if isinstance(row, dict)]
    zones = SiteZones.of((row.get("code"), row.get("timezone")) for row in sites)
    named = settings.timezone or context.zone
    return zones if named is None else replace(zones, common=named)


def in_utc_days(client: SonnysClient, settings: SyncSettings) -> SyncSettings:
    """Return settings whose `start` and `end` are the UTC days that hold all of the local days that were meant.

    The archive's partitions are UTC days, and a local day lies in two of them. Sends nothing: see `sites_zones`.

    Args:
        client: The account.
        settings: How to sync. Its days are those of its `timezone`, else of the client's, else of each site's own.
    """
    zones, named = sites_zones(client, settings), settings.timezone or client.workings.settings.context.zone
    clocks = [named] if named is not None else [zones.zone(None), *zones.zones.values()]
    start, end = settings.start, settings.end
    if start is not None:
        start = min(_midnight(start, clock) for clock in clocks).date()
    if end is not None and end < date.max:
        end = max(_midnight(end + timedelta(days=1), clock) - timedelta(seconds=1) for clock in clocks).date()
    return replace(settings, start=start, end=end)


def _midnight(day: date, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
