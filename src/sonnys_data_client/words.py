"""Plural of nouns in messages."""

from __future__ import annotations

__all__ = ["plural"]


def plural(number: int, one: str, many: str = "") -> str:
    """Return the form of a noun that agrees with a number.

    Args:
        number: The number.
        one: The singular.
        many: The plural; by default the singular with an s.
    """
    return one if number == 1 else many or f"{one}s"
