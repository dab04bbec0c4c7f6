"""Items: what is for sale, and what it costs where."""

from __future__ import annotations

from typing import Annotated

from sonnys_data_client.types.fields import DepartmentWord, Flag, Money, Text
from sonnys_data_client.types.record import Named, Record

__all__ = ["Item"]


class Item(Record):
    """One thing that one site sells. The API gives it no key of its own: `sku` and `site_code` come nearest."""

    sku: Text = None
    """The article number. Spec."""
    name: Text = None
    """What the menu calls it. Spec."""
    department: Annotated[DepartmentWord, Named("departmentName")] = None
    """Part of the menu. Spec."""
    price: Annotated[Money, Named("priceAtSite")] = None
    """The price at the site. Spec; thousands commas seen live. Says little where `is_prompt_for_price`."""
    cost: Annotated[Money, Named("costPerItem")] = None
    """What it costs the operator; None when nobody says. Spec."""
    is_prompt_for_price: Flag = None
    """Whether the till asks for the price of each sale. Spec."""
    site_code: Annotated[Text, Named("siteLocation")] = None
    """`Site.code` of where it is sold. Spec."""
