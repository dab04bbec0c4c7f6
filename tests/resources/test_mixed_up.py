"""Exports over HTTP through a gateway that doubles and swaps replies: whole, or incomplete in words."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from sonnys_data_client import SonnysClient, ThrottleLimits
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import running_sandbox
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from sonnys_data_client.sandbox.world.protocol import World
from tests.days import today
from tests.engine.gateway import Gateway, MixedUp

SPEED = 60.0
FIRST = today() - timedelta(days=20)
"""Long enough ago that nothing of it arrives late."""
DAYS = 4
START = int(datetime.combine(FIRST, datetime.min.time(), UTC).timestamp())
STOP = START + DAYS * 86_400


@pytest.mark.parametrize("seed", range(3))
def test_what_comes_is_true_and_what_is_missing_is_told(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    gateway = Gateway(seed, 0.4, keeps_hash=seed % 2 == 0)

    def sandbox(config: SandboxConfig, world: World) -> MixedUp:
        return MixedUp(config, world, gateway)

    monkeypatch.setattr("sonnys_data_client.sandbox.http.Sandbox", sandbox)
    world = BelievableWorld(WorldConfig(seed=3, sites=2, cars_per_day=60))
    with (
        running_sandbox(SandboxConfig(job_s=2.0), world=world, speed=SPEED) as server,
        SonnysClient(
            server.api_id,
            server.api_key,
            base_url=server.base_url,
            throttle=ThrottleLimits(20, 15 / SPEED),
            timezone="UTC",
        ) as client,
        client.transactions.export(FIRST, FIRST + timedelta(days=DAYS - 1)) as export,
    ):
        came = Counter(row.id for row in export)
        truth = Counter(row.id for row in server.sandbox.truth(START, STOP, as_of=server.clock.now()))
    assert gateway.mixed > 0
    assert came <= truth
    assert came == truth or not export.report.complete
