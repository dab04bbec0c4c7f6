"""HTTP with httpx2. Only this module knows the library and the network.

Network errors are returned as a `Fault`; nothing is raised. Redirects are not followed, so the key is sent to the
base URL only.

The request timeout limits the whole exchange, while the library's own timeouts limit each step of it. With asyncio
the limit is exact. Without asyncio, each step gets the time that is left. Then only a server that sends its headers or
its last bytes very slowly can exceed the limit; in the case of the last bytes, by less than the timeout again.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from functools import cache
from typing import Any, TypedDict

import httpx2

from sonnys_data_client.config import Account
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response
from sonnys_data_client.version import __version__

_CONNECTIONS_MAX = 32
_USER_AGENT = f"sonnys-data-client/{__version__}"


@cache
def _tls() -> ssl.SSLContext:
    """Return the process's one TLS context.

    Building one takes 30 ms, and a program may have hundreds of clients.
    """
    return httpx2.create_ssl_context()


class HttpTransport:
    """Sends the requests of one account. Safe to use from several threads.

    Args:
        account: Credentials and address.
        timeout_s: The request timeout: seconds for one whole exchange.
    """

    def __init__(self, account: Account, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._client = httpx2.Client(**_settings(account, timeout_s))

    def exchange(self, request: Request) -> Outcome:
        """Send a request, and return the response or the fault."""
        left = _TimeLeft(self._timeout_s)
        try:
            with self._client.stream(
                request.method, request.path, params=request.query, extensions={"timeout": left}
            ) as response:
                chunks = []
                for chunk in response.iter_bytes():
                    chunks.append(chunk)
                    if left.is_over():
                        return _too_slow(self._timeout_s)
                return _response(response, b"".join(chunks))
        except Exception as error:  # noqa: BLE001 - a client closed meanwhile raises anything
            return _fault(error, self._timeout_s, closed=self.closed)

    @property
    def closed(self) -> bool:
        """Whether it was closed. A closed transport sends nothing."""
        return self._client.is_closed

    def close(self) -> None:
        """Close all connections."""
        self._client.close()


class AsyncHttpTransport:
    """The same for asyncio, in one event loop.

    Args:
        account: Credentials and address.
        timeout_s: The request timeout: seconds for one whole exchange.
    """

    def __init__(self, account: Account, timeout_s: float) -> None:
        self._timeout_s = timeout_s
        self._client = httpx2.AsyncClient(**_settings(account, timeout_s))

    async def exchange(self, request: Request) -> Outcome:
        """Send a request, and return the response or the fault."""
        try:
            async with asyncio.timeout(self._timeout_s):
                response = await self._client.request(request.method, request.path, params=request.query)
            return _response(response, response.content)
        except Exception as error:  # noqa: BLE001 - a client closed meanwhile raises anything
            return _fault(error, self._timeout_s, closed=self.closed)

    @property
    def closed(self) -> bool:
        """Whether it was closed. A closed transport sends nothing."""
        return self._client.is_closed

    async def close(self) -> None:
        """Close all connections."""
        await self._client.aclose()


class _TimeLeft(dict[str, float]):
    """The library's timeouts: each is the time left for the whole exchange.

    The library reads them when a step begins.
    """

    def __init__(self, timeout_s: float) -> None:
        super().__init__()
        self._deadline = time.monotonic() + timeout_s

    def get(self, step: str, default: Any = None, /) -> float:  # noqa: ARG002 - a `dict`'s own signature
        return max(0.001, self._deadline - time.monotonic())

    def is_over(self) -> bool:
        return time.monotonic() > self._deadline


class _Settings(TypedDict):
    base_url: str
    headers: dict[str, str]
    timeout: float
    limits: httpx2.Limits
    verify: ssl.SSLContext
    follow_redirects: bool


def _settings(account: Account, timeout_s: float) -> _Settings:
    _keep_urls_out_of_logs()
    return {
        "base_url": account.base_url,
        "headers": {
            **account.headers(),
            "accept": "application/json",
            "user-agent": _USER_AGENT,
        },
        "timeout": timeout_s,
        "limits": httpx2.Limits(max_connections=_CONNECTIONS_MAX, max_keepalive_connections=_CONNECTIONS_MAX),
        "verify": _tls(),
        "follow_redirects": False,
    }


def _keep_urls_out_of_logs() -> None:
    """Raise the library's log level.

    At INFO it logs whole URLs, whose queries may name customers.
    """
    for name in ("httpx2", "httpcore2"):
        logger = logging.getLogger(name)
        if logger.level == logging.NOTSET:
            logger.setLevel(logging.WARNING)


def _response(response: httpx2.Response, body: bytes) -> Response:
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Response(response.status_code, body, headers)


def _too_slow(timeout_s: float) -> Fault:
    return Fault(FaultKind.TIMED_OUT, f"{timeout_s:g} s")


def _fault(error: Exception, timeout_s: float, *, closed: bool) -> Fault:
    if closed:  # then the library may raise any error of a closed connection
        return Fault(FaultKind.BROKEN, "the client was closed meanwhile")
    if isinstance(error, httpx2.ConnectTimeout | httpx2.PoolTimeout):
        return Fault(FaultKind.UNREACHABLE, f"no connection within {timeout_s:g} s")
    if isinstance(error, httpx2.ConnectError | httpx2.ProxyError):
        return Fault(FaultKind.UNREACHABLE, str(error))
    if isinstance(error, httpx2.TimeoutException | TimeoutError):
        return _too_slow(timeout_s)
    return Fault(FaultKind.BROKEN, str(error) or type(error).__name__)
