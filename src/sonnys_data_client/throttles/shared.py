"""A throttle whose ledger lies outside of this process, so that all who share an API ID are counted together.

A *keeper* has it: this machine (`machine`), or a server that several machines reach (`redis`). A keeper does one
thing: it reads the ledger, has it changed, and writes it back, as one step.

A keeper may fail, and no request ever hears of it. While it is away, this process counts alone, with its part of the
slots, and looks again every two seconds. Once the keeper is back, what was sent meanwhile is not in its ledger. So
whoever sent something blocks one period; the same goes for all who find that the ledger is another one than before.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from hashlib import sha256
from secrets import randbits, token_hex
from socket import gethostname
from time import monotonic
from typing import Any, TypeVar

from sonnys_data_client.engine.throttle import ALONE, Grant, ThrottleLedger, ThrottleLimits, ThrottleState
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.per_process import PerProcess
from sonnys_data_client.throttles.process import End

T = TypeVar("T")

logger = logging.getLogger("sonnys_data_client.throttles")

_LOOK_AGAIN_S = 2.0
_BURY_EVERY_S = 1.0
_AHEAD_S = 60.0
"""A ledger whose requests are so far in the future is one of an earlier clock, in seconds."""
_TOKEN_BITS = 32  # how many slots a ledger may number before the number says that it is another ledger

_bookkeepers = PerProcess(lambda: ThreadPoolExecutor(8, thread_name_prefix="sonnys-throttle"))


class KeeperAwayError(Exception):
    """The keeper of a ledger cannot be reached, or does not work."""


class Keeper(ABC):
    """Where the ledger of one API ID lies. One object serves one process, from any thread."""

    @abstractmethod
    def step(self, change: Callable[[Any, float], tuple[Any, T]]) -> T:
        """Read the ledger, change it and write it back, as one.

        Args:
            change: Takes what the ledger was dumped as, None if there is none, and the time by the keeper's clock.
                Returns what to write, and what to return. May be called several times.

        Raises:
            KeeperAwayError: It did not work.
        """

    @abstractmethod
    def enter(self, process: str) -> None:
        """Show that a process lives, for as long as it does.

        Raises:
            KeeperAwayError: It did not work.
        """

    @abstractmethod
    def dead(self, processes: Collection[str]) -> set[str]:
        """Return those of the processes that have died.

        Raises:
            KeeperAwayError: It did not work.
        """


@dataclass(slots=True)
class _Mind:
    """What one process remembers of a shared ledger.

    Attributes:
        process: This process's name in the ledger.
        keeper: Where the ledger lies.
        alone: The ledger while the keeper is away.
        lock: Held while the process enters, and while it counts alone.
        nonce: The number of the ledger that was last seen.
        processes: Those that shared it then, this one included.
        sent_at: Monotonic second of the last request.
        away_until: When to look for a keeper that is away; None while it is there.
        bury_at: When to look for the dead again.
        entered: Whether the keeper shows that this process lives.
    """

    process: str
    keeper: Keeper
    alone: ThrottleLedger
    lock: threading.Lock = field(default_factory=threading.Lock)
    nonce: int | None = None
    processes: frozenset[str] = frozenset()
    sent_at: float = float("-inf")
    away_until: float | None = None
    bury_at: float = float("-inf")
    entered: bool = False


class SharedThrottle:
    """A throttle whose ledger others share. `drivers.Throttle` says what it is for.

    Args:
        open_keeper: Opens the ledger's keeper; in each process anew.
        limits: How many requests may start in which time.
        name: What the keeper is called in messages.
    """

    def __init__(self, open_keeper: Callable[[], Keeper], limits: ThrottleLimits, name: str) -> None:
        self.limits = limits
        self.name = name
        self._length_s = limits.period_s + limits.guard_s
        self._mind = PerProcess(lambda: _Mind(_process_name(), open_keeper(), ThrottleLedger(limits)))

    @staticmethod
    def bookkeeper() -> Executor:
        """Return threads that may wait for a keeper."""
        return _bookkeepers.get()

    def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
        """Take a slot and record it, in one step, or return when to ask again.

        Times are monotonic seconds.
        """
        mind = self._mind.get()
        mine = Asker(f"{mind.process}/{asker.holder}", interactive=asker.interactive)
        try:
            grant, at = self._at_keeper(mind, now, lambda ledger, at: (ledger.reserve(at, mine), at))
        except KeeperAwayError:
            with mind.lock:
                grant = mind.alone.reserve(now, asker)
            grant = replace(grant, token=None if grant.token is None else -1 - grant.token)
        else:
            grant = replace(grant, retry_at=monotonic() + grant.retry_at - at)  # from the keeper's clock to ours
        if grant.token is not None:
            mind.sent_at = now
        return grant

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        """Record how the request that took a slot ended.

        It ended at monotonic second `now` and epoch second `wall`.
        """
        mind = self._mind.get()
        end = End.of(outcome, wall)
        if token < 0:
            with mind.lock:
                end.tell(mind.alone, -1 - token, now)
            return
        later_s = max(0.0, now - monotonic())  # a request that was taken off the wire ends a little later
        try:
            self._at_keeper(mind, now, lambda ledger, at: end.tell(ledger, token, at + later_s))
        except KeeperAwayError:
            mind.sent_at = max(mind.sent_at, now)

    def look(self) -> ThrottleState:
        """Say who shares the API ID's requests now, and what is left of them.

        Raises:
            KeeperAwayError: The keeper cannot be read.
        """
        mind = self._mind.get()
        return self._at_keeper(mind, monotonic(), lambda ledger, at: ledger.look(at))

    def _at_keeper(self, mind: _Mind, now: float, change: Callable[[ThrottleLedger, float], T]) -> T:
        """Change the ledger at its keeper.

        Raises:
            KeeperAwayError: It is away. This process counts alone now.
        """
        if mind.away_until is not None and now < mind.away_until:
            raise KeeperAwayError
        try:
            with mind.lock:
                if not mind.entered:
                    mind.keeper.enter(mind.process)
                    mind.entered = True
            dead = self._dead(mind, now)
            came_back = mind.away_until is not None

            def step(dumped: Any, at: float) -> tuple[Any, tuple[int, frozenset[str], T]]:
                nonce, ledger = self._opened(dumped, at)
                ledger.bury([name for name in ledger.holders if _process_of(name) in dead], at)
                another = mind.nonce is not None and nonce != mind.nonce
                if another or (came_back and now < mind.sent_at + self._length_s):
                    ledger.block_until(at + self._length_s)
                found = change(ledger, at)
                return [nonce, ledger.dump()], (nonce, frozenset(map(_process_of, ledger.holders)), found)

            mind.nonce, mind.processes, found = mind.keeper.step(step)
        except KeeperAwayError as problem:
            self._leave_keeper(mind, now, problem)
            raise
        if came_back:
            logger.warning("The throttle's keeper is back: %s.", self.name)
        mind.away_until = None
        return found

    def _opened(self, dumped: Any, at: float) -> tuple[int, ThrottleLedger]:
        try:
            nonce, ledger = dumped
            found = ThrottleLedger.load(self.limits, ledger)
            if found.last_start <= at + _AHEAD_S:  # else the clock began anew
                return int(nonce), found
        except (TypeError, ValueError):
            pass  # there is none yet, or it is of another version
        nonce = randbits(16)
        return nonce, ThrottleLedger(self.limits, first_token=(nonce + 1) << _TOKEN_BITS)

    def _dead(self, mind: _Mind, now: float) -> set[str]:
        """Those of the known processes that have died, if it is time to look for them."""
        if now < mind.bury_at or not mind.processes:
            return set()
        mind.bury_at = now + _BURY_EVERY_S
        return mind.keeper.dead(mind.processes - {mind.process})

    def _leave_keeper(self, mind: _Mind, now: float, problem: KeeperAwayError) -> None:
        if mind.away_until is None:
            part = max(1, self.limits.limit // max(1, len(mind.processes)))
            logger.warning(
                "The throttle's keeper is away: %s (%s). This process goes on alone, with %d of %d requests in %g s.",
                self.name,
                problem,
                part,
                self.limits.limit,
                self.limits.period_s,
            )
            with mind.lock:
                mind.alone = ThrottleLedger(replace(self.limits, limit=part))
                if now < mind.sent_at + self._length_s:
                    mind.alone.block_until(mind.sent_at + self._length_s)
        mind.entered = False
        mind.away_until = now + _LOOK_AGAIN_S


def _process_name() -> str:
    """Name this process among all that share a ledger."""
    host = gethostname().replace("/", "-")
    return f"{host}:{os.getpid()}:{token_hex(3)}"


def ledger_name(*parts: str) -> str:
    """Name the ledger of an API ID, without naming the ID."""
    return sha256("\n".join(parts).encode()).hexdigest()[:24]


def read_json(text: str | bytes) -> Any:
    """Read what was written; None if it cannot be read."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def _process_of(holder: str) -> str:
    return holder.rsplit("/", 1)[0]
