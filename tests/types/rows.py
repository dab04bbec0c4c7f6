"""Raw rows as the API sends them, for the tests of the models. Each call makes new rows."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

WHERE: dict[str, str] = {"method": "GET", "path": "/transaction/get-job-data"}
"""The request that the test rows are from."""

PRIVATE = ("Jane Q. Public", "PLT0042", "Kim Cashier", "Lee Greeter")
"""Personal data in the golden row: texts that no error may repeat."""


def job_row(**changes: Any) -> dict[str, Any]:
    """Build a full row of a batch job in the spec's spelling, with changes under the API's names."""
    customer, plate, cashier, greeter = PRIVATE
    return {
        "id": "876:1001",
        "number": 253425,
        "type": "Sale",
        "completeDate": "2020-05-19T05:32:32.000Z",
        "locationCode": "SITE1",
        "salesDeviceName": "POS1",
        "total": Decimal("21.36"),
        "tenders": [
            {
                "tender": "Credit",
                "tenderSubType": "Visa",
                "amount": Decimal("22.36"),
                "change": Decimal("-1.00"),
                "total": Decimal("21.36"),
                "referenceNumber": "62375401832",
                "creditCardLastFour": "0011",
                "creditCardExpirationDate": "2025-01",
            }
        ],
        "items": [
            {
                "name": "Basic Wash",
                "sku": "1281127182",
                "department": "Wash",
                "quantity": 1,
                "gross": Decimal("21.36"),
                "net": Decimal("19.96"),
                "discount": Decimal("2.00"),
                "tax": Decimal("1.40"),
                "additionalFee": Decimal("0.00"),
                "isVoided": False,
            },
            {"name": "Air freshener", "sku": None, "department": "Merchandise", "quantity": 2},
        ],
        "customerName": customer,
        "customerId": "1:234",
        "vehicleLicensePlate": plate,
        "employeeCashier": cashier,
        "employeeGreeter": greeter,
        "discount": [
            {
                "discountName": "Rainy day",
                "discountSku": None,
                "appliedToItemName": "Basic Wash",
                "discount": Decimal("2.00"),
                "discountCode": "91415818",
            }
        ],
        "isRecurringPayment": False,
        "isRecurringRedemption": False,
        "isRecurringSale": True,
        "isPrepaidRedemption": False,
        "isPrepaidSale": False,
        "isRecurringPlanSale": True,
        "isRecurringPlanRedemption": False,
        "transactionStatus": "Completed",
        **changes,
    }


Path = tuple[str | int, ...]


def paths_in(raw: Any, path: Path = ()) -> list[Path]:
    """Return the path of every value in a row, at every depth."""
    inside: list[tuple[str | int, Any]] = []
    if isinstance(raw, dict):
        inside = list(raw.items())
    elif isinstance(raw, list):
        inside = list(enumerate(raw))
    return [deeper for name, value in inside for deeper in ((*path, name), *paths_in(value, (*path, name)))]


def changed(raw: dict[str, Any], path: Path, value: Any) -> dict[str, Any]:
    """Copy a row, with another value at a path; without any, if the value is `...`."""
    row = copy.deepcopy(raw)
    change(row, path, value)
    return row


def change(raw: Any, path: Path, value: Any) -> None:
    """Replace the value at a path of a row; remove it, if the new one is `...`."""
    for name in path[:-1]:
        raw = raw[name]
    if value is ...:
        del raw[path[-1]]
    else:
        raw[path[-1]] = value
