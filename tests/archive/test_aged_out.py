"""Rows that the server may have aged out stay; rows that were withdrawn go."""

from __future__ import annotations

from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.aged_out import KEPT_DAYS_MIN, are_oldest, may_be_aged_out, moment_of
from sonnys_data_client.archive.evidence import day_end, day_start
from sonnys_data_client.archive.tables import TRANSACTIONS
from sonnys_data_client.engine.windows import DAY_S
from tests.archive.rig import DAY, NOON, PARTITION, archive_at, ids, put, rows, texts

OLD = NOON + 30 * DAY_S
KEYS = ["1:1001", "2:1001", "3:1001", "4:1001"]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_at(tmp_path)


def test_a_day_that_ended_a_moment_ago_is_not_aged_out() -> None:
    end = day_end(DAY)
    assert not may_be_aged_out(DAY, end + KEPT_DAYS_MIN * DAY_S - 1.0)
    assert may_be_aged_out(DAY, end + KEPT_DAYS_MIN * DAY_S)


def test_rows_that_are_aged_out_are_the_first_of_the_day() -> None:
    first, second, third = texts(rows(3))
    assert are_oldest(TRANSACTIONS, [first, second], [third])
    assert are_oldest(TRANSACTIONS, [second, third], [])
    assert not are_oldest(TRANSACTIONS, [second], [first, third])
    assert not are_oldest(TRANSACTIONS, [first], [first]), "of one moment"
    assert moment_of(TRANSACTIONS, "{}") is None


@pytest.mark.parametrize("left", [0, 1, 3])
def test_the_first_rows_of_an_old_day_stay_and_nothing_is_logged(archive: Archive, left: int) -> None:
    put(archive, rows(4))
    landed = put(archive, rows(4)[4 - left :], at=OLD)
    assert (landed.rows, landed.kept, landed.changes) == (4, 4 - left, [])
    assert ids(archive) == KEYS
    evidence = archive.evidence()[PARTITION]
    assert (evidence.total, evidence.surplus, evidence.gaps) == (4, left - 4, ())
    assert (evidence.proved_first, evidence.proved_last) == (NOON, OLD)
    assert archive.check() == []
    (day,) = archive.coverage(start=DAY, end=DAY, now=OLD)
    said = f"the server also counts 4 (its list has {4 - left} fewer by now), in two counts 30 days apart"
    assert (day.state, day.why) == ("complete", said)


def test_other_rows_of_an_old_day_go(archive: Archive) -> None:
    put(archive, rows(4))
    landed = put(archive, [row for row in rows(4) if row["id"] != "2:1001"], at=OLD)
    assert (landed.rows, landed.kept) == (3, 0)
    assert [change.id for change in landed.changes] == ["2:1001"]


def test_new_rows_of_the_same_reading_are_added(archive: Archive) -> None:
    put(archive, rows(4))
    landed = put(archive, [*rows(3, first=3, transactionStatus="Voided")], at=OLD)
    assert ids(archive) == [*KEYS, "5:1001"]
    assert landed.kept == 2
    assert {change.id for change in landed.changes} == {"3:1001", "4:1001", "5:1001"}


def test_a_row_that_has_moved_to_another_day_goes_though_it_was_the_first(archive: Archive) -> None:
    put(archive, rows(4))
    with archive.writing() as writer:
        writer.doubt(PARTITION, "it is in doubt", shared=["1:1001"])
    landed = put(archive, rows(3, first=2), at=OLD)
    assert (landed.kept, ids(archive)) == (0, KEYS[1:])


def test_rows_in_quarantine_stay_too(archive: Archive) -> None:
    bad = {**rows(1)[0], "total": "much"}
    put(archive, [bad, *rows(2, first=2)])
    landed = put(archive, [], at=OLD)
    assert (landed.rows, landed.quarantined, landed.kept) == (2, 1, 3)
    put(archive, [bad], at=OLD + 1)
    assert archive.evidence()[PARTITION].quarantined == 1


def test_a_day_with_rows_in_quarantine_alone_stays(archive: Archive) -> None:
    put(archive, [{**rows(1)[0], "total": "much"}])
    assert put(archive, [], at=OLD).quarantined == 1


def test_a_day_that_was_aged_out_before_all_of_it_came_keeps_its_rows_and_says_so(archive: Archive) -> None:
    put(archive, rows(2), through=day_start(DAY) + 180)
    landed = put(archive, rows(1, first=4), at=OLD)
    assert ids(archive) == ["1:1001", "2:1001", "4:1001"]
    assert list(landed.gaps) == ["the server forgot the rest of it before the archive had it"]
    (day,) = archive.coverage(start=DAY, end=DAY, now=OLD)
    assert day.state == "partial"


def test_a_part_that_had_not_come_does_not_hide_that_the_day_was_aged_out(archive: Archive) -> None:
    put(archive, rows(2), proved=False, gaps=("a gap",))
    put(archive, [], at=OLD)
    assert ids(archive) == KEYS[:2]
    assert archive.evidence()[PARTITION].proved_last is None
