"""The oracle: it knows the true rows and the server's log, and says which promises a run has broken.

```text
rows      each once a process; none from outside the range; each as the server knew it while the export ran;
          all rows there are, or each missing one is in a gap that the report names
report    complete only if nothing is missing; no gap and no error without a cause in the scenario
end       every export ends, within a number of requests and, once faults have stopped, within a time
conduct   towards the server, and with handles: see `conduct`
```

A process must deliver the rows that the server knew when the account's first process began, for its jobs may still be
in the server's cache. It may deliver rows, too, that the server learnt of until it ended.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from bench.sim.conduct import conduct
from bench.sim.scenario import START, Scenario, draw
from bench.sim.simulate import History, Life, Run, play
from sonnys_data_client import errors
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.report import Gap
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.sandbox.world.facts import Transaction

_WIND_DOWN_S = 240.0
"""For how long after the last fault an error may still follow from it: a call goes on trying for 180 s."""


def judge(run: Run) -> list[str]:
    """Name every promise that the run has broken, one line each."""
    complaints: list[str] = []
    for history in run.histories:
        truth = _Truth(run.scenario, history)
        found = list(_ended(run.scenario, history))
        for number, life in enumerate((life for life in history.lives if life.process.done), 1):
            of_life = [*truth.judge(life), *conduct(run, history, life)]
            found += [f"process {number}: {complaint}" for complaint in of_life]
        complaints += [f"{history.export.account.api_id}: {complaint}" for complaint in found]
    return complaints


def trial(seed: int) -> list[str]:
    """Play a seed's scenario and judge it. Each complaint is a line that names the seed."""
    try:
        found = judge(play(draw(seed)))
    except Exception as problem:  # noqa: BLE001 - any error has to name its seed
        found = [f"the run broke off: {problem!r}"]
    return [f"seed {seed}: {complaint}" for complaint in found]


# -- the end ----------------------------------------------------------------------------------------------------


def _ended(scenario: Scenario, history: History) -> Iterator[str]:
    if not history.lives or not history.last.process.done:
        yield "it had not ended when time was up"
        return
    process = history.last.process
    if process.result is None:
        if isinstance(process.error, errors.JobTimeoutError) and scenario.slow:
            return
        yield f"it never came to its end: {process.error!r} after {process.steps} steps"
        return
    requests, requests_max = process.result.requests, scenario.requests_max(history.export)
    if requests > requests_max:
        yield f"it spent {requests} requests, more than {requests_max:.0f}"
    troubled_until = 0.0 if scenario.calm else scenario.config.faults.until - START
    took_s = process.ended_at - max(history.last.began_at, troubled_until)
    if took_s > scenario.time_s_max(history.export):
        yield f"it took {took_s:.0f} s from the last trouble, more than {scenario.time_s_max(history.export):.0f}"


# -- the rows ---------------------------------------------------------------------------------------------------


class _Truth:
    """The rows that an account's processes have to deliver."""

    def __init__(self, scenario: Scenario, history: History) -> None:
        self._scenario = scenario
        self._history = history
        self._began = START + history.lives[0].began_at if history.lives else math.inf
        self._versions: dict[str, list[Transaction]] = defaultdict(list)
        for row in scenario.rows_of(history.export):
            self._versions[row.id].append(row)

    def judge(self, life: Life) -> Iterator[str]:
        ended = START + life.process.ended_at
        delivered = Counter(str(row.get("id")) for row in life.rows)
        twice = [id_ for id_, times in delivered.items() if times > 1]
        if twice:
            yield f"{len(twice)} rows came twice, such as {twice[0]}"
        yield from self._strange(life.rows, ended)
        if life.process.error is not None:
            yield from self._unexcused(life.process.error, life.process.ended_at)
        if life.process.result is not None:
            yield from self._judge_report(life.process.result, delivered)

    def _strange(self, rows: Sequence[dict[str, Any]], ended: float) -> Iterator[str]:
        """Complain about rows outside the range, or not as the server knew them while the export ran."""
        for row in rows:
            versions = self._versions.get(str(row.get("id")))
            if versions is None:
                yield f"row {row.get('id')} is none of the range"
                return
            ends = [*(later.visible_from for later in versions[1:]), math.inf]
            spans = zip(versions, ends, strict=True)
            current = [v for v, end in spans if v.visible_from <= ended and end > self._began]
            cents = _cents(row.get("total"))
            if cents is None and self._scenario.config.faults.bad_row:
                continue
            if cents not in [version.total_cents for version in current]:
                yield f"row {row.get('id')} came with a total of {row.get('total')!r}, which it did not have"
                return

    def _judge_report(self, report: Report, delivered: Counter[str]) -> Iterator[str]:
        if report.rows != sum(delivered.values()):
            yield f"the report counts {report.rows} rows, and {sum(delivered.values())} came"
        due = {id_: v[0] for id_, v in self._versions.items() if v[0].visible_from <= self._began}
        missing = [row for id_, row in due.items() if id_ not in delivered]
        unnamed = [row for row in missing if not any(_covers(gap.window, row) for gap in report.gaps)]
        if unnamed:
            yield f"{len(unnamed)} rows are missing and in no gap, such as {unnamed[0].id}"
        if missing and report.complete:
            yield "the report calls itself complete"
        for gap in report.gaps:
            yield from self._unexcused_gap(gap)
        if not self._scenario.moves:
            yield from self._wrong_totals(report)

    def _wrong_totals(self, report: Report) -> Iterator[str]:
        for window in report.windows:
            if window.rereads or window.gaps or window.total is None:
                continue
            counted = self._scenario.count(self._history.export, window.window)
            if window.total != counted:
                yield f"the report's total for {window.window} is {window.total}, and the server counts {counted}"

    def _unexcused(self, error: Exception, at: float) -> Iterator[str]:
        scenario = self._scenario
        in_time = at + START <= scenario.config.faults.until + _WIND_DOWN_S
        match error:
            case errors.JobFailedError() | errors.JobExpiredError():
                excused = scenario.jobs_break
            case errors.JobTimeoutError():
                excused = scenario.slow
            case errors.RateLimitError():
                excused = (scenario.rival and in_time) or bool(scenario.kills)
            case errors.ServerError() | errors.APIConnectionError():
                excused = scenario.breaks and in_time
            case errors.APIStatusError(type=None):  # a refusal whose body was cut off, and its reason with it
                excused = scenario.config.faults.truncated > 0 and in_time
            case _:
                excused = False
        if not excused:
            yield f"it ended in an error without a cause: {error!r}"

    def _unexcused_gap(self, gap: Gap) -> Iterator[str]:
        scenario, quirks = self._scenario, self._scenario.config.quirks
        match gap.error:
            case None:
                excused = scenario.moves
            case errors.PayloadValidationError(type=str()):
                excused = gap.window.site == "" and quirks.site_required and quirks.empty_site == "ignored"
            case errors.JobFailedError() | errors.JobExpiredError():
                excused = scenario.jobs_break
            case errors.JobTimeoutError():
                excused = scenario.slow
            case errors.ServerError() | errors.APIConnectionError():
                excused = scenario.breaks
            case errors.APIStatusError(type=None):
                excused = scenario.config.faults.truncated > 0
            case _:
                excused = False
        if not excused:
            yield f"the report names a gap without a cause: {gap}"


def _covers(window: Window, row: Transaction) -> bool:
    return window.start <= row.completed_ms // 1000 < window.stop and window.site in {None, row.site_code}


def _cents(total: Any) -> Decimal | None:
    try:
        return Decimal(str(total).replace(",", "")) * 100
    except InvalidOperation:
        return None
