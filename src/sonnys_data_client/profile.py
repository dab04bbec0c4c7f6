"""One profile: what may be set for an account, and what of it is allowed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from sonnys_data_client.config import Account
from sonnys_data_client.errors import ConfigurationError, ValidationError
from sonnys_data_client.keys import KEY_SETTINGS
from sonnys_data_client.redaction import Redaction
from sonnys_data_client.throttles.keepers import ENV_THROTTLE_KEEPER, MACHINE, check_keeper
from sonnys_data_client.zones import read_timezone

__all__ = ["ENV_ARCHIVE", "SETTINGS", "VARIABLES", "Profile", "checked_profile"]

ENV_ARCHIVE = "SONNYS_ARCHIVE"
ENV_TIMEZONE = "SONNYS_TIMEZONE"
ENV_THROTTLE = "SONNYS_THROTTLE"
ENV_REDACT = "SONNYS_REDACT"
VARIABLES = {
    "timezone": ENV_TIMEZONE,
    "archive": ENV_ARCHIVE,
    "throttle": ENV_THROTTLE,
    "redact": ENV_REDACT,
    "throttle_keeper": ENV_THROTTLE_KEEPER,
}
"""Settings that the environment may give besides the account, and their variables."""

SETTINGS = (
    *("api_id", *KEY_SETTINGS, "site_code", "base_url"),
    *("timezone", "archive", "redact", "throttle", "throttle_keeper"),
)
"""All settings of a profile."""
_THROTTLE = re.compile(r"(\d+)/(\d+(?:\.\d+)?)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Profile:
    """An account, and its owner's settings for it.

    Attributes:
        name: The profile's name; `"main"` for an account of the environment.
        source: Where it comes from, in words.
        key_source: Where its key comes from, in words.
        account: The credentials and the address.
        timezone: IANA name of the zone of its days, or None.
        archive: Folder or address of its archive, or None.
        throttle: Requests and seconds, or None for the API's own 20 in 15 s.
        redact: Personal data that its archive must not hold; None if nobody said so.
        throttle_keeper: Who is counted together, as `throttles.keepers` lists it. It may hold a password.
    """

    name: str
    source: str
    key_source: str
    account: Account
    timezone: str | None = None
    archive: str | None = None
    throttle: tuple[int, float] | None = None
    redact: Redaction | None = None
    throttle_keeper: str = field(default=MACHINE, repr=False)


def checked_profile(
    name: str,
    origin: tuple[str, str],
    account: Account,
    settings: Mapping[str, str],
    *,
    place: str = "",
    names: Mapping[str, str] | None = None,
) -> Profile:
    """Check a profile's other settings. Errors call them by `names`, and name `place`.

    `origin` says where the profile is from, and where its key.
    """
    called = names or {setting: setting for setting in VARIABLES}
    zone, throttle = settings.get("timezone") or None, settings.get("throttle") or None
    try:
        read_timezone(zone)
    except ValidationError as problem:
        raise ConfigurationError(
            parameter=called["timezone"], value=zone, allowed=problem.allowed, source=place
        ) from None
    pace = _THROTTLE.fullmatch(throttle) if throttle else None
    if throttle and (pace is None or not int(pace[1]) or not float(pace[2])):
        raise ConfigurationError(
            parameter=called["throttle"], value=throttle, allowed="requests/seconds, such as 20/15", source=place
        )
    limits = (int(pace[1]), float(pace[2])) if pace else None
    try:
        keeper = check_keeper(settings.get("throttle_keeper") or MACHINE)
    except ValidationError as problem:
        raise ConfigurationError(
            "is none", parameter=called["throttle_keeper"], allowed=problem.allowed, source=place
        ) from None
    hidden = settings.get("redact") or None
    try:
        redact = None if hidden is None else Redaction.read(hidden)
    except ValidationError as problem:
        raise ConfigurationError(
            parameter=called["redact"], value=hidden, allowed=problem.allowed, source=place
        ) from None
    return Profile(
        name,
        *origin,
        account,
        zone,
        settings.get("archive") or None,
        limits,
        redact,
        keeper,
    )
