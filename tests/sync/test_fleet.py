"""Many accounts side by side, in threads, processes and tasks: one that fails costs no other."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Generator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sonnys_data_client import SonnysClient, sync
from sonnys_data_client.errors import AuthenticationError, ConfigurationError
from sonnys_data_client.sync import SyncReport, sync_account
from sonnys_data_client.sync.fleet import Fleet, FleetAccount, with_fresh_key
from sonnys_data_client.sync.leases import RedisLease
from sonnys_data_client.throttles.shared import SharedThrottle
from tests.sync.fleet_rig import KEY, ONE_DAY, Operators, operators
from tests.waiting import PATIENCE_S, wait_until

NAMES = [f"west-{number}" for number in range(3)]


@pytest.fixture
def west(tmp_path: Path) -> Generator[Operators]:
    with operators(tmp_path, NAMES) as opened:
        yield opened


def accounts(*names: str) -> list[FleetAccount]:
    return [FleetAccount(name) for name in names]


def report(stopped: str | None = None) -> SyncReport:
    return SyncReport(stopped=stopped)


def test_one_task_syncs_one_account_and_holds_no_key(west: Operators) -> None:
    for name in NAMES:
        done = sync_account(name, ONE_DAY)
        assert done.complete
        assert KEY.encode() not in pickle.dumps((sync_account, name, ONE_DAY, done))
        assert pickle.loads(pickle.dumps(done)).rows == done.rows > 0
    west.check()
    assert sync_account(NAMES[0], ONE_DAY).complete, "it may be done again at any time"
    west.check()


def test_any_executor_runs_it_and_processes_share_the_archive(west: Operators) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        reports = list(pool.map(sync_account, NAMES, [ONE_DAY] * len(NAMES), timeout=PATIENCE_S))
        with pytest.raises(ConfigurationError, match="has no profile 'east'"):
            pool.submit(sync_account, "east", ONE_DAY).result(timeout=PATIENCE_S)
    assert [each.complete for each in reports] == [True] * len(NAMES)
    west.check()


def test_a_key_that_has_changed_at_its_source_is_read_again(west: Operators, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(path.read_text().replace(f"api_key = '{KEY}'", f"key_file = '{tmp_path / 'key'}'"))
    (tmp_path / "key").write_text("old\n")

    def open_client() -> SonnysClient:
        client = SonnysClient.from_profile(NAMES[0])
        (tmp_path / "key").write_text(f"{KEY}\n")  # rotated after it was read
        return client

    sites = with_fresh_key(open_client, lambda client: client.sites.list())
    assert len(sites) == 1
    (tmp_path / "key").write_text("wrong\n")
    with pytest.raises(AuthenticationError):
        with_fresh_key(lambda: SonnysClient.from_profile(NAMES[0]), lambda client: client.sites.list())


def test_two_profiles_of_one_api_id_share_its_throttle(west: Operators, tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    text = path.read_text()
    path.write_text(text + text[: text.index("[profiles.west-1]")].replace("profiles.west-0", "profiles.again"))
    with SonnysClient.from_profile("west-0") as one, SonnysClient.from_profile("again") as again:
        throttles = [client.workings.settings.seams.throttle for client in (one, again)]
        assert isinstance(throttles[0], SharedThrottle)
        assert throttles[0] is throttles[1]


def test_one_that_fails_costs_no_other_and_no_more_run_at_once_than_may() -> None:
    at_work: set[str] = set()
    most: list[int] = []

    def work(account: FleetAccount, minutes: float | None, lease: RedisLease | None) -> SyncReport:
        at_work.add(account.name)
        most.append(len(at_work))
        at_work.discard(account.name)
        if account.name == "b":
            raise ConfigurationError("no key")
        return report()

    fleet = Fleet(accounts(*"abcdef"), work, jobs=2)
    fleet.run()
    assert [account.state for account in fleet.accounts] == ["done", "failed", "done", "done", "done", "done"]
    assert str(fleet.accounts[1].problem) == "no key"
    assert max(most) <= 2


def test_the_minutes_are_for_all_together(monkeypatch: pytest.MonkeyPatch) -> None:
    now, given = [0.0], list[float | None]()
    monkeypatch.setattr(sync.fleet, "time", SimpleNamespace(monotonic=lambda: now[0]))

    def work(account: FleetAccount, minutes: float | None, lease: RedisLease | None) -> SyncReport:
        given.append(minutes)
        now[0] += 240
        return report()

    fleet = Fleet(accounts(*"abcdef"), work, jobs=1, max_minutes=10)
    fleet.run()
    assert given == [10, 6, 2]
    assert [account.state for account in fleet.accounts] == ["done"] * 3 + ["stopped"] * 3


def test_ctrl_c_stops_each_and_begins_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Event()

    def work(account: FleetAccount, minutes: float | None, lease: RedisLease | None) -> SyncReport:
        began.set()
        wait_until(account.progress.stop.is_set)
        return report("It was told to stop.")

    fleet = Fleet(accounts(*"abc"), work, jobs=2)
    join = sync.fleet._join

    def interrupted(threads: Any) -> None:
        monkeypatch.setattr(sync.fleet, "_join", join)
        wait_until(began.is_set)
        raise KeyboardInterrupt

    monkeypatch.setattr(sync.fleet, "_join", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fleet.run()
    assert [account.state for account in fleet.accounts] == ["stopped"] * 3


def test_a_sync_that_is_told_to_stop_keeps_what_came_and_the_next_goes_on(west: Operators) -> None:
    progress = sync.SyncProgress()
    progress.stop.set()
    with SonnysClient.from_profile(NAMES[0]) as client:
        settings = replace(ONE_DAY, account=NAMES[0])
        stopped = sync.run(client, west.archive, settings, progress=progress)
        assert stopped.stopped == "It was told to stop. What came is safe."
        assert stopped.requests == 0
        assert sync.run(client, west.archive, settings).complete
