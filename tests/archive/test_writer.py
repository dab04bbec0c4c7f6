"""What a reading changes in an archive."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.changes import ACCEPTED, ROW
from sonnys_data_client.archive.evidence import day_end, day_start
from sonnys_data_client.archive.files import LocalFiles
from sonnys_data_client.archive.ledger import Ledger
from sonnys_data_client.archive.rows import Calendars
from sonnys_data_client.archive.store import Partition, PartitionStore
from sonnys_data_client.engine.rows import decode_rows
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.errors import ArchiveDamagedError, ArchiveError
from tests.archive.rig import CALENDARS, DAY, NOON, PARTITION, archive_at, file_of, ids, put, reading, rows, texts

MIDDAY = day_start(DAY) + DAY_S // 2
HOUR = 3600


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    return archive_at(tmp_path)


def log(archive: Archive) -> list[tuple[Any, ...]]:
    return archive.sql("SELECT id, field, version FROM changes ORDER BY ALL").fetchall()


def test_a_reading_is_stored_with_its_evidence(archive: Archive) -> None:
    landed = put(archive, rows(5), source="mark")
    assert (landed.rows, landed.quarantined, landed.changes) == (5, 0, [])
    (found,) = archive.evidence().values()
    assert (found.rows, found.total, found.version, found.source) == (5, 5, 1, "mark")
    assert (found.proved_first, found.proved_last, found.through) == (NOON, NOON, day_end(DAY))
    assert ids(archive) == [f"{n}:1001" for n in range(1, 6)]


def test_the_same_reading_again_changes_nothing_but_proves_it_twice(archive: Archive) -> None:
    put(archive, rows(5), at=NOON)
    assert put(archive, rows(5), at=NOON + HOUR).changes == []
    (found,) = archive.evidence().values()
    assert (found.proved_first, found.proved_last, found.version) == (NOON, NOON + HOUR, 2)


def test_late_edits_additions_and_removals_are_logged_and_nothing_else(archive: Archive) -> None:
    put(archive, rows(5))
    edited = [row for row in rows(6) if row["number"] != 2]
    edited[2]["transactionStatus"] = "Voided"
    landed = put(archive, edited, at=NOON + HOUR)
    assert [(change.id, change.field) for change in landed.changes] == [
        ("2:1001", ROW),
        ("4:1001", "transaction_status"),
        ("6:1001", ROW),
    ]
    assert log(archive) == [("2:1001", ROW, 2), ("4:1001", "transaction_status", 2), ("6:1001", ROW, 2)]
    assert ids(archive) == [f"{n}:1001" for n in (1, 3, 4, 5, 6)]
    (found,) = archive.evidence().values()
    assert found.proved_first == NOON + HOUR, "other ids: the first proof was too early"


def test_the_log_grows_from_reading_to_reading(archive: Archive) -> None:
    put(archive, rows(2))
    put(archive, rows(2, transactionStatus="Voided"))
    put(archive, rows(2))
    assert [version for _, _, version in log(archive)] == [2, 3, 2, 3]


def test_rows_of_a_part_of_the_day_that_was_not_read_yet_are_not_logged(archive: Archive) -> None:
    assert put(archive, rows(3), through=day_start(DAY) + 4 * 60).changes == []
    landed = put(archive, [*rows(9), *rows(1, first=60)])
    assert [change.id for change in landed.changes] == [], "rows 4 to 9 were sold after minute 4"
    late = put(archive, [*rows(10), *rows(1, first=60)], at=NOON + HOUR)
    assert [change.id for change in late.changes] == ["10:1001"]


def test_a_reading_with_gaps_takes_no_row_away_and_proves_nothing(archive: Archive) -> None:
    put(archive, rows(5), proved=False, gaps=["its job failed"])
    landed = put(archive, rows(3, first=4, transactionStatus="Voided"), proved=False, gaps=["its job failed"])
    assert landed.rows == 7 - 1
    assert ids(archive) == [f"{n}:1001" for n in range(1, 7)]
    statuses = archive.sql("SELECT transaction_status, count(*) FROM transactions GROUP BY ALL ORDER BY ALL").fetchall()
    assert statuses == [("Completed", 3), ("Voided", 3)]
    (found,) = archive.evidence().values()
    assert (found.proved_last, found.gaps) == (None, ("its job failed",))


def test_a_reading_with_gaps_does_not_change_a_day_that_is_proved(archive: Archive) -> None:
    put(archive, rows(5))
    before = file_of(archive).read_bytes()
    landed = put(archive, rows(2), proved=False, gaps=["its job failed"])
    assert (landed.rows, list(landed.gaps)) == (5, ["its job failed"])
    assert file_of(archive).read_bytes() == before


def test_rows_that_fill_a_gap_are_not_logged(archive: Archive) -> None:
    put(archive, rows(3), proved=False, gaps=["its job failed"])
    assert put(archive, rows(5)).changes == []


def test_rows_that_cannot_be_parsed_are_counted_and_kept_raw(archive: Archive) -> None:
    many = rows(4)
    many[1]["total"] = "abc"
    many[2]["total"] = 10**15
    landed = put(archive, many)
    assert (landed.rows, landed.quarantined) == (2, 2)
    kept = archive.sql('SELECT raw, reason FROM quarantine WHERE "table" = ? ORDER BY reason', ["transactions"])
    assert [raw for raw, _ in kept.fetchall()] == texts([many[1], many[2]])
    assert put(archive, rows(4)).quarantined == 0
    assert archive.table("quarantine").fetchall() == []


def test_values_that_cannot_be_parsed_are_counted_and_cost_no_row(archive: Archive) -> None:
    many = rows(3, items=[{"quantity": "many"}, {"quantity": 1}])
    many[1]["number"] = "E-1001"
    counts = {"items.quantity": 3, "number": 1}
    landed = put(archive, many)
    assert (landed.rows, landed.quarantined, landed.unparsed_values) == (3, 0, counts)
    assert archive.evidence()[PARTITION].unparsed_values == counts
    assert next(iter(archive.coverage(start=DAY, end=DAY))).unparsed_values == counts
    found = archive.sql("SELECT number, items[1].quantity, items[2].quantity, raw FROM transactions ORDER BY id")
    assert found.fetchall() == [
        (number, None, Decimal(1), text) for number, text in zip((1, None, 3), texts(many), strict=True)
    ]
    assert put(archive, many, proved=False, at=NOON + HOUR).unparsed_values == counts
    assert put(archive, rows(3)).unparsed_values == {}


def test_a_late_change_of_a_value_that_cannot_be_parsed_is_logged(archive: Archive) -> None:
    put(archive, rows(1, isPrepaidSale="Voided"))
    (change,) = put(archive, rows(1, isPrepaidSale="Void")).changes
    expected = ("(unparsed)", '{"isPrepaidSale": "Voided"}', '{"isPrepaidSale": "Void"}')
    assert (change.field, change.before, change.after) == expected


def test_a_row_that_came_twice_is_there_once_as_it_came_last(archive: Archive) -> None:
    first, last = rows(1), rows(1, transactionStatus="Voided")
    assert put(archive, [*first, *last]).rows == 1
    assert archive.sql("SELECT transaction_status FROM transactions").fetchall() == [("Voided",)]


def test_an_empty_day_is_a_partition_without_rows(archive: Archive) -> None:
    assert put(archive, []).rows == 0
    (found,) = archive.evidence().values()
    assert (found.rows, found.total) == (0, 0)
    assert ids(archive) == []


def test_reading_its_day_again_repairs_a_damaged_partition(archive: Archive) -> None:
    put(archive, rows(3))
    put(archive, rows(3, transactionStatus="Voided"))
    file_of(archive).write_bytes(b"rubbish")
    assert put(archive, rows(3)).rows == 3
    assert archive.check() == []
    assert len(log(archive)) == 3, "what was logged before stays"
    assert next(iter(archive.evidence().values())).version == 3


def test_a_change_that_a_killed_run_logged_is_logged_once(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    put(archive, rows(3))
    write = PartitionStore.write

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(PartitionStore, "write", die)
    with pytest.raises(KeyboardInterrupt):
        put(archive, rows(3, transactionStatus="Voided"))
    assert [status for (status,) in archive.sql("SELECT transaction_status FROM transactions").fetchall()] == [
        "Completed"
    ] * 3
    monkeypatch.setattr(PartitionStore, "write", write)
    put(archive, rows(3))
    assert log(archive) == [], "the change was undone before it was ever stored"
    put(archive, rows(3, transactionStatus="Voided"))
    assert [version for _, _, version in log(archive)] == [3, 3, 3]


def test_a_run_that_dies_between_partition_and_ledger_loses_nothing(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(archive, rows(3))
    with archive.writing() as writer:
        monkeypatch.setattr(
            writer._ledgers.of("main"), "record", lambda *_: (_ for _ in ()).throw(ArchiveError("full"))
        )
        with pytest.raises(ArchiveError, match="full"):
            writer.put(PARTITION, reading(rows(4)), CALENDARS)
    assert ids(archive) == [f"{n}:1001" for n in range(1, 5)]
    assert [str(problem) for problem in archive.check()] == [f"the ledger does not agree with {PARTITION.name}"]
    archive.repair()
    assert archive.check() == []


def test_a_writer_has_a_shelf_for_each_owner_and_writes_no_other_account(archive: Archive) -> None:
    other = replace(PARTITION, account="other")
    with archive.writing("main") as writer:
        writer.shelf("main").store({"hash": "h", "start": 0, "stop": 1, "submitted_at": 1.0, "owner": "main"})
        assert writer.shelf("other").live() == []
        with pytest.raises(ValueError, match="holds account main, and would write other"):
            writer.put(other, reading([*rows(1), bad(2)]), CALENDARS)
    assert archive.accounts() == []
    assert not Path(archive.address, "quarantine").exists()
    with archive.writing() as writer, pytest.raises(ValueError, match="a run of one account"):
        writer.shelf("main")


def quarantine(archive: Archive) -> list[tuple[Any, ...]]:
    return archive.sql('SELECT "table", raw FROM quarantine ORDER BY ALL').fetchall()


def bad(number: int) -> dict[str, Any]:
    """A row that cannot be parsed."""
    return {**rows(1, first=number)[0], "total": "much"}


STATUSES = Partition("status_changes", "main", DAY)


def test_tables_of_one_day_do_not_touch_one_another_s_quarantine_and_log(archive: Archive) -> None:
    put(archive, [bad(1), *rows(2, first=2)])
    put(archive, [bad(1), *rows(2, first=2, transactionStatus="Voided")])
    put(archive, [{"id": 7}], STATUSES)
    put(archive, [{"id": 8}], STATUSES)
    assert quarantine(archive) == [("status_changes", '{"id":8}'), ("transactions", texts([bad(1)])[0])]
    found = archive.sql('SELECT "table", id, field FROM changes ORDER BY ALL').fetchall()
    assert found == [
        ("status_changes", "(quarantine)", ROW),
        ("transactions", "2:1001", "transaction_status"),
        ("transactions", "3:1001", "transaction_status"),
    ]
    assert archive.check() == []


def test_what_leaves_quarantine_for_nowhere_is_kept_in_the_log(archive: Archive) -> None:
    put(archive, [bad(1), *rows(2, first=2)])
    landed = put(archive, rows(2, first=2))
    assert [(change.id, change.before, change.after) for change in landed.changes] == [
        ("(quarantine)", texts([bad(1)])[0], None)
    ]
    landed = put(archive, [bad(4), *rows(2, first=2)])
    assert landed.changes == [], "what is in quarantine is there to be seen"


def test_equal_rows_in_quarantine_are_as_many_as_came(archive: Archive) -> None:
    put(archive, [bad(1), bad(1)])
    put(archive, [bad(2), bad(2)])
    assert [raw for _, raw in quarantine(archive)] == texts([bad(2), bad(2)])
    assert archive.check() == []


def test_other_rows_in_quarantine_are_other_rows(archive: Archive) -> None:
    put(archive, [bad(1), *rows(2, first=2)])
    put(archive, [bad(4), *rows(2, first=2)], at=NOON + HOUR)
    assert archive.evidence()[PARTITION].proved_first == NOON + HOUR
    put(archive, [bad(4), *rows(2, first=2)], at=NOON + 2 * HOUR)
    assert archive.evidence()[PARTITION].proved_first == NOON + HOUR


def test_a_value_too_large_for_its_column_is_no_change_each_time(archive: Archive) -> None:
    large = {**rows(1)[0], "total": 2**70}
    for hour in range(2):
        landed = put(archive, [large, *rows(2, first=2)], at=NOON + hour * HOUR)
        assert (landed.rows, landed.quarantined, landed.changes) == (2, 1, [])
    assert archive.evidence()[PARTITION].proved_first == NOON


@pytest.mark.parametrize("step", ["write_quarantine", "write", "second write_quarantine"])
def test_a_run_that_is_killed_while_a_row_leaves_quarantine_does_not_lose_it(
    step: str, archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(archive, [bad(1), *rows(2, first=2)])
    calls = 2 if step.startswith("second") else 1
    name = step.removeprefix("second ")
    method = getattr(PartitionStore, name)

    def die(*about: Any) -> None:
        nonlocal calls
        calls -= 1
        if not calls:
            raise KeyboardInterrupt
        method(*about)

    with monkeypatch.context() as dying:
        dying.setattr(PartitionStore, name, die)
        with pytest.raises(KeyboardInterrupt):
            put(archive, rows(3))
    there = ids(archive)
    assert "1:1001" in there or quarantine(archive), "it is in one of the two"
    put(archive, rows(3))
    assert (ids(archive), quarantine(archive)) == (["1:1001", "2:1001", "3:1001"], [])
    assert archive.check() == []


def test_a_file_that_cannot_be_read_for_now_is_not_taken_for_damaged(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(archive, rows(5))
    before = file_of(archive).read_bytes()

    def out_of_memory(*_: Any) -> None:
        raise duckdb.OutOfMemoryException("no memory left")

    with archive.writing() as writer:
        monkeypatch.setattr(writer._store, "_database", SimpleNamespace(execute=out_of_memory, close=lambda: None))
        with pytest.raises(ArchiveError, match="cannot be read now") as raised:
            writer.put(PARTITION, reading(rows(1), proved=False), CALENDARS)
    assert not isinstance(raised.value, ArchiveDamagedError)
    assert file_of(archive).read_bytes() == before
    assert not Path(archive.address, ".work", "damaged").exists()


@pytest.mark.parametrize("table", ["changes", "quarantine"])
def test_a_damaged_log_or_quarantine_does_not_stop_a_reading(table: str, archive: Archive) -> None:
    put(archive, [bad(1), *rows(2, first=2)])
    put(archive, [bad(1), *rows(2, first=2, transactionStatus="Voided")])
    file_of(archive, PARTITION.beside(table)).write_bytes(b"rubbish")
    put(archive, [bad(1), *rows(2, first=2)])
    assert archive.check() == []
    assert len(list(Path(archive.address, ".work", "damaged").iterdir())) == 1


def test_business_dates_are_the_same_when_a_partition_is_written_again(archive: Archive) -> None:
    last = rows(1)[0]
    denver = Calendars({}, ZoneInfo("America/Denver"))  # where the clock was put forward the day before
    with archive.writing() as writer:
        raw = {**last, "completeDate": "2026-03-09T05:59:59.700Z"}
        writer.put(PARTITION, reading([raw], calendars=denver), denver)
        writer.doubt(PARTITION, "it is in doubt")
    assert archive.sql("SELECT business_date FROM transactions").fetchall() == [(date(2026, 3, 8),)]


def respelt(raw: Iterable[dict[str, Any]]) -> list[Any]:
    """The same rows from a server that puts spaces between values, and members in another order."""
    rows = [dict(reversed(row.items())) for row in raw]
    return decode_rows(json.dumps(rows, separators=(" , ", " : "), default=float))


def test_a_server_that_writes_the_same_rows_otherwise_changes_nothing(archive: Archive) -> None:
    good, unparsed = rows(3), [bad(7), bad(8)]
    put(archive, [*good, *unparsed])
    before = archive.evidence()[PARTITION]
    landed = put(archive, respelt([*good, *unparsed]), at=NOON + 7 * 3600)
    assert (landed.changes, landed.rows, landed.quarantined) == ([], 3, 2)
    assert archive.evidence()[PARTITION].proved_first == before.proved_first, "these are the same ids"
    assert archive.table("changes").fetchall() == []
    (raw,) = archive.sql("SELECT raw FROM transactions ORDER BY number LIMIT 1").fetchall()[0]
    assert " : " in raw, "raw is the text that came last"
    landed = put(archive, respelt([*good[:2], {**good[2], "total": 5}, *unparsed]), at=NOON + 8 * 3600)
    assert [(change.id, change.field) for change in landed.changes] == [("3:1001", "total")]


def test_rows_without_a_key_are_the_same_however_they_are_written(archive: Archive) -> None:
    event = {"washbook_account_id": "1:1", "status_date": "2026-03-09T10:00:00Z", "new_status": "Active"}
    events = [event, event, {**event, "new_status": "Suspended"}]
    put(archive, events, STATUSES)
    landed = put(archive, respelt(events), STATUSES, at=NOON + 7 * 3600)
    assert (landed.changes, landed.rows) == ([], 3)
    landed = put(archive, respelt(events[:1]), STATUSES, proved=False, through=day_end(DAY) + 1)
    assert landed.rows == 3, "a reading that is not proved removes none"
    landed = put(archive, respelt([events[0], events[2]]), STATUSES, at=NOON - 25 * 86_400)
    assert ([change.field for change in landed.changes], landed.rows) == ([ROW], 2)
    assert archive.check() == []


# -- disputes ---------------------------------------------------------------------------------------------------

CUSTOMERS = Partition("customers", "main", DAY)
A_WEEK_ON = Partition("customers", "main", date(2026, 3, 16))
SOON = NOON - 18 * DAY_S


def disputed(archive: Archive) -> Archive:
    """Put a day of 40 rows, and a reading that brings 20 of them and a new one."""
    put(archive, rows(40), at=SOON)
    landed = put(archive, [*rows(20), *rows(1, first=41)], at=SOON + HOUR)
    assert landed.dispute is not None
    assert (landed.rows, landed.dispute.held, landed.dispute.came) == (41, 40, 21)
    return archive


def test_a_disputed_reading_takes_no_row_and_what_it_brought_is_there(archive: Archive) -> None:
    disputed(archive)
    assert ids(archive) == [f"{number}:1001" for number in range(1, 42)]
    assert [(id, field) for id, field, _ in log(archive)] == [("41:1001", ROW)]
    assert [str(problem) for problem in archive.check() if not problem.disputed] == []
    (problem,) = archive.check()
    assert str(problem).startswith("transactions of main on 2026-03-09 is disputed (20 rows did not come again")


def test_a_dispute_survives_the_loss_of_the_ledger(archive: Archive) -> None:
    (before,) = disputed(archive).disputes()
    for path in Path(archive.address, ".work").glob("ledger.sqlite*"):
        path.unlink()
    assert archive.disputes() == [before]
    with archive.writing():
        pass
    assert archive.disputes() == [before]


def test_rows_that_come_again_end_a_dispute_and_the_same_rows_do_not(archive: Archive) -> None:
    disputed(archive)
    same = put(archive, [*rows(20), *rows(1, first=41)], at=SOON + 2 * HOUR).dispute
    assert same is not None
    assert (same.since, len(same.lacking)) == (SOON + HOUR, 20)
    assert put(archive, rows(41), at=SOON + 3 * HOUR).dispute is None
    assert archive.disputes() == []


def test_a_reading_with_gaps_ends_no_dispute(archive: Archive) -> None:
    disputed(archive)
    assert put(archive, rows(30), at=SOON + 2 * HOUR, proved=False, gaps=["its job failed"]).dispute is not None
    put(archive, rows(5), PARTITION, at=SOON + 2 * HOUR, proved=False, gaps=["its job failed"])
    assert len(archive.disputes()) == 1


def test_a_reading_of_more_of_the_day_with_gaps_still_shows_which_rows_are_there(archive: Archive) -> None:
    put(archive, rows(40), at=SOON, through=MIDDAY)
    put(archive, rows(20), at=SOON + HOUR, through=MIDDAY)
    landed = put(archive, rows(25, first=6), at=SOON + 2 * HOUR, proved=False, gaps=["its job failed"])
    assert landed.dispute is not None
    assert len(landed.dispute.lacking) == 10
    assert put(archive, rows(40), at=SOON + 2 * HOUR, proved=False, gaps=["its job failed"]).dispute is None


@pytest.mark.parametrize("accept", [True, False])
def test_a_decision_that_is_killed_at_any_step_can_be_made_again(accept: bool, tmp_path: Path) -> None:
    class Killed(BaseException):
        pass

    for step in range(1, 20):
        archive = disputed(archive_at(tmp_path / str(step)))
        steps = iter(range(1, 99))

        def ticking(real: Any, step: int = step, steps: Any = steps) -> Any:
            def tick(*about: Any) -> None:
                if next(steps) == step:
                    raise Killed
                real(*about)

            return tick

        with pytest.MonkeyPatch.context() as dying:
            for owner, name in (
                (LocalFiles, "publish"),
                (LocalFiles, "remove"),
                (Ledger, "record"),
                (Ledger, "forget"),
            ):
                dying.setattr(owner, name, ticking(getattr(owner, name)))
            try:
                (archive.accept if accept else archive.keep)(DAY)
                killed = False
            except Killed:
                killed = True
        kept = set(ids(archive))
        gone = {id for id, field, _ in log(archive) if field == ACCEPTED}
        assert {f"{number}:1001" for number in range(1, 42)} <= kept | gone
        (archive.accept if accept else archive.keep)(DAY)
        assert len(ids(archive)) == (21 if accept else 41)
        assert (archive.disputes(), archive.check()) == ([], [])
        assert [field for _, field, _ in log(archive)].count(ACCEPTED) == (20 if accept else 0)
        if not killed:
            assert step > 2
            return
    raise AssertionError("it takes more steps than were tried")


def customers(count: int) -> list[dict[str, Any]]:
    return [{"id": f"{number}", "customerId": f"{number}"} for number in range(count)]


def customers_on(archive: Archive, partition: Partition) -> int:
    count: int = archive.sql("SELECT count(*) FROM customers_history WHERE date = ?", [partition.day]).fetchall()[0][0]
    return count


def test_a_snapshot_that_shrinks_keeps_the_rows_of_the_one_before(archive: Archive) -> None:
    put(archive, customers(60), CUSTOMERS)
    landed = put(archive, customers(40), A_WEEK_ON)
    assert landed.dispute is not None
    assert (landed.rows, landed.dispute.held, landed.dispute.came) == (60, 60, 40)
    assert customers_on(archive, A_WEEK_ON) == 60
    archive.accept(A_WEEK_ON.day)
    assert customers_on(archive, A_WEEK_ON) == 40
    assert customers_on(archive, CUSTOMERS) == 60


def test_a_snapshot_that_shrinks_a_little_is_taken(archive: Archive) -> None:
    put(archive, customers(60), CUSTOMERS)
    assert put(archive, customers(48), A_WEEK_ON).dispute is None
    assert customers_on(archive, A_WEEK_ON) == 48


def test_what_was_kept_of_a_snapshot_is_in_the_next_one(archive: Archive) -> None:
    third = Partition("customers", "main", date(2026, 3, 23))
    put(archive, customers(60), CUSTOMERS)
    assert put(archive, [], A_WEEK_ON).dispute is not None
    archive.keep(A_WEEK_ON.day)
    landed = put(archive, customers(5), third)
    assert (landed.rows, landed.dispute) == (60, None)
    assert archive.check() == []


def test_a_snapshot_with_gaps_is_not_what_the_next_one_is_compared_with(archive: Archive) -> None:
    put(archive, customers(60), CUSTOMERS)
    put(archive, customers(3), A_WEEK_ON, proved=False, gaps=["its second page"])
    landed = put(archive, customers(5), A_WEEK_ON)
    assert landed.dispute is not None
    assert (landed.rows, landed.dispute.held) == (60, 60)


def test_an_older_snapshot_that_is_damaged_is_passed_over(archive: Archive) -> None:
    put(archive, customers(60), CUSTOMERS)
    put(archive, customers(55), A_WEEK_ON)
    file_of(archive, A_WEEK_ON).write_bytes(b"not Parquet")
    third = Partition("customers", "main", date(2026, 3, 23))
    assert put(archive, customers(5), third).rows == 60
