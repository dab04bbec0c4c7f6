"""Gift cards: what was sold to be spent later."""

from __future__ import annotations

from decimal import Decimal

from sonnys_data_client.types.fields import Id, Instant, Money, Text
from sonnys_data_client.types.record import Record

__all__ = ["Giftcard"]


class Giftcard(Record):
    """A gift card, and what is left of it."""

    number: Id
    """What is printed on the card; letters are possible. It is as good as money: keep it safe. Spec."""
    giftcard_id: Text = None
    """The key, such as `876:999`. Spec."""
    site_code: Text = None
    """`Site.code` of where it was sold. Spec."""
    complete_date: Instant = None
    """When it was sold or recharged, UTC. Spec; null seen live."""
    value: Money = None
    """What it was sold for. Spec."""
    amount_used: Money = None
    """What has been spent of that. Spec."""

    @property
    def balance(self) -> Decimal | None:
        """What is left: `value` less `amount_used`; None unless both are known."""
        return None if self.value is None or self.amount_used is None else self.value - self.amount_used
