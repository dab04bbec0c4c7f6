"""What the client's tests share: a client in virtual time, and a sandbox with a small world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import Faults, Quirks, Reply, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world.protocol import World
from sonnys_data_client.testing.client import SimulatedClient
from tests.sandbox.rig import NOW, small_world


class Tampered(Sandbox):
    """A sandbox whose replies a function may change."""

    tamper: Callable[[Request, Response], Response] = staticmethod(lambda _request, response: response)

    def handle(self, request: Request, now: float) -> Reply:
        reply = super().handle(request, now)
        if isinstance(reply.outcome, Response):
            return Reply(self.tamper(request, reply.outcome), reply.hold_s)
        return reply


@dataclass
class ClientRig:
    """A sandbox, and clients of it."""

    sandbox: Tampered

    def client(self, *, at: float = NOW, **options: Any) -> SimulatedClient:
        """A client whose time begins at an epoch second. Its days are those of UTC unless a test is about that."""
        options.setdefault("timezone", "UTC")
        return SimulatedClient(self.sandbox, start=at, **options)

    @property
    def paths(self) -> list[str]:
        """The path of each request that the sandbox saw."""
        return [entry.path for entry in self.sandbox.log]

    def queries(self, path: str) -> list[dict[str, str]]:
        """The query of each request to a path."""
        return [dict(entry.query) for entry in self.sandbox.log if entry.path == path]


def client_rig(
    *,
    quirks: Quirks | None = None,
    faults: Faults | None = None,
    world: World | None = None,
    tamper: Callable[[Request, Response], Response] | None = None,
    **settings: Any,
) -> ClientRig:
    """A sandbox of one's own."""
    config = SandboxConfig(quirks=quirks or Quirks(), faults=faults or Faults(), **settings)
    sandbox = Tampered(config, world or small_world())
    if tamper is not None:
        sandbox.tamper = tamper
    return ClientRig(sandbox)


def swap(old: bytes, new: bytes) -> Callable[[Request, Response], Response]:
    """Replace bytes in every body."""
    return lambda _request, response: Response(response.status, response.body.replace(old, new), response.headers)
