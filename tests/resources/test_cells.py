"""Lists and exports in notebooks, where a loop runs and each cell is a task, and in threads."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier
from typing import Any

import pytest

from sonnys_data_client import SonnysClient, SonnysError
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from sonnys_data_client.types import Item
from tests.client.virtual import VirtualClient, play
from tests.resources.test_calls import DAY, simulated, small_sandbox, truth


def in_a_cell(work: Callable[[], Any]) -> Any:
    """Run code as a cell of a notebook: in a running loop."""

    async def cell() -> Any:
        return work()

    return asyncio.run(cell())


def in_a_thread(work: Callable[[], Any]) -> Any:
    """Run code in a thread of its own."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(work).result()


def two_of(stream: Iterator[Any]) -> list[Any]:
    return [next(stream), next(stream)]


@pytest.mark.parametrize("run", [in_a_cell, in_a_thread])
def test_rows_begun_in_one_place_go_on_in_another(run: Callable[[Callable[[], Any]], Any]) -> None:
    client = run(lambda: simulated(small_sandbox()))
    rows = run(lambda: client.transactions.iter(startDate=DAY, endDate=DAY))
    export = run(lambda: client.transactions.export(DAY, DAY))
    for stream in (rows, export):
        begun, went_on = run(partial(two_of, stream)), run(partial(list, stream))
        assert len(begun) + len(went_on) == len(truth())
    assert run(lambda: export.report.complete)


def test_threads_share_an_export_and_each_row_is_taken_once() -> None:
    export, together = simulated(small_sandbox()).transactions.export(DAY, DAY), Barrier(4)

    def take() -> list[str]:
        together.wait()
        return [row.id for row in export]

    with ThreadPoolExecutor(4) as pool:
        taken = [pool.submit(take) for _ in range(4)]
    assert sorted(id for each in taken for id in each.result()) == sorted(truth())


def test_an_export_that_another_thread_closes_does_not_end_as_if_all_rows_had_come() -> None:
    export = simulated(small_sandbox()).transactions.export(DAY, DAY)
    next(export)
    in_a_thread(export.close)
    with pytest.raises(SonnysError, match=r"^This export has ended before its last row"):
        next(export)


def test_async_rows_begun_in_one_cell_go_on_in_another() -> None:
    async def notebook(client: VirtualClient) -> None:
        rows, export = client.transactions.iter(startDate=DAY, endDate=DAY), client.transactions.export(DAY, DAY)
        for stream in (rows, export):

            async def first(stream: Any = stream) -> int:
                return len([await anext(stream) for _ in range(3)])

            async def others(stream: Any = stream) -> int:
                return len([row async for row in stream])

            begun = await asyncio.create_task(first())
            assert begun + await asyncio.create_task(others()) == len(truth())
        assert export.report.complete

    play(small_sandbox(), notebook)


@pytest.fixture(scope="module")
def over_http() -> Iterator[RunningSandbox]:
    with running_sandbox(SandboxConfig(cars_per_day=5, sites=1)) as running:
        yield running


@pytest.mark.parametrize("run", [in_a_cell, in_a_thread])
def test_over_http_a_running_loop_changes_nothing(
    run: Callable[[Callable[[], Any]], Any], over_http: RunningSandbox
) -> None:
    def work() -> list[Item]:
        with SonnysClient("sandbox-id", "sandbox-key", base_url=over_http.base_url) as client:
            return list(client.items.iter())

    assert run(work)
