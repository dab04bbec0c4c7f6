"""Files: whole or not at all, and the two agree with the rows and with one another."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import duckdb
import pytest

from sonnys_data_client.cli.demo.files import beside, columns_of, write_rows
from sonnys_data_client.models import TransactionJobItem, parse_rows
from tests.cli.demo.rows import some_rows


def query(sql: str, file: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        return database.execute(sql.replace("FILE", "read_parquet($1)"), [str(file)]).fetchall()


def test_columns_are_the_model_s_names_with_types() -> None:
    columns = columns_of(TransactionJobItem)
    assert columns["completeDate"] == "TIMESTAMP WITH TIME ZONE"
    assert columns["total"] == "DECIMAL(18,2)"
    assert columns["isPrepaidSale"] == "BOOLEAN"
    assert columns["number"] == "BIGINT"
    assert columns["type"] == columns["customerName"] == "VARCHAR"
    assert columns["tenders"].startswith('STRUCT("tender" VARCHAR, "tenderSubType" VARCHAR, "amount" DECIMAL(18,2)')
    assert columns["tenders"].endswith(")[]")


def test_the_json_holds_everything_and_reads_back_as_the_same_rows(tmp_path: Path) -> None:
    rows = some_rows()
    ndjson, _ = write_rows(rows, tmp_path, "day")
    raw = [json.loads(line) for line in ndjson.read_text(encoding="utf-8").splitlines()]
    assert parse_rows(TransactionJobItem, raw, method="GET", path="/") == rows
    assert raw[0]["total"] == "16.05"
    assert raw[1]["novelty"] == {"a": 1}


def test_the_parquet_has_typed_and_nested_columns(tmp_path: Path) -> None:
    _, parquet = write_rows(some_rows(), tmp_path, "day")
    types = {name: kind for name, kind, *_ in query("DESCRIBE SELECT * FROM FILE", parquet)}
    assert types["completeDate"] == "TIMESTAMP WITH TIME ZONE"
    assert types["total"] == "DECIMAL(18,2)"
    assert set(columns_of(TransactionJobItem)) == types.keys()
    assert query(
        "SELECT completeDate, total, tenders[2].total, items[1].name, discount[1].discount FROM FILE", parquet
    ) == [
        (datetime(2026, 6, 1, 15, 30, 0, 250_000, UTC), Decimal("16.05"), Decimal("6.00"), "Wash", Decimal("0.10")),
        (datetime(2026, 6, 1, 16, tzinfo=UTC), Decimal("-0.01"), None, None, None),
    ]
    assert query("SELECT type, customerName FROM FILE WHERE number IS NULL", parquet) == [("Swap", "Zoë\nO'Hara")]


def test_no_rows_are_two_files_too(tmp_path: Path) -> None:
    ndjson, parquet = write_rows([], tmp_path, "day")
    assert ndjson.read_text() == ""
    assert query("SELECT count(*) FROM FILE", parquet) == [(0,)]


def test_a_directory_may_be_called_anything(tmp_path: Path) -> None:
    odd = tmp_path / "it's [a] *?"
    odd.mkdir()
    write_rows(some_rows(), odd, "day")
    assert sorted(path.name for path in odd.iterdir()) == ["day.ndjson", "day.parquet"]


def test_what_is_there_is_replaced_whole_or_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "file"
    target.write_text("old")
    with pytest.raises(TypeError, match="data must be str"), beside(target) as part:
        part.write_text(cast("str", 7))
    assert target.read_text() == "old"
    with beside(target) as part:
        part.write_text("new")
        assert target.read_text() == "old"
    assert target.read_text() == "new"
    assert list(tmp_path.iterdir()) == [target]
