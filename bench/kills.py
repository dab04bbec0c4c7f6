"""What it costs a sync to be killed, and that it loses nothing by it.

    simulated   syncs in virtual time, killed at any step: before a request, a page's storing, a file's swap, ...
    real        syncs of real processes over HTTP, each killed by SIGKILL at seeded moments, faults on

After each kill another process goes on, until one comes to its end. Then the archive must hold the truth, row by row,
and `check` must find nothing. The ratio is requests spent over those of a sync that nobody disturbs.

Run: python -m bench.kills [-n 200] [--simulated 2000] [--seed 1]
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sonnys_data_client import SonnysClient, ThrottleLimits, sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_of, day_start
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.drivers.seams import TAKEN_OFF, Throttle
from sonnys_data_client.engine.throttle import Grant
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.sandbox import Faults, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from sonnys_data_client.sandbox.world import BelievableWorld, WorldConfig
from sonnys_data_client.sandbox.world.protocol import World
from sonnys_data_client.sync import SyncSettings
from sonnys_data_client.testing.client import SimulatedClient

SPEED = 30.0
"""Sandbox seconds in a real one. A restart takes some 100 ms, which is then 3 s of the server's."""
SETTLED_DAYS = 12
"""How long ago the days are that are read: nothing of them changes any more, so the truth stays the truth."""
REAL_DAYS = 8
KILLS_A_SYNC = 6
RATIO_MAX = 1.2
START = datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp()
FAULTS = Faults(reset_after=0.01, unavailable_503=0.01, stall=0.002, stall_s=5.0, job_fail=0.004)


@dataclass
class Tally:
    """What became of one or more killed syncs.

    Attributes:
        syncs: Syncs.
        kills: Processes that were killed.
        requests: Requests that the server saw.
        undisturbed: Requests of as many syncs that nobody disturbs.
        lost: Requests whose replies nobody heard, for their process died; known of simulated ones only.
        wrong: What was not as it must be, a line each.
    """

    syncs: int = 0
    kills: int = 0
    requests: int = 0
    undisturbed: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list[str])

    @property
    def ratio(self) -> float:
        """Requests over those of undisturbed syncs."""
        return self.requests / self.undisturbed

    @property
    def ratio_but_lost(self) -> float:
        """The same, without what was on the wire in the moments of death, and the site list that each process reads."""
        return (self.requests - self.lost - self.kills) / self.undisturbed

    def __str__(self) -> str:
        lost = f" ({self.ratio_but_lost:.3f} but for {self.lost} lost on the wire)" if self.lost else ""
        return (
            f"{self.syncs} syncs, {self.kills} kills: {self.requests} requests, undisturbed {self.undisturbed}, "
            f"ratio {self.ratio:.3f}{lost}; {len(self.wrong)} wrong"
        )


def judge(archive: Archive, world: World, first: date, last: date, as_of: float) -> list[str]:
    """What an archive holds that is not the truth, or not sound."""
    query = "SELECT id, (total * 100)::BIGINT FROM transactions WHERE date BETWEEN ? AND ? ORDER BY id"
    held = archive.sql(query, [first, last]).fetchall()
    rows = world.transactions(day_start(first), day_start(last + timedelta(days=1)), as_of=as_of)
    truth = sorted((row.id, row.total_cents) for row in rows)
    wrong = [str(finding) for finding in archive.check()]
    if held != truth:
        wrong.append(f"{len(set(truth) - set(held))} rows are missing, {len(set(held) - set(truth))} are wrong")
    if len(held) != len(set(held)):
        wrong.append("rows are there twice")
    left = [path.name for path in Path(archive.address).rglob("*.parquet") if path.name != "data.parquet"]
    return wrong + [f"{name} was left behind" for name in left]


# -- simulated ---------------------------------------------------------------------------------------------------


class Killed(BaseException):
    """The process ends here. Nobody catches it."""


class Fate:
    """Counts steps, and kills at one of them.

    Args:
        step: The step, from 1; None to go on for ever.
    """

    def __init__(self, step: int | None) -> None:
        self._step = step
        self._steps = 0
        self.on_wire: set[int] = set()

    def tick(self) -> None:
        """One step."""
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

    def reserve(self, now: float) -> Grant:
        self._fate.tick()
        grant: Grant = self._throttle.reserve(now)
        if grant.token is not None:
            self._fate.on_wire.add(grant.token)
        return grant

    def settle(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        if outcome is not TAKEN_OFF:
            self._fate.on_wire.discard(token)
        self._throttle.settle(token, outcome, now, wall)


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
    """One process's life; tells whether it came to its end."""
    workings = client.workings
    mortal = workings.over(workings.driver.with_throttle(lambda throttle: _TickingThrottle(throttle, fate)))
    files.fate = fate
    try:
        with _ticking_ledger(fate):
            sync.run(mortal, Archive(files), settings)
    except Killed:
        return False
    return True


class Rehearsal:
    """Syncs of one small operator in virtual time, under the faults of a seed.

    Args:
        seed: Decides the faults.
        folder: Where to, an empty folder.
        days: UTC days to read, the last of them yesterday.
    """

    def __init__(self, seed: int, folder: Path, days: int) -> None:
        self._seed = seed
        self._folder = folder
        self.last = day_of(START) - timedelta(days=1)
        self._settings = SyncSettings(start=self.last - timedelta(days=days - 1), stop=self.last, tables=())
        sandbox, client, files = self._stage("undisturbed")
        _live(client, files, Fate(None), self._settings)
        self._undisturbed = len(sandbox.log)

    def _stage(self, name: str) -> tuple[Sandbox, SimulatedClient, _TickingFiles]:
        config = SandboxConfig(seed=self._seed, job_s=3, jitter=0.3, faults=FAULTS)
        sandbox = Sandbox(config, small_world())
        return sandbox, SimulatedClient(sandbox, start=START, seed=self._seed), _TickingFiles(self._folder / name)

    def killed(self, name: str, steps: Iterable[int], rests_s: Iterable[float]) -> Tally:
        """A sync whose processes live so many steps each, one after the other, and the last one to its end.

        Args:
            name: What to call its folder.
            steps: The steps of each life.
            rests_s: Virtual seconds after each death.
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
    """One sync in virtual time, killed at seeded steps, up to so many times."""
    dice = random.Random(f"kills {seed}")
    steps = [dice.randint(1, dice.choice((5, 25, 60))) for _ in range(kills)]
    rests_s = [dice.choice((0.1, 3.0, 40.0, 1300.0)) for _ in range(kills)]
    return Rehearsal(seed, folder, 4).killed("killed", steps, rests_s)


# -- real --------------------------------------------------------------------------------------------------------


def _child(base_url: str, api_id: str, api_key: str, folder: str, settings: SyncSettings) -> None:
    limits = ThrottleLimits(20, 15 / SPEED)
    with SonnysClient(api_id, api_key, base_url=base_url, throttle=limits) as client:
        report = sync.run(client, Archive(folder), settings)
    sys.exit(0 if report.complete else 3)


class Yard:
    """A sandbox over HTTP, and processes that sync from it.

    Args:
        server: The sandbox.
    """

    def __init__(self, server: RunningSandbox) -> None:
        self._server = server
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["sonnys_data_client.sync.running", "duckdb", "pytz", "httpx2"])
        today = datetime.now(UTC).date()
        self.first = today - timedelta(days=SETTLED_DAYS + REAL_DAYS)
        self.last = self.first + timedelta(days=REAL_DAYS - 1)

    def settings(self) -> SyncSettings:
        """Days that changed for the last time long ago."""
        return SyncSettings(start=self.first, stop=self.last, reread_days=0.0, tables=())

    def begin(self, folder: Path) -> Any:
        """Begin a sync in a process of its own."""
        server = self._server
        about = (server.base_url, server.api_id, server.api_key, str(folder), self.settings())
        process = self._processes.Process(target=_child, args=about)
        process.start()
        return process

    def spent(self) -> int:
        """Requests that the server has seen."""
        return len(self._server.sandbox.log)

    def undisturbed(self, folder: Path) -> tuple[int, float]:
        """Requests and seconds of a sync that nobody disturbs."""
        self._server.sandbox.reset()
        began = time.monotonic()
        process = self.begin(folder)
        process.join()
        if process.exitcode != 0:
            raise RuntimeError(f"an undisturbed sync ended with {process.exitcode}")
        return self.spent(), time.monotonic() - began

    def killed(self, seed: int, kills: int, folder: Path, *, requests: int, takes_s: float) -> Tally:
        """A sync that is killed at seeded moments.

        Args:
            seed: Decides the moments.
            kills: How often, if it does not end before.
            folder: Where to.
            requests: Requests of one that nobody disturbs.
            takes_s: Seconds that it takes.
        """
        self._server.sandbox.reset()
        dice = random.Random(f"real kills {seed}")
        tally = Tally(syncs=1, undisturbed=requests)
        while True:
            process = self.begin(folder)
            process.join(dice.uniform(0.0, 2 * takes_s / (kills + 1)) if tally.kills < kills else None)
            if process.exitcode is not None:
                break
            os.kill(process.pid, signal.SIGKILL)
            process.join()
            tally.kills += 1
        tally.requests = self.spent()
        if process.exitcode != 0:
            tally.wrong.append(f"the last process ended with {process.exitcode}")
        world, now = self._server.sandbox.world, time.time()
        tally.wrong += judge(Archive(folder), world, self.first, self.last, now)
        tally.wrong = [f"seed {seed}: {line}" for line in tally.wrong]
        return tally


@contextmanager
def yard(seed: int) -> Generator[Yard]:
    """A yard whose server runs until the end of the block."""
    config = SandboxConfig(seed=seed, sites=3, cars_per_day=350, job_s=3, jitter=0.3, faults=FAULTS)
    with running_sandbox(config, speed=SPEED, latency=0.1) as server:
        yield Yard(server)


def add(tallies: list[Tally]) -> Tally:
    """All of them together."""
    whole = Tally()
    for tally in tallies:
        whole.syncs += tally.syncs
        whole.kills += tally.kills
        whole.requests += tally.requests
        whole.undisturbed += tally.undisturbed
        whole.lost += tally.lost
        whole.wrong += tally.wrong
    return whole


def main() -> None:
    """Kill, count and print; exit with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Syncs that are killed.")
    parser.add_argument("-n", type=int, default=200, help="kills of real processes")
    parser.add_argument("--simulated", type=int, default=2000, help="kills in virtual time")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    asked = parser.parse_args()
    tallies: list[Tally] = []
    seed = asked.seed
    while add(tallies).kills < asked.simulated:
        with tempfile.TemporaryDirectory() as folder:
            tallies.append(simulated(seed, 40, Path(folder)))
        seed += 1
    whole = add(tallies)
    print(f"simulated  {whole}")
    real: list[Tally] = []
    if asked.n:
        with tempfile.TemporaryDirectory() as folder, yard(asked.seed) as place:
            requests, takes_s = place.undisturbed(Path(folder, "undisturbed"))
            while (left := asked.n - add(real).kills) > 0:
                number = len(real)
                kills, target = min(KILLS_A_SYNC, left), Path(folder, str(number))
                real.append(place.killed(asked.seed + number, kills, target, requests=requests, takes_s=takes_s))
        print(f"real       {add(real)}")
    wrong = [*whole.wrong, *add(real).wrong]
    if real and add(real).ratio > RATIO_MAX:
        wrong.append(f"the ratio of the real ones is above {RATIO_MAX}")
    print("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
