"""Gift cards and their balances."""

from __future__ import annotations

from decimal import Decimal

from sonnys_data_client.types.fields import Id, Instant, Money, Text
from sonnys_data_client.types.record import Record

__all__ = ["Giftcard"]


class Giftcard(Record):
    """A gift card, its value and what was spent of it."""

    number: Id
    """Number printed on the card; it may hold letters. Whoever knows it can spend the card: keep it safe. Spec."""
    giftcard_id: Text = None
    """The key, such as `876:999`. Spec."""
    site_code: Text = None
    """`Site.code` of where it was sold. Spec."""
    complete_date: Instant = None
    """When it was sold or recharged, UTC. Spec; null seen live."""
    value: Money = None
    """Amount for which it was sold. Spec."""
    amount_used: Money = None
    """Amount spent so far. Spec."""

    @property
    def balance(self) -> Decimal | None:
        """Amount left: `value` minus `amount_used`; None unless both are known."""
        return None if self.value is None or self.amount_used is None else self.value - self.amount_used
