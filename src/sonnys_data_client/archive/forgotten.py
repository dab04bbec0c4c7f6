"""Telling what the server has forgotten from what was withdrawn. Pure.

An archive lets go of a row that its day no longer brings: it was voided out of existence, or belongs to another day.
But nobody knows how long the server really remembers, and what it has forgotten must stay. It forgets the oldest first.
So rows of a day that come no more are forgotten if they are its first ones, all from its begin to the first row that
still comes. A day that ended a moment ago is not forgotten: there, they were withdrawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from datetime import date, datetime

from sonnys_data_client.archive.evidence import day_start
from sonnys_data_client.archive.rows import read_text
from sonnys_data_client.archive.tables import Table
from sonnys_data_client.engine.windows import DAY_S
from sonnys_data_client.errors import RowError
from sonnys_data_client.types import parse_one

FORGETS_DAYS_MIN = 10
"""Days after its end in which nothing of a day is forgotten."""


def may_be_forgotten(day: date, now: float) -> bool:
    """Whether a day is so old that a server may have forgotten something of it."""
    return now >= day_start(day) + (1 + FORGETS_DAYS_MIN) * DAY_S


def are_the_first(table: Table, gone: Iterable[str], left: Iterable[str]) -> bool:
    """Whether rows that come no more are those from a day's begin to the first that still comes.

    Args:
        table: Where they belong.
        gone: The raw rows that come no more.
        left: Those that came.
    """
    return max(_moments(table, gone), default=-math.inf) < min(_moments(table, left), default=math.inf)


def _moments(table: Table, raws: Iterable[str]) -> Iterator[float]:
    for raw in raws:
        moment = moment_of(table, raw)
        if moment is not None:
            yield moment


def moment_of(table: Table, raw: str) -> float | None:
    """When a row happened, in epoch seconds; None if it does not say, or does not fit its table."""
    try:
        row = parse_one(table.record, read_text(raw), method="-", path=table.name)
    except RowError:
        return None
    moment: datetime | None = getattr(row, table.moment or "", None)
    return None if moment is None else moment.timestamp()
