"""Sync connections: each step ends by the deadline, and nothing that came unasked answers a request."""

from __future__ import annotations

import collections
import socket
import threading
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import closing, contextmanager
from typing import Any

import httpcore2
import pytest

from sonnys_data_client.transport.streams import Backend, Stream, time_left


def soon(seconds: float = 10.0) -> float:
    return time.monotonic() + seconds


@contextmanager
def connection() -> Generator[tuple[Stream, socket.socket]]:
    """Both ends of a connection."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        stream = Backend().connect_tcp("127.0.0.1", listener.getsockname()[1], soon())
        assert isinstance(stream, Stream)
        server, _ = listener.accept()
        with server, closing(stream):
            yield stream, server


def arrive(stream: Stream) -> None:
    """Wait until something has come, or the connection's end."""
    until = soon()
    while not stream.get_extra_info("is_readable"):
        assert time.monotonic() < until
        time.sleep(0.005)


def ask(stream: Stream, server: socket.socket, answer: bytes = b"answer") -> bytes:
    """One request and its answer."""
    stream.write(b"request", soon())
    assert server.recv(100) == b"request"
    server.sendall(answer)
    return stream.read(100, soon())


def test_what_is_written_arrives_and_is_answered() -> None:
    with connection() as (stream, server):
        assert ask(stream, server) == b"answer"
        assert ask(stream, server) == b"answer"
        stream.write(b"", soon())
        server.close()
        arrive(stream)
        assert stream.read(100, soon()) == b""


def test_a_step_without_a_deadline_gets_no_time() -> None:
    assert 0 < time_left(soon(), TimeoutError) <= 10
    for deadline in (None, 0.0, time.monotonic()):
        with pytest.raises(httpcore2.ReadTimeout):
            time_left(deadline, httpcore2.ReadTimeout)


def test_each_step_ends_by_the_deadline() -> None:
    with connection() as (stream, server):
        with pytest.raises(httpcore2.ReadTimeout):
            stream.read(100, soon(0.05))
        with pytest.raises(httpcore2.ReadTimeout):
            stream.read(100, soon(-1))
        with pytest.raises(httpcore2.WriteTimeout):
            stream.write(b"request", soon(-1))
        with pytest.raises(httpcore2.ConnectTimeout):
            stream.start_tls(None, "localhost", soon(-1))  # type: ignore[arg-type]  # time is up before it is used
        assert server.recv(1) == b"", "nobody has this connection any more, so it is closed"
    with pytest.raises(httpcore2.ConnectTimeout):
        Backend().connect_tcp("127.0.0.1", 9, soon(-1))


def test_a_server_that_reads_nothing_does_not_hold_a_request_up() -> None:
    with connection() as (stream, _), pytest.raises(httpcore2.WriteTimeout):
        stream.write(bytes(50_000_000), soon(0.1))


def test_a_server_that_speaks_first_is_not_asked() -> None:
    with connection() as (stream, server):
        server.sendall(b"answer to nobody")
        arrive(stream)
        with pytest.raises(httpcore2.RemoteProtocolError, match="sent something before it was asked"):
            stream.write(b"request", soon())
        server.setblocking(False)
        with pytest.raises(BlockingIOError):
            server.recv(100)


@pytest.mark.parametrize("end", [lambda server: server.sendall(b"more"), socket.socket.close])
def test_a_connection_that_said_more_or_closed_is_left_for_another(end: Callable[[socket.socket], None]) -> None:
    with connection() as (stream, server):
        assert ask(stream, server) == b"answer"
        end(server)
        arrive(stream)
        with pytest.raises(httpcore2.ConnectionNotAvailable):
            stream.write(b"request", soon())


def test_a_request_in_several_writes_is_one_request() -> None:
    with connection() as (stream, server):
        stream.write(b"head", soon())
        server.sendall(b"early answer")
        arrive(stream)
        stream.write(b"body", soon())
        assert stream.read(100, soon()) == b"early answer"


def test_nobody_there_is_a_connect_error(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(httpcore2.ConnectError):
        Backend().connect_tcp("127.0.0.1", port, soon())
    with pytest.raises(httpcore2.ConnectError):
        Backend().connect_tcp("host.invalid", port, soon())
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    with pytest.raises(httpcore2.ConnectError, match="has no address"):
        Backend().connect_tcp("host.invalid", port, soon())


def test_an_address_that_stays_silent_leaves_time_for_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[tuple[str, float]] = []

    class Tcp(httpcore2.NetworkBackend):
        def connect_tcp(
            self,
            host: str,
            port: int,
            timeout: float | None = None,
            local_address: str | None = None,
            socket_options: Iterable[Any] | None = None,
        ) -> httpcore2.NetworkStream:
            assert timeout is not None
            tried.append((host, timeout))
            if host != "192.0.2.3":
                raise httpcore2.ConnectTimeout
            return httpcore2.NetworkStream()

    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (f"192.0.2.{last}", 443)) for last in (1, 2, 2, 3, 4)]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    backend = Backend()
    monkeypatch.setattr(backend, "_tcp", Tcp())
    assert isinstance(backend.connect_tcp("example.com", 443, soon(12)), Stream)
    assert [host for host, _ in tried] == ["192.0.2.1", "192.0.2.2", "192.0.2.3"]
    assert [round(share_s) for _, share_s in tried] == [3, 4, 6]


def test_a_deadline_holds_while_bytes_keep_coming() -> None:
    over = threading.Event()

    def drip(server: socket.socket) -> None:
        while not over.wait(0.01):
            server.sendall(b"x")

    with connection() as (stream, server):
        stream.write(b"request", soon())
        dripping = threading.Thread(target=drip, args=(server,))
        dripping.start()
        deadline = soon(0.2)
        with pytest.raises(httpcore2.ReadTimeout):
            collections.deque(iter(lambda: stream.read(100, deadline), b""), maxlen=0)
        over.set()
        dripping.join(10)
