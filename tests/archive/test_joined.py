"""A column that another list fills: what it holds, and that nothing which rewrites a file loses it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.joined import changed_values, is_silent, taken_over
from sonnys_data_client.archive.rows import encode_rows
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS
from sonnys_data_client.engine.rows import encode
from sonnys_data_client.errors import ArchiveError, UnparsedRow
from tests.archive.rig import CALENDARS, DAY, NOON, PARTITION, archive_at, put, rows

HOUR = 3600
SILENT: dict[str, Any] = {"transactionStatus": None, "customerName": '"transaction_status":null é'}
"""What makes a row say nothing of its status, and look as if it did so twice."""


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_at(tmp_path)


def statuses(archive: Archive) -> list[str | None]:
    return [status for (status,) in archive.sql("SELECT transaction_status FROM transactions ORDER BY number")]


def join(archive: Archive, at: float = NOON, *, whole: bool = True, **values: str | None) -> list[tuple[str, ...]]:
    """Join statuses to rows by their numbers, and return what has changed."""
    with archive.writing() as writer:
        landed = writer.join(PARTITION, {f"{key[1:]}:1001": value for key, value in values.items()}, at, whole=whole)
    return [(change.id, change.field, str(change.before), str(change.after)) for change in landed.changes]


def test_only_a_row_that_says_nothing_itself_is_silent() -> None:
    silent, says = encode_rows(TRANSACTIONS, [*rows(1, **SILENT), *rows(1, transactionStatus="Voided")], CALENDARS).rows
    assert (is_silent(TRANSACTIONS, silent), is_silent(TRANSACTIONS, says)) == (True, False)
    named = encode_rows(
        TRANSACTIONS, rows(1, transactionStatus="Voided", customerName=SILENT["customerName"]), CALENDARS
    )
    assert not is_silent(TRANSACTIONS, named.rows[0])


def test_a_value_changes_its_column_and_nothing_else() -> None:
    parsed = encode_rows(TRANSACTIONS, rows(2, **SILENT), CALENDARS)
    first, second = taken_over(TRANSACTIONS, parsed, {"1:1001": "Incomplete"}).rows
    before, after = json.loads(parsed.rows[0].columns), json.loads(first.columns)
    assert (first.raw, after.pop("transaction_status"), before.pop("transaction_status")) == (
        parsed.rows[0].raw,
        "Incomplete",
        None,
    )
    assert before == after
    assert second == parsed.rows[1]
    events = encode_rows(TABLES["sites"], [{"siteID": 1}], CALENDARS)
    assert taken_over(TABLES["sites"], events, {"1": "x"}) is events


def test_a_row_s_own_value_wins_and_is_no_change() -> None:
    parsed = encode_rows(TRANSACTIONS, rows(1, transactionStatus="Voided"), CALENDARS)
    assert taken_over(TRANSACTIONS, parsed, {"1:1001": "Completed"}).rows == parsed.rows
    said = {"1:1001": "Voided"}
    assert [*changed_values(TRANSACTIONS, parsed, said, {"1:1001": "Completed"}, seen_at=NOON, version=2)] == []


def test_a_first_value_is_no_change_and_a_later_one_is(archive: Archive) -> None:
    put(archive, rows(3, **SILENT))
    assert archive.evidence()[PARTITION].joined_at is None
    assert [day.lacks_statuses for day in archive.coverage(start=DAY, end=DAY, now=NOON)] == [True]
    assert join(archive, n1="Completed", n2="Incomplete") == []
    assert archive.evidence()[PARTITION].joined_at == NOON
    assert [day.lacks_statuses for day in archive.coverage(start=DAY, end=DAY, now=NOON)] == [False]
    assert join(archive, NOON + HOUR, n1="Completed", n2="Voided", n3="Completed") == [
        ("2:1001", "transaction_status", '"Incomplete"', '"Voided"')
    ]
    assert statuses(archive) == ["Completed", "Voided", "Completed"]
    assert join(archive, NOON + 2 * HOUR, n2=None) == [("2:1001", "transaction_status", '"Voided"', "null")]
    assert statuses(archive) == ["Completed", None, "Completed"], "a row that is not named keeps what it has"
    assert archive.sql("SELECT id, version FROM changes ORDER BY version").fetchall() == [("2:1001", 2), ("2:1001", 3)]
    assert archive.check() == []


def test_rows_that_came_with_a_value_need_no_list_and_those_that_come_again_do(archive: Archive) -> None:
    put(archive, rows(2))
    assert archive.evidence()[PARTITION].joined_at == NOON
    put(archive, rows(2, **SILENT), at=NOON + HOUR)
    assert archive.evidence()[PARTITION].joined_at is None


def test_a_list_that_did_not_come_whole_leaves_the_day_due(archive: Archive) -> None:
    put(archive, rows(2, **SILENT))
    join(archive, whole=False, n1="Completed")
    assert statuses(archive) == ["Completed", None]
    assert archive.evidence()[PARTITION].joined_at is None


def test_whatever_rewrites_a_file_takes_the_values_over(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    put(archive, rows(3, **SILENT))
    join(archive, n1="Completed", n2="Voided")
    expected = ["Completed", "Voided", None]
    put(archive, rows(3, **SILENT), at=NOON + HOUR)
    assert statuses(archive) == expected, "a second reading"
    put(archive, rows(2, first=3, **SILENT), at=NOON + HOUR, proved=False)
    assert statuses(archive) == expected, "a reading that is not proved"
    with archive.writing() as writer:
        writer.doubt(PARTITION, "why", difference="abc")
    assert statuses(archive) == expected, "a doubt"
    assert archive.evidence()[PARTITION].difference == "abc"
    put(archive, rows(3, **SILENT), at=NOON + HOUR)
    assert archive.evidence()[PARTITION].difference == "abc", "so that the same difference is known again"
    for module in ("evidence", "writer", "store", "layouts"):
        monkeypatch.setattr(f"sonnys_data_client.archive.{module}.LAYOUT", 4)
    assert archive.compact().rewritten == [PARTITION]
    assert statuses(archive) == expected, "another layout"


def test_rows_in_quarantine_stay_there(archive: Archive) -> None:
    put(archive, [*rows(1, **SILENT), {"id": "9:1001", "total": "?"}])
    join(archive, n1="Completed")
    assert archive.sql("SELECT count(*) FROM quarantine").fetchall() == [(1,)]
    found = archive.evidence()[PARTITION]
    assert (found.rows, found.quarantined) == (1, 1)
    assert archive.check() == []


def test_a_row_that_leaves_quarantine_makes_the_day_due_for_values(archive: Archive) -> None:
    put(archive, rows(1, **SILENT))
    join(archive, n1="Completed")
    with archive.writing() as writer:
        parsed = UnparsedRow(encode(rows(1, first=2, **SILENT)[0]), "an earlier version could not parse it")
        PartitionStore(LocalFiles(Path(archive.address))).write_quarantine(PARTITION, [parsed])
        writer.doubt(PARTITION, "why")
    assert statuses(archive) == ["Completed", None]
    assert archive.evidence()[PARTITION].joined_at is None


def test_a_day_that_is_not_there_cannot_be_given_values(archive: Archive) -> None:
    with archive.writing() as writer, pytest.raises(ArchiveError, match="transactions of main on 2026-03-09 is not in"):
        writer.join(Partition("transactions", "main", DAY), {}, NOON)


def test_a_kill_between_the_log_and_the_day_leaves_the_old_day(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(archive, rows(2, **SILENT))
    join(archive, n1="Completed", n2="Completed")

    class Killed(BaseException):
        """Nothing catches it."""

    publish = LocalFiles.publish

    def killed(files: LocalFiles, made: Path, name: str) -> None:
        if name == PARTITION.name:
            raise Killed
        publish(files, made, name)

    monkeypatch.setattr(LocalFiles, "publish", killed)
    with pytest.raises(Killed):
        join(archive, NOON + HOUR, n1="Voided")
    monkeypatch.setattr(LocalFiles, "publish", publish)
    assert statuses(archive) == ["Completed", "Completed"]
    assert len(join(archive, NOON + HOUR, n1="Voided")) == 1
    assert archive.sql("SELECT id, version FROM changes").fetchall() == [("1:1001", 3)], "logged once"
