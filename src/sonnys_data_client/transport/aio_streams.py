"""Async connections: as `streams`, for asyncio.

They are made of asyncio's own transports and not of the library's streams. Those read ahead into buffers that nobody
can look into, and a reply that lies there would answer the next request.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from ipaddress import ip_address
from typing import Any

import httpcore2

from sonnys_data_client.transport.streams import NOISY, time_left

_BUFFERED_MAX = 256 * 1024
_CLOSE_S = 1.0
_NEXT_ADDRESS_S = 0.25
"""How long an address of a host may be silent before the next one is tried beside it (RFC 8305)."""


class AsyncBackend(httpcore2.AsyncNetworkBackend):
    """Connects over TCP, in the running event loop."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the library's name for what is a moment here
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        """Connect by the moment `timeout`. Of a host's addresses, the first that answers is taken."""
        loop = asyncio.get_running_loop()
        # Other event loops, such as uvloop, do not know this argument. It is left out where there is one address only:
        # asyncio's race between addresses may drop a connection made just as the time is up, and not close it.
        races = isinstance(loop, asyncio.BaseEventLoop) and not _is_address(host)
        several: dict[str, Any] = {"happy_eyeballs_delay": _NEXT_ADDRESS_S} if races else {}
        source = None if local_address is None else (local_address, 0)
        try:
            async with asyncio.timeout(time_left(timeout, httpcore2.ConnectTimeout)):
                _, wire = await loop.create_connection(_Wire, host, port, local_addr=source, **several)
        except TimeoutError as problem:
            raise httpcore2.ConnectTimeout from problem
        except OSError as problem:
            raise httpcore2.ConnectError(str(problem)) from problem
        for option in socket_options or ():
            wire.transport.get_extra_info("socket").setsockopt(*option)
        return AsyncStream(wire)


def _is_address(host: str) -> bool:
    """Whether a host is an IP address, and not a name that may have several."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class _Wire(asyncio.Protocol):
    """Holds what the event loop has read, until it is asked for.

    Attributes:
        transport: The event loop's end of the connection.
        chunks: What came and was not read.
        ended: Whether nothing more will come.
        problem: Why the connection broke, if it did.
    """

    transport: asyncio.Transport

    def __init__(self) -> None:
        self.chunks: deque[bytes] = deque()
        self.paused = False
        self.ended = False
        self.problem: Exception | None = None
        self.news = asyncio.Event()
        self.lost = asyncio.Event()
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - what TCP and TLS give
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.chunks.append(data)
        if not self.paused and sum(map(len, self.chunks)) > _BUFFERED_MAX:
            self.paused = True
            self.transport.pause_reading()
        self.news.set()

    def eof_received(self) -> None:
        self.ended = True
        self.news.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.ended = True
        self.problem = exc
        self.news.set()
        self.writable.set()
        self.lost.set()

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def take(self, max_bytes: int) -> bytes:
        """Take the oldest bytes."""
        data = self.chunks.popleft()
        if len(data) > max_bytes:
            self.chunks.appendleft(data[max_bytes:])
            data = data[:max_bytes]
        if self.paused and not self.chunks and not self.ended:
            self.paused = False
            self.transport.resume_reading()
        return data


class AsyncStream(httpcore2.AsyncNetworkStream):
    """A connection. The `timeout` of each method is the moment at which the request's time is up.

    Args:
        wire: The connection's end in the event loop.
    """

    def __init__(self, wire: _Wire) -> None:
        self._wire = wire
        self._asked = False
        self._heard = False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Read what has come, at least a byte; nothing at the end of the connection."""
        wire = self._wire
        left_s = time_left(timeout, httpcore2.ReadTimeout)
        if not wire.chunks and not wire.ended:
            wire.news.clear()
            try:
                async with asyncio.timeout(left_s):
                    await wire.news.wait()
            except TimeoutError as problem:
                raise httpcore2.ReadTimeout from problem
        self._heard = True
        if wire.chunks:
            return wire.take(max_bytes)
        if wire.problem is not None:
            raise httpcore2.ReadError(str(wire.problem)) from wire.problem
        return b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Write all bytes.

        Raises:
            ConnectionNotAvailable: These would begin a request on a connection that the server has closed, or sent
                something on. Nothing was sent; the library then takes another connection.
        """
        wire = self._wire
        left_s = time_left(timeout, httpcore2.WriteTimeout)
        if buffer and (self._heard or not self._asked):
            for _ in range(2):  # one turn for the event loop to see what has arrived, and one to take it in
                await asyncio.sleep(0)
            if self._asked and self._has_something():
                raise httpcore2.ConnectionNotAvailable
            if wire.chunks:
                raise httpcore2.RemoteProtocolError(NOISY)
            self._asked, self._heard = True, False
        if wire.lost.is_set():
            raise httpcore2.WriteError(str(wire.problem or "the connection is closed"))
        wire.transport.write(buffer)
        try:
            async with asyncio.timeout(left_s):
                await wire.writable.wait()
        except TimeoutError as problem:
            raise httpcore2.WriteTimeout from problem

    async def aclose(self) -> None:
        """Close the connection, without waiting for the server."""
        self._wire.transport.abort()
        with suppress(TimeoutError):  # an event loop that has ended says nothing any more
            async with asyncio.timeout(_CLOSE_S):
                await self._wire.lost.wait()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        """Begin TLS on this connection. Whoever calls this lets go of it, so it is closed if that fails."""
        if self._has_something():
            await self.aclose()
            raise httpcore2.ConnectError(NOISY)
        secure = _Wire()
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(time_left(timeout, httpcore2.ConnectTimeout)):
                transport = await loop.start_tls(
                    self._wire.transport, secure, ssl_context, server_hostname=server_hostname
                )
        except BaseException as problem:
            self._wire.transport.abort()
            if isinstance(problem, TimeoutError):
                raise httpcore2.ConnectTimeout from problem
            if isinstance(problem, OSError):  # `ssl.SSLError` is one, too
                raise httpcore2.ConnectError(str(problem)) from problem
            raise
        if transport is None:
            raise httpcore2.ConnectError("the connection was closed during the TLS handshake")
        secure.connection_made(transport)
        return AsyncStream(secure)

    def get_extra_info(self, info: str) -> Any:
        """What the library asks about a connection."""
        if info == "is_readable":
            return self._has_something()
        return self._wire.transport.get_extra_info(info)

    def _has_something(self) -> bool:
        """Whether something has come that was not read, or the server has closed the connection."""
        return bool(self._wire.chunks) or self._wire.ended
