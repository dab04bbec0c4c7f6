"""The sandbox on a real socket, for this machine only.

This module adds what the pure `Sandbox` lacks: a clock, waiting, and connections that really break.

* Time. One real second is `speed` sandbox seconds, so periods, jobs, stalls and `latency` all shrink alike. At speed 1
  every reply of the API has the sandbox's time in its `Date` header (`SandboxClock.date`).
* Latency. Half of it passes before a request is handled, half before its reply goes out.
* Broken connections. A reset fault closes the socket with a TCP reset; `cut_off` sends half of the body and closes. A
  server cannot refuse one connection and accept the next, so `unreachable` is a reset here.

Besides the API under `/v1`, these routes need no credentials and count towards no throttle:

| route                                                        | answers                                     |
|--------------------------------------------------------------|---------------------------------------------|
| `GET /v1/openapi.json`                                       | the API's description, OpenAPI 3.1          |
| `GET /_sandbox/log?since=0`                                  | requests and throttle periods so far        |
| `GET /_sandbox/truth?start=&stop=&site=&as_of=`              | the world's rows (cents, epoch)             |
| `GET /_sandbox/config`                                       | settings, without keys, and the time        |
| `POST /_sandbox/reset`                                       | forgets all requests                        |

uvicorn and starlette are imported here and nowhere else. They come with the extra `sandbox`.
"""

from __future__ import annotations

import asyncio
import math
import os
import socket
import struct
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request as HttpRequest
from starlette.responses import PlainTextResponse
from starlette.responses import Response as HttpResponse
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox.api import Reply, Sandbox
from sonnys_data_client.sandbox.clock import SandboxClock
from sonnys_data_client.sandbox.config import SandboxConfig
from sonnys_data_client.sandbox.faults import Faults
from sonnys_data_client.sandbox.replies import as_json
from sonnys_data_client.sandbox.world.protocol import World

__all__ = ["RunningSandbox", "asgi_app", "running_sandbox", "serve"]

TRANSPORT = "sonnys_sandbox_transport"


@dataclass(frozen=True, slots=True)
class RunningSandbox:
    """A sandbox that answers on a socket of this machine.

    Attributes:
        base_url: Address of the API, such as `"http://127.0.0.1:49152/v1"`.
        api_id: API ID of its first account.
        api_key: That account's key.
        sandbox: The sandbox itself, with its log, periods and true rows.
        clock: Its clock.
    """

    base_url: str
    api_id: str
    api_key: str
    sandbox: Sandbox
    clock: SandboxClock


def asgi_app(sandbox: Sandbox, clock: SandboxClock, *, latency: float = 0.0) -> ASGIApp:
    """Return the sandbox as an ASGI application.

    The API is under `/v1`, the routes for tests are under `/_sandbox`.

    Args:
        sandbox: Answers the requests.
        clock: Its clock.
        latency: Sandbox seconds that a request and its reply travel, together.

    Raises:
        ValueError: The latency is negative or not a number.
    """
    if not 0 <= latency < math.inf:
        raise ValueError(f"latency must be a number of seconds from 0 up, not {latency:g}.")
    tests = _TestRoutes(sandbox, clock)
    return Starlette(
        routes=[
            Route("/v1/openapi.json", tests.openapi),
            Mount("/v1", app=_Api(sandbox, clock, latency)),
            Route("/_sandbox/log", tests.log),
            Route("/_sandbox/truth", tests.truth),
            Route("/_sandbox/config", tests.config),
            Route("/_sandbox/reset", tests.reset, methods=["POST"]),
        ]
    )


def serve(
    config: SandboxConfig | None = None,
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    speed: float = 1.0,
    latency: float = 0.0,
    on_ready: Callable[[RunningSandbox], None] | None = None,
) -> None:
    """Serve a sandbox until Ctrl-C.

    Args:
        config: Settings; the defaults if not given.
        host: A loopback address of this machine.
        port: TCP port; 0 takes any free one.
        speed: Sandbox seconds in one real second.
        latency: Sandbox seconds that a request and its reply travel, together.
        on_ready: Called once with the running sandbox, when it accepts connections.

    Raises:
        ValueError: A value is not allowed, such as a host that other machines can reach.
        OSError: The port is taken.
    """
    server, listener, running = _prepare(Sandbox(config), host, port, SandboxClock(speed), latency)
    if on_ready is not None:
        on_ready(running)
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])


@contextmanager
def running_sandbox(
    config: SandboxConfig | None = None,
    *,
    world: World | None = None,
    port: int = 0,
    speed: float = 1.0,
    latency: float = 0.0,
    ahead: float = 0.0,
) -> Generator[RunningSandbox, None, None]:
    """Serve a sandbox from a background thread for as long as the `with` block lasts.

    Args:
        config: Settings; the defaults if not given.
        world: The data it serves; a `BelievableWorld` if not given.
        port: TCP port on 127.0.0.1; 0 takes any free one.
        speed: Sandbox seconds in one real second.
        latency: Sandbox seconds that a request and its reply travel, together.
        ahead: Seconds that its clock is ahead of this machine's; negative for behind.

    Raises:
        ValueError: A value is not allowed.
        OSError: The port is taken.
    """
    server, listener, running = _prepare(
        Sandbox(config, world), "127.0.0.1", port, SandboxClock(speed, ahead=ahead), latency
    )
    # The socket listens already, so a connection made before the thread runs waits and is not refused.
    thread = threading.Thread(target=server.run, args=([listener],), name="sonnys-sandbox", daemon=True)
    thread.start()
    try:
        yield running
    finally:
        server.should_exit = True
        thread.join()


def _prepare(
    sandbox: Sandbox, host: str, port: int, clock: SandboxClock, latency: float
) -> tuple[uvicorn.Server, socket.socket, RunningSandbox]:
    if not sandbox.config.accounts:
        raise ValueError("A sandbox that is served needs at least one account.")
    app = asgi_app(sandbox, clock, latency=latency)
    listener = _listen(host, port)
    server = _Server(
        uvicorn.Config(
            app,
            http=_Protocol,
            ws="none",
            loop="asyncio",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_keep_alive=75,
            timeout_graceful_shutdown=1,
        )
    )
    shown_host = f"[{host}]" if ":" in host else host
    account = sandbox.config.accounts[0]
    base_url = f"http://{shown_host}:{listener.getsockname()[1]}/v1"
    return server, listener, RunningSandbox(base_url, account.api_id, account.api_key, sandbox, clock)


def _listen(host: str, port: int) -> socket.socket:
    if host != "localhost":
        try:
            is_loopback = ip_address(host).is_loopback
        except ValueError:
            is_loopback = False
        if not is_loopback:
            raise ValueError(f"The sandbox is for this machine only: serve on 127.0.0.1, ::1 or localhost, not {host}.")
    if not 0 <= port <= 65535:
        raise ValueError(f"port must be a whole number from 0 to 65535, not {port}; 0 takes any free port.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


class _Protocol(H11Protocol):
    """uvicorn's protocol, with the connection for the application, which breaks it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Server(uvicorn.Server):
    """uvicorn's server, which drops its connections at once when it stops.

    A stall could hold them for minutes.
    """

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


class _Api:
    """The API itself, as an ASGI application below `/v1`."""

    def __init__(self, sandbox: Sandbox, clock: SandboxClock, latency: float) -> None:
        self._sandbox = sandbox
        self._clock = clock
        self._latency = latency

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = _request(scope)
        await self._clock.sleep(self._latency / 2)
        reply = self._sandbox.handle(request, self._clock.now())
        if not await self._hold(reply.hold_s + self._latency / 2, receive):
            return
        if isinstance(reply.outcome, Response):
            await self._send(reply.outcome, send)
        else:
            await self._break_off(reply, scope, receive, send)

    async def _hold(self, sandbox_s: float, receive: Receive) -> bool:
        """Wait before replying, and tell whether the client is still there."""
        if sandbox_s <= 0:
            return True
        gone = asyncio.ensure_future(_until_gone(receive))
        await asyncio.wait({gone}, timeout=sandbox_s / self._clock.speed)
        return not gone.done() and gone.cancel()

    async def _send(self, response: Response, send: Send) -> None:
        await send(_start(response, self._clock))
        await send({"type": "http.response.body", "body": response.body})

    async def _break_off(self, reply: Reply, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport | None = scope.get("state", {}).get(TRANSPORT)
        if transport is None:
            raise ConnectionResetError(str(reply.outcome))
        if reply.cut_short is None:
            _reset(transport)
        else:
            body = reply.cut_short.body
            await send(_start(reply.cut_short, self._clock))
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            # Not a reset: that could drop bytes that the client has not read yet.
            transport.close()
        await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _request(scope: Scope) -> Request:
    path: str = scope["path"]
    query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    return Request(scope["method"], path.removeprefix(scope.get("root_path", "")), tuple(query), headers)


def _start(response: Response, clock: SandboxClock) -> dict[str, Any]:
    headers = {**response.headers, "content-length": str(len(response.body))}
    if "retry-after" in headers:
        headers["retry-after"] = str(max(1, math.ceil(int(headers["retry-after"]) / clock.speed)))
    if (date := clock.date()) is not None:
        headers["date"] = date
    pairs = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    return {"type": "http.response.start", "status": response.status, "headers": pairs}


def _reset(transport: asyncio.Transport) -> None:
    """Reset a connection, if it is still open.

    Unsent data is dropped, and the peer gets a TCP reset.
    """
    if transport.is_closing():
        return
    linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


class _TestRoutes:
    """The routes for tests, and for the API's description.

    They need no credentials and count towards no throttle.
    """

    def __init__(self, sandbox: Sandbox, clock: SandboxClock) -> None:
        self._sandbox = sandbox
        self._clock = clock

    async def log(self, request: HttpRequest) -> HttpResponse:
        try:
            since = int(request.query_params.get("since", "0"))
        except ValueError:
            return _bad_request("since must be a whole number: how many entries of the log to leave out.")
        entries = [entry._asdict() for entry in self._sandbox.log[max(since, 0) :]]
        return _json({"entries": entries, "periods": [asdict(period) for period in self._sandbox.periods()]})

    async def openapi(self, _request: HttpRequest) -> HttpResponse:
        return _json(self._sandbox.description())

    async def truth(self, request: HttpRequest) -> HttpResponse:
        asked = request.query_params
        try:
            start, stop = int(asked["start"]), int(asked["stop"])
            as_of = float(asked.get("as_of", "inf"))
        except (KeyError, ValueError):
            return _bad_request("Give start and stop in whole epoch seconds, and perhaps as_of in epoch seconds.")
        rows = self._sandbox.truth(start, stop, asked.get("site"), as_of=as_of)
        return _json({"rows": [asdict(row) for row in rows]})

    async def config(self, _request: HttpRequest) -> HttpResponse:
        config = self._sandbox.config
        plain = {
            name: getattr(config, name)
            for name in config.__dataclass_fields__
            if name not in ("accounts", "quirks", "faults")
        }
        accounts = [
            {"api_id": account.api_id, "licensed": account.licensed, "sites": account.sites}
            for account in config.accounts
        ]
        faults = {name: getattr(config.faults, name) for name in Faults.names()}
        faults["until"] = None if math.isinf(config.faults.until) else config.faults.until
        return _json(
            {
                **plain,
                "accounts": accounts,
                "quirks": asdict(config.quirks),
                "faults": faults,
                "speed": self._clock.speed,
                "now": self._clock.now(),
            }
        )

    async def reset(self, _request: HttpRequest) -> HttpResponse:
        self._sandbox.reset()
        return _json({"reset": True})


def _json(value: Mapping[str, Any]) -> HttpResponse:
    return HttpResponse(as_json(value), media_type="application/json")


def _bad_request(sentence: str) -> HttpResponse:
    return PlainTextResponse(sentence, status_code=400)
