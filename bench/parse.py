"""How fast job rows become records, on one core.

Builds a page of 100 rows (two items, one tender, every tenth with a discount), the same on every run, and measures

    json      `json.loads` of the page's reply, as it is: the least that any client pays
    exact     the same with `parse_float=Decimal`: the least that an exact one pays
    decode    the engine's `decode`, whose rows carry their text
    texts     the text of each decoded row, for whoever stores rows
    models    `parse_rows` of the decoded rows
    whole     decode and models: what a page costs us

in rows a second, best of several rounds, and as a multiple of the time that `json` takes. The API hands out
at most some 67 rows a second to an API ID; the last line says how many of them one core can serve.

Run: python bench/parse.py
"""

from __future__ import annotations

import gc
import json
from collections.abc import Callable
from decimal import Decimal
from time import perf_counter
from typing import Any

from sonnys_data_client.engine.rows import decode, text_of
from sonnys_data_client.types import TransactionJobItem, parse_rows

ROWS = 100
ROUNDS = 30
REPEATS = 5
API_ROWS_PER_S = 100 * 20 / 15 / 2
"""Rows a page, requests a period of 15 s, and two requests a page."""


def row(number: int) -> dict[str, Any]:
    """Build the row with this number."""
    cents = 800 + number * 37 % 2200
    net, tax = cents / 100, cents * 7 // 100 / 100
    paid = round(net + tax, 2)

    def item(name: str, net: float, tax: float) -> dict[str, Any]:
        return {
            "name": name,
            "sku": f"{100000 + number % 7}",
            "department": "Wash" if net else "Add On",
            "quantity": 1,
            "gross": net + tax,
            "net": net,
            "discount": 0,
            "tax": tax,
            "additionalFee": 0,
            "isVoided": False,
        }

    return {
        "id": f"{500000 + number}:1001",
        "number": 500000 + number,
        "type": "Sale",
        "completeDate": f"2026-11-05T{8 + number // 10:02}:{number % 60:02}:17.000Z",
        "locationCode": "MAIN",
        "salesDeviceName": "Lane 1",
        "total": paid,
        "tenders": [
            {
                "tender": "Credit",
                "tenderSubType": "Visa",
                "amount": paid,
                "change": 0,
                "total": paid,
                "referenceNumber": f"{62375400000 + number}",
                "creditCardLastFour": f"{number * 7919 % 10000:04}",
                "creditCardExpirationDate": "2028-01",
            }
        ],
        "items": [item("The Works", net, tax), item("Tyre shine", 0.0, 0.0)],
        "customerName": "" if number % 3 else "A. Driver",
        "customerId": "" if number % 3 else f"1:{number}",
        "vehicleLicensePlate": f"PLT{number:04}",
        "employeeCashier": "",
        "employeeGreeter": "C. Greeter",
        "discount": []
        if number % 10
        else [
            {
                "discountName": "Rainy day",
                "discountSku": None,
                "appliedToItemName": "The Works",
                "discount": 2.5,
                "discountCode": "RAIN",
            }
        ],
        "isRecurringPayment": False,
        "isRecurringRedemption": number % 2 == 0,
        "isRecurringSale": False,
        "isPrepaidRedemption": False,
        "isPrepaidSale": False,
    }


def best_s(work: Callable[[], object]) -> float:
    """Time one call of `work`: the best of the rounds.

    The garbage collector is off: its work would count for a call at random.
    """
    times: list[float] = []
    gc.disable()
    for _ in range(ROUNDS):
        start = perf_counter()
        for _ in range(REPEATS):
            work()
        times.append((perf_counter() - start) / REPEATS)
        gc.collect()
    gc.enable()
    return min(times)


def main() -> None:
    """Measure and print."""
    rows = [row(number) for number in range(ROWS)]
    data = {"hash": "5f3c", "status": "pass", "total": ROWS, "data": rows}
    page = json.dumps({"data": data}, separators=(",", ":")).encode()
    decoded = decode(page)["data"]["data"]

    def models(rows: list[Any]) -> object:
        return parse_rows(TransactionJobItem, rows, method="GET", path="/transaction/get-job-data")

    works: dict[str, Callable[[], object]] = {
        "json": lambda: json.loads(page),
        "exact": lambda: json.loads(page, parse_float=Decimal),
        "decode": lambda: decode(page),
        "texts": lambda: [text_of(row) for row in decoded],
        "models": lambda: models(decoded),
        "whole": lambda: models(decode(page)["data"]["data"]),
    }
    seconds = {name: best_s(work) for name, work in works.items()}
    print(f"{ROWS} rows, {len(page) / 1000:.0f} kB")
    for name, time_s in seconds.items():
        print(f"{name:<8}{ROWS / time_s:>10,.0f} rows/s{time_s / seconds['json']:>8.1f} × json")
    print(f"one core parses for {ROWS / seconds['whole'] / API_ROWS_PER_S:,.0f} API IDs at full throttle")


if __name__ == "__main__":
    main()
