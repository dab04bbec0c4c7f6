"""Words for people that hang on a number."""

from __future__ import annotations

__all__ = ["plural"]


def plural(number: int, one: str, many: str = "") -> str:
    """Return the word for so many things.

    Args:
        number: How many.
        one: The word for one.
        many: The word for any other number; `one` with an s, unless given.
    """
    return one if number == 1 else many or f"{one}s"
