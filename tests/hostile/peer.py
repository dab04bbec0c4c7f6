"""A server on raw sockets that does to its clients what a form says, on a port of its own for each form."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

_PATIENCE_S = 60.0
"""After this, a peer gives up by itself: no test takes as long."""


@dataclass
class Peer:
    """The server's end of one connection.

    Attributes:
        connection: The socket.
        number: How many connections came before it on this port.
        heads: Every request's head on this port, in order.
        over: Set when the test is over.
    """

    connection: socket.socket
    number: int
    heads: list[bytes]
    over: threading.Event

    def hear(self) -> bool:
        """Read one request's head; False if the client has gone."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            more = self.connection.recv(1)
            if not more:
                return False
            head += more
        self.heads.append(head)
        return True

    def say(self, *parts: bytes) -> None:
        """Send something."""
        self.connection.sendall(b"".join(parts))

    def stall(self) -> None:
        """Say nothing more, and keep the connection."""
        self.over.wait(_PATIENCE_S)

    def drip(self, drop: bytes, every_s: float = 0.05) -> None:
        """Send a little every now and then, for ever."""
        while not self.over.wait(every_s):
            self.connection.sendall(drop)

    def flood(self, wave: bytes) -> None:
        """Send as much as the client takes, for ever."""
        while not self.over.is_set():
            self.connection.sendall(wave)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()

    def reset(self) -> None:
        """Close the rude way."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()


Form = Callable[[Peer], None]
"""What the server does with one connection, from its beginning; when this returns, the connection is closed."""


@dataclass
class Port:
    """Where one form is served.

    Attributes:
        base_url: Its address.
        heads: Every request's head, in order.
        connections: How many connections were made.
    """

    base_url: str
    heads: list[bytes] = field(default_factory=list)
    connections: int = 0


@contextmanager
def serving(forms: Mapping[str, Form], scheme: str = "http") -> Generator[dict[str, Port]]:
    """Serve every form on this machine until the block ends."""
    over = threading.Event()
    listeners: list[socket.socket] = []
    ports: dict[str, Port] = {}
    accepting: list[threading.Thread] = []

    def accept(listener: socket.socket, form: Form, port: Port) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                connection.settimeout(_PATIENCE_S)
                peer = Peer(connection, port.connections, port.heads, over)
                port.connections += 1
                threading.Thread(target=attend, args=(peer, form), daemon=True).start()

    def attend(peer: Peer, form: Form) -> None:
        with peer.connection, suppress(OSError):
            form(peer)

    for name, form in forms.items():
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)
        ports[name] = Port(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}/v1")
        accepting.append(threading.Thread(target=accept, args=(listener, form, ports[name]), daemon=True))
        accepting[-1].start()
    try:
        yield ports
    finally:
        over.set()
        for listener in listeners:
            listener.shutdown(socket.SHUT_RDWR)
            listener.close()
        for thread in accepting:
            thread.join(5)
