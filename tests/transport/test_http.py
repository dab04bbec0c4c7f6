"""HTTP over real sockets: what is sent, what is read, and every way in which the network fails."""

from __future__ import annotations

import asyncio
import gzip
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import httpcore2
import pytest

from sonnys_data_client.config import Account
from sonnys_data_client.engine.wire import Fault, FaultKind, Outcome, Request, Response
from sonnys_data_client.transport import http
from sonnys_data_client.transport.http import AsyncHttpTransport, HttpTransport, _has_more_than_asked
from tests.transport.raw_server import Manner, babble, dead_url, half, hang_up, reset, say, wires
from tests.waiting import PATIENCE_S, wait_until

KEY = "sk-very-secret"
SITES = Request("GET", "/site/list")
LIST = Request("GET", "/transaction", (("startDate", "1"), ("site", "A&B ü")))

Ask = Callable[[str, Request, float], Outcome]


def account(base_url: str) -> Account:
    return Account("my-id", KEY, "MAIN", base_url)


def ask_sync(base_url: str, request: Request, timeout_s: float = 5.0) -> Outcome:
    transport = HttpTransport(account(base_url), timeout_s)
    try:
        return transport.exchange(request)
    finally:
        transport.close()


def ask_async(base_url: str, request: Request, timeout_s: float = 5.0) -> Outcome:
    async def scenario() -> Outcome:
        transport = AsyncHttpTransport(account(base_url), timeout_s)
        try:
            return await transport.exchange(request)
        finally:
            await transport.close()

    return asyncio.run(scenario())


both = pytest.mark.parametrize("ask", [ask_sync, ask_async])


@both
def test_a_request_carries_path_query_and_credentials(ask: Ask) -> None:
    with wires() as (server, _):
        ask(server.base_url, replace(LIST, headers={"x-sonnys-site-code": "MAIN"}), PATIENCE_S)
    first, *lines = server.heads[0].strip().split("\r\n")
    assert first == "GET /v1/transaction?startDate=1&site=A%26B+%C3%BC HTTP/1.1"
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
    assert headers["x-sonnys-api-id"] == "my-id"
    assert headers["x-sonnys-api-key"] == KEY
    assert headers["x-sonnys-site-code"] == "MAIN"
    assert headers["accept"] == "application/json"
    assert headers["user-agent"].startswith("sonnys-data-client/")


@both
def test_without_a_query_there_is_no_question_mark(ask: Ask) -> None:
    with wires() as (server, _):
        ask(server.base_url, Request("POST", "/transaction/load-job"), 5.0)
    assert server.heads[0].startswith("POST /v1/transaction/load-job HTTP/1.1\r\n")


@both
def test_a_colon_in_the_path_is_part_of_it(ask: Ask) -> None:
    with wires() as (server, _):
        ask(server.base_url, Request("GET", "/transaction/45678:1001"), 5.0)
    assert server.heads[0].startswith("GET /v1/transaction/45678:1001 HTTP/1.1\r\n")


@both
@pytest.mark.parametrize("status", ["200 OK", "404 Not Found", "502 Bad Gateway"])
def test_a_reply_of_any_status_is_a_response_with_its_bytes(ask: Ask, status: str) -> None:
    with wires(say(b"<html>", status, Retry_After="7", X_ODD="Yes")) as (server, _):
        outcome = ask(server.base_url, SITES, PATIENCE_S)
    assert isinstance(outcome, Response)
    assert (outcome.status, outcome.body) == (int(status[:3]), b"<html>")
    assert (outcome.headers["retry-after"], outcome.headers["x-odd"]) == ("7", "Yes")


@both
def test_a_compressed_reply_is_unpacked(ask: Ask) -> None:
    with wires(say(gzip.compress(b'{"data": {}}'), content_encoding="gzip")) as (server, _):
        outcome = ask(server.base_url, SITES, PATIENCE_S)
    assert isinstance(outcome, Response)
    assert outcome.body == b'{"data": {}}'


@both
def test_a_redirect_is_not_followed_so_the_key_goes_nowhere_else(ask: Ask) -> None:
    with wires() as (elsewhere, _), wires(say(b"", "302 Found", Location=elsewhere.base_url)) as (server, _):
        outcome = ask(server.base_url, SITES, PATIENCE_S)
    assert isinstance(outcome, Response)
    assert outcome.status == 302
    assert (len(server.heads), elsewhere.connections) == (1, 0)


@both
def test_nobody_there_is_unreachable(ask: Ask) -> None:
    outcome = ask(dead_url(), SITES, PATIENCE_S)
    assert isinstance(outcome, Fault)
    assert outcome.kind is FaultKind.UNREACHABLE
    assert outcome.detail


@both
@pytest.mark.parametrize("manner", [half, hang_up, reset, babble, say(b"no gzip at all", content_encoding="gzip")])
def test_a_connection_that_fails_in_the_middle_is_broken(ask: Ask, manner: Manner) -> None:
    with wires(manner) as (server, _):
        outcome = ask(server.base_url, SITES, PATIENCE_S)
    assert isinstance(outcome, Fault)
    assert outcome.kind is FaultKind.BROKEN
    assert outcome.detail
    assert KEY not in outcome.detail


@both
def test_no_reply_in_time_is_timed_out(ask: Ask) -> None:
    with wires() as (server, manners):
        manners[0] = server.stall
        for timeout_s in (0.2, 2.0, 20.0):  # a busy machine may need longer to connect
            began = time.monotonic()
            outcome = ask(server.base_url, SITES, timeout_s)
            waited_s = time.monotonic() - began
            if outcome != Fault(FaultKind.UNREACHABLE, getattr(outcome, "detail", "")):
                break
    assert outcome == Fault(FaultKind.TIMED_OUT, f"{timeout_s:g} s")
    assert waited_s > 0.75 * timeout_s


@both
@pytest.mark.parametrize(
    "before",
    [b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: ", b"HTTP/1.1 200"],
    ids=["body", "header", "status"],
)
def test_a_reply_that_drips_is_timed_out_as_a_whole(ask: Ask, before: bytes) -> None:
    with wires() as (server, manners):
        manners[0] = server.drip(before, b" ", 0.05)
        outcome = ask(server.base_url, SITES, 1)
    assert outcome == Fault(FaultKind.TIMED_OUT, "1 s"), "it would have come to an end after 50 s"


@both
def test_a_body_above_the_limit_is_oversized_and_its_connection_is_not_used_again(ask: Ask) -> None:
    with wires(say(bytes(64_000_001))) as (server, _):
        outcome = ask(server.base_url, SITES, PATIENCE_S)
    assert outcome == Fault(FaultKind.OVERSIZED, "its body is larger than 64,000,000 bytes (max_body_bytes)")
    with wires(say(bytes(11))) as (server, manners):
        transport = HttpTransport(account(server.base_url), PATIENCE_S, max_body_bytes=10)
        outcome = transport.exchange(SITES)
        assert outcome == Fault(FaultKind.OVERSIZED, "its body is larger than 10 bytes (max_body_bytes)")
        manners[:] = [say(b"{}")]
        assert isinstance(transport.exchange(SITES), Response)
        transport.close()
        assert server.connections == 2


@both
def test_what_the_server_said_instead_of_http_is_no_part_of_the_fault(ask: Ask) -> None:
    with wires(lambda connection: connection.sendall(b"Jane Doe\r\n\r\n")) as (server, _):
        outcome = ask(server.base_url, SITES, PATIENCE_S)
    assert outcome == Fault(FaultKind.BROKEN, "illegal status line")


@both
def test_a_header_that_comes_twice_is_one_with_both_values(ask: Ask) -> None:
    twice = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Odd: a\r\nx-odd: \xfc\r\n\r\n{}"
    with wires(lambda connection: connection.sendall(twice)) as (server, _):
        outcome = ask(server.base_url, SITES, PATIENCE_S)
    assert isinstance(outcome, Response)
    assert outcome.headers["x-odd"] == "a, ü"


def test_if_the_library_changes_inside_no_connection_is_used_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _has_more_than_asked(httpcore2.Response(200))
    with wires() as (server, _):
        transport = HttpTransport(account(server.base_url), PATIENCE_S)
        monkeypatch.setattr(http, "_has_more_than_asked", lambda _: True)
        assert [type(transport.exchange(SITES)) for _ in range(3)] == [Response] * 3
        transport.close()
        assert server.connections == 3


def test_the_next_request_uses_the_same_connection_and_a_broken_one_is_replaced() -> None:
    with wires() as (server, manners):
        transport = HttpTransport(account(server.base_url), PATIENCE_S)
        assert isinstance(transport.exchange(SITES), Response)
        assert isinstance(transport.exchange(SITES), Response)
        assert server.connections == 1
        manners[:] = [half, say(b"{}")]
        assert isinstance(transport.exchange(SITES), Fault)
        assert isinstance(transport.exchange(SITES), Response)
        assert server.connections == 2
        transport.close()


def test_with_asyncio_too_the_next_request_uses_the_same_connection() -> None:
    async def story(base_url: str) -> list[Outcome]:
        transport = AsyncHttpTransport(account(base_url), PATIENCE_S)
        outcomes = [await transport.exchange(SITES) for _ in range(3)]
        await transport.close()
        return outcomes

    with wires() as (server, _):
        assert all(isinstance(outcome, Response) for outcome in asyncio.run(story(server.base_url)))
        assert server.connections == 1


def test_a_closed_transport_answers_with_a_fault() -> None:
    with wires() as (server, _):
        transport = HttpTransport(account(server.base_url), PATIENCE_S)
        assert not transport.closed
        transport.close()
        assert transport.closed
        assert transport.exchange(SITES) == Fault(FaultKind.BROKEN, "the client was closed meanwhile")
    assert server.heads == []


def test_a_closed_async_transport_answers_with_a_fault() -> None:
    async def scenario() -> Outcome:
        transport = AsyncHttpTransport(account(dead_url()), PATIENCE_S)
        assert not transport.closed
        await transport.close()
        assert transport.closed
        return await transport.exchange(SITES)

    assert asyncio.run(scenario()) == Fault(FaultKind.BROKEN, "the client was closed meanwhile")


def test_a_request_that_is_under_way_when_the_client_closes_ends_in_a_fault() -> None:
    outcomes: list[Outcome] = []
    with wires() as (server, manners):
        manners[:] = [server.stall_and_hang_up]
        transport = HttpTransport(account(server.base_url), PATIENCE_S)
        asking = threading.Thread(target=lambda: outcomes.append(transport.exchange(SITES)))
        asking.start()
        wait_until(lambda: server.heads)
        transport.close()
        server.let_go.set()
        asking.join(PATIENCE_S)
    assert outcomes == [Fault(FaultKind.BROKEN, "the client was closed meanwhile")]


@both
def test_nothing_is_logged_by_default_and_the_key_never(ask: Ask, caplog: pytest.LogCaptureFixture) -> None:
    with wires() as (server, _):
        with caplog.at_level(logging.DEBUG):
            ask(server.base_url, LIST, PATIENCE_S)
        assert "httpcore2" not in caplog.text
        logger = logging.getLogger("httpcore2")
        logger.setLevel(logging.DEBUG)
        ask(server.base_url, LIST, PATIENCE_S)
        ask(dead_url(), LIST, PATIENCE_S)
        logger.setLevel(logging.WARNING)
    assert "httpcore2" in caplog.text
    assert "startDate" not in caplog.text, "a query may name a customer"
    assert KEY not in caplog.text


def test_making_one_connects_to_nobody_and_shows_no_key() -> None:
    with wires() as (server, _):
        transport = HttpTransport(account(server.base_url), PATIENCE_S)
        assert KEY not in f"{transport!r} {vars(transport)!r}"
        transport.close()
    assert server.connections == 0
