"""How much a run may spend: a bound around the throttle."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from sonnys_data_client.client.sync import SonnysClient
from sonnys_data_client.drivers.seams import Throttle
from sonnys_data_client.engine.export.pages import LOOKAHEAD_WINDOWS
from sonnys_data_client.engine.throttle import Grant
from sonnys_data_client.engine.wire import Outcome
from sonnys_data_client.errors import BudgetSpentError, Remedy, ValidationError

_WAIT_S = 1.0
_BEGUN_SHARE = 80


@dataclass(slots=True)
class Budget:
    """How much a run may spend. One budget may go through several calls of one client.

    It has to suffice for two days at least, some three requests for each 100 rows: what has come of a day that is not
    whole is of no use to a run that begins more than 20 minutes later.

    Attributes:
        max_requests: Most requests to send; None for no bound.
        max_minutes: Most minutes from the first request to the last; None for no bound.
        spent: Requests sent.
    """

    max_requests: int | None = None
    max_minutes: float | None = None
    spent: int = 0
    _began_at: float | None = None
    _out: set[int] = field(default_factory=set[int])

    def __post_init__(self) -> None:
        for name, value in (("max_requests", self.max_requests), ("max_minutes", self.max_minutes)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int | float) or not value > 0):
                raise ValidationError(parameter=name, value=value, allowed="a number above 0", remedy=Remedy.NO_BOUND)

    def reserve(self, throttle: Throttle, now: float) -> Grant:
        """Take a slot, if the budget has one left; else wait for the replies that are still to come, and then stop.

        Raises:
            BudgetSpentError: It is spent, and nothing is on the wire any more.
        """
        if self._began_at is None:
            self._began_at = now
        minutes = (now - self._began_at) / 60
        what = ""
        if self.max_requests is not None and self.spent >= self.max_requests:
            what = f"{self.max_requests} requests"
        elif self.max_minutes is not None and minutes >= self.max_minutes:
            what = f"{self.max_minutes:g} minutes"
        if what and not self._out:
            raise BudgetSpentError(
                f"The budget of {what} is spent. What came is safe.", remedy="Run it again to go on from here."
            )
        grant = Grant(None, now + _WAIT_S) if what else throttle.reserve(now)
        if grant.token is not None:
            self.spent += 1
            self._out.add(grant.token)
        return grant

    def lookahead(self, requests_a_minute: float) -> int:
        """How many windows may be begun ahead of the oldest one that is open.

        With all of them begun, a small budget would be spent before one is whole, in this run and in the next. So no
        more than an eightieth of it goes to windows that are only begun, at two requests each; but one is begun always,
        lest nothing be done while a job is.
        """
        left: list[float] = [2 * _BEGUN_SHARE * LOOKAHEAD_WINDOWS]
        if self.max_requests is not None:
            left.append(self.max_requests - self.spent)
        if self.max_minutes is not None:
            left.append(self.max_minutes * requests_a_minute)
        return max(1, int(min(left) / (2 * _BEGUN_SHARE)))

    def record_end(self, token: int) -> None:
        """A request has ended."""
        self._out.discard(token)


class _Within:
    """A throttle within a budget."""

    def __init__(self, throttle: Throttle, budget: Budget) -> None:
        self._throttle = throttle
        self._budget = budget

    def reserve(self, now: float) -> Grant:
        return self._budget.reserve(self._throttle, now)

    def record_end(self, token: int, outcome: Outcome, now: float, wall: float) -> None:
        self._budget.record_end(token)
        self._throttle.record_end(token, outcome, now, wall)


def within(client: SonnysClient, budget: Budget) -> SonnysClient:
    """The same client, all of whose requests count against a budget. It shares the connections: close the other."""
    workings = client.workings
    context = workings.settings.context
    metered = workings.over(workings.driver.with_throttle(lambda throttle: _Within(throttle, budget)))
    requests_a_minute = 60 * context.slots / context.period_s
    metered.workings = replace(metered.workings, lookahead=lambda: budget.lookahead(requests_a_minute))
    return metered
