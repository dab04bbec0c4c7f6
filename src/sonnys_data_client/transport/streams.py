"""Sync connections: every step ends at the request's deadline, and a reply can only follow its request.

The HTTP library gives each step a timeout of its own, so a server that sends a byte now and then can hold a request
for ever: in headers, chunk sizes, trailers, or informational replies without end. Here the transport hands the library
the *moment* at which the request's time is up, where the library expects a duration, and each step waits until then.
Because every byte passes through these streams, no trick of a server can outlast the deadline.

Before the first byte of a request goes out, the stream looks whether the server has already sent something. If so,
those bytes answer nothing that was asked, and the connection is not used.

Two things are not bounded: the system's own name lookup, and TLS records that drip in through a proxy which itself is
reached by TLS (an `https://` proxy).
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable
from typing import Any

import httpcore2

NOISY = "the server sent something before it was asked"


def time_left(deadline: float | None, expired: type[Exception]) -> float:
    """Return the seconds until a moment of the monotonic clock; a step that has none gets none.

    Raises:
        Exception: It is past; of the given type.
    """
    left_s = (deadline or 0.0) - time.monotonic()
    if left_s <= 0:
        raise expired
    return left_s


class Backend(httpcore2.NetworkBackend):
    """Connects over TCP."""

    def __init__(self) -> None:
        self._tcp = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first of a host's addresses that answers, by the moment `timeout`.

        An address that stays silent gets its share of the time that is left, so that the next one can be tried.
        """
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as problem:
            raise httpcore2.ConnectError(str(problem)) from problem
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for position, address in enumerate(addresses):
            share_s = time_left(timeout, httpcore2.ConnectTimeout) / (len(addresses) - position)
            try:
                return Stream(self._tcp.connect_tcp(address, port, share_s, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as problem:
                failure = problem
        raise failure


class Stream(httpcore2.NetworkStream):
    """A connection. The `timeout` of each method is the moment at which the request's time is up.

    Args:
        inner: The library's own stream.
    """

    def __init__(self, inner: httpcore2.NetworkStream) -> None:
        self._inner = inner
        self._asked = False
        self._heard = False

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read what has come, at least a byte; nothing at the end of the connection."""
        data = self._inner.read(max_bytes, time_left(timeout, httpcore2.ReadTimeout))
        self._heard = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write all bytes.

        Raises:
            ConnectionNotAvailable: These would begin a request on a connection that the server has closed, or sent
                something on. Nothing was sent; the library then takes another connection.
        """
        left_s = time_left(timeout, httpcore2.WriteTimeout)
        if buffer and (self._heard or not self._asked):
            unasked = self._unasked()
            if self._asked and unasked is not None:
                raise httpcore2.ConnectionNotAvailable
            if unasked:
                raise httpcore2.RemoteProtocolError(NOISY)
            self._asked, self._heard = True, False
        self._inner.write(buffer, left_s)

    def close(self) -> None:
        """Close the connection."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        """Begin TLS on this connection. Whoever calls this lets go of it, so it is closed if that fails."""
        try:
            left_s = time_left(timeout, httpcore2.ConnectTimeout)
        except httpcore2.ConnectTimeout:
            self.close()
            raise
        return Stream(self._inner.start_tls(ssl_context, server_hostname, left_s))

    def get_extra_info(self, info: str) -> Any:
        """What the library asks about a connection."""
        return self._inner.get_extra_info(info)

    def _unasked(self) -> bytes | None:
        """What has come and was not read: None for nothing, no bytes for the connection's end. It is lost by this."""
        try:
            return self._inner.read(1, 0.0)
        except httpcore2.ReadError as problem:
            # TLS has messages of its own, such as a new session's ticket: they are taken in here, and are no answer.
            is_quiet = isinstance(problem.__cause__, BlockingIOError | ssl.SSLWantReadError)
            return None if is_quiet else b""
