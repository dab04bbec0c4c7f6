"""Raw rows of scattered days, and budgets that are kept."""

from __future__ import annotations

from contextlib import closing
from typing import Any

import pytest

from sonnys_data_client.client.feed import Budget, Feed, expected, rest_after, source_mark, wall_time, within
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.errors import BudgetSpentError, ValidationError
from sonnys_data_client.sandbox import Quirks
from sonnys_data_client.shelves import MemoryShelf
from tests.client.booth import Booth, booth
from tests.sandbox.desk import DAY, NOW, TODAY, YESTERDAY, wash, world_of

DAYS = [Window(TODAY - back * DAY, TODAY - (back - 1) * DAY) for back in (1, 3, 2)]


def busy_booth(**settings: Any) -> Booth:
    """250 sales on each of three days."""
    sales = [wash(n, TODAY - DAY * (1 + n % 3) + n * 60) for n in range(750)]
    return booth(world=world_of(sales), job_s=3, **settings)


def test_rows_of_scattered_days_come_as_one_export_and_each_day_is_announced_once() -> None:
    client = busy_booth().client()
    feed = Feed(client, DAYS, MemoryShelf())
    rows: dict[Window, int] = {}
    settled: list[Window] = []
    for batch in feed:
        assert batch.window not in settled, "rows of a day that was settled"
        rows[batch.window] = rows.get(batch.window, 0) + len(batch.rows)
        if batch.settled:
            settled.append(batch.window)
            assert [report.window for report in batch.settled] == [batch.window]
    assert sorted(settled) == sorted(DAYS)
    assert feed.report is not None
    assert feed.report.complete
    assert {report.window: report.rows for report in feed.report.windows} == rows
    assert feed.progress.rows == 750


def test_a_day_that_must_be_asked_for_by_site_is_announced_when_the_last_site_is_in() -> None:
    client = busy_booth(quirks=Quirks(site_required=True)).client()
    announced = [batch.settled for batch in Feed(client, DAYS, MemoryShelf()) if batch.settled]
    assert [len(reports) for reports in announced] == [3, 3, 3]
    assert all(len({report.window.span for report in reports}) == 1 for reports in announced)


def test_closed_early_it_leaves_its_jobs_on_the_shelf_for_the_next() -> None:
    stand, shelf = busy_booth(), MemoryShelf()
    with closing(Feed(stand.client(), DAYS, shelf)) as feed:
        next(iter(feed))
    assert shelf.live()
    spent = len(stand.sandbox.log)
    list(Feed(stand.client(at=NOW + 60), DAYS, shelf))
    assert len(stand.sandbox.log) - spent < spent + 9


def test_a_budget_of_requests_is_never_overdrawn_and_loses_no_reply() -> None:
    stand, shelf, budget = busy_booth(), MemoryShelf(), Budget(max_requests=7)
    feed = Feed(within(stand.client(), budget), DAYS, shelf)
    with pytest.raises(BudgetSpentError, match="budget of 7 requests"):
        list(feed)
    assert len(stand.sandbox.log) == budget.spent == 7
    submitted = {entry.hash for entry in stand.sandbox.log if entry.path.endswith("load-job")}
    assert submitted
    kept = {handle["hash"] for handle in shelf.live()}
    assert kept <= submitted
    assert len(kept) == len(submitted) - feed.progress.pages_done, "every job that was submitted is kept or came in"


def test_one_budget_goes_through_several_calls() -> None:
    stand, budget = busy_booth(), Budget(max_requests=2)
    client = within(stand.client(), budget)
    client.sites.list()
    client.sites.list()
    with pytest.raises(BudgetSpentError):
        client.sites.list()
    assert len(stand.sandbox.log) == 2


def test_minutes_are_counted_from_the_first_request() -> None:
    client = busy_booth().client()
    client.simulation.now = 1000.0
    budget = Budget(max_minutes=0.1)
    with pytest.raises(BudgetSpentError, match=r"budget of 0\.1 minutes"):
        list(Feed(within(client, budget), DAYS * 20, MemoryShelf()))
    assert 1000 < client.simulation.now < 1030


@pytest.mark.parametrize("wrong", [{"max_requests": 0}, {"max_requests": True}, {"max_minutes": -1}])
def test_budgets_that_make_no_sense_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match="above 0"):
        Budget(**wrong)


def test_the_time_is_the_clients() -> None:
    stand = busy_booth()
    assert wall_time(stand.client()) == NOW
    assert len(stand.sandbox.log) == 0


def test_accounts_are_told_apart_and_their_ids_are_not_shown() -> None:
    stand = busy_booth()
    mark = source_mark(stand.client())
    assert mark == source_mark(stand.client())
    assert mark != source_mark(stand.client(site_code="MAIN"))
    assert "sandbox-id" not in mark


def test_costs_are_expected_from_what_was_seen() -> None:
    client = busy_booth().client()
    assert not expected(client, DAYS, None).learnt
    plan = expected(client, DAYS, 250.0)
    assert (plan.pages, plan.requests, plan.learnt) == (9, 18, True)
    assert DAYS[0].start == YESTERDAY


@pytest.mark.parametrize(("ago", "waits"), [(None, 0), (0, 15), (4, 11), (15, 0), (-5, 0)])
def test_a_run_that_died_a_moment_ago_is_waited_out(ago: float | None, waits: float) -> None:
    client = busy_booth().client()
    rest_after(client, None if ago is None else NOW - ago)
    assert client.simulation.now == waits


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
    client = within(busy_booth().client(), Budget(max_requests=18))
    with pytest.raises(BudgetSpentError):
        whole.extend(batch.window for batch in Feed(client, DAYS, MemoryShelf()) if batch.settled)
    assert whole == DAYS[:2]
