"""A draw depends on what it decides and on nothing else."""

from __future__ import annotations

import subprocess
import sys
from statistics import mean, stdev

from sonnys_data_client.sandbox.dice import bell, chance


def test_a_draw_is_the_same_in_another_process() -> None:
    program = "from sonnys_data_client.sandbox.dice import chance; print(repr(chance(1, 'job', 'x')))"
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert other.stdout.strip() == repr(chance(1, "job", "x"))


def test_draws_are_spread_evenly_and_never_reach_the_ends() -> None:
    draws = [chance("even", n) for n in range(4000)]
    assert all(0 < draw < 1 for draw in draws)
    assert abs(mean(draws) - 0.5) < 0.02
    assert len(set(draws)) == 4000


def test_the_bell_is_a_standard_normal() -> None:
    draws = [bell("bell", n) for n in range(4000)]
    assert abs(mean(draws)) < 0.06
    assert abs(stdev(draws) - 1) < 0.05


def test_parts_do_not_run_together() -> None:
    assert chance("a", "bc") != chance("ab", "c")
    assert chance(1) != chance("1")
