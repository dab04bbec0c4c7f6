"""The sandbox: a request and a time go in, a reply comes out.

There is no clock, no socket and no thread in here. The caller says when a request arrives; the same calls
with the same seed get the same bytes, always. A request passes these stations, and any of them may end it:

```text
fault on the way in -> credentials -> throttle -> error_500 -> site header -> route -> fault at the server
      not seen            403           429          500          403        200..422    lost, late, cut
```
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sonnys_data_client.engine.wire import Fault, FaultKind, Request, Response
from sonnys_data_client.sandbox import customers, employees, items, outcomes, prepaids, recurring, sites, transactions
from sonnys_data_client.sandbox.config import Account, SandboxConfig
from sonnys_data_client.sandbox.faults import ON_THE_WAY_IN, FaultDice
from sonnys_data_client.sandbox.gate import Gate, Window
from sonnys_data_client.sandbox.log import Entry
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.openapi import describe
from sonnys_data_client.sandbox.quirks import Quirks
from sonnys_data_client.sandbox.render import Renderer
from sonnys_data_client.sandbox.replies import Refusal, ok
from sonnys_data_client.sandbox.route import Call, Route, Router
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.protocol import Records, World

__all__ = ["Reply", "Sandbox", "all_routes"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What becomes of a request.

    Attributes:
        outcome: The server's reply, or how the connection let the caller down.
        hold_s: How long the server takes before it replies or breaks off, in seconds. The network's latency
            is the caller's affair.
        torso: With a `Fault` in the middle of a reply: what goes out before it breaks off. Its headers and
            the first half of its body are sent.
    """

    outcome: Response | Fault
    hold_s: float = 0.0
    torso: Response | None = None


def all_routes(quirks: Quirks, render: Renderer) -> list[Route]:
    """Return every endpoint, as the quirks want it."""
    return [
        *transactions.routes(quirks, render),
        *customers.routes(render.spelling),
        *items.routes(render.spelling),
        *employees.routes(quirks, render.spelling),
        *prepaids.routes(quirks, render.spelling),
        *recurring.routes(quirks, render.spelling),
        *sites.routes(render),
        *outcomes.routes(render.spelling),
    ]


class Sandbox:
    """A local Sonny's BackOffice Data API, without the network.

    Args:
        config: Settings; see `SandboxConfig`.
        world: The truth behind it; a `BelievableWorld` of the configured seed and size if not given.

    Attributes:
        config: The settings.
        world: The truth.
        routes: The endpoints.
        log: What the server saw, in order of arrival.
    """

    def __init__(self, config: SandboxConfig | None = None, world: World | None = None) -> None:
        self.config = config = config or SandboxConfig()
        self.world: World = world or BelievableWorld(
            WorldConfig(seed=config.seed, sites=config.sites, cars_per_day=config.cars_per_day)
        )
        self._render = Renderer(config.quirks)
        self.routes = all_routes(config.quirks, self._render)
        self._router = Router(self.routes)
        self.log: list[Entry] = []
        self.reset()

    def reset(self) -> None:
        """Forget all requests: jobs, caches, throttle windows, the log, and where the dice had got to."""
        self._dice = FaultDice(self.config.faults, self.config.seed)
        self._gate = Gate(self.config, self._dice)
        self._office = Office(self.config, self.world, self._dice, self._render)
        self._arrived = 0
        self._latest = -math.inf
        self.log.clear()

    def handle(self, request: Request, now: float) -> Reply:
        """Serve one request.

        Args:
            request: The request, its headers included.
            now: When it arrives, epoch seconds; never earlier than the request before.

        Raises:
            ValueError: `now` is earlier than the request before.
        """
        if now < self._latest:
            raise ValueError(f"Time runs backwards: {now} comes after {self._latest}.")
        self._latest = now
        self._arrived += 1
        visit = _Visit(request, self._arrived, now, self._dice.strike(request, self._arrived, now))
        if visit.fault in ON_THE_WAY_IN:
            reply = _turn_away(visit.fault)
        else:
            reply = _send_off(self._serve(visit), visit.fault, self._hold_s(visit))
        self.log.append(visit.entry())
        return reply

    def windows(self) -> list[Window]:
        """Return every throttle window so far, by API ID and in order of time."""
        return self._gate.windows()

    def truth(
        self, start: int, stop: int, site: str | None = None, *, as_of: float = math.inf
    ) -> Sequence[Transaction]:
        """Return the world's own rows, for judging what a client got.

        Args:
            start: First second, epoch.
            stop: The second after the last, epoch.
            site: Code of one site; None: all.
            as_of: What the server knew at that time, epoch seconds; the default is all it will ever know.
        """
        return self.world.transactions(start, stop, site=site, as_of=as_of)

    def description(self) -> dict[str, Any]:
        """Return the API's own description, an OpenAPI 3.1 document made from the routes."""
        return describe(self.routes)

    @property
    def records(self) -> Records:
        """The world's own records (customers, accounts, staff, ...), for judging what a client got."""
        return self.world.records

    def _hold_s(self, visit: _Visit) -> float:
        return self.config.faults.stall_s if visit.fault == "stall" else 0.0

    def _serve(self, visit: _Visit) -> Response:
        try:
            response = ok(self._answer(visit))
        except Refusal as refusal:
            visit.error = refusal.type
            response = refusal.response()
        visit.status = response.status
        return response

    def _answer(self, visit: _Visit) -> bytes:
        request, now = visit.request, visit.now
        visit.account = account = self._gate.identify(request.headers)
        visit.window = window = self._gate.count(account.api_id, now, self._hold_s(visit))
        visit.window_count = window.count
        self._gate.refuse(window, now)
        if visit.fault == "error_500":
            more = {"code": f"SBX{visit.number:06d}"}
            raise Refusal(500, "ServerUnexpectedFailure", "Something broke.", more=more)
        site = self._site_of_header(request, account)
        route, path_args = self._router.find(request.path)
        visit.call = call = Call(account, site, request, visit.number, now)
        call.path_args = path_args
        return route.serve(call, self._office)

    def _site_of_header(self, request: Request, account: Account) -> str | None:
        code = request.headers.get("x-sonnys-site-code")
        if not code:
            return None
        # Two codes stand for two of the errors, as in the vendor's sandbox; a third, INVALID, is just no site.
        if code == "DEF":
            raise Refusal(403, "NotAuthorizedSiteArgsError", "The site of the query is not the header's.")
        if code != "ABC" and code not in self._office.sites:
            raise Refusal(403, "BadSiteCredentialsError", "There is no site with the header's code.")
        if code == "ABC" or (account.sites is not None and code not in account.sites):
            raise Refusal(403, "NotAuthorizedSiteCredentialsError", "The header's site is not theirs.")
        return code


class _Visit:
    """A request's way through the stations, and what is to be logged of it."""

    __slots__ = (
        "account",
        "call",
        "error",
        "fault",
        "now",
        "number",
        "request",
        "status",
        "window",
        "window_count",
    )

    def __init__(self, request: Request, number: int, now: float, fault: str | None) -> None:
        self.request = request
        self.number = number
        self.now = now
        self.fault = fault
        self.account: Account | None = None
        self.window: Window | None = None
        self.window_count: int | None = None
        self.call: Call | None = None
        self.status: int | None = None
        self.error: str | None = None

    def entry(self) -> Entry:
        """Return the line for the log."""
        job = self.call.job if self.call else None
        return Entry(
            at=self.now,
            api_id=self.account.api_id if self.account else None,
            method=self.request.method,
            path=self.request.path,
            query=self.request.query,
            status=self.status,
            type=self.error,
            fault=self.fault,
            window=self.window.number if self.window else None,
            window_count=self.window_count,
            hash=job.hash if job else None,
            page=job.criteria.page if job else None,
            job_status=self.call.job_status if self.call else None,
        )


_GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def _turn_away(fault: str | None) -> Reply:
    if fault == "unreachable":
        return Reply(Fault(FaultKind.UNREACHABLE, "sandbox: unreachable"))
    if fault == "html_502":
        return Reply(Response(502, _GATEWAY_PAGE, {"content-type": "text/html"}))
    if fault == "unavailable_503":
        return Reply(Response(503, b"Service Unavailable", {"content-type": "text/plain"}))
    return Reply(Fault(FaultKind.BROKEN, f"sandbox: {fault}"))


def _send_off(response: Response, fault: str | None, hold_s: float) -> Reply:
    if fault == "reset_after":
        return Reply(Fault(FaultKind.BROKEN, "sandbox: reset_after"))
    if fault == "cut_off":
        return Reply(Fault(FaultKind.BROKEN, "sandbox: cut_off"), torso=response)
    if fault == "truncated":
        return Reply(Response(response.status, response.body[: len(response.body) // 2], response.headers))
    return Reply(response, hold_s)
