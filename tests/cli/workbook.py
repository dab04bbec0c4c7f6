"""Read a workbook back as Excel has it: each cell's kind, value and number format."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET
from zipfile import ZipFile

_SPACE = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - a workbook has no zones


def sheets_of(path: Path) -> dict[str, list[list[Any]]]:
    """Return the cells of each sheet by its name: text, numbers, truth values, and moments where a format says so.

    Fails if a cell holds a formula.
    """
    with ZipFile(path) as book:

        def part(name: str) -> ET.Element:
            return ET.fromstring(book.read(f"xl/{name}.xml"))  # noqa: S314 - we wrote it a moment ago

        names = [found.get("name", "") for found in part("workbook").iter(f"{_SPACE}sheet")]
        styles = part("styles")
        formats = {each.get("numFmtId"): each.get("formatCode", "") for each in styles.iter(f"{_SPACE}numFmt")}
        cells = styles.find(f"{_SPACE}cellXfs")
        shown = [formats.get(each.get("numFmtId"), "") for each in ([] if cells is None else cells)]
        return {name: _rows(part(f"worksheets/sheet{number}"), shown) for number, name in enumerate(names, 1)}


def _rows(sheet: ET.Element, shown: list[str]) -> list[list[Any]]:
    rows: list[list[Any]] = []
    for line in sheet.iter(f"{_SPACE}row"):
        row: list[Any] = []
        for cell in line.iter(f"{_SPACE}c"):
            row += [None] * (_column(cell.get("r", "")) - len(row))
            row.append(_value(cell, shown[int(cell.get("s", 0))]))
        rows.append(row)
    return rows


def _column(place: str) -> int:
    number = 0
    for letter in re.sub(r"\d", "", place):
        number = number * 26 + ord(letter) - 64
    return number - 1


def _value(cell: ET.Element, shown: str) -> Any:
    assert cell.find(f"{_SPACE}f") is None, "a formula"
    value = cell.findtext(f"{_SPACE}v")
    match cell.get("t"):
        case "inlineStr":
            return "".join(text.text or "" for text in cell.iter(f"{_SPACE}t"))
        case "b":
            return value == "1"
        case _ if value is None:
            return None
        case _:
            number = float(value)
            return _EPOCH + timedelta(seconds=round(number * 86_400, 3)) if "yyyy" in shown else number
