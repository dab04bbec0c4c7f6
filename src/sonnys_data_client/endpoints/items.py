"""Items: the list."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from sonnys_data_client.endpoints.operation import Listed
from sonnys_data_client.endpoints.params import PageParams, choice
from sonnys_data_client.types import Item

DepartmentName = Literal[
    "Wash",
    "Detail",
    "Service",
    "Merchandise",
    "Discount",
    "GiftCard",
    "WashBook",
    "Recurring_Plan",
    "Add_On",
    "Vacuum_sales",
    "Prepaid_Wash",
    "Prepaid_vacuum",
    "food",
    "beverage",
    "recipe",
]
"""Departments as the item list's filter spells them (spec). Rows spell some of them differently."""


class ItemParams(PageParams, total=False):
    """Criteria of the item list; the names are the API's."""

    departmentName: Annotated[DepartmentName, choice("Part of the menu.", "department", get_args(DepartmentName))]


ITEMS = Listed(path="/item", key="items", model=Item, params=ItemParams, cached_s=3600)
