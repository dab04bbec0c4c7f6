"""Exports, sync and async: every row once, gaps reported, nothing left running. In virtual time where possible."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client import (
    AsyncExport,
    AsyncSonnysClient,
    Export,
    FileShelf,
    IncompleteExportError,
    SonnysClient,
    SonnysError,
    ThrottleLimits,
    ValidationError,
)
from sonnys_data_client.engine.wire import Request
from sonnys_data_client.sandbox import Faults, Sandbox, SandboxConfig
from sonnys_data_client.sandbox.faults import Scripted
from sonnys_data_client.sandbox.http import RunningSandbox, running_sandbox
from sonnys_data_client.sandbox.world import Transaction
from sonnys_data_client.testing import SimulatedClient
from sonnys_data_client.testing.plugin import START, SandboxKit
from sonnys_data_client.types import TransactionJobItem
from tests.client.virtual import VirtualClient, play
from tests.days import today
from tests.waiting import PATIENCE_S, wait_until

DAY_S = 86_400
FIRST, LAST = "2026-03-08", "2026-03-10"
FIRST_S = int(datetime(2026, 3, 8, tzinfo=UTC).timestamp())
SUBMIT, POLL = "/transaction/load-job", "/transaction/get-job-data"


def truth(kit: SandboxKit, days: int = 3, *, site: str | None = None) -> dict[str, Transaction]:
    assert kit.sandbox is not None
    rows = kit.sandbox.truth(FIRST_S, FIRST_S + days * DAY_S, site, as_of=START.timestamp())
    return {row.id: row for row in rows}


def log(kit: SandboxKit, path: str | None = None) -> list[Any]:
    assert kit.sandbox is not None
    return [entry for entry in kit.sandbox.log if path in (None, entry.path)]


def client_of(kit: SandboxKit, config: SandboxConfig | None = None, **options: Any) -> SimulatedClient:
    """A client whose days are those of UTC."""
    options.setdefault("timezone", "UTC")
    return kit.client(config, **options)


def failing(when: Callable[[Request], bool]) -> Faults:
    """Make jobs fail, every time they are submitted, if `when` is true for the submission."""
    return Faults(script=(Scripted("job_fail", path=SUBMIT, when=when, times=10**6),))


def covers(second: int) -> Callable[[Request], bool]:
    def inside(request: Request) -> bool:
        query = dict(request.query)
        return int(query["startDate"]) <= second < int(query["endDate"])

    return inside


def take_all(export: Export, rows: list[TransactionJobItem]) -> None:
    """Take rows until the end or an error. The rows before it stay in `rows`."""
    for row in export:
        rows.append(row)  # noqa: PERF402


async def take_all_async(export: AsyncExport, rows: list[TransactionJobItem]) -> None:
    async for row in export:
        rows.append(row)  # noqa: PERF401


def assert_same_rows(rows: list[TransactionJobItem], expected: dict[str, Transaction]) -> None:
    assert len(rows) == len(expected)
    assert {row.id for row in rows} == set(expected)
    assert sum((row.total for row in rows), Decimal()) * 100 == sum(row.total_cents for row in expected.values())


# -- rows and report ----------------------------------------------------------------------------------------------


def test_every_row_comes_once_and_the_report_comes_at_the_end(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, sonnys_sandbox.config(cars_per_day=100, job_s=20))
    with client.transactions.export(FIRST, LAST) as export:
        rows = [next(export)]
        with pytest.raises(SonnysError, match="has no report yet"):
            _ = export.report
        rows += export
    expected = truth(sonnys_sandbox)
    assert_same_rows(rows, expected)
    report = export.report
    assert report.complete
    assert report.gaps == []
    assert (len(report.windows), report.rows, report.requests) == (3, len(expected), len(log(sonnys_sandbox)))
    assert list(export) == []


def test_an_export_needs_no_with_block(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox)
    assert len(list(client.transactions.export(FIRST, FIRST))) == len(truth(sonnys_sandbox, 1))


def test_progress_is_live(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, sonnys_sandbox.config(cars_per_day=150, job_s=20))
    seen = []
    with client.transactions.export(FIRST, LAST) as export:
        progress = export.progress
        assert (progress.rows, progress.requests) == (0, 0)
        for _ in export:
            seen.append((progress.rows, progress.pages_done, progress.windows_done, progress.requests))
            assert progress.pages_done <= progress.pages_known
            assert progress.in_flight >= 0
    assert len(set(seen)) > 3
    assert all(earlier <= later for counter in zip(*seen, strict=True) for earlier, later in pairwise(counter))
    assert (progress.rows, progress.windows_done, progress.windows) == (len(seen), 3, 3)
    assert progress.requests == export.report.requests
    assert progress.seconds_left == 0


def test_a_range_that_touches_now_ends_now_and_is_exact(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, sonnys_sandbox.config(cars_per_day=150, job_s=30))
    with client.transactions.export("2026-03-31", "2026-04-02") as export:
        rows = list(export)
        stop = export.report.windows[-1].window.stop
    assert stop == int(START.timestamp()) - 5
    assert client.simulation.now > 30
    assert sonnys_sandbox.sandbox is not None
    begin = int(datetime(2026, 3, 31, tzinfo=UTC).timestamp())
    before, after = (
        {row.id for row in sonnys_sandbox.sandbox.truth(begin, stop, as_of=as_of)}
        for as_of in (START.timestamp(), client.simulation.wall)
    )
    ids = [row.id for row in rows]
    assert len(ids) == len(set(ids))
    assert before <= set(ids) <= after
    assert export.report.complete


def test_sites_are_read_each_by_itself(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, sonnys_sandbox.config(sites=3))
    codes = [site.code for site in client.sites.list() if site.code][:2]
    days = 2
    # A bare date means the client's zone, or UTC, where several sites are asked for.
    with client.transactions.export(FIRST, "2026-03-09", sites=codes) as export:
        rows = list(export)
    expected = {id: row for code in codes for id, row in truth(sonnys_sandbox, days, site=code).items()}
    assert_same_rows(rows, expected)
    assert [(w.window.site, w.window.start) for w in export.report.windows] == [
        (code, FIRST_S + day * DAY_S) for day in range(days) for code in sorted(codes)
    ]
    sites_asked = {dict(entry.query)["site"] for entry in log(sonnys_sandbox, SUBMIT)}
    assert sites_asked == set(codes)


def test_two_exports_of_one_client_may_take_turns(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox)
    transactions = client.transactions
    with transactions.export(FIRST, FIRST) as one, transactions.export("2026-03-09", "2026-03-09") as other:
        rows: list[TransactionJobItem] = []
        for pair in zip(one, other, strict=False):
            rows += pair
        rows += [*one, *other]
    # zip drops the row that it took before it met the other's end
    assert len({row.id for row in rows}) >= len(truth(sonnys_sandbox, 2)) - 1


# -- the plan -----------------------------------------------------------------------------------------------------


def test_the_plan_is_told_before_anything_is_spent(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, throttle=ThrottleLimits(10, 15.0))
    with client.transactions.export(FIRST, LAST) as export:
        plan = export.plan()
        assert [entry.path for entry in log(sonnys_sandbox)] == ["/site/list"], "for the number of sites"
        assert plan == export.plan()
        assert len(log(sonnys_sandbox)) == 1
        assert [window.start for window in plan.windows] == [FIRST_S + day * DAY_S for day in range(3)]
        assert (plan.pages, plan.requests, plan.learnt) == (15, 30, False)
        assert plan.minutes == 15 * 2 / 60
        rows = list(export)
    again = client.transactions.export(FIRST, LAST).plan()
    assert again.learnt
    assert again.pages == 3 * math.ceil(len(rows) / 300)
    assert str(again).startswith("2026-03-08 to 2026-03-10 (UTC): 3 windows, about 3 pages, 6 requests, ")


def test_a_bare_date_of_a_sites_own_zone_costs_the_plan_the_site_list(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, timezone=None)
    site = client.sites.list()[0]
    assert site.code
    plan = client.transactions.export(FIRST, FIRST, sites=[site.code]).plan()
    assert [entry.path for entry in log(sonnys_sandbox)] == ["/site/list"]
    assert plan.windows[0].start != FIRST_S


def test_what_cannot_be_is_refused_by_the_plan_or_at_the_first_row_and_costs_nothing(
    sonnys_sandbox: SandboxKit,
) -> None:
    client = client_of(sonnys_sandbox)
    export = client.transactions.export(LAST, FIRST)
    with pytest.raises(ValidationError, match="is before the start"):
        export.plan()
    with pytest.raises(ValidationError, match="is before the start"):
        next(export)
    assert log(sonnys_sandbox) == []


# -- gaps and quarantine ------------------------------------------------------------------------------------------


def test_a_gap_is_raised_after_all_rows_that_could_be_had(sonnys_sandbox: SandboxKit) -> None:
    bad_second = FIRST_S + DAY_S + 20 * 3600
    client = client_of(sonnys_sandbox, replace(sonnys_sandbox.config(), faults=failing(covers(bad_second))))
    rows: list[TransactionJobItem] = []
    export = client.transactions.export(FIRST, LAST)
    with pytest.raises(IncompleteExportError, match="but 1 part of the range may lack rows") as caught:
        take_all(export, rows)
    report = export.report
    assert caught.value.report is report
    (gap,) = report.gaps
    assert caught.value.gaps == (str(gap),)
    assert gap.window.start <= bad_second < gap.window.stop
    assert gap.window.length_s <= 240
    assert caught.value.__cause__ is gap.error
    missing = [row for row in truth(sonnys_sandbox).values() if row.id not in {row.id for row in rows}]
    assert all(gap.window.start <= row.completed_ms // 1000 < gap.window.stop for row in missing)
    assert [window.complete for window in report.windows] == [True, False, True]


def test_a_gap_may_be_left_to_the_report(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, replace(sonnys_sandbox.config(), faults=failing(covers(FIRST_S + 12 * 3600))))
    with client.transactions.export(FIRST, FIRST, on_gap="report") as export:
        rows = list(export)
    assert not export.report.complete
    assert len(export.report.gaps) == 1
    assert export.report.rows == len(rows) > 0
    assert list(export) == []


def test_rows_that_do_not_fit_go_to_quarantine_and_are_counted_by_window(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, sonnys_sandbox.config(faults=["bad_row=1"]))
    with client.transactions.export(FIRST, LAST) as export:
        rows = list(export)
    expected = truth(sonnys_sandbox)
    kept = export.quarantine
    assert {row.id for row in rows} | {row.raw["id"] for row in kept} == set(expected)
    assert len(rows) + len(kept) == len(expected)
    assert export.report.complete
    quarantined = {window.window: window.quarantined for window in export.report.windows}
    assert all(quarantined.values())
    assert quarantined == {w: sum(row.window == w for row in kept) for w in quarantined}
    for row in kept:
        assert row.reason.startswith("total")
        assert str(row.raw["total"]) not in row.reason


# -- what is shown of it ------------------------------------------------------------------------------------------


def test_an_export_shows_its_range_and_how_far_it_has_come(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox)
    export = client.transactions.export(FIRST, LAST, sites=["MAIN"])
    assert repr(export) == "Export(2026-03-08 to 2026-03-10, site 'MAIN': not begun)"
    rows = [next(export)]
    assert repr(export).startswith(
        f"Export(2026-03-08 to 2026-03-10, site 'MAIN': running, {export.progress.rows} rows, "
    )
    assert "\n" not in repr(export)
    rows += export
    pages = export.progress.pages_done
    assert repr(export).endswith(f": ended, complete, {len(rows)} rows, {pages} of {pages} pages)")
    html = export._repr_html_()
    assert "<th>state</th><td>ended, complete</td>" in html
    assert not [row.customer_name for row in rows if row.customer_name and row.customer_name in html + repr(export)]


def test_an_export_names_few_sites_and_says_when_it_was_broken_off(sonnys_sandbox: SandboxKit) -> None:
    transactions = client_of(sonnys_sandbox).transactions
    export = transactions.export(FIRST, FIRST, sites=["A", "B", "C", "D"])
    export.close()
    assert repr(export) == "Export(2026-03-08 to 2026-03-08, 4 sites: ended before its last row)"
    everywhere = transactions.export(FIRST, FIRST, sites=["<A>", ""])
    assert "sites &#x27;&lt;A&gt;&#x27;, &#x27;&#x27;" in everywhere._repr_html_()
    assert repr(AsyncSonnysClient("id", "key").transactions.export(FIRST, LAST)) == (
        "AsyncExport(2026-03-08 to 2026-03-10, all sites: not begun)"
    )


# -- ending early -------------------------------------------------------------------------------------------------


def test_an_export_that_ended_early_refuses_to_look_complete(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox)
    with client.transactions.export(FIRST, LAST) as export:
        next(export)
    requests = len(log(sonnys_sandbox))
    for _ in range(2):
        with pytest.raises(SonnysError, match="has ended before its last row"):
            next(export)
    with pytest.raises(SonnysError, match="has no report yet"):
        _ = export.report
    export.close()
    assert len(log(sonnys_sandbox)) == requests


def test_an_export_that_met_an_error_refuses_to_look_complete(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox, sonnys_sandbox.config(faults=["error_500=1"]))
    export = client.transactions.export(FIRST, FIRST)
    with pytest.raises(SonnysError, match="Something broke"):
        next(export)
    with pytest.raises(SonnysError, match="has ended before its last row"):
        next(export)


def test_closing_an_export_that_never_began_sends_nothing(sonnys_sandbox: SandboxKit) -> None:
    client = client_of(sonnys_sandbox)
    client.transactions.export(FIRST, FIRST).close()
    assert log(sonnys_sandbox) == []


def jobs_on(path: Path) -> set[str]:
    return {handle["hash"] for handle in FileShelf(path).live()}


def submitted(entries: list[Any]) -> set[str]:
    return {entry.hash for entry in entries if entry.path == SUBMIT}


def test_an_export_that_was_cut_short_goes_on_with_its_jobs(sonnys_sandbox: SandboxKit, tmp_path: Path) -> None:
    path = tmp_path / "jobs"
    client = client_of(sonnys_sandbox, sonnys_sandbox.config(cars_per_day=150, job_s=20, jitter=0.7))
    with client.transactions.export(FIRST, LAST, shelf=FileShelf(path)) as export:
        rows = [next(export) for _ in range(150)]
        done = export.progress.pages_done
    kept = jobs_on(path)
    before = len(log(sonnys_sandbox))
    assert done > 0
    assert kept
    with client.transactions.export(FIRST, LAST, shelf=FileShelf(path)) as export:
        rows += export
    later = log(sonnys_sandbox)[before:]
    assert submitted(later).isdisjoint(kept)
    assert kept <= {entry.hash for entry in later if entry.path == POLL}
    assert {row.id for row in rows} == set(truth(sonnys_sandbox))
    assert export.report.complete
    assert jobs_on(path) == set()


def test_a_simulated_export_is_the_same_twice(sonnys_sandbox: SandboxKit) -> None:
    def one() -> tuple[list[str], list[Any], float]:
        client: SimulatedClient = client_of(sonnys_sandbox, sonnys_sandbox.config(job_s=30, jitter=0.5))
        rows = [row.id for row in client.transactions.export(FIRST, LAST)]
        return rows, log(sonnys_sandbox), client.simulation.now

    assert one() == one()


# -- async, in virtual time ---------------------------------------------------------------------------------------


def sandbox_of(kit: SandboxKit, config: SandboxConfig | None = None) -> Sandbox:
    kit.sandbox = Sandbox(config or kit.config(cars_per_day=120, job_s=20, jitter=0.5))
    return kit.sandbox


def test_an_async_export_is_exact(sonnys_sandbox: SandboxKit) -> None:
    async def scenario(client: VirtualClient) -> list[TransactionJobItem]:
        async with client.transactions.export(FIRST, LAST) as export:
            plan = await export.plan()
            assert [entry.path for entry in log(sonnys_sandbox)] == ["/site/list"]
            rows = [row async for row in export]
            assert [row async for row in export] == []
        assert [report.window for report in export.report.windows] == list(plan.windows)
        assert export.report.complete
        assert export.progress.rows == len(rows)
        return rows

    rows = play(sandbox_of(sonnys_sandbox), scenario)
    assert_same_rows(rows, truth(sonnys_sandbox))


def test_async_exports_run_side_by_side_and_need_no_blocks(sonnys_sandbox: SandboxKit) -> None:
    async def scenario(client: VirtualClient) -> list[TransactionJobItem]:
        async def one(day: str) -> list[TransactionJobItem]:
            return [row async for row in client.transactions.export(day, day)]

        batches = await asyncio.gather(*map(one, (FIRST, "2026-03-09", LAST)))
        assert asyncio.get_running_loop().time() < 90
        return [row for batch in batches for row in batch]

    sandbox = sandbox_of(sonnys_sandbox)
    assert_same_rows(play(sandbox, scenario), truth(sonnys_sandbox))
    assert not any(period.refused for period in sandbox.periods())


def test_an_async_export_does_not_wait_for_answers_that_it_needs_no_more(sonnys_sandbox: SandboxKit) -> None:
    slow_counts = Faults(script=(Scripted("stall", path="/transaction", times=10**6),), stall_s=25.0)
    config = replace(sonnys_sandbox.config(job_s=2), faults=slow_counts)

    async def scenario(client: VirtualClient) -> float:
        assert [row async for row in client.transactions.export(FIRST, LAST)]
        assert asyncio.all_tasks() == {asyncio.current_task()}
        return asyncio.get_running_loop().time()

    assert play(sandbox_of(sonnys_sandbox, config), scenario) < 25
    assert log(sonnys_sandbox, "/transaction")


def test_tasks_may_share_one_async_export(sonnys_sandbox: SandboxKit) -> None:
    async def scenario(client: VirtualClient) -> list[TransactionJobItem]:
        rows: list[TransactionJobItem] = []
        async with client.transactions.export(FIRST, LAST) as export:
            await asyncio.gather(*(take_all_async(export, rows) for _ in range(3)))
        return rows

    assert_same_rows(play(sandbox_of(sonnys_sandbox), scenario), truth(sonnys_sandbox))


def test_leaving_an_async_export_early_leaves_nothing_but_its_jobs(sonnys_sandbox: SandboxKit, tmp_path: Path) -> None:
    path = tmp_path / "jobs"

    async def scenario(client: VirtualClient) -> set[str]:
        async with client.transactions.export(FIRST, LAST, shelf=FileShelf(path)) as export:
            rows = [await anext(export)]
        assert asyncio.all_tasks() == {asyncio.current_task()}
        with pytest.raises(SonnysError, match="has ended before its last row"):
            await anext(export)
        await export.close()
        kept, before = jobs_on(path), len(log(sonnys_sandbox))
        assert kept
        async with client.transactions.export(FIRST, LAST, shelf=FileShelf(path)) as export:
            rows += [row async for row in export]
        later = log(sonnys_sandbox)[before:]
        assert submitted(later).isdisjoint(kept)
        assert kept <= {entry.hash for entry in later if entry.path == POLL}
        assert export.report.complete
        return {row.id for row in rows}

    sandbox = sandbox_of(sonnys_sandbox)
    assert play(sandbox, scenario) == set(truth(sonnys_sandbox))
    assert jobs_on(path) == set()
    assert not any(period.refused for period in sandbox.periods())


def test_slots_of_an_export_that_was_left_come_back_within_a_window(sonnys_sandbox: SandboxKit) -> None:
    async def scenario(client: VirtualClient) -> float:
        for _ in range(3):  # 60 requests at the most; the throttle has 20 slots
            async with client.transactions.export(FIRST, "2026-03-28") as export:
                await anext(export)
        await client.sites.list()
        return asyncio.get_running_loop().time()

    sandbox = sandbox_of(sonnys_sandbox)
    assert play(sandbox, scenario) < 240
    assert not any(period.refused for period in sandbox.periods())


@pytest.mark.parametrize("after_s", [0.05, 5.0, 21.0])
def test_cancelling_an_async_export_leaves_nothing(sonnys_sandbox: SandboxKit, after_s: float) -> None:
    async def scenario(client: VirtualClient) -> None:
        export = client.transactions.export(FIRST, LAST)
        taking = asyncio.create_task(take_all_async(export, []))
        await asyncio.sleep(after_s)
        taking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await taking
        assert asyncio.all_tasks() == {asyncio.current_task()}
        with pytest.raises(SonnysError, match="has ended before its last row"):
            await anext(export)

    play(sandbox_of(sonnys_sandbox), scenario)


def test_an_async_export_tells_gaps_after_its_rows(sonnys_sandbox: SandboxKit) -> None:
    async def scenario(client: VirtualClient) -> list[TransactionJobItem]:
        rows: list[TransactionJobItem] = []
        export = client.transactions.export(FIRST, LAST)
        with pytest.raises(IncompleteExportError) as caught:
            await take_all_async(export, rows)
        assert caught.value.report is export.report
        assert [row async for row in export] == []
        assert len(rows) == export.report.rows
        return rows

    config = replace(sonnys_sandbox.config(), faults=failing(covers(FIRST_S + 20 * 3600)))
    assert play(sandbox_of(sonnys_sandbox, config), scenario)


def test_a_client_closed_during_an_async_export_is_one_clear_error(sonnys_sandbox: SandboxKit) -> None:
    async def scenario(client: VirtualClient) -> None:
        export = client.transactions.export(FIRST, LAST)
        await anext(export)
        await client.close()
        with pytest.raises(SonnysError, match="This client was closed"):
            await take_all_async(export, [])

    play(sandbox_of(sonnys_sandbox), scenario)


# -- over HTTP ----------------------------------------------------------------------------------------------------

DAY = today() - timedelta(days=20)
"""Long enough ago that nothing of it arrives late."""
SPEED = 50.0


@pytest.fixture(scope="module")
def server() -> Iterator[RunningSandbox]:
    config = SandboxConfig(sites=1, cars_per_day=120, job_s=3.0, jitter=0.5)
    with running_sandbox(config, speed=SPEED, latency=0.5) as running:
        yield running


def served_truth(server: RunningSandbox, days: int) -> dict[str, Transaction]:
    start = int(datetime(DAY.year, DAY.month, DAY.day, tzinfo=UTC).timestamp())
    rows = server.sandbox.truth(start, start + days * DAY_S, as_of=server.clock.now())
    return {row.id: row for row in rows}


def test_a_sync_export_over_http_is_exact_and_leaves_no_thread(server: RunningSandbox) -> None:
    before = set(threading.enumerate())
    limits = ThrottleLimits(20, 15 / SPEED)
    with SonnysClient(
        server.api_id, server.api_key, base_url=server.base_url, throttle=limits, timezone="UTC"
    ) as client:
        with client.transactions.export(DAY, DAY + timedelta(days=2)) as export:
            rows = list(export)
        with client.transactions.export(DAY, DAY) as export:
            next(export)
    assert_same_rows(rows, served_truth(server, 3))
    for thread in set(threading.enumerate()) - before:
        thread.join(PATIENCE_S)
        assert not thread.is_alive()
    assert not any(period.refused for period in server.sandbox.periods())


def test_an_async_export_over_http_is_exact_and_leaves_no_task(server: RunningSandbox) -> None:
    limits = ThrottleLimits(20, 15 / SPEED)

    async def scenario() -> list[TransactionJobItem]:
        async with AsyncSonnysClient(
            server.api_id, server.api_key, base_url=server.base_url, throttle=limits, timezone="UTC"
        ) as client:
            async with client.transactions.export(DAY, DAY + timedelta(days=2)) as export:
                rows = [row async for row in export]
            async with client.transactions.export(DAY, DAY + timedelta(days=9)) as export:
                await anext(export)
            assert asyncio.all_tasks() == {asyncio.current_task()}
            taking = asyncio.create_task(take_all_async(client.transactions.export(DAY, DAY + timedelta(days=9)), []))
            before = len(server.sandbox.log)
            await asyncio.to_thread(wait_until, lambda: len(server.sandbox.log) >= before + 3)
            taking.cancel()
            with pytest.raises(asyncio.CancelledError):
                await taking
            assert asyncio.all_tasks() == {asyncio.current_task()}
            return rows

    assert_same_rows(asyncio.run(scenario()), served_truth(server, 3))
    assert not any(period.refused for period in server.sandbox.periods())
