"""The site list: read once for a client, because time zones and fan-out need it."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Any

from sonnys_data_client.engine.call import CallPolicy, call
from sonnys_data_client.engine.effects import Flow, look
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.listing import rows_of
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError, AuthenticationError, NotFoundError, SiteAuthorizationError
from sonnys_data_client.zones import zone_named

SITES_REQUEST = Request("GET", "/site/list")
SITES_CACHE_S = 3600
"""For so long the server repeats its site list (spec)."""


def read_sites(
    policy: CallPolicy, findings: Findings, *, fresh: bool = False, age_s_max: float = float("inf")
) -> Flow[list[Any]]:
    """The raw rows of the site list: one request the first time, none after that unless it is to be newer.

    Args:
        policy: How to read it.
        findings: Remembers it.
        fresh: Whether to read it in any case.
        age_s_max: The greatest age of the list, in seconds.

    Raises:
        APIError: It cannot be read.
    """
    wall = (yield from look()).wall
    if findings.sites is None or fresh or wall - findings.sites_at >= age_s_max:
        sites = _sites((yield from call(SITES_REQUEST, policy, _sites)))
        if not sites:
            return []  # an account without sites is more likely a server in trouble: it is not remembered
        findings.sites, findings.sites_at = sites, wall
    return findings.sites


def _sites(body: dict[str, Any]) -> list[Any]:
    sites = rows_of(body, "sites")
    if sites is None:
        raise unexpected(SITES_REQUEST, "a list `sites` was due", body)
    data = body.get("data")
    total = data.get("total") if isinstance(data, dict) else None  # the spec names none, but the server may
    if isinstance(total, int) and not isinstance(total, bool) and total > len(sites):
        raise unexpected(SITES_REQUEST, f"it counts {total} sites and has {len(sites)}", body)
    return sites


def check_address(not_found: APIError, policy: CallPolicy, findings: Findings) -> Flow[None]:
    """Tell "no results" from a wrong address, where every job got a 404: there, the site list gets one, too.

    Costs one request, unless the site list has been read.

    Raises:
        NotFoundError: The address is wrong: `not_found`.
        APIError: The site list cannot be read for another reason.
    """
    try:
        yield from read_sites(policy, findings)
    except NotFoundError:
        raise not_found from None
    except AuthenticationError:
        return  # the account may not read it, but it is there


def fold(code: Any) -> str:
    """A site's code as codes are compared: without case and surrounding space. That of a site without one is empty."""
    return code.strip().casefold() if isinstance(code, str) else ""


@dataclass(frozen=True, slots=True)
class SiteZones:
    """The time zones of an account's sites.

    Attributes:
        zones: The zone of each site that names one, by its folded code.
        common: The zone of most sites, which the others get; None if no site names one.
        unknown: What was not understood: the text of each such zone, by the site's code as the list has it.
    """

    zones: Mapping[str, tzinfo]
    common: tzinfo | None
    unknown: Mapping[str, str]

    @classmethod
    def of(cls, sites: Iterable[tuple[Any, Any]]) -> SiteZones:
        """Read the zones of sites.

        Args:
            sites: Code and time zone of each site, as they came.
        """
        zones: dict[str, tzinfo] = {}
        unknown: dict[str, str] = {}
        for code, name in sites:
            zone = zone_named(name) if isinstance(name, str) else None
            if zone is not None:
                zones[fold(code)] = zone
            elif isinstance(name, str) and name.strip():
                unknown[code if isinstance(code, str) else ""] = name
        named = list(zones.values())
        return cls(zones, max(named, key=named.count) if named else None, unknown)

    def zone(self, code: str | None) -> tzinfo:
        """The zone of a site's days: its own, else that of most sites, else UTC."""
        return self.zones.get(fold(code), self.common or UTC)

    def warnings(self, codes: Container[str] | None = None) -> list[str]:
        """One clause for each site whose zone is not understood, and one if no site has a zone.

        Args:
            codes: Folded codes of the sites to look at; None for all.
        """
        default = self.common or UTC
        lines = [
            f"site {code!r} has an unknown time zone, {name!r}, so its days are those of {default}"
            for code, name in self.unknown.items()
            if codes is None or fold(code) in codes
        ]
        return lines if self.common is not None else [*lines, "no site names its time zone, so days are those of UTC"]


def site_zones(policy: CallPolicy, findings: Findings) -> Flow[SiteZones]:
    """The time zones of all sites, by the site list.

    Raises:
        APIError: It cannot be read.
    """
    rows = yield from read_sites(policy, findings)
    return SiteZones.of((row.get("code"), row.get("timezone")) for row in rows if isinstance(row, dict))


def codes_listed(rows: Iterable[Any] | None) -> list[str]:
    """The codes on a site list, as it has them; none if it has not been read."""
    codes = [row.get("code") for row in rows or () if isinstance(row, dict)]
    return [code for code in codes if isinstance(code, str) and code.strip()]


def other_spelling(code: str, refusal: SiteAuthorizationError, policy: CallPolicy) -> Flow[str]:
    """Find how the site list spells the code that a request's header had. Costs one request.

    Args:
        code: The code that the server refused.
        refusal: Its refusal.
        policy: How to read the list: without that header.

    Raises:
        SiteAuthorizationError: The list has no such site, or spells it that way, or cannot be read: `refusal`. If the
            list lacks it, the error says which codes there are.
    """
    try:
        codes = codes_listed(_sites((yield from call(SITES_REQUEST, policy, _sites))))
    except APIError:
        raise refusal from None
    listed = {fold(each): each for each in codes}.get(fold(code), code)
    if listed == code:
        if codes and code not in codes:
            refusal.remedy = f"{code!r} is none of the sites of this account: give one of {', '.join(codes)}."
        raise refusal
    return listed


def site_codes(policy: CallPolicy, findings: Findings) -> Flow[list[str]]:
    """Codes of all sites by the site list, each once, for asking site by site. There is at least one.

    A web shop may have no code (seen live: empty; spec: perhaps null). It is asked for by an empty code, and last. So a
    server that refuses the empty code has taken the others before.

    Raises:
        APIError: The list cannot be read.
        UnexpectedResponseError: It has no site, so that asking site by site would lose all rows without a word.
    """
    rows = yield from read_sites(policy, findings)
    codes = (row.get("code") or "" for row in rows if isinstance(row, dict))
    different = dict.fromkeys(code for code in codes if isinstance(code, str))
    if not different:
        raise unexpected(SITES_REQUEST, "a site was due, because the server wants every request to name one", rows)
    return sorted(different, key=lambda code: code == "")
