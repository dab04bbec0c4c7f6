"""How `sonnys doctor` looks: a few requests, watched from the throttle's seat, and what they show.

A throttle is told how every request ended: that is where a server's clock, its refusals and its latency can be seen
without a second client. What is seen becomes findings in `findings_of`, which is pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from rich.table import Table
from rich.text import Text

from sonnys_data_client import SonnysClient
from sonnys_data_client.cli.errors import Failure
from sonnys_data_client.cli.session import Session, zones_of
from sonnys_data_client.cli.show.screen import results
from sonnys_data_client.drivers.seams import Throttle
from sonnys_data_client.engine.throttle import Grant, ThrottleLimits
from sonnys_data_client.engine.wire import Outcome, Response
from sonnys_data_client.errors import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    ConfigurationError,
    RateLimitError,
)
from sonnys_data_client.throttles.process import ProcessThrottle
from sonnys_data_client.types import Site
from sonnys_data_client.words import plural

__all__ = ["Finding", "Seen", "findings_of", "run"]

_SITES_TRIED = 10
_SKEW_BAD_S = 60.0
_SKEW_ODD_S = 4.0
_RETRIES = 1
_CALL_TIMEOUT_S = 40.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: Whether it is well.
        what: What was looked at.
        found: What was seen, as a clause.
        advice: What to do about it; empty if nothing.
    """

    state: Literal["ok", "odd", "bad"]
    what: str
    found: str
    advice: str = ""


@dataclass(slots=True)
class Seen:
    """What some requests have shown.

    Attributes:
        requests: How many were answered.
        refusals: How many of them with 429.
        latency_s: The shortest time from leave to reply, in seconds; None before the first reply.
        skew_s: How far this machine's clock is ahead of the server's, in seconds; None if the server does not say.
    """

    requests: int = 0
    refusals: int = 0
    latency_s: float | None = None
    skew_s: float | None = None


@dataclass(slots=True)
class _Witness:
    """A throttle that notes how requests end, and leaves all else to another."""

    throttle: Throttle
    seen: Seen = field(default_factory=Seen)
    _granted_at: dict[int, float] = field(default_factory=dict)

    def reserve(self, now: float) -> Grant:
        """Ask the other."""
        grant = self.throttle.reserve(now)
        if grant.token is not None:
            self._granted_at[grant.token] = now
        return grant

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        """Note it, and tell the other."""
        self.throttle.record_end(token, outcome, now, wall)
        if isinstance(outcome, Response):
            latency_s = now - self._granted_at.pop(token, now)
            self.seen.requests += 1
            self.seen.refusals += outcome.status == 429
            self.seen.latency_s = min(latency_s, self.seen.latency_s or latency_s)
            self.seen.skew_s = _skew(outcome.headers.get("date", ""), wall - latency_s / 2)


def _skew(date: str, wall: float) -> float | None:
    try:
        server = parsedate_to_datetime(date)
    except ValueError:
        return None
    return wall - server.replace(tzinfo=server.tzinfo or UTC).timestamp() - 0.5  # the header's seconds are cut off


def run(session: Session, *, all_sites: bool, as_json: bool) -> None:
    """Look, and say what was found.

    Raises:
        Failure: Something is wrong.
    """
    findings = list(_look(session, all_sites=all_sites))
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], indent=2))
    else:
        _show(findings)
    bad = [finding.what for finding in findings if finding.state == "bad"]
    if bad:
        raise Failure(f"{', '.join(bad)}: see above for what to do.")


def _look(session: Session, *, all_sites: bool) -> Iterator[Finding]:
    try:
        profile = session.profile
    except ConfigurationError as problem:
        yield Finding("bad", "account", "there is none that could be used", str(problem))
        return
    account = profile.account
    yield Finding("ok", "account", f"API ID {account.api_id} from {profile.source}, for {account.base_url}")
    witness = _Witness(ProcessThrottle.shared(account.base_url, account.api_id, session.limits))
    try:
        opened = session.client(throttle=witness, max_retries=_RETRIES, call_timeout=_CALL_TIMEOUT_S)
    except ConfigurationError as problem:  # a proxy or certificates, of the environment
        yield Finding("bad", "network", "no connection can be made", str(problem))
        return
    with opened as client:
        try:
            sites = client.sites.list()
        except APIError as problem:
            yield from findings_of(witness.seen, session.limits or ThrottleLimits())
            if not isinstance(problem, RateLimitError):  # the throttle's finding has said it
                yield _trouble(problem)
            return
        yield Finding("ok", "credentials", f"they are good, for {len(sites)} sites")
        site_findings = list(_sites(client, sites, account.site_code, session.now(UTC), all_sites=all_sites))
    yield from findings_of(witness.seen, session.limits or ThrottleLimits())
    yield from site_findings


def _trouble(problem: APIError) -> Finding:
    if isinstance(problem, APIConnectionError):
        advice = "Check the connection, the proxy, the firewall and the address."
        return Finding("bad", "network", str(problem), advice)
    if isinstance(problem, AuthenticationError):
        return Finding("bad", "credentials", str(problem), "Set them anew: sonnys profile add --help says how.")
    return Finding("bad", "API", str(problem), "Try again later; if it stays so, ask the vendor.")


def findings_of(seen: Seen, limits: ThrottleLimits) -> Iterator[Finding]:
    """Say what is to be thought of network, clock and throttle."""
    if not seen.requests:
        return
    if seen.latency_s is not None:
        yield Finding("ok", "network", f"the API answers in {seen.latency_s * 1000:.0f} ms")
    if seen.skew_s is None:
        yield Finding("odd", "clock", "the server does not say its time, so this machine's clock was not compared")
    elif abs(seen.skew_s) > _SKEW_ODD_S:
        ahead = "ahead of" if seen.skew_s > 0 else "behind"
        yield Finding(
            "bad" if abs(seen.skew_s) > _SKEW_BAD_S else "odd",
            "clock",
            f"this machine's is {abs(seen.skew_s):.0f} s {ahead} the server's",
            "Set it by a time server: `today` and the newest rows depend on it.",
        )
    else:
        yield Finding("ok", "clock", "this machine's agrees with the server's")
    allowed = f"{limits.limit} requests in {limits.period_s:g} s, for all programs of this API ID together"
    if seen.refusals:
        yield Finding(
            "bad" if seen.refusals == seen.requests else "odd",
            "throttle",
            f"{seen.refusals} of {seen.requests} requests met a 429",
            f"Allowed are {allowed}: something else is spending them; stop it, or expect to be slower.",
        )
    else:
        requests = plural(seen.requests, "request")
        yield Finding("ok", "throttle", f"no 429 in {seen.requests} {requests}; allowed are {allowed}")


def _sites(
    client: SonnysClient, sites: Sequence[Site], own: str | None, end: datetime, *, all_sites: bool
) -> Iterator[Finding]:
    zones = zones_of(sites)
    coded = [(site.code, site.timezone) for site in sites if site.code and own in (None, site.code)]
    for code, timezone in coded if all_sites else coded[:_SITES_TRIED]:
        what = f"site {code}"
        try:
            client.transactions.list(site=code, startDate=end - timedelta(hours=1), endDate=end, limit=1, offset=1)
        except AuthenticationError as problem:
            yield Finding("bad", what, str(problem), "Ask your BackOffice administrator to let this API ID read it.")
            continue
        except APIError as problem:
            yield Finding("bad", what, str(problem), "Try again later.")
            continue
        if code in zones:
            yield Finding("ok", what, f"transactions can be read; {timezone}")
        else:
            yield Finding(
                "odd",
                what,
                f"transactions can be read, but its time zone is {timezone or 'not set'}",
                "Set it in the BackOffice: its business days are taken for days of UTC.",
            )
    if len(coded) > _SITES_TRIED and not all_sites:
        yield Finding("ok", "more sites", f"{len(coded) - _SITES_TRIED} were not tried", "Try them with --all-sites.")


def _show(findings: Sequence[Finding]) -> None:
    console = results()
    styles = {"ok": "green", "odd": "yellow", "bad": "bold red"}
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for finding in findings:
        words = Text(finding.found)
        if finding.advice:
            words.append(f"\n{finding.advice}", style="bold")
        table.add_row(Text(finding.state, style=styles[finding.state]), finding.what, words)
    console.print(table)
