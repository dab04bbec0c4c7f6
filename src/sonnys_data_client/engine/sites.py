"""The site list: read once for a client, because time zones and fan-out need it."""

from __future__ import annotations

from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from sonnys_data_client.engine.call import CallPolicy, call
from sonnys_data_client.engine.effects import Flow
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.listing import rows_of
from sonnys_data_client.engine.verdicts import unexpected
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.errors import APIError, AuthenticationError, NotFoundError, PayloadValidationError

SITES_REQUEST = Request("GET", "/site/list")


def is_about_site(error: APIError) -> bool:
    """Whether the server refused a request for the site that it names, or does not name."""
    return isinstance(error, PayloadValidationError) and "site" in " ".join(error.messages).lower()


def read_sites(policy: CallPolicy, findings: Findings, *, fresh: bool = False) -> Flow[list[Any]]:
    """The raw rows of the site list: one request the first time, none after that unless `fresh`.

    Raises:
        APIError: It cannot be read.
    """
    if findings.sites is None or fresh:
        sites = _sites((yield from call(SITES_REQUEST, policy, _sites)))
        if not sites:
            return []  # an account without sites is more likely a server in trouble: it is not remembered
        findings.sites = sites
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


def site_zone(site: str, policy: CallPolicy, findings: Findings) -> Flow[tzinfo]:
    """The time zone of a site, by the site list; UTC if the list lacks the site or its zone."""
    for row in (yield from read_sites(policy, findings)):
        name = row.get("timezone") if isinstance(row, dict) and row.get("code") == site else None
        if isinstance(name, str) and name:
            try:
                return ZoneInfo(name)
            except (KeyError, ValueError, OSError):  # a name that this machine's database does not know
                break
    return UTC


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
