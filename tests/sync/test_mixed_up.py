"""A sync through a gateway that mixes replies up: a day in the archive is right, or is named as incomplete."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from sonnys_data_client import sync
from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.world.listed import ListWorld
from tests.engine.gateway import Gateway, MixedUp
from tests.sync.rig import FIRST, SETTINGS, SITES, archive_in, client_of, sales

DAYS = 4
FOUR_DAYS = replace(SETTINGS, end=FIRST + timedelta(days=DAYS - 1), recount=False)


@pytest.mark.parametrize("seed", range(6))
def test_a_day_that_counts_as_complete_is_the_day(tmp_path: Path, seed: int) -> None:
    gateway = Gateway(seed, 0.4)
    sandbox = MixedUp(SandboxConfig(job_s=1.0), ListWorld(SITES, sales(DAYS, 60)), gateway)
    archive = archive_in(tmp_path)
    report = sync.run(client_of(sandbox), archive, FOUR_DAYS)
    assert gateway.mixed
    came: dict[str, set[str]] = {}
    for date, id_ in archive.sql("SELECT date, id FROM transactions"):
        came.setdefault(str(date), set()).add(id_)
    assert len(report.days) == DAYS
    for landed in report.days:
        start = day_start(landed.partition.day)
        truth = {row.id for row in sandbox.truth(start, start + DAY_S)}
        assert landed.gaps or came[str(landed.partition.day)] == truth
