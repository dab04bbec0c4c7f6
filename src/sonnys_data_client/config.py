"""Who we are to the API: one account's credentials and address, checked before anything is sent."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from sonnys_data_client.errors import ConfigurationError, ValidationError

PRODUCTION_URL = "https://trigonapi.sonnyscontrols.com/v1"
"""The live service (spec)."""
VENDOR_SANDBOX_URL = "https://sandboxapi.sonnyscontrols.com/v1"
"""The vendor's own sandbox, with made-up data and credentials of its own (spec)."""

ENV_API_ID = "SONNYS_API_ID"
ENV_API_KEY = "SONNYS_API_KEY"
ENV_SITE_CODE = "SONNYS_SITE_CODE"
ENV_BASE_URL = "SONNYS_BASE_URL"


@dataclass(frozen=True, slots=True)
class Account:
    """An API ID, its key, perhaps a site code, and where they are good.

    Attributes:
        api_id: The API ID. The throttle counts by it.
        api_key: The secret. Never shown: not in a repr, log, error or URL.
        site_code: Restricts every request to this site, or None.
        base_url: Address up to the version, without a slash at the end.
    """

    api_id: str
    api_key: str = field(repr=False)
    site_code: str | None = None
    base_url: str = PRODUCTION_URL

    def __post_init__(self) -> None:
        for name, value in (("api_id", self.api_id), ("api_key", self.api_key), ("site_code", self.site_code)):
            if value is None and name == "site_code":
                continue
            if not isinstance(value, str) or not value.strip():
                hint = "" if name == "site_code" else f", or set {ENV_API_ID} and {ENV_API_KEY} and use from_env()"
                raise ConfigurationError(f"{name} is empty: pass the text that the BackOffice shows{hint}.")
            if not value.isascii() or not value.isprintable() or value != value.strip():
                raise ConfigurationError(
                    f"{name} holds spaces at its ends or characters that no HTTP header can carry: copy it again."
                )
        object.__setattr__(self, "base_url", check_base_url(self.base_url))

    def headers(self) -> dict[str, str]:
        """The headers that let requests in. They hold the secret: for the transport only."""
        headers = {"x-sonnys-api-id": self.api_id, "x-sonnys-api-key": self.api_key}
        return headers if self.site_code is None else {**headers, "x-sonnys-site-code": self.site_code}


def account_from_env(environ: Mapping[str, str] | None = None) -> Account:
    """Read an account from `SONNYS_API_ID`, `SONNYS_API_KEY`, `SONNYS_SITE_CODE` and `SONNYS_BASE_URL`.

    Raises:
        ConfigurationError: The API ID or key is missing, or a value cannot be right.
    """
    env = os.environ if environ is None else environ
    missing = [name for name in (ENV_API_ID, ENV_API_KEY) if not env.get(name)]
    if missing:
        raise ConfigurationError(f"{' and '.join(missing)} must be set in the environment, but {_are(missing)} not.")
    base_url = env.get(ENV_BASE_URL, PRODUCTION_URL)
    if not base_url.strip():  # a script whose own variable was empty did not ask for production
        raise ConfigurationError(
            f"{ENV_BASE_URL} is set, and empty: give it an address such as {PRODUCTION_URL}, or unset it."
        )
    return Account(env[ENV_API_ID], env[ENV_API_KEY], env.get(ENV_SITE_CODE) or None, base_url)


def check_base_url(url: str) -> str:
    """Return the address without a slash at its end, if credentials may be sent there.

    Raises:
        ConfigurationError: It is no web address, holds credentials or a query, or is not TLS outside this machine.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigurationError(f"base_url is no web address; give one such as {PRODUCTION_URL}.")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError("base_url must hold neither credentials nor a query: pass them as arguments.")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigurationError(
            f"base_url {parts.scheme}://{parts.hostname} would send the API key unencrypted: use https; plain http is "
            "for a sandbox on this machine (127.0.0.1, localhost) only."
        )
    return url.strip().rstrip("/")


def read_timezone(timezone: str | tzinfo | None) -> tzinfo | None:
    """Read a time zone given by IANA name or as `tzinfo`.

    Raises:
        ValidationError: No zone has this name.
    """
    if timezone is None or isinstance(timezone, tzinfo):
        return timezone
    try:
        return ZoneInfo(timezone)
    except (KeyError, ValueError, OSError, TypeError):
        raise ValidationError(
            f"timezone={timezone!r} is no time zone: give an IANA name such as 'America/Chicago', or a tzinfo."
        ) from None


def _split(url: str) -> SplitResult | None:
    if not isinstance(url, str) or not url.isprintable() or " " in url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
        has_port = parts.port != 0
    except ValueError:  # a bracket left open, a port that is no number
        return None
    return parts if has_port else None


def is_loopback(host: str) -> bool:
    """Whether a host name or address means this machine itself."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _are(names: list[str]) -> str:
    return "is" if len(names) == 1 else "are"
