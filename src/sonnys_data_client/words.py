"""Plurals of nouns, and counts, in messages."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["counted", "plural", "tallied"]


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun, such as `1 row` or `1,200 rows`.

    Args:
        number: The number.
        one: The singular.
        many: The plural; by default the singular with an s.
    """
    return f"{number:,} {plural(number, one, many)}"


def plural(number: int, one: str, many: str = "") -> str:
    """Return the form of a noun that agrees with a number.

    Args:
        number: The number.
        one: The singular.
        many: The plural; by default the singular with an s.
    """
    return one if number == 1 else many or f"{one}s"


def tallied(counts: Mapping[str, int]) -> str:
    """Return names with their counts, the largest first: `items.quantity (12), number (3)`."""
    return ", ".join(f"{name} ({count:,})" for name, count in sorted(counts.items(), key=lambda each: (-each[1], each)))
