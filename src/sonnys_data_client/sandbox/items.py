"""The item route: a list of what each site sells."""

from __future__ import annotations

from collections.abc import Sequence

from sonnys_data_client.sandbox.listing import list_route
from sonnys_data_client.sandbox.office import Office
from sonnys_data_client.sandbox.params import LIMIT, OFFSET, choice, places_seen
from sonnys_data_client.sandbox.route import Call, Param, Route
from sonnys_data_client.sandbox.shape import Field, Shape
from sonnys_data_client.sandbox.spelling import FLAG, TEXT, Spelling
from sonnys_data_client.sandbox.world.histories import Item

__all__ = ["routes"]

_DEPARTMENTS = {
    "Wash": "Wash",
    "Detail": "Detail",
    "Service": "Service",
    "Merchandise": "Merchandise",
    "Discount": "Promotion/Coupon",
    "GiftCard": "GiftCard",
    "WashBook": "WashBook",
    "Recurring_Plan": "Recurring Plan",
    "Add_On": "Add On",
    "Vacuum_sales": "Vacuum Sales",
    "Prepaid_Wash": "Prepaid Wash",
    "Prepaid_vacuum": "Prepaid Vacuum",
    "food": "Food",
    "beverage": "Beverage",
    "recipe": "Recipe",
}
"""Departments as the parameter spells them (S), and as the rows do."""

DEPARTMENT: Param[str | None] = choice("departmentName", *_DEPARTMENTS)


def routes(spelling: Spelling) -> list[Route]:
    """Return the item route.

    S: the server caches replies for an hour. Here nothing is cached, because items never change.
    """
    rows = Shape("Item", _fields(spelling))
    return [list_route("/item", "items", rows, _find, spelling, takes=(LIMIT, OFFSET, DEPARTMENT))]


def _find(call: Call, office: Office) -> Sequence[Item]:
    codes = {site.code for site in places_seen(call, office)}
    department = _DEPARTMENTS.get(call[DEPARTMENT] or "")
    return [
        item
        for item in office.world.records.items()
        if item.site_code in codes and department in {None, item.department}
    ]


def _fields(spelling: Spelling) -> list[Field[Item]]:
    return [
        Field("sku", TEXT, "sku"),
        Field("name", TEXT, "name"),
        Field("departmentName", TEXT, lambda item: spelling.word(item.department, "Robotics", item.id)),
        Field("priceAtSite", spelling.price, "price_cents"),
        Field("costPerItem", spelling.price, "cost_cents", spelling.null),
        Field("isPromptForPrice", FLAG, "prompts_for_price"),
        Field("siteLocation", TEXT, "site_code"),
        *spelling.unheard_of("colour", "blue"),
    ]
