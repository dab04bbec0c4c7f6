"""Rows as the client returns them."""

from __future__ import annotations

from typing import Any

from sonnys_data_client.types import TransactionJobItem, parse_rows

RAW: list[dict[str, Any]] = [
    {
        "id": "12:1",
        "number": 34,
        "type": "Sale",
        "completeDate": "2026-06-01T15:30:00.250Z",
        "locationCode": "MAIN",
        "salesDeviceName": "Lane 1",
        "total": "16.05",
        "tenders": [
            {"tender": "Credit", "tenderSubType": "Visa", "amount": 10.05, "change": 0, "total": 10.05},
            {"tender": "Cash", "amount": 10, "change": -4, "total": 6},
        ],
        "items": [{"name": "Wash", "department": "Wash", "quantity": 1, "gross": 15, "net": 15, "tax": 1.05}],
        "discounts": [{"discountName": "Early bird", "discountAmount": "0.10"}],
        "isRecurringRedemption": False,
    },
    {
        "id": "13:1",
        "completeDate": "2026-06-01T16:00:00.000Z",
        "total": "-0.01",
        "type": "Swap",
        "customerName": "Zoë\nO'Hara",
        "novelty": {"a": 1},
    },
]


def some_rows() -> list[TransactionJobItem]:
    """Make two rows: one with every field, one with few fields and an unknown one."""
    return parse_rows(TransactionJobItem, RAW, method="GET", path="/")
