"""Closed days are counted again, and days whose count has changed are read again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client import sync
from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import Evidence, day_end, day_of, day_start
from sonnys_data_client.archive.ledger import JobShelf
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.engine.windows import DAY_S, Span
from sonnys_data_client.engine.wire import Request, Response
from sonnys_data_client.sandbox import Faults, Quirks, Sandbox, SandboxConfig, Scripted
from sonnys_data_client.sandbox.world.facts import Transaction
from sonnys_data_client.sandbox.world.listed import ListWorld
from sonnys_data_client.sync import SyncReport, counting
from sonnys_data_client.sync.planning import SyncSettings
from sonnys_data_client.sync.recount import DAYS_MAX, ClosedDays, days_to_recount, find_mismatches
from sonnys_data_client.testing.client import SimulatedClient
from tests.client.rig import Tampered
from tests.sync.rig import (
    FIRST,
    HOUR,
    NOON,
    SETTINGS,
    SITES,
    archive_in,
    client_of,
    held,
    sales,
    sandbox_of,
    sold,
    truth,
)

BASE = date(2026, 1, 1)
NOW = float(day_start(BASE) + 100 * DAY_S)
LATER = NOON + 10 * DAY_S


def read(day: date, rows: int = 100, *, edge: int = 0, **known: Any) -> Evidence:
    """Return a day proved ten days after its end, when the server counted `edge` rows of the next day, too."""
    end = day_end(day)
    when = end + 10.0 * DAY_S
    return Evidence(rows, 0, rows + edge, when, end, when, when, **known)


@dataclass
class Server:
    """A server that counts rows.

    Attributes:
        rows: Its rows by day.
        first: How many of them are in a day's first second.
        inclusive: Whether it counts the first second after a range, too.
        asked: How many counts it was asked for.
    """

    rows: dict[date, int]
    first: dict[date, int] = field(default_factory=dict[date, int])
    inclusive: bool = True
    asked: int = 0

    def __call__(self, spans: Sequence[Span]) -> list[int | None]:
        self.asked += len(spans)
        return [self.count(span) for span in spans]

    def count(self, span: Span) -> int:
        inside = sum(rows for day, rows in self.rows.items() if span.start <= day_start(day) < span.stop)
        return inside + (self.first.get(day_of(span.stop), 0) if self.inclusive else 0)


# -- pure -------------------------------------------------------------------------------------------------------------


def test_days_on_end_that_are_closed_are_counted_together_a_month_at_a_time() -> None:
    known = {BASE + timedelta(days=number): read(BASE + timedelta(days=number)) for number in range(70)}
    del known[BASE + timedelta(days=40)]
    known[BASE + timedelta(days=50)] = read(BASE + timedelta(days=50), gaps=("a gap",))
    known[BASE + timedelta(days=65)] = replace(read(BASE + timedelta(days=65)), total=None)
    known[BASE + timedelta(days=60)] = replace(read(BASE + timedelta(days=60)), read_at=NOW - 600)
    found = [(str(closed.days[0][0]), len(closed.days)) for closed in days_to_recount(known, SyncSettings(), NOW)]
    assert found == [
        *(("2026-01-01", 17), ("2026-01-18", 23), ("2026-02-11", 7), ("2026-02-18", 2), ("2026-02-21", 9)),
        *(("2026-03-03", 4), ("2026-03-08", 4)),
    ]


def test_what_the_server_forgets_and_what_was_not_chosen_is_not_counted() -> None:
    days = [BASE + timedelta(days=number) for number in range(10)]
    known = {day: read(day) for day in days}
    now = float(day_start(date(2026, 7, 4)))
    (closed,) = days_to_recount(known, SyncSettings(), now)
    assert closed.days[0][0] == date(2026, 1, 5)
    (closed,) = days_to_recount(known, SyncSettings(start=days[7], end=days[8]), now)
    assert [day for day, _ in closed.days] == days[7:9]


@pytest.mark.parametrize(
    ("known", "count", "difference"),
    [
        (read(BASE), 100, 0),
        (read(BASE), 101, 1),
        (read(BASE), 98, -2),
        (read(BASE, edge=2), 102, 0),
        (read(BASE, edge=2), 103, 1),
        (read(BASE, edge=2), 100, -2),
        (read(BASE, surplus=3), 103, 0),
        (read(BASE, surplus=3), 100, -3),
        (read(BASE, surplus=-1), 99, 0),
        (replace(read(BASE), quarantined=4, total=104), 104, 0),
    ],
)
def test_a_difference_is_what_the_archive_cannot_explain(known: Evidence, count: int, difference: int) -> None:
    assert ClosedDays(((BASE, known),)).difference(count) == difference


@given(
    counts=st.lists(st.integers(0, 5), min_size=1, max_size=90),
    edges=st.lists(st.integers(0, 2), min_size=91, max_size=91),
    changes=st.dictionaries(st.integers(0, 89), st.integers(1, 3), max_size=DAYS_MAX),
    inclusive=st.booleans(),
)
def test_whatever_came_late_is_found_and_nothing_else_by_few_requests(
    counts: list[int], edges: list[int], changes: dict[int, int], inclusive: bool
) -> None:
    days = [BASE + timedelta(days=number) for number in range(len(counts) + 1)]
    first = dict(zip(days, edges, strict=False))
    rows = {day: count + first[day] for day, count in zip(days, counts, strict=False)}
    server = Server(dict(rows), first, inclusive)
    known = {
        day: read(day, count, edge=first[day + timedelta(days=1)] if inclusive else 0) for day, count in rows.items()
    }
    suspects = days_to_recount(known, SyncSettings(), float(day_start(days[-1]) + 30 * DAY_S))
    assert find_mismatches(suspects, server) == []
    assert server.asked == len(suspects) <= 1 + -(-len(counts) // 31)
    late = {days[number]: more for number, more in changes.items() if number < len(counts)}
    for day, more in late.items():
        server.rows[day] += more
    server.asked = 0
    assert [(mismatch.day, mismatch.difference) for mismatch in find_mismatches(suspects, server)] == sorted(
        late.items()
    )
    assert server.asked <= 4 + 2 * 5 * len(late)


def test_a_server_that_counts_otherwise_throughout_has_a_few_days_read_again_and_is_not_asked_for_ever() -> None:
    known = {BASE + timedelta(days=number): read(BASE + timedelta(days=number)) for number in range(31)}
    server = Server(dict.fromkeys(known, 101))
    found = find_mismatches(days_to_recount(known, SyncSettings(), NOW), server)
    assert [mismatch.day for mismatch in found] == list(known)[:DAYS_MAX]
    assert server.asked <= 1 + 5 * 2 * DAYS_MAX
    assert {(mismatch.surplus, mismatch.why) for mismatch in found} == {(1, "the server counts 1 row more")}


def test_where_the_server_does_not_say_nothing_is_found() -> None:
    known = {BASE: read(BASE)}
    assert find_mismatches(days_to_recount(known, SyncSettings(), NOW), lambda spans: [None] * len(spans)) == []


# -- with a sandbox ---------------------------------------------------------------------------------------------------


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_in(tmp_path)


def again(sandbox: Sandbox, archive: Archive, at: float = LATER, settings: SyncSettings = SETTINGS) -> SyncReport:
    return sync.run(client_of(sandbox, at=at), archive, settings)


def late_row(second: float) -> Transaction:
    """Return a sale that the server learns of long after its day was closed."""
    return sold(9000, second, 4321, known_from=NOON + 8 * DAY_S)


def grown(rows: Sequence[Transaction], **settings: Any) -> Sandbox:
    return sandbox_of([*sales(), *rows], **settings)


@pytest.mark.parametrize(
    "quirks", [Quirks(), Quirks(end="exclusive"), Quirks(site_required=True), Quirks(order="newest")]
)
@pytest.mark.parametrize("second", [0.0, 1.5, DAY_S - 0.001])
def test_a_row_that_came_long_after_its_day_was_closed_is_read(quirks: Quirks, second: float, archive: Archive) -> None:
    row = late_row(day_start(FIRST) + 3 * DAY_S + second)
    sandbox = grown([row], quirks=quirks)
    assert sync.run(client_of(sandbox), archive, SETTINGS).complete
    again(sandbox, archive, NOON + 7 * DAY_S)
    assert row.id not in dict(held(archive))
    report = again(sandbox, archive)
    assert report.complete
    # A server that counts both ends of a range counts a row of a day's first second in the day before, too.
    assert FIRST + timedelta(days=3) in [mismatch.day for mismatch in report.count_mismatches]
    assert len(report.count_mismatches) <= 2
    assert held(archive) == truth(sandbox, as_of=LATER)
    assert [(change.id, change.before) for change in report.changes] == [(row.id, None)]
    report = again(sandbox, archive, LATER + HOUR)
    assert (report.count_mismatches, report.complete) == ([], True)
    assert report.days_recounted >= 8


def test_a_row_that_is_returned_no_more_leaves_its_closed_day_and_is_logged(archive: Archive) -> None:
    rows = sales()
    sync.run(client_of(sandbox_of(rows)), archive, SETTINGS)
    again(sandbox_of(rows), archive, NOON + 7 * DAY_S)
    gone = rows.pop(400)
    report = again(sandbox_of(rows), archive)
    assert [(change.id, change.after) for change in report.changes] == [(gone.id, None)]
    assert gone.id not in dict(held(archive))
    assert [mismatch.why for mismatch in report.count_mismatches] == ["the server counts 1 row fewer"]


def test_of_an_archive_elsewhere_a_row_that_moved_is_found_by_its_count() -> None:
    moved = sold(60, LATER - HOUR, known_from=LATER - HOUR)
    sandbox = grown([moved])
    archive = Archive(f"memory://recount-{id(sandbox)}")
    sync.run(client_of(sandbox), archive, SETTINGS)
    again(sandbox, archive, NOON + 7 * DAY_S)
    assert moved.id in dict(held(archive))
    assert again(sandbox, archive).complete
    assert held(archive) == truth(sandbox, as_of=LATER)


def test_it_costs_a_request_a_month_and_none_where_it_is_not_wanted(archive: Archive) -> None:
    sandbox = grown([])
    sync.run(client_of(sandbox), archive, SETTINGS)
    again(sandbox, archive, NOON + 7 * DAY_S)

    def counts(settings: SyncSettings, at: float) -> int:
        before = len(sandbox.log)
        again(sandbox, archive, at, settings)
        lists = [dict(entry.query) for entry in sandbox.log[before:] if entry.path == "/transaction"]
        return [query["startDate"] for query in lists].count(str(day_start(FIRST)))

    assert counts(replace(SETTINGS, recount=False), LATER) == 0
    assert counts(SETTINGS, LATER + HOUR) == 1


def test_a_server_that_finds_a_month_too_long_is_asked_for_fewer_days(archive: Archive) -> None:
    rows = sales()
    sync.run(client_of(sandbox_of(rows)), archive, SETTINGS)
    again(sandbox_of(rows), archive, NOON + 7 * DAY_S)
    gone = rows.pop(400)
    asked: list[int] = []

    def impatient(request: Request, response: Response) -> Response:
        if request.path != "/transaction":
            return response
        query = dict(request.query)
        asked.append((int(query["endDate"]) - int(query["startDate"])) // DAY_S)
        refusal = b'{"type": "PayloadValidationError", "messages": ["The range must not be longer than 3 days."]}'
        return Response(422, refusal) if asked[-1] > 3 else response

    box = Tampered(SandboxConfig(job_s=3.0), ListWorld(SITES, rows))
    box.tamper = impatient
    client = client_of(box, at=LATER)
    report = sync.run(client, archive, SETTINGS)
    assert (report.complete, report.warnings) == (True, [])
    assert [change.id for change in report.changes] == [gone.id]
    assert max(asked) > 3 >= asked[-1]
    assert client.workings.settings.context.findings.longest_range_s == {"/transaction": 3 * DAY_S}


def test_the_plan_knows_what_it_costs(archive: Archive) -> None:
    sandbox = grown([], quirks=Quirks(site_required=True))
    client = client_of(sandbox)
    sync.run(client, archive, SETTINGS)
    settled = replace(SETTINGS, end=FIRST + timedelta(days=3))
    later = client_of(sandbox, at=NOON + HOUR)
    plan = sync.plan(later, archive, settled)
    assert (len(plan.days), plan.days_to_recount, plan.requests) == (0, 4, 1), "one count, as far as is known"
    report = sync.run(later, archive, settled)
    assert (report.days_recounted, report.requests) == (4, 1 + 3), (
        "a refusal, and one count for each of three sites; the plan has read the site list"
    )
    assert sync.plan(later, archive, settled).requests == 3


def test_a_server_without_totals_is_believed_what_it_said(archive: Archive) -> None:
    sandbox = grown([late_row(day_start(FIRST) + 60.0)], quirks=Quirks(totals="null"))
    sync.run(client_of(sandbox), archive, SETTINGS)
    report = again(sandbox, archive)
    assert (report.complete, report.count_mismatches) == (True, [])


def lists_count_more(more: Callable[[Span], int]) -> Any:
    """Patch the counts of lists: `more` says how many rows more than jobs they count."""

    def counted(client: SimulatedClient, spans: Sequence[Span]) -> list[int | None]:
        return [
            None if it is None else it + more(span)
            for span, it in zip(spans, counting.count_spans(client, spans), strict=True)
        ]

    return mock.patch("sonnys_data_client.sync.runner.count_spans", counted)


def test_a_list_that_always_counts_more_has_a_day_read_again_twice(archive: Archive) -> None:
    sandbox = grown([])
    sync.run(client_of(sandbox), archive, SETTINGS)
    again(sandbox, archive, NOON + 7 * DAY_S)
    odd = day_start(FIRST) + 2 * DAY_S

    def more(span: Span) -> int:
        return 2 if span.start <= odd < span.stop else 0

    with lists_count_more(more):
        for night in range(2):
            report = again(sandbox, archive, LATER + night * DAY_S)
            assert [(mismatch.day, mismatch.surplus) for mismatch in report.count_mismatches] == [(day_of(odd), 2)]
            assert (report.complete, report.changes) == (True, [])
        for night in range(2, 5):
            assert again(sandbox, archive, LATER + night * DAY_S).count_mismatches == []
    for night in range(5, 7):
        report = again(sandbox, archive, LATER + night * DAY_S)
        assert [(mismatch.day, mismatch.surplus) for mismatch in report.count_mismatches] == [(day_of(odd), 0)], (
            "the list counts as the jobs do again"
        )
    assert again(sandbox, archive, LATER + 7 * DAY_S).count_mismatches == []


def test_a_run_that_dies_before_the_day_is_read_leaves_it_due(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = late_row(day_start(FIRST) + 60.0)
    sandbox = grown([row])
    sync.run(client_of(sandbox), archive, SETTINGS)
    doubt = Writer.doubt

    def die(*about: Any, **more: Any) -> None:
        doubt(*about, **more)
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(Writer, "doubt", die)
        with pytest.raises(KeyboardInterrupt):
            again(sandbox, archive)
    (day,) = archive.coverage(start=FIRST, end=FIRST, now=LATER)
    why = "the server counts 1 row more, so it is to be read again"
    assert (day.state, day.why) == ("partial", why)
    assert again(sandbox, archive, LATER + HOUR).complete
    assert row.id in dict(held(archive))


def test_a_server_that_has_no_list_to_give_is_told_of_and_that_costs_nothing_else(archive: Archive) -> None:
    rows = [late_row(day_start(FIRST) + 60.0)]
    refusal = Scripted("error_500", "/transaction", times=10**6)
    sandbox = Sandbox(SandboxConfig(job_s=3.0, faults=Faults(script=(refusal,))), ListWorld(SITES, [*sales(), *rows]))
    sync.run(client_of(sandbox), archive, SETTINGS)
    report = again(sandbox, archive)
    assert report.complete
    assert [warning.startswith("closed days could not be counted again: ") for warning in report.warnings] == [True]
    assert report.days_recounted == 0


def test_an_answer_that_the_server_repeats_hides_no_late_row(archive: Archive, tmp_path: Path) -> None:
    row = sold(9000, day_start(FIRST) + 60.0, 4321, known_from=LATER - 200)
    sandbox = grown([row])
    sync.run(client_of(sandbox), archive, SETTINGS)
    again(sandbox, archive, NOON + 7 * DAY_S)
    # Another archive reads the day just before. So the server repeats that old answer for a while.
    again(sandbox, archive_in(tmp_path / "other"), LATER - 400, replace(SETTINGS, end=FIRST))
    assert [mismatch.day for mismatch in again(sandbox, archive).count_mismatches] == [FIRST]
    assert row.id not in dict(held(archive))
    assert [mismatch.day for mismatch in again(sandbox, archive, LATER + DAY_S).count_mismatches] == [FIRST]
    assert row.id in dict(held(archive))


def test_what_a_dead_run_has_kept_of_a_day_in_doubt_is_not_taken_for_an_answer(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = late_row(day_start(FIRST) + 60.0)
    sandbox, settings = grown([row]), replace(SETTINGS, end=FIRST)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as dying:
        dying.setattr(JobShelf, "clear", die)
        with pytest.raises(KeyboardInterrupt):
            sync.run(client_of(sandbox), archive, settings)
    assert [mismatch.day for mismatch in again(sandbox, archive, settings=settings).count_mismatches] == [FIRST]
    assert row.id in dict(held(archive))


def test_a_row_that_came_and_one_that_went_are_found_within_a_month(archive: Archive) -> None:
    rows = [*sales(), late_row(day_start(FIRST) + 3 * DAY_S + 60.0)]
    sync.run(client_of(sandbox_of(rows)), archive, SETTINGS)
    again(sandbox_of(rows), archive, NOON + 7 * DAY_S)
    gone = rows.pop(40)
    sandbox = sandbox_of(rows)
    for night in range(32):
        if again(sandbox, archive, LATER + night * DAY_S).count_mismatches:
            break
    ids = dict(held(archive))
    assert gone.id not in ids
    assert "9000:1" in ids


def test_lists_that_hang_cost_nothing_else(archive: Archive) -> None:
    refusal = Scripted("unreachable", "/transaction", times=10**6)
    sandbox = Sandbox(SandboxConfig(job_s=3.0, faults=Faults(script=(refusal,))), ListWorld(SITES, sales()))
    sync.run(client_of(sandbox), archive, SETTINGS)
    report = again(sandbox, archive)
    assert report.complete
    assert [warning.startswith("closed days could not be counted again: ") for warning in report.warnings] == [True]
