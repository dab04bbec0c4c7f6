"""How much memory an export of a million rows takes: flat, whatever its length.

The client runs in a process of its own, with the real driver and the models, and drops each row once it has it. Its
server is the sandbox, in process, with time that does not pass by itself: a pause moves the clock on, so the whole
takes as long as the work takes. The peak is the kernel's own figure for the process, sandbox included.

Run: python -m bench.memory [rows ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from bench.rig.world import DAY_S, SalesWorld
from sonnys_data_client.client.exporting import Inbox
from sonnys_data_client.engine.effects import Emit
from sonnys_data_client.engine.export import export
from sonnys_data_client.engine.findings import Findings
from sonnys_data_client.engine.progress import Progress
from sonnys_data_client.engine.throttle import ThrottleLimits
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.engine.work import SchedulePolicy
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.sandbox.config import API_ID, API_KEY
from sonnys_data_client.testing.simulation import Simulation
from sonnys_data_client.throttles.process import ProcessThrottle

SIZES = (100_000, 500_000, 1_000_000)
MB_MAX = 150.0
ROWS_A_DAY = 6_000
TODAY = 20_454
_ONE = "--one"


def run(rows: int) -> None:
    """Export so many rows, and print the peak so far before and after, in MB."""
    days = -(-rows // ROWS_A_DAY)
    sandbox = Sandbox(SandboxConfig(job_s=5.0), SalesWorld(lambda _day: ROWS_A_DAY))
    simulation = Simulation(sandbox, start=TODAY * DAY_S + 60.0)
    windows = [Window(day * DAY_S, (day + 1) * DAY_S) for day in range(TODAY - days, TODAY)]
    before = peak_mb()
    progress = Progress()
    inbox = Inbox("raise")
    process = simulation.process(
        export(windows, SchedulePolicy(), Findings(), progress),
        ProcessThrottle(ThrottleLimits()),
        headers={"x-sonnys-api-id": API_ID, "x-sonnys-api-key": API_KEY},
    )
    taken = 0

    def take(batch: Emit) -> None:
        nonlocal taken
        inbox.put(batch)
        while inbox.take() is not None:
            taken += 1
        sandbox.log.clear()  # the sandbox remembers every request; that is not the client's memory

    process.on_emit = take
    simulation.run()
    if process.error is not None:
        raise process.error
    if taken != days * ROWS_A_DAY:
        raise RuntimeError(f"{taken} rows came of {days * ROWS_A_DAY}")
    print(before, peak_mb())


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> int:
    """Measure each size in a process of its own; returns 1 if one takes too much."""
    if sys.argv[1:2] == [_ONE]:
        run(int(sys.argv[2]))
        return 0
    worst = 0.0
    for rows in [int(text) for text in sys.argv[1:]] or SIZES:
        start = time.perf_counter()
        command = [sys.executable, "-m", "bench.memory", _ONE, str(rows)]
        before, peak = map(float, subprocess.run(command, check=True, capture_output=True, text=True).stdout.split())
        took_s = time.perf_counter() - start
        print(f"{rows:>9,} rows: peak {peak:.0f} MB, {peak - before:.0f} above the start, {took_s:.0f} s", flush=True)
        worst = max(worst, peak)
    print(f"at most {worst:.0f} MB ≤ {MB_MAX:g} {'✓' if worst <= MB_MAX else '✗'}")
    return 0 if worst <= MB_MAX else 1


if __name__ == "__main__":
    sys.exit(main())
