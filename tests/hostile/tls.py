"""The hostile server behind TLS, with a certificate for this machine that only these tests trust."""

from __future__ import annotations

import ssl
from contextlib import suppress
from pathlib import Path

from tests.hostile.peer import Form, Peer

CERTIFICATE = Path(__file__).with_name("localhost.pem")
"""A key and its certificate for localhost, made for these tests and good until 2125. Not a secret."""


def over_tls(form: Form) -> Form:
    """The same form, after a handshake; the connection is closed as TLS wants it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def secure(peer: Peer) -> None:
        with context.wrap_socket(peer.connection, server_side=True) as connection:
            form(Peer(connection, peer.number, peer.heads, peer.over))
            with suppress(OSError):
                connection.unwrap()

    return secure
