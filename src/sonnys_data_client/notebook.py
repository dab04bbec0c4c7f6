"""HTML that notebooks show of an object: small tables. Every text is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

__all__ = ["facts", "grid"]

_TEXT_MAX = 200
"""Characters of one cell, because `raw` holds whole rows."""


def facts(title: str, values: Mapping[str, object]) -> str:
    """Return a table of names and values.

    Args:
        title: What the object is.
        values: Values by name.
    """
    lines = [f"<tr><th>{_text(name)}</th><td>{_text(value)}</td></tr>" for name, value in values.items()]
    return _table(title, lines)


def grid(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table with a header and rows.

    Args:
        title: What the rows are.
        columns: The names of the columns.
        rows: The rows, each with a value for each column. Long values are cut.
    """
    head = f"<tr>{''.join(f'<th>{_text(column)}</th>' for column in columns)}</tr>"
    lines = [f"<tr>{''.join(f'<td>{_text(_cut(value))}</td>' for value in row)}</tr>" for row in rows]
    return _table(title, [head, *lines])


def _table(title: str, lines: Sequence[str]) -> str:
    return f"<table><caption>{_text(title)}</caption>{''.join(lines)}</table>"


def _cut(value: object) -> object:
    text = str(value)
    return value if len(text) <= _TEXT_MAX else f"{text[:_TEXT_MAX]}…"


def _text(value: object) -> str:
    return "" if value is None else escape(str(value))
