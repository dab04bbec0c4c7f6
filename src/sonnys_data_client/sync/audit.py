"""Decide which days are compared with the server's short list of them, and what differs. Pure.

The short list is `/transaction/version-2`: a row's id, total and status, a request for each 100 rows. It is read

```text
joining    once after each reading of a day, because rows of jobs carry no status: see `archive.joined`
audit      of a closed day, once a week until `audit_days` after its end
```

The audit finds what no count shows: a sale that was voided, or whose total or status changed, after its day was closed.
A day's turn is every seventh night, by its date. So a seventh of the days is read each night. A day whose turn was
missed is read by the next sync.

A day that differs is read again by jobs, because a list names no lines or tenders. If it differs in just the same way
afterwards, the server's list and its jobs disagree. That is remembered (`Evidence.difference`), and the day is left.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from hashlib import blake2b
from typing import Literal, NamedTuple

from sonnys_data_client.archive.evidence import Evidence, closed, day_end, day_of, day_start
from sonnys_data_client.engine.windows import CACHE_S, DAY_S, history_start
from sonnys_data_client.sync.planning import SyncSettings
from sonnys_data_client.words import counted

EVERY_DAYS = 7
"""Days from one audit of a day to the next."""
_ROWS_A_PAGE = 100
_CENTS = Decimal("0.0001")
"""The archive's columns keep four digits after the point."""


class ShortRow(NamedTuple):
    """What a list says of a transaction.

    Attributes:
        total: Its amount.
        status: Its status; None if the list says none.
    """

    total: Decimal
    status: str | None


@dataclass(frozen=True, slots=True)
class ListedDay:
    """The short list of a day.

    Attributes:
        rows: Its rows, by id.
        read_at: Epoch seconds at which it was read.
        problem: Why it is not all of the day, as a clause; empty if it is. Then the day is not compared with it.
        whole: Whether all of it came, even if some rows could not be parsed. If not, it stays due.
    """

    rows: Mapping[str, ShortRow]
    read_at: float
    problem: str = ""
    whole: bool = True


@dataclass(frozen=True, slots=True)
class DueList:
    """A day whose short list is to be read.

    Attributes:
        day: The UTC day.
        evidence: What the archive has of it.
        reason: See the module.
        compared: Whether its rows are compared with the list, and not only given their statuses.
    """

    day: date
    evidence: Evidence
    reason: Literal["joining", "audit"]
    compared: bool

    @property
    def requests(self) -> int:
        """Requests to expect: one for each 100 rows."""
        return pages_of(self.evidence.rows)


@dataclass(frozen=True, slots=True)
class ListMismatch:
    """How a day's short list differs from the archive's rows.

    Attributes:
        missing: Ids of the list that the archive does not have.
        surplus: Ids of the archive that are not in the list.
        changed: Ids whose total or status differs.
        digest: Tells one mismatch of a day from another.
    """

    missing: tuple[str, ...]
    surplus: tuple[str, ...]
    changed: tuple[str, ...]
    digest: str

    @property
    def why(self) -> str:
        """The mismatch as a clause, such as `the server's list differs in 2 rows`."""
        rows = len(self.missing) + len(self.surplus) + len(self.changed)
        return f"the server's list differs in {counted(rows, 'row')}"


def pages_of(rows: float) -> int:
    """Return the requests that a list of so many rows takes."""
    return max(1, math.ceil(rows / _ROWS_A_PAGE))


def due_lists(known: Mapping[date, Evidence], settings: SyncSettings, now: float) -> list[DueList]:
    """Return the days whose short lists are to be read: days without statuses first, and then the audit, oldest first.

    Args:
        known: What the archive has of transactions, by UTC day.
        settings: How to sync, with UTC days as `start` and `end`.
        now: Epoch seconds.
    """
    oldest = history_start(now) + DAY_S  # a day of margin: the server forgets more while the run lasts
    joining: list[DueList] = []
    audit: list[DueList] = []
    for day, evidence in sorted(known.items()):
        if not (settings.start or day) <= day <= (settings.end or day) or day_start(day) < oldest:
            continue
        # The server repeats its answers. And what has just been read differs only if lists and jobs always do.
        at_rest = closed(evidence, day, settings.rule, now) and now - evidence.read_at >= CACHE_S
        if settings.statuses and evidence.joined_at is None and evidence.rows:
            joining.append(DueList(day, evidence, "joining", at_rest and settings.audit != "off"))
        elif at_rest and _is_turn(evidence, day, settings, now):
            audit.append(DueList(day, evidence, "audit", compared=True))
    return [*joining, *audit]


def _is_turn(evidence: Evidence, day: date, settings: SyncSettings, now: float) -> bool:
    """Tell whether a closed day is to be compared with the server's list tonight."""
    if settings.audit == "off" or now - day_end(day) >= settings.audit_days * DAY_S:
        return False
    if settings.audit == "now":
        return True
    today, last = day_of(now), day_of(evidence.read_at if evidence.joined_at is None else evidence.joined_at)
    its_night = day.toordinal() % EVERY_DAYS == today.toordinal() % EVERY_DAYS
    return (its_night and last < today) or (today - last).days >= EVERY_DAYS


def compare(held: Mapping[str, tuple[Decimal, str | None]], listed: ListedDay, known: Evidence) -> ListMismatch | None:
    """Compare a day's rows with its short list; None if they agree.

    Rows in quarantine are in the list and not among the rows. So are those by which the list is known to differ from
    the jobs (`Evidence.surplus`). As many are not taken for a difference.

    Args:
        held: Total and status of each row of the archive, by id.
        listed: The list.
        known: What the archive knows of the day.
    """
    missing = sorted(listed.rows.keys() - held.keys())
    surplus = sorted(held.keys() - listed.rows.keys())
    if len(missing) <= known.quarantined + max(0, known.surplus):
        missing = []
    if len(surplus) <= max(0, -known.surplus):
        surplus = []
    changed = sorted(id for id, row in listed.rows.items() if id in held and _differs(held[id], row))
    if not (missing or surplus or changed):
        return None
    said = [(id, listed.rows.get(id), held.get(id)) for id in (*missing, *surplus, *changed)]
    digest = blake2b(repr(said).encode(), digest_size=8).hexdigest()
    return ListMismatch(tuple(missing), tuple(surplus), tuple(changed), digest)


def _differs(held: tuple[Decimal, str | None], row: ShortRow) -> bool:
    total, status = held
    if total != row.total.quantize(_CENTS):
        return True
    return None not in (status, row.status) and status != row.status
