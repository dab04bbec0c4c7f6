"""The client in virtual time: the real flows, no waiting, the same run twice."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from sonnys_data_client import SonnysClient, ThrottleLimits
from sonnys_data_client.config import Account
from sonnys_data_client.drivers.seams import NoShelf
from sonnys_data_client.engine.effects import Deliver, Flow, deliver, pause, reserve, send
from sonnys_data_client.engine.sites import SITES_REQUEST
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.errors import APITimeoutError, JobFailedError, RateLimitError
from sonnys_data_client.sandbox import API_ID, API_KEY, Faults, Sandbox, SandboxConfig
from sonnys_data_client.sandbox import config as sandbox_config
from sonnys_data_client.testing import MemoryShelf, Network, SimulatedClient, SimulatedDriver, Simulation
from sonnys_data_client.throttles.process import ProcessThrottle

START = datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp()
DAY = "2026-03-08"


def small_sandbox(**settings: Any) -> Sandbox:
    small: dict[str, Any] = {"sites": 1, "cars_per_day": 60, "job_s": 20.0}
    return Sandbox(SandboxConfig(**{**small, **settings}))


def client_of(sandbox: Sandbox | None = None, **options: Any) -> SimulatedClient:
    return SimulatedClient(sandbox or small_sandbox(), start=START, **options)


def test_every_kind_of_call_works_and_none_waits() -> None:
    began = time.monotonic()
    with client_of(small_sandbox(job_s=600)) as client:
        assert isinstance(client, SonnysClient)
        listed = client.transactions.list(startDate=DAY, endDate=DAY)
        assert client.transactions.get(listed[0].trans_id).id == listed[0].trans_id
        assert [site.code for site in client.sites.list()] == ["MAIN"]
        assert client.simulation.now < 2
        job = client.transactions.submit_job(startDate=DAY, endDate=DAY)
        assert job.status() == "working"
        assert len(job.result(timeout=900)) == min(100, len(listed))
        assert client.simulation.now > 600
        assert {row.id for row in client.transactions.export(DAY, DAY)} == {row.trans_id for row in listed}
    assert time.monotonic() - began < 600, "as long as the job took, or longer"


def test_a_call_amid_an_export_costs_the_export_no_row() -> None:
    client = client_of()
    amid = [row.id for row in client.transactions.export(DAY, "2026-03-10") if client.sites.list()]
    assert amid == [row.id for row in client_of().transactions.export(DAY, "2026-03-10")]


def test_its_clock_stands_still_between_calls() -> None:
    client = client_of()
    client.sites.list()
    now = client.simulation.now
    assert 0 < now < 1
    assert client.simulation.wall == START + now
    export = client.transactions.export(DAY, DAY)
    assert client.simulation.now == now
    next(export)
    assert client.simulation.now > now + 20


def scenario(seed: int) -> tuple[list[str], list[Any], float]:
    sandbox = small_sandbox(jitter=0.5, faults=Faults(reset_after=0.05, stall=0.02))
    client = client_of(sandbox, seed=seed)
    rows = client.transactions.load_job(startDate=DAY, endDate=DAY)
    client.transactions.list_v2(startDate=DAY, endDate=DAY)
    return [row.id for row in rows], sandbox.log, client.simulation.now


def test_the_same_seed_gives_the_same_run() -> None:
    assert scenario(1) == scenario(1)


def test_another_seed_gives_the_same_rows_at_other_times() -> None:
    one, other = scenario(1), scenario(2)
    assert one[0] == other[0]
    assert one[2] != other[2]


def test_its_throttle_is_its_own_unless_one_is_given() -> None:
    sandbox = small_sandbox()
    for _ in range(3):
        client = client_of(small_sandbox())
        for _ in range(20):
            client.sites.list()
        assert client.simulation.now < 15
    shared = ProcessThrottle(ThrottleLimits(5, 15.0))
    client = client_of(sandbox, throttle=shared)
    for _ in range(6):
        client.sites.list()
    assert client.simulation.now > 15
    assert client_of(throttle=ThrottleLimits(5, 60.0)).transactions.export(DAY, DAY).plan().minutes == 1.0


def test_the_network_is_the_callers_to_choose() -> None:
    client = client_of(network=Network(latency_s=4.0, spread=0.0))
    client.sites.list()
    assert client.simulation.now == 4.0


def test_the_request_timeout_holds() -> None:
    client = client_of(network=Network(latency_s=4.0, spread=0.0), timeout=3.0, max_retries=0)
    with pytest.raises(APITimeoutError):
        client.sites.list()
    assert client.simulation.now == 3.0


def test_errors_come_out_as_from_the_real_client() -> None:
    with pytest.raises(JobFailedError, match="The server failed the job"):
        client_of(small_sandbox(faults=Faults(job_fail=1.0))).transactions.load_job(startDate=DAY, endDate=DAY)
    rival = client_of(small_sandbox(faults=Faults(rival=60.0)), call_timeout=10.0)
    with pytest.raises(RateLimitError, match="something else is spending"):
        _ = [rival.sites.list() for _ in range(30)]


def test_credentials_and_site_code_are_sent() -> None:
    sandbox = small_sandbox(sites=3, accounts=(sandbox_config.ApiAccount("mine", "my key"),))
    client = SimulatedClient(sandbox, start=START, api_id="mine", api_key="my key", site_code="MAIN")
    assert [site.code for site in client.sites.list()] == ["MAIN"]
    assert "my key" not in repr(client)


def test_a_stream_that_is_left_closes_its_flow_and_gives_its_slots_back() -> None:
    ended: list[str] = []

    def flow() -> Flow[None]:
        try:
            for tag in range(20):
                slot = yield from reserve()
                assert slot.token is not None
                yield from send(tag, SITES_REQUEST, slot.token)
            yield from deliver([{"id": "a"}], Window(0, 60))
            yield from pause(None)
        finally:
            ended.append("closed")

    sandbox = small_sandbox()
    simulation = Simulation(sandbox, start=START)
    account = Account(API_ID, API_KEY, base_url="http://localhost/v1")
    throttle = ProcessThrottle(ThrottleLimits())
    driver = SimulatedDriver(simulation, account, throttle, NoShelf())
    for _ in range(2):
        stream = driver.stream(flow())
        assert next(stream) == Deliver([{"id": "a"}], Window(0, 60))
        stream.close()
        assert ended.pop() == "closed"
        assert throttle.reserve(simulation.now).token is None
        simulation.run(until=simulation.now + 20)
        simulation.now += 20
    assert len(sandbox.log) == 40
    assert not any(period.refused for period in sandbox.periods())


def test_a_shelf_that_fails_ends_the_call_and_not_the_client() -> None:
    class Full(NoShelf):
        def store(self, handle: Mapping[str, Any]) -> None:
            raise OSError("disk full")

    client = client_of()
    export = client.transactions.export(DAY, DAY, shelf=Full())
    with pytest.raises(OSError, match="disk full"):
        next(export)
    assert list(client.transactions.export(DAY, DAY))


def test_an_export_goes_on_with_jobs_from_a_shelf() -> None:
    sandbox, shelf = small_sandbox(cars_per_day=150, jitter=0.7), MemoryShelf()
    client = client_of(sandbox)
    with client.transactions.export(DAY, "2026-03-12", shelf=shelf) as export:
        next(export)
    kept = {handle["hash"] for handle in shelf.live()}
    assert kept
    seen = len(sandbox.log)
    assert list(client.transactions.export(DAY, "2026-03-12", shelf=shelf))
    again = {entry.hash for entry in sandbox.log[seen:] if entry.path == "/transaction/load-job"}
    assert kept.isdisjoint(again)
    assert shelf.live() == []
