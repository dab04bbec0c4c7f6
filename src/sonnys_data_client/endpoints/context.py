"""What every operation needs besides its parameters: the client's settings and memory."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from functools import partial
from typing import Any

from sonnys_data_client.engine.call import CallPolicy
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.local_days import LocalDays
from sonnys_data_client.engine.moments import DateLike
from sonnys_data_client.engine.sites import SITES_CACHE_S, SiteZones, codes_listed, fold, read_sites, site_zones
from sonnys_data_client.engine.throttle import PERIOD_S, SLOTS
from sonnys_data_client.engine.windows import EARLIEST_ZONE, LATEST_ZONE, Span, needs_zone, read_span, span_at
from sonnys_data_client.errors import (
    APIError,
    APIStatusError,
    Remedy,
    SiteAuthorizationError,
    UnexpectedResponseError,
    ValidationError,
)
from sonnys_data_client.text import one_line


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
        zone: The client's time zone; None means the site's own, or that of most sites if no single site is asked for.
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
        """Read a caller's range by the rule that `engine.windows` states, as one range of all that is asked for.

        May cost one request, for the site list.

        Args:
            start: First day or instant; None for today.
            end: Last day or instant; None for today.
            site: The site that is asked for, or None.
            check: Raises `ValidationError` if the span is too long; by default any length is allowed.
            history: Whether the server keeps these rows for six months only.
            start_name: The name of the caller's parameter for the start.

        Raises:
            ValidationError: The range makes no sense, or there is no such site. Nothing was sent, unless only the site
                list could tell.
            APIError: The site list cannot be read.
        """
        read = partial(_read, start, end, check, history=history, start_name=start_name)
        wall = (yield from look()).wall
        if self.zone is not None or not needs_zone(start, end, start_name):
            return read(self.zone or UTC, wall)
        _check_somewhere(read, wall)
        zone = yield from self.zone_of(site)
        return read(zone, (yield from look()).wall)

    def days(
        self,
        start: DateLike | None,
        end: DateLike | None,
        sites: Sequence[str] | None,
        check: Callable[[Span], None] = _any_length,
    ) -> Flow[LocalDays]:
        """Read a caller's range of transactions as each site's own days.

        Cost, arguments and errors are those of `span`, but for `sites`: the codes that are asked for, None for all.
        """
        read = partial(_read, start, end, check, history=True, start_name="startDate")
        wall = (yield from look()).wall
        if self.zone is not None or not needs_zone(start, end):
            return LocalDays.everywhere(read(self.zone or UTC, wall), self.zone or _own_zone(start))
        _check_somewhere(read, wall)
        places = [self.site_code] if sites is None and self.site_code is not None else sites
        if places is not None and len(places) == 1:
            zone = yield from self.zone_of(places[0])
            return LocalDays.everywhere(read(zone, (yield from look()).wall), zone)
        zones = yield from self._zones()
        wall = (yield from look()).wall
        codes = zones.zones if places is None else [fold(place) for place in places]
        usual = read(zones.zone(None), wall)
        _warn(zones, None if places is None else codes)
        return LocalDays.at_sites(usual, {code: span_at(start, end, zones.zone(code), wall) for code in codes}, zones)

    def zone_of(self, site: str | None) -> Flow[tzinfo]:
        """Return the zone of days: the client's, else the site's, else that of most sites.

        May cost one request, for the site list. Warns of a site whose zone is not understood, and if no site has one.

        Args:
            site: The site that is asked for; None for the one that the credentials are restricted to, if there is one.

        Raises:
            ValidationError: There is no such site.
            APIError: The site list cannot be read.
        """
        if self.zone is not None:
            return self.zone
        zones = yield from self._zones()
        if site is not None:
            site = yield from self.listed_site("site", site)
        place = self.site_code if site is None else site
        _warn(zones, [] if place is None else [fold(place)])
        return zones.common or UTC if place is None else zones.zone(place)

    def listed_site(self, name: str, code: str) -> Flow[str]:
        """Return a site's code as the site list has it: see `listed_sites`."""
        (listed,) = yield from self.listed_sites(name, [code])
        return listed

    def listed_sites(self, name: str, codes: Sequence[str]) -> Flow[list[str]]:
        """Return sites' codes as the site list has them.

        Codes are compared without case and surrounding space. The first time costs one request, for the list. If the
        server refuses the list, the codes are returned as they are, and the server decides.

        Args:
            name: The caller's name of the parameter, for errors.
            codes: The codes that are asked for. An empty one is that of a site without a code.

        Raises:
            ValidationError: The list lacks one of the codes.
            APIConnectionError: The API could not be reached.
        """
        by_folded = {fold(code): code for code in codes_listed((yield from self.sites_if_allowed()))}
        if by_folded and not by_folded.keys() >= {*map(fold, filter(fold, codes))}:  # a new site, or a mistake
            rows = yield from self.sites_if_allowed(age_s_max=SITES_CACHE_S)
            by_folded = {fold(code): code for code in codes_listed(rows)}
        for code in codes:
            if by_folded and fold(code) and fold(code) not in by_folded:
                raise ValidationError(
                    "is not a site of this account",
                    parameter=name,
                    value=code,
                    allowed=[*by_folded.values()],
                    remedy=Remedy.SITES,
                )
        return [by_folded.get(fold(code), code.strip()) for code in codes]

    def sites_if_allowed(self, *, age_s_max: float = float("inf")) -> Flow[list[Any] | None]:
        """Return the raw rows of the site list; None if the server refuses it. Costs one request the first time.

        Args:
            age_s_max: The greatest age of the list, in seconds.

        Raises:
            SiteAuthorizationError: The credentials are not good for the site that they are restricted to.
            APIConnectionError: The API could not be reached.
        """
        findings = self.findings
        if not findings.sites_denied:
            try:
                yield from read_sites(self.policy, findings, age_s_max=age_s_max)
            except SiteAuthorizationError:
                raise  # so will every other request be
            except (APIStatusError, UnexpectedResponseError):
                findings.sites_denied = True
        return findings.sites

    def settle_site_header(self) -> Flow[None]:
        """Make sure, before an export begins, that the server knows the site which its requests are restricted to.

        A single call finds that out by itself; an export has many requests on the wire at once. Costs one request if
        the client has sent none yet, and none without a restriction.

        Raises:
            SiteAuthorizationError: The credentials are not good for that site.
            APIConnectionError: The API could not be reached.
        """
        if self.policy.site is not None and not self.policy.site.accepted:
            yield from self.sites_if_allowed()

    def _zones(self) -> Flow[SiteZones]:
        try:
            return (yield from site_zones(self.policy, self.findings))
        except APIError as error:
            if not error.remedy or error.type == "NotAuthorizedError":  # a licence may allow transactions, and no sites
                error.remedy = Remedy.TIMEZONE
            raise


def _read(
    start: DateLike | None,
    end: DateLike | None,
    check: Callable[[Span], None],
    zone: tzinfo,
    wall: float,
    *,
    history: bool,
    start_name: str,
) -> Span:
    span = read_span(start, end, zone, wall, history=history, start_name=start_name)
    check(span)
    return span


def _own_zone(start: DateLike | None) -> tzinfo:
    """The zone in which a range of instants is shown."""
    return (start.tzinfo if isinstance(start, datetime) else None) or UTC


def _warn(zones: SiteZones, codes: Container[str] | None) -> None:
    """Warn of the sites whose zone is not understood: of those with these folded codes, or of all."""
    for line in zones.warnings(codes):
        said = one_line(f"{line}. Give the client a timezone to choose another.")
        warnings.warn(said, UserWarning, stacklevel=2)


def _check_somewhere(read: Callable[[tzinfo, float], Span], wall: float) -> None:
    """Refuse a range that is wrong in every time zone.

    It is wrong in all if it is wrong in the easternmost and the westernmost.
    """
    with suppress(ValidationError):
        read(EARLIEST_ZONE, wall)
        return
    read(LATEST_ZONE, wall)
