"""The throttle of one process, shared by all clients and threads of an API ID.

After a fork, parent and child count alone. The child begins with an empty ledger, so both together may exceed the
API's limit; the 429s that follow are waited out. Other keepers count several processes together: see `keepers`.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Self

from sonnys_data_client.engine.throttle import ALONE, Grant, ThrottleLedger, ThrottleLimits
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.verdicts import read_retry_after, was_refused
from sonnys_data_client.engine.wire import Outcome, Response
from sonnys_data_client.per_process import PerProcess


@dataclass(frozen=True, slots=True)
class End:
    """How a request ended.

    Attributes:
        counted: The server answered.
        refused: The answer was a 429.
        retry_after_s: The seconds that the 429 named, if it named some.
    """

    counted: bool
    refused: bool
    retry_after_s: float | None

    @classmethod
    def of(cls, outcome: Outcome, wall: float) -> Self:
        """Read an outcome that came at epoch second `wall`."""
        refused, counted = was_refused(outcome), isinstance(outcome, Response)
        wait_s = read_retry_after(outcome.headers, wall) if isinstance(outcome, Response) and refused else None
        return cls(counted, refused, wait_s)

    def tell(self, ledger: ThrottleLedger, token: int, at: float) -> None:
        """Tell a ledger, by whose clock it ended at `at`."""
        ledger.record_end(token, at, counted=self.counted, refused=self.refused, retry_after_s=self.retry_after_s)


class ProcessThrottle:
    """A `ThrottleLedger` behind a lock. `drivers.Throttle` says what it is for.

    Args:
        limits: How many requests may start in which time.
    """

    def __init__(self, limits: ThrottleLimits) -> None:
        self._ledger = PerProcess(lambda: (threading.Lock(), ThrottleLedger(limits)))
        self.limits = limits
        self.bookkeeper = None  # it never waits for anything but its own lock

    def reserve(self, now: float, asker: Asker = ALONE) -> Grant:
        """Take a slot and record it, in one step, or return when to ask again.

        Times are monotonic seconds.
        """
        lock, ledger = self._ledger.get()
        with lock:
            return ledger.reserve(now, asker)

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        """Record how the request that took a slot ended.

        It ended at monotonic second `now` and epoch second `wall`.
        """
        end = End.of(outcome, wall)
        lock, ledger = self._ledger.get()
        with lock:
            end.tell(ledger, token, now)
