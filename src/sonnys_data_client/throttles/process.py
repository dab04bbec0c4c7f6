"""The throttle of one process, shared by all clients and threads of an API ID.

After a fork, parent and child count alone. The child begins with an empty ledger, so both together may exceed the
API's limit; the 429s that follow are waited out. Give each of several processes its share with `ThrottleLimits`.
"""

from __future__ import annotations

import threading

from sonnys_data_client.engine.throttle import Grant, ThrottleLedger, ThrottleLimits
from sonnys_data_client.engine.verdicts import read_retry_after, was_refused
from sonnys_data_client.engine.wire import Outcome, Response
from sonnys_data_client.errors import ValidationError
from sonnys_data_client.per_process import PerProcess

_shared: dict[tuple[str, str], ProcessThrottle] = {}


class ProcessThrottle:
    """A `ThrottleLedger` behind a lock. `drivers.Throttle` says what it is for.

    Args:
        limits: How many requests may start in which time.
    """

    def __init__(self, limits: ThrottleLimits) -> None:
        self._ledger = PerProcess(lambda: (threading.Lock(), ThrottleLedger(limits)))
        self.limits = limits

    @classmethod
    def shared(cls, base_url: str, api_id: str, limits: ThrottleLimits | None = None) -> ProcessThrottle:
        """Return the process's throttle for an API ID.

        The API counts by API ID and not by client.

        Args:
            base_url: Address of the API.
            api_id: The API ID.
            limits: Its limits. None takes those of the existing throttle; for a new one, the API's own.

        Raises:
            ValidationError: There is a throttle for this API ID, with other limits.
        """
        # Atomic by itself: a lock could be held by another thread during a fork, and stay locked in the child.
        throttle = _shared.setdefault((base_url, api_id), cls(limits or ThrottleLimits()))
        if limits is not None and limits != throttle.limits:
            raise ValidationError(
                f"throttle={limits} differs from {throttle.limits}, which another client of API ID {api_id} set in "
                "this process: the API counts their requests together, so give both the same."
            )
        return throttle

    def reserve(self, now: float) -> Grant:
        """Take a slot and record it, in one step, or return when to ask again.

        Times are monotonic seconds.
        """
        lock, ledger = self._ledger.get()
        with lock:
            return ledger.reserve(now)

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        """Record how the request that took a slot ended.

        It ended at monotonic second `now` and epoch second `wall`.
        """
        refused, counted = was_refused(outcome), isinstance(outcome, Response)
        retry_after_s = read_retry_after(outcome.headers, wall) if isinstance(outcome, Response) and refused else None
        lock, ledger = self._ledger.get()
        with lock:
            ledger.record_end(token, now, counted=counted, refused=refused, retry_after_s=retry_after_s)
