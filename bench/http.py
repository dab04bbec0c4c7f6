"""Our export beside the plain loop in real time, over real HTTP on this machine, and the ratio.

Everything is real: sockets, threads, the public client, and a server that counts periods of 15 s by the clock. It
takes minutes. With `--speed`, the server's time, the throttle and the plain loop's pauses run that many times as fast.
Waits that the export counts in seconds (its first polls come after 1 and 3) do not, so the ratio is then too low.

Run: python -m bench.http [--speed 5]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

from bench.rig.plain import POLL_EVERY_S, plain_loop
from bench.rig.virtual_export import BUSY_DAY, TWO_MONTHS, Load
from bench.rig.world import SalesWorld
from sonnys_data_client import SonnysClient
from sonnys_data_client.config import Account
from sonnys_data_client.drivers.seams import Seams
from sonnys_data_client.drivers.sync import SyncDriver
from sonnys_data_client.engine.effects import Deliver
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox import SandboxConfig
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from sonnys_data_client.throttles.process import ProcessThrottle
from sonnys_data_client.transport.http import HttpTransport

LATENCY_S = 0.15
ROWS = ((TWO_MONTHS, 5.0), (BUSY_DAY, 20.0))

Way = Callable[[RunningSandbox, Load, int, float], int]
"""Exports a load up to a day at a speed, and returns the rows that came."""


def limits(speed: float) -> ThrottleLimits:
    """The throttle, on a server whose time runs `speed` times as fast."""
    return ThrottleLimits(period_s=15.0 / speed)


def ours(server: RunningSandbox, load: Load, today: int, speed: float) -> int:
    """Export by the public client."""
    windows = load.windows(today)
    client = SonnysClient(server.api_id, server.api_key, base_url=server.base_url, throttle=limits(speed))
    with client, client.transactions.export(windows[0].start, windows[-1].stop - 1) as export:
        return sum(1 for _ in export)


def plain(server: RunningSandbox, load: Load, today: int, speed: float) -> int:
    """Export by the plain loop."""
    transport = HttpTransport(Account(server.api_id, server.api_key, base_url=server.base_url), 30.0)
    driver = SyncDriver(transport, Seams(ProcessThrottle(limits(speed))))
    deliveries = driver.stream(plain_loop(load.windows(today), poll_every_s=POLL_EVERY_S / speed))
    try:
        return sum(len(delivery.rows) for delivery in deliveries if isinstance(delivery, Deliver))
    finally:
        transport.close()


def race(way: Way, load: Load, job_s: float, speed: float) -> tuple[float, int, int]:
    """Run one export against a new server.

    Returns:
        Seconds (of the server), requests, and 429s.

    Raises:
        RuntimeError: Not all rows came: then nothing was measured.
    """
    config = SandboxConfig(job_s=job_s)
    with running_sandbox(config, world=SalesWorld(load.rows), speed=speed, latency=LATENCY_S) as server:
        today = int(server.clock.now()) // DAY_S
        start = time.perf_counter()
        rows = way(server, load, today, speed)
        took_s = (time.perf_counter() - start) * speed
        if rows != load.rows_all(today):
            raise RuntimeError(f"{rows} rows came of {load.rows_all(today)}")
        log = server.sandbox.log
        return took_s, len(log), sum(entry.status == 429 for entry in log)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--speed", type=float, default=1.0, help="run the server's time so many times as fast")
    speed = parser.parse_args().speed
    print(f"real HTTP on loopback, latency {LATENCY_S:g} s, speed {speed:g}")
    for load, job_s in ROWS:
        ours_s, requests, refusals = race(ours, load, job_s, speed)
        plain_s, plain_requests, _ = race(plain, load, job_s, speed)
        print(
            f"{load.name}, jobs of {job_s:g} s: {ours_s:.1f} s and {requests} requests ({refusals} × 429), "
            f"the plain loop {plain_s:.1f} s and {plain_requests}: {plain_s / ours_s:.1f} × as fast",
            flush=True,
        )


if __name__ == "__main__":
    main()
