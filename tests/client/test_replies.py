"""Whatever a server replies, every operation ends: with rows, or with one of our errors that holds the rows so far."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.client.catalog import Entry, catalog
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.errors import RowError, SonnysError
from sonnys_data_client.sandbox import Reply, Sandbox, SandboxConfig
from sonnys_data_client.testing.client import SimulatedClient
from sonnys_data_client.testing.plugin import START
from tests.types.golden import golden
from tests.types.test_parsing import JSON, JSON_SCALARS

ROWS = dict(golden())
ARGUMENTS = {
    "item_type": "wash",
    "employee_id": 12,
    "trans_id": "1:1",
    "customer_id": "1:1",
    "account_id": "1:1",
}
COUNTS = st.none() | st.integers(-1, 300) | JSON_SCALARS

KEYS = ("transactions", "customers", "items", "employees", "giftcards", "accounts", "sites", "sales", "weeks")
REQUESTS_MAX = 400


class Babbling(Sandbox):
    """Gives the next of its replies to any request, and the last one to all further requests."""

    def __init__(self, bodies: list[Any]) -> None:
        super().__init__(SandboxConfig(sites=1))
        self.bodies = [json.dumps(body, default=float).encode() for body in bodies]
        self.asked = 0

    def handle(self, request: Request, now: float) -> Reply:
        body = self.bodies[min(self.asked, len(self.bodies) - 1)]
        self.asked += 1
        assert self.asked < REQUESTS_MAX, "this never ends"
        return Reply(Response(200, body), 0.0)


def bodies(row: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Replies: usually a list of rows under any key, some rows odd; sometimes anything at all."""
    odd = st.dictionaries(st.sampled_from(sorted(row)), JSON, max_size=4).map(lambda changes: row | changes)
    rows = st.lists(st.just(row) | odd | JSON, max_size=4)
    weeks = st.lists(st.fixed_dictionaries({"week": JSON, "clockEntries": rows}) | JSON, max_size=2)
    lists = st.fixed_dictionaries(
        {}, optional={**dict.fromkeys(KEYS, rows), "weeks": weeks, "offset": COUNTS, "limit": COUNTS, "total": COUNTS}
    )
    return st.fixed_dictionaries({"data": lists | odd | JSON}) | JSON


@given(data=st.data(), number=st.integers(0, len(catalog()) - 1))
def test_any_reply_gives_rows_or_one_of_our_errors(data: st.DataObject, number: int) -> None:
    entry = catalog()[number]
    server = Babbling(data.draw(st.lists(bodies(ROWS[entry.model]), min_size=1, max_size=4), label=entry.name))
    client = SimulatedClient(server, start=START.timestamp(), max_retries=0, timezone="UTC")
    values = {each.name: ARGUMENTS[each.name] for each in entry.parameters if each.name in ARGUMENTS}
    if any(each.name == "since" for each in entry.parameters):
        values["since"] = "2025-03-01"
    result = outcome(entry, client, values)
    if isinstance(result, SonnysError):
        assert str(result)
        assert all(type(row) is entry.model for row in getattr(result, "rows", ()))
        assert not isinstance(result, RowError) or all(row.reason for row in result.unparsed)
    else:
        assert all(type(row) is entry.model for row in (result if entry.gives_rows else [result]))


def outcome(entry: Entry, client: SimulatedClient, values: dict[str, Any]) -> Any:
    """Return a call's result, or the error of ours that it raises."""
    try:
        return entry.call(client, **values)
    except SonnysError as error:
        return error
