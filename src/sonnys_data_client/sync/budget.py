"""Limit how many requests and minutes a sync may spend."""

from __future__ import annotations

from dataclasses import dataclass, field
from threading import Event

from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.drivers.seams import Throttle
from sonnys_data_client.engine.export.pages import LOOKAHEAD_WINDOWS
from sonnys_data_client.engine.throttle import Grant
from sonnys_data_client.engine.turns import Asker
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.errors import BudgetSpentError, Remedy, ValidationError

_RETRY_S = 1.0
"""Once the budget is spent: seconds between two looks whether the last replies have come."""
_BEGUN_SHARE = 80
"""At most one part in this many of a budget goes to windows that are begun ahead of the oldest open one."""
_REQUESTS_TO_BEGIN = 2
"""A submission and a poll begin a window."""


@dataclass(slots=True)
class Budget:
    """How much a run may spend. Several calls of one client may share a budget.

    Give it enough for two days at least, about three requests for each 100 rows. Because the server repeats its
    answers for 20 minutes only, a run that begins later cannot use the pages of a day that was not read whole.

    Attributes:
        max_requests: Most requests to send; None for no limit.
        max_minutes: Most minutes from the first request to the last; None for no limit.
        spent: Requests sent.
        stop: Once it is set, the budget counts as spent.
    """

    max_requests: int | None = None
    max_minutes: float | None = None
    spent: int = 0
    stop: Event = field(default_factory=Event, repr=False, compare=False)
    _began_at: float | None = None
    _out: set[int] = field(default_factory=set[int])

    def __post_init__(self) -> None:
        for name, value in (("max_requests", self.max_requests), ("max_minutes", self.max_minutes)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value > 0):
                raise ValidationError(parameter=name, value=value, allowed="a number above 0", remedy=Remedy.NO_BOUND)

    def reserve(self, throttle: Throttle, now: float, asker: Asker) -> Grant:
        """Take a slot if the budget has one left.

        Once the budget is spent, no slot is granted. Requests that are on the wire are waited for first.

        Raises:
            BudgetSpentError: The budget is spent, and nothing is on the wire any more.
        """
        if self._began_at is None:
            self._began_at = now
        minutes = (now - self._began_at) / 60
        what = ""
        if self.stop.is_set():
            what = "time"
        elif self.max_requests is not None and self.spent >= self.max_requests:
            what = f"{self.max_requests} requests"
        elif self.max_minutes is not None and minutes >= self.max_minutes:
            what = f"{self.max_minutes:g} minutes"
        if what and not self._out:
            why = "It was told to stop." if self.stop.is_set() else f"The budget of {what} is spent."
            raise BudgetSpentError(f"{why} What came is safe.", remedy="Run it again to go on from here.")
        grant = Grant(None, now + _RETRY_S) if what else throttle.reserve(now, asker)
        if grant.token is not None:
            self.spent += 1
            self._out.add(grant.token)
        return grant

    def lookahead(self, requests_a_minute: float) -> int:
        """Return how many windows may be begun ahead of the oldest one that is open.

        If all were begun, a small budget would be spent before one of them is whole, in this run and in the next. So
        no more than an eightieth of it goes to windows that are only begun, at two requests each. One may be begun
        always, so that there is something to do while a job runs.

        Args:
            requests_a_minute: Requests that the throttle admits in a minute.
        """
        a_window = _REQUESTS_TO_BEGIN * _BEGUN_SHARE
        left: list[float] = [a_window * LOOKAHEAD_WINDOWS]
        if self.max_requests is not None:
            left.append(self.max_requests - self.spent)
        if self.max_minutes is not None:
            left.append(self.max_minutes * requests_a_minute)
        return max(1, int(min(left) / a_window))

    def record_end(self, token: int) -> None:
        """Note that a request has ended."""
        self._out.discard(token)


class _BudgetedThrottle:
    """A throttle that grants a slot only while the budget has requests left.

    Args:
        throttle: The account's own throttle.
        budget: The budget.
    """

    def __init__(self, throttle: Throttle, budget: Budget) -> None:
        self._throttle = throttle
        self._budget = budget

    def reserve(self, now: float, asker: Asker) -> Grant:
        return self._budget.reserve(self._throttle, now, asker)

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        self._budget.record_end(token)
        self._throttle.record_end(token, outcome, now, wall)


def with_budget(client: SonnysClient, budget: Budget) -> SonnysClient:
    """Return the same client, with every request counted against a budget.

    It shares the connections of the given client. Close that one, not this.
    """
    workings = client.workings
    return workings.over(workings.driver.with_throttle(lambda throttle: _BudgetedThrottle(throttle, budget)))
