"""Rows to files: newline-delimited JSON, and Parquet with typed columns.

Both hold the API's own names. The JSON is `row.to_api()`, with money as text, so that no digit is lost. The
Parquet columns follow from the model: money is `DECIMAL(18,2)`, moments are timestamps in UTC, and items, tenders
and discounts are nested. A file is written beside its name and moved there when it is whole, so whoever
looks finds the old one or the new one, and never a half.
"""

from __future__ import annotations

import glob
import json
import os
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_origin

import duckdb

from sonnys_data_client.models import Transaction, TransactionJobItem

__all__ = ["beside", "columns_of", "write_rows"]

_TYPES = {bool: "BOOLEAN", int: "BIGINT", Decimal: "DECIMAL(18,2)", datetime: "TIMESTAMP WITH TIME ZONE"}


def write_rows(rows: Iterable[TransactionJobItem], directory: Path, stem: str) -> tuple[Path, Path]:
    """Write rows to `<stem>.ndjson` and `<stem>.parquet`, replacing what is there.

    Args:
        rows: What to write.
        directory: Where; it must be there.
        stem: The files' name.

    Returns:
        The two files.

    Raises:
        OSError: They cannot be written.
    """
    ndjson, parquet = directory / f"{stem}.ndjson", directory / f"{stem}.parquet"
    with beside(ndjson) as text, beside(parquet) as table:
        with text.open("w", encoding="utf-8") as file:
            file.writelines(json.dumps(row.to_api(), default=str) + "\n" for row in rows)
        with duckdb.connect() as database:
            database.execute("SET TimeZone = 'UTC'")
            # The path is a pattern to DuckDB, and a directory may be called anything.
            source = database.read_json(
                glob.escape(str(text)), columns=columns_of(TransactionJobItem), format="newline_delimited"
            )
            source.write_parquet(str(table), compression="zstd")
    return ndjson, parquet


def columns_of(model: type[Transaction]) -> dict[str, str]:
    """The columns of a model's rows: the API's names, and DuckDB's types."""
    return {field.serialization_alias or name: _type_of(field.annotation) for name, field in model.model_fields.items()}


def _type_of(annotation: Any) -> str:
    parts = get_args(annotation)
    if get_origin(annotation) is tuple:
        inner = ", ".join(f'"{name}" {kind}' for name, kind in columns_of(parts[0]).items())
        return f"STRUCT({inner})[]"
    return next((_TYPES[part] for part in (annotation, *parts) if part in _TYPES), "VARCHAR")


@contextmanager
def beside(path: Path) -> Generator[Path]:
    """Give a name beside `path` to write to; when the block is done it takes the place of `path`, else it goes."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        yield part
        with part.open("rb") as written:
            os.fsync(written.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
