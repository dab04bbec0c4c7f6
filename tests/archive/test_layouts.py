"""Files of layout 1, of layout 2 and of both answer alike, under the names of today."""

from __future__ import annotations

import json
import shutil
import uuid
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.columns import SIDE_COLUMNS, columns_in, columns_of, columns_within, quoted
from sonnys_data_client.archive.evidence import LAYOUT, Evidence, day_end
from sonnys_data_client.archive.files import files_at
from sonnys_data_client.archive.landed import Landed
from sonnys_data_client.archive.layouts import RENAMED, select
from sonnys_data_client.archive.mark import Mark
from sonnys_data_client.archive.merge import PartitionRead
from sonnys_data_client.archive.rows import encode_rows, read_text
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import HISTORY, LOCAL_TIME, TABLES, TRANSACTIONS, WEB_SHOP
from sonnys_data_client.archive.view_queries import VIEWS, view_queries
from sonnys_data_client.archive.writer import Writer
from sonnys_data_client.errors import ArchiveError
from sonnys_data_client.types import Record, parse_one
from tests.archive.rig import CALENDARS, file_of, put, rows

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp()
DAY = Partition("transactions", "main", date(2026, 3, 29))
NEXT = replace(DAY, day=date(2026, 3, 30))
MOVED = "73970300025:3"
_COUNTED = {
    "transactions": 37,
    "sites": 8,
    "items": 12,
    "employees": 12,
    "customers": 12,
    "giftcards": 12,
    "washbooks": 6,
    "recurring_accounts": 12,
    "recurring_modifications": 12,
    "status_changes": 2,
    "clock_entries": 26,
    "sales_outcomes": 19,
    "transaction_items": 37,
    "transaction_tenders": 37,
    "transaction_discounts": 37,
    "changes": 19,
    "quarantine": 3,
}
COUNTS = _COUNTED | {f"{name}{HISTORY}": _COUNTED[name] for name, table in TABLES.items() if table.kind == "snapshots"}
"""Rows of each view, as the version that wrote the archive counted them."""

EVERYTHING = " UNION ALL ".join(f"(FROM {view} AS one SELECT '{view}', one::VARCHAR)" for view in VIEWS)
"""All rows of all views, as text with the columns' names."""

Rows = list[tuple[str, str]]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """An archive as the version before wrote it."""
    shutil.copytree(Path(__file__).parent / "layout1" / "archive", tmp_path / "archive")
    return Archive(tmp_path / "archive")


def everything(archive: Archive) -> Rows:
    """All rows of all views, each with its view's name."""
    return archive.sql(f"{EVERYTHING} ORDER BY ALL").fetchall()


def evidence_of(archive: Archive) -> dict[Partition, Evidence]:
    """What is known of each partition."""
    return {partition: found for name in TABLES for partition, found in archive.evidence(name).items()}


def mark_of(archive: Archive) -> dict[str, int]:
    """What `archive.json` says."""
    said: dict[str, int] = json.loads(Path(archive.address, "archive.json").read_text())
    return said


def layouts_of(archive: Archive) -> set[int]:
    """The layouts that an archive's partitions have."""
    return {found.written_by for found in evidence_of(archive).values()}


def partitions_of(archive: Archive, table: str) -> list[Partition]:
    """A table's partitions."""
    return list(archive.evidence(table))


def rewrite(writer: Writer, partitions: list[Partition]) -> None:
    """Write partitions again as they are, in the layout of today."""
    for partition in partitions:
        writer._rewrite(partition, lambda known: known)


def put_on(archive: Archive, partition: Partition, raw: list[dict[str, Any]]) -> Landed:
    """Put a new reading of a day away, as the next sync does."""
    end, at = day_end(partition.day), NOON + 30 * 3600
    with archive.writing() as writer:
        return writer.put(
            partition, PartitionRead(encode_rows(TRANSACTIONS, raw, CALENDARS), len(raw), end, at, at), CALENDARS
        )


def raws_of(archive: Archive, partition: Partition) -> list[str]:
    """The raw rows of a partition."""
    query = f"SELECT raw FROM {partition.table} WHERE account = ? AND date = ? ORDER BY raw"  # noqa: S608
    return [raw for (raw,) in archive.sql(query, [partition.account, partition.day]).fetchall()]


def in_columns(value: Any) -> Any:
    """A value of a model as its column shows it."""
    if isinstance(value, Record):
        return {name: in_columns(getattr(value, name)) for name in columns_of(type(value))}
    if isinstance(value, tuple):
        return [in_columns(part) for part in value]
    if isinstance(value, Decimal):
        return value.quantize(Decimal("0.0001"))
    return str(value) if isinstance(value, str) else value


@pytest.mark.parametrize("table", TABLES)
def test_renaming_is_all_that_changed(archive: Archive, table: str) -> None:
    with duckdb.connect() as database:
        files = str(Path(archive.address, table, "*", "*", "*.parquet"))
        found = database.execute("SELECT * EXCLUDE (account, date) FROM read_parquet(?)", [files]).description
    renamed = RENAMED.get(table, {})
    today = [name for name in columns_in(TABLES[table]) if name not in {LOCAL_TIME, "hour"}]
    assert [renamed.get(name, name) for name, *_ in found] == today


def test_no_old_name_is_the_name_of_another_column_today() -> None:
    for place, names in RENAMED.items():
        table, _, column = place.partition(".")
        model = TABLES[table].record
        today: Mapping[str, str] = columns_within(model, column) if column else columns_of(model)
        assert set(names.values()) <= set(today), place
        assert not set(names) & set(today), place
        assert len(set(names.values())) == len(names), place


@pytest.mark.parametrize("table", TABLES)
def test_the_columns_of_old_files_say_what_their_raw_rows_say(archive: Archive, table: str) -> None:
    names = list(columns_of(TABLES[table].record))
    answer = archive.sql(f"SELECT raw, {', '.join(map(quoted, names))} FROM {table}")  # noqa: S608
    found = answer.fetchall()
    assert len(found) == COUNTS[table]
    for raw, *columns in found:
        row = parse_one(TABLES[table].record, read_text(raw), method="-", path="-")
        named = {code: getattr(row, code) or WEB_SHOP for code in TABLES[table].codes}
        assert dict(zip(names, columns, strict=True)) == in_columns(row) | named


@pytest.mark.parametrize("view", VIEWS)
def test_a_view_has_the_same_columns_over_files_of_any_layout(archive: Archive, tmp_path: Path, view: str) -> None:
    new = Archive(tmp_path / "new")
    with new.writing():
        pass
    old, empty = archive.table(view), new.table(view)
    assert (old.columns, old.relation.types) == (empty.columns, empty.relation.types)


@pytest.mark.parametrize("share", [0, 1, 3])
def test_compacting_changes_the_layout_and_no_answer(archive: Archive, share: int) -> None:
    before, known, doubtful = everything(archive), evidence_of(archive), archive.doubtful()
    assert Counter(view for view, _ in before) == COUNTS
    assert doubtful == {DAY: [MOVED]}
    again = [partition for number, partition in enumerate(known) if number % 3 < share]
    with archive.writing() as writer:
        rewrite(writer, again)
    assert layouts_of(archive) == {0: {1}, 1: {1, LAYOUT}, 3: {LAYOUT}}[share]
    assert mark_of(archive) == {"format": 3, "oldest_layout": 1}
    assert (everything(archive), archive.doubtful()) == (before, doubtful)

    assert set(archive.compact().rewritten) == set(known) - set(again)
    assert layouts_of(archive) == {LAYOUT}
    assert mark_of(archive) == {"format": 3, "oldest_layout": LAYOUT}
    assert (everything(archive), archive.doubtful()) == (before, doubtful)
    assert evidence_of(archive) == {partition: replace(found, written_by=LAYOUT) for partition, found in known.items()}
    assert [str(problem) for problem in archive.check() if not problem.too_open] == [
        f"{DAY.name} has 1 row that another day has too"  # which is so in the archive of layout 1
    ]
    assert list(archive.compact().rewritten) == []


def test_quantities_of_any_layout_are_decimals() -> None:
    columns = columns_in(TRANSACTIONS)
    fields = columns_within(TRANSACTIONS.record, "items")
    whole = ", ".join(f"{quoted(name)} := NULL::{kind}" for name, kind in fields.items() if name != "quantity")
    found: dict[str, list[tuple[Any, ...]]] = {}
    for layout, quantity in ((2, "3::BIGINT"), (2, f"{10**18}::BIGINT"), (LAYOUT, "0.5::DECIMAL(18, 4)")):
        source = f"(SELECT [struct_pack({whole}, quantity := {quantity})] AS items)"
        query = select("transactions", {"items": columns["items"]}, source, oldest=layout)
        with duckdb.connect() as database:
            answer = database.sql(query).project("items[1].quantity AS quantity, typeof(quantity)")
            found[quantity] = answer.fetchall()
    assert found == {
        "3::BIGINT": [(Decimal(3), "DECIMAL(18,4)")],
        f"{10**18}::BIGINT": [(None, "DECIMAL(18,4)")],
        "0.5::DECIMAL(18, 4)": [(Decimal("0.5"), "DECIMAL(18,4)")],
    }


def test_files_of_layout_2_need_no_old_names() -> None:
    query = select("transactions", columns_in(TRANSACTIONS), "x", oldest=2)
    assert "coalesce" not in query
    assert query.count("FOR part IN") == query.count("TRY_CAST") == 1
    log = select("changes", SIDE_COLUMNS["changes"], "x", oldest=2)
    assert "CASE" not in log


def test_reading_changes_nothing(archive: Archive) -> None:
    before = {path: path.read_bytes() for path in Path(archive.address).rglob("*.*") if ".work" not in path.parts}
    everything(archive)
    archive.check()
    archive.coverage(now=NOON)
    assert before == {path: path.read_bytes() for path in before}
    assert mark_of(archive) == {"format": 1}


def test_old_entries_of_the_change_log_have_the_names_of_today(archive: Archive) -> None:
    query = "SELECT field, before, after FROM changes WHERE account = 'main' AND before[:1] <> '{' ORDER BY field"
    found = {field: (json.loads(before), json.loads(after)) for field, before, after in archive.sql(query).fetchall()}
    assert list(found) == ["complete_date", "discount", "tenders", "total", "transaction_status", "waterLitres"]
    assert found["transaction_status"] == (None, "Voided")
    (before,), (after,) = found["tenders"]
    assert (before["tender"], before["tender_sub_type"], after["tender"]) == ("Prepaid", "LPR", "Cash")
    assert "type" not in before
    (before,), (after,) = found["discount"]
    assert (before["discount_name"], before["discount_code"]) == ("Plan Wash", "90010001")
    assert (after["discount_name"], after["discount_amount"]) == ('Say "type": twice', "1.00")
    assert set(before) == set(columns_within(TRANSACTIONS.record, "discount"))


def test_a_field_of_the_api_that_is_called_like_an_old_column_keeps_its_name(archive: Archive) -> None:
    raw = [read_text(text) for text in raws_of(archive, NEXT)]
    put_on(archive, NEXT, [{**raw[0], "status": "new"}, *raw[1:]])
    query = "SELECT field, after FROM changes WHERE account = 'main' AND date = ? AND version = 3"
    assert archive.sql(query, [NEXT.day]).fetchall() == [("status", '"new"')]


def test_the_next_sync_compares_a_day_with_what_layout_1_had_of_it(archive: Archive) -> None:
    raw = [read_text(text) for text in raws_of(archive, NEXT)]
    landed = put_on(archive, NEXT, raw)
    assert (landed.rows, landed.changes) == (13, [])
    assert archive.evidence()[NEXT].written_by == LAYOUT
    log = (
        "SELECT id, field, before, after, seen_at, version FROM changes "
        "WHERE account = 'main' AND date = ? AND \"table\" = 'transactions' ORDER BY ALL"
    )
    before = archive.sql(log, [DAY.day]).fetchall()
    raw = [read_text(text) for text in raws_of(archive, DAY)]
    raw[3] = {**raw[3], "transactionStatus": "Completed"}
    ((unparsed,),) = archive.sql("SELECT raw FROM quarantine WHERE account = 'main' AND date = ?", [DAY.day]).fetchall()
    landed = put_on(archive, DAY, [*raw, read_text(unparsed)])
    assert [(change.id, change.field) for change in landed.changes] == [(raw[3]["id"], "transaction_status")]
    after = archive.sql(log, [DAY.day]).fetchall()
    assert [entry for entry in after if entry[-1] < 4] == before
    assert len(after) == len(before) + 1


def test_a_tool_gets_the_same_answers_from_the_views(archive: Archive) -> None:
    def asked() -> Rows:
        with duckdb.connect(str(Path(archive.address, "archive.duckdb")), read_only=True) as database:
            database.execute("SET TimeZone = 'UTC'")
            return database.execute(f"{EVERYTHING} ORDER BY ALL").fetchall()

    before = everything(archive)
    archive.write_views()
    assert asked() == before
    with archive.writing() as writer:
        rewrite(writer, [DAY, *partitions_of(archive, "recurring_accounts")])
    assert asked() == before, "nobody has written the views again"
    archive.compact()
    assert asked() == before


def test_views_with_the_old_names_are_replaced_before_a_file_of_the_new_layout_is_there(archive: Archive) -> None:
    path = Path(archive.address, "archive.duckdb")
    files = str(Path(archive.address, "transactions", "*", "*", "*.parquet"))
    with duckdb.connect(str(path)) as database:
        database.execute(f"CREATE VIEW transactions AS SELECT completed_at FROM read_parquet('{files}')")  # noqa: S608
    with archive.writing(), duckdb.connect(str(path), read_only=True) as database:
        assert database.execute("SELECT count(complete_date) FROM transactions").fetchall() == [(37,)]


def test_an_archive_without_older_files_gets_plain_queries(archive: Archive) -> None:
    paths = {name: ["*.parquet"] for name in VIEWS.values()}
    plain, careful = view_queries(paths, Mark()), view_queries(paths, Mark(oldest_layout=1))
    assert not any("coalesce" in query or "CASE" in query or " FOR part IN " in query for query in plain.values())
    assert "completed_at" in careful["transactions"]
    assert "completed_at" not in plain["transactions"]
    assert select("quarantine", SIDE_COLUMNS["quarantine"], "x", oldest=LAYOUT).startswith("SELECT ")
    new = Archive(Path(archive.address).parent / "new")
    put(new, rows(1))
    assert mark_of(new) == {"format": 3, "oldest_layout": LAYOUT}


def test_an_archive_that_has_lost_its_mark_may_have_files_of_any_layout(archive: Archive) -> None:
    before = everything(archive)
    Path(archive.address, "archive.json").unlink()
    with archive.writing():
        pass
    assert mark_of(archive) == {"format": 3, "oldest_layout": 1}
    assert everything(archive) == before


@pytest.mark.parametrize("name", [DAY.name, DAY.beside("changes").name])
def test_an_old_file_that_comes_from_a_backup_is_found_and_read(archive: Archive, name: str) -> None:
    before, path = everything(archive), Path(archive.address, name)
    old = path.read_bytes()
    archive.compact()
    path.write_bytes(old)
    assert f"{name} has an older layout than archive.json says" in map(str, archive.check())
    archive.repair()
    assert mark_of(archive) == {"format": 3, "oldest_layout": 1}
    assert everything(archive) == before
    archive.compact()
    assert mark_of(archive) == {"format": 3, "oldest_layout": LAYOUT}
    assert everything(archive) == before


def test_a_damaged_file_may_have_any_layout(archive: Archive) -> None:
    file_of(archive, NEXT).write_bytes(b"rubbish")
    shutil.rmtree(Path(archive.address, ".work"))
    with pytest.raises(ArchiveError, match="archive check"):
        archive.compact()
    assert mark_of(archive) == {"format": 3, "oldest_layout": 1}
    archive.repair()
    assert mark_of(archive) == {"format": 3, "oldest_layout": LAYOUT}
    file_of(archive, DAY.beside("changes")).write_bytes(b"rubbish")
    with pytest.raises(ArchiveError, match="is damaged"):
        archive.compact()


def test_an_archive_elsewhere_is_read_and_compacted_alike(archive: Archive) -> None:
    before, here, there = everything(archive), Path(archive.address), files_at(f"memory://{uuid.uuid4().hex}/archive")
    for path in (path for path in here.rglob("*") if path.is_file()):
        there.publish(Path(shutil.copy(path, there.scratch())), path.relative_to(here).as_posix())
    far = Archive(there)
    assert everything(far) == before
    far.compact()
    assert everything(far) == before
    assert layouts_of(far) == {LAYOUT}
