"""Show rows in a table on a terminal, as they come.

Widths are taken from the first rows, so a long answer begins to show at once. A wider cell is cut with an ellipsis.
Columns that do not fit are left out, the last first, and the caller is told which.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any

from rich.console import Console
from rich.table import Table

from sonnys_data_client.cli.show.screen import styled
from sonnys_data_client.text import one_line

__all__ = ["show_rows"]

Row = Mapping[str, Any]

_LOOKED_AT = 200
_WIDTH_MAX = 30
_GAP = 2


def show_rows(rows: Iterable[Row], columns: Sequence[str], console: Console) -> list[str]:
    """Print rows in a table.

    Args:
        rows: The rows; a missing cell is shown empty.
        columns: Names of the columns, the most important first.
        console: Where to print.

    Returns:
        The columns that did not fit.
    """
    waiting = iter(rows)
    first = list(islice(waiting, _LOOKED_AT))
    filled = [name for name in columns if any(row.get(name) is not None for row in first)] or list(columns)
    widths = {name: _width(name, first) for name in filled}
    fitting = _fitting(widths, console.width)
    numbers = {name for name in fitting if _is_number(name, first)}
    is_first = True
    for batch in _batches(chain(first, waiting)):
        table = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, show_header=is_first, header_style="bold")
        for name in fitting:
            table.add_column(
                styled(one_line(name)),
                width=widths[name],
                no_wrap=True,
                overflow="ellipsis",
                justify="right" if name in numbers else "left",
            )
        for row in batch:
            table.add_row(*(styled(_cell(row.get(name))) for name in fitting))
        console.print(table)
        is_first = False
    return [name for name in filled if name not in fitting]


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Yield rows in batches; one empty batch if there are none, so that the column names are printed."""
    yield list(islice(rows, _LOOKED_AT))
    while batch := list(islice(rows, _LOOKED_AT)):
        yield batch


def _fitting(widths: Mapping[str, int], room: int) -> list[str]:
    fitting: list[str] = []
    used = 0
    for name, width in widths.items():
        used += width + _GAP
        if fitting and used > room + _GAP:
            break
        fitting.append(name)
    return fitting


def _width(name: str, rows: Sequence[Row]) -> int:
    return min(_WIDTH_MAX, max(len(one_line(name)), *(len(_cell(row.get(name))) for row in rows), 1))


def _is_number(name: str, rows: Sequence[Row]) -> bool:
    values = [row[name] for row in rows if row.get(name) is not None]
    return bool(values) and all(
        isinstance(value, int | float | Decimal) and not isinstance(value, bool) for value in values
    )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple | dict):
        return one_line(json.dumps(value, ensure_ascii=False, default=str))
    return one_line(str(value))
