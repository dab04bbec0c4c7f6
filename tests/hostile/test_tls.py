"""The same behind TLS: records that drip, handshakes that never end, replies in a record too many, and forks."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import sys
from collections.abc import Callable

import pytest

from sonnys_data_client.config import Account
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response
from sonnys_data_client.per_process import PerProcess
from sonnys_data_client.transport import environment
from sonnys_data_client.transport.http import AsyncHttpTransport, HttpTransport
from tests.forks import fork, in_child, needs_fork
from tests.hostile.forms import EVIL, HANG_S, RIGHT, answering, head, reply
from tests.hostile.peer import Form, Peer, serving
from tests.hostile.tls import CERTIFICATE, over_tls

SITES = Request("GET", "/site/list")

Ask = Callable[[str, float, int], list[Outcome]]


@pytest.fixture(autouse=True)
def trust(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setattr(environment, "_tls", PerProcess(environment._make_tls_context))


def ask_sync(base_url: str, timeout_s: float, calls: int) -> list[Outcome]:
    transport = HttpTransport(Account("id", "key", base_url=base_url), timeout_s)
    try:
        return [transport.exchange(SITES) for _ in range(calls)]
    finally:
        transport.close()


def ask_async(base_url: str, timeout_s: float, calls: int) -> list[Outcome]:
    async def story() -> list[Outcome]:
        transport = AsyncHttpTransport(Account("id", "key", base_url=base_url), timeout_s)
        try:
            return [await transport.exchange(SITES) for _ in range(calls)]
        finally:
            await transport.close()

    return asyncio.run(story())


both = pytest.mark.parametrize("ask", [ask_sync, ask_async])


def bodies(outcomes: list[Outcome]) -> list[bytes]:
    return [outcome.body if isinstance(outcome, Response) else repr(outcome).encode() for outcome in outcomes]


@both
def test_a_connection_is_used_again(ask: Ask) -> None:
    with serving({"honest": over_tls(answering(reply(RIGHT)))}, "https") as ports:
        assert bodies(ask(ports["honest"].base_url, 20.0, 3)) == [RIGHT] * 3
        assert ports["honest"].connections == 1


@both
def test_a_second_reply_in_a_record_of_its_own_answers_nothing(ask: Ask) -> None:
    def later(peer: Peer) -> None:
        peer.say(reply(EVIL))

    with serving({"evil": over_tls(answering(reply(RIGHT), later))}, "https") as ports:
        assert bodies(ask(ports["evil"].base_url, 20.0, 2)) == [RIGHT] * 2


@both
def test_a_certificate_that_nobody_trusts_is_unreachable(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SSL_CERT_FILE")
    with serving({"stranger": over_tls(answering(reply(RIGHT)))}, "https") as ports:
        (outcome,) = ask(ports["stranger"].base_url, 20.0, 1)
    assert isinstance(outcome, Fault)
    assert outcome.kind is FaultKind.UNREACHABLE
    assert "certificate" in outcome.detail


def silent(peer: Peer) -> None:
    peer.stall()


def dripping_hello(peer: Peer) -> None:
    """A handshake of one record, whose bytes come one by one."""
    peer.say(b"\x16\x03\x03\x3f\xff\x02\x00\x3f\xfb")
    peer.drip(b"\x00")


@both
@pytest.mark.parametrize("form", [silent, dripping_hello])
def test_a_handshake_that_never_ends_is_unreachable_in_time(ask: Ask, form: Form) -> None:
    with serving({"slow": form}, "https") as ports:
        (outcome,) = ask(ports["slow"].base_url, HANG_S, 1)
    assert outcome == Fault(FaultKind.UNREACHABLE, f"no connection within {HANG_S:g} s")


def tunnel(peer: Peer, write: Callable[[Peer, bytes], None]) -> None:
    """TLS by hand, so that records can be sent as one likes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secure = context.wrap_bio(incoming, outgoing, server_side=True)
    asked = b""
    while not asked.endswith(b"\r\n\r\n"):
        try:
            asked += secure.read(10_000)
        except ssl.SSLWantReadError:
            if outgoing.pending:
                peer.say(outgoing.read())
            more = peer.connection.recv(10_000)
            if not more:
                return
            incoming.write(more)
    peer.heads.append(asked)
    secure.write(head("200 OK", f"Content-Length: {len(RIGHT)}") + RIGHT)
    record = outgoing.read()
    secure.write(reply(EVIL))
    write(peer, record + outgoing.read())


@both
def test_two_records_in_one_packet_are_one_reply(ask: Ask) -> None:
    def form(peer: Peer) -> None:
        if peer.number:
            over_tls(answering(reply(RIGHT)))(peer)
            return
        tunnel(peer, Peer.say)
        peer.stall()

    with serving({"packed": form}, "https") as ports:
        assert bodies(ask(ports["packed"].base_url, 20.0, 2)) == [RIGHT] * 2
        assert ports["packed"].connections == 2


@both
def test_a_record_that_drips_is_timed_out(ask: Ask) -> None:
    def drip(peer: Peer, record: bytes) -> None:
        for byte in record:
            peer.say(bytes([byte]))
            if peer.over.wait(0.05):
                return

    with serving({"dripping": lambda peer: tunnel(peer, drip)}, "https") as ports:
        (outcome,) = ask(ports["dripping"].base_url, 1.0, 1)
    assert isinstance(outcome, Fault)
    assert outcome.kind in {FaultKind.TIMED_OUT, FaultKind.UNREACHABLE}  # on a busy machine the handshake takes as long


@needs_fork
@pytest.mark.parametrize("end", ["asks", "closes", "leaves"])
def test_a_child_says_nothing_on_its_parents_connection(end: str) -> None:
    with serving({"honest": over_tls(answering(reply(RIGHT)))}, "https") as ports:
        port = ports["honest"]
        transport = HttpTransport(Account("id", "key", base_url=port.base_url), 20.0)
        assert bodies([transport.exchange(SITES)]) == [RIGHT]

        def work() -> str:
            said = bodies([transport.exchange(SITES)])
            if end == "closes":
                transport.close()
            return said[0].decode()

        if end == "leaves":
            pid = fork()
            if pid == 0:
                try:
                    sys.exit(0)
                finally:
                    os._exit(0)
            os.waitpid(pid, 0)
        else:
            assert in_child(work)() == RIGHT.decode()
        assert bodies([transport.exchange(SITES)]) == [RIGHT]
        assert port.connections == (1 if end == "leaves" else 2), "the parent's is as it was"
        transport.close()


def test_a_proxy_is_gone_through_by_a_tunnel_and_never_hears_the_key(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[bytes] = []

    def pass_on(peer: Peer) -> None:
        if not peer.hear():
            return
        target = peer.heads[-1].split(b" ")[1].rpartition(b":")
        asked.append(peer.heads[-1])
        with socket.create_connection(("127.0.0.1", int(target[2])), 10) as server:
            peer.say(b"HTTP/1.1 200 Connection established\r\n\r\n")
            relay(peer.connection, server)

    for name in ("https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sonnys_data_client.transport.environment.is_loopback", lambda _: False)
    for ask in (ask_sync, ask_async):
        with serving({"far": over_tls(answering(reply(RIGHT)))}, "https") as far, serving({"proxy": pass_on}) as near:
            monkeypatch.setenv("HTTPS_PROXY", near["proxy"].base_url.replace("//", "//me:s3cret@").removesuffix("/v1"))
            assert bodies(ask(far["far"].base_url, 20.0, 2)) == [RIGHT] * 2
            assert (far["far"].connections, near["proxy"].connections) == (1, 1)
    assert all(b"Proxy-Authorization: Basic" in said and b"x-sonnys" not in said.lower() for said in asked)


def relay(one: socket.socket, other: socket.socket) -> None:
    """Pass bytes on in both directions until one end closes."""
    import selectors

    with selectors.DefaultSelector() as selector:
        selector.register(one, selectors.EVENT_READ, other)
        selector.register(other, selectors.EVENT_READ, one)
        while True:
            for key, _ in selector.select(10):
                data = key.fileobj.recv(65536)  # type: ignore[union-attr]  # both are sockets
                if not data:
                    return
                key.data.sendall(data)
