"""The sandbox: a request and a time go in, a reply comes out.

There is no clock, no socket and no thread in here. The caller says when a request arrives, and the same calls
with the same seed always get the same bytes. A request passes these steps in order, and each may end it:

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
from sonnys_data_client.sandbox.config import ApiAccount, SandboxConfig
from sonnys_data_client.sandbox.faults import ON_THE_WAY_IN, FaultDice
from sonnys_data_client.sandbox.gate import Gate, Period
from sonnys_data_client.sandbox.log import LogEntry
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
    """What happens to a request.

    Attributes:
        outcome: The server's reply, or how the connection failed.
        hold_s: Seconds that the server waits before it replies or breaks the connection. The caller adds the
            network's latency.
        cut_short: The reply that breaks off in the middle, if `outcome` is such a `Fault`. Its headers and the
            first half of its body are sent.
    """

    outcome: Response | Fault
    hold_s: float = 0.0
    cut_short: Response | None = None


def all_routes(quirks: Quirks, render: Renderer) -> list[Route]:
    """Return every endpoint under these quirks."""
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
        world: The data it serves. By default a `BelievableWorld` of the configured seed and size.

    Attributes:
        config: The settings.
        world: The data.
        routes: The endpoints.
        log: All requests so far, in order of arrival.
    """

    def __init__(self, config: SandboxConfig | None = None, world: World | None = None) -> None:
        self.config = config = config or SandboxConfig()
        self.world: World = world or BelievableWorld(
            WorldConfig(seed=config.seed, sites=config.sites, cars_per_day=config.cars_per_day)
        )
        self._render = Renderer(config.quirks)
        self.routes = all_routes(config.quirks, self._render)
        self._router = Router(self.routes)
        self.log: list[LogEntry] = []
        self.reset()

    def reset(self) -> None:
        """Forget all requests: jobs, caches, throttle periods, the log and the state of the dice."""
        self._dice = FaultDice(self.config.faults, self.config.seed)
        self._gate = Gate(self.config, self._dice)
        self._office = Office(self.config, self.world, self._dice, self._render)
        self._arrived = 0
        self._latest = -math.inf
        self.log.clear()

    def handle(self, request: Request, now: float) -> Reply:
        """Serve one request.

        Args:
            request: The request with its headers.
            now: When it arrives, epoch seconds. Not before the last request's arrival.

        Raises:
            ValueError: `now` is before the last request's arrival.
        """
        if now < self._latest:
            raise ValueError(f"A request cannot arrive at {now}: the one before arrived later, at {self._latest}.")
        self._latest = now
        self._arrived += 1
        exchange = _Exchange(request, self._arrived, now, self._dice.strike(request, self._arrived, now))
        if exchange.fault in ON_THE_WAY_IN:
            reply = _without_server(exchange.fault)
        else:
            reply = _with_server(self._serve(exchange), exchange.fault, self._hold_s(exchange))
        self.log.append(exchange.entry())
        return reply

    def periods(self) -> list[Period]:
        """Return every throttle period so far, grouped by API ID and in order of time."""
        return self._gate.periods()

    def truth(
        self, start: int, stop: int, site: str | None = None, *, as_of: float = math.inf
    ) -> Sequence[Transaction]:
        """Return the world's own rows, to compare with what a client got.

        Args:
            start: First second, epoch.
            stop: The second after the last, epoch.
            site: Code of one site; None means all sites.
            as_of: Epoch second. Rows are as the server knew them then; by default, as it will finally know them.
        """
        return self.world.transactions(start, stop, site=site, as_of=as_of)

    def description(self) -> dict[str, Any]:
        """Return the API's OpenAPI 3.1 document, which is made from the routes."""
        return describe(self.routes)

    @property
    def records(self) -> Records:
        """The world's own records, to compare with what a client got.

        Customers, accounts, staff and so on.
        """
        return self.world.records

    def _hold_s(self, exchange: _Exchange) -> float:
        return self.config.faults.stall_s if exchange.fault == "stall" else 0.0

    def _serve(self, exchange: _Exchange) -> Response:
        try:
            response = ok(self._answer(exchange))
        except Refusal as refusal:
            exchange.error = refusal.type
            response = refusal.response()
        exchange.status = response.status
        return response

    def _answer(self, exchange: _Exchange) -> bytes:
        request, now = exchange.request, exchange.now
        exchange.account = account = self._gate.identify(request.headers)
        exchange.period = period = self._gate.count(account.api_id, now, self._hold_s(exchange))
        exchange.period_count = period.count
        self._gate.refuse(period, now)
        if exchange.fault == "error_500":
            more = {"code": f"SBX{exchange.number:06d}"}
            raise Refusal(500, "ServerUnexpectedFailure", "Something broke.", more=more)
        site = self._site_of_header(request, account)
        route, path_args = self._router.find(request.path)
        exchange.call = call = Call(account, site, request, exchange.number, now)
        call.path_args = path_args
        return route.serve(call, self._office)

    def _site_of_header(self, request: Request, account: ApiAccount) -> str | None:
        code = request.headers.get("x-sonnys-site-code")
        if not code:
            return None
        # ABC and DEF stand for two of the errors, as in the vendor's sandbox. Its third code, INVALID, needs no
        # rule: there is no such site.
        if code == "DEF":
            raise Refusal(403, "NotAuthorizedSiteArgsError", "The site of the query is not the header's.")
        if code != "ABC" and code not in self._office.sites:
            raise Refusal(403, "BadSiteCredentialsError", "There is no site with the header's code.")
        if code == "ABC" or (account.sites is not None and code not in account.sites):
            raise Refusal(403, "NotAuthorizedSiteCredentialsError", "The account may not see the header's site.")
        return code


class _Exchange:
    """One request while it is served, and what the log will say about it."""

    __slots__ = (
        "account",
        "call",
        "error",
        "fault",
        "now",
        "number",
        "period",
        "period_count",
        "request",
        "status",
    )

    def __init__(self, request: Request, number: int, now: float, fault: str | None) -> None:
        self.request = request
        self.number = number
        self.now = now
        self.fault = fault
        self.account: ApiAccount | None = None
        self.period: Period | None = None
        self.period_count: int | None = None
        self.call: Call | None = None
        self.status: int | None = None
        self.error: str | None = None

    def entry(self) -> LogEntry:
        """Return the log entry."""
        job = self.call.job if self.call else None
        return LogEntry(
            at=self.now,
            api_id=self.account.api_id if self.account else None,
            method=self.request.method,
            path=self.request.path,
            query=self.request.query,
            status=self.status,
            type=self.error,
            fault=self.fault,
            period=self.period.number if self.period else None,
            period_count=self.period_count,
            hash=job.hash if job else None,
            page=job.criteria.page if job else None,
            job_status=self.call.job_status if self.call else None,
        )


_GATEWAY_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"


def _without_server(fault: str | None) -> Reply:
    if fault == "unreachable":
        return Reply(Fault(FaultKind.UNREACHABLE, "sandbox: unreachable"))
    if fault == "html_502":
        return Reply(Response(502, _GATEWAY_PAGE, {"content-type": "text/html"}))
    if fault == "unavailable_503":
        return Reply(Response(503, b"Service Unavailable", {"content-type": "text/plain"}))
    return Reply(Fault(FaultKind.BROKEN, f"sandbox: {fault}"))


def _with_server(response: Response, fault: str | None, hold_s: float) -> Reply:
    if fault == "reset_after":
        return Reply(Fault(FaultKind.BROKEN, "sandbox: reset_after"))
    if fault == "cut_off":
        return Reply(Fault(FaultKind.BROKEN, "sandbox: cut_off"), cut_short=response)
    if fault == "truncated":
        return Reply(Response(response.status, response.body[: len(response.body) // 2], response.headers))
    return Reply(response, hold_s)
