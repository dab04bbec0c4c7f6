"""Raw rows of scattered days, and budgets that are kept."""

from __future__ import annotations

from contextlib import closing

import pytest

from sonnys_data_client.engine.effects import Deliver, Settle
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.sandbox import Quirks
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.sync.feed import Feed, expected, rest_after, source_mark, wall_time
from tests.sandbox.rig import NOW, YESTERDAY
from tests.sync.busy_rig import DAYS, busy_rig


def test_rows_of_scattered_days_come_as_one_export_and_each_day_is_announced_once() -> None:
    client = busy_rig().client()
    feed = Feed(client, DAYS, MemoryShelf())
    rows: dict[Window, int] = {}
    settled: list[Window] = []
    for delivery in feed:
        if isinstance(delivery, Deliver):
            assert delivery.window not in settled, "rows of a day that was settled"
            rows[delivery.window] = rows.get(delivery.window, 0) + len(delivery.rows)
        else:
            [report] = delivery.reports
            settled.append(report.window)
    assert sorted(settled) == sorted(DAYS)
    assert feed.report is not None
    assert feed.report.complete
    assert {report.window: report.rows for report in feed.report.windows} == rows
    assert feed.progress.rows == 750


def test_a_day_that_must_be_asked_for_by_site_is_announced_when_the_last_site_is_in() -> None:
    client = busy_rig(quirks=Quirks(site_required=True)).client()
    feed = Feed(client, DAYS, MemoryShelf())
    announced = [delivery.reports for delivery in feed if isinstance(delivery, Settle)]
    assert [len(reports) for reports in announced] == [3, 3, 3]
    assert all(len({report.window.span for report in reports}) == 1 for reports in announced)


def test_closed_early_it_leaves_its_jobs_on_the_shelf_for_the_next() -> None:
    stand, shelf = busy_rig(), MemoryShelf()
    with closing(Feed(stand.client(), DAYS, shelf)) as feed:
        next(iter(feed))
    assert shelf.live()
    spent = len(stand.sandbox.log)
    list(Feed(stand.client(at=NOW + 60), DAYS, shelf))
    assert len(stand.sandbox.log) - spent < spent + 9


def test_the_time_is_the_clients() -> None:
    stand = busy_rig()
    assert wall_time(stand.client()) == NOW
    assert len(stand.sandbox.log) == 0


def test_accounts_are_told_apart_and_their_ids_are_not_shown() -> None:
    stand = busy_rig()
    mark = source_mark(stand.client())
    assert mark == source_mark(stand.client())
    assert mark != source_mark(stand.client(site_code="MAIN"))
    assert "sandbox-id" not in mark


def test_costs_are_expected_from_what_was_seen() -> None:
    client = busy_rig().client()
    assert not expected(client, DAYS, None).learnt
    plan = expected(client, DAYS, 250.0)
    assert (plan.pages, plan.requests, plan.learnt) == (9, 18, True)
    assert DAYS[0].start == YESTERDAY


@pytest.mark.parametrize(("ago", "waits"), [(None, 0), (0, 15), (4, 11), (15, 0), (-5, 0)])
def test_a_run_that_died_a_moment_ago_is_waited_out(ago: float | None, waits: float) -> None:
    client = busy_rig().client()
    rest_after(client, None if ago is None else NOW - ago)
    assert client.simulation.now == waits
