"""The oracle finds out a run whose record is falsified in one place.

`tests/sim/test_mutations.py` shows that it finds out a broken product; here the record is changed by hand.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from bench.sim.oracle import judge, trial
from bench.sim.scenario import draw
from bench.sim.simulate import Life, Run, play
from sonnys_data_client import errors
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.report import Gap


def calm_run() -> Run:
    found = (s for s in map(draw, range(300)) if s.calm and not s.slow and len(s.world.rows) > 40)
    scenario = next(found)
    return play(replace(scenario, exports=scenario.exports[:1]))


def report_of(life: Life) -> Report:
    assert life.process.result is not None
    return life.process.result


def lose_a_row(life: Life) -> None:
    life.rows.pop()
    report_of(life).windows[0].rows -= 1


def double_a_row(life: Life) -> None:
    life.rows.append(life.rows[0])


def invent_a_row(life: Life) -> None:
    life.rows.append({"id": "999999:1", "total": 1})


def change_money(life: Life) -> None:
    life.rows[0] = {**life.rows[0], "total": "0.001"}


def invent_a_gap(life: Life) -> None:
    report = report_of(life)
    window = report.windows[0].window
    report.windows[0].gaps.append(Gap(window, "just so"))


def miscount(life: Life) -> None:
    report_of(life).windows[0].total = 12_345


def never_end(life: Life) -> None:
    life.process.done = False


def end_in(error: Exception) -> Callable[[Life], None]:
    def bend(life: Life) -> None:
        life.process.result, life.process.error = None, error

    return bend


def dawdle(life: Life) -> None:
    life.process.ended_at += 1e6


def squander(life: Life) -> None:
    life.process.result = replace(report_of(life), requests=10_000)


GONE = errors.APIConnectionError("gone", method="GET", path="/")


@pytest.mark.parametrize(
    ("bend", "complaint"),
    [
        (lose_a_row, "rows are missing and in no gap"),
        (double_a_row, "came twice"),
        (invent_a_row, "is none of the range"),
        (change_money, "which it did not have"),
        (invent_a_gap, "a gap without a cause"),
        (miscount, "and the server counts"),
        (never_end, "had not ended"),
        (end_in(GONE), "never came to its end"),
        (end_in(GONE), "an error without a cause"),
        (end_in(RuntimeError("a bug")), "an error without a cause"),
        (dawdle, "from the last trouble"),
        (squander, "it spent 10000 requests"),
    ],
)
def test_a_falsified_record_is_found_out(bend: Callable[[Life], None], complaint: str) -> None:
    run = calm_run()
    assert not judge(run)
    bend(run.histories[0].last)
    assert any(complaint in found for found in judge(run))


def test_a_missing_row_in_a_named_gap_is_no_lie_but_the_gap_needs_a_cause() -> None:
    run = calm_run()
    life = run.histories[0].last
    row = life.rows.pop()
    report = report_of(life)
    for window in report.windows:
        window.gaps.append(Gap(window.window, "its job failed", errors.JobFailedError("no", method="GET", path="/")))
    report.windows[0].rows -= 1
    found = judge(run)
    assert row["id"]
    assert found
    assert all("a gap without a cause" in complaint for complaint in found)


def test_a_trial_names_its_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    def break_off(_: Any) -> Any:
        raise LookupError("nothing here")

    monkeypatch.setattr("bench.sim.oracle.play", break_off)
    assert trial(7) == ["seed 7: the run broke off: LookupError('nothing here')"]
