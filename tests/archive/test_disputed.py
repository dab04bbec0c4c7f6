"""What is listed as disputed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from sonnys_data_client.archive.dispute import Dispute
from sonnys_data_client.archive.disputed import Disputed, find_disputes
from sonnys_data_client.archive.evidence import Evidence, Rule, day_end
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.engine.windows import DAY_S
from tests.archive.rig import DAY

WHY = Dispute("no row came", 5, 0, 1.0, ("a",))


def read(day: date, rows: int, dispute: Dispute | None = None) -> Evidence:
    end = day_end(day)
    at = end + 4 * DAY_S
    return Evidence(rows, 0, rows, at, end, at, at, dispute=dispute)


def found(table: str, days: dict[int, Evidence]) -> list[Disputed]:
    known = {Partition(table, "main", DAY + timedelta(days=number)): each for number, each in days.items()}
    return list(find_disputes(table, known, Rule()))


def test_days_are_listed_in_order_and_say_why() -> None:
    listed = found("clock_entries", {2: read(DAY, 5, WHY), 0: read(DAY, 5, WHY), 1: read(DAY, 5)})
    assert [each.partition.day for each in listed] == [DAY, DAY + timedelta(days=2)]
    said = "clock_entries of main on 2026-03-09 is disputed (no row came: 0 rows came, and the archive has 5)"
    assert str(listed[0]) == said


def test_only_the_newest_snapshot_is_listed() -> None:
    assert found("customers", {0: read(DAY, 5, WHY), 7: read(DAY, 5)}) == []
    (newest,) = found("customers", {0: read(DAY, 5, WHY), 7: read(DAY, 5, replace(WHY, held=4))})
    assert newest.dispute.held == 4


def test_an_empty_day_between_busy_days_is_listed_in_transactions_alone() -> None:
    days = {number: read(DAY + timedelta(days=number), 0 if number == 1 else 200) for number in range(3)}
    (empty,) = found("transactions", days)
    assert (empty.partition.day, empty.dispute.why) == (
        DAY + timedelta(days=1),
        "the days around it have 200 rows or more",
    )
    assert found("clock_entries", days) == []
