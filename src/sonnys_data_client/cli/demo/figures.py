"""From rows to the figures that the demo shows. Pure.

Money is what the tenders hold, exact, by kind of tender. A plan's redemption may carry an amount which is no
revenue (seen live), so that part is told apart. A wash is a row with a line of the wash department that was not
struck out, returns aside; its hour is that of the site's own clock.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal

from sonnys_data_client.models import TransactionJobItem

__all__ = ["Figures", "TenderSum", "read_figures"]


@dataclass(slots=True)
class TenderSum:
    """One kind of tender.

    Attributes:
        payments: How many there were.
        money: What they came to.
    """

    payments: int = 0
    money: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Figures:
    """What is in a day's rows.

    Attributes:
        rows: Transactions.
        tenders: By kind of tender, the largest sum first.
        redeemed: The part of the money that plan redemptions carry.
        washes: Washes by hour of the site's day, 0 to 23; hours without any are left out.
    """

    rows: int
    tenders: dict[str, TenderSum]
    redeemed: Decimal
    washes: dict[int, int]

    @property
    def money(self) -> Decimal:
        """What all tenders come to."""
        return sum((tender.money for tender in self.tenders.values()), Decimal(0))


def read_figures(rows: Iterable[TransactionJobItem], zones: Mapping[str | None, tzinfo], default: tzinfo) -> Figures:
    """Sum rows up.

    Args:
        rows: A day's transactions.
        zones: The time zone of each site, by its code.
        default: The time zone of all other sites.
    """
    count = 0
    tenders: defaultdict[str, TenderSum] = defaultdict(TenderSum)
    redeemed = Decimal(0)
    washes: Counter[int] = Counter()
    for row in rows:
        count += 1
        for tender in row.tenders:
            kind = tenders[str(tender.type or "(none)")]
            kind.payments += 1
            kind.money += tender.total or 0
        if row.is_recurring_redemption:
            redeemed += row.total
        if _is_wash(row):
            washes[row.completed_at.astimezone(zones.get(row.location_code, default)).hour] += 1
    largest_first = sorted(tenders.items(), key=lambda item: (-item[1].money, item[0]))
    return Figures(count, dict(largest_first), redeemed, dict(sorted(washes.items())))


def _is_wash(row: TransactionJobItem) -> bool:
    return row.type != "Return" and any(item.department == "Wash" and not item.is_voided for item in row.items)
