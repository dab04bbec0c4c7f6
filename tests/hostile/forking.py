"""Processes that fork with a client in hand, as prefork servers do, and say what came of it.

Run: python -m tests.hostile.forking SCENARIO BASE_URL API_ID API_KEY [CALLS]. It prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from sonnys_data_client import AsyncSonnysClient, SonnysClient, ThrottleLimits
from sonnys_data_client.errors import SonnysError
from sonnys_data_client.throttles.process import ProcessThrottle
from tests.forks import fork, in_child

DAY = (datetime.fromtimestamp(time.time(), UTC) - timedelta(days=3)).date()
CHILDREN = 3
FAST = ThrottleLimits(1_000_000, 1.0)

_client: SonnysClient


def ask(client: SonnysClient, ids: Sequence[str], calls: int, offset: int) -> dict[str, Any]:
    """Get transactions one by one, and count the answers that are about another one."""
    wrong = 0
    errors: list[str] = []
    for call in range(calls):
        wanted = ids[(call * 7 + offset) % len(ids)]
        try:
            wrong += client.transactions.get(wanted).id != wanted
        except SonnysError as error:
            errors.append(str(error))
    return {"calls": calls, "wrong": wrong, "errors": errors}


def answers(client: SonnysClient, calls: int) -> dict[str, Any]:
    """Three children and their parent ask at the same time, after the parent has opened connections.

    Some of these are idle at the moment of the fork, and one is in use by another thread.
    """
    ids = [row.trans_id for row in client.transactions.list(startDate=DAY, endDate=DAY, limit=100)[:100]]
    with ThreadPoolExecutor(4) as warm:
        list(warm.map(lambda offset: ask(client, ids, 5, offset), range(4)))
    busy = threading.Thread(target=ask, args=(client, ids, calls, 20))
    busy.start()
    waits = [in_child(partial(ask, client, ids, calls, offset)) for offset in range(CHILDREN)]
    own = ask(client, ids, calls, 50)
    busy.join()
    told = [own, *(wait() for wait in waits)]
    return {
        "calls": sum(each.get("calls", 0) for each in told),
        "wrong": sum(each.get("wrong", 0) for each in told),
        "errors": [error for each in told for error in each.get("errors", [str(each)])],
    }


def _count_rows(page: int) -> int:
    rows = _client.transactions.list(startDate=DAY, endDate=DAY, limit=10, offset=page)
    return len({row.trans_id for row in rows})


def pool(client: SonnysClient, calls: int) -> dict[str, Any]:
    """A pool of worker processes lists, after the parent has."""
    global _client  # noqa: PLW0603 - what workers inherit
    _client = client
    alone = [_count_rows(page) for page in range(1, 9)]
    with multiprocessing.get_context("fork").Pool(4) as workers:
        together = workers.map(_count_rows, [page for page in range(1, 9) for _ in range(calls)], chunksize=1)
    expected = [count for count in alone for _ in range(calls)]
    return {"calls": len(together), "wrong": sum(a != b for a, b in zip(together, expected, strict=True))}


def locks(client: SonnysClient, _calls: int) -> dict[str, Any]:
    """Another thread holds every lock at the moment of the fork, and the child gets through all the same."""
    client.sites.list()
    throttle = client.workings.settings.seams.throttle
    assert isinstance(throttle, ProcessThrottle)
    lock, _ = throttle._ledger.get()
    connections = client._transport._pools.made()
    assert connections is not None
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        with lock, connections._optional_thread_lock:
            held.set()
            let_go.wait(60)

    threading.Thread(target=hold, daemon=True).start()
    held.wait(60)
    wait = in_child(lambda: {"sites": len(client.sites.list())})
    told = wait()
    let_go.set()
    return {**told, "parent": len(client.sites.list())}


def closing(client: SonnysClient, _calls: int) -> dict[str, Any]:
    """A child asks, closes the client and ends; the parent's connection is as it was."""
    client.sites.list()

    def work() -> dict[str, Any]:
        sites = len(client.sites.list())
        client.close()
        return {"sites": sites, "closed": client._transport.closed}

    told = in_child(work)()
    return {**told, "parent": len(client.sites.list())}


def leaving(client: SonnysClient, _calls: int) -> dict[str, Any]:
    """A child never asks, and ends as programs end: its exit says nothing to the server."""
    client.sites.list()
    pid = fork()
    if pid == 0:
        sys.exit(0)
    _, status = os.waitpid(pid, 0)
    return {"status": status, "parent": len(client.sites.list())}


def running(client: SonnysClient, _calls: int) -> dict[str, Any]:
    """An export is forked while it runs: the child is told, the parent gets every row."""
    with client.transactions.export(DAY, DAY) as export:
        rows = iter(export)
        next(rows)

        def work() -> dict[str, Any]:
            try:
                return {"rows": sum(1 for _ in rows)}
            except SonnysError as error:
                return {"error": str(error)}

        told = in_child(work)()
        ids = 1 + sum(1 for _ in rows)
    return {**told, "parent": ids, "complete": export.report.complete}


def aio(client: SonnysClient, _calls: int) -> dict[str, Any]:
    """The same with asyncio: the child has an event loop of its own, and the parent's goes on."""
    account = client.workings.settings.account
    other = AsyncSonnysClient(account.api_id, account.api_key.reveal(), base_url=account.base_url, throttle=FAST)

    async def count() -> int:
        return len(await other.sites.list())

    async def main() -> dict[str, Any]:
        await count()
        export = other.transactions.export(DAY, DAY)
        rows = aiter(export)
        await anext(rows)

        def work() -> dict[str, Any]:
            async def story() -> dict[str, Any]:
                sites = await count()
                try:
                    return {"sites": sites, "rows": [1 async for _ in rows]}
                except SonnysError as error:
                    return {"sites": sites, "error": str(error)}

            return asyncio.run(story())

        told = in_child(work)()
        left = [1 async for _ in rows]
        await export.close()
        return {**told, "parent": await count(), "left": len(left), "complete": export.report.complete}

    return asyncio.run(main())


SCENARIOS = {each.__name__: each for each in (answers, pool, locks, closing, leaving, running, aio)}


def main() -> None:
    """Play a scenario, and print what came of it."""
    scenario, base_url, api_id, api_key, *calls = sys.argv[1:]
    client = SonnysClient(api_id, api_key, base_url=base_url, throttle=FAST, max_retries=0)
    print(json.dumps(SCENARIOS[scenario](client, int(calls[0]) if calls else 1)))


if __name__ == "__main__":
    main()
