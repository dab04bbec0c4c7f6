"""Items: what each site sells, and at which price."""

from __future__ import annotations

from sonnys_data_client.types.fields import DepartmentWord, Flag, Money, Text
from sonnys_data_client.types.record import Record

__all__ = ["Item"]


class Item(Record):
    """An item that one site sells. It has no key; `sku` and `site_location` together come nearest to one."""

    sku: Text = None
    """The article number. Spec."""
    name: Text = None
    """Its name on the menu. Spec."""
    department_name: DepartmentWord = None
    """Part of the menu. Spec."""
    price_at_site: Money = None
    """Price at the site; of little meaning where `is_prompt_for_price`. Spec; thousands commas seen live."""
    cost_per_item: Money = None
    """Cost to the operator; None when it is not set. Spec."""
    is_prompt_for_price: Flag = None
    """Whether the till asks for the price at each sale. Spec."""
    site_location: Text = None
    """`Site.code` of where it is sold. Spec."""
