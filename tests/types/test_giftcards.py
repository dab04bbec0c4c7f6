"""Gift cards and their balances."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from sonnys_data_client.types import Giftcard, parse_one
from tests.types.rows import WHERE


@pytest.mark.parametrize(
    ("raw", "balance"),
    [
        ({"value": "1,025.00", "amountUsed": 7.99}, Decimal("1017.01")),
        ({"value": 25, "amountUsed": 25}, Decimal("0.00")),
        ({"value": 25}, None),
        ({"amountUsed": 5}, None),
    ],
)
def test_the_balance_is_the_value_minus_the_amount_used(raw: dict[str, Any], balance: Decimal | None) -> None:
    assert parse_one(Giftcard, {"number": "A1", **raw}, **WHERE).balance == balance


def test_a_card_that_was_never_completed() -> None:
    assert parse_one(Giftcard, {"number": "A1", "completeDate": None}, **WHERE).complete_date is None
