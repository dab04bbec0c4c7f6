"""Syncs of real processes over HTTP, killed by SIGKILL at seeded moments, faults on.

A process is killed a little after the server has seen a number of its requests. After a number of seconds it would have
come less far on a slow machine, and on a fast one it would have ended.
"""

from __future__ import annotations

import itertools
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.rig.tally import FAULTS, Tally, add, judge
from sonnys_data_client import SonnysClient, ThrottleLimits, sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from sonnys_data_client.sync import SyncSettings

SPEED = 30.0
"""Sandbox seconds in a real second. A restart takes some 100 ms, which is 3 s for the server."""
SETTLED_DAYS = 12
"""How many days ago the last day ended that is read: no row of it changes any more."""
REAL_DAYS = 8
KILLS_A_SYNC = 6
"""Kills of one sync at most, or it would never end."""
LINGER_S = 0.2
"""After its last request a process lives on for so long, at most: it may be writing files."""
LOOK_EVERY_S = 0.005
LANES = 4
"""Syncs at a time: each mostly waits for its server."""


def _child(base_url: str, api_id: str, api_key: str, folder: str, settings: SyncSettings) -> None:
    limits = ThrottleLimits(20, 15 / SPEED)
    with SonnysClient(api_id, api_key, base_url=base_url, throttle=limits, timezone="UTC") as client:
        report = sync.run(client, Archive(folder), settings)
    sys.exit(0 if report.complete else 3)


class RealKills:
    """A sandbox over HTTP, and processes that sync from it.

    Args:
        server: The sandbox.
    """

    def __init__(self, server: RunningSandbox) -> None:
        self._server = server
        self._processes = multiprocessing.get_context("forkserver")
        self._processes.set_forkserver_preload(["sonnys_data_client.sync.runner", "duckdb", "pytz", "httpcore2"])
        today = datetime.fromtimestamp(time.time(), UTC).date()
        self.first = today - timedelta(days=SETTLED_DAYS + REAL_DAYS)
        self.last = self.first + timedelta(days=REAL_DAYS - 1)

    def settings(self) -> SyncSettings:
        """Settings for days whose rows change no more."""
        return SyncSettings(start=self.first, end=self.last, reread_days=0.0, tables=())

    def begin(self, folder: Path) -> Any:
        """Begin a sync in a new process."""
        server = self._server
        about = (server.base_url, server.api_id, server.api_key, str(folder), self.settings())
        process = self._processes.Process(target=_child, args=about)
        process.start()
        return process

    def spent(self) -> int:
        """Requests that the server has seen."""
        return len(self._server.sandbox.log)

    def undisturbed(self, folder: Path) -> int:
        """Run an undisturbed sync; returns its requests."""
        self._server.sandbox.reset()
        process = self.begin(folder)
        process.join()
        if process.exitcode != 0:
            raise RuntimeError(f"an undisturbed sync ended with {process.exitcode}")
        return self.spent()

    def killed(self, seed: int, kills: int, folder: Path, *, requests: int) -> Tally:
        """Run a sync that is killed at seeded moments.

        Args:
            seed: Decides the moments.
            kills: How often to kill it, if it does not end before.
            folder: Folder for its archive.
            requests: Requests of an undisturbed sync.
        """
        self._server.sandbox.reset()
        dice = random.Random(f"real kills {seed}")
        tally = Tally(syncs=1, undisturbed=requests)
        while True:
            process = self.begin(folder)
            if tally.kills < kills:
                self._watch(process, dice.randint(0, 2 * requests // (kills + 1)), dice.uniform(0.0, LINGER_S))
            else:
                process.join()
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

    def _watch(self, process: Any, requests: int, linger_s: float) -> None:
        """Wait until a process has sent so many requests and lived on for so long, or has ended."""
        enough = self.spent() + requests
        while self.spent() < enough and process.exitcode is None:
            process.join(LOOK_EVERY_S)
        process.join(linger_s)


@contextmanager
def real_kills(seed: int) -> Generator[RealKills]:
    """Give `RealKills` whose server runs until the end of the block."""
    config = SandboxConfig(seed=seed, sites=3, cars_per_day=350, job_s=3, jitter=0.3, faults=FAULTS)
    with running_sandbox(config, speed=SPEED, latency=0.1) as server:
        yield RealKills(server)


def real(seed: int, kills: int) -> list[Tally]:
    """Run syncs of real processes, `LANES` at a time, until they were killed so often together."""
    shares = [kills // LANES + (lane < kills % LANES) for lane in range(LANES)]
    with ThreadPoolExecutor(LANES) as lanes:
        done = lanes.map(_lane, itertools.count(seed, 1000), filter(None, shares))
        return [tally for tallies in done for tally in tallies]


def _lane(seed: int, kills: int) -> list[Tally]:
    """Run one sync after the other."""
    tallies: list[Tally] = []
    with tempfile.TemporaryDirectory() as folder, real_kills(seed) as place:
        requests = place.undisturbed(Path(folder, "undisturbed"))
        while (left := kills - add(tallies).kills) > 0:
            number = len(tallies)
            most, target = min(KILLS_A_SYNC, left), Path(folder, str(number))
            tallies.append(place.killed(seed + number, most, target, requests=requests))
    return tallies
