"""Write single cells of CSV, and tell which text a spreadsheet would take for something else.

A spreadsheet reads a file as if its cells were typed. So it runs a name that begins with `=`, drops the zeros of a code
such as `00123`, takes the id `1:23` for a time and the number `1E5` for 100000. A formula begins behind any blank, also
those that cannot be seen, and with full-width signs; such text gets an apostrophe in every CSV. The others are text in
`="..."` for Excel (`--csv-for excel`), which no other program reads back; so plain CSV has them as they are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time
from typing import Any

from sonnys_data_client.cli.show.spool import json_text

__all__ = ["INSTANT", "excel_names", "in_json", "is_typed", "line", "moment_of", "plain_cell", "typed_cell"]

INSTANT = "TIMESTAMP WITH TIME ZONE"
_BLANK = (
    r"\s\x00-\x20\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e"
    r"\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
)
"""Characters that show as nothing or as a blank."""
_SIGNS = r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b\u2212\u207a\u207b\u207c"
_FORMULA = re.compile(rf"[{_BLANK}]*[{_SIGNS}]|[\t\r\n]")
"""How text begins that a spreadsheet may run: also behind blanks, and in full-width signs and the like."""
_QUOTED = re.compile(r'[",\r\n\v\f\x1c-\x1e\x85\u2028\u2029]|^\s|\s$')
"""What a cell may not hold without quotes. Some programs take every one of these for the end of a line."""
_TYPED = re.compile(
    r"(DECIMAL\(.*\)|U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|FLOAT|DOUBLE|BOOLEAN|TIMESTAMP.*|DATE|TIME.*)\Z"
)
"""Types of columns whose values may come as text and are no words."""
_MONTHS = (
    "jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|"
    "oct(?:ober)?|nov(?:ember)?|dec(?:ember)?"
)
_TAKEN = re.compile(rf"[{_BLANK}]*\(?[.,$€£¥]?\d|(?:true|false)\s*\Z|(?:{_MONTHS})[-/., ]*\d", re.IGNORECASE)
"""How text begins that Excel may take for a number, a date, a time or a truth value."""
_IN_FORMULA_MAX = 255
"""Characters of a text in a formula, by Excel's specification."""
DIGITS_MAX = 15
"""Digits of a number that Excel keeps."""


def is_typed(kind: str) -> bool:
    """Tell whether a column of this DuckDB type holds numbers, dates or truth values: an ENUM or a list does not."""
    return _TYPED.match(kind) is not None and not kind.endswith("[]")


def excel_names(columns: Mapping[str, str]) -> dict[str, str]:
    """Name the columns for Excel, which has no time zones: an instant's column says that it is in UTC.

    Args:
        columns: DuckDB's type of each column.

    Returns:
        The name to show, by the column's own name.
    """
    return {
        name: f"{name} (UTC)" if kind == INSTANT and "utc" not in name.lower() else name
        for name, kind in columns.items()
    }


def line(cells: Iterable[str]) -> str:
    """Write a line of CSV. Text with any kind of line break is in quotes; some versions of Python's `csv` forget it."""
    return (",".join(map(_quoted, cells)) or '""') + "\n"  # a reader skips an empty line


def plain_cell(value: Any, kind: str) -> str:
    """Write a value as a cell of CSV for any program. A text that a spreadsheet would run gets an apostrophe."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple | dict):
        return json_text(value, in_json)
    if isinstance(value, str) and not is_typed(kind) and _FORMULA.match(value):
        return f"'{value}"
    return str(value)


def typed_cell(value: Any, kind: str) -> str:
    """Write a value as a cell of CSV for Excel. A text that Excel would change is written as a formula of that text."""
    moment = moment_of(value, kind)
    if moment is not None:
        # Excel reads thousandths of a second, and no further digits.
        return moment.isoformat(sep=" ", timespec="milliseconds" if moment.microsecond else "seconds")
    text = plain_cell(value, kind)
    taken = _TAKEN.match(text) if not is_typed(kind) else len(re.sub(r"\D", "", text)) > DIGITS_MAX
    if taken and len(text) <= _IN_FORMULA_MAX and text.isprintable():
        escaped = text.replace('"', '""')
        return f'="{escaped}"'
    return text


def moment_of(value: Any, kind: str) -> datetime | None:
    """Convert a value to a moment without a zone, as Excel has no zones; an instant is in UTC. None if it is no moment.

    Args:
        value: The value: a moment, or its ISO text.
        kind: DuckDB's type of its column.
    """
    if not kind.startswith("TIMESTAMP") or kind.endswith("[]"):
        return None
    try:
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo is None else moment.astimezone(UTC).replace(tzinfo=None)


def in_json(value: Any) -> str:
    """Write as text what JSON has no type for: money with all its digits, moments and days in ISO 8601."""
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _quoted(cell: str) -> str:
    escaped = cell.replace('"', '""')
    return f'"{escaped}"' if _QUOTED.search(cell) else cell
