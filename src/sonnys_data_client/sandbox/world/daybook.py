"""The rows of a finished day: their numbers, and when the server learnt of them.

The day's tickets are sorted by completion and numbered in that order. The number and the day make the id, so an id
leads straight to its row. Then the server learns of each row: usually within seconds; now and then hours or days
later, from a terminal that was offline; and sometimes a second time, because the row was changed.

    first known as            then                        how often
    as rung up                Voided, all lines struck    three edits in five
    Suspended                 as rung up                  the other two

A ticket that changed an account is never voided afterwards, because accounts are corrected by other means.

All this is drawn separately from the tickets, so worlds that differ only in `late_share` or `edit_share` have the
same tickets.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from random import Random

from .config import WorldConfig
from .dice import between, dice
from .facts import Site, Transaction
from .ids import split_id
from .sites import OPENED
from .till import FLAGS, VOID_TENDERS, VOIDABLE, Ticket, struck_out, total_cents

_PER_DAY_MAX = 100_000
_LATE_S_MIN = 2 * 3600
_EDITED_S_MIN = 300
_PROMPT_S = (0.5, 4.0)
_VOIDED_EDITS_SHARE = 0.6


@dataclass(frozen=True, slots=True)
class RowAddress:
    """What a row's id says: its site, its day and its position in that day.

    Attributes:
        site_id: The site.
        day: The site's local day.
        index: Position in the day's order of completion, from 0.
    """

    site_id: int
    day: date
    index: int

    @classmethod
    def parse(cls, id: str) -> RowAddress | None:
        """Read an id; return None if no row can have it."""
        numbers = split_id(id)
        if numbers is None:
            return None
        ordinal, index = divmod(numbers[0], _PER_DAY_MAX)
        if not OPENED.toordinal() <= ordinal <= date.max.toordinal() - 2:
            return None
        address = cls(numbers[1], date.fromordinal(ordinal), index)
        # Leading zeros would give one row many ids.
        return address if address.id == id else None

    @property
    def id(self) -> str:
        """The id of the row."""
        return f"{self.day.toordinal() * _PER_DAY_MAX + self.index}:{self.site_id}"

    @property
    def number(self) -> int:
        """The ticket number.

        It counts from the opening day, so that it is never the first number of an id.
        """
        return (self.day - OPENED).days * _PER_DAY_MAX + self.index + 1


class DayBook:
    """The rows of one site and local day, in order of completion.

    Args:
        config: The settings of the world.
        site: The site.
        day: The local day.
        tickets: All tickets of the day, in any order.
    """

    def __init__(self, config: WorldConfig, site: Site, day: date, tickets: list[Ticket]) -> None:
        tickets.sort(key=lambda ticket: ticket.completed_ms)
        rng = dice(config.seed, "learn", site.id, day.toordinal())
        self._first: list[Transaction] = []
        self._edited: dict[int, Transaction] = {}
        for index, ticket in enumerate(tickets):
            row = _numbered(ticket, RowAddress(site.id, day, index), site.code, _learnt_at(config, ticket, rng))
            if rng.random() < config.edit_share:
                row, self._edited[index] = _edited(config, row, rng, voidable=ticket.kind in VOIDABLE)
            self._first.append(row)
        self._completed_ms = [row.completed_ms for row in self._first]
        self._last = [self._edited.get(index, row) for index, row in enumerate(self._first)]
        self._settled_at = max((row.visible_from for row in self._last), default=0.0)

    def __len__(self) -> int:
        return len(self._first)

    def slice(self, start_ms: int, stop_ms: int, as_of: float) -> Sequence[Transaction]:
        """Return the rows completed in `[start_ms, stop_ms)`, as known at `as_of`.

        `as_of` is an epoch second.
        """
        low = bisect_left(self._completed_ms, start_ms)
        high = bisect_left(self._completed_ms, stop_ms)
        if as_of >= self._settled_at:
            return self._last[low:high]
        known = (self.row(index, as_of) for index in range(low, high))
        return [row for row in known if row is not None]

    def first_versions(self, start_ms: int, stop_ms: int) -> Sequence[Transaction]:
        """Return the rows completed in `[start_ms, stop_ms)`, in their first version."""
        return self._first[bisect_left(self._completed_ms, start_ms) : bisect_left(self._completed_ms, stop_ms)]

    def row(self, index: int, as_of: float) -> Transaction | None:
        """Return the row at a position, as known at `as_of` (epoch seconds).

        None if there was none yet.
        """
        if index >= len(self._first):
            return None
        for version in (self._last[index], self._first[index]):
            if version.visible_from <= as_of:
                return version
        return None


def _learnt_at(config: WorldConfig, ticket: Ticket, rng: Random) -> float:
    is_late = rng.random() < config.late_share
    soonest_s, latest_s = (_LATE_S_MIN, config.late_hours * 3600) if is_late else _PROMPT_S
    return ticket.completed_ms / 1000 + between(soonest_s, latest_s, rng.random())


def _numbered(ticket: Ticket, address: RowAddress, site_code: str, visible_from: float) -> Transaction:
    flags = FLAGS[ticket.kind]
    return Transaction(
        id=address.id,
        number=address.number,
        type=ticket.type,
        completed_ms=ticket.completed_ms,
        site_code=site_code,
        device=ticket.device,
        total_cents=total_cents(ticket.items),
        tenders=ticket.tenders,
        items=ticket.items,
        discounts=ticket.discounts,
        customer_name=ticket.customer_name,
        customer_id=ticket.customer_id,
        plate=ticket.plate,
        cashier=ticket.cashier,
        greeter=ticket.greeter,
        is_recurring_payment=flags.is_recurring_payment,
        is_recurring_redemption=flags.is_recurring_redemption,
        is_recurring_sale=flags.is_recurring_sale,
        is_prepaid_redemption=flags.is_prepaid_redemption,
        is_prepaid_sale=flags.is_prepaid_sale,
        status=ticket.status,
        is_plan_sale_v2=flags.is_plan_sale_v2,
        is_plan_redemption_v2=flags.is_plan_redemption_v2,
        visible_from=visible_from,
    )


def _edited(config: WorldConfig, row: Transaction, rng: Random, *, voidable: bool) -> tuple[Transaction, Transaction]:
    """Return the two versions of a row that changes: the first, and the later one."""
    edited_at = row.visible_from + between(_EDITED_S_MIN, config.edit_hours * 3600, rng.random())
    if rng.random() < _VOIDED_EDITS_SHARE and voidable and row.status != "Voided":
        voided = replace(
            row,
            status="Voided",
            total_cents=0,
            items=struck_out(row.items),
            tenders=VOID_TENDERS,
            discounts=(),
            visible_from=edited_at,
        )
        return row, voided
    return replace(row, status="Suspended"), replace(row, visible_from=edited_at)
