"""What kills cost a sync, and whether any row is lost.

    simulated   syncs in virtual time, killed at any step: before a request, before a page or a file is written, ...
    real        syncs of real processes over HTTP, killed by SIGKILL at seeded moments, under faults

After each kill another process goes on, until one comes to its end. Then the archive must hold the true rows, each one,
and `check` must find no problem. The ratio is requests spent as a multiple of those of an undisturbed sync.
It is judged in virtual time. That of real processes is only printed, because the machine decides how many replies a
process has not yet read when it dies.

Run: python -m bench.kills [-n 200] [--simulated 2000] [--seed 1]
"""

from __future__ import annotations

import argparse
import sys

from bench.rig.real_kills import real
from bench.rig.simulated_kills import simulated_in_parallel
from bench.rig.tally import RATIO_MAX, add


def main() -> None:
    """Kill, count and print; exit with 1 if anything was wrong."""
    parser = argparse.ArgumentParser(description="Syncs that are killed.")
    parser.add_argument("-n", type=int, default=200, help="kills of real processes")
    parser.add_argument("--simulated", type=int, default=2000, help="kills in virtual time")
    parser.add_argument("--seed", type=int, default=1, help="the first seed")
    asked = parser.parse_args()
    wrong: list[str] = []
    if asked.simulated:
        tally = add(simulated_in_parallel(asked.seed, asked.simulated))
        print(f"simulated  {tally}", flush=True)
        wrong += tally.wrong
        if tally.ratio_but_lost > RATIO_MAX:
            wrong.append(f"the ratio of the simulated ones, but for what was lost, is above {RATIO_MAX}")
    if asked.n:
        tally = add(real(asked.seed, asked.n))
        print(f"real       {tally}")
        wrong += tally.wrong
    print("\n".join(wrong))
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
