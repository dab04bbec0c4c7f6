"""How much memory an export of a million rows takes: it does not grow with the export's length.

The public client exports from the sandbox in a separate process, and drops each row. Server and clock are simulated, so
it takes only as long as the work takes, and not two hours. The peak is the kernel's figure for the whole process, the
sandbox included.

Run: python -m bench.memory [rows ...]
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

from bench.rig.world import SalesWorld
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.sandbox import Sandbox, SandboxConfig
from sonnys_data_client.testing.client import SimulatedClient

SIZES = (100_000, 500_000, 1_000_000)
MB_MAX = 150.0
ROWS_A_DAY = 6_000
TODAY = 20_454
_ONE = "--one"


def run(rows: int) -> None:
    """Export so many rows, and print the peak in MB before and after.

    Raises:
        RuntimeError: Not all rows came: then nothing was measured.
    """
    days = -(-rows // ROWS_A_DAY)
    sandbox = Sandbox(SandboxConfig(job_s=5.0), SalesWorld(lambda _day: ROWS_A_DAY))
    client = SimulatedClient(sandbox, start=TODAY * DAY_S + 60.0)
    before = peak_mb()
    taken = 0
    with client.transactions.export((TODAY - days) * DAY_S, TODAY * DAY_S - 1) as export:
        for _ in export:
            taken += 1
            if taken % ROWS_A_DAY == 0:
                sandbox.log.clear()  # the sandbox remembers every request, which is not the client's memory
    if taken != days * ROWS_A_DAY:
        raise RuntimeError(f"{taken} rows came of {days * ROWS_A_DAY}")
    print(before, peak_mb())


def peak_mb() -> float:
    """The most memory that this process has held so far."""
    kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return kib / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> int:
    """Measure each size in a new process; returns 1 if one takes too much."""
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
