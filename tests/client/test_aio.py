"""The async client, in virtual time. What it shares with the sync one is in `tests/parity`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any

import pytest

from sonnys_data_client import AsyncSonnysClient, Progress
from sonnys_data_client.errors import (
    APIError,
    AuthenticationError,
    JobTimeoutError,
    NotFoundError,
    RowError,
    SonnysError,
    ValidationError,
)
from sonnys_data_client.sandbox import API_ID, Faults, Sandbox, SandboxConfig
from sonnys_data_client.types import Transaction, TransactionListItem, TransactionListItemV2
from tests.client.virtual import VirtualClient, play

DAY = "2026-03-08"
FIRST_S = 1_772_928_000

Story = Callable[[VirtualClient], Coroutine[Any, Any, None]]


def small_sandbox(*, faults: Faults | None = None, job_s: float = 10.0, cars_per_day: int = 120) -> Sandbox:
    return Sandbox(SandboxConfig(sites=1, cars_per_day=cars_per_day, job_s=job_s, faults=faults or Faults()))


def day_ids(sandbox: Sandbox) -> list[str]:
    return [row.id for row in sandbox.truth(FIRST_S, FIRST_S + 86_400, as_of=FIRST_S + 20 * 86_400)]


def loop_time() -> float:
    return asyncio.get_running_loop().time()


def test_lists_come_as_models() -> None:
    sandbox = small_sandbox()

    async def scenario(client: VirtualClient) -> None:
        listed = await client.transactions.list(startDate=DAY, endDate=DAY)
        assert sorted(row.trans_id for row in listed) == sorted(day_ids(sandbox))
        assert {type(row) for row in listed} == {TransactionListItem}
        washes = await client.transactions.list_by_type("wash", startDate=DAY, endDate=DAY, limit=50)
        assert 0 < len(washes) < len(listed)
        second = await client.transactions.list_v2(startDate=DAY, endDate=DAY, offset=2, limit=50)
        assert len(second) == 50
        assert {type(row) for row in second} == {TransactionListItemV2}
        one = await client.transactions.get(listed[0].trans_id)
        assert type(one) is Transaction
        assert one.id == listed[0].trans_id
        assert [site.code for site in await client.sites.list()] == ["MAIN"]

    play(sandbox, scenario)


def test_any_request_is_sent_as_every_other() -> None:
    async def scenario(client: VirtualClient) -> None:
        reply = await client.request("GET", "/site/list")
        assert [site["code"] for site in reply["data"]["sites"]] == ["MAIN"]
        with pytest.raises(NotFoundError):
            await client.request("GET", "/no/such/thing")
        with pytest.raises(ValidationError):
            await client.request("GET", "no/slash")

    play(small_sandbox(), scenario)


def test_a_day_loads_whole_and_in_order() -> None:
    sandbox = small_sandbox()

    async def scenario(client: VirtualClient) -> None:
        progress = Progress()
        rows = await client.transactions.load_job(startDate=DAY, endDate=DAY, progress=progress)
        assert [row.id for row in rows] == day_ids(sandbox)
        assert progress.rows == len(rows)
        page = await client.transactions.load_job(startDate=DAY, endDate=DAY, limit=50, offset=2)
        assert [row.id for row in page] == day_ids(sandbox)[50:100]

    play(sandbox, scenario)


def test_a_job_is_submitted_asked_about_and_collected() -> None:
    async def scenario(client: VirtualClient) -> None:
        job = await client.transactions.submit_job(startDate=DAY, endDate=DAY, limit=10)
        assert repr(job) == f"AsyncJob({job.hash!r}, page 1 of 2026-03-08 00:00:00Z to 2026-03-09 00:00:00Z)"
        assert "<caption>Batch job</caption>" in job._repr_html_()
        assert await job.status() == "working"
        assert (await client.transactions.get_job_data(job.hash)).status == "working"
        again = client.transactions.job(job.to_dict())
        assert again.hash == job.hash
        rows = await again.result()
        assert len(rows) == 10
        assert loop_time() >= 10
        assert [row.id for row in await job.result()] == [row.id for row in rows]

    play(small_sandbox(), scenario)


def test_an_error_of_a_load_carries_the_rows_that_had_come() -> None:
    sandbox = small_sandbox(faults=Faults(bad_row=1.0))

    async def scenario(client: VirtualClient) -> None:
        with pytest.raises(RowError) as caught:
            await client.transactions.load_job(startDate=DAY, endDate=DAY)
        error = caught.value
        assert len(error.rows) + len(error.unparsed) == len(day_ids(sandbox))
        assert error.unparsed

    play(sandbox, scenario)


def test_a_job_that_takes_too_long_is_gone_on_with() -> None:
    async def scenario(client: VirtualClient) -> None:
        with pytest.raises(JobTimeoutError) as caught:
            await client.transactions.load_job(startDate=DAY, endDate=DAY, timeout=20.0)
        rows = await client.transactions.job(caught.value.handle).result(timeout=60)
        assert rows

    play(small_sandbox(job_s=45), scenario)


def test_forty_calls_at_once_share_the_throttle() -> None:
    sandbox = small_sandbox()

    async def scenario(client: VirtualClient) -> None:
        results = await asyncio.gather(*(client.sites.list() for _ in range(40)))
        assert all(result == results[0] for result in results)
        assert 15 < loop_time() < 17

    play(sandbox, scenario)
    assert [(period.ours, period.refused) for period in sandbox.periods()] == [(20, 0), (20, 0)]


@pytest.mark.parametrize("after_s", [0.0, 0.05, 5.0])
@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.sites.list(),
        lambda client: client.transactions.list(startDate=DAY, endDate=DAY),
        lambda client: client.transactions.load_job(startDate=DAY, endDate=DAY),
    ],
    ids=["sites", "list", "load_job"],
)
def test_cancelling_a_call_leaves_no_task(call: Callable[[AsyncSonnysClient], Awaitable[Any]], after_s: float) -> None:
    async def scenario(client: VirtualClient) -> None:
        try:
            async with asyncio.timeout(after_s):
                await call(client)
        except TimeoutError:
            pass
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert await client.sites.list()

    play(small_sandbox(faults=Faults(stall=1.0, stall_s=4.0)), scenario)


def test_callers_who_give_up_cost_a_window_and_not_ten_minutes() -> None:
    sandbox = small_sandbox()

    async def scenario(client: VirtualClient) -> None:
        for _ in range(40):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.15):
                    await client.sites.list()
        assert await client.sites.list()
        assert loop_time() < 40

    play(sandbox, scenario)
    assert not any(period.refused for period in sandbox.periods())


def test_a_closed_client_is_one_clear_error_and_sends_nothing() -> None:
    sandbox = small_sandbox()

    async def scenario(client: VirtualClient) -> None:
        await client.close()
        calls: list[Callable[[], Awaitable[Any]]] = [
            client.sites.list,
            lambda: client.transactions.load_job(startDate=DAY, endDate=DAY),
            lambda: anext(client.transactions.export(DAY, DAY)),
            lambda: client.transactions.export(DAY, DAY).plan(),
        ]
        for call in calls:
            with pytest.raises(SonnysError, match=r"^This client was closed: make a new one"):
                await call()

    play(sandbox, scenario)
    assert sandbox.log == []


def test_the_real_client_is_closed_by_its_block_and_refuses_then() -> None:
    async def scenario() -> None:
        async with AsyncSonnysClient(API_ID, "key", base_url="http://127.0.0.1:9/v1") as client:
            pass
        with pytest.raises(SonnysError, match=r"^This client was closed: make a new one"):
            await client.sites.list()

    asyncio.run(scenario())


def test_a_client_used_in_a_second_event_loop_is_one_clear_error() -> None:
    client = VirtualClient(small_sandbox())

    async def scenario(_client: VirtualClient) -> None:
        await client.sites.list()

    play(small_sandbox(), scenario)
    with pytest.raises(SonnysError, match="belongs to another event loop"):
        play(small_sandbox(), scenario)


def test_wrong_credentials_and_wrong_arguments_are_errors_of_the_call() -> None:
    sandbox = small_sandbox()

    async def scenario(client: VirtualClient) -> None:
        with pytest.raises(ValidationError, match="must be a transaction id"):
            await client.transactions.get("nonsense")
        with pytest.raises(ValidationError, match="is not an item type"):
            await client.transactions.list_by_type("submarine")  # type: ignore[arg-type]
        with pytest.raises(ValidationError, match="timeout=0 must be a number of seconds above 0"):
            client.transactions.export(DAY, DAY, timeout=0)
        with pytest.raises(ValidationError, match="must be a list of site codes"):
            client.transactions.export(DAY, DAY, sites="MAIN")
        assert sandbox.log == []
        client.wire.headers["x-sonnys-api-key"] = "wrong"
        with pytest.raises(AuthenticationError):
            await client.sites.list()

    play(sandbox, scenario)


def test_an_outage_is_one_error_after_the_retries() -> None:
    sandbox = small_sandbox(faults=Faults(unreachable=1.0))

    async def scenario(client: VirtualClient) -> None:
        with pytest.raises(APIError, match="Tried 3 times"):
            await client.sites.list()

    play(sandbox, scenario, max_retries=2)
    assert len(sandbox.log) == 3
