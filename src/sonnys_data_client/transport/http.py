"""HTTP with httpcore2. Only this room knows the library and the network.

Network errors are returned as a `Fault`; nothing is raised. Redirects are not followed, so the key is sent to the base
URL only. Cookies are not kept, and URLs are not logged, because queries may name customers.

The server is not trusted. The request timeout bounds the whole exchange, whatever the server does, and `max_body_bytes`
the body after unpacking. A connection is used again only if nothing came on it beyond the reply that was asked for.

Connections belong to the process that made them. After a fork, the child connects anew.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from contextlib import aclosing
from typing import Any, TypedDict
from urllib.parse import quote, urlencode, urlsplit

import httpcore2

from sonnys_data_client.config import Account
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response
from sonnys_data_client.per_process import PerProcess
from sonnys_data_client.secret import redacted
from sonnys_data_client.transport import DEFAULT_MAX_BODY_BYTES
from sonnys_data_client.transport.aio_streams import AsyncBackend
from sonnys_data_client.transport.body import ACCEPTED_ENCODING, Body, BodyRefusedError
from sonnys_data_client.transport.environment import ProxyServer, find_proxy, tls_context
from sonnys_data_client.transport.streams import Backend
from sonnys_data_client.version import __version__

_IDLE_CONNECTIONS_MAX = 32
_IDLE_S_MAX = 5.0
_KEPT_IN_PATHS = "/%:@!$&'()*+,;=~"
"""What a path may hold as it is. The engine has quoted what people gave it."""


class HttpTransport:
    """Sends the requests of one account. Safe to use from several threads, and in a forked child.

    Args:
        account: Credentials and address.
        timeout_s: The request timeout: seconds for one whole exchange.
        max_body_bytes: The largest body that is read, after unpacking.

    Raises:
        ConfigurationError: The environment names a proxy or certificates that cannot be used.
    """

    def __init__(self, account: Account, timeout_s: float, max_body_bytes: int = DEFAULT_MAX_BODY_BYTES) -> None:
        self._address = _Address(account, timeout_s, max_body_bytes)
        self._pools = PerProcess(lambda: httpcore2.ConnectionPool(**self._address.pool(), network_backend=Backend()))
        self._closed = False

    def exchange(self, request: Request) -> Outcome:
        """Send a request, and return the response or the fault."""
        pool = self._pools.get()
        try:
            if self._closed:
                return _CLOSED
            response = pool.handle_request(self._address.wire_request(request))
            try:
                headers = _headers(response.headers)
                body = Body(headers, self._address.max_body_bytes)
                for chunk in response.iter_stream():
                    body.add(chunk)
                if _has_more_than_asked(response):
                    response.extensions["network_stream"].close()
            finally:
                response.close()
            return Response(response.status, body.whole(), headers)
        except Exception as error:  # noqa: BLE001 - a client closed meanwhile raises anything
            return _fault(error, self._address.timeout_s, closed=self._closed)
        finally:
            if self._closed:  # by another thread, which may not have seen this connection
                pool.close()

    @property
    def closed(self) -> bool:
        """Whether it was closed. A closed transport sends nothing."""
        return self._closed

    def close(self) -> None:
        """Close all connections of this process."""
        self._closed = True
        pool = self._pools.made()
        if pool is not None:
            pool.close()


class AsyncHttpTransport:
    """The same for asyncio, in one event loop of each process.

    Args:
        account: Credentials and address.
        timeout_s: The request timeout: seconds for one whole exchange.
        max_body_bytes: The largest body that is read, after unpacking.

    Raises:
        ConfigurationError: The environment names a proxy or certificates that cannot be used.
    """

    def __init__(self, account: Account, timeout_s: float, max_body_bytes: int = DEFAULT_MAX_BODY_BYTES) -> None:
        self._address = _Address(account, timeout_s, max_body_bytes)
        self._pools = PerProcess(
            lambda: httpcore2.AsyncConnectionPool(**self._address.pool(), network_backend=AsyncBackend())
        )
        self._closed = False

    async def exchange(self, request: Request) -> Outcome:
        """Send a request, and return the response or the fault."""
        pool = self._pools.get()
        try:
            if self._closed:
                return _CLOSED
            response = await pool.handle_async_request(self._address.wire_request(request))
            try:
                headers = _headers(response.headers)
                body = Body(headers, self._address.max_body_bytes)
                async with aclosing(response.aiter_stream()) as chunks:
                    async for chunk in chunks:
                        body.add(chunk)
                if _has_more_than_asked(response):
                    await response.extensions["network_stream"].aclose()
            finally:
                await response.aclose()
            return Response(response.status, body.whole(), headers)
        except Exception as error:  # noqa: BLE001 - a client closed meanwhile raises anything
            return _fault(error, self._address.timeout_s, closed=self._closed)
        finally:
            if self._closed:
                await pool.aclose()

    @property
    def closed(self) -> bool:
        """Whether it was closed. A closed transport sends nothing."""
        return self._closed

    async def close(self) -> None:
        """Close all connections of this process."""
        self._closed = True
        pool = self._pools.made()
        if pool is not None:
            await pool.aclose()


class _PoolOptions(TypedDict):
    ssl_context: Any
    proxy: httpcore2.Proxy | None
    max_connections: int | None
    max_keepalive_connections: int
    keepalive_expiry: float


class _Address:
    """Where requests go, how, and what each of them carries."""

    def __init__(self, account: Account, timeout_s: float, max_body_bytes: int) -> None:
        _hush()
        base = urlsplit(account.base_url)
        host = (base.hostname or "").encode("idna").decode()
        self._account = account
        self.timeout_s = timeout_s
        self.max_body_bytes = max_body_bytes
        self._scheme, self._host, self._port = base.scheme, host, base.port
        self._path = quote(base.path, safe=_KEPT_IN_PATHS)
        self._proxy: ProxyServer | None = find_proxy(account.base_url)
        shown_host = f"[{host}]" if ":" in host else host
        self._headers = {
            "host": shown_host if base.port is None else f"{shown_host}:{base.port}",
            "accept": "application/json",
            "accept-encoding": ACCEPTED_ENCODING,
            "user-agent": f"sonnys-data-client/{__version__}",
        }
        if self._scheme == "https":
            tls_context()  # certificates that cannot be read are told of now, and not at the first request

    def pool(self) -> _PoolOptions:
        """The arguments of a pool of connections. How many there may be is for the throttle to say."""
        proxy = self._proxy
        auth = None if proxy is None or proxy.auth is None else (proxy.auth[0], proxy.auth[1].reveal())
        return {
            "ssl_context": tls_context() if self._scheme == "https" else None,
            "proxy": None if proxy is None else httpcore2.Proxy(proxy.url, auth=auth),
            "max_connections": None,
            "max_keepalive_connections": _IDLE_CONNECTIONS_MAX,
            "keepalive_expiry": _IDLE_S_MAX,
        }

    def wire_request(self, request: Request) -> httpcore2.Request:
        """The library's request. Its timeouts are one moment, which the streams understand."""
        query = f"?{urlencode(request.query)}" if request.query else ""
        target = f"{self._path}{quote(request.path, safe=_KEPT_IN_PATHS)}{query}"
        deadline = time.monotonic() + self.timeout_s
        return httpcore2.Request(
            request.method,
            httpcore2.URL(scheme=self._scheme, host=self._host, port=self._port, target=target),
            headers=[*self._headers.items(), *self._account.headers().items(), *request.headers.items()],
            extensions={"timeout": dict.fromkeys(("connect", "read", "write"), deadline)},
        )


def _headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Headers with lower-case names; the values of one that comes twice stand side by side, as HTTP has it."""
    headers: dict[str, str] = {}
    for name_bytes, value_bytes in raw:
        name, value = name_bytes.decode("latin-1").lower(), value_bytes.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _has_more_than_asked(response: httpcore2.Response) -> bool:
    """Whether the bytes that brought a reply's end brought more, which would then answer the next request.

    The library keeps such bytes inside, so this looks there. Should the inside ever change, no connection is used
    twice, and `tests/transport/test_http.py` says so.
    """
    try:
        stream: Any = response.stream
        return bool(stream._stream._connection._h11_state.trailing_data[0])  # noqa: SLF001
    except AttributeError:
        return True


def _fault(error: Exception, timeout_s: float, *, closed: bool) -> Fault:
    if closed:  # the library raises whatever its torn connections do
        return _CLOSED
    match error:
        case httpcore2.ConnectTimeout():
            return Fault(FaultKind.UNREACHABLE, f"no connection within {timeout_s:g} s")
        case httpcore2.ConnectError() | httpcore2.ProxyError():
            return Fault(FaultKind.UNREACHABLE, str(error))
        case httpcore2.TimeoutException():
            return Fault(FaultKind.TIMED_OUT, f"{timeout_s:g} s")
        case BodyRefusedError():
            return Fault(FaultKind.OVERSIZED, str(error))
        case _:
            # What follows is the server's own bytes, which may name a customer.
            said, _, _ = str(error).partition(": bytearray(")
            return Fault(FaultKind.BROKEN, said or type(error).__name__)


_CLOSED = Fault(FaultKind.BROKEN, "the client was closed meanwhile")


class _WithoutSecrets(logging.Filter):
    """Leaves the secrets out of a line."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change the line, and let it pass."""
        record.msg, record.args = redacted(record.getMessage()), ()
        return True


_without_secrets = _WithoutSecrets()


def _hush() -> None:
    """Keep the library's steps out of the logs of programs that log everything, and secrets out of all its lines.

    The lines hold what a server sent, which may be the key that it was sent, and a SOCKS proxy's password.
    """
    logger = logging.getLogger("httpcore2")
    if logger.level == logging.NOTSET:
        logger.setLevel(logging.WARNING)
    for name in list(logging.root.manager.loggerDict):  # a filter sees the lines of its own logger only
        if name.partition(".")[0] == "httpcore2":
            logging.getLogger(name).addFilter(_without_secrets)
