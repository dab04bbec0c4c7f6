"""A feed of days that do not follow one another: each is settled once, and nothing is paid twice."""

from __future__ import annotations

from contextlib import closing

from sonnys_data_client.engine.effects import Deliver, Settle
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.sandbox import Quirks
from sonnys_data_client.shelves import MemoryShelf
from sonnys_data_client.sync.feed import Feed
from tests.sandbox.rig import NOW
from tests.sync.busy_rig import DAYS, busy_rig


def test_rows_of_scattered_days_come_as_one_export_and_each_day_is_announced_once() -> None:
    client = busy_rig().client()
    feed = Feed(client, DAYS, MemoryShelf())
    rows: dict[Window, int] = {}
    settled: list[Window] = []
    for delivery in feed:
        if isinstance(delivery, Deliver):
            assert delivery.window not in settled, "rows came for a day that was settled"
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
