"""Layouts: whole, nested and flat rows, none of which leaves anything out."""

from __future__ import annotations

import json
from typing import Any, get_args
from zoneinfo import ZoneInfo

import pytest

from sonnys_data_client.archive.columns import columns_of
from sonnys_data_client.cli.show.layouts import ExportTable, Layout, file_columns, flat, known, nested, whole
from sonnys_data_client.engine.sites import SiteZones
from sonnys_data_client.types import RecurringAccount, TransactionJobItem, api_name
from tests.cli.rows import RAW, some_rows

ZONES = SiteZones({"main": ZoneInfo("America/Chicago")}, ZoneInfo("America/Denver"), {})


def rows(layout: Layout) -> list[dict[str, Any]]:
    shaped = [shaped for row in some_rows() for shaped in layout.rows(row.to_api())]
    assert all(row.keys() <= layout.columns.keys() for row in shaped) or layout.columns == whole().columns
    return shaped


def flat_rows(table: ExportTable) -> list[dict[str, Any]]:
    return rows(flat(table, ZONES))


def test_columns_are_the_model_s_names_with_types() -> None:
    columns = file_columns(TransactionJobItem)
    assert columns["completeDate"] == "TIMESTAMP WITH TIME ZONE"
    assert columns["total"] == "DECIMAL(18, 4)"
    assert columns["isPrepaidSale"] == "BOOLEAN"
    assert columns["number"] == "BIGINT"
    assert columns["type"] == columns["customerName"] == "VARCHAR"
    assert columns["tenders"].startswith('STRUCT("tender" VARCHAR, "tenderSubType" VARCHAR, "amount" DECIMAL(18, 4)')
    assert columns["tenders"].endswith(")[]")


def test_whole_is_as_the_api_has_it() -> None:
    assert rows(whole()) == [row.to_api() for row in some_rows()]


def test_nested_keeps_what_nobody_knows_in_a_column_of_its_own() -> None:
    first, second = rows(nested())
    assert first["tenders"] == some_rows()[0].to_api()["tenders"]
    assert "otherFields" not in first
    assert json.loads(second["otherFields"]) == {"novelty": {"a": 1}}
    assert second.keys() <= nested().columns.keys()


def test_what_nobody_knows_inside_a_record_is_kept_too() -> None:
    """A Parquet file has no place for it in a STRUCT, and would drop it without a word."""
    transaction = some_rows()[0].to_api()
    transaction["tenders"][1]["chip"] = "yes"
    (row,) = nested().rows(transaction)
    assert json.loads(row["otherFields"]) == {"tenders": [{}, {"chip": "yes"}]}
    detail = {"id": "1:1", "customer": {"id": "2:1", "shoeSize": 9}, "tags": [{"novelty": None}]}
    assert json.loads(known(detail, RecurringAccount)["otherFields"])["customer"] == {"shoeSize": 9}


def test_the_archive_and_files_have_the_same_types() -> None:
    for record in (TransactionJobItem, RecurringAccount):
        own = columns_of(record)
        assert [kind.partition("(")[0] for kind in file_columns(record).values()][:-1] == [
            kind.partition("(")[0] for kind in own.values()
        ]
        assert list(file_columns(record))[:-1] == [api_name(record, name) for name in own]


def test_flat_transactions_have_no_lists_and_the_site_s_own_time() -> None:
    first, second = flat_rows("transactions")
    assert (first["localTime"], first["completeDate"]) == ("2026-06-01 10:30:00", "2026-06-01T15:30:00.250Z")
    assert second["localTime"] == "2026-06-01 10:00:00", "of no site: the default zone"
    assert first.keys().isdisjoint({"items", "tenders", "discount"})
    assert json.loads(second["otherFields"]) == {"novelty": {"a": 1}}


@pytest.mark.parametrize(("table", "name"), [("items", "name"), ("tenders", "tender"), ("discounts", "discountName")])
def test_a_flat_line_says_whose_it_is(table: ExportTable, name: str) -> None:
    lines = flat_rows(table)
    raw = RAW[0][table]
    assert [line[name] for line in lines] == [part[name] for part in raw]
    assert [line["line"] for line in lines] == list(range(1, len(raw) + 1))
    for line in lines:
        assert (line["transactionId"], line["locationCode"], line["localTime"]) == (
            "12:1",
            "MAIN",
            "2026-06-01 10:30:00",
        )


def test_a_flat_line_keeps_what_nobody_knows() -> None:
    transaction = some_rows()[0].to_api()
    transaction["tenders"][0]["chip"] = "yes"
    line = next(flat("tenders", ZONES).rows(transaction))
    assert json.loads(line["otherFields"]) == {"chip": "yes"}


@pytest.mark.parametrize("table", get_args(ExportTable))
def test_a_flat_layout_names_every_column_once_and_none_nested(table: ExportTable) -> None:
    columns = flat(table, ZONES).columns
    assert [kind for kind in columns.values() if "STRUCT" in kind] == []
    assert list(columns)[-1] == "otherFields"
