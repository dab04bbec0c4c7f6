"""Items: what is for sale, and what it costs where."""

from __future__ import annotations

from sonnys_data_client.types.fields import DepartmentWord, Flag, Money, Text
from sonnys_data_client.types.record import Record

__all__ = ["Item"]


class Item(Record):
    """One thing that one site sells. The API gives it no key of its own: `sku` and `site_code` come nearest."""

    sku: Text = None
    """The article number. Spec."""
    name: Text = None
    """What the menu calls it. Spec."""
    department_name: DepartmentWord = None
    """Part of the menu. Spec."""
    price_at_site: Money = None
    """The price at the site. Spec; thousands commas seen live. Says little where `is_prompt_for_price`."""
    cost_per_item: Money = None
    """What it costs the operator; None when nobody says. Spec."""
    is_prompt_for_price: Flag = None
    """Whether the till asks for the price of each sale. Spec."""
    site_location: Text = None
    """`Site.code` of where it is sold. Spec."""
