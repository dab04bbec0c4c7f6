"""The ledger in a Redis server: races, signs of life, and an address that nobody gets to see."""

from __future__ import annotations

import threading
from importlib import import_module
from typing import Any
from uuid import uuid4

import pytest

from sonnys_data_client.errors import ConfigurationError
from sonnys_data_client.throttles.redis import RedisKeeper
from sonnys_data_client.throttles.shared import KeeperAwayError
from tests.waiting import PATIENCE_S

ADDRESS = "redis://127.0.0.1:6379/0"
URL = "http://localhost/v1"


@pytest.mark.redis
def test_no_change_is_lost_among_many_that_change() -> None:
    api_id = f"test-{uuid4().hex}"

    def count() -> None:
        keeper = RedisKeeper(ADDRESS, URL, api_id)
        for _ in range(25):
            keeper.step(lambda dumped, at: ((dumped or 0) + 1, None))

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_S)
    keeper = RedisKeeper(ADDRESS, URL, api_id)
    assert keeper.step(lambda dumped, at: (dumped, dumped)) == 100
    keeper._server.delete(keeper._key)


@pytest.mark.redis
def test_time_is_the_servers() -> None:
    keeper = RedisKeeper(ADDRESS, URL, f"test-{uuid4().hex}")
    first = keeper.step(lambda dumped, at: (None, at))
    seconds, micros = keeper._server.time()
    assert first <= seconds + micros / 1e6
    keeper._server.delete(keeper._key)


@pytest.mark.redis
def test_who_has_said_nothing_for_long_is_dead() -> None:
    keeper = RedisKeeper(ADDRESS, URL, f"test-{uuid4().hex}")
    keeper.enter("alive")
    assert keeper.dead(["alive", "never seen"]) == {"never seen"}
    assert 0 < int(keeper._server.ttl(keeper._sign("alive"))) <= 10
    keeper._sign_stop.set()
    keeper._server.delete(keeper._sign("alive"))
    assert keeper.dead(["alive"]) == {"alive"}
    assert keeper.dead([]) == set()


def test_a_server_that_is_not_there_is_said_without_its_address() -> None:
    keeper = RedisKeeper("redis://user:secret-word@127.0.0.1:1/0", URL, "test")
    for use in (
        lambda: keeper.step(lambda dumped, at: (None, None)),
        lambda: keeper.enter("me"),
        lambda: keeper.dead(["x"]),
    ):
        with pytest.raises(KeeperAwayError) as caught:
            use()
        assert "secret-word" not in f"{caught.value!r} {caught.value.__cause__!r} {keeper!r}"


def test_an_address_that_cannot_be_read_is_not_shown() -> None:
    with pytest.raises(
        ConfigurationError, match=r"^The address of the throttle's Redis server cannot be read"
    ) as caught:
        RedisKeeper("redis://user:secret-word@host:notaport/0", URL, "test")
    assert "secret-word" not in str(caught.value)


def test_without_the_package_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    modules: Any = import_module("sys").modules
    monkeypatch.setitem(modules, "redis", None)
    with pytest.raises(ConfigurationError, match=r"sonnys-data-client\[redis\]"):
        RedisKeeper(ADDRESS, URL, "test")
