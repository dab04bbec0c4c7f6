"""Explore runs that want one remote archive, in every order of their steps.

A step is one request of a run to the store. A run is not kept between its steps. It is run again from its beginning
with the answers that it got so far, until it makes a new request. So a state is the store and these answers, and each
state is explored once, however it was reached. One more step belongs to no run: time passes until every lock is stale.
A run that is killed is one that takes no further step, so those cases are included.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sonnys_data_client.archive import lock
from sonnys_data_client.archive.files import WORK_FOLDER
from sonnys_data_client.archive.lock import STALE_S, hold, lock_object
from sonnys_data_client.archive.remote_files import RemoteFiles
from sonnys_data_client.errors import ArchiveHeldError

HOLDS = ("works", "renews")
"""States of a run that believes that it holds the archive."""


@dataclass(frozen=True)
class Run:
    """One run, up to its next step.

    Attributes:
        number: Which.
        account: The account that it wants; None for the whole archive.
        answers: The store's answers so far, each with the time.
        does: `begins`, `works`, `renews`, `ends`, or `over`.
        step: Its next request: the method, the name, the text. Empty if it is over.
        generation: The lock that it tried to create.
        held: Whether it has held the archive.
        late: Whether its lock was, or may have been, stale at some point.
        doomed: Whether another held a newer lock when it began to renew its own.
    """

    number: int
    account: str | None = None
    answers: tuple[tuple[Any, float], ...] = ()
    does: str = "begins"
    step: tuple[str, ...] = ()
    generation: int = 0
    held: bool = False
    late: bool = False
    doomed: bool = False


@dataclass(frozen=True)
class State:
    """The store and the runs at one moment.

    Attributes:
        objects: Names and texts.
        runs: All runs.
        now: Epoch seconds.
        waits_left: How many more times time may pass.
    """

    objects: frozenset[tuple[str, str]]
    runs: tuple[Run, ...]
    now: float
    waits_left: int


class _WaitsError(BaseException):
    """A run has come to a step that has no answer yet."""


class _Played(RemoteFiles):
    """Gives a run the answers that it got before, and stops it at the first step without one."""

    def __init__(self, run: Run) -> None:
        self.address = "the archive"
        self.step: tuple[str, ...] = ()
        self.now = 0.0
        self._answers = iter(run.answers)

    def _ask(self, *step: str) -> Any:
        if not self.step:  # nor is there an answer for what it asks on its way out
            for answer, now in self._answers:
                self.now = now
                return answer
            self.step = step
        raise _WaitsError

    def names(self, folder: str) -> list[str]:
        listed: list[str] = self._ask("names", folder)
        return listed

    def create(self, name: str, text: str) -> bool:
        created: bool = self._ask("create", name, text)
        return created

    def write(self, name: str, text: str) -> None:
        self._ask("write", name, text)

    def read(self, name: str) -> str | None:
        text: str | None = self._ask("read", name)
        return text

    def remove(self, name: str) -> None:
        self._ask("remove", name)

    def work(self) -> None:
        """Stand for the work of a run that holds the archive."""
        self._ask("work")


def _played(run: Run) -> Run:
    """Run it again up to its next step."""
    files, does = _Played(run), "begins"
    clock = SimpleNamespace(time=lambda: files.now)
    names = SimpleNamespace(uuid4=lambda: SimpleNamespace(hex=str(run.number)))
    try:
        with patch.multiple(lock, time=clock, uuid=names, _renewing=nullcontext), hold(files, run.account) as renew:
            does = "works"
            files.work()
            does = "renews"
            renew()
            does = "works"
            files.work()
            does = "ends"
        does = "over"
    except ArchiveHeldError:
        does = "over"
    except _WaitsError:
        pass
    held = run.held or does in HOLDS
    if does == "over":  # how it ended makes no difference
        return Run(run.number, run.account, does=does, held=held)
    return replace(run, does=does, step=files.step, held=held)


def _answered(state: State, run: Run) -> tuple[State, Run]:
    """Carry out a run's request in the store, and add the answer."""
    method, name, *text = (*run.step, "")
    objects = dict(state.objects)
    answer: Any = None
    match method:
        case "names":
            answer = tuple(sorted(objects))
        case "read":
            answer = objects.get(name)
        case "create":
            answer = name not in objects
            objects.setdefault(name, text[0])
        case "write":
            objects[name] = text[0]
        case "remove":
            objects.pop(name, None)
        case _:
            pass
    answers = (*run.answers, (answer, state.now))
    return replace(state, objects=frozenset(objects.items())), replace(run, answers=answers)


def _stepped(state: State, number: int) -> State:
    """Let one run take its next step.

    Raises:
        AssertionError: Two runs hold the archive, and none of them was silent.
    """
    run = state.runs[number]
    rivals = [other for other in state.runs if other is not run and _are_rivals(run, other)]
    others = [other for other in rivals if other.does in HOLDS]
    if run.step[0] == "create" and run.step[1].startswith(lock_object(0, run.account).removesuffix("0.json")):
        run = replace(run, generation=int(run.step[1].rpartition("-")[2].removesuffix(".json")))
    if run.does == "renews" and run.step[0] == "names":
        same = (other for other in others if other.account == run.account)
        run = replace(run, doomed=any(other.generation > run.generation for other in same))
    after, run = _answered(state, run)
    doomed, run = run.doomed, _played(run)
    if run.does in HOLDS:
        for other in others:
            pair = sorted((run, other), key=lambda each: each.generation)
            suspects = pair[:1] if run.account == other.account else pair  # of two locks, the numbers say nothing
            assert any(each.late for each in suspects), f"two hold it, and nobody was silent: {run} and {other}"
    assert not (doomed and run.does == "works"), f"it goes on after another has taken over: {run}"
    return replace(after, runs=(*state.runs[:number], run, *state.runs[number + 1 :]))


def _are_rivals(one: Run, other: Run) -> bool:
    return one.account == other.account or None in {one.account, other.account}


def _next(state: State) -> Iterator[State]:
    for run in state.runs:
        if run.step:
            yield _stepped(state, run.number)
    if state.waits_left:
        late = tuple(replace(run, late=run.late or bool(run.answers)) for run in state.runs)
        yield replace(state, runs=late, now=state.now + STALE_S + 1, waits_left=state.waits_left - 1)


def explore(runs: int | Sequence[str | None], waits: int, *, left: dict[str, Any] | None = None) -> int:
    """Start runs at once, and explore every order of their steps.

    Args:
        runs: The account that each wants, None for the whole archive; or the number of runs that want that.
        waits: How many times time passes until every lock is stale.
        left: Content of a lock of generation 5 that an earlier run left; None if the archive is new.

    Returns:
        Number of states.

    Raises:
        AssertionError: Two runs hold the archive and none was silent, or no run ever holds it.
    """
    objects = {f"{WORK_FOLDER}/ledger.sqlite": ""} | ({} if left is None else {lock_object(5): json.dumps(left)})
    wanted = [None] * runs if isinstance(runs, int) else runs
    began = tuple(_played(Run(number, account)) for number, account in enumerate(wanted))
    pending = [State(frozenset(objects.items()), began, 0.0, waits)]
    seen = set(pending)
    while pending:
        state = pending.pop()
        # Of an account and the whole archive that begin at the same moment, both may give up.
        one_lock = len({run.account for run in state.runs}) == 1
        assert not one_lock or any(run.step or run.held for run in state.runs), f"nobody has held it: {state}"
        for after in _next(state):
            if after not in seen:
                seen.add(after)
                pending.append(after)
    return len(seen)
