"""A sync never spends more than its budget, and makes days whole with what it has."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.engine.effects import Settle
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.errors import BudgetSpentError, ValidationError
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.sync.budget import Budget, with_budget
from sonnys_data_client.sync.feed import Feed
from tests.sync.busy_rig import DAYS, busy_rig


def test_a_budget_of_requests_is_never_overdrawn_and_loses_no_reply() -> None:
    stand, shelf, budget = busy_rig(), MemoryShelf(), Budget(max_requests=7)
    feed = Feed(with_budget(stand.client(), budget), DAYS, shelf)
    with pytest.raises(BudgetSpentError, match="budget of 7 requests"):
        list(feed)
    assert len(stand.sandbox.log) == budget.spent == 7
    submitted = {entry.hash for entry in stand.sandbox.log if entry.path.endswith("load-job")}
    assert submitted
    kept = {handle["hash"] for handle in shelf.live()}
    assert kept <= submitted
    assert len(kept) == len(submitted) - feed.progress.pages_done, "each submitted job is kept, or its page came"


def test_one_budget_goes_through_several_calls() -> None:
    stand, budget = busy_rig(), Budget(max_requests=2)
    client = with_budget(stand.client(), budget)
    client.sites.list()
    client.sites.list()
    with pytest.raises(BudgetSpentError):
        client.sites.list()
    assert len(stand.sandbox.log) == 2


def test_minutes_are_counted_from_the_first_request() -> None:
    client = busy_rig().client()
    client.simulation.now = 1000.0
    budget = Budget(max_minutes=0.1)
    with pytest.raises(BudgetSpentError, match=r"budget of 0\.1 minutes"):
        list(Feed(with_budget(client, budget), DAYS * 20, MemoryShelf()))
    assert 1000 < client.simulation.now < 1030


@pytest.mark.parametrize("wrong", [{"max_requests": 0}, {"max_requests": True}, {"max_minutes": -1}])
def test_budgets_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="above 0"):
        Budget(**wrong)


@pytest.mark.parametrize(
    ("budget", "lookahead"),
    [
        (Budget(), 250),
        (Budget(max_requests=10**6), 250),
        (Budget(max_requests=400), 2),
        (Budget(max_requests=400, spent=390), 1),
        (Budget(max_requests=10, spent=12), 1),
        (Budget(max_minutes=10), 5),
        (Budget(max_requests=320, max_minutes=10), 2),
    ],
)
def test_the_smaller_a_budget_the_fewer_windows_are_begun_at_once(budget: Budget, lookahead: int) -> None:
    assert budget.lookahead(80) == lookahead


def test_a_small_budget_makes_days_whole_before_it_begins_others() -> None:
    whole: list[Window] = []
    budget = Budget(max_requests=18)
    feed = Feed(with_budget(busy_rig().client(), budget), DAYS, MemoryShelf(), lookahead=budget.lookahead(80))
    settled = (delivery for delivery in feed if isinstance(delivery, Settle))
    with pytest.raises(BudgetSpentError):
        whole.extend(report.window for delivery in settled for report in delivery.reports)
    assert whole == DAYS[:2]
