"""One account: its credentials and the API's address, checked before anything is sent."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import SplitResult, urlsplit

from sonnys_data_client.errors import ConfigurationError, Remedy
from sonnys_data_client.secret import Secret

PRODUCTION_URL = "https://trigonapi.sonnyscontrols.com/v1"
"""The live service (spec)."""
VENDOR_SANDBOX_URL = "https://sandboxapi.sonnyscontrols.com/v1"
"""The vendor's own sandbox, with made-up data and credentials of its own (spec)."""

ENV_API_ID = "SONNYS_API_ID"
ENV_API_KEY = "SONNYS_API_KEY"
ENV_SITE_CODE = "SONNYS_SITE_CODE"
ENV_BASE_URL = "SONNYS_BASE_URL"
_SITE_OR_NONE = "Use the text that the BackOffice shows, or leave it out to read all sites."
_VARIABLES = {"api_id": ENV_API_ID, "api_key": ENV_API_KEY, "site_code": ENV_SITE_CODE, "base_url": ENV_BASE_URL}


@dataclass(frozen=True, slots=True, init=False)
class Account:
    """An API ID, its key, perhaps a site code, and the address where they are valid.

    Attributes:
        api_id: The API ID. The throttle counts by it.
        api_key: The secret. It is never shown: not in a repr, log, error or URL. Whoever copies or pickles an account
            gets no text of it.
        site_code: Restricts every request to this site; None for no restriction. Space around it is left out.
        base_url: Address up to the version, without a slash at the end.
    """

    api_id: str
    api_key: Secret = field(repr=False)
    site_code: str | None
    base_url: str

    def __init__(
        self, api_id: str, api_key: str | Secret, site_code: str | None = None, base_url: str = PRODUCTION_URL
    ) -> None:
        secret = api_key if isinstance(api_key, Secret) else Secret(api_key)  # first of all: from now on it is hidden
        code = site_code.strip() if isinstance(site_code, str) else site_code
        _check_text("api_id", api_id, Remedy.CREDENTIALS_TEXT)
        _check_text("api_key", secret.reveal(), Remedy.CREDENTIALS_TEXT)
        if code is not None:
            _check_text("site_code", code, _SITE_OR_NONE)
        checked = {"api_id": api_id, "api_key": secret, "site_code": code, "base_url": check_base_url(base_url)}
        for name, value in checked.items():
            object.__setattr__(self, name, value)

    @property
    def fingerprint(self) -> str:
        """A text that differs for each host, API ID and site code, and that does not reveal the API ID.

        Archives keep it, to notice rows of another account. So it must never change.
        """
        host = urlsplit(self.base_url).hostname
        return hashlib.sha256(f"{host} {self.api_id} {self.site_code}".encode()).hexdigest()[:16]

    @property
    def owner(self) -> str:
        """A text that differs for each address, API ID and site code, and that does not reveal the API ID.

        Every kept job carries it. Only the account that submitted a job may ask for its rows: another server may know
        the hash by chance, and another account or site code may have to see other rows.
        """
        return hashlib.sha256(f"{self.base_url} {self.api_id} {self.site_code}".encode()).hexdigest()[:16]

    def headers(self) -> dict[str, str]:
        """Return the headers with the credentials.

        They hold the secret, so they are for the transport only.
        """
        return {"x-sonnys-api-id": self.api_id, "x-sonnys-api-key": self.api_key.reveal()}


def _check_text(name: str, value: str, remedy: Remedy | str) -> None:
    """Refuse what no header can carry, without showing it."""
    if not isinstance(value, str) or not value.strip():
        raise ConfigurationError("is empty", parameter=name, remedy=remedy)
    if not value.isascii() or not value.isprintable() or value != value.strip():
        raise ConfigurationError(
            "holds spaces at its ends, or characters that no HTTP header can carry",
            parameter=name,
            remedy="Copy it again.",
        )
    if len(value) > 1 and value[0] == value[-1] and value[0] in "'\"`":
        raise ConfigurationError("has quotation marks around it", parameter=name, remedy="Leave them out.")


def account_from_env(environ: Mapping[str, str] | None = None) -> Account:
    """Read an account from the environment.

    The variables are `SONNYS_API_ID`, `SONNYS_API_KEY`, `SONNYS_SITE_CODE` and `SONNYS_BASE_URL`.

    Raises:
        ConfigurationError: The API ID or key is missing, or a value is not allowed.
    """
    env = os.environ if environ is None else environ
    missing = [name for name in (ENV_API_ID, ENV_API_KEY) if not env.get(name)]
    if missing:
        raise ConfigurationError(
            f"{' and '.join(missing)} must be set in the environment, but {_are(missing)} not.",
            remedy="Set both to the text that the BackOffice shows.",
        )
    site_code, base_url = env.get(ENV_SITE_CODE), env.get(ENV_BASE_URL, PRODUCTION_URL)
    try:
        return Account(env[ENV_API_ID], env[ENV_API_KEY], site_code, base_url)
    except ConfigurationError as problem:
        problem.parameter = _VARIABLES[problem.parameter]
        raise


def check_base_url(url: str) -> str:
    """Return the address without a slash at its end, if credentials may be sent there.

    Raises:
        ConfigurationError: It is not a web address, holds credentials or a query, or is plain HTTP to another machine.
    """
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        # Its value is not shown: what cannot be read may hold a password.
        raise ConfigurationError(parameter="base_url", allowed=f"a web address such as {PRODUCTION_URL}")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigurationError(
            "must hold neither credentials nor a query", parameter="base_url", remedy="Leave them out of the address."
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ConfigurationError(
            "would send the API key unencrypted",
            parameter="base_url",
            value=f"{parts.scheme}://{parts.hostname}",
            allowed="https, except for a sandbox on this machine (127.0.0.1, localhost)",
        )
    return url.strip().rstrip("/")


def _split(url: str) -> SplitResult | None:
    if not isinstance(url, str) or not url.isprintable() or " " in url.strip():
        return None
    try:
        parts = urlsplit(url.strip())
        has_port = parts.port != 0
    except ValueError:  # an open bracket, or a port that is not a number
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
