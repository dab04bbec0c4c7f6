"""The views: one for each table and each list inside a row, whatever files there are."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.tables import TABLES
from sonnys_data_client.archive.view_queries import VIEWS
from tests.archive.rig import PARTITION, archive_at, file_of, put, rows


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    archive = archive_at(tmp_path)
    put(archive, rows(3))
    put(archive, [rows(4)[3]], replace(PARTITION, account="other"))
    return archive


@pytest.mark.parametrize(
    ("view", "count", "columns"),
    [
        ("transaction_items", 8, {"trans_id", "position", "name", "net", "business_date", "location_code"}),
        ("transaction_tenders", 4, {"trans_id", "amount", "tender_sub_type", "date"}),
        ("transaction_discounts", 4, {"trans_id", "discount_code", "applied_to_item_name"}),
    ],
)
def test_the_lists_inside_a_row_have_views_of_their_own(
    archive: Archive, view: str, count: int, columns: set[str]
) -> None:
    answer = archive.table(view)
    assert columns <= set(answer.columns)
    assert len(answer.fetchall()) == count


def test_no_view_has_two_columns_of_one_name(archive: Archive) -> None:
    for view in VIEWS:
        columns = archive.table(view).columns
        assert len(columns) == len(set(columns)), view
    query = "SELECT DISTINCT tender, type, transaction_status FROM transaction_tenders"
    assert archive.sql(query).fetchall() == [("Credit", "Sale", "Completed")]


def test_positions_follow_the_api(archive: Archive) -> None:
    query = "SELECT position, name FROM transaction_items WHERE trans_id = '1:1001' ORDER BY position"
    assert archive.sql(query).fetchall() == [(1, "Basic Wash"), (2, "Air freshener")]


def test_every_view_answers_before_anything_was_written(tmp_path: Path) -> None:
    archive = archive_at(tmp_path)
    with archive.writing():
        pass
    for view in VIEWS:
        answer = archive.table(view)
        assert answer.fetchall() == []
        assert {"account", "date"} <= set(answer.columns)


def test_there_is_a_view_for_every_table_and_part() -> None:
    views = set(VIEWS)
    assert views >= {"changes", "quarantine", *TABLES}
    assert all(set(table.parts) <= views for table in TABLES.values())


def test_a_file_of_an_earlier_layout_has_nothing_in_the_columns_that_came_later(archive: Archive) -> None:
    path = file_of(archive)
    answer = archive.sql("FROM transactions", allow_outside=True)
    answer.relation.filter("account = 'main'").project("id, total, raw").write_parquet(str(path.with_suffix(".old")))
    path.with_suffix(".old").replace(path)
    query = "SELECT id, total::DECIMAL(9, 2), transaction_status FROM transactions ORDER BY number NULLS FIRST, id"
    assert archive.sql(query).fetchall()[0] == ("1:1001", Decimal("21.36"), None)
    assert archive.sql("SELECT count(*) FROM transaction_items").fetchall() == [(2,)]
