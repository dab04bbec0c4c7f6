"""Runs that want one remote archive, in every order in which their steps can fall.

A step is one thing that a run asks of the store. A run is not kept between its steps but played again from its
beginning, each time with the answers that it got, until it asks for something more. So a state is the store and those
answers, and it is gone on from once, whatever led to it. Besides the runs' steps there is one that is nobody's: time
passes, until every lock is stale. A run that dies is one that has no further turn, so it is among them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from sonnys_data_client.archive import lock
from sonnys_data_client.archive.files import WORK_FOLDER, RemoteFiles
from sonnys_data_client.archive.lock import STALE_S, hold, lock_object
from sonnys_data_client.errors import ArchiveHeldError

HOLDS = ("works", "renews")
"""What a run does that believes that it holds the archive."""


@dataclass(frozen=True)
class Run:
    """One run, as far as it has come.

    Attributes:
        number: Which.
        answers: What the store told it so far, each with the time.
        does: `begins`, `works`, `renews`, `ends`, or `over`.
        step: What it asks next: the method, the name, the text. Nothing, if it is over.
        generation: The lock that it tried to create.
        held: Whether it has held the archive.
        late: Whether its lock was, or may have been, stale at some time.
        doomed: Whether another held a newer lock when it began to renew its own.
    """

    number: int
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
        """Stands for what a run does with an archive that it holds."""
        self._ask("work")


def _played(run: Run) -> Run:
    """A run up to its next step."""
    files, does = _Played(run), "begins"
    clock = SimpleNamespace(time=lambda: files.now)
    names = SimpleNamespace(uuid4=lambda: SimpleNamespace(hex=str(run.number)))
    try:
        with patch.multiple(lock, time=clock, uuid=names, _renewing=nullcontext), hold(files) as renew:
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
    if does == "over":  # how it came to that matters no more
        return Run(run.number, does=does, held=held)
    return replace(run, does=does, step=files.step, held=held)


def _answered(state: State, run: Run) -> tuple[State, Run]:
    """What the store does and says."""
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
    """One run's turn.

    Raises:
        AssertionError: Two runs hold the archive that must not.
    """
    run = state.runs[number]
    others = [other for other in state.runs if other is not run and other.does in HOLDS]
    if run.step[0] == "create":
        run = replace(run, generation=int(run.step[1].rpartition("-")[2].removesuffix(".json")))
    if run.does == "renews" and run.step[0] == "names":
        run = replace(run, doomed=any(other.generation > run.generation for other in others))
    after, run = _answered(state, run)
    doomed, run = run.doomed, _played(run)
    if run.does in HOLDS:
        for other in others:
            older = min(run, other, key=lambda each: each.generation)
            assert older.late, f"two hold it, and nobody was silent: {run} and {other}"
    assert not (doomed and run.does == "works"), f"it goes on after another has taken over: {run}"
    return replace(after, runs=(*state.runs[:number], run, *state.runs[number + 1 :]))


def _next(state: State) -> Iterator[State]:
    for run in state.runs:
        if run.step:
            yield _stepped(state, run.number)
    if state.waits_left:
        late = tuple(replace(run, late=run.late or bool(run.answers)) for run in state.runs)
        yield replace(state, runs=late, now=state.now + STALE_S + 1, waits_left=state.waits_left - 1)


def explore(runs: int, waits: int, *, left: dict[str, Any] | None = None) -> int:
    """Let so many runs begin at once, and have their steps fall in every order.

    Args:
        runs: How many.
        waits: How many times so much time passes that every lock is stale.
        left: What the note of generation 5 says, which somebody left; None if the archive is new.

    Returns:
        How many states there are.

    Raises:
        AssertionError: Two runs hold the archive that must not, or nobody ever does.
    """
    objects = {f"{WORK_FOLDER}/ledger.sqlite": ""} | ({} if left is None else {lock_object(5): json.dumps(left)})
    began = tuple(_played(Run(number)) for number in range(runs))
    pending = [State(frozenset(objects.items()), began, 0.0, waits)]
    seen = set(pending)
    while pending:
        state = pending.pop()
        assert any(run.step or run.held for run in state.runs), f"nobody has held it: {state}"
        for after in _next(state):
            if after not in seen:
                seen.add(after)
                pending.append(after)
    return len(seen)
