"""The sandbox's replies match its own description, for every request and under every quirk.

Schemathesis draws requests from the description, good ones and bad ones, and sends them over ASGI. Few of them find
something. So a walk also asks every route for things that exist, under every quirk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import API_ID, API_KEY, Quirks, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.clock import SandboxClock
from sonnys_data_client.sandbox.http import asgi_app
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from tests.sandbox.rig import DAY, KEYS, NOW, TODAY, YESTERDAY

Query = Mapping[str, object]

EXAMPLES = 25
"""Requests that are drawn for each operation. All operations together take about ten seconds."""
KEPT_TO = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
SLOW_AT_TIMES = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
WORLD = BelievableWorld(WorldConfig(sites=3, cars_per_day=25))
ENDLESS = 10**9
SCHEMA = schemathesis.openapi.from_asgi(
    "/v1/openapi.json", asgi_app(Sandbox(SandboxConfig(limit=ENDLESS), WORLD), SandboxClock())
)


@SCHEMA.parametrize()  # pyright: ignore[reportUntypedFunctionDecorator]
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=SLOW_AT_TIMES)
def test_drawn_requests_are_answered_as_described(case: Case[Any]) -> None:
    reply = case.call(headers={"X-Sonnys-API-ID": API_ID, "X-Sonnys-API-Key": API_KEY})
    case.validate_response(reply, checks=KEPT_TO)


@cache
def walk() -> Sequence[tuple[str, str, Query]]:
    """Every route as a template, with a path and a query that find something."""
    records, month = WORLD.records, TODAY - 20 * DAY
    of_month, of_day = {"startDate": month, "endDate": YESTERDAY}, {"startDate": YESTERDAY, "endDate": TODAY - 1}
    row = WORLD.transactions(YESTERDAY, TODAY, as_of=NOW)[0]
    account = records.modified(month, YESTERDAY, as_of=NOW)[-1]
    book = records.washbooks(TODAY - 180 * DAY, TODAY, as_of=NOW)[0]
    customer, employee = records.customers(as_of=NOW)[-1], records.employees()[3]
    plain: dict[str, Query] = {
        "/transaction": of_day,
        "/transaction/version-2": of_day,
        "/transaction/load-job": {**of_day, "limit": 100},
        "/customer": {"limit": 100},
        "/item": {"limit": 100},
        "/employee": {},
        "/giftcard-liablilty": of_month,
        "/washbook/account/list": {"startDate": TODAY - 180 * DAY},
        "/recurring/account/list": of_month,
        "/recurring/account/status-list": of_month,
        "/recurring/account/modifications": of_month,
        "/recurring/account/details/list": of_month,
        "/site/list": {},
        "/sales-outcome/list": {"startDate": "2026-11-20"},
    }
    return [
        *((path, path, query) for path, query in plain.items()),
        ("/transaction/type/{item_type}", "/transaction/type/wash", of_day),
        ("/transaction/{trans_id}", f"/transaction/{row.id}", {}),
        ("/customer/{customer_id}", f"/customer/{customer.id}", {}),
        ("/employee/{employee_id}", f"/employee/{employee.id}", {}),
        ("/employee/{employee_id}/clock-entries", f"/employee/{employee.id}/clock-entries", {}),
        ("/washbook/account/{account_id}/detail", f"/washbook/account/{book.id}/detail", {}),
        ("/washbook/account/{account_id}/detail", f"/washbook/account/{account.id}/detail", {}),
        ("/recurring/account/{account_id}/detail", f"/recurring/account/{account.id}/detail", {}),
    ]


class Walker:
    """Walks through a sandbox and checks each 200 against the description."""

    def __init__(self, quirks: Quirks) -> None:
        self.sandbox = Sandbox(SandboxConfig(quirks=quirks, limit=ENDLESS), WORLD)
        self.document = self.sandbox.description()
        self.method = "get" if quirks.submit_method == "get" else "post"
        self.now = NOW

    def ask(self, template: str, path: str, query: Query) -> Any:
        method = self.method if template.endswith("load-job") else "get"
        pairs = tuple((name, str(value)) for name, value in query.items())
        reply = self.sandbox.handle(Request(method.upper(), path, pairs, KEYS), self.now).outcome
        assert isinstance(reply, Response)
        assert reply.status == 200, reply.body
        body = json.loads(reply.body)
        answers = self.document["paths"][template][method]["responses"]["200"]["content"]["application/json"]
        schema = {**answers["schema"], "components": self.document["components"]}
        jsonschema_rs.validate(schema, body)
        return body["data"]


@pytest.mark.parametrize(
    ("name", "value"), [(None, None), *Quirks.variants()], ids=lambda value: "default" if value is None else str(value)
)
def test_every_quirk_is_described(name: str | None, value: Any) -> None:
    quirks = Quirks(**({name: value} if name else {}))
    walker = Walker(quirks)
    rows = 0
    for template, path, query in walk():
        where = {"site": "MAIN"} if quirks.site_required else {}
        data = walker.ask(template, path, {**query, **where})
        rows += sum(len(part) for part in data.values() if isinstance(part, list))
        if template == "/transaction/load-job":
            fetch = "/transaction/get-job-data"
            assert walker.ask(fetch, fetch, {"hash": data["hash"]})["status"] == "working"
            walker.now += 60
            rows += len(walker.ask(fetch, fetch, {"hash": data["hash"]})["data"])
    assert rows > 200, "the walk finds next to nothing"


def test_the_walk_leaves_no_route_out() -> None:
    walked = {template for template, _, _ in walk()} | {"/transaction/get-job-data"}
    assert walked == set(Walker(Quirks()).document["paths"])
