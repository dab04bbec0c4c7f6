"""From rows to figures."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from sonnys_data_client.cli.demo.figures import read_figures
from sonnys_data_client.models import TransactionJobItem, parse_rows

CHICAGO, DENVER = ZoneInfo("America/Chicago"), ZoneInfo("America/Denver")


def row(number: int, **other: Any) -> dict[str, Any]:
    return {
        "id": f"{number}:1",
        "completeDate": "2026-06-01T15:30:00.000Z",
        "total": 10,
        "locationCode": "MAIN",
    } | other


def figures(*rows: dict[str, Any]) -> Any:
    read = parse_rows(TransactionJobItem, rows, method="GET", path="/")
    return read_figures(read, {"MAIN": CHICAGO, "SOUTH": DENVER}, UTC)


WASH = {"items": [{"name": "Wash", "department": "Wash", "isVoided": False}]}
STRUCK_OUT = {"items": [{"name": "Wash", "department": "Wash", "isVoided": True}]}


def test_money_is_exact_and_the_largest_comes_first() -> None:
    tenth = {"tenders": [{"tender": "Cash", "total": "0.10"}, {"tender": "Beads", "total": "7"}]}
    result = figures(row(1, **tenth), row(2, **tenth), row(3, **tenth), row(4, tenders=[{"total": "1"}]))
    assert [(name, tender.payments, tender.money) for name, tender in result.tenders.items()] == [
        ("Beads", 3, Decimal("21.00")),
        ("(none)", 1, Decimal("1.00")),
        ("Cash", 3, Decimal("0.30")),
    ]
    assert result.money == Decimal("22.30")
    assert result.rows == 4


def test_redeemed_plans_are_told_apart() -> None:
    result = figures(row(1, isRecurringRedemption=True, total="6.50"), row(2, isRecurringRedemption=False))
    assert result.redeemed == Decimal("6.50")


def test_a_wash_is_counted_in_the_hour_of_its_site() -> None:
    result = figures(
        row(1, **WASH), row(2, locationCode="SOUTH", **WASH), row(3, locationCode="NEW", **WASH), row(4, **WASH)
    )
    assert result.washes == {9: 1, 10: 2, 15: 1}


def test_returns_and_struck_out_lines_are_no_washes() -> None:
    result = figures(row(1, type="Return", **WASH), row(2, **STRUCK_OUT), row(3), row(4, type="Rewash", **WASH))
    assert result.washes == {10: 1}


def test_a_day_without_rows() -> None:
    result = figures()
    assert (result.rows, result.tenders, result.money, result.washes) == (0, {}, Decimal(0), {})
