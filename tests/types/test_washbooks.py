"""Wash books: the washes left, or no limit."""

from __future__ import annotations

from typing import Any

import pytest

from sonnys_data_client.types import Washbook, WashbookListItem, parse_one
from tests.types.rows import WHERE


@pytest.mark.parametrize(
    ("balance", "unlimited"),
    [("5", False), ("899", False), ("900", True), (963, True), ("999.00", True), (1000, False), (None, False)],
)
@pytest.mark.parametrize("model", [Washbook, WashbookListItem])
def test_a_balance_near_900_or_999_has_no_limit(
    model: type[Washbook | WashbookListItem], balance: Any, unlimited: bool
) -> None:
    assert parse_one(model, {"id": "1:1", "balance": balance}, **WHERE).is_unlimited is unlimited


@pytest.mark.parametrize("nothing", [None, "", [], {}])
def test_a_missing_object_is_none(nothing: Any) -> None:
    book = parse_one(Washbook, {"id": "1:1", "recurringInfo": nothing, "customer": nothing, "tags": nothing}, **WHERE)
    assert (book.recurring_info, book.customer, book.tags) == (None, None, ())
