"""Async connections: each step ends by the deadline, and nothing that came unasked answers a request."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from typing import Any

import httpcore2
import pytest

from sonnys_data_client.transport.aio_streams import AsyncBackend, AsyncStream


def soon(seconds: float = 10.0) -> float:
    return time.monotonic() + seconds


@asynccontextmanager
async def connection() -> AsyncGenerator[tuple[AsyncStream, socket.socket]]:
    """Both ends of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = await AsyncBackend().connect_tcp("127.0.0.1", listener.getsockname()[1], soon())
        assert isinstance(stream, AsyncStream)
        server, _ = listener.accept()
        with server:
            try:
                yield stream, server
            finally:
                await stream.aclose()


async def arrive(stream: AsyncStream) -> None:
    """Wait until something has come, or the connection's end."""
    until = soon()
    while not stream.get_extra_info("is_readable"):
        assert time.monotonic() < until
        await asyncio.sleep(0.005)


async def ask(stream: AsyncStream, server: socket.socket) -> bytes:
    """One request and its answer."""
    await stream.write(b"request", soon())
    assert server.recv(100) == b"request"
    server.sendall(b"answer")
    return await stream.read(100, soon())


Story = Callable[[], Coroutine[Any, Any, None]]


def told(story: Story) -> Callable[[], None]:
    """A story in an event loop, as a test."""
    return lambda: asyncio.run(story())


async def what_is_written_arrives_and_is_answered() -> None:
    async with connection() as (stream, server):
        assert await ask(stream, server) == b"answer"
        assert await ask(stream, server) == b"answer"
        await stream.write(b"", soon())
        server.close()
        assert await stream.read(100, soon()) == b""


async def what_came_is_read_in_pieces_and_before_the_end() -> None:
    async with connection() as (stream, server):
        await stream.write(b"request", soon())
        assert server.recv(100) == b"request"
        server.sendall(b"answer")
        server.close()
        await arrive(stream)
        assert [await stream.read(4, soon()) for _ in range(3)] == [b"answ", b"er", b""]


async def a_flood_is_not_buffered_beyond_measure() -> None:
    async with connection() as (stream, server):
        await stream.write(b"request", soon())
        server.setblocking(False)
        for _ in range(200):
            try:
                server.send(bytes(1_000_000))
            except BlockingIOError:
                break
            await asyncio.sleep(0.001)
        else:
            pytest.fail("the client took 200 MB that nobody had read")
        assert sum(map(len, stream._wire.chunks)) < 2_000_000
        while stream._wire.chunks:
            await stream.read(1_000_000, soon())
        assert await stream.read(100, soon()) == bytes(100), "the rest comes once there is room"


async def each_step_ends_by_the_deadline() -> None:
    async with connection() as (stream, server):
        for deadline in (soon(0.05), soon(-1), None):
            with pytest.raises(httpcore2.ReadTimeout):
                await stream.read(100, deadline)
        with pytest.raises(httpcore2.WriteTimeout):
            await stream.write(b"request", soon(-1))
        with pytest.raises(httpcore2.ConnectTimeout):
            await stream.start_tls(None, "localhost", soon(-1))  # type: ignore[arg-type]  # not used any more
        await stream._wire.lost.wait()
        with suppress(ConnectionResetError):
            assert server.recv(1) == b"", "nobody has this connection any more, so it is closed"
    with pytest.raises(httpcore2.ConnectTimeout):
        await AsyncBackend().connect_tcp("127.0.0.1", 9, soon(-1))


async def a_server_that_reads_nothing_does_not_hold_a_request_up() -> None:
    async with connection() as (stream, _):
        with pytest.raises(httpcore2.WriteTimeout):
            await stream.write(bytes(50_000_000), soon(0.1))


async def a_server_that_speaks_first_is_not_asked() -> None:
    async with connection() as (stream, server):
        server.sendall(b"answer to nobody")
        time.sleep(0.02)  # noqa: ASYNC251 - the event loop has not seen it yet
        with pytest.raises(httpcore2.RemoteProtocolError, match="sent something before it was asked"):
            await stream.write(b"request", soon())
        with pytest.raises(httpcore2.ConnectError, match="sent something before it was asked"):
            await stream.start_tls(None, "localhost", soon())  # type: ignore[arg-type]  # not used any more


async def a_connection_that_said_more_is_left_for_another() -> None:
    async with connection() as (stream, server):
        assert await ask(stream, server) == b"answer"
        server.sendall(b"more")
        time.sleep(0.02)  # noqa: ASYNC251 - the event loop has not seen it yet
        with pytest.raises(httpcore2.ConnectionNotAvailable):
            await stream.write(b"request", soon())


async def a_connection_that_closed_is_left_for_another() -> None:
    async with connection() as (stream, server):
        assert await ask(stream, server) == b"answer"
        server.close()
        time.sleep(0.02)  # noqa: ASYNC251 - the event loop has not seen it yet
        with pytest.raises(httpcore2.ConnectionNotAvailable):
            await stream.write(b"request", soon())


async def nobody_there_is_a_connect_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    for host in ("127.0.0.1", "host.invalid"):
        with pytest.raises(httpcore2.ConnectError):
            await AsyncBackend().connect_tcp(host, port, soon())


async def a_broken_connection_says_so_after_what_came() -> None:
    async with connection() as (stream, _):
        await stream.write(b"request", soon())
        stream._wire.data_received(b"answer")
        stream._wire.connection_lost(ConnectionResetError("reset by peer"))
        assert await stream.read(100, soon()) == b"answer"
        with pytest.raises(httpcore2.ReadError, match="reset by peer"):
            await stream.read(100, soon())
        with pytest.raises(httpcore2.WriteError, match="reset by peer"):
            await stream.write(b"", soon())


test_what_is_written_arrives_and_is_answered = told(what_is_written_arrives_and_is_answered)
test_what_came_is_read_in_pieces_and_before_the_end = told(what_came_is_read_in_pieces_and_before_the_end)
test_a_flood_is_not_buffered_beyond_measure = told(a_flood_is_not_buffered_beyond_measure)
test_each_step_ends_by_the_deadline = told(each_step_ends_by_the_deadline)
test_a_slow_reader_does_not_hold_a_request_up = told(a_server_that_reads_nothing_does_not_hold_a_request_up)
test_a_server_that_speaks_first_is_not_asked = told(a_server_that_speaks_first_is_not_asked)
test_a_connection_that_said_more_is_left_for_another = told(a_connection_that_said_more_is_left_for_another)
test_a_connection_that_closed_is_left_for_another = told(a_connection_that_closed_is_left_for_another)
test_nobody_there_is_a_connect_error = told(nobody_there_is_a_connect_error)
test_a_broken_connection_says_so_after_what_came = told(a_broken_connection_says_so_after_what_came)
