"""Syncs that are killed in virtual time at any step: before a request, before a page or a file is written, ..."""

from __future__ import annotations

import multiprocessing
import os
import random
import tempfile
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from bench.rig.tally import FAULTS, Tally, add, judge
from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_of
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.drivers.seams import TAKEN_OFF, Throttle
from sonnys_data_client.engine.throttle import ALONE, Grant
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.testing.client import SimulatedClient

_KILLS_A_SYNC = 40
_SEEDS_A_CORE = 8
START = datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp()


class Killed(BaseException):
    """Ends the process here. Nothing catches it."""


class Fate:
    """Counts steps, and kills at one of them.

    Args:
        step: The step, from 1; None to never kill.
    """

    def __init__(self, step: int | None) -> None:
        self._step = step
        self._steps = 0
        self.on_wire: set[int] = set()

    def tick(self) -> None:
        """Count a step."""
        self._steps += 1
        if self._step == self._steps:
            raise Killed


class _TickingFiles(LocalFiles):
    fate = Fate(None)

    def publish(self, made: Path, name: str) -> None:
        self.fate.tick()
        super().publish(made, name)
        self.fate.tick()

    def remove(self, name: str) -> None:
        self.fate.tick()
        super().remove(name)


class _TickingThrottle:
    def __init__(self, throttle: Throttle, fate: Fate) -> None:
        self._throttle = throttle
        self._fate = fate

    def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
        self._fate.tick()
        grant: Grant = self._throttle.reserve(now, asker)
        if grant.token is not None:
            self._fate.on_wire.add(grant.token)
        return grant

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        if outcome is not TAKEN_OFF:
            self._fate.on_wire.discard(token)
        self._throttle.record_end(token, outcome, now, wall)


@contextmanager
def _ticking_ledger(fate: Fate) -> Generator[None]:
    def ticking(method: Callable[..., None]) -> Callable[..., None]:
        def tick(*about: Any) -> None:
            fate.tick()
            method(*about)
            fate.tick()

        return tick

    with patch.object(Ledger, "write", ticking(Ledger.write)), patch.object(Ledger, "record", ticking(Ledger.record)):
        yield


def _live(client: SimulatedClient, files: _TickingFiles, fate: Fate, settings: SyncSettings) -> bool:
    """Run one process; returns whether it came to its end."""
    workings = client.workings
    mortal = workings.over(workings.driver.with_throttle(lambda throttle: _TickingThrottle(throttle, fate)))
    files.fate = fate
    try:
        with _ticking_ledger(fate):
            sync.run(mortal, Archive(files), settings)
    except Killed:
        return False
    return True


class SimulatedKills:
    """Syncs of one small operator in virtual time, under the faults of a seed.

    Args:
        seed: Decides the faults.
        folder: An empty folder for the archives.
        days: UTC days to read, the last of them yesterday.
    """

    def __init__(self, seed: int, folder: Path, days: int) -> None:
        self._seed = seed
        self._folder = folder
        self.last = day_of(START) - timedelta(days=1)
        self._settings = SyncSettings(start=self.last - timedelta(days=days - 1), end=self.last, tables=())
        sandbox, client, files = self._stage("undisturbed")
        _live(client, files, Fate(None), self._settings)
        self._undisturbed = len(sandbox.log)

    def _stage(self, name: str) -> tuple[Sandbox, SimulatedClient, _TickingFiles]:
        config = SandboxConfig(seed=self._seed, job_s=3, jitter=0.3, faults=FAULTS)
        sandbox = Sandbox(config, small_world())
        return (
            sandbox,
            SimulatedClient(sandbox, start=START, seed=self._seed, timezone="UTC"),
            _TickingFiles(self._folder / name),
        )

    def killed(self, name: str, steps: Iterable[int], rests_s: Iterable[float]) -> Tally:
        """Run a sync in processes that are killed after so many steps each, and a last one that comes to its end.

        Args:
            name: Name of its folder.
            steps: The steps of each process.
            rests_s: Virtual seconds after each kill.
        """
        tally = Tally(syncs=1, undisturbed=self._undisturbed)
        sandbox, client, files = self._stage(name)
        for step, rest_s in zip(steps, rests_s, strict=False):
            fate = Fate(step)
            if _live(client, files, fate, self._settings):
                break
            tally.kills += 1
            tally.lost += len(fate.on_wire)
            client.simulation.run(until=client.simulation.now + rest_s)
        else:
            _live(client, files, Fate(None), self._settings)
        tally.requests = len(sandbox.log)
        first = self._settings.start or self.last
        wrong = judge(Archive(files), small_world(), first, self.last, START)
        tally.wrong = [f"seed {self._seed}, {name}: {line}" for line in wrong]
        return tally


@cache
def small_world() -> BelievableWorld:
    """Three sites and a web shop with some 250 rows a day."""
    return BelievableWorld(WorldConfig(seed=5, sites=3, cars_per_day=60))


def simulated(seed: int, kills: int, folder: Path) -> Tally:
    """Run a sync in virtual time, killed at seeded steps, up to so many times."""
    dice = random.Random(f"kills {seed}")
    steps = [dice.randint(1, dice.choice((5, 25, 60))) for _ in range(kills)]
    rests_s = [dice.choice((0.1, 3.0, 40.0, 1300.0)) for _ in range(kills)]
    return SimulatedKills(seed, folder, 5).killed("killed", steps, rests_s)


def simulated_in_parallel(seed: int, kills: int) -> list[Tally]:
    """Run syncs in virtual time on all cores, until they were killed so often together."""
    cores = os.cpu_count() or 1
    tallies: list[Tally] = []
    with ProcessPoolExecutor(cores, multiprocessing.get_context("spawn")) as pool:
        while add(tallies).kills < kills:
            first = seed + len(tallies)
            tallies += pool.map(_one, range(first, first + _SEEDS_A_CORE * cores))
    return tallies


def _one(seed: int) -> Tally:
    with tempfile.TemporaryDirectory() as folder:
        return simulated(seed, _KILLS_A_SYNC, Path(folder))
