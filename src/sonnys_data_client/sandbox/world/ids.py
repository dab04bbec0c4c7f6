"""Ids of the API: two numbers with a colon, `"<digits>:<site id>"`."""

from __future__ import annotations

_DIGITS_MAX = 15
"""Longer numbers are not ids of this world."""


def split_id(id: str) -> tuple[int, int] | None:
    """Return the two numbers of an id; None if it has another form.

    Leading zeros are allowed, so several texts give the same numbers. Compare the id of what you find with the text.
    """
    first, _, second = id.partition(":")
    if all(part.isascii() and part.isdigit() and len(part) <= _DIGITS_MAX for part in (first, second)):
        return int(first), int(second)
    return None
