"""Rows between the flow and the caller: their order, quarantine, and none lost to an error."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.engine.effects import Deliver
from sonnys_data_client.engine.export.flow import Report
from sonnys_data_client.engine.jobs import Handle, Page
from sonnys_data_client.engine.report import Gap, WindowReport
from sonnys_data_client.engine.windows import Window
from sonnys_data_client.errors import (
    APIConnectionError,
    IncompleteError,
    IncompleteExportError,
    RowError,
    SonnysError,
    UnparsedRow,
    ValidationError,
)
from sonnys_data_client.resources.inbox import Inbox, QuarantinedRow, attach_rows, in_order, live_handles
from sonnys_data_client.shelves import MemoryShelf
from tests.types.rows import job_row

ONE, OTHER = Window(0, 86_400), Window(86_400, 172_800)
BAD: dict[str, Any] = {"id": "2:1", "total": "abc"}


def report_of(*gaps: Gap) -> Report:
    return Report([WindowReport(ONE, rows=3, gaps=list(gaps)), WindowReport(OTHER)], requests=4)


def test_rows_are_taken_one_by_one_in_the_order_they_came() -> None:
    inbox = Inbox("raise")
    assert inbox.take() is None
    inbox.put(Deliver([job_row(id="1:1"), job_row(id="2:1")], ONE))
    inbox.put(Deliver([job_row(id="3:1")], OTHER))
    taken = [inbox.take() for _ in range(4)]
    assert [row and row.id for row in taken] == ["1:1", "2:1", "3:1", None]


def test_an_unparsed_row_costs_no_other_and_is_counted_in_its_window() -> None:
    inbox = Inbox("raise")
    inbox.put(Deliver([job_row(id="1:1"), BAD, job_row(id="3:1")], ONE))
    assert [row.id for row in iter(inbox.take, None)] == ["1:1", "3:1"]
    (row,) = inbox.quarantine
    assert row == QuarantinedRow(ONE, BAD, row.reason)
    assert "abc" not in repr(row)
    inbox.end(report_of())
    assert [window.quarantined for window in inbox.report().windows] == [1, 0]


def test_values_that_could_not_be_parsed_are_counted_by_field() -> None:
    inbox = Inbox("raise")
    inbox.put(Deliver([job_row(id="1:1", number="E-1"), job_row(id="2:1", items=[{"tax": "N/A"}, {"tax": "-"}])], ONE))
    inbox.put(Deliver([job_row(id="3:1", number="E-3")], OTHER))
    assert [row.number for row in iter(inbox.take, None)] == [None, 253425, None]
    inbox.end(report_of())
    assert inbox.report().unparsed_values == {"number": 2, "items.tax": 2}
    assert "items.tax (2), number (2)" in inbox.report()._repr_html_()


def test_there_is_no_report_before_the_end() -> None:
    inbox = Inbox("raise")
    assert not inbox.ended
    with pytest.raises(SonnysError, match=r"^The export has no report yet: take all its rows first\.$"):
        inbox.report()
    inbox.end(report_of())
    assert inbox.ended
    assert inbox.report() == report_of()


def test_gaps_are_raised_with_the_report_and_their_first_cause() -> None:
    cause = LookupError("why")
    gaps = [Gap(Window(minute * 60, minute * 60 + 60), "rows moved", cause) for minute in range(5)]
    inbox = Inbox("raise")
    with pytest.raises(IncompleteExportError) as caught:
        inbox.end(report_of(*gaps))
    assert str(caught.value) == (
        "All rows that could be read were delivered, but 5 parts of the range may lack rows: "
        "1970-01-01 00:00:00Z to 1970-01-01 00:01:00Z: rows moved; "
        "1970-01-01 00:01:00Z to 1970-01-01 00:02:00Z: rows moved; "
        "1970-01-01 00:02:00Z to 1970-01-01 00:03:00Z: rows moved and 2 more. Export these again later."
    )
    assert len(caught.value.gaps) == 5
    assert caught.value.__cause__ is cause
    assert caught.value.report is inbox.report()
    assert inbox.ended


def test_gaps_may_be_left_to_the_report() -> None:
    inbox = Inbox("report")
    inbox.end(report_of(Gap(ONE, "rows moved")))
    assert len(inbox.report().gaps) == 1


@pytest.mark.parametrize("on_gap", ["ignore", "", None, ["raise"]])
def test_another_way_to_hear_of_gaps_is_refused(on_gap: Any) -> None:
    with pytest.raises(ValidationError, match="must be 'raise' or 'report'"):
        Inbox(on_gap)


def test_handles_come_back_from_a_shelf_as_they_were() -> None:
    handle = Handle("abc", Page(ONE, 2, 100), 1_774_000_000.5)
    shelf = MemoryShelf()
    shelf.store(handle.to_dict())
    assert live_handles(shelf) == [handle]


def test_a_shelf_with_something_else_is_one_clear_error() -> None:
    shelf = MemoryShelf()
    shelf.store({"hash": "abc"})
    with pytest.raises(ValidationError, match="This is not a job's handle"):
        live_handles(shelf)


def row(id: str, at: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "completeDate": f"2026-11-22T{at}.000Z", "total": 10, **more}


ROWS = [row("3:1", "12:00:00"), row("1:1", "12:00:01"), row("2:1", "12:00:00")]
UNREADABLE = row("4:1", "13:00:00", total="abc")


def connection_error() -> APIConnectionError:
    return APIConnectionError("broke", method="GET", path="/p")


def test_rows_are_sorted_by_time_then_id() -> None:
    assert [found.id for found in in_order(ROWS)] == ["2:1", "3:1", "1:1"]
    with pytest.raises(RowError):
        in_order([*ROWS, UNREADABLE])


@pytest.mark.parametrize("error", [connection_error(), IncompleteError("x", gaps=["y"])])
def test_an_error_carries_the_parsed_rows_without_the_unparsed(error: SonnysError) -> None:
    def load() -> None:
        raw: list[Any] = []
        with attach_rows(raw):
            raw.extend([ROWS[0], UNREADABLE, ROWS[1]])
            raise error

    with pytest.raises(type(error)) as caught:
        load()
    assert caught.value is error
    assert [found.id for found in caught.value.rows] == ["3:1", "1:1"]  # type: ignore[attr-defined]


def test_a_row_error_keeps_its_own_rows() -> None:
    mine = RowError("x", rows=["good"], unparsed=[UnparsedRow("raw", "why")], method="GET", path="/p")
    with pytest.raises(RowError) as caught, attach_rows(ROWS):
        raise mine
    assert caught.value.rows == ["good"]


def test_other_errors_pass_untouched() -> None:
    with pytest.raises(ValidationError, match="bad argument"), attach_rows(ROWS):
        raise ValidationError("bad argument")
