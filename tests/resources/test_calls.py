"""Operations as methods: what a declaration becomes in each client, and how it handles rows and errors."""

from __future__ import annotations

import asyncio
import inspect
import json
from collections.abc import AsyncIterator, Callable, Iterator
from functools import cache
from typing import Any

import pytest

from sonnys_data_client import AsyncSonnysClient, SonnysClient
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.errors import AuthenticationError, IncompleteError, RowError, ValidationError
from sonnys_data_client.resources.calls import DetailCall, IterCall, ListCall, PagesCall
from sonnys_data_client.resources.customers import Customers
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.testing.client import SimulatedClient
from sonnys_data_client.testing.plugin import START
from tests.client.rig import Tampered
from tests.client.virtual import VirtualClient, play

DAY = "2026-03-08"
FIRST_S = 1_772_928_000


def small_sandbox(tamper: Callable[[Request, Response], Response] | None = None) -> Tampered:
    """A site with a day of three pages."""
    sandbox = Tampered(SandboxConfig(sites=1, cars_per_day=120))
    if tamper is not None:
        sandbox.tamper = tamper
    return sandbox


def simulated(sandbox: Tampered, **options: Any) -> SimulatedClient:
    return SimulatedClient(sandbox, start=START.timestamp(), timezone="UTC", **options)


def truth(stop: int = FIRST_S + 86_400) -> list[str]:
    """Return the ids of the day; with the second after it, as the server counts them."""
    return [row.id for row in small_sandbox().truth(FIRST_S, stop, as_of=START.timestamp())]


def paths(sandbox: Tampered) -> list[str]:
    return [entry.path for entry in sandbox.log]


def test_of_a_class_each_is_its_declaration() -> None:
    kinds = {name: type(getattr(Customers, name)) for name in ("list", "iter", "pages", "get")}
    assert kinds == {"list": ListCall, "iter": IterCall, "pages": PagesCall, "get": DetailCall}
    assert inspect.getdoc(Customers.list) == inspect.getdoc(SonnysClient("id", "key").customers.list)


@pytest.mark.parametrize("client", [SonnysClient("id", "key"), AsyncSonnysClient("id", "key")])
def test_of_a_client_each_is_a_function_with_name_docstring_and_signature(client: Any) -> None:
    assert client.customers.get.__name__ == "get"
    assert client.customers.get.__qualname__ == "Customers.get"
    assert list(inspect.signature(client.customers.get).parameters) == ["customer_id"]
    assert client.recurring.iter_details.__doc__.startswith("Read the rows of `list_details` row by row")
    assert client.recurring.pages.__doc__.startswith("Read the rows of `list` page by page")


def test_what_any_function_refuses_is_a_type_error() -> None:
    client: Any = SonnysClient("id", "key")
    get, by_type = client.customers.get, client.transactions.list_by_type
    for method, args, kwargs in (
        (get, (), {}),
        (get, ("1:1", "1:2"), {}),
        (client.customers.list, ("active",), {}),
        (by_type, (), {}),
        (by_type, ("wash",), {"item_type": "wash"}),
    ):
        with pytest.raises(TypeError):
            method(*args, **kwargs)


def test_arguments_go_by_place_or_by_name() -> None:
    client = simulated(small_sandbox())
    one = client.transactions.list(startDate=DAY, endDate=DAY)[0].trans_id
    assert client.transactions.get(one) == client.transactions.get(trans_id=one)
    by_name = client.transactions.list_by_type(item_type="wash", startDate=DAY, endDate=DAY)
    assert by_name == client.transactions.list_by_type("wash", startDate=DAY, endDate=DAY)


def test_a_stream_checks_its_parameters_at_once_and_reads_a_page_when_it_must() -> None:
    sandbox = small_sandbox()
    client = simulated(sandbox)
    with pytest.raises(ValidationError):
        client.transactions.iter(site=" ")
    rows = client.transactions.iter(startDate=DAY, endDate=DAY)
    assert isinstance(rows, Iterator)
    assert paths(sandbox) == []
    found = [next(rows) for _ in range(100)]
    assert len(paths(sandbox)) == 1
    found += rows
    assert len(paths(sandbox)) == 3
    assert [row.trans_id for row in found] == truth()
    assert found == client.transactions.list(startDate=DAY, endDate=DAY)


def test_pages_bring_the_servers_total() -> None:
    pages = simulated(small_sandbox()).transactions.pages(startDate=DAY, endDate=DAY)
    found = [(page.number, len(page.rows), page.total) for page in pages]
    total = len(truth(FIRST_S + 86_401))
    assert found == [(1, 100, total), (2, 100, total), (3, len(truth()) - 200, total)]


def test_the_async_client_gives_the_same() -> None:
    sync = simulated(small_sandbox()).transactions
    rows = sync.list(startDate=DAY, endDate=DAY)

    async def scenario(client: VirtualClient) -> None:
        transactions = client.transactions
        stream = transactions.iter(startDate=DAY, endDate=DAY)
        assert isinstance(stream, AsyncIterator)
        assert [row async for row in stream] == rows
        assert await transactions.list(startDate=DAY, endDate=DAY) == rows
        pages = [page async for page in transactions.pages(startDate=DAY, endDate=DAY)]
        assert pages == list(sync.pages(startDate=DAY, endDate=DAY))
        assert await transactions.get(rows[0].trans_id) == sync.get(rows[0].trans_id)
        with pytest.raises(ValidationError):
            transactions.iter(site=" ")
        async for _ in transactions.iter(startDate=DAY, endDate=DAY):
            break  # and nothing is left running: `play` looks

    play(small_sandbox(), scenario)


def break_off(request: Request, response: Response) -> Response:
    return Response(403, b"<html>") if dict(request.query).get("offset") == "2" else response


def test_a_list_that_breaks_off_carries_its_rows_and_a_stream_has_given_them() -> None:
    client = simulated(small_sandbox(break_off), max_retries=0)
    with pytest.raises(AuthenticationError) as caught:
        client.transactions.list(startDate=DAY, endDate=DAY)
    assert len(caught.value.rows) == 100
    found: list[Any] = []
    with pytest.raises(AuthenticationError) as streamed:
        found.extend(client.transactions.iter(startDate=DAY, endDate=DAY))
    assert streamed.value.rows == []
    assert len(found) == 100

    async def scenario(client: VirtualClient) -> None:
        with pytest.raises(AuthenticationError) as caught:
            await client.transactions.list(startDate=DAY, endDate=DAY)
        assert len(caught.value.rows) == 100

    play(small_sandbox(break_off), scenario, max_retries=0)


def lose_a_row(request: Request, response: Response) -> Response:
    """Fail on every page that has a certain row."""
    return Response(500, b"<html>") if lost_id() in response.body else response


@cache
def lost_id() -> bytes:
    """Return the id of that row, as it is in a reply."""
    return truth()[120].encode()


def test_a_row_that_the_server_fails_on_costs_itself_in_list_iter_and_pages_of_both_clients() -> None:
    client = simulated(small_sandbox(lose_a_row), max_retries=0)
    with pytest.raises(IncompleteError) as caught:
        client.transactions.list(startDate=DAY, endDate=DAY)
    assert len(caught.value.rows) == len(truth()) - 1
    assert caught.value.gaps[0].startswith("row ")
    found: list[Any] = []
    with pytest.raises(IncompleteError) as streamed:
        found.extend(client.transactions.iter(startDate=DAY, endDate=DAY))
    assert found == caught.value.rows
    assert streamed.value.gaps == caught.value.gaps
    found.clear()
    with pytest.raises(IncompleteError):
        found.extend(row for page in client.transactions.pages(startDate=DAY, endDate=DAY) for row in page.rows)
    assert found == caught.value.rows

    async def scenario(client: VirtualClient) -> None:
        with pytest.raises(IncompleteError) as awaited:
            await client.transactions.list(startDate=DAY, endDate=DAY)
        assert (awaited.value.rows, awaited.value.gaps) == (caught.value.rows, caught.value.gaps)

    play(small_sandbox(lose_a_row), scenario, max_retries=0)


def spoil(request: Request, response: Response) -> Response:
    """Give the first row of the first page a total that cannot be parsed."""
    if dict(request.query).get("offset") != "1":
        return response
    body = json.loads(response.body)
    body["data"]["transactions"][0]["total"] = "abc"
    return Response(response.status, json.dumps(body).encode())


def test_a_stream_gives_all_rows_that_fit_before_it_tells_of_the_others() -> None:
    found: list[Any] = []
    with pytest.raises(RowError) as caught:
        found.extend(simulated(small_sandbox(spoil)).transactions.iter(startDate=DAY, endDate=DAY))
    assert len(found) == len(truth()) - 1
    assert [row.raw["total"] for row in caught.value.unparsed] == ["abc"]
    assert caught.value.rows == []


def test_calls_of_one_client_may_run_side_by_side() -> None:
    async def scenario(client: VirtualClient) -> None:
        one, other = await asyncio.gather(
            client.transactions.list(startDate=DAY, endDate=DAY),
            client.transactions.list_v2(startDate=DAY, endDate=DAY),
        )
        assert [row.trans_id for row in one] == [row.trans_id for row in other]

    play(small_sandbox(), scenario)
