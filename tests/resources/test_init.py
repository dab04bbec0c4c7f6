"""The resources, in both clients: each method reaches its endpoint and returns the endpoint's model."""

from __future__ import annotations

import inspect
import json
import re
from typing import Any, Literal

import pytest

from sonnys_data_client.client.catalog import Entry, catalog
from sonnys_data_client.endpoints.recurring import MODIFIED
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.resources import Resources
from sonnys_data_client.resources.calls import ListCall
from sonnys_data_client.sandbox import Reply, Sandbox, SandboxConfig
from sonnys_data_client.testing.client import SimulatedClient
from sonnys_data_client.testing.plugin import START
from tests.client.virtual import VirtualClient, play
from tests.types.golden import golden

ROWS = dict(golden())
PATHS = {
    ("transactions", "list"): ("/transaction", "transactions"),
    ("transactions", "list_by_type"): ("/transaction/type/wash", "transactions"),
    ("transactions", "list_v2"): ("/transaction/version-2", "transactions"),
    ("transactions", "get"): ("/transaction/1:1", None),
    ("customers", "list"): ("/customer", "customers"),
    ("customers", "get"): ("/customer/1:1", None),
    ("items", "list"): ("/item", "items"),
    ("employees", "list"): ("/employee", "employees"),
    ("employees", "get"): ("/employee/12", None),
    ("employees", "clock_entries"): ("/employee/12/clock-entries", "weeks"),
    ("giftcards", "list"): ("/giftcard-liablilty", "giftcards"),
    ("washbooks", "list"): ("/washbook/account/list", "accounts"),
    ("washbooks", "list_all"): ("/washbook/account/list", "accounts"),
    ("washbooks", "get"): ("/washbook/account/1:1/detail", None),
    ("recurring", "list"): ("/recurring/account/list", "accounts"),
    ("recurring", "list_all"): ("/recurring/account/list", "accounts"),
    ("recurring", "get"): ("/recurring/account/1:1/detail", None),
    ("recurring", "list_details"): ("/recurring/account/details/list", "accounts"),
    ("recurring", "list_all_details"): ("/recurring/account/details/list", "accounts"),
    ("recurring", "list_status_changes"): ("/recurring/account/status-list", "accounts"),
    ("recurring", "list_modifications"): ("/recurring/account/modifications", "accounts"),
    ("sites", "list"): ("/site/list", "sites"),
    ("sales_outcomes", "list"): ("/sales-outcome/list", "sales"),
}
ARGUMENTS: dict[str, Any] = {
    "item_type": "wash",
    "employee_id": 12,
    "trans_id": "1:1",
    "customer_id": "1:1",
    "account_id": "1:1",
    "since": "2026-03-01",
}


@pytest.mark.parametrize(
    "entry", [entry for entry in catalog() if entry.gives_rows], ids=lambda entry: f"{entry.resource}.{entry.name}"
)
def test_each_list_says_what_its_completeness_rests_on(entry: Entry) -> None:
    resource = type(getattr(SimulatedClient(Sandbox(SandboxConfig(sites=1)), start=START.timestamp()), entry.resource))
    call = inspect.getattr_static(resource, entry.name)
    assert isinstance(call, ListCall)
    (said,) = re.findall(r"Completeness.*?(?=\n\n|\Z)", entry.doc, re.DOTALL)
    operation = call.operation
    counted = operation.sources is None or operation is MODIFIED
    assert ("`total`" in said) == counted
    if operation.id_field is not None and counted:
        assert f"`{operation.id_field}`" in said or f"`{operation.id_field}`s" in said
    elif counted:
        assert "No field identifies a row" in " ".join(said.split())


class Echo(Sandbox):
    """Serves one row for any request, and remembers the request."""

    def __init__(self, body: dict[str, Any]) -> None:
        super().__init__(SandboxConfig(sites=1))
        self.body = body
        self.asked: list[Request] = []

    def handle(self, request: Request, now: float) -> Reply:
        self.asked.append(request)
        return Reply(Response(200, json.dumps({"data": self.body}, default=float).encode()), 0.0)


def body_of(entry: Entry) -> dict[str, Any]:
    row = ROWS[entry.model]
    _, key = PATHS[entry.resource, entry.name]
    if key is None:
        return row | ({"employeeId": 12} if "employeeId" in row else {"id": "1:1"})
    if key == "weeks":
        row = {name: value for name, value in row.items() if name not in ("employeeId", "week")}
        return {"weeks": [{"week": "2026-11-20 - 2026-11-26", "clockEntries": [row]}]}
    return {key: [row], "offset": 1, "limit": 100, "total": 1}


def given(entry: Entry) -> dict[str, Any]:
    return {each.name: ARGUMENTS[each.name] for each in entry.parameters if each.name in ARGUMENTS}


@pytest.mark.parametrize("how", ["call", "iter"])
@pytest.mark.parametrize("entry", catalog(), ids=lambda entry: f"{entry.resource}.{entry.name}")
def test_each_operation_reaches_its_endpoint_and_gives_its_model(entry: Entry, how: Literal["call", "iter"]) -> None:
    if how == "iter" and not entry.gives_rows:
        return
    served_by, both = Echo(body_of(entry)), []
    client = SimulatedClient(served_by, start=START.timestamp(), timezone="UTC")
    both.append(entry.call(client, **given(entry)) if how == "call" else list(entry.iter(client, **given(entry))))

    async def scenario(other: VirtualClient) -> None:
        if how == "call":
            both.append(await entry.call(other, **given(entry)))
        else:
            both.append([row async for row in entry.iter(other, **given(entry))])

    play(served_by, scenario)
    rows = both[0] if entry.gives_rows else [both[0]]
    assert [type(row) for row in rows] == [entry.model]
    assert both[0] == both[1]
    assert {request.path for request in served_by.asked} == {PATHS[entry.resource, entry.name][0]}
    assert {request.method for request in served_by.asked} == {"GET"}


def test_a_class_says_where_it_is_found_on_a_client() -> None:
    for name, kind in Resources.__annotations__.items():
        resource = getattr(SimulatedClient(Echo({}), start=0.0), name)
        assert re.match(rf"`client\.{name}`: ", type(resource).__doc__ or ""), kind
