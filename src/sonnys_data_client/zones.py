"""Time zones, as people, servers and other libraries give them: the one place where a zone is read.

A name is an IANA name in any case, with blanks around it (`america/chicago `), or what clocks in the United States are
called: `CST`, `Central`, `Central Standard Time`. `CST` and `CDT` both mean Central time as it is kept there, so with
daylight saving time. `MST` is IANA's own name of a zone without it, as in Arizona.

A `tzinfo` of another library may give wrong local times: `pytz.timezone("America/Chicago")` is nine minutes off where
it is attached to a time, because it then means the local mean time of 1883. Such a zone is read by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from sonnys_data_client.errors import ValidationError

_CLOCKS = {
    "America/New_York": "est edt et eastern",
    "America/Chicago": "cst cdt ct central",
    "America/Denver": "mdt mt mountain",
    "America/Los_Angeles": "pst pdt pt pacific",
    "America/Anchorage": "akst akdt alaska alaskan",
    "Pacific/Honolulu": "hst hawaii hawaiian",
}
_US: Mapping[str, str] = {word: zone for zone, words in _CLOCKS.items() for word in words.split()}
_SUFFIXES = ("_standard_time", "_daylight_time", "_time")
_PROBES_S = (1_768_478_400, 1_784_116_800)
"""A moment of winter and one of summer: noon UTC of 15 January and 15 July 2026."""


def zone_named(name: str) -> ZoneInfo | None:
    """Return the time zone of a name; None if there is none."""
    text = "_".join(name.split())
    word = text.casefold()
    for suffix in _SUFFIXES:
        word = word.removesuffix(suffix)
    if word in _US:
        return ZoneInfo(_US[word])
    try:
        return ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        found = _names().get(text.casefold())
    return None if found is None else ZoneInfo(found)


@cache
def _names() -> Mapping[str, str]:
    """All names of this machine's database, by their small letters."""
    return {name.casefold(): name for name in available_timezones()}


def read_timezone(timezone: str | tzinfo | None) -> tzinfo | None:
    """Read a time zone given by name or as `tzinfo`.

    Raises:
        ValidationError: No zone has this name, or the `tzinfo` gives wrong local times and has no name that is known.
    """
    if timezone is None:
        return None
    found: tzinfo | None = None
    if isinstance(timezone, tzinfo):
        found = timezone if _keeps_time(timezone) else _by_its_name(timezone)
    elif isinstance(timezone, str):
        found = zone_named(timezone)
    if found is None:
        raise ValidationError(
            parameter="timezone", value=timezone, allowed="the IANA name of a time zone, such as 'America/Chicago'"
        )
    return found


def at_its_zone(moment: datetime) -> datetime:
    """Return an aware moment with its wall time in the zone that its `tzinfo` names.

    Differs from `moment` only if its `tzinfo` gives another offset than is kept in the zone at that time: if a zone of
    pytz was attached to it, and not by `localize`. A moment whose zone has no name that is known is returned as it is.
    """
    if moment.tzinfo is None or _keeps_time(moment.tzinfo):
        return moment
    if datetime.fromtimestamp(moment.timestamp(), moment.tzinfo).utcoffset() == moment.utcoffset():
        return moment  # localized
    zone = _by_its_name(moment.tzinfo)
    return moment if zone is None else moment.replace(tzinfo=zone)


def _keeps_time(zone: tzinfo) -> bool:
    """Whether a zone attached to a time means that wall time, in winter and in summer."""
    if isinstance(zone, ZoneInfo):
        return True
    try:
        return all(
            datetime.fromtimestamp(second, zone).replace(tzinfo=zone).timestamp() == second for second in _PROBES_S
        )
    except (TypeError, ValueError, NotImplementedError):  # a zone that knows no offset
        return False


def _by_its_name(zone: tzinfo) -> tzinfo | None:
    name = getattr(zone, "zone", None) or getattr(zone, "key", None)  # pytz, and zones made like those of `zoneinfo`
    return zone_named(name) if isinstance(name, str) else None
