"""What the environment says about connections: a proxy, and which certificates to trust.

It is read when a client is made. So a value that cannot be right is one sentence at once, and not a traceback of the
HTTP library at the first request. Values are not quoted: a proxy's address may hold a password.
"""

from __future__ import annotations

import os
import ssl
from dataclasses import dataclass, field
from importlib.util import find_spec
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

import httpcore2

from sonnys_data_client.config import is_loopback
from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.per_process import PerProcess
from sonnys_data_client.secret import Secret

_PROXY_PORTS = {"http": 80, "https": 443, "socks5": 1080, "socks5h": 1080}
_PROXY_VARIABLES = ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")
_EXAMPLE = "http://proxy.example.com:3128"


@dataclass(frozen=True, slots=True)
class ProxyServer:
    """The proxy that requests go through.

    Attributes:
        url: Its address, without credentials.
        auth: User name and password, or None.
    """

    url: str
    auth: tuple[str, Secret] | None = field(default=None, repr=False)


def find_proxy(base_url: str) -> ProxyServer | None:
    """Find the proxy for an address: in `HTTPS_PROXY`, else `ALL_PROXY`, unless `NO_PROXY` names the host.

    An address on this machine never has one: its requests would carry the key to the proxy, unencrypted.

    Raises:
        ConfigurationError: The proxy's address cannot be right, or the proxy needs a package that is not installed.
    """
    base = urlsplit(base_url)
    host = base.hostname or ""
    if is_loopback(host) or proxy_bypass(host if ":" in host else f"{host}:{base.port or 443}"):
        return None
    proxies = getproxies()
    address = proxies.get("https") or proxies.get("all")
    if not address:
        return None
    where = next((name for name in _PROXY_VARIABLES if os.environ.get(name) == address), "the system's proxy")
    parts = _split(address if "://" in address else f"http://{address}")
    if parts is None:
        raise ConfigurationError(
            "is not the address of a proxy", parameter=where, remedy=f"Give one such as {_EXAMPLE}, or unset it."
        )
    if parts.scheme.startswith("socks") and find_spec("socksio") is None:
        raise ConfigurationError(
            "names a SOCKS proxy, which needs the package socksio",
            parameter=where,
            remedy="Run pip install socksio, or name an HTTP proxy.",
        )
    auth = (unquote(parts.username), Secret(unquote(parts.password or ""))) if parts.username else None
    shown_host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return ProxyServer(f"{parts.scheme}://{shown_host}:{parts.port or _PROXY_PORTS[parts.scheme]}", auth)


def _split(address: str) -> SplitResult | None:
    try:
        parts = urlsplit(address)
        is_good = parts.scheme in _PROXY_PORTS and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket left open
        return None
    return parts if is_good and address.isascii() and address.isprintable() and " " not in address else None


def tls_context() -> ssl.SSLContext:
    """Return the process's TLS context: building one takes 30 ms, and a vendor has hundreds of clients.

    Certificates are those that the system trusts, or those of `SSL_CERT_FILE` or `SSL_CERT_DIR`.

    Raises:
        ConfigurationError: That file cannot be read, or holds no certificates.
    """
    return _tls.get()


def _make_tls_context() -> ssl.SSLContext:
    # An `ssl.create_default_context` takes a folder that is not there for an empty one, and then trusts nobody.
    for name, is_there in (("SSL_CERT_FILE", os.path.isfile), ("SSL_CERT_DIR", os.path.isdir)):
        path = os.environ.get(name)
        if path and not is_there(path):
            what = "file" if name == "SSL_CERT_FILE" else "directory"
            raise ConfigurationError(
                f"is not a {what}",
                parameter=name,
                value=path,
                remedy="Name one with certificates to trust, or unset it.",
            )
        if path:
            break  # the first of the two is taken, and the other one ignored
    try:
        return httpcore2.default_ssl_context()
    except OSError as problem:  # `ssl.SSLError` is one, too
        raise ConfigurationError(
            f"cannot be used ({problem.strerror or problem})",
            parameter="SSL_CERT_FILE",
            value=os.environ.get("SSL_CERT_FILE"),
            remedy="Name a file with certificates to trust, in PEM, or unset it.",
        ) from None


_tls = PerProcess(_make_tls_context)
