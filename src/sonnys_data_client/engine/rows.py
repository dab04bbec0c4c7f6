"""Rows that carry their raw JSON text, from the one decode of the reply that brought them.

A reply is `{"data": {..., "<list>": [row, row, ...]}}`. `decode` walks these outer levels itself and leaves each row to
the C scanner of `json`, so it knows where in the reply each row begins and ends. Whoever stores a row writes that text
(`text_of`) and need not encode it again.

All text can be encoded in UTF-8, the text of a row too: half of a surrogate pair is its escape sequence (`text`).

It is about as fast as `json.loads` (`bench/parse.py` measures it). Whatever is unusual, it leaves to `json.loads`: the
values are the same, and the rows are plain dicts, which `text_of` encodes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sonnys_data_client.engine.json_limits import check_limits
from sonnys_data_client.text import json_encodable

_UNUSUAL = (ValueError, IndexError, ArithmeticError)
"""What the walk raises for a reply that is not complete JSON, or has an unknown form."""
_space = re.compile(r"[ \t\n\r]*").match


class Row(dict[str, Any]):
    """One decoded row: a dict as any other, with the JSON text that it was decoded from.

    The text is on one line, and its values are exact: a number has all its digits. A row is not to be changed, for its
    text would not change with it.

    Attributes:
        text: The text as it came: its own spacing and order, and a name that comes twice twice. Only half of a
            surrogate pair is written as text.
    """

    __slots__ = ("text",)
    text: str


def text_of(row: Any) -> str:
    """The JSON text of a row: as it came if it is a `Row`, else encoded, on one line in any case."""
    return row.text if isinstance(row, Row) else encode(row)


def text_of_all(rows: Iterable[Any]) -> str:
    """The JSON text of a list of rows, for `decode_rows`."""
    return f"[{','.join(map(text_of, rows))}]"


def id_of(row: Any, field: str | None) -> str | None:
    """The id of a raw row as text, as its record has it; None if it has none. So `5` and `"5"` are one id.

    Args:
        row: The row.
        field: The field that holds the id; None if rows of its list have no id.
    """
    found = row.get(field) if isinstance(row, dict) and field is not None else None
    if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
        return None
    return str(found) if str(found).strip() else None


def as_list(value: Any) -> list[Any] | None:
    """The list that a reply means where a list is due; None if the value stands for no list.

    Null, a name that is missing, `{}` and `[]` are no rows. PHP writes a list whose keys are not 0, 1, 2 ... as an
    object, `{"1": {...}, "2": {...}}`: its values are the list, in the order in which they came.
    """
    if isinstance(value, list):
        return value
    if value is None:
        return []
    if isinstance(value, dict) and all(_is_index(name) for name in value):
        return list(value.values())
    return None


def encode(value: Any) -> str:
    """Encode decoded JSON again, on one line.

    A number that no double holds exactly becomes text with all its digits.
    """
    return json_encodable(_encode(value))


def decode(body: bytes) -> Any:
    """Decode a reply without losing a digit: numbers with a point become `Decimal`, and rows of a list are `Row`s.

    Raises:
        JsonLimitError: Decoding it would cost too much.
        ValueError: The bytes are not JSON in UTF-8.
    """
    check_limits(body)
    try:
        return _decode_reply(json_encodable(body.decode()))
    except _UNUSUAL:
        pass
    try:
        text = json_encodable(body.decode(json.detect_encoding(body), "surrogatepass"))
        return json.loads(text, parse_float=Decimal, parse_constant=_refuse_constant)
    except ArithmeticError:  # JSON by its grammar, but with an exponent that no decimal can hold
        raise ValueError("a number is out of all bounds") from None


def decode_rows(text: str) -> list[Any]:
    """Decode a list of rows that `text_of_all` wrote.

    Raises:
        ValueError: It is something else.
    """
    if not text.startswith("["):
        raise ValueError("a list of rows was due")
    try:
        text = json_encodable(text)  # whoever kept the text may have encoded it elsewhere
        rows, end = _rows(text, 0)
    except _UNUSUAL as problem:
        raise ValueError("the list of rows is damaged") from problem
    if end != len(text):
        raise ValueError("there is more than a list of rows")
    return rows


def _refuse_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _is_index(name: str) -> bool:
    return name.isascii() and name.isdigit()


def _number(value: Any) -> float | str:
    if not isinstance(value, Decimal):
        raise TypeError(f"a {type(value).__name__} cannot be part of a JSON reply")
    number = float(value)
    return number if Decimal(repr(number)) == value else str(value)


_encode = json.JSONEncoder(separators=(",", ":"), default=_number).encode
_scan = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant).raw_decode


def _skip(text: str, at: int) -> int:
    found = _space(text, at)
    return at if found is None else found.end()


def _decode_reply(text: str) -> Any:
    value, end = _value(text, _skip(text, 0), 0)
    if _skip(text, end) != len(text):
        raise ValueError("there is more than one value")
    return value


def _value(text: str, at: int, depth: int) -> tuple[Any, int]:
    """Decode the value at a place: the reply, its `data` and the lists in that here, all others in C."""
    if text[at] == "{" and depth <= 1:
        return _object(text, at, depth)
    if text[at] == "[" and depth == 2:
        return _rows(text, at)
    return _scan(text, at)


def _object(text: str, at: int, depth: int) -> tuple[dict[str, Any], int]:
    fields: dict[str, Any] = {}
    at = _skip(text, at + 1)
    if text[at] == "}":
        return fields, at + 1
    while True:
        if text[at] != '"':
            raise ValueError("a name was due")
        name, at = _scan(text, at)
        at = _skip(text, at)
        if text[at] != ":":
            raise ValueError("a colon was due")
        fields[name], at = _value(text, _skip(text, at + 1), depth + 1)
        at = _skip(text, at)
        if text[at] == "}":
            return fields, at + 1
        if text[at] != ",":
            raise ValueError("a comma was due")
        at = _skip(text, at + 1)


def _rows(text: str, at: int) -> tuple[list[Any], int]:
    rows: list[Any] = []
    one_line = "\n" not in text and "\r" not in text
    at = _skip(text, at + 1)
    if text[at] == "]":
        return rows, at + 1
    while True:
        found, end = _scan(text, at)
        if isinstance(found, dict):
            whole = text[at:end]
            if one_line or ("\n" not in whole and "\r" not in whole):
                found = Row(found)
                found.text = whole
        rows.append(found)
        mark = text[end]
        if mark != ",":
            end = _skip(text, end)
            mark = text[end]
            if mark == "]":
                return rows, end + 1
            if mark != ",":
                raise ValueError("a comma was due")
        at = end + 1
        if text[at] != "{":
            at = _skip(text, at)
