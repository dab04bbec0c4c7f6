"""The parameters that routes share, and the rules about them.

| parameter            | text                                  | not sent                                  |
|----------------------|---------------------------------------|-------------------------------------------|
| startDate            | epoch seconds                         | the first second of today (UTC)           |
| endDate              | epoch seconds                         | the last second of today (UTC)            |
| site                 | the code of a site                    | all sites that the account may see        |
| region               | a region code, ignored beside `site`  | all regions                               |
| limit                | 1 to 100 rows                         | 10                                        |
| offset               | the page's number, from 1             | 1                                         |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import TypeVar

from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.replies import Refusal
from sonnys_data_client.sandbox.route import Call, Param

__all__ = ["END", "LIMIT", "OFFSET", "REGION", "SITE", "START", "in_range", "known_places", "sites_asked"]

T = TypeVar("T")

DAY_S = 86_400
"""One day, in seconds."""
MONTHS_BACK = 6
"""How far the history reaches back (S)."""
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


def _seconds(name: str) -> Callable[[str], int]:
    return _whole(name, 0, 10**11, "epoch seconds, a whole number")


def _whole(name: str, least: int, most: int, what: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 13 and least <= int(text) <= most:
            return int(text)
        raise ValueError(f"{name} must be {what}.")

    return read


def _always(value: T) -> Callable[[float], T]:
    return lambda _now: value


def _today(now: float) -> int:
    return int(now // DAY_S) * DAY_S


def _last_second_of_today(now: float) -> int:
    return _today(now) + DAY_S - 1


START: Param[int] = Param("startDate", _seconds("startDate"), _today)
END: Param[int] = Param("endDate", _seconds("endDate"), _last_second_of_today)
SITE: Param[str | None] = Param("site", str, _always(None))
REGION: Param[str | None] = Param("region", str, _always(None))
LIMIT: Param[int] = Param("limit", _whole("limit", 1, 100, "a whole number from 1 to 100"), _always(10))
OFFSET: Param[int] = Param("offset", _whole("offset", 1, 10**11, "the number of a page, from 1"), _always(1))


def in_range(longest_s: int, longest: str) -> Callable[[Call, Office], Iterator[str]]:
    """Return the check that a range of dates is in order and not too long.

    Args:
        longest_s: The longest allowed range from start to end, in seconds.
        longest: The same in words, for the complaint.
    """

    def check(call: Call, office: Office) -> Iterator[str]:
        start, end = call[START], call[END]
        if start < oldest_start(call.now, exact=office.config.quirks.history_edge == "instant"):
            yield f"startDate must not be older than {MONTHS_BACK} months."
        if END.name in call.sent and end > call.now:
            yield "endDate must not be in the future."
        if start > end:
            yield "startDate must not be after endDate."
        elif end - start > longest_s:
            yield f"The range from startDate to endDate must not be longer than {longest}."

    return check


def known_places(call: Call, office: Office) -> Iterator[str]:
    """Check that site and region exist, and that the account may see the site.

    Raises:
        Refusal: 403, the site of the query is not the header's, or not the account's.
    """
    site = _site_of_query(call, office)
    if site is None:
        if call.site is None and office.config.quirks.site_required:
            yield "site is required."
        region = call.get(REGION)
        if region and region not in {place.region for place in office.world.sites}:
            yield "region is not the code of a region."
    elif site not in office.sites:
        yield "site is not the code of a site."
    elif (call.site is not None and site != call.site) or not may_see(call, site):
        raise Refusal(403, "NotAuthorizedSiteArgsError", "The query's site is not theirs.")


def sites_asked(call: Call, office: Office) -> Sequence[str] | None:
    """Return the codes of the sites that a checked call is about; None: all there are."""
    site = _site_of_query(call, office)
    if site is None:
        site = call.site
    if site is not None:
        return (site,)
    region = call.get(REGION)
    if not region and call.account.sites is None:
        return None
    return [
        place.code
        for place in office.world.sites
        if may_see(call, place.code) and (not region or place.region == region)
    ]


def may_see(call: Call, site: str) -> bool:
    """Tell whether the account may see a site."""
    return call.account.sites is None or site in call.account.sites


def oldest_start(now: float, *, exact: bool = False) -> int:
    """Return the first second of the history that is kept, epoch.

    Args:
        now: Epoch seconds.
        exact: Six months before this very moment; otherwise before the start of this UTC day.
    """
    day, rest = divmod(int(now), DAY_S)
    return _months_before(day) * DAY_S + (rest if exact else 0)


@lru_cache(maxsize=1024)
def _months_before(day: int) -> int:
    """Return the day number `MONTHS_BACK` calendar months before `day`, clamped to the month's end."""
    today = date.fromordinal(_EPOCH_ORDINAL + day)
    months = today.year * 12 + today.month - 1 - MONTHS_BACK
    first = date(months // 12, months % 12 + 1, 1)
    following = date((months + 1) // 12, (months + 1) % 12 + 1, 1)
    last_day = following.toordinal() - first.toordinal()
    return first.toordinal() + min(today.day, last_day) - 1 - _EPOCH_ORDINAL


def _site_of_query(call: Call, office: Office) -> str | None:
    site = call.sent.get(SITE.name)
    if site == "" and office.config.quirks.empty_site == "ignored":
        return None
    return site
