"""Which fields hold personal data, by table: the one list of them.

`tests/archive/test_personal.py` holds it against `types`.

Names are the API's, with a point before a field inside another one. A field in two spellings is here twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from sonnys_data_client.redaction import Kind

_MEMBERSHIP: Mapping[str, Kind] = {
    "customer.firstName": "names",
    "customer.lastName": "names",
    "vehicles.plate": "plates",
}

PERSONAL: Mapping[str, Mapping[str, Kind]] = {
    "transactions": {
        "customerName": "names",
        "vehicleLicensePlate": "plates",
        "employeeCashier": "names",
        "employeeGreeter": "names",
    },
    "employees": {"firstName": "names", "lastName": "names"},
    "customers": {"firstName": "names", "lastName": "names", "phoneNumber": "phones"},
    "recurring_accounts": _MEMBERSHIP,
    "recurring_modifications": {
        **_MEMBERSHIP,
        # A remark of an employee, which may say who asked for it.
        "modifications.modificationComment": "names",
        "modifications.comment": "names",
    },
    "status_changes": {"employee_name": "names"},
    "sales_outcomes": {"employeeName": "names"},
}
"""The fields that a redaction hides, and of which kind each is. Tables without any are not here."""

CUSTOMER: Mapping[str, str] = {
    "transactions": "customerId",
    "customers": "customerId",
    "washbooks": "customerId",
    "recurring_accounts": "customer.id",
    "recurring_modifications": "customer.id",
}
"""The field with the id of the customer whom a row is about."""

PERSONS = "customers"
"""The table whose rows leave when their customer is forgotten. In other tables the row stays, and says of nobody."""

_MEMBER = ("customer", "vehicles", "tags", "recurringBillings.lastFourCC", "recurringBillings.creditCardExpirationDate")

FORGOTTEN: Mapping[str, tuple[str, ...]] = {
    "transactions": (
        *("customerId", "customerName", "vehicleLicensePlate"),
        *("tenders.referenceNumber", "tenders.creditCardLastFour", "tenders.creditCardExpirationDate"),
    ),
    "washbooks": ("customerId",),
    "recurring_accounts": _MEMBER,
    "recurring_modifications": (*_MEMBER, "modifications.modificationComment", "modifications.comment"),
}
"""The fields that are emptied when the row's customer is forgotten. Amounts and times stay, so sums and counts do."""

_KINDS: Mapping[Kind, re.Pattern[str]] = {
    "emails": re.compile(r"e?mail", re.IGNORECASE),
    "phones": re.compile(r"phone|mobile|fax", re.IGNORECASE),
    "plates": re.compile(r"plate", re.IGNORECASE),
    "names": re.compile(
        r"(first|last|middle|full|sur|nick|customer|employee|member|company|contact|holder)_?name", re.IGNORECASE
    ),
}


def kind_of_unknown(name: str) -> Kind | None:
    """Guess by its name which personal data a field holds that no model has: the API may add one any day.

    Args:
        name: The API's name of the field.
    """
    return next((kind for kind, pattern in _KINDS.items() if pattern.search(name)), None)
