"""Shared by the tests of the archive: rows of a day, and an archive to put them into."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sonnys_data_client.archive import Archive
from sonnys_data_client.archive.evidence import day_end
from sonnys_data_client.archive.landed import Landed
from sonnys_data_client.archive.merge import PartitionRead
from sonnys_data_client.archive.rows import Calendars, encode_rows
from sonnys_data_client.archive.store import Partition
from sonnys_data_client.archive.tables import TABLES, TRANSACTIONS, Table
from sonnys_data_client.engine.rows import encode
from tests.types.rows import job_row

DAY = date(2026, 3, 9)
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC).timestamp()
PARTITION = Partition("transactions", "main", DAY)
CALENDARS = Calendars()


def rows(count: int, *, first: int = 1, **changes: Any) -> list[dict[str, Any]]:
    """Make different rows of `DAY`, a minute apart."""
    return [
        job_row(
            id=f"{number}:1001",
            number=number,
            completeDate=f"2026-03-09T{number // 60:02}:{number % 60:02}:05.000Z",
            **changes,
        )
        for number in range(first, first + count)
    ]


def texts(raw: Iterable[Any]) -> list[str]:
    """Encode rows as JSON text."""
    return [encode(row) for row in raw]


def reading(
    raw: Iterable[Any],
    *,
    table: Table = TRANSACTIONS,
    at: float = NOON,
    proved: bool = True,
    through: float | None = None,
    calendars: Calendars = CALENDARS,
    **more: Any,
) -> PartitionRead:
    """Make a reading of `DAY` that brought these rows; of the whole day, unless `through` says otherwise."""
    listed = list(raw)
    end = day_end(DAY) if through is None else through
    return PartitionRead(encode_rows(table, listed, calendars), len(listed), end, at if proved else None, at, **more)


def put(archive: Archive, raw: Iterable[Any], partition: Partition = PARTITION, **more: Any) -> Landed:
    """Put a reading into an archive."""
    more.setdefault("through", day_end(partition.day))
    with archive.writing(partition.account) as writer:
        return writer.put(partition, reading(raw, table=TABLES[partition.table], **more), CALENDARS)


def archive_at(folder: Path) -> Archive:
    """Return an archive in a folder that does not exist yet."""
    return Archive(folder / "archive")


def file_of(archive: Archive, partition: Partition = PARTITION) -> Path:
    """Return the path of a partition's file."""
    return Path(archive.address, partition.name)


def ids(archive: Archive) -> list[str]:
    """Return the ids of all transactions in an archive, in order."""
    return [id for (id,) in archive.sql("SELECT id FROM transactions ORDER BY number").fetchall()]


__all__ = [
    "CALENDARS",
    "DAY",
    "NOON",
    "PARTITION",
    "TRANSACTIONS",
    "archive_at",
    "file_of",
    "ids",
    "put",
    "reading",
    "rows",
    "texts",
]
