"""The same throttle at each of its keepers: one count for all, whoever dies, and whatever becomes of the keeper."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from sonnys_data_client.drivers.aio import AsyncDriver
from sonnys_data_client.drivers.seams import Seams
from sonnys_data_client.engine.effects import Flow, reserve, send
from sonnys_data_client.engine.throttle import Grant, ThrottleLimits
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.throttles.keepers import throttle_at
from sonnys_data_client.throttles.shared import Keeper, KeeperAwayError, SharedThrottle, ledger_name
from tests.forks import in_child, needs_fork
from tests.waiting import PATIENCE_S

REDIS = "redis://127.0.0.1:6379/0"
URL = "http://localhost/v1"
LONG = ThrottleLimits(limit=20, period_s=600.0)
"""A period that no test sees the end of."""
SHORT = ThrottleLimits(limit=3, period_s=0.05, guard_s=0.0)
SERVED = Response(200, b"{}", {})

HOLDER = """
import sys, time
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.throttles.keepers import throttle_at
keeper, api_id, limit, period_s = sys.argv[1:]
throttle = throttle_at(keeper, "http://localhost/v1", api_id, ThrottleLimits(int(limit), float(period_s)))
print("ready", flush=True)
for line in sys.stdin:
    tokens = []
    while (grant := throttle.reserve(time.monotonic())).token is not None:
        tokens.append(grant.token)
    print(*tokens, flush=True)
"""
"""A process that takes all slots that there are, each time that it reads a line."""


@pytest.fixture(params=["machine", pytest.param("redis", marks=pytest.mark.redis)])
def keeper(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the name of a keeper of each kind."""
    return REDIS if request.param == "redis" else f"machine:{tmp_path}/throttle"


@pytest.fixture
def api_id() -> Iterator[str]:
    """Return an API ID that nobody else counts."""
    name = f"test-{uuid4().hex}"
    yield name
    forget(REDIS, name)


def forget(keeper: str, api_id: str) -> None:
    """Take a ledger away from its keeper."""
    if keeper == REDIS:
        redis: Any = import_module("redis")
        server = redis.Redis.from_url(REDIS, socket_timeout=5)
        with suppress(redis.ConnectionError):
            server.delete(*server.keys(f"sonnys:throttle:{ledger_name(URL, api_id)}*"), "nothing")
        server.close()
        return
    with sqlite3.connect(next(Path(keeper.removeprefix("machine:")).glob("*.sqlite"))) as database:
        database.execute("DELETE FROM throttle")
    database.close()


@pytest.fixture
def start(api_id: str) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start processes that share a throttle."""
    started: list[subprocess.Popen[str]] = []

    def one(keeper: str, limits: ThrottleLimits) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", HOLDER, keeper, api_id, str(limits.limit), str(limits.period_s)]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield one
    for process in started:
        process.kill()
        process.communicate()


def take(process: subprocess.Popen[str]) -> list[int]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    return [int(token) for token in process.stdout.readline().split()]


def waited_for(throttle: Any) -> int:
    """Ask until there is a slot."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        grant: Grant = throttle.reserve(time.monotonic())
        if grant.token is not None:
            return grant.token
        time.sleep(max(0.0, min(0.05, grant.retry_at - time.monotonic())))
    pytest.fail("there was no slot")


def test_all_processes_together_get_what_there_is(keeper: str, start: Callable[..., subprocess.Popen[str]]) -> None:
    processes = [start(keeper, LONG) for _ in range(4)]
    found: list[list[int]] = [[] for _ in processes]

    def ask(number: int) -> None:
        found[number] = take(processes[number])

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    tokens = [token for tokens in found for token in tokens]
    assert len(tokens) == len(set(tokens)) == 20


def test_many_threads_that_begin_together_enter_once(
    keeper: str, api_id: str, caplog: pytest.LogCaptureFixture
) -> None:
    throttle = throttle_at(keeper, URL, api_id, LONG)
    together = threading.Barrier(16)
    tokens: list[int | None] = []

    def begin() -> None:
        together.wait(PATIENCE_S)
        tokens.append(throttle.reserve(time.monotonic()).token)

    threads = [threading.Thread(target=begin) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    assert caplog.messages == []
    assert len(set(tokens)) == 16
    assert None not in tokens


def test_the_slots_of_a_process_that_was_killed_come_back(
    keeper: str, api_id: str, start: Callable[..., subprocess.Popen[str]]
) -> None:
    doomed = start(keeper, SHORT)
    assert len(take(doomed)) == SHORT.limit
    throttle = throttle_at(keeper, URL, api_id, SHORT)
    assert throttle.reserve(time.monotonic()).token is None
    doomed.send_signal(signal.SIGKILL)
    doomed.wait(PATIENCE_S)
    assert waited_for(throttle)  # and not after ten minutes


def test_a_ledger_that_is_another_one_costs_a_period(keeper: str, api_id: str) -> None:
    throttle = throttle_at(keeper, URL, api_id, LONG)
    token = throttle.reserve(time.monotonic()).token
    assert token is not None
    forget(keeper, api_id)
    assert throttle.reserve(time.monotonic()).token is None
    throttle.record_end(token, SERVED, time.monotonic(), time.time())  # of the ledger before: no news
    assert isinstance(throttle, SharedThrottle)
    assert throttle.look().taken == 0


def test_a_process_that_has_sent_nothing_is_not_blocked_by_its_first_ledger(keeper: str, api_id: str) -> None:
    assert throttle_at(keeper, URL, api_id, LONG).reserve(time.monotonic()).token is not None


def test_what_is_known_can_be_looked_at(keeper: str, api_id: str) -> None:
    throttle = throttle_at(keeper, URL, api_id, LONG)
    assert isinstance(throttle, SharedThrottle)
    for _ in range(3):
        throttle.reserve(time.monotonic(), Asker("export"))
    token = throttle.reserve(time.monotonic(), Asker("person", interactive=True)).token
    assert token is not None
    throttle.record_end(token, Response(429, b"", {}), time.monotonic(), time.time())
    state = throttle.look()
    assert (state.limit, state.taken) == (20, 4)
    assert [(holder.name.rsplit("/", 1)[1], holder.taken, holder.refused) for holder in state.holders] == [
        ("export", 3, 0),
        ("person", 1, 1),
    ]
    assert [holder.interactive for holder in state.holders] == [False, True]
    assert state.frees_in_s > 500


@needs_fork
def test_a_forked_child_is_another_holder_of_the_same_ledger(keeper: str, api_id: str) -> None:
    throttle = throttle_at(keeper, URL, api_id, ThrottleLimits(2, 600.0))
    assert throttle.reserve(time.monotonic()).token is not None

    found = in_child(lambda: [throttle.reserve(time.monotonic()).token is not None for _ in range(2)])
    assert found() == [True, False]
    assert throttle.reserve(time.monotonic()).token is None


# -- keepers that fail ------------------------------------------------------------------------------------------------


class Flaky(Keeper):
    """A keeper that can be switched off, and that holds steps up."""

    def __init__(self) -> None:
        self.dumped: Any = None
        self.away = False
        self.go_on = threading.Event()
        self.go_on.set()
        self.buried: set[str] = set()

    def step(self, change: Any) -> Any:
        if self.away:
            raise KeeperAwayError("switched off")
        self.go_on.wait(PATIENCE_S)
        changed, found = change(self.dumped, time.monotonic())
        self.dumped = json.loads(json.dumps(changed))
        return found

    def enter(self, process: str) -> None:
        if self.away:
            raise KeeperAwayError("switched off")

    def dead(self, processes: Any) -> set[str]:
        return self.buried & set(processes)


@pytest.fixture
def flaky() -> Flaky:
    return Flaky()


def shared(keeper: Keeper, limits: ThrottleLimits = LONG) -> SharedThrottle:
    return SharedThrottle(lambda: keeper, limits, "a flaky keeper")


def test_while_the_home_is_away_each_goes_on_with_its_part(flaky: Flaky, caplog: pytest.LogCaptureFixture) -> None:
    one, other = shared(flaky), shared(flaky)
    now = time.monotonic()
    for throttle in (one, other):
        assert throttle.reserve(now).token is not None
    assert one.reserve(now).token is not None  # it has seen the other one now
    flaky.away = True
    with caplog.at_level(logging.WARNING):
        assert one.reserve(now + 1).token is None, "what it has sent before counts"
        tokens = [one.reserve(now + 700.0).token for _ in range(11)]
    assert [token is not None for token in tokens] == [True] * 10 + [False]
    (said,) = caplog.messages
    assert said == (
        "The throttle's keeper is away: a flaky keeper (switched off). This process goes on alone, with 10 of 20 "
        "requests in 600 s."
    )


def test_a_home_that_is_back_is_used_again_after_a_period(flaky: Flaky, caplog: pytest.LogCaptureFixture) -> None:
    throttle = shared(flaky)
    now = time.monotonic()
    flaky.away = True
    alone = throttle.reserve(now).token
    assert alone is not None
    flaky.away = False
    assert throttle.reserve(now + 1.0).token is not None, "it does not look yet"
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        assert throttle.reserve(now + 2.5).token is None, "what was sent alone is not in the ledger"
    assert caplog.messages == ["The throttle's keeper is back: a flaky keeper."]
    throttle.record_end(alone, SERVED, now + 3.0, time.time())
    assert shared(flaky).reserve(now + 3.0).token is None, "nor may others send"


@pytest.mark.parametrize(
    "keeper",
    ["redis://user:secret-word@127.0.0.1:1/0", "machine:/dev/null/throttle"],
)
def test_no_failure_of_a_home_reaches_a_request(keeper: str, api_id: str, caplog: pytest.LogCaptureFixture) -> None:
    throttle = throttle_at(keeper, URL, api_id)
    token = throttle.reserve(time.monotonic()).token
    assert token is not None
    throttle.record_end(token, SERVED, time.monotonic(), time.time())
    assert "secret-word" not in f"{caplog.text} {throttle!r} {getattr(throttle, 'name', '')}"
    assert len(caplog.messages) == 1


def test_a_ledger_of_another_version_or_clock_is_replaced(flaky: Flaky) -> None:
    for dumped in ("nonsense", [1], [1, [2]], {"a": 1}, None):
        flaky.dumped = dumped
        assert shared(flaky).reserve(time.monotonic()).token is not None
    nonce, ledger = flaky.dumped
    ledger[0] = [time.monotonic() + 10_000.0]
    flaky.dumped = [nonce, ledger]
    assert shared(flaky).reserve(time.monotonic()).token is not None


# -- an event loop -----------------------------------------------------------------------------------------------------


class Nowhere:
    """A transport that answers at once."""

    closed = False

    async def exchange(self, request: Request) -> Response:
        return SERVED


def one_slot() -> Flow[int | None]:
    return (yield from reserve()).token


def test_a_home_that_is_slow_holds_up_no_event_loop(flaky: Flaky) -> None:
    throttle = shared(flaky)

    async def main() -> None:
        driver = AsyncDriver(Nowhere(), Seams(throttle, bookkeeper=throttle.bookkeeper))
        flaky.go_on.clear()
        waiting = asyncio.create_task(driver.run(one_slot()))
        await asyncio.sleep(0)  # the loop goes on; if it did not, nobody would ever let the keeper go on
        flaky.go_on.set()
        assert await asyncio.wait_for(waiting, PATIENCE_S) is not None

    asyncio.run(main())


def test_a_slot_that_comes_too_late_is_given_back(flaky: Flaky) -> None:
    throttle = shared(flaky, SHORT)

    async def main() -> None:
        driver = AsyncDriver(Nowhere(), Seams(throttle, bookkeeper=throttle.bookkeeper))
        flaky.go_on.clear()
        waiting = asyncio.create_task(driver.run(one_slot()))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        flaky.go_on.set()

    asyncio.run(main())
    tokens = {waited_for(throttle) for _ in range(SHORT.limit)}
    assert len(tokens) == SHORT.limit


def test_ends_are_told_without_holding_up_the_loop(flaky: Flaky) -> None:
    throttle = shared(flaky)

    def one_request() -> Flow[None]:
        token = (yield from reserve()).token
        assert token is not None
        flaky.go_on.clear()
        yield from send(0, Request("GET", "/site", ()), token)

    async def main() -> None:
        await AsyncDriver(Nowhere(), Seams(throttle, bookkeeper=throttle.bookkeeper)).run(one_request())
        flaky.go_on.set()

    asyncio.run(main())
