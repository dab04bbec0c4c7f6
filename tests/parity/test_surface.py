"""The async client offers all that the sync client offers, with the same results."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sonnys_data_client import AsyncExport, AsyncJob, AsyncSonnysClient, Export, Job, SonnysClient, ThrottleLimits
from sonnys_data_client.client.catalog import catalog
from sonnys_data_client.resources.calls import Call
from sonnys_data_client.resources.transactions import AsyncTransactions, Transactions
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from tests.days import today

PAIRS = [
    (SonnysClient, AsyncSonnysClient),
    (Transactions, AsyncTransactions),
    (Job, AsyncJob),
    (Export, AsyncExport),
]

SPEED = 50.0
DAY = today() - timedelta(days=20)
"""Long enough ago that no row of it arrives late."""

both_ways = pytest.mark.parametrize(("sync", "aio"), PAIRS, ids=lambda kind: kind.__name__)


def surface(kind: type) -> dict[str, Any]:
    return {name: getattr(kind, name) for name in dir(kind) if not name.startswith("_")}


def parameters(method: Any) -> list[tuple[str, Any, Any, str]]:
    """Return names, kinds, defaults and types of a method's parameters; `tests/typing` checks the return types."""
    signature = method.signature if isinstance(method, Call) else inspect.signature(method)
    return [
        (name, parameter.kind, parameter.default, str(parameter.annotation))
        for name, parameter in signature.parameters.items()
    ]


@both_ways
def test_the_public_names_are_the_same(sync: type, aio: type) -> None:
    assert set(surface(sync)) == set(surface(aio))
    assert set(sync.__annotations__) == set(aio.__annotations__)


@both_ways
def test_what_is_called_takes_the_same_parameters_and_defaults(sync: type, aio: type) -> None:
    others = surface(aio)
    for name, method in surface(sync).items():
        if isinstance(method, property):
            assert isinstance(others[name], property)
        else:
            assert parameters(method) == parameters(others[name]), name


@both_ways
def test_every_public_method_says_what_it_does(sync: type, aio: type) -> None:
    for kind in (sync, aio):
        for name, member in surface(kind).items():
            assert inspect.getdoc(member), f"{kind.__name__}.{name}"


def test_every_operation_is_a_method_of_both_clients_with_its_own_docstring() -> None:
    clients = SonnysClient("id", "key"), AsyncSonnysClient("id", "key")
    for entry in catalog():
        sync, aio = (getattr(getattr(client, entry.resource), entry.name) for client in clients)
        assert (sync.__name__, sync.__doc__) == (aio.__name__, aio.__doc__)
        assert sync.__name__ == entry.name
        assert inspect.getdoc(sync) == entry.doc
        assert inspect.signature(sync) == inspect.signature(aio)


def test_both_clients_take_the_same_arguments() -> None:
    assert parameters(SonnysClient) == parameters(AsyncSonnysClient)


def test_the_protocol_of_a_block_or_a_loop_is_there_twice() -> None:
    for sync, aio in (PAIRS[0], PAIRS[-1]):
        assert hasattr(sync, "__enter__")
        assert hasattr(sync, "__exit__")
        assert hasattr(aio, "__aenter__")
        assert hasattr(aio, "__aexit__")
    assert hasattr(Export, "__next__")
    assert hasattr(AsyncExport, "__anext__")


@pytest.fixture(scope="module")
def server() -> Iterator[RunningSandbox]:
    config = SandboxConfig(sites=3, cars_per_day=60, job_s=0.5)
    with running_sandbox(config, speed=SPEED) as running:
        yield running


def options(server: RunningSandbox) -> dict[str, Any]:
    return {"base_url": server.base_url, "throttle": ThrottleLimits(20, 15 / SPEED)}


def ask_sync(server: RunningSandbox) -> dict[str, Any]:
    with SonnysClient(server.api_id, server.api_key, **options(server)) as client:
        transactions = client.transactions
        listed = transactions.list(startDate=DAY, endDate=DAY)
        job = transactions.submit_job(startDate=DAY, endDate=DAY, limit=20)
        with transactions.export(DAY, DAY) as export:
            plan = export.plan()
            rows = sorted(export, key=lambda row: row.id)
        return {
            "sites": client.sites.list(),
            "list": listed,
            "list_by_type": transactions.list_by_type("wash", startDate=DAY, endDate=DAY, site="MAIN"),
            "list_v2": transactions.list_v2(startDate=DAY, endDate=DAY, offset=1, limit=10),
            "get": transactions.get(listed[0].trans_id),
            "load_job": transactions.load_job(startDate=DAY, endDate=DAY, poll_interval=0.05),
            "job": (job.hash, job.result(poll_interval=0.05), job.status()),
            "job again": transactions.job(job.to_dict()).result(poll_interval=0.05),
            "get_job_data": transactions.get_job_data(job.hash),
            "export": (plan.windows, rows, [(w.window, w.total, w.rows) for w in export.report.windows]),
        }


async def ask_async(server: RunningSandbox) -> dict[str, Any]:
    async with AsyncSonnysClient(server.api_id, server.api_key, **options(server)) as client:
        transactions = client.transactions
        listed = await transactions.list(startDate=DAY, endDate=DAY)
        job = await transactions.submit_job(startDate=DAY, endDate=DAY, limit=20)
        async with transactions.export(DAY, DAY) as export:
            plan = await export.plan()
            rows = sorted([row async for row in export], key=lambda row: row.id)
        return {
            "sites": await client.sites.list(),
            "list": listed,
            "list_by_type": await transactions.list_by_type("wash", startDate=DAY, endDate=DAY, site="MAIN"),
            "list_v2": await transactions.list_v2(startDate=DAY, endDate=DAY, offset=1, limit=10),
            "get": await transactions.get(listed[0].trans_id),
            "load_job": await transactions.load_job(startDate=DAY, endDate=DAY, poll_interval=0.05),
            "job": (job.hash, await job.result(poll_interval=0.05), await job.status()),
            "job again": await transactions.job(job.to_dict()).result(poll_interval=0.05),
            "get_job_data": await transactions.get_job_data(job.hash),
            "export": (plan.windows, rows, [(w.window, w.total, w.rows) for w in export.report.windows]),
        }


def test_both_give_the_same_results_over_http(server: RunningSandbox) -> None:
    sync = ask_sync(server)
    server.sandbox.reset()
    aio = asyncio.run(ask_async(server))
    assert sync.keys() == aio.keys()
    for name, result in sync.items():
        assert result == aio[name], name
        assert result, name
