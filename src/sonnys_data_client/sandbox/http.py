"""The sandbox behind a real socket, on this machine only.

This shell adds what a pure function cannot have: a clock, waiting, and connections that really break.

* Time. One real second is `speed` sandbox seconds: windows, jobs, stalls and `latency` all shrink alike. Every reply
  of the API tells the sandbox's time in `Date`, if it is a time of day (`SandboxClock.date`).
* Latency. Half of it passes before a request is handled, half before its reply goes out.
* Breaking. A reset fault closes the socket with a TCP reset; `cut_off` sends half of the body and closes. A
  server cannot refuse one connection and accept the next, so `unreachable` is a reset here.

Beside the API under `/v1` there is its description, and a hatch for tests under `/_sandbox`, without credentials or
throttle:

| route                                                        | answers                                     |
|--------------------------------------------------------------|---------------------------------------------|
| `GET /v1/openapi.json`                                       | the API's description, OpenAPI 3.1          |
| `GET /_sandbox/log?since=0`                                  | requests and throttle windows so far        |
| `GET /_sandbox/truth?start=&stop=&site=&as_of=`              | the world's rows (cents, epoch)             |
| `GET /_sandbox/config`                                       | settings, without keys, and the time        |
| `POST /_sandbox/reset`                                       | forgets everything that was asked           |

uvicorn and starlette are imported here and nowhere else; they come with the extra `sandbox`.
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
        base_url: Where the API is, such as `"http://127.0.0.1:49152/v1"`.
        api_id: API ID of its first account.
        api_key: That account's key.
        sandbox: The sandbox itself: its log, windows and truth.
        clock: Its clock.
    """

    base_url: str
    api_id: str
    api_key: str
    sandbox: Sandbox
    clock: SandboxClock


def asgi_app(sandbox: Sandbox, clock: SandboxClock, *, latency: float = 0.0) -> ASGIApp:
    """Return the sandbox as an ASGI application: the API under `/v1`, the hatch under `/_sandbox`.

    Args:
        sandbox: What answers.
        clock: What tells it the time.
        latency: Seconds (of the sandbox) that a request and its reply are under way, together.

    Raises:
        ValueError: The latency is negative or no number.
    """
    if not 0 <= latency < math.inf:
        raise ValueError("latency must be a number of seconds from 0 up.")
    hatch = _Hatch(sandbox, clock)
    return Starlette(
        routes=[
            Route("/v1/openapi.json", hatch.openapi),
            Mount("/v1", app=_Api(sandbox, clock, latency)),
            Route("/_sandbox/log", hatch.log),
            Route("/_sandbox/truth", hatch.truth),
            Route("/_sandbox/config", hatch.config),
            Route("/_sandbox/reset", hatch.reset, methods=["POST"]),
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
        host: An address of this machine's loopback.
        port: TCP port; 0: any free one.
        speed: Sandbox seconds in one real second.
        latency: Seconds (of the sandbox) that a request and its reply are under way, together.
        on_ready: Called once with what is being served, when connections are accepted.

    Raises:
        ValueError: A value is not allowed, such as a host that others can reach.
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
        world: The truth behind it; a believable one if not given.
        port: TCP port on 127.0.0.1; 0: any free one.
        speed: Sandbox seconds in one real second.
        latency: Seconds (of the sandbox) that a request and its reply are under way, together.
        ahead: Seconds that its clock is ahead of this machine's, or behind if negative.

    Raises:
        ValueError: A value is not allowed.
        OSError: The port is taken.
    """
    server, listener, running = _prepare(
        Sandbox(config, world), "127.0.0.1", port, SandboxClock(speed, ahead=ahead), latency
    )
    # The socket listens already: whoever connects before the thread runs is kept waiting, not refused.
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
        raise ValueError("port must be a whole number from 0 (any free one) to 65535.")
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family, backlog=256)


class _Protocol(H11Protocol):
    """uvicorn's protocol, which also lets the application get at the connection, to break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.app_state = {**self.app_state, TRANSPORT: transport}


class _Server(uvicorn.Server):
    """uvicorn's server, which drops its connections when it is told to stop: a stall may last for minutes."""

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
        if reply.torso is None:
            _reset(transport)
        else:
            body = reply.torso.body
            await send(_start(reply.torso, self._clock))
            await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
            # Not a reset: that could take back bytes which the client has not read yet.
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
    """Close a connection the rude way: unsent data is dropped and the peer gets a reset, if it is still there."""
    if transport.is_closing():
        return
    linger = struct.pack("hh" if os.name == "nt" else "ii", 1, 0)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()


class _Hatch:
    """What tests may see and do behind the API's back."""

    def __init__(self, sandbox: Sandbox, clock: SandboxClock) -> None:
        self._sandbox = sandbox
        self._clock = clock

    async def log(self, request: HttpRequest) -> HttpResponse:
        try:
            since = int(request.query_params.get("since", "0"))
        except ValueError:
            return _sorry("since must be a whole number.")
        entries = [entry._asdict() for entry in self._sandbox.log[max(since, 0) :]]
        return _json({"entries": entries, "windows": [asdict(window) for window in self._sandbox.windows()]})

    async def openapi(self, _request: HttpRequest) -> HttpResponse:
        return _json(self._sandbox.description())

    async def truth(self, request: HttpRequest) -> HttpResponse:
        asked = request.query_params
        try:
            start, stop = int(asked["start"]), int(asked["stop"])
            as_of = float(asked.get("as_of", "inf"))
        except (KeyError, ValueError):
            return _sorry("Give start and stop, and as_of if you like, in epoch seconds.")
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


def _sorry(sentence: str) -> HttpResponse:
    return PlainTextResponse(sentence, status_code=400)
