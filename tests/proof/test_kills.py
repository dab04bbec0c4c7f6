"""A sync may be killed at any moment: no row is lost or doubled, and few requests are spent twice.

`make kills` does the same 2,000 times in virtual time and 200 times with real processes. Here, a tenth of the former
and three hundredths of the latter run.
"""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from bench.rig.real_kills import KILLS_A_SYNC, real_kills
from bench.rig.simulated_kills import START, SimulatedKills, simulated, small_world
from bench.rig.tally import RATIO_MAX, judge
from sonnys_data_client.archive import Archive

CHUNKS = 4
"""Tests to split the work into, so that the machine's cores share it."""


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_killed_at_every_single_step(chunk: int, tmp_path: Path) -> None:
    kills = SimulatedKills(1, tmp_path, 1)
    killed = 0
    for step in count(1 + chunk, CHUNKS):
        tally = kills.killed(f"at step {step}", [step], [3.0])
        assert not tally.wrong
        if not tally.kills:
            break
        killed += 1
        assert tally.ratio_but_lost <= RATIO_MAX, f"at step {step}: {tally}"
    assert killed >= 5


@pytest.mark.parametrize("seed", range(CHUNKS))
def test_killed_again_and_again(seed: int, tmp_path: Path) -> None:
    tally = simulated(seed, 50, tmp_path)
    assert not tally.wrong
    assert tally.kills >= 10
    assert tally.ratio_but_lost <= RATIO_MAX, str(tally)


def test_real_processes_killed_by_sigkill(tmp_path: Path) -> None:
    with real_kills(1) as place:
        requests = place.undisturbed(tmp_path / "undisturbed")
        tally = place.killed(1, KILLS_A_SYNC, tmp_path / "killed", requests=requests)
    assert not tally.wrong
    assert tally.kills >= 3


def test_the_judge_sees_what_is_wrong(tmp_path: Path) -> None:
    kills = SimulatedKills(1, tmp_path, 1)
    (archive,) = (path.parent for path in tmp_path.glob("*/archive.json"))
    (partition,) = archive.glob("transactions/*/*/data.parquet")
    (partition.parent / "left.parquet").write_bytes(partition.read_bytes())
    partition.unlink()
    day = kills.last
    found = "\n".join(judge(Archive(archive), small_world(), day, day, START))
    for said in ("is in the ledger and not in the archive", "rows are missing", "left.parquet was left behind"):
        assert said in found
