"""Hide personal data in decoded rows, and empty the rows of customers who are forgotten. Pure."""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from sonnys_data_client.archive.personal import CUSTOMER, FORGOTTEN, PERSONAL, PERSONS, kind_of_unknown
from sonnys_data_client.archive.tables import Table
from sonnys_data_client.redaction import Redaction, Way
from sonnys_data_client.types import Record, api_name
from sonnys_data_client.types.record import RespeltRecord, api_names, record_in

Path = tuple[str, ...]
Change = Callable[[Any], Any]

_HASHED = re.compile(r"hash:[0-9a-f]{20}", re.ASCII)
_NORMAL: Mapping[str, Callable[[str], str]] = {
    "names": lambda text: " ".join(text.casefold().split()),
    "emails": lambda text: text.strip().casefold(),
    "plates": lambda text: re.sub(r"[\W_]", "", text).upper(),
    "phones": lambda text: re.sub(r"^1(?=\d{10}$)", "", re.sub(r"\D", "", text)) or text.strip(),
}
"""How each kind is written before it is hashed, so that two spellings of one are one."""


@dataclass(frozen=True, slots=True)
class Privacy:
    """What an archive must not hold of an account.

    Attributes:
        redaction: Which personal data is hidden.
        key: The account's key for hashes. Whoever has it can test a guess.
        forgotten: Digests of the customers who are forgotten, as `digest` makes them.
    """

    redaction: Redaction = field(default_factory=Redaction)
    key: bytes = field(default=b"", repr=False)
    forgotten: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.redaction) or bool(self.forgotten)

    def digest(self, kind: str, text: str) -> str:
        """Return a digest of a text that nobody makes without the key."""
        return hmac.digest(self.key, f"{kind}:{text}".encode(errors="surrogatepass"), "sha256").hex()

    def customer(self, id: str) -> str:
        """Return the digest by which a customer is known as forgotten."""
        return self.digest("customer", id)

    def is_forgotten(self, table: Table, row: Any) -> bool:
        """Tell whether a row is about a customer who is forgotten."""
        if not self.forgotten:
            return False
        id = customer_of(table, row)
        return id is not None and self.customer(id) in self.forgotten

    def hide(self, table: Table, row: Any) -> Any:
        """Return a decoded row of the API without what must not be held; the row itself if it holds none of that.

        A row in `customers` of somebody who is forgotten is the caller's to leave out.
        """
        if self.is_forgotten(table, row):
            for path in FORGOTTEN.get(table.name, ()):
                row = _changed(row, tuple(path.split(".")), _emptied)
        if not self.redaction:
            return row
        if not isinstance(row, dict):  # nobody knows what it holds
            return None
        for path, kind in PERSONAL.get(table.name, {}).items():
            if way := self.redaction.ways.get(kind):
                row = _changed(row, tuple(path.split(".")), self._hiding(kind, way))
        return self._without_unknown(row, table.record)

    def hide_field(self, table: Table, field: str, value: Any, *, forgotten: bool) -> Any:
        """Return the value of a column, as the change log has it, without what must not be held.

        Args:
            table: The table.
            field: The column; the API's name of a field without one.
            value: The value.
            forgotten: Whether its row is, or was, about a customer who is forgotten.
        """
        row = {field: value}
        for path in FORGOTTEN.get(table.name, ()) if forgotten else ():
            row = _changed(row, own_path(table.record, path), _emptied)
        for path, kind in PERSONAL.get(table.name, {}).items():
            if way := self.redaction.ways.get(kind):
                row = _changed(row, own_path(table.record, path), self._hiding(kind, way))
        guess = None if field in table.record.model_fields else kind_of_unknown(field)
        if guess is not None and (way := self.redaction.ways.get(guess)):
            row = _changed(row, (field,), self._hiding(guess, way))
        return row[field]

    def _hiding(self, kind: str, way: Way) -> Change:
        return partial(self._hashed, kind) if way == "hash" else _emptied

    def _hashed(self, kind: str, value: Any) -> Any:
        if value is None or isinstance(value, (bool, dict, list)):
            return _emptied(value)
        text = str(value)
        if not text.strip() or _HASHED.fullmatch(text):
            return value
        return f"hash:{self.digest(kind, _NORMAL[kind](text))[:20]}"

    def _without_unknown(self, value: Any, model: type[Record]) -> Any:
        """Hide fields that no model has, by their names, at any depth."""
        if isinstance(value, list):
            parts = [self._without_unknown(part, model) for part in value]
            return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
        if not isinstance(value, dict):
            return value
        known, changed = _known_names(model), dict[str, Any]()
        for name, held in value.items():
            if name in known:
                inner = known[name]
                now = held if inner is None else self._without_unknown(held, inner)
            else:
                kind = kind_of_unknown(name)
                way = None if kind is None else self.redaction.ways.get(kind)
                now = held if kind is None or way is None else self._hiding(kind, way)(held)
            if now is not held:
                changed[name] = now
        return {**value, **changed} if changed else value


def customer_of(table: Table, row: Any) -> str | None:
    """Return the id of the customer whom a decoded row is about; None if it names none."""
    path = CUSTOMER.get(table.name)
    for name in path.split(".") if path is not None else ():
        row = row.get(name) if isinstance(row, dict) else None
    return None if path is None or row is None or isinstance(row, (bool, dict, list)) or not str(row) else str(row)


def leaves(table: Table) -> bool:
    """Tell whether a row of a table leaves when its customer is forgotten."""
    return table.name == PERSONS


@cache
def own_path(model: type[Record], path: str) -> Path:
    """Return the path of a field under the names of the models, as columns and the change log have them."""
    own: list[str] = []
    inner: type[Record] | None = model
    for name in path.split("."):
        found = None if inner is None else next((own for own, api in api_names(inner) if api == name), None)
        own.append(name if found is None else found)
        inner = None if inner is None or found is None else record_in(inner.model_fields[found].annotation)
    return tuple(own)


@cache
def _known_names(model: type[Record]) -> Mapping[str, type[Record] | None]:
    """Return the names of a model's fields at the API, in every spelling, with the model of what is in them."""
    known = {api_name(model, name): record_in(info.annotation) for name, info in model.model_fields.items()}
    if issubclass(model, RespeltRecord):
        known |= {seen: known.get(contract) for seen, contract in model.other_spellings.items()}
    return known


def _changed(value: Any, path: Path, change: Change) -> Any:
    """Return a value with a change at a path; the value itself if nothing differs. Lists are gone through."""
    if isinstance(value, list):
        parts = [_changed(part, path, change) for part in value]
        return parts if any(new is not old for new, old in zip(parts, value, strict=True)) else value
    if not isinstance(value, dict):
        return _emptied(value)  # the API promises an object here, and nobody knows what this is
    name, *rest = path
    if name not in value:
        if not value or not all(index.isdigit() for index in value):  # PHP writes some lists as objects
            return value
        indexed = {index: _changed(part, path, change) for index, part in value.items()}
        return indexed if any(indexed[index] is not value[index] for index in value) else value
    held = value[name]
    now = _changed(held, tuple(rest), change) if rest else change(held)
    return value if now is held else {**value, name: now}


def _emptied(value: Any) -> Any:
    if isinstance(value, list):
        return [] if value else value
    return value if value is None or value == "" else None
