"""Write amounts in JSON: as numbers where a reader gets them back exactly, or as text with all their digits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Literal

__all__ = ["Decimals", "with_decimals"]

Decimals = Literal["number", "text"]

_EXACT_INT_MAX = 2**53
"""The largest whole number up to which a double holds every one (RFC 8259, section 6)."""


def with_decimals(rows: Iterable[Mapping[str, Any]], decimals: Decimals) -> Iterator[dict[str, Any]]:
    """Write the numbers of rows for JSON.

    Most readers of JSON take every number for a double. An amount that a double does not hold exactly, of 16 digits and
    more, is text in any case.

    Args:
        rows: The rows.
        decimals: How to write amounts.
    """
    for row in rows:
        yield {name: _in_json(value, decimals) for name, value in row.items()}


def _in_json(value: Any, decimals: Decimals) -> Any:
    if isinstance(value, dict):
        return {name: _in_json(part, decimals) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_in_json(part, decimals) for part in value]
    if isinstance(value, Decimal):
        number = float(value)
        return number if decimals == "number" and Decimal(repr(number)) == value else str(value)
    if isinstance(value, int) and abs(value) > _EXACT_INT_MAX:
        return str(value)
    return value
