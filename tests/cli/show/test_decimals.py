"""Amounts in JSON: numbers where a reader gets them back exactly."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sonnys_data_client.cli.show.decimals import with_decimals

AMOUNTS = st.decimals(-(10**14), 10**14, places=4)


@given(AMOUNTS)
def test_a_reader_gets_back_what_was_sent(amount: Decimal) -> None:
    (row,) = with_decimals([{"a": amount, "b": [{"c": amount}]}], "number")
    for value in (row["a"], row["b"][0]["c"]):
        assert (
            Decimal(repr(json.loads(json.dumps(value)))) == amount if isinstance(value, float) else value == str(amount)
        )
    (row,) = with_decimals([{"a": amount}], "text")
    assert row == {"a": str(amount)}


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (Decimal("12.10"), 12.1),
        (Decimal("0.0001"), 0.0001),
        (Decimal("99999999999999.9999"), "99999999999999.9999"),
        (Decimal("NaN"), "NaN"),
        (2**53, 2**53),
        (2**53 + 1, str(2**53 + 1)),
        (True, True),
        ("1.50", "1.50"),
        (None, None),
    ],
)
def test_cents_are_numbers_and_more_than_a_double_holds_is_text(value: Any, number: Any) -> None:
    assert list(with_decimals([{"a": value}], "number")) == [{"a": number}]
