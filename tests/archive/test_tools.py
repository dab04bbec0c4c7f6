"""Other tools read the folder as it is: the same types, counts and sums as `Archive.sql`, with strangers beside."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from sonnys_data_client.archive import Archive
from tests.archive.rig import PARTITION, archive_at, file_of, put, rows

pd: Any = import_module("pandas")
pa: Any = import_module("pyarrow")
pc: Any = import_module("pyarrow.compute")
ds: Any = import_module("pyarrow.dataset")

OURS = "account=*/date=*/data.parquet"
Facts = tuple[int, Decimal, set[str], set[date]]


@pytest.fixture
def archive(tmp_path: Path) -> Archive:
    """Return an archive of two accounts and two days, with what synced folders get beside our files."""
    archive = archive_at(tmp_path)
    put(archive, rows(3))
    put(archive, rows(4), replace(PARTITION, day=date(2026, 3, 10)))
    put(archive, rows(2), replace(PARTITION, account="north-2"))
    ours = file_of(archive)
    for name in ("data (conflicted copy).parquet", "data-LAPTOP.parquet", "._data.parquet"):
        ours.with_name(name).write_bytes(ours.read_bytes())
    ours.with_name("empty.parquet").touch()
    ours.with_name("truncated.parquet").write_bytes(ours.read_bytes()[:99])
    archive.write_views()
    return archive


def by_sql(archive: Archive) -> Any:
    return archive.transactions().to_arrow()


def by_duckdb(archive: Archive) -> Any:
    with duckdb.connect() as database:
        database.execute("SET TimeZone = 'UTC'")
        pattern = f"{archive.address}/transactions/{OURS}"
        return database.sql(f"FROM read_parquet('{pattern}', hive_partitioning = true)").to_arrow_table()


def by_views(archive: Archive) -> Any:
    with duckdb.connect(f"{archive.address}/archive.duckdb", read_only=True) as database:
        database.execute("SET TimeZone = 'UTC'")
        return database.sql("FROM transactions").to_arrow_table()


def by_polars(archive: Archive) -> Any:
    pattern = f"{archive.address}/transactions/{OURS}"
    return pl.read_parquet(pattern, hive_partitioning=True, try_parse_hive_dates=True).to_arrow()


def by_pandas(archive: Archive) -> Any:
    files = sorted(map(str, Path(archive.address, "transactions").glob(OURS)))
    return pa.Table.from_pandas(pd.read_parquet(files, partitioning="hive", dtype_backend="pyarrow"))


def by_pyarrow(archive: Archive) -> Any:
    root = Path(archive.address, "transactions")
    files = sorted(map(str, root.glob(OURS)))
    return ds.dataset(files, partitioning=ds.partitioning(flavor="hive"), partition_base_dir=str(root)).to_table()


READERS: list[Callable[[Archive], Any]] = [by_duckdb, by_views, by_polars, by_pandas, by_pyarrow]


def facts(table: Any) -> Facts:
    """Return count and sum of the rows, and the accounts and days that they are of."""
    days = table["date"].cast(pa.string()).to_pylist()
    return (
        table.num_rows,
        pc.sum(table["total"]).as_py(),
        set(table["account"].cast(pa.string()).to_pylist()),
        {date.fromisoformat(day) for day in days},
    )


def kinds(table: Any) -> dict[str, str]:
    """Return the columns' types. Tools name the same type in several ways."""

    def kind(of: Any) -> str:
        plain = of.value_type if pa.types.is_dictionary(of) else of  # pandas makes folders' names a category
        return str(plain).replace("large_", "").replace("string_view", "string")

    return {
        field.name: kind(field.type)
        for field in table.schema
        if not pa.types.is_nested(field.type) and field.name != "date"  # pyarrow reads folders' dates as text
    }


@pytest.mark.parametrize("read", READERS)
def test_every_tool_reads_the_same(read: Callable[[Archive], Any], archive: Archive) -> None:
    ours, theirs = by_sql(archive), read(archive)
    assert facts(theirs) == facts(ours)
    assert facts(ours)[0] == 9
    assert kinds(theirs) == kinds(ours)
