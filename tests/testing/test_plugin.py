"""The fixture, as users' own tests use it."""

from __future__ import annotations

from datetime import timedelta

from sonnys_data_client import SonnysClient, ThrottleLimits
from sonnys_data_client.testing.plugin import START, SandboxKit
from tests.days import today

DAY = "2026-03-08"


def truth_ids(kit: SandboxKit) -> set[str]:
    assert kit.sandbox is not None
    start = 1772928000  # 2026-03-08 00:00 UTC
    return {row.id for row in kit.sandbox.truth(start, start + 86_400, as_of=START.timestamp())}


def test_a_client_in_virtual_time_reads_a_day_without_waiting(sonnys_sandbox: SandboxKit) -> None:
    client = sonnys_sandbox.client(sonnys_sandbox.config(job_s=60, quirks=["end=exclusive"]), timezone="UTC")
    rows = client.transactions.load_job(startDate=DAY, endDate=DAY)
    assert {row.id for row in rows} == truth_ids(sonnys_sandbox) != set()
    assert client.simulation.now > 60


def test_the_same_over_http(sonnys_sandbox: SandboxKit) -> None:
    server = sonnys_sandbox.serve(sonnys_sandbox.config(job_s=2), speed=50)
    limits = ThrottleLimits(20, 15 / 50)
    with SonnysClient(server.api_id, server.api_key, base_url=server.base_url, throttle=limits) as client:
        day = today() - timedelta(days=2)
        rows = client.transactions.load_job(startDate=day, endDate=day)
    assert rows


def test_virtual_clients_do_not_share_a_throttle(sonnys_sandbox: SandboxKit) -> None:
    for _ in range(3):
        client = sonnys_sandbox.client()
        client.sites.list()
        assert client.simulation.now < 1
