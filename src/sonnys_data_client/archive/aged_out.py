"""Tell rows that the server may have aged out from rows that were withdrawn. Pure.

A new reading of a day may lack rows that the archive has. Some were withdrawn: a row was deleted, or belongs to another
day now. The archive lets go of these. Others are too old: the server forgets rows at some age, and nobody knows at
which. The archive keeps these.

The server forgets the oldest first. So missing rows may have been aged out if they are the first rows of their day, up
to the first one that still comes. In a day that ended a few days ago, nothing is aged out.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from sonnys_data_client.archive.evidence import day_end
from sonnys_data_client.archive.rows import read_text
from sonnys_data_client.archive.tables import Table
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.errors import RowError
from sonnys_data_client.types import parse_one

KEPT_DAYS_MIN = 10
"""Days after its end in which the server has all rows of a day."""


def may_be_aged_out(day: date, now: float) -> bool:
    """Tell whether a day is so old that the server may have forgotten rows of it."""
    return now >= day_end(day) + KEPT_DAYS_MIN * DAY_S


def are_oldest(table: Table, missing: Iterable[str], came: Iterable[str]) -> bool:
    """Tell whether all missing rows are older than the rows that came.

    Args:
        table: Their table.
        missing: The raw rows that come no more.
        came: The raw rows that came.
    """
    return max(_moments(table, missing), default=-math.inf) < min(_moments(table, came), default=math.inf)


def moment_of(table: Table, raw: str) -> float | None:
    """Return when a row happened, in epoch seconds; None if it does not say, or cannot be parsed."""
    try:
        row = parse_one(table.record, read_text(raw), method="-", path=table.name)
    except RowError:
        return None
    moment: datetime | None = getattr(row, table.moment or "", None)
    return None if moment is None else moment.timestamp()


def _moments(table: Table, raws: Iterable[str]) -> Iterator[float]:
    for raw in raws:
        moment = moment_of(table, raw)
        if moment is not None:
            yield moment
