"""What the sandbox's tests share: a tiny world, and a rig from which to send requests at a chosen time."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import API_ID, API_KEY, Faults, Quirks, Reply, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world import Records, World
from sonnys_data_client.sandbox.world.facts import Discount, LineItem, Site, Tender, Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld, make_row

NOW = 1_795_435_200.0
"""2026-11-23 12:00:00 UTC, when most tests begin."""
TODAY = 1_795_392_000
"""The start of that day."""
DAY = 86_400
YESTERDAY = TODAY - DAY

KEYS: Mapping[str, str] = {"x-sonnys-api-id": API_ID, "x-sonnys-api-key": API_KEY}
SUBMIT = "/transaction/load-job"
FETCH = "/transaction/get-job-data"

SITES = (
    Site(1, "MAIN", "Main Street", "America/Chicago", "CENTRAL", False),
    Site(2, "NORTH", "North Loop", None, "UPPER", False),
    Site(3, "", "Web Shop", "America/Chicago", "ONLINE", True),
)

WASH = replace(
    make_row(1, SITES[0], YESTERDAY * 1000, 150_075),
    device="POS1",
    tenders=(Tender("Cash", None, 150_100, 25, 150_075),),
    items=(LineItem("Fleet Wash", "17", "Wash", 100, 160_000, 150_000, 10_000, 75, 0),),
    discounts=(Discount("Fleet", None, "Fleet Wash", 10_000, "F1"),),
    plate="ABC123",
    cashier="Kim",
    is_plan_sale_v2=True,
    visible_from=0.0,
)


def world_of(rows: Sequence[Transaction], records: Records | None = None) -> ListWorld:
    """A world of these rows at the three sites."""
    return ListWorld(SITES, rows, records)


def wash(number: int, at: float, site: Site = SITES[0], **changes: Any) -> Transaction:
    """One wash at epoch second `at`."""
    return replace(
        WASH,
        id=f"{number}:{site.id}",
        number=number,
        completed_ms=round(at * 1000),
        site_code=site.code,
        **changes,
    )


@cache
def small_world() -> ListWorld:
    """Yesterday: 230 rows at MAIN, one every five minutes, a few elsewhere, one in the day's last instant."""
    main = [wash(n, YESTERDAY + n * 300) for n in range(230)]
    north = [wash(1000 + n, YESTERDAY + 7 + n * 3600, SITES[1]) for n in range(5)]
    shop = [wash(2000, YESTERDAY + 43_200, SITES[2], device="E-Comm 1")]
    return world_of([*main, *north, *shop, wash(230, YESTERDAY + DAY - 0.5)])


class SandboxRig:
    """Sends requests to a sandbox with good credentials, at the time `now`."""

    def __init__(
        self,
        world: World | None = None,
        *,
        quirks: Quirks | None = None,
        faults: Faults | None = None,
        **settings: Any,
    ) -> None:
        settings.setdefault("limit", 10**9)
        config = SandboxConfig(quirks=quirks or Quirks(), faults=faults or Faults(), **settings)
        self.sandbox = Sandbox(config, world or small_world())
        self.now = NOW

    def send(self, method: str, path: str, headers: Mapping[str, str] = KEYS, /, **query: object) -> Reply:
        """Send a request, and return whatever happens to it."""
        pairs = tuple((name, str(value)) for name, value in query.items())
        return self.sandbox.handle(Request(method, path, pairs, headers), self.now)

    def ask(self, method: str, path: str, headers: Mapping[str, str] = KEYS, /, **query: object) -> Response:
        """Send a request and expect a reply."""
        outcome = self.send(method, path, headers, **query).outcome
        assert isinstance(outcome, Response), outcome
        return outcome

    def get(self, path: str, headers: Mapping[str, str] = KEYS, /, **query: object) -> Any:
        """GET a path, expect a 200, and return its JSON `data`."""
        return data(self.ask("GET", path, headers, **query))

    def submit(self, start: int = YESTERDAY, end: int = TODAY - 1, **query: object) -> str:
        """Submit a job with POST and return its hash."""
        query = {"startDate": start, "endDate": end, "limit": 100, **query}
        hash = data(self.ask("POST", SUBMIT, **query))["hash"]
        assert isinstance(hash, str)
        return hash

    def fetch(self, hash: str) -> Any:
        """Return the `data` of get-job-data."""
        return self.get(FETCH, hash=hash)

    def page(self, start: int = YESTERDAY, end: int = TODAY - 1, **query: object) -> Any:
        """Submit a job, wait for it, and return its `data`."""
        hash = self.submit(start, end, **query)
        self.now += 60
        return self.fetch(hash)


def data(response: Response) -> Any:
    """Return the `data` of a 200."""
    assert response.status == 200, response.body
    return json.loads(response.body)["data"]


def refusal(response: Response) -> tuple[int, str, Any]:
    """Return status, type and message (or messages) of an error."""
    body = json.loads(response.body)
    return response.status, body["type"], body.get("messages", body.get("message"))


def record_rig(**quirks: Any) -> SandboxRig:
    """A rig whose world has yesterday's rows and a handful of records."""
    from tests.sandbox.records import RECORDS

    return SandboxRig(world_of(small_world().rows, RECORDS), quirks=Quirks(**quirks))


def header_of(site: str) -> dict[str, str]:
    """Good credentials with a site's code."""
    return {**KEYS, "x-sonnys-site-code": site}
