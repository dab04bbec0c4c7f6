"""Names that other tools would take for values are refused, and those of earlier versions stay."""

from __future__ import annotations

from pathlib import Path

import duckdb
import polars as pl
import pytest

from sonnys_data_client.archive.account_names import check_new_account, looks_like_value
from sonnys_data_client.errors import ValidationError

VALUES = ["001", "1e5", "inf", "2026-11-01", "NaN", "True", "null", "None", "infinity", "0x1f", "12.5", "epoch"]
NAMES = ["main", "acme-2", "e5", "information", "north.1", "nancy", "T800"]


@pytest.mark.parametrize("name", VALUES)
def test_a_new_name_that_looks_like_a_value_is_refused_and_an_old_one_is_not(name: str) -> None:
    assert looks_like_value(name)
    check_new_account(name, [name])
    with pytest.raises(ValidationError, match="letter") as caught:
        check_new_account(name, ["main"])
    assert caught.value.parameter == "account"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_that_passes_is_a_text_for_every_tool(name: str, tmp_path: Path) -> None:
    check_new_account(name, [])
    folder = tmp_path / f"account={name}" / "date=2026-03-09"
    folder.mkdir(parents=True)
    pattern = f"{tmp_path}/*/*/data.parquet"
    with duckdb.connect() as database:
        database.sql("SELECT 1 AS one").write_parquet(f"{folder}/data.parquet")
        found = database.read_parquet(pattern, hive_partitioning=True).project("account").fetchall()
    assert found == [(name,)]
    assert pl.scan_parquet(pattern, hive_partitioning=True).collect()["account"].to_list() == [name]
