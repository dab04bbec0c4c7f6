"""The sandbox on a real socket: it answers, connections really break, and time can run faster."""

from __future__ import annotations

import asyncio
import http.client
import json
import socket
import threading
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest

from sonnys_data_client.sandbox import ApiAccount, Faults, Quirks, Sandbox, SandboxConfig, Scripted
from sonnys_data_client.sandbox.clock import SandboxClock
from sonnys_data_client.sandbox.http import TRANSPORT, RunningSandbox, asgi_app, running_sandbox, serve
from tests.sandbox.rig import small_world
from tests.waiting import PATIENCE_S, wait_until


class Answer:
    """A reply as it came from the socket."""

    def __init__(self, reply: http.client.HTTPResponse) -> None:
        self.status = reply.status
        self.headers = {name.lower(): value for name, value in reply.getheaders()}
        self.body = reply.read()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def ask(running: RunningSandbox, path: str, method: str = "GET", *, key: str | None = None) -> Answer:
    """Send one request on a connection of its own; `path` starts at the server's root."""
    connection = http.client.HTTPConnection(urlsplit(running.base_url).netloc, timeout=PATIENCE_S)
    headers = {"X-Sonnys-API-ID": running.api_id, "X-Sonnys-API-Key": key or running.api_key}
    try:
        connection.request(method, path, headers=headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


@pytest.fixture(scope="module")
def plain() -> Iterator[RunningSandbox]:
    config = SandboxConfig(limit=10**6, job_s=0.2)
    with running_sandbox(config, world=small_world(), speed=100) as running:
        yield running


def test_it_serves_the_api_under_v1(plain: RunningSandbox) -> None:
    reply = ask(plain, "/v1/site/list")
    assert (reply.status, reply.headers["content-type"]) == (200, "application/json")
    assert [site["code"] for site in reply.json["data"]["sites"]] == ["MAIN", "NORTH", ""]
    assert ask(plain, "/v1/site/list", key="wrong").status == 403
    assert ask(plain, "/v1/transaction/7:999").json["data"]["id"] == "7:999"
    assert ask(plain, "/v1/transaction/7%3A999").json["data"]["id"] == "7:999"
    assert ask(plain, "/v1/transaction?limit=1000").status == 422
    assert ask(plain, "/v1/nowhere").json["type"] == "EntityNotFoundError"
    assert ask(plain, "/v1/site/list", "POST").status == 405


def test_it_describes_itself_to_anybody_and_counts_no_request(plain: RunningSandbox) -> None:
    requests = len(plain.sandbox.log)
    assert ask(plain, "/v1/openapi.json", key="wrong").json == plain.sandbox.description()
    assert len(plain.sandbox.log) == requests


def test_a_connection_is_kept_for_the_next_request(plain: RunningSandbox) -> None:
    connection = http.client.HTTPConnection(urlsplit(plain.base_url).netloc, timeout=PATIENCE_S)
    seen: list[Any] = []
    for _ in range(3):
        connection.request("GET", "/v1/site/list")
        reply = connection.getresponse()
        reply.read()
        seen.append(connection.sock.getsockname())
    connection.close()
    assert len(set(seen)) == 1


def test_a_job_runs_by_the_sandbox_s_clock(plain: RunningSandbox) -> None:
    hash = ask(plain, "/v1/transaction/load-job", "POST").json["data"]["hash"]
    wait_until(lambda: ask(plain, f"/v1/transaction/get-job-data?hash={hash}").json["data"]["status"] == "pass")


def test_routes_for_tests_show_log_truth_and_settings(plain: RunningSandbox) -> None:
    ask(plain, "/v1/site/list?colour=blue")
    log = ask(plain, "/_sandbox/log").json
    assert log["entries"][-1]["query"] == [["colour", "blue"]]
    assert log["periods"][0]["api_id"] == plain.api_id
    assert ask(plain, f"/_sandbox/log?since={len(log['entries'])}").json["entries"] == []
    assert ask(plain, "/_sandbox/log?since=x").status == 400
    rows = ask(plain, "/_sandbox/truth?start=0&stop=9999999999&site=NORTH").json["rows"]
    assert [row["site_code"] for row in rows] == ["NORTH"] * 5
    assert ask(plain, "/_sandbox/truth?start=0").status == 400
    settings = ask(plain, "/_sandbox/config")
    assert settings.json["limit"] == 10**6
    assert settings.json["speed"] == 100
    assert settings.json["faults"]["until"] is None
    assert plain.api_key.encode() not in settings.body


def test_a_route_for_tests_resets(plain: RunningSandbox) -> None:
    ask(plain, "/v1/site/list")
    assert ask(plain, "/_sandbox/reset").status == 405
    assert ask(plain, "/_sandbox/reset", "POST").json == {"reset": True}
    assert plain.sandbox.log == []


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "unreachable"])
def test_a_reset_is_a_real_reset(fault: str) -> None:
    config = SandboxConfig(faults=Faults(script=(Scripted(fault),)))
    with running_sandbox(config, world=small_world()) as running:
        with pytest.raises(ConnectionResetError):
            ask(running, "/v1/site/list")
        assert ask(running, "/v1/site/list").status == 200
        assert [entry.fault for entry in running.sandbox.log] == [fault, None]


def test_a_cut_off_reply_ends_in_the_middle() -> None:
    config = SandboxConfig(faults=Faults(script=(Scripted("cut_off"),)))
    with running_sandbox(config, world=small_world()) as running:
        with pytest.raises(http.client.IncompleteRead) as caught:
            ask(running, "/v1/site/list")
        whole = ask(running, "/v1/site/list").body
        assert caught.value.partial == whole[: len(whole) // 2]


def test_periods_stalls_latency_and_retry_after_run_at_the_sandbox_s_speed() -> None:
    config = SandboxConfig(
        limit=2,
        quirks=Quirks(retry_after=True, period_opens="arrival"),
        faults=Faults(script=(Scripted("stall"),), stall_s=6),
    )
    with running_sandbox(config, world=small_world(), speed=30, latency=3) as running:
        began = time.monotonic()
        assert ask(running, "/v1/site/list").status == 200
        assert 0.29 <= time.monotonic() - began < 9, "(6 + 3) / 30 seconds, and not 6 + 3"
        assert ask(running, "/v1/site/list").status == 200
        refused = ask(running, "/v1/site/list")
        # The period of 15 s began half a latency (0.05 s) after `began`, and is over half a second later.
        if refused.status == 429:
            assert refused.headers["retry-after"] == "1"
        time.sleep(max(0.0, began + 0.7 - time.monotonic()))
        assert ask(running, "/v1/site/list").status == 200
        first, second = running.sandbox.periods()[:2]
        assert first.resets_at - first.start == 15
        assert second.start >= first.resets_at


def test_stalled_requests_do_not_hold_up_others_or_the_end(caplog: pytest.LogCaptureFixture) -> None:
    threads = set(threading.enumerate())
    config = SandboxConfig(faults=Faults(script=(Scripted("stall", times=2),), stall_s=600))
    with running_sandbox(config, world=small_world()) as running:
        stalled = [http.client.HTTPConnection(urlsplit(running.base_url).netloc, timeout=PATIENCE_S) for _ in range(2)]
        for connection in stalled:
            connection.request("GET", "/v1/site/list")
        wait_until(lambda: len(running.sandbox.log) == 2)
        stalled[0].close()
        assert ask(running, "/v1/site/list").status == 200
    with pytest.raises((ConnectionResetError, http.client.RemoteDisconnected)):
        stalled[1].getresponse()
    stalled[1].close()
    assert set(threading.enumerate()) <= threads
    assert caplog.records == []


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "example.com", "", "::"])  # noqa: S104 - refused
def test_it_serves_this_machine_only(host: str) -> None:
    with pytest.raises(ValueError, match="for this machine only"):
        serve(host=host)


def test_values_that_are_not_allowed_are_refused() -> None:
    with pytest.raises(ValueError, match="port must be a whole number"):
        serve(port=70_000)
    with pytest.raises(ValueError, match="speed must be a number above 0"):
        serve(speed=0)
    with pytest.raises(ValueError, match="latency must be a number"):
        serve(latency=-1)
    with pytest.raises(ValueError, match="at least one account"):
        serve(SandboxConfig(accounts=()))


def test_a_port_that_is_taken_is_an_os_error(plain: RunningSandbox) -> None:
    with pytest.raises(OSError, match="in use"):
        serve(port=urlsplit(plain.base_url).port or 0)


def test_several_run_side_by_side() -> None:
    one = SandboxConfig(accounts=(ApiAccount("one", "1"),))
    with running_sandbox(one, world=small_world()) as first, running_sandbox(world=small_world()) as second:
        assert first.base_url != second.base_url
        assert first.api_id == "one"
        assert ask(first, "/v1/site/list").status == ask(second, "/v1/site/list").status == 200


@pytest.mark.parametrize("ahead", [0.0, -7200.0, 90.0])
def test_every_reply_tells_the_sandbox_s_time(ahead: float) -> None:
    with running_sandbox(world=small_world(), ahead=ahead) as running:
        for path, key in (("/v1/site/list", None), ("/v1/site/list", "wrong"), ("/v1/nowhere", None)):
            before = running.clock.now()
            told = parsedate_to_datetime(ask(running, path, key=key).headers["date"]).timestamp()
            assert int(before) <= told <= running.clock.now()
        assert abs(running.clock.now() - time.time() - ahead) < 30


def test_a_clock_at_another_speed_tells_no_time(plain: RunningSandbox) -> None:
    assert "date" not in ask(plain, "/v1/site/list").headers


def test_without_a_connection_to_break_a_reset_is_an_error() -> None:
    sandbox = Sandbox(SandboxConfig(faults=Faults(reset_before=1)), small_world())
    app = asgi_app(sandbox, SandboxClock())
    scope = {"type": "http", "method": "GET", "path": "/v1/site/list", "query_string": b"", "headers": []}

    async def nothing(*args: Any) -> Any:
        return {"type": "http.disconnect"}

    with pytest.raises(ConnectionResetError, match="reset_before"):
        asyncio.run(app(scope, nothing, nothing))  # type: ignore[arg-type]  # any awaitable will do


def test_a_reset_of_a_client_that_is_gone_is_none() -> None:
    sandbox = Sandbox(SandboxConfig(faults=Faults(reset_before=1)), small_world())
    app = asgi_app(sandbox, SandboxClock())

    async def go() -> bool:
        ours, theirs = socket.socketpair()
        with theirs:
            transport, _ = await asyncio.get_running_loop().create_connection(asyncio.Protocol, sock=ours)
            transport.abort()
            await asyncio.sleep(0)  # the socket is closed when the loop comes to it
            scope = {"type": "http", "method": "GET", "path": "/v1/site/list", "query_string": b"", "headers": []}
            await app({**scope, "state": {TRANSPORT: transport}}, gone, gone)
            return transport.is_closing()

    async def gone(*args: Any) -> Any:
        return {"type": "http.disconnect"}

    assert asyncio.run(go())


def test_a_listener_is_closed_when_it_is_over() -> None:
    with running_sandbox(world=small_world()) as running:
        port = urlsplit(running.base_url).port
    with socket.socket() as probe:
        assert probe.connect_ex(("127.0.0.1", port or 0)) != 0
