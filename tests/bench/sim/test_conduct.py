"""The oracle judges conduct: it finds out a run whose trace or log is falsified in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from bench.sim.conduct import _refusals_heard, conduct
from bench.sim.scenario import START, Kill, draw
from bench.sim.simulate import Life, Run, play
from sonnys_data_client.engine.effects import Collect, Pause, Send, Store, Strike, Woken
from sonnys_data_client.engine.jobs import POLL_PATH, SUBMIT_PATH, Handle
from sonnys_data_client.engine.wire import Response


def calm_run(kills: tuple[Kill, ...] = ()) -> Run:
    found = (s for s in map(draw, range(300)) if s.calm and not s.slow and len(s.world.rows) > 40)
    scenario = next(found)
    config = replace(scenario.config, job_s=5.0, jitter=0.0, workers=None)
    return play(replace(scenario, exports=scenario.exports[:1], config=config, kills=kills))


def complaints(run: Run) -> list[str]:
    history = run.histories[0]
    return [complaint for life in history.lives for complaint in conduct(run, history, life)]


def first_stored(life: Life) -> int:
    return next(i for i, (ask, _) in enumerate(life.trace) if isinstance(ask, Store))


def forget_to_store(life: Life) -> None:
    del life.trace[first_stored(life)]


def strike_early(life: Life) -> None:
    at = first_stored(life)
    ask, answer = life.trace[at]
    assert isinstance(ask, Store)
    life.trace.insert(at + 1, (Strike(ask.handle), answer))


def collect_early(life: Life) -> None:
    at = first_stored(life)
    ask, answer = life.trace[at]
    assert isinstance(ask, Store)
    life.trace.insert(at + 1, (Collect(ask.handle, {"rows": [], "total": 0}), answer))


def ask_again_at_once(life: Life) -> None:
    """The first poll that found its job working is followed by another, a moment later."""
    for at, (ask, answer) in enumerate(life.trace):
        if isinstance(ask, Pause) and isinstance(answer, Woken):
            for reply in answer.replies:
                if isinstance(reply.outcome, Response) and b'"working"' in reply.outcome.body:
                    polls = (s for s, _ in life.trace if isinstance(s, Send) and s.request.path == POLL_PATH)
                    poll = next(poll for poll in polls if poll.tag == reply.tag)
                    life.trace.insert(at + 1, (replace(poll, tag=10_000), replace(answer, now=reply.sent_at + 0.1)))
                    return
    raise AssertionError("no poll came too early in the first place")


@pytest.mark.parametrize(
    ("bend", "complaint"),
    [
        (forget_to_store, "was submitted and not kept"),
        (strike_early, "was struck out while its result was still wanted"),
        (collect_early, "was struck out while its result was still wanted"),
        (strike_early, "was polled though it was struck out"),
        (ask_again_at_once, "after the poll that found it working"),
    ],
)
def test_a_falsified_trace_is_found_out(bend: Callable[[Life], None], complaint: str) -> None:
    run = calm_run()
    assert not complaints(run)
    bend(run.histories[0].last)
    assert any(complaint in found for found in complaints(run))


def test_handles_left_behind_are_found_out() -> None:
    run = calm_run()
    life = run.histories[0].last
    life.left = [Handle.from_dict(next(ask.handle for ask, _ in life.trace if isinstance(ask, Store)))]
    assert complaints(run) == ["1 handles are left on the shelf of a finished export"]


def test_a_period_that_counts_too_many_is_found_out() -> None:
    run = calm_run()
    run.sandbox.periods()[0].ours = 21
    assert complaints(run) == ["the server counted 21 requests in a period and refused 0"]


def test_a_refusal_that_is_heard_in_the_next_window_is_held_against_none() -> None:
    """A 429 takes two seconds to arrive. By then another period is open, which refuses only later.

    Seed 2242 draws a slow network and a rival, and with the dice of seed 7 it happens.
    """
    drawn = draw(2242)
    run = play(replace(drawn, seed=7, config=replace(drawn.config, seed=7)))
    history = run.histories[0]
    ours = [entry.at for entry in run.sandbox.log if entry.api_id == "account-0" and entry.status == 429]
    heard = [START + at for life in history.lives for at in _refusals_heard(life)]
    opened = [w.start for w in run.sandbox.periods() if w.api_id == "account-0" and w.refused]
    assert any(
        at < start <= came and came - at < 4.0 for at, came in zip(ours, heard, strict=True) for start in opened
    ), "the seed shows it no longer: look for another"
    assert [complaint for life in history.lives for complaint in conduct(run, history, life)] == []


def test_a_kept_job_that_is_submitted_again_is_found_out() -> None:
    run = calm_run((Kill(30, 0.1),))
    first, second = run.histories[0].lives
    assert not complaints(run)
    kept = second.kept[0]
    again = next(
        (ask, answer)
        for ask, answer in first.trace
        if isinstance(ask, Send) and ask.request.path == SUBMIT_PATH and ask.request == kept.page.submission("POST")
    )
    second.trace.insert(0, (replace(again[0], tag=10_000), again[1]))
    assert any("was submitted again" in found for found in complaints(run))


def test_more_jobs_than_the_caller_allows_are_found_out() -> None:
    run = calm_run()
    run.scenario = replace(run.scenario, policy=replace(run.scenario.policy, max_in_flight=1))
    assert any("jobs are in flight, where 1 are allowed" in found for found in complaints(run))
