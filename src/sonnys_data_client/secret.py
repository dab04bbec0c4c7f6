"""Secrets: a key or a password that is never shown, and the search for those that are loaded.

A secret is text that only `reveal()` gives. It has no repr, and cannot be pickled. As long as one is in use, `redacted`
finds it in a text. Errors pass what they say through it, and so does whatever writes to a terminal or a log: a server
may repeat the key that it was sent, and a proxy its password.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn, Self, TypeVar
from urllib.parse import quote, unquote
from weakref import ref

__all__ = ["HIDDEN", "Secret", "redacted"]

T = TypeVar("T")

HIDDEN = "(secret)"
"""What stands in the place of a secret."""
_SHORT = 8
"""Characters below which a secret is like any word. A made-up key such as `1` is part of many texts."""

_in_use: dict[int, ref[Secret]] = {}


class Secret:
    """A key or a password.

    Args:
        text: What must not be shown.
    """

    __slots__ = ("__weakref__", "_spellings", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._spellings: tuple[str, ...] = ()
        if isinstance(text, str) and len(text) >= _SHORT:  # whoever takes it says that it must be text
            found = {text, quote(text), quote(text, safe=""), json.dumps(text)[1:-1], repr(text)[1:-1]}
            self._spellings = tuple(sorted(found, key=len, reverse=True))
        place = id(self)
        _in_use[place] = ref(self, lambda _: _in_use.pop(place, None))

    def reveal(self) -> str:
        """Return the text itself. Only whoever sends it may ask."""
        return self._text

    def is_in(self, text: str) -> bool:
        """Return whether a text holds the secret, percent-encoded or not; a short one as a whole word only."""
        if len(self._text) < _SHORT:
            return self._text in re.split(r"[^\w-]+", unquote(text))
        return self._text in text or self._text in unquote(text)

    def hidden_in(self, text: str) -> str:
        """Return a text without the secret. A short one stays: it cannot be told from a word."""
        for spelling in self._spellings:
            text = text.replace(spelling, HIDDEN)
        return text

    def __repr__(self) -> str:
        return HIDDEN

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(self._text)

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        return self

    def __reduce__(self) -> NoReturn:
        raise TypeError("A key is never pickled: read it anew in the other process, from its profile or environment.")


def redacted(value: T) -> T:
    """Return decoded JSON without the secrets that are in use. Without any in it, it is the value itself.

    Args:
        value: Text, or what decoded JSON may hold; anything else comes back as it is.
    """
    secrets = [secret for each in list(_in_use.values()) if (secret := each()) is not None]
    found: T = _without(value, secrets)
    return found


def _without(value: Any, secrets: list[Secret]) -> Any:
    if isinstance(value, str):
        for secret in secrets:
            value = secret.hidden_in(value)
        return value
    if isinstance(value, dict):
        found = {_without(name, secrets): _without(part, secrets) for name, part in value.items()}
        return value if found == value else found
    if isinstance(value, list | tuple):
        parts = [_without(part, secrets) for part in value]
        return value if all(one is other for one, other in zip(parts, value, strict=True)) else type(value)(parts)
    return value
