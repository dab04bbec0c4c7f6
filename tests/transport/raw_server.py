"""A small server on a real socket, which treats its connections as a test wants."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.waiting import PATIENCE_S

Manner = Callable[[socket.socket], None]
"""What to do on a connection once a request's head has come."""


@dataclass
class Wires:
    """A running server.

    Attributes:
        base_url: Its address.
        heads: Each request's first line and headers, as they came.
        connections: How many connections were made.
        let_go: Set when the test is over, so that stalls end.
    """

    base_url: str
    heads: list[str] = field(default_factory=list)
    connections: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)

    def stall(self, connection: socket.socket) -> None:
        """Never answer."""
        self.let_go.wait(PATIENCE_S)

    def stall_and_hang_up(self, connection: socket.socket) -> None:
        """Close without a word when the test says so."""
        self.stall(connection)
        hang_up(connection)

    def drip(self, before: bytes, drop: bytes, every_s: float) -> Manner:
        """Send the beginning, then a little more now and then, without end."""

        def manner(connection: socket.socket) -> None:
            connection.sendall(before)
            while not self.let_go.wait(every_s):
                connection.sendall(drop)

        return manner


@contextmanager
def wires(manner: Manner | None = None) -> Generator[tuple[Wires, list[Manner]]]:
    """Serve: each request is treated by the next of the manners, and all further ones by the last."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = Wires(f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
    manners = [manner or say(b"{}")]
    threads: list[threading.Thread] = []

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                server.connections += 1
                threads.append(threading.Thread(target=attend, args=(connection,), daemon=True))
                threads[-1].start()

    def attend(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while head := _head(connection):
                server.heads.append(head)
                (manners.pop(0) if len(manners) > 1 else manners[0])(connection)

    threads.append(threading.Thread(target=accept, daemon=True))
    threads[0].start()
    try:
        yield server, manners
    finally:
        server.let_go.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        for thread in threads:
            thread.join(PATIENCE_S)


def say(body: bytes, status: str = "200 OK", **headers: str) -> Manner:
    """Answer and keep the connection; `content_encoding="gzip"` becomes that header."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *(f"{name}: {named[name]}" for name in named)]
    return lambda connection: connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)


def half(connection: socket.socket) -> None:
    """Promise a hundred bytes, send two, hang up."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{}")
    connection.shutdown(socket.SHUT_RDWR)


def hang_up(connection: socket.socket) -> None:
    """Close without sending anything."""
    connection.shutdown(socket.SHUT_RDWR)


def reset(connection: socket.socket) -> None:
    """Reset the connection."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def babble(connection: socket.socket) -> None:
    """Answer with something that is not HTTP."""
    connection.sendall(b"220 smtp.example.com ESMTP\r\n")
    connection.shutdown(socket.SHUT_RDWR)


def dead_url() -> str:
    """An address of this machine at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    return f"http://127.0.0.1:{port}/v1"


def _head(connection: socket.socket) -> str:
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        more = connection.recv(1)
        if not more:
            return ""
        head += more
    return head.decode("latin-1")
