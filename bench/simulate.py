"""Simulated exports full of faults and crashes: `make simulate N=20000`, or one seed again with `--seed 1234 --trace`.

Each seed draws a scenario, plays it in virtual time and lets the oracle judge it (`bench.sim`). If any promise was
broken, it prints the seeds and exits with 1.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator

from bench.sim.oracle import judge, trial
from bench.sim.scenario import Scenario, draw
from bench.sim.simulate import Run, play
from sonnys_data_client.engine.effects import (
    Ask,
    Collect,
    Deliver,
    Moment,
    Pause,
    Reserve,
    Send,
    Settle,
    Store,
    Strike,
    Woken,
)
from sonnys_data_client.engine.wire import Response

_SHOWN_CHARS_MAX = 140
_PROGRESS_EVERY = 500


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bench.simulate", description="Simulated exports, judged.")
    parser.add_argument("-n", type=int, default=2_000, help="how many seeds (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: %(default)s)")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes (default: one a core)")
    parser.add_argument("--seed", type=int, help="play only this seed, and describe it")
    parser.add_argument("--trace", action="store_true", help="with --seed: every request, reply and handle")
    asked = parser.parse_args(arguments)
    if asked.seed is not None:
        return replay(asked.seed, trace=asked.trace)
    return many(range(asked.first, asked.first + asked.n), asked.workers)


def many(seeds: range, workers: int) -> int:
    """Play many seeds; print progress and complaints."""
    began = time.monotonic()
    bad: set[int] = set()
    with multiprocessing.Pool(workers) as pool:
        for number, (seed, complaints) in enumerate(pool.imap_unordered(_trial, seeds, chunksize=20), 1):
            for complaint in complaints:
                bad.add(seed)
                print(complaint, flush=True)
            if number % _PROGRESS_EVERY == 0 or number == len(seeds):
                rate = number / (time.monotonic() - began)
                print(f"{number} of {len(seeds)} scenarios, {len(bad)} bad, {rate:.0f} a second", flush=True)
    for seed in sorted(bad):
        print(f"again: python -m bench.simulate --seed {seed} --trace")
    return 1 if bad else 0


def _trial(seed: int) -> tuple[int, list[str]]:
    return seed, trial(seed)


def replay(seed: int, *, trace: bool) -> int:
    """Play one seed; print its scenario, what happened and what was wrong."""
    scenario = draw(seed)
    print("\n".join(_describe(scenario)))
    run = play(scenario)
    print("\n".join(_tell(run, trace=trace)))
    complaints = judge(run)
    print("\n".join(complaints) or "Nothing is wrong.")
    return 1 if complaints else 0


def _describe(scenario: Scenario) -> Iterator[str]:
    config = scenario.config
    yield f"seed {scenario.seed}: {'calm' if scenario.calm else 'not calm'}, {len(scenario.world.rows)} rows"
    yield f"  sites    {[site.code for site in scenario.world.sites]}"
    for export in scenario.exports:
        yield f"  export   {export.account.api_id} of {export.sites or 'all sites'}: {len(export.windows())} windows"
    yield f"  jobs     {config.job_s:g} s, jitter {config.jitter:g}, workers {config.workers}"
    yield f"  network  {scenario.network}"
    yield f"  policy   {scenario.policy}"
    yield f"  kills    {scenario.kills}, the ledger {'survives' if scenario.ledger_survives else 'dies'}"
    yield f"  quirks   {config.quirks}"
    yield f"  faults   {config.faults}"


def _tell(run: Run, *, trace: bool) -> Iterator[str]:
    for history in run.histories:
        for number, life in enumerate(history.lives, 1):
            process = life.process
            end = "killed" if life.killed else repr(process.error) if process.error else str(process.result is not None)
            yield (
                f"{history.export.account.api_id}, process {number}: from {life.began_at:.2f} s with {len(life.kept)} "
                f"handles, {len(life.rows)} rows, ended at {process.ended_at:.2f} s: {end}"
            )
            if trace:
                for ask, answer in life.trace:
                    yield from (f"  {answer.now:9.2f}  {line}" for line in _lines(ask, answer))
            if process.result is not None:
                yield from (f"  gap: {gap}" for gap in process.result.gaps)


def _lines(ask: Ask, answer: Moment) -> Iterator[str]:
    match ask:
        case Send(tag=tag, request=request):
            yield f"send {tag}: {request.method} {request.path} {dict(request.query)}"
        case Store(handle=handle) | Collect(handle=handle) | Strike(handle=handle):
            verb = type(ask).__name__.lower()
            yield f"{verb} {handle['hash'][:6]}, page {handle['page']} of {handle['start']}"
        case Deliver(rows=rows):
            yield f"deliver {len(rows)} rows"
        case Settle(reports=reports):
            yield f"settle {', '.join(str(report.window) for report in reports)}"
        case Pause() if isinstance(answer, Woken):
            for reply in answer.replies:
                outcome = reply.outcome
                said = f"{outcome.status} {outcome.body!r}" if isinstance(outcome, Response) else str(outcome)
                yield f"reply {reply.tag}: {said[:_SHOWN_CHARS_MAX]}"
        case Pause() | Reserve():
            pass


if __name__ == "__main__":
    sys.exit(main())
