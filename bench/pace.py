"""How close exports come to the fastest that the throttle permits, in virtual time, beside the plain loop.

Nothing is timed here, all is counted: real flows, the real sandbox, a virtual clock (`rig.virtual_export` says how, and
what the bound `B` is). The same seeds give the same table on every machine. Latencies always vary, by half, so every
cell is the median of several seeds; where job durations vary, too (log-normal, sigma 0.5), of `SEEDS`.

The loads have the shape of real ones. A month's days differ as weekdays do, so it has no round number of pages: at
exactly 600 pages, one request too many would cost a period of 15 s, and at 597 it costs nothing. The client does not
know page counts beforehand; it has to ask.

Run: python -m bench.pace
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import product
from statistics import median

from bench.rig.plain import plain_loop
from bench.rig.virtual_export import BUSY_DAY, MONTH, QUIET_DAY, TWO_MONTHS, Load, Run, Setting, run

SEEDS = 12
SEEDS_OF_SMALL = 48
"""How long a small load takes depends on whether its last job is a long one: only many seeds give a stable median."""
SEEDS_OF_FIXED = 3
SIGMA = 0.5
JOBS_S = (0.0, 5.0, 20.0, 60.0)
NEAR_S, FAR_S = 0.15, 2.0


@dataclass(frozen=True, slots=True)
class Target:
    """What a cell has to reach. None: nothing is promised.

    Attributes:
        requests_a_page: At most so many requests a page.
        of_bound: At most so many times the bound.
        late: Whether the end has to come within 2 s, or 15 %, of the last job's end, and one latency.
    """

    requests_a_page: float | None = None
    of_bound: float | None = None
    late: bool = False


def target(setting: Setting) -> Target:
    """The target of a cell.

    At the far latency nothing was promised for loads of a few periods of 15 s, each of which lasts a latency longer
    there. Those targets are what was measured, so that it gets no worse.
    """
    fixed, near = setting.sigma == 0.0, setting.latency_s < 1.0
    if setting.rival:
        return Target(of_bound=1.15)
    if setting.workers:
        # Four jobs of a minute at a time: nobody can know how many to submit before the first has passed. Some results
        # of those that are submitted by then expire before they are polled.
        return Target(of_bound=1.05 if setting.job_s < 60.0 else None)
    if setting.load == MONTH:
        slow = setting.job_s > 20.0
        times = 1.10 if not near else 1.02 if fixed else 1.12 if slow else 1.03
        return Target(2.02 if fixed else 2.08, times)
    if setting.load == TWO_MONTHS:
        return Target(2.05 if fixed else 2.4, (1.04 if fixed else 1.25) if near else (1.16 if fixed else 1.32))
    if setting.load == BUSY_DAY:
        return Target(2.8 if fixed else 3.4, 1.17 if near else 1.55)
    return Target(late=True)


@dataclass(frozen=True, slots=True)
class Cell:
    """The runs of one setting.

    Attributes:
        setting: The setting.
        runs: One run for each seed.
        plain_s: What the plain loop takes, with the first seed.
    """

    setting: Setting
    runs: Sequence[Run]
    plain_s: float

    @property
    def requests_a_page(self) -> float:
        """The median."""
        return median(run.requests_a_page for run in self.runs)

    @property
    def of_bound(self) -> float:
        """The median."""
        return median(run.of_bound for run in self.runs)

    @property
    def late_share(self) -> float:
        """The median of how late the end came, as a share of what it may."""
        return median(run.late_s / (max(2.0, 0.15 * run.jobs_end_s) + self.setting.latency_s) for run in self.runs)

    def misses(self) -> list[str]:
        """Name each target that it misses, in a few words."""
        wanted = target(self.setting)
        found = [
            (self.requests_a_page, wanted.requests_a_page, "requests a page"),
            (self.of_bound, wanted.of_bound, "of the bound"),
            (self.late_share, 1.0 if wanted.late else None, "of the lateness allowed"),
        ]
        missed = [f"{is_:.3f} {what}, not {most:g}" for is_, most, what in found if most is not None and is_ > most]
        refusals = sum(run.refusals for run in self.runs)
        if refusals and not self.setting.rival:
            missed.append(f"{refusals} × 429")
        return missed


def measure(setting: Setting, seeds: int | None = None) -> Cell:
    """Run a setting with several seeds, and the plain loop once."""
    if seeds is None:
        seeds = SEEDS_OF_FIXED if not setting.sigma else SEEDS if setting.load == MONTH else SEEDS_OF_SMALL
    runs = [run(setting, seed) for seed in range(seeds)]
    return Cell(setting, runs, run(setting, 0, plain_loop).time_s)


def courses() -> Iterator[Setting]:
    """Every cell of the table."""
    loads: Sequence[Load] = (QUIET_DAY, BUSY_DAY, TWO_MONTHS, MONTH)
    for load, sigma, latency_s, job_s in product(loads, (0.0, SIGMA), (NEAR_S, FAR_S), JOBS_S):
        if job_s or not sigma:  # jobs that take no time do not vary
            yield Setting(load, job_s, sigma, latency_s)
    yield from (
        Setting(MONTH, job_s, sigma, workers=4)
        for job_s, sigma in ((5.0, 0.0), (20.0, 0.0), (20.0, SIGMA), (60.0, 0.0))
    )
    yield from (Setting(load, 5.0, rival=10.0) for load in (TWO_MONTHS, MONTH))


HEAD = (
    f"{'jobs':>12}{'latency':>9}{'requests/page':>21}{'time/B':>18}{'worst':>8}{'late':>8}{'429':>5}{'plain/ours':>12}"
)


def line(cell: Cell) -> str:
    """A cell as one line of the table."""
    setting, wanted = cell.setting, target(cell.setting)

    def against(found: float, most: float | None) -> str:
        return f"{found:.3f}" if most is None else f"{found:.3f} ≤ {most:.2f} {'✓' if found <= most else '✗'}"

    jobs = f"{setting.job_s:g} s" + (" ± σ.5" if setting.sigma else "")
    late = (
        ""
        if setting.workers
        else f"{median(run.late_s for run in cell.runs):.1f} s"
        + ("" if not wanted.late else " ✓" if cell.late_share <= 1 else " ✗")
    )
    worst = max(run.of_bound for run in cell.runs)
    faster = cell.plain_s / median(run.time_s for run in cell.runs)
    return (
        f"{jobs:>12}{f'{setting.latency_s:g} s':>9}{against(cell.requests_a_page, wanted.requests_a_page):>21}"
        f"{against(cell.of_bound, wanted.of_bound):>18}{worst:>8.3f}{late:>8}"
        f"{sum(run.refusals for run in cell.runs):>5}{faster:>11.1f}×"
    )


def title(setting: Setting, in_flight: int, pages: int) -> str:
    """The heading of the courses that share a load and a server."""
    who = f", {setting.workers} jobs at a time" if setting.workers else ""
    who += f", a rival sends {setting.rival:g} a period" if setting.rival else ""
    most = f", at most {in_flight} jobs in flight" if setting.workers else ""
    return f"{setting.load.name}: {pages} pages{who}{most}"


def main() -> None:
    """Measure every cell and print the table."""
    print(
        f"medians of {SEEDS} to {SEEDS_OF_SMALL} seeds where durations vary, else of {SEEDS_OF_FIXED}; "
        "every latency varies by half"
    )
    missed = 0
    above = ""
    with ProcessPoolExecutor(max_workers=min(2, os.cpu_count() or 1)) as pool:
        for cell in pool.map(measure, courses()):
            heading = title(cell.setting, max(run.in_flight_max for run in cell.runs), cell.runs[0].pages)
            if heading != above:
                print(f"\n{heading}\n{HEAD}")
                above = heading
            print(line(cell), flush=True)
            missed += bool(cell.misses())
    print(f"\n{missed} of {len(list(courses()))} cells miss their target")


if __name__ == "__main__":
    main()
