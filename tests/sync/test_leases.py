"""Leases in Redis: one worker at a time has an account, and a worker that dies is replaced."""

from __future__ import annotations

import os
import threading
import uuid
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest
import redis

from sonnys_data_client.errors import ArchiveHeldError, ConfigurationError, SonnysError
from sonnys_data_client.sync import SyncReport
from sonnys_data_client.sync.fleet import Fleet, FleetAccount
from sonnys_data_client.sync.leases import RedisLease, RedisLeases, lease_name
from tests.waiting import wait_until

URL = f"redis://{os.environ.get('SONNYS_TEST_REDIS', '127.0.0.1:6379')}/0"
SHORT_S = 0.5


@pytest.fixture
def prefix() -> Generator[str]:
    """Names of keys of this test alone, which are gone after it."""
    mine = f"sonnys-test-{uuid.uuid4().hex}"
    yield mine
    with redis.Redis.from_url(URL) as server:
        for key in list(server.scan_iter(f"{mine}:*")):
            server.delete(key)


def workers(prefix: str, count: int, *, ttl_s: float = 15.0) -> list[RedisLeases]:
    return [RedisLeases(URL, prefix=prefix, ttl_s=ttl_s) for _ in range(count)]


def taken(leases: RedisLeases, name: str = "west") -> RedisLease:
    lease = leases.take(name)
    assert isinstance(lease, RedisLease)
    return lease


@pytest.mark.redis
def test_one_worker_has_an_account_until_it_lets_go_and_the_next_has_a_higher_fence(prefix: str) -> None:
    one, other = workers(prefix, 2)
    first = taken(one)
    first.check()
    assert other.take("west") == "held"
    taken(other, "east")
    one.release(first, done=False)
    second = taken(other)
    assert second.fence > first.fence
    other.release(second, done=True)
    assert one.take("west") == "done"
    one.close()
    other.close()


@pytest.mark.redis
def test_a_lease_is_renewed_while_its_worker_lives(prefix: str) -> None:
    one, other = workers(prefix, 2, ttl_s=SHORT_S)
    lease = taken(one)
    until = lease.until
    wait_until(lambda: lease.until > until + 2 * SHORT_S)
    lease.check()
    assert other.take("west") == "held"
    one.close()
    taken(other)
    other.close()


@pytest.mark.redis
def test_a_worker_that_renews_nothing_has_lost_its_lease_and_writes_nothing_more(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, other = workers(prefix, 2, ttl_s=SHORT_S)
    monkeypatch.setattr(dead, "_renew", lambda: None)
    lease = taken(dead)
    wait_until(lambda: other.take("west") != "held")
    with pytest.raises(ArchiveHeldError, match="lease of this account was lost"):
        lease.check()
    dead.release(lease, done=True)
    assert dead.take("west") == "held", "what it says of the account counts no more"
    other.close()


@pytest.mark.redis
def test_a_lease_that_another_has_by_now_is_noticed_when_it_is_renewed(prefix: str) -> None:
    (one,) = workers(prefix, 1, ttl_s=SHORT_S)
    lease = taken(one)
    with redis.Redis.from_url(URL) as server:
        server.set(f"{prefix}:{{west}}:holder", "another's")
    wait_until(lambda: lease.lost)
    one.close()


@pytest.mark.redis
def test_identical_workers_share_the_accounts_and_one_that_dies_is_replaced(
    prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    dead, *living = workers(prefix, 3, ttl_s=SHORT_S)
    monkeypatch.setattr(dead, "_renew", lambda: None)  # it dies with its lease
    taken(dead, "c")
    done: list[str] = []
    adding = threading.Lock()

    def work(account: FleetAccount, minutes: float | None, lease: RedisLease | None) -> SyncReport:
        assert lease is not None
        lease.check()
        with adding:
            done.append(account.name)
        return SyncReport()

    fleets = [
        Fleet([FleetAccount(name, name) for name in "abcdefgh"], work, jobs=2, leases=leases) for leases in living
    ]
    threads = [threading.Thread(target=fleet.run) for fleet in fleets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(done) == list("abcdefgh"), "each of them once"
    for fleet in fleets:
        assert {account.state for account in fleet.accounts} <= {"done", "elsewhere"}
    for leases in living:
        leases.close()


@pytest.mark.redis
def test_a_member_whose_lease_was_lost_is_taken_again(prefix: str) -> None:
    (leases,) = workers(prefix, 1)
    tries: list[int] = []

    def work(account: FleetAccount, minutes: float | None, lease: RedisLease | None) -> SyncReport:
        assert lease is not None
        tries.append(lease.fence)
        if len(tries) == 1:
            lease.until = 0.0
            lease.check()
        return SyncReport()

    fleet = Fleet([FleetAccount("west", "west")], work, jobs=1, leases=leases)
    fleet.run()
    assert fleet.accounts[0].state == "done"
    assert tries[1] > tries[0]
    leases.close()


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    leases = RedisLeases("redis://:geheim@127.0.0.1:1/0")
    with pytest.raises(SonnysError) as refused:
        leases.take("west")
    assert str(refused.value).startswith("Redis at 127.0.0.1:1 does not answer (ConnectionError).")
    assert "geheim" not in repr(refused.value.__dict__)
    assert refused.value.__cause__ is None
    leases.close()


def test_a_fleet_gives_up_on_a_server_that_stays_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sonnys_data_client.sync.fleet._PATIENCE_S", 0.0)
    monkeypatch.setattr("sonnys_data_client.sync.fleet._LOOK_EVERY_S", 0.01)

    def work(*_: Any) -> SyncReport:
        raise AssertionError

    fleet = Fleet([FleetAccount("west", "west")], work, jobs=1, leases=RedisLeases("redis://127.0.0.1:1/0"))
    fleet.run()
    assert fleet.accounts[0].state == "failed"
    assert "does not answer" in str(fleet.accounts[0].problem)


@pytest.mark.parametrize("url", ["http://:geheim@host", "nonsense geheim"])
def test_an_address_that_is_none_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        RedisLeases(url)
    assert str(refused.value) == "lease must be an address such as redis://host:6379/0."
    assert refused.value.__cause__ is None


def test_a_name_says_which_account_of_which_archive(tmp_path: Path) -> None:
    assert lease_name("s3://bucket/wash", "west") == lease_name("s3://bucket/wash", "west")
    assert lease_name("s3://bucket/wash", "west") != lease_name("s3://bucket/other", "west")
