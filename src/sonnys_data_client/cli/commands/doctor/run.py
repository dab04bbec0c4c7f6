"""What `sonnys doctor` does: send a few requests, and say what they show.

A throttle is told how every request ended. So a throttle can note the server's clock, its refusals and its latency, and
no second client is needed. `checks_of` turns these notes into results, and is pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Literal

from rich.table import Table

from sonnys_data_client import SonnysClient
from sonnys_data_client.cli.errors import Failure, Refusal
from sonnys_data_client.cli.session import Session
from sonnys_data_client.cli.show.screen import results, styled
from sonnys_data_client.cli.wording import Typed, worded
from sonnys_data_client.drivers.seams import Throttle
from sonnys_data_client.engine.sites import SiteZones, fold
from sonnys_data_client.engine.throttle import Grant, ThrottleLimits
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.verdicts import was_refused
from sonnys_data_client.engine.wire import Outcome, Response
from sonnys_data_client.errors import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    ConfigurationError,
    RateLimitError,
)
from sonnys_data_client.profile import Profile
from sonnys_data_client.text import one_line
from sonnys_data_client.throttles.keepers import throttle_at
from sonnys_data_client.types import Site
from sonnys_data_client.words import counted, plural

__all__ = ["CheckResult", "Seen", "checks_of", "run"]

_SITES_TRIED = 10
_SKEW_BAD_S = 60.0
_SKEW_ODD_S = 4.0
_RETRIES = 1
_CALL_TIMEOUT_S = 40.0
_SEE_ABOVE = "See above for what to do."
_LATER = "Try again later."


@dataclass(frozen=True, slots=True)
class CheckResult:
    """One line of `doctor`.

    Attributes:
        state: Whether all is well.
        what: What was checked.
        found: What was found, as a clause.
        advice: What to do about it; empty if there is nothing.
    """

    state: Literal["ok", "odd", "bad"]
    what: str
    found: str
    advice: str = ""


@dataclass(slots=True)
class Seen:
    """What some requests have shown.

    Attributes:
        requests: Requests that were answered.
        refusals: Those of them that were answered with 429.
        latency_s: The shortest time from a slot to the reply, in seconds; None before the first reply.
        skew_s: How far this machine's clock is ahead of the server's, in seconds; None if the server does not say.
    """

    requests: int = 0
    refusals: int = 0
    latency_s: float | None = None
    skew_s: float | None = None


@dataclass(slots=True)
class _Witness:
    """A throttle that notes how requests end. Another throttle grants the slots."""

    throttle: Throttle
    seen: Seen = field(default_factory=Seen)
    _granted_at: dict[int, float] = field(default_factory=dict)

    def reserve(self, now: float, asker: Asker) -> Grant:
        """Ask the other throttle."""
        grant = self.throttle.reserve(now, asker)
        if grant.token is not None:
            self._granted_at[grant.token] = now
        return grant

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        """Note how a request ended, and tell the other throttle."""
        self.throttle.record_end(token, outcome, now, wall)
        if isinstance(outcome, Response):
            latency_s = now - self._granted_at.pop(token, now)
            self.seen.requests += 1
            self.seen.refusals += was_refused(outcome)
            self.seen.latency_s = min(latency_s, self.seen.latency_s or latency_s)
            self.seen.skew_s = _skew(outcome.headers.get("date", ""), wall - latency_s / 2)


def _skew(date: str, wall: float) -> float | None:
    try:
        server = parsedate_to_datetime(date)
        server_s = server.replace(tzinfo=server.tzinfo or UTC).timestamp()
    except (ValueError, OverflowError):
        return None
    return wall - server_s - 0.5  # the header's seconds are cut off


def run(session: Session, *, all_sites: bool, as_json: bool) -> None:
    """Check everything, and print the results.

    Raises:
        Refusal: A setting of the account is wrong. Nothing was sent.
        Failure: A check failed.
    """
    try:
        profile = session.profile
    except ConfigurationError as problem:
        said = worded(problem, Typed())
        _print([CheckResult("bad", "account", said.sentence, said.hint)], as_json=as_json)
        raise Refusal("A setting of the account is wrong.", _SEE_ABOVE) from problem
    checks = list(_look(session, profile, all_sites=all_sites))
    _print(checks, as_json=as_json)
    bad = [result.what for result in checks if result.state == "bad"]
    if bad:
        raise Failure(f"{counted(len(bad), 'check')} failed: {', '.join(bad)}.", _SEE_ABOVE)


def _print(checks: Sequence[CheckResult], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps([asdict(result) for result in checks], indent=2))
    else:
        _show(checks)


def _look(session: Session, profile: Profile, *, all_sites: bool) -> Iterator[CheckResult]:
    account = profile.account
    yield CheckResult("ok", "account", f"API ID {account.api_id} from {profile.source}, for {account.base_url}")
    witness = _Witness(throttle_at(session.profile.throttle_keeper, account.base_url, account.api_id, session.limits))
    try:
        opened = session.client(throttle=witness, max_retries=_RETRIES, call_timeout=_CALL_TIMEOUT_S)
    except ConfigurationError as problem:  # a proxy or certificates, of the environment
        said = worded(problem, Typed())
        yield CheckResult("bad", "network", said.sentence, said.hint)
        return
    with opened as client:
        try:
            sites = client.sites.list()
        except APIError as problem:
            yield from checks_of(witness.seen, session.limits or ThrottleLimits())
            if not isinstance(problem, RateLimitError):  # the result of the throttle says it
                yield _trouble(problem)
            return
        good = f"they are good for {counted(len(sites), 'site')}"
        yield CheckResult("ok", "credentials", good)
        site_checks = list(_sites(client, sites, account.site_code, session.now(UTC), all_sites=all_sites))
    yield from checks_of(witness.seen, session.limits or ThrottleLimits())
    yield from site_checks


def _trouble(problem: APIError) -> CheckResult:
    said = worded(problem, Typed())
    if isinstance(problem, APIConnectionError):
        return CheckResult("bad", "network", said.sentence, said.hint)
    if isinstance(problem, AuthenticationError):
        again = "To set other credentials, run sonnys profile add."
        return CheckResult("bad", "credentials", said.sentence, f"{said.hint} {again}".strip())
    return CheckResult("bad", "API", said.sentence, f"{_LATER} If that does not help, ask the vendor.")


def checks_of(seen: Seen, limits: ThrottleLimits) -> Iterator[CheckResult]:
    """Judge the network, the clock and the throttle."""
    if not seen.requests:
        return
    if seen.latency_s is not None:
        yield CheckResult("ok", "network", f"the API answers in {seen.latency_s * 1000:.0f} ms")
    if seen.skew_s is None:
        yield CheckResult("odd", "clock", "the server does not say its time, so the clocks could not be compared")
    elif abs(seen.skew_s) > _SKEW_ODD_S:
        ahead = "ahead of" if seen.skew_s > 0 else "behind"
        yield CheckResult(
            "bad" if abs(seen.skew_s) > _SKEW_BAD_S else "odd",
            "clock",
            f"this machine's is {abs(seen.skew_s):.0f} s {ahead} the server's",
            "Set it from a time server: the meaning of today, and the newest rows, depend on it.",
        )
    else:
        yield CheckResult("ok", "clock", "this machine's agrees with the server's")
    allowed = f"{limits.limit} requests in {limits.period_s:g} s, for all programs of this API ID together"
    if seen.refusals:
        yield CheckResult(
            "bad" if seen.refusals == seen.requests else "odd",
            "throttle",
            f"{seen.refusals} of {counted(seen.requests, 'request')} met a 429",
            f"Something else is spending the requests of this API ID. Stop it, or expect to be slower. Allowed are "
            f"{allowed}.",
        )
    else:
        requests = plural(seen.requests, "request")
        yield CheckResult("ok", "throttle", f"no 429 in {seen.requests} {requests}; allowed are {allowed}")


def _sites(
    client: SonnysClient, sites: Sequence[Site], own: str | None, end: datetime, *, all_sites: bool
) -> Iterator[CheckResult]:
    zones = SiteZones.of((site.code, site.timezone) for site in sites)
    coded = [
        (site.code, site.timezone) for site in sites if site.code and (own is None or fold(own) == fold(site.code))
    ]
    for code, timezone in coded if all_sites else coded[:_SITES_TRIED]:
        what = f"site {code}"
        try:
            client.transactions.list(site=code, startDate=end - timedelta(hours=1), endDate=end, limit=1, offset=1)
        except AuthenticationError as problem:
            advice = "Ask your BackOffice administrator to let this API ID read the site."
            yield CheckResult("bad", what, problem.problem, advice)
            continue
        except APIError as problem:
            yield CheckResult("bad", what, problem.problem, _LATER)
            continue
        if fold(code) in zones.zones:
            yield CheckResult("ok", what, f"transactions can be read; {timezone}")
        else:
            yield CheckResult(
                "odd",
                what,
                f"transactions can be read, but its time zone is {timezone or 'not set'}",
                f"Set it in the BackOffice. Until then its business days are those of {zones.common or UTC}.",
            )
    if len(coded) > _SITES_TRIED and not all_sites:
        untried = len(coded) - _SITES_TRIED
        found = f"{counted(untried, 'was', 'were')} not tried"
        yield CheckResult("ok", "more sites", found, "Try them with --all-sites.")


def _show(checks: Sequence[CheckResult]) -> None:
    console = results()
    styles = {"ok": "green", "odd": "yellow", "bad": "bold red"}
    table = Table(box=None, show_header=False, padding=(0, 2, 0, 0), pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for result in checks:
        words = styled(one_line(result.found))
        if result.advice:
            words.append("\n").append_text(styled(one_line(result.advice), "bold"))
        table.add_row(styled(result.state, styles[result.state]), styled(one_line(result.what)), words)
    console.print(table)
