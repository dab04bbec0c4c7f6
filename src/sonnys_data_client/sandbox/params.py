"""The parameters that routes share, and the checks of them.

| parameter            | text                                  | if it is not sent                         |
|----------------------|---------------------------------------|-------------------------------------------|
| startDate            | epoch seconds                         | the first second of today (UTC)           |
|                      | epoch seconds of a sign-up            | the first second of last month            |
|                      | a day, where the API counts in days   | no limit                                  |
| endDate              | epoch seconds, or a day               | the last second of today (UTC), no limit  |
| site                 | the code of a site                    | all sites that the account may see        |
| region               | a region code, ignored beside `site`  | all regions                               |
| limit                | 1 to 100 rows                         | 10                                        |
| offset               | the page's number, from 1             | 1                                         |

Where a parameter means different things to different routes, there are several `Param`s of one name.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TypeVar

from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.replies import Refusal
from sonnys_data_client.sandbox.route import Call, Param
from sonnys_data_client.sandbox.world.days import month_after
from sonnys_data_client.sandbox.world.facts import Site

__all__ = [
    "END",
    "FIRST_DAY",
    "LAST_DAY",
    "LIMIT",
    "OFFSET",
    "REGION",
    "SIGNED_UP_FROM",
    "SITE",
    "START",
    "choice",
    "identifier",
    "in_range",
    "known_places",
    "limit_of",
    "optional",
    "places_seen",
    "signed_up_in_time",
    "site_ids_seen",
    "sites_asked",
    "words",
]

T = TypeVar("T")

DAY_S = 86_400
"""One day, in seconds."""
MONTHS_BACK = 6
"""How many months of history the server keeps (S)."""
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_SECONDS_MAX = 10**11
_ID = re.compile(r"\d+:\d+", re.ASCII)
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _always(value: T) -> Callable[[float], T]:
    return lambda _now: value


def whole(name: str, least: int, most: int, what: str, default: Callable[[float], int] | None) -> Param[int]:
    """Return a parameter that is a whole number from `least` to `most`.

    The error message calls it `what`.
    """

    def read(text: str) -> int:
        if text.isascii() and text.isdigit() and len(text) < 13 and least <= int(text) <= most:
            return int(text)
        raise ValueError(f"{name} must be {what}.")

    return Param(name, read, default, {"type": "integer", "minimum": least, "maximum": most})


def seconds(name: str, default: Callable[[float], int] | None) -> Param[int]:
    """Return a parameter that is an instant in epoch seconds."""
    return whole(name, 0, _SECONDS_MAX, "epoch seconds, a whole number", default)


def limit_of(most: int, default: int, least: int = 1) -> Param[int]:
    """Return the parameter `limit`, the size of a page."""
    return whole("limit", least, most, f"a whole number from {least} to {most}", _always(default))


def day(name: str) -> Param[date | None]:
    """Return an optional parameter that is a day, such as `2026-03-08`."""

    def read(text: str) -> date:
        complaint = f"{name} must be a day, as in 2026-03-08."
        if not _DAY.fullmatch(text):
            raise ValueError(complaint)
        try:
            return date.fromisoformat(text)
        except ValueError:
            raise ValueError(complaint) from None

    return Param(name, read, _always(None), {"type": "string", "format": "date"})


def choice(name: str, *allowed: str, is_in_path: bool = False) -> Param[str | None]:
    """Return a parameter that is one of some words.

    Optional, unless it is part of the path.
    """

    def read(text: str) -> str:
        if text not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(allowed)}.")
        return text

    schema = {"type": "string", "enum": list(allowed)}
    return Param(name, read, None if is_in_path else _always(None), schema, is_in_path)


def identifier(name: str, what: str, *, is_in_path: bool = False) -> Param[str | None]:
    """Return a parameter that is an id, two numbers and a colon.

    Optional, unless it is part of the path.
    """

    def read(text: str) -> str:
        if not _ID.fullmatch(text):
            raise ValueError(f"{name} must be the id of {what}, two numbers with a colon, as in 45678:1001.")
        return text

    schema = {"type": "string", "pattern": r"^[0-9]+:[0-9]+$"}
    return Param(name, read, None if is_in_path else _always(None), schema, is_in_path)


def number(name: str, most: int) -> Param[int | None]:
    """Return an optional parameter that is the number of a word in a list, from 1."""
    among = whole(name, 1, most, f"a whole number from 1 to {most}", None)
    return Param(name, among.read, _always(None), among.schema)


def optional(name: str) -> Param[str | None]:
    """Return an optional parameter that is any text."""
    return Param(name, str, _always(None))


def words(param: Param[str | None], call: Call) -> list[str]:
    """Return the words of a parameter that separates them by commas."""
    return [word for word in (call[param] or "").split(",") if word]


def today(now: float) -> int:
    """Return the first second of the UTC day that is now."""
    return int(now // DAY_S) * DAY_S


def last_second_of_today(now: float) -> int:
    """Return the last second of the UTC day that is now."""
    return today(now) + DAY_S - 1


def first_second(day: date) -> int:
    """Return the first second of a UTC day, epoch."""
    return (day.toordinal() - _EPOCH_ORDINAL) * DAY_S


def _utc_day(now: float) -> date:
    return date.fromordinal(_EPOCH_ORDINAL + int(now // DAY_S))


def _first_of_last_month(now: float) -> int:
    return first_second(month_after(_utc_day(now), -1).replace(day=1))


START: Param[int] = seconds("startDate", today)
END: Param[int] = seconds("endDate", last_second_of_today)
SIGNED_UP_FROM: Param[int] = seconds("startDate", _first_of_last_month)
FIRST_DAY: Param[date | None] = day("startDate")
LAST_DAY: Param[date | None] = day("endDate")
SITE: Param[str | None] = optional("site")
REGION: Param[str | None] = optional("region")
LIMIT: Param[int] = limit_of(100, 10)
OFFSET: Param[int] = whole("offset", 1, 10**11, "the number of a page, from 1", _always(1))


def in_range(longest_s: float, longest: str, *, has_history: bool = True) -> Callable[[Call, Office], Iterator[str]]:
    """Return the check that a range's start is not after its end and that it is not too long.

    Args:
        longest_s: The longest allowed range from start to end, in seconds.
        longest: The same in words, for the error message.
        has_history: Whether the range must be within the history that the server keeps.
    """

    def check(call: Call, office: Office) -> Iterator[str]:
        start, end = call[START], call[END]
        if has_history and start < oldest_start(call.now, exact=office.config.quirks.history_edge == "instant"):
            yield f"startDate must not be older than {MONTHS_BACK} months."
        if END.name in call.sent and end > call.now:
            yield "endDate must not be in the future."
        if start > end:
            yield "startDate must not be after endDate."
        elif end - start > longest_s and {START.name, END.name} & call.sent.keys():
            # The default range of sign-ups is longer than the longest allowed one (S), so it is not checked.
            yield f"The range from startDate to endDate must not be longer than {longest}."

    return check


def signed_up_in_time(longest_s: int, longest: str) -> Callable[[Call, Office], Iterator[str]]:
    """Return the check of a range of sign-ups.

    It is `in_range`, but a quirk decides whether history is checked.
    """
    for_ever = in_range(longest_s, longest, has_history=False)
    in_history = in_range(longest_s, longest)

    def check(call: Call, office: Office) -> Iterator[str]:
        yield from (for_ever if office.config.quirks.signup_history == "any" else in_history)(call, office)

    return check


def known_places(call: Call, office: Office) -> Iterator[str]:
    """Check that site and region exist, and that the account may see the site.

    Raises:
        Refusal: 403, because the query's site differs from the header's, or because the account may not see it.
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
        raise Refusal(403, "NotAuthorizedSiteArgsError", f"The account may not see the query's site {site!r}.")


def sites_asked(call: Call, office: Office) -> Sequence[str] | None:
    """Return the codes of the sites that a checked call is about.

    None means all sites.
    """
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


def places_seen(call: Call, office: Office) -> list[Site]:
    """Return the sites that a call may see.

    They are the account's, or only the header's if it names one.
    """
    return [site for site in office.world.sites if may_see(call, site.code) and call.site in {None, site.code}]


def site_ids_seen(call: Call, office: Office) -> set[int]:
    """Return the ids of the sites that a call may see."""
    return {site.id for site in places_seen(call, office)}


def may_see(call: Call, site: str) -> bool:
    """Return whether the account may see a site."""
    return call.account.sites is None or site in call.account.sites


def oldest_start(now: float, *, exact: bool = False) -> int:
    """Return the first second of the history that the server keeps, epoch.

    Args:
        now: Epoch seconds.
        exact: Whether six months are counted from `now`; otherwise from the start of its UTC day.
    """
    return first_second(month_after(_utc_day(now), -MONTHS_BACK)) + (int(now) % DAY_S if exact else 0)


def _site_of_query(call: Call, office: Office) -> str | None:
    site = call.sent.get(SITE.name)
    if site == "" and office.config.quirks.empty_site == "ignored":
        return None
    return site
